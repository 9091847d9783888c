"""Answers about one service: a short paragraph for each aspect, every fact a catalogue field.

What depends on the citizen's situation is spoken of as an `Outcome`: what holds under the answers
so far, or everything that may hold as long as there are none.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from types import MappingProxyType

from actions.aspects import Aspect
from actions.reply import hours
from service_catalog.catalog import Catalog
from service_catalog.model import (
    Condition,
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
from service_catalog.situations import Answers, Outcome, outcome

UNKNOWN: Answers = MappingProxyType({})
"""Nothing is known of the citizen's situation."""


@dataclass(frozen=True)
class _About:
    """What an answer is about: the service, what holds of it, and the days spoken of."""

    service: Service
    held: Outcome
    catalog: Catalog
    days: tuple[date, ...]


_IN_FULL = 2
"""So many places are told with address and hours; of more, the others on a line each."""
_REMOTE = (
    ("online", "网上办"),
    ("app", "掌上办"),
    ("terminal", "自助办"),
    ("post", "邮寄办"),
    ("home_visit", "上门办"),
    ("helper", "帮办代办"),
)


def answer(
    service: Service,
    aspects: Iterable[Aspect],
    catalog: Catalog,
    days: Iterable[date],
    answers: Answers = UNKNOWN,
) -> str:
    """The answer to what was asked about `service`, with its source.

    Args:
        service: What the citizen means.
        aspects: What they ask; none asks for an overview.
        catalog: The snapshot that the service is from.
        days: The days that were spoken of, or today; for opening hours.
        answers: What is known of the citizen's situation.
    """
    aspects, days = tuple(aspects), tuple(days)
    if not aspects:
        return overview(service, catalog, answers)
    about = _About(service, outcome(service, answers), catalog, days)
    parts = [_SPEAKERS[aspect](about) for aspect in aspects]
    return "\n\n".join([f"【{service.name}】", *parts, source(service)])


def overview(service: Service, catalog: Catalog, answers: Answers = UNKNOWN) -> str:
    """What most people want to know first."""
    held = outcome(service, answers)
    parts = [
        f"【{service.name}】",
        materials(held.materials),
        window(service, held.windows, catalog),
        fee(service, held.fee_items),
        time_limit(service, held),
        "还可以问我：条件、流程、网上能不能办、预约。",
        source(service),
    ]
    return "\n\n".join(parts)


def source(service: Service) -> str:
    """From which item the answer is and when that was last checked."""
    day = service.checked_on
    return f"（来源：办事指南“{service.name}”，{day.year}年{day.month}月{day.day}日核对）"


def materials(items: Sequence[Material]) -> str:
    """申请材料, numbered."""
    if not items:
        return "材料：不需要提交材料。"
    lines = [f"{row}. {material(item)}" for row, item in enumerate(items, 1)]
    return "\n".join(["需要的材料：", *lines])


def material(item: Material) -> str:
    """One material: when it is needed, its name, how many, in what form."""
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


def window(service: Service, channels: Sequence[WindowChannel], catalog: Catalog) -> str:
    """Where it is done: place, floor, zone, windows, hours, phone."""
    if not channels:
        return f"窗口：不设窗口，{_ways(service, channels)}"
    near = channels if len(channels) <= _IN_FULL else channels[:1]
    more = [_at_more_windows(channel, catalog) for channel in channels[len(near) :]]
    told = [at_windows(channel, catalog) for channel in near]
    return "\n".join(["办理窗口：", *told, *(["也可以就近去：", *more] if more else [])])


def _at_more_windows(channel: WindowChannel, catalog: Catalog) -> str:
    """One more place on one line: many places in full would fill several messages."""
    place = catalog.place(channel.place)
    text = f"▪ {place.name}（{place.address}）{'、'.join(channel.windows)}号窗口，电话{place.phone}"
    return f"{text}。{channel.note}" if channel.note else text


def at_windows(channel: WindowChannel, catalog: Catalog) -> str:
    """One place with its windows, hours and phone."""
    place = catalog.place(channel.place)
    windows = [found for number in channel.windows if (found := place.window(number))]
    spots = "、".join(_spot(group, place) for group in _by_spot(windows))
    lines = [
        f"▪ {place.name}（{place.address}）",
        f"  {spots}",
        f"  时间：{hours.in_brief(windows[0].hours or place.hours)}",
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


def opening(
    service: Service, channels: Sequence[WindowChannel], catalog: Catalog, days: Iterable[date]
) -> str:
    """When the service's places are open: the week, and the days that were asked about."""
    if not channels:
        return f"办理时间：不设窗口，{_ways(service, channels)}"
    days = tuple(days)
    lines = ["办理时间："]
    for channel in channels:
        place = catalog.place(channel.place)
        at = place.window(channel.windows[0])
        lines.append(f"▪ {place.name}：{hours.weekly((at and at.hours) or place.hours)}")
        lines.extend(
            f"  {hours.one_day(catalog.calendar.open_day(place, day, at))}" for day in days
        )
    return "\n".join(lines)


def fee(service: Service, items: Sequence[FeeItem]) -> str:
    """收费 with its basis."""
    lines = [_fee_item(item) for item in items]
    note = service.fee.note or ""
    # without items the note says what is free and what is not: 办证不收费；占道费按本省标准
    text = f"费用：{'；'.join(lines)}。{note}" if lines else f"费用：{note or '不收费'}。"
    if service.fee.basis and (items or not service.fee.items):
        text += f"\n收费依据：{'；'.join(service.fee.basis)}"
    return text


def _fee_item(item: FeeItem) -> str:
    amount = f"{item.amount.normalize():f}"
    note = f"（{item.note}）" if item.note else ""
    return f"{item.name}{amount}元/{item.unit}{note}"


def time_limit(service: Service, held: Outcome) -> str:
    """办结时限: on the spot, or promised and legal limits."""
    promised, legal = held.promised_limit, held.legal_limit
    if service.handling is Handling.IMMEDIATE and not (promised and promised.number):
        text = "办理时限：即办件，材料齐全当场办结。"
    else:
        text = f"办理时限：承诺{limit(promised)}办结。"
    if legal and legal.number:
        text += f"法定时限{limit(legal)}。"
    return text


def limit(one: TimeLimit | None) -> str:
    """20个工作日, with its note."""
    if one is None:
        return ""
    text = f"{one.number}{'个' if one.unit.value == '工作日' else ''}{one.unit.value}"
    return f"{text}（{one.note}）" if one.note else text


def process(service: Service, windows: Sequence[WindowChannel]) -> str:
    """办理流程, numbered, and the other ways."""
    lines = [f"{row}. {step}" for row, step in enumerate(service.process, 1)]
    return "\n".join(["办理流程：", *lines, f"办理方式：{_ways(service, windows)}"])


def _ways(service: Service, windows: Sequence[WindowChannel]) -> str:
    ways = ["窗口办"] if windows else []
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
            said = "全程网办" in details
            whole = "（全程网办）" if channel.whole and not said else ""
            lines.append(f"▪ {name}{whole}：{channel.name}{f'（{details}）' if details else ''}")
    if not lines:
        lines = ["没有网上、自助或邮寄办理，需要到窗口办。"]
    visits = service.visits
    reason = f"（{visits.reason}）" if visits.reason else ""
    coming = f"到现场{visits.count}次{reason}" if visits.count else "可以不到现场"
    return "\n".join(["其他办理方式：", *lines, f"跑动次数：{coming}。"])


def conditions(service: Service, items: Sequence[Condition]) -> str:
    """受理条件, and where one may apply."""
    lines = [f"{row}. {one.text}" for row, one in enumerate(items, 1)] or ["没有另外的条件。"]
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


_SPEAKERS: dict[Aspect, Callable[[_About], str]] = {
    Aspect.CONDITIONS: lambda one: conditions(one.service, one.held.conditions),
    Aspect.MATERIALS: lambda one: materials(one.held.materials),
    Aspect.WINDOW: lambda one: window(one.service, one.held.windows, one.catalog),
    Aspect.HOURS: lambda one: opening(one.service, one.held.windows, one.catalog, one.days),
    Aspect.FEE: lambda one: fee(one.service, one.held.fee_items),
    Aspect.TIME_LIMIT: lambda one: time_limit(one.service, one.held),
    Aspect.PROCESS: lambda one: process(one.service, one.held.windows),
    Aspect.ONLINE: lambda one: online(one.service),
    Aspect.APPOINTMENT: lambda one: appointment(one.service, one.catalog),
    Aspect.RESULT: lambda one: result(one.service),
    Aspect.BASIS: lambda one: basis(one.service),
    Aspect.PHONE: lambda one: phone(one.service),
}
