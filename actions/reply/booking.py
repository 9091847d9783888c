"""What the assistant says while booking, listing and cancelling."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from booking.values import Appointment, Kind, Slot
from service_catalog.calendar import WEEKDAYS
from service_catalog.catalog import Catalog
from service_catalog.model import Bundle, Place, PriorityGroup, Service

_NOON = 12


def moment(start: datetime) -> str:
    """12月2日(周三)09:20."""
    return f"{start.month}月{start.day}日（{WEEKDAYS[start.weekday()]}）{start:%H:%M}"


def slot(free: Slot) -> str:
    """12月2日(周三)09:20-09:40."""
    return f"{moment(free.start)}-{free.end:%H:%M}"


def which_service() -> str:
    """Booking began without a service."""
    return "您要预约办什么事？告诉我事项名称就行。回复“取消”可以随时退出。"


def which_of_these() -> str:
    """Several services fit."""
    return "您要预约的是哪一个？"


def unknown_place() -> str:
    """The words name no place."""
    return "没听明白是哪个地方，请回复数字。"


def yes_or_no() -> str:
    """Neither a yes nor a no."""
    return "请回复“确认”或“取消”。要改时间、姓名或手机号，直接说新的就行。"


def unknown_service() -> str:
    """The words name no service."""
    return "没有找到这个事项。换个说法试试，或者回复“取消”退出预约。"


def not_bookable(service: Service | Bundle) -> str:
    """The item takes no appointments."""
    return f"“{service.name}”不设预约，办公时间直接到窗口办理。咨询电话：{service.phones.enquiry}"


def which_place(service: Service | Bundle) -> str:
    """The item can be booked at several places."""
    return f"“{service.name}”可以在下面几个地方办，您想约哪里？"


def when(service: Service | Bundle, place: Place, free: bool) -> str:
    """No time was said yet; `free` when the earliest free slots follow."""
    head = f"预约“{service.name}”（{place.name}）。您想约什么时候？可以说“下周三上午”"
    return f"{head}，也可以从最近的空号里选：" if free else f"{head}。"


def choose_time() -> str:
    """Several free slots lie in the span that was said."""
    return "这些时间有号，您选哪个？"


def explained(reason: str, free: bool) -> str:
    """A wish that can't be met, with the nearest slots that can."""
    return f"{reason}最近的空号有：" if free else f"{reason}附近的日期也没有空号，可以换一天再试。"


def span_full() -> str:
    """No free slot in the span."""
    return "您说的这个时间没有空号了。"


def no_such_slot() -> str:
    """The time lies outside the slots."""
    return "您说的这个时间没有号段。"


def unclear_time() -> str:
    """The words named no time."""
    return "没听明白是哪天几点。请说日期和时间，比如“下周三上午”“12月3日下午3点”，或回复数字。"


def ask_name() -> str:
    """Whose appointment it is."""
    return "请告诉我办事人的姓名（和证件上一致）。"


def bad_name() -> str:
    """No name in the words."""
    return "没认出姓名。请只写证件上的姓名，2到30个字。"


def ask_phone() -> str:
    """A number to reach them."""
    return "请留一个手机号，有变动时联系您。"


def bad_phone() -> str:
    """No mobile number in the words."""
    return "手机号不对，请写11位的大陆手机号。"


def held(catalog: Catalog) -> str:
    """The chosen place is kept for some minutes."""
    return f"这个号为您保留{catalog.hall.booking.hold_minutes}分钟。"


def confirm(
    service: Service | Bundle,
    place: Place,
    start: datetime,
    who: tuple[str, str],
    group: PriorityGroup | None,
) -> str:
    """Everything once more before it is booked; `who` is name and phone."""
    name, phone = who
    first = f"优先号：{group.name}（到场请带{group.proof}）\n" if group else ""
    return (
        f"请核对：\n事项：{service.name}\n地点：{place.name}（{place.address}）\n"
        f"时间：{moment(start)}\n姓名：{name}\n手机：{phone}\n{first}确认预约吗？"
    )


def ticket(appointment: Appointment, catalog: Catalog) -> str:
    """The appointment stands: its code, where and when, what to bring."""
    rules = catalog.hall.booking
    return (
        f"预约成功！\n预约号：{appointment.code}\n"
        f"{details(appointment, catalog)}\n"
        f"请带{rules.bring}，按时到场。要改期或取消，请在开始{rules.cancel_hours}小时前，"
        "回复“改期”或“取消预约”。开车来可以回复“登记车牌”。"
    )


def details(appointment: Appointment, catalog: Catalog) -> str:
    """Service, place, windows and time of one appointment; of a home visit its address."""
    if appointment.kind is Kind.HOME:
        where = f"地址：{appointment.address}" if appointment.address else ""
        told = [f"事项：{appointment.service_name}", f"上门：{appointment.place_name}", where]
        return "\n".join([*filter(None, told), f"时间：{_when(appointment)}"])
    lines = [
        f"事项：{appointment.service_name}",
        f"地点：{appointment.place_name}{_windows(appointment, catalog)}",
        f"时间：{moment(appointment.start)}-{appointment.end:%H:%M}",
    ]
    if appointment.affected:
        lines.append(f"注意：这个时间办不了了（{appointment.affected}），请回复“改期”换一个时间")
    return "\n".join(lines)


def _when(appointment: Appointment) -> str:
    """Its start; of a home visit the half of the day."""
    if appointment.kind is Kind.HALL:
        return moment(appointment.start)
    half = "上午" if appointment.start.hour < _NOON else "下午"
    return f"{moment(appointment.start).rpartition('）')[0]}）{half}"


def _windows(appointment: Appointment, catalog: Catalog) -> str:
    service = catalog.services.get(appointment.service)
    bundle = catalog.bundles.get(appointment.service)
    channels = service.channels.window if service else bundle.window if bundle else ()
    here = [channel for channel in channels if channel.place == appointment.place]
    if bundle is not None:
        here = here[:1]  # the window that takes it whole
    numbers = [number for channel in here for number in channel.windows]
    return f" {'、'.join(numbers)}号窗口" if numbers else ""


def listed(appointments: Iterable[Appointment], catalog: Catalog) -> str:
    """The citizen's open appointments."""
    blocks = [
        f"{row}. 预约号 {appointment.code}\n{details(appointment, catalog)}"
        for row, appointment in enumerate(appointments, 1)
    ]
    if not blocks:
        return "您现在没有预约。要预约请回复“预约”加事项名称。"
    return "\n".join(["您的预约：", *blocks, "要改时间回复“改期”，要取消回复“取消预约”。"])


def which_to_cancel() -> str:
    """Several appointments stand."""
    return "您要取消哪一个预约？"


def option(appointment: Appointment) -> str:
    """One appointment on one line."""
    return f"{appointment.service_name} {_when(appointment)}"


def nothing_to_cancel() -> str:
    """No appointment stands."""
    return "您现在没有可以取消的预约。"


def confirm_cancel(label: str) -> str:
    """Once more before it is given back."""
    return f"确定取消这个预约吗？\n{label}"


def cancelled(appointment: Appointment) -> str:
    """The appointment was given back."""
    return f"已取消预约 {appointment.code}（{option(appointment)}）。需要时可以重新预约。"


def cancel_another() -> str:
    """取消预约 in the middle of a booking: it may have meant an earlier one."""
    return "要取消已经约好的，请再说一次“取消预约”。"


def kept() -> str:
    """The citizen changed their mind about cancelling."""
    return "好的，预约保留不变。"


def not_booked() -> str:
    """The citizen said no at the end."""
    return "好的，没有预约。需要时再回复“预约”。"


def backend_down(catalog: Catalog) -> str:
    """The backend gives no answer before anything was sent to be booked."""
    return (
        "预约系统暂时连不上，没有办成，您的信息没有提交。请过一会儿再试，"
        f"或拨打咨询电话{catalog.hall.phones.enquiry}。"
    )


def maybe_done(catalog: Catalog) -> str:
    """The backend gave no answer after something was sent: it may have arrived."""
    return (
        "预约系统没有回应，还不能确定办成了没有。请过一会儿回复“我的预约”查看，"
        f"或拨打咨询电话{catalog.hall.phones.enquiry}。"
    )


def nothing_to_move() -> str:
    """No appointment stands that could be moved."""
    return "您现在没有可以改期的预约。要预约请回复“预约”加事项名称。"


def home_visits_stay() -> str:
    """Only home visits stand, which can't be moved."""
    return "上门服务不能直接改时间。请先回复“取消预约”取消，再回复“预约上门”重新申请。"


def which_to_move() -> str:
    """Several appointments stand."""
    return "您要改哪一个预约的时间？"


def move_when(label: str, free: bool) -> str:
    """The new time is wanted; `free` when the earliest free slots follow."""
    head = f"改期：{label}。您想改到什么时候？可以说“下周三上午”"
    return f"{head}，也可以从最近的空号里选：" if free else f"{head}。"


def confirm_move(label: str, start: datetime) -> str:
    """Both times once more before it is moved."""
    return f"请核对：\n原来：{label}\n改到：{moment(start)}\n确认改期吗？"


def moved(appointment: Appointment, catalog: Catalog) -> str:
    """The appointment has its new time."""
    return (
        f"改期成功，预约号不变：{appointment.code}\n{details(appointment, catalog)}\n"
        f"请带{catalog.hall.booking.bring}，按时到场。"
    )


def say_move_again(offers: Iterable[str]) -> str:
    """Free times near the one that can't be had."""
    return "原来的预约保留不变。最近的空号有：\n" + "\n".join(f"▪ {one}" for one in offers)


def cancel_yes_or_no() -> str:
    """Neither a yes nor a no to giving an appointment back."""
    return "请回复“确认取消”或“不取消”。"


def nothing_today(later: bool) -> str:
    """No appointment is for today; `later` when there is one on another day."""
    if later:
        return "您今天没有预约。回复“我的预约”可以看约的是哪天；要今天办，请到咨询台取号。"
    return "您没有预约。今天要办，请到咨询台取号；想约时间，回复“预约”加事项名称。"


def arrived(appointments: Iterable[Appointment], catalog: Catalog) -> str:
    """The arrival is noted: where to wait."""
    lines = ["已经报到，请留意叫号。"]
    for one in appointments:
        lines.append(f"{option(one)}：{one.place_name}{_windows(one, catalog)}，预约号 {one.code}")
    return "\n".join(lines)
