"""What the assistant says about the hall itself, and when it has no answer."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date

from actions.aspects import Aspect
from actions.reply import hours
from service_catalog.catalog import Catalog
from service_catalog.model import Draft

_EXAMPLES = 4


def welcome(catalog: Catalog, day: date) -> str:
    """Who is speaking and what one can ask, with services of the catalogue as examples."""
    shown = "\n".join(f"▪ {name}要带什么材料" for name in examples(catalog, day))
    return (
        f"您好，这里是{catalog.hall.name}办事助手。您可以问我：\n{shown}\n"
        "▪ 去几号窗口、几点上班、多少钱、要几天\n"
        "▪ 预约、我的预约、取消预约\n"
        f"现在能答{len(catalog.in_force(day))}个事项。咨询电话：{catalog.hall.phones.enquiry}"
    )


def examples(catalog: Catalog, day: date) -> list[str]:
    """A few services in everyday words, from all over the catalogue."""
    names = [str((service.aliases or (service.name,))[0]) for service in catalog.in_force(day)]
    return names[:: max(1, len(names) // _EXAMPLES)][:_EXAMPLES]


def about_hall(aspects: Iterable[Aspect], catalog: Catalog, days: Iterable[date]) -> str:
    """Address, hours and phones of the hall, when no service was named."""
    place = catalog.place(catalog.hall.place)
    parts = [f"【{place.name}】"]
    for aspect in aspects:
        if aspect is Aspect.WINDOW:
            parts.append("\n".join(filter(None, [f"地址：{place.address}", place.transport])))
        elif aspect is Aspect.HOURS:
            parts.append(f"办公时间：{hours.weekly(place.hours)}")
            parts.extend(hours.one_day(catalog.calendar.open_day(place, day)) for day in days)
        elif aspect is Aspect.PHONE:
            phones = catalog.hall.phones
            parts.append(f"咨询电话：{phones.enquiry}\n监督投诉电话：{phones.complaint}")
    parts.append("要问某个事项，把事项名称告诉我就行。")
    return "\n".join(parts)


def which_service(asked: Iterable[Aspect], catalog: Catalog, day: date) -> str:
    """An aspect was asked of no service, or nothing at all; with examples from the catalogue."""
    names = "".join(f"“{name}”" for name in examples(catalog, day)[:2])
    if any(True for _ in asked):
        return f"您问的是哪个事项？告诉我要办什么，比如{names}。"
    return f"您要办什么事？比如{names}。"


def which_of(names: Sequence[str]) -> str:
    """One service may be meant, or several fit."""
    if len(names) == 1:
        return f"您说的是“{names[0]}”吗？"
    return f"您说的可能是下面{len(names)}个事项，是哪一个？"


def which_in_words(names: Iterable[str]) -> str:
    """Several services fit, in the middle of something else."""
    return f"您说的可能是{'、'.join(f'“{name}”' for name in names)}，请把名称说全一点再问我。"


def known_by_name(draft: Draft, catalog: Catalog) -> str:
    """An item of which the hall knows that it exists, and who does it, but no guide yet."""
    return (
        f"“{draft.name}”由{draft.department}办理，办事指南还在整理，材料和窗口我不敢随便答您。"
        f"请在办公时间拨打咨询电话{catalog.hall.phones.enquiry}。"
    )


def nothing_found(catalog: Catalog) -> str:
    """No evidence, no answer."""
    return (
        "没有找到对应的事项，不敢随便答您。可以换个说法（比如说出证件或业务的名称），"
        f"或在办公时间拨打咨询电话{catalog.hall.phones.enquiry}。"
    )


def not_our_business(catalog: Catalog) -> str:
    """The question is not for a service hall."""
    return (
        f"这个我答不了。我只能回答{catalog.hall.name}的办事问题，"
        f"比如要带什么、去几号窗口、怎么预约。咨询电话：{catalog.hall.phones.enquiry}"
    )


def a_person(catalog: Catalog) -> str:
    """Someone wants to speak to a person."""
    place = catalog.place(catalog.hall.place)
    return (
        f"人工咨询请拨打{catalog.hall.phones.enquiry}。\n"
        f"办公时间：{hours.weekly(place.hours)}\n监督投诉电话：{catalog.hall.phones.complaint}"
    )


def stopped(what: str) -> str:
    """Something was left at the citizen's word."""
    return f"好的，{what}。还有要办的事，直接告诉我就行。"
