"""Answers about one service: a short paragraph for each aspect, every fact a catalogue field.

What depends on the citizen's situation is spoken of as an `Outcome`: what holds under the answers
so far, or everything that may hold as long as there are none.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import date

from actions.aspects import Aspect
from actions.reply import hours, ways
from actions.reply.about import UNKNOWN, About, floor_name, situation, source
from service_catalog.catalog import Catalog
from service_catalog.model import (
    Condition,
    FeeItem,
    Form,
    Handling,
    Material,
    Need,
    Place,
    Service,
    TimeLimit,
    Window,
    WindowChannel,
)
from service_catalog.situations import Answers, Outcome, outcome, settled

_IN_FULL = 2
"""So many places are told with address and hours; of more, the others on a line each."""


def about(
    service: Service,
    catalog: Catalog,
    days: Iterable[date],
    answers: Answers = UNKNOWN,
    near: Place | None = None,
    *,
    decided: bool = False,
) -> About:
    """Gather what an answer about `service` is made from.

    Args:
        service: The service.
        catalog: The snapshot that it is from.
        days: The days spoken of.
        answers: What is known of the citizen's situation.
        near: The place that the citizen named.
        decided: Whether no open question changes what is going to be told; else everything that
            may hold is told, each with its condition.
    """
    held = outcome(service, settled(service, answers) if decided else answers)
    return About(service, held, catalog, tuple(days), near, answers)


def answer(one: About, aspects: Iterable[Aspect]) -> str:
    """The answer to what was asked about a service, with its source; none asks for an overview."""
    aspects = tuple(aspects)
    parts = [speak(one, aspect) for aspect in aspects] if aspects else _overview(one)
    return "\n\n".join([headed(one), *parts, source(one.service)])


def headed(one: About) -> str:
    """The service's name, and for which situation the answer holds."""
    told = situation(one.service, one.told)
    return f"【{one.service.name}】{told}"


def speak(one: About, aspect: Aspect) -> str:
    """One paragraph about one aspect."""
    return _SPEAKERS[aspect](one)


def _overview(one: About) -> list[str]:
    """What most people want to know first."""
    return [
        materials(one.held.materials),
        window(one.service, one.held.windows, one.catalog),
        fee(one.service, one.held.fee_items),
        time_limit(one.service, one.held),
        "还可以问我：条件、流程、网上能不能办、能不能代办、预约。",
    ]


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


def forms(service: Service, items: Sequence[Material]) -> str:
    """空白表格, 示例样表 and how to fill them in."""
    lines = []
    for item in items:
        parts = [
            *([f"空白表格：{item.blank_form}"] if item.blank_form else []),
            *([f"样表：{item.sample}"] if item.sample else []),
            *([f"填写：{item.fill_in}"] if item.fill_in else []),
            *([item.note] if item.note and ("表" in item.name or "书" in item.name) else []),
        ]
        if parts:
            lines.append(f"▪ {item.name}：{'；'.join(parts)}")
    if not lines:
        enquiry = service.phones.enquiry
        return f"表格：办事指南里没有要自己下载的表格。填写上有疑问请拨打咨询电话{enquiry}。"
    return "\n".join(["表格和样表：", *lines])


def deferrable(items: Sequence[Material]) -> str:
    """容缺: what may be handed in later, and what an electronic licence replaces."""
    later = [item.name for item in items if item.deferrable]
    exempt = [item.licence or item.name for item in items if item.licence_exempt]
    lines = [
        f"可以先受理、后补的：{'、'.join(later)}。" if later else "没有可以后补的材料，请带齐再来。"
    ]
    if exempt:
        lines.append(f"有电子证照、可以不带原件的：{'、'.join(dict.fromkeys(exempt))}。")
    return "\n".join(["容缺受理：", *lines])


def window(service: Service, channels: Sequence[WindowChannel], catalog: Catalog) -> str:
    """Where it is done: place, floor, zone, windows, hours, phone."""
    if not channels:
        return f"窗口：不设窗口，{ways.names(service, channels)}"
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
    return f"{floor_name(first.floor)}{lift}{first.zone} {numbers}号窗口（{first.name}）"


def opening(
    service: Service, channels: Sequence[WindowChannel], catalog: Catalog, days: Iterable[date]
) -> str:
    """When the service's places are open: the week, and the days that were asked about."""
    if not channels:
        return f"办理时间：不设窗口，{ways.names(service, channels)}"
    days = tuple(days)
    lines = ["办理时间："]
    for channel in channels[:_IN_FULL]:
        place = catalog.place(channel.place)
        at = place.window(channel.windows[0])
        lines.append(f"▪ {place.name}：{hours.weekly((at and at.hours) or place.hours)}")
        told = hours.several_days([catalog.calendar.open_day(place, day, at) for day in days])
        lines.extend(f"  {one}" for one in told)
    others = [catalog.place(channel.place) for channel in channels[_IN_FULL:]]
    if others:
        lines.append("其他办理点（说出名称就告诉您时间）：")
        lines.append("、".join(f"{place.name}（电话{place.phone}）" for place in others))
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
    cautions = [f"▪ {one}" for one in service.cautions]
    notes = ["注意：", *cautions] if cautions else []
    return "\n".join(["办理流程：", *lines, *notes, f"办理方式：{ways.names(service, windows)}"])


def conditions(service: Service, items: Sequence[Condition]) -> str:
    """受理条件, and where one may apply."""
    lines = [f"{row}. {one.text}" for row, one in enumerate(items, 1)] or ["没有另外的条件。"]
    return "\n".join(["受理条件：", *lines])


def result(service: Service) -> str:
    """办理结果."""
    return f"办理结果：{'、'.join(service.results) or '没有发放的证件或文书'}。"


def basis(service: Service) -> str:
    """设定依据."""
    return "\n".join(["设定依据：", *service.basis])


def phone(service: Service) -> str:
    """咨询 and 投诉电话."""
    return f"咨询电话：{service.phones.enquiry}\n监督投诉电话：{service.phones.complaint}"


_SPEAKERS: dict[Aspect, Callable[[About], str]] = {
    Aspect.CONDITIONS: lambda one: conditions(one.service, one.held.conditions),
    Aspect.MATERIALS: lambda one: materials(one.held.materials),
    Aspect.FORMS: lambda one: forms(one.service, one.held.materials),
    Aspect.DEFERRABLE: lambda one: deferrable(one.held.materials),
    Aspect.WINDOW: lambda one: window(one.service, one.held.windows, one.catalog),
    Aspect.NEARBY: ways.nearby,
    Aspect.TERMINAL: ways.terminal,
    Aspect.PARKING: ways.parking,
    Aspect.HOURS: lambda one: opening(one.service, one.held.windows, one.catalog, one.days),
    Aspect.FEE: lambda one: fee(one.service, one.held.fee_items),
    Aspect.TIME_LIMIT: lambda one: time_limit(one.service, one.held),
    Aspect.PROCESS: lambda one: process(one.service, one.held.windows),
    Aspect.ONLINE: ways.online,
    Aspect.APP: ways.app,
    Aspect.POST: ways.post,
    Aspect.AT_HOME: ways.at_home,
    Aspect.HELPER: ways.helper,
    Aspect.IN_PERSON: ways.in_person,
    Aspect.SCOPE: ways.scope,
    Aspect.APPOINTMENT: ways.appointment,
    Aspect.RESULT: lambda one: result(one.service),
    Aspect.BASIS: lambda one: basis(one.service),
    Aspect.PHONE: lambda one: phone(one.service),
}
