"""Answers about one service: a short paragraph for each aspect, every fact a catalogue field."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from datetime import date

from actions.aspects import Aspect
from actions.reply import hours
from service_catalog.catalog import Catalog
from service_catalog.model import (
    FeeItem,
    Form,
    Handling,
    Material,
    Need,
    Place,
    RemoteChannel,
    Service,
    TimeLimit,
    Window,
    WindowChannel,
)

_REMOTE = (
    ("online", "网上办"),
    ("app", "掌上办"),
    ("terminal", "自助办"),
    ("post", "邮寄办"),
    ("home_visit", "上门办"),
    ("helper", "帮办代办"),
)


def answer(
    service: Service, aspects: Iterable[Aspect], catalog: Catalog, days: Iterable[date]
) -> str:
    """The answer to what was asked about `service`, with its source.

    Args:
        service: What the citizen means.
        aspects: What they ask; none asks for an overview.
        catalog: The snapshot that the service is from.
        days: The days that were spoken of, or today; for opening hours.
    """
    aspects, days = tuple(aspects), tuple(days)
    if not aspects:
        return overview(service, catalog)
    parts = [_SPEAKERS[aspect](service, catalog, days) for aspect in aspects]
    return "\n\n".join([f"【{service.name}】", *parts, source(service)])


def overview(service: Service, catalog: Catalog) -> str:
    """What most people want to know first."""
    parts = [
        f"【{service.name}】",
        materials(service),
        window(service, catalog),
        fee(service),
        time_limit(service),
        "还可以问我：条件、流程、网上能不能办、预约。",
        source(service),
    ]
    return "\n\n".join(parts)


def source(service: Service) -> str:
    """From which item the answer is and when that was last checked."""
    day = service.checked_on
    return f"（来源：办事指南“{service.name}”，{day.year}年{day.month}月{day.day}日核对）"


def materials(service: Service) -> str:
    """申请材料, numbered."""
    if not service.materials:
        return "材料：不需要提交材料。"
    lines = [f"{row}. {_material(item)}" for row, item in enumerate(service.materials, 1)]
    return "\n".join(["需要的材料：", *lines])


def _material(item: Material) -> str:
    counts = [
        f"{kind}{number}份"
        for kind, number in (("原件", item.original), ("复印件", item.copies))
        if number
    ]
    if item.form is not Form.PAPER:
        counts.append(f"{item.form.value}件" if item.form is Form.ELECTRONIC else item.form.value)
    marks = [
        *(["选交"] if item.need is Need.OPTIONAL else []),
        *(["可容缺后补"] if item.deferrable else []),
        *(["有电子证照可免交"] if item.licence_exempt else []),
    ]
    text = str(item.name)
    if item.when:
        text = f"（{item.when}）{text}"
    if counts or marks:
        text = f"{text}：{'、'.join(counts + marks)}"
    return f"{text}。{item.note}" if item.note else text


def window(service: Service, catalog: Catalog) -> str:
    """Where it is done: place, floor, zone, windows, hours, phone."""
    channels = service.channels.window
    if not channels:
        return f"窗口：不设窗口，{_ways(service)}"
    return "\n".join(
        ["办理窗口：", *(_at(channel, catalog) for channel in channels)],
    )


def _at(channel: WindowChannel, catalog: Catalog) -> str:
    place = catalog.place(channel.place)
    windows = [found for number in channel.windows if (found := place.window(number))]
    spots = "、".join(_spot(group, place) for group in _by_spot(windows))
    lines = [
        f"▪ {place.name}（{place.address}）",
        f"  {spots}",
        f"  时间：{hours.weekly(windows[0].hours or place.hours)}",
        f"  电话：{windows[0].phone or place.phone}",
    ]
    if channel.note:
        lines.append(f"  {channel.note}")
    return "\n".join(lines)


def _by_spot(windows: list[Window]) -> Iterator[list[Window]]:
    spots: dict[tuple[int, str, str], list[Window]] = {}
    for found in windows:
        spots.setdefault((found.floor, found.zone, found.name), []).append(found)
    yield from spots.values()


def _spot(group: list[Window], place: Place) -> str:
    first = group[0]
    numbers = "、".join(found.number for found in group)
    lift = "" if first.floor == 1 else ("（有电梯）" if place.lift else "（没有电梯）")
    floor = f"{first.floor}楼" if first.floor > 0 else f"地下{-first.floor}层"
    return f"{floor}{lift}{first.zone} {numbers}号窗口（{first.name}）"


def opening(service: Service, catalog: Catalog, days: tuple[date, ...]) -> str:
    """When the service's places are open: the week, and the days that were asked about."""
    if not service.channels.window:
        return f"办理时间：不设窗口，{_ways(service)}"
    lines = ["办理时间："]
    for channel in service.channels.window:
        place = catalog.place(channel.place)
        at = place.window(channel.windows[0])
        lines.append(f"▪ {place.name}：{hours.weekly((at and at.hours) or place.hours)}")
        lines.extend(
            f"  {hours.one_day(catalog.calendar.open_day(place, day, at))}" for day in days
        )
    return "\n".join(lines)


def fee(service: Service) -> str:
    """收费 with its basis."""
    lines = [_fee_item(item) for item in service.fee.items]
    note = service.fee.note or ""
    # without items the note says what is free and what is not: 办证不收费；占道费按本省标准
    text = f"费用：{'；'.join(lines)}。{note}" if lines else f"费用：{note or '不收费'}。"
    if service.fee.basis:
        text += f"\n收费依据：{'；'.join(service.fee.basis)}"
    return text


def _fee_item(item: FeeItem) -> str:
    amount = f"{item.amount.normalize():f}"
    note = f"（{item.note}）" if item.note else ""
    return f"{item.name}{amount}元/{item.unit}{note}"


def time_limit(service: Service) -> str:
    """办结时限: on the spot, or promised and legal limits."""
    if service.handling is Handling.IMMEDIATE:
        text = "办理时限：即办件，材料齐全当场办结。"
    else:
        text = f"办理时限：承诺{_limit(service.promised_limit)}办结。"
    if service.legal_limit and service.legal_limit.number:
        text += f"法定时限{_limit(service.legal_limit)}。"
    return text


def _limit(limit: TimeLimit | None) -> str:
    if limit is None:
        return ""
    text = f"{limit.number}{'个' if limit.unit.value == '工作日' else ''}{limit.unit.value}"
    return f"{text}（{limit.note}）" if limit.note else text


def process(service: Service) -> str:
    """办理流程, numbered, and the other ways."""
    lines = [f"{row}. {step}" for row, step in enumerate(service.process, 1)]
    return "\n".join(["办理流程：", *lines, f"办理方式：{_ways(service)}"])


def _ways(service: Service) -> str:
    ways = ["窗口办"] if service.channels.window else []
    for key, name in _REMOTE:
        channel: RemoteChannel | None = getattr(service.channels, key)
        if channel:
            ways.append(f"{name}（{channel.name}）")
    return "、".join(ways) + "。"


def online(service: Service) -> str:
    """Every way other than the window, and how often one must come."""
    lines = []
    for key, name in _REMOTE:
        channel: RemoteChannel | None = getattr(service.channels, key)
        if channel:
            details = "，".join(part for part in (channel.url, channel.note) if part)
            lines.append(f"▪ {name}：{channel.name}{f'({details})' if details else ''}")
    if not lines:
        lines = ["没有网上、自助或邮寄办理，需要到窗口办。"]
    visits = service.visits
    reason = f"（{visits.reason}）" if visits.reason else ""
    coming = f"到现场{visits.count}次{reason}" if visits.count else "可以不到现场"
    return "\n".join(["其他办理方式：", *lines, f"跑动次数：{coming}。"])


def conditions(service: Service) -> str:
    """受理条件, and where one may apply."""
    lines = [f"{row}. {text}" for row, text in enumerate(service.conditions, 1)]
    if service.scope:
        lines.append(f"通办范围：{service.scope}")
    return "\n".join(["受理条件：", *lines])


def appointment(service: Service, catalog: Catalog) -> str:
    """Whether one can book, and where."""
    if service.booking is None:
        return "预约：这个事项不设预约，办公时间直接到窗口办理。"
    names = "、".join(catalog.place(place).name for place in service.booking.places)
    return f"预约：可以在这里预约{names}的窗口，回复“预约”开始。"


def result(service: Service) -> str:
    """办理结果."""
    return f"办理结果：{'、'.join(service.results) or '没有发放的证件或文书'}。"


def basis(service: Service) -> str:
    """设定依据."""
    return "\n".join(["设定依据：", *service.basis])


def phone(service: Service) -> str:
    """咨询 and 投诉电话."""
    return f"咨询电话：{service.phones.enquiry}\n监督投诉电话：{service.phones.complaint}"


_Speaker = Callable[[Service, Catalog, tuple[date, ...]], str]
_SPEAKERS: dict[Aspect, _Speaker] = {
    Aspect.CONDITIONS: lambda service, _catalog, _days: conditions(service),
    Aspect.MATERIALS: lambda service, _catalog, _days: materials(service),
    Aspect.WINDOW: lambda service, catalog, _days: window(service, catalog),
    Aspect.HOURS: opening,
    Aspect.FEE: lambda service, _catalog, _days: fee(service),
    Aspect.TIME_LIMIT: lambda service, _catalog, _days: time_limit(service),
    Aspect.PROCESS: lambda service, _catalog, _days: process(service),
    Aspect.ONLINE: lambda service, _catalog, _days: online(service),
    Aspect.APPOINTMENT: lambda service, catalog, _days: appointment(service, catalog),
    Aspect.RESULT: lambda service, _catalog, _days: result(service),
    Aspect.BASIS: lambda service, _catalog, _days: basis(service),
    Aspect.PHONE: lambda service, _catalog, _days: phone(service),
}
