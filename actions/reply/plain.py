"""Short answers for those who read little: plain sentences, and the one next step.

The facts are the same catalogue fields as in the full answers, fewer of them.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from actions.aspects import Aspect
from actions.reply import hours
from actions.reply.about import About, at, source
from actions.reply.bundle import source_of
from actions.reply.service import speak
from service_catalog.catalog import Catalog
from service_catalog.merging import merged_materials
from service_catalog.model import Bundle, FeeItem, Handling, Material

_LINES = 4
"""So many lines of a longer answer are told."""


def answer(one: About, aspects: Sequence[Aspect]) -> str:
    """The answer in plain words: what was asked, or what to bring, and what to do next."""
    asked = tuple(aspects) or (Aspect.MATERIALS,)
    parts = [_SPEAKERS.get(aspect, _shortened(aspect))(one) for aspect in asked]
    return "\n\n".join(
        [f"【{one.service.name}】", *parts, f"下一步：{next_step(one, asked)}", source(one.service)]
    )


def bundle(found: Bundle, catalog: Catalog) -> str:
    """What a bundle asks for, by name alone, and where to go with it."""
    merged = [one.material for one in merged_materials(found, catalog.services)]
    place = at(found.window[0], catalog) if found.window else ""
    step = f"带好东西，去{place}。" if place else f"打电话{found.phones.enquiry}问怎么办。"
    return "\n\n".join(
        [f"【{found.name}】", materials(merged), f"下一步：{step}", source_of(found)]
    )


def next_step(one: About, told: Sequence[Aspect]) -> str:
    """The one thing to do now."""
    if Aspect.MATERIALS not in told:
        return "回复“材料”，看要带什么。"
    if one.service.booking and Aspect.APPOINTMENT not in told:
        return "回复“预约”，我帮您约时间。"
    if one.held.windows:
        return f"带好东西，去{at(one.held.windows[0], one.catalog)}。"
    return f"有不明白的，打电话{one.service.phones.enquiry}。"


def materials(items: Sequence[Material]) -> str:
    """What to bring, by name alone."""
    if not items:
        return "什么都不用带。"
    lines = [
        f"{row}. {item.name}{f'（{item.when}才要）' if item.when else ''}"
        for row, item in enumerate(items, 1)
    ]
    return "\n".join(["要带：", *lines])


def _where(one: About) -> str:
    if not one.held.windows:
        return "不用去窗口。"
    channel = one.held.windows[0]
    place = one.catalog.place(channel.place)
    return f"去{at(channel, one.catalog)}。\n地址：{place.address}"


def _hours(one: About) -> str:
    if not one.held.windows:
        return "不用去窗口。"
    channel = one.held.windows[0]
    place = one.catalog.place(channel.place)
    window = place.window(channel.windows[0])
    lines = [hours.one_day(one.catalog.calendar.open_day(place, day, window)) for day in one.days]
    spans = ((window and window.hours) or place.hours).workdays
    return "\n".join([f"工作日{hours.periods(spans)}。", *lines])


def _fee(one: About) -> str:
    if not one.held.fee_items:
        return str(one.service.fee.note or "不要钱") + "。"
    return "；".join(_charged(item) for item in one.held.fee_items) + "。"


def _charged(item: FeeItem) -> str:
    return f"{item.name}{item.amount.normalize():f}元"


def _time(one: About) -> str:
    limit = one.held.promised_limit
    if one.service.handling is Handling.IMMEDIATE and not (limit and limit.number):
        return "材料齐全，当场办好。"
    return (
        f"最多{limit.number}{'个' if limit.unit == '工作日' else ''}{limit.unit.value}。"
        if limit
        else ""
    )


def _shortened(aspect: Aspect) -> Callable[[About], str]:
    """The full answer's first lines."""

    def speaker(one: About) -> str:
        lines = speak(one, aspect).splitlines()
        more = ["还有几条，要看全部回复“详细点”。"] if len(lines) > _LINES else []
        return "\n".join([*lines[:_LINES], *more])

    return speaker


_SPEAKERS: dict[Aspect, Callable[[About], str]] = {
    Aspect.MATERIALS: lambda one: materials(one.held.materials),
    Aspect.WINDOW: _where,
    Aspect.HOURS: _hours,
    Aspect.FEE: _fee,
    Aspect.TIME_LIMIT: _time,
}
