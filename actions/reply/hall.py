"""What the assistant says about the hall itself, and when it has no answer."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date

from actions.aspects import Aspect
from actions.reply import hours, place, ways
from service_catalog.catalog import Catalog
from service_catalog.model import Draft, Place

_EXAMPLES = 4


def welcome(catalog: Catalog, day: date) -> str:
    """Who is speaking and what one can ask, with services of the catalogue as examples."""
    shown = "\n".join(f"▪ {name}要带什么材料" for name in examples(catalog, day))
    return (
        f"您好，这里是{catalog.hall.name}办事助手。您可以问我：\n{shown}\n"
        "▪ 去几号窗口、几点上班、多少钱、要几天\n"
        "▪ 预约、改期、取消、我的预约、预约上门、登记车牌停车、查办件进度\n"
        "▪ 人工、留言、投诉、建议、评价\n"
        f"现在能答{len(catalog.in_force(day))}个事项。咨询电话：{catalog.hall.phones.enquiry}"
    )


def examples(catalog: Catalog, day: date) -> list[str]:
    """A few services in everyday words, from all over the catalogue."""
    names = [str((service.aliases or (service.name,))[0]) for service in catalog.in_force(day)]
    return names[:: max(1, len(names) // _EXAMPLES)][:_EXAMPLES]


def about_place(
    at: Place, aspects: Iterable[Aspect], catalog: Catalog, days: Iterable[date]
) -> str:
    """What was asked of one place."""
    days = tuple(days)
    parts = [f"【{at.name}】"]
    for aspect in aspects:
        parts.extend(_of_place(at, aspect, catalog, days))
    parts.append("要问某个事项，把事项名称告诉我就行。")
    return "\n".join(parts)


def _of_place(at: Place, aspect: Aspect, catalog: Catalog, days: Sequence[date]) -> list[str]:
    if aspect is Aspect.WINDOW:
        lift = "有电梯" if at.lift else "没有电梯"
        return [f"地址：{at.address}", *([str(at.transport)] if at.transport else []), lift]
    if aspect is Aspect.HOURS:
        told = hours.several_days([catalog.calendar.open_day(at, day) for day in days])
        return [f"办公时间：{hours.weekly(at.hours)}", *told]
    if aspect is Aspect.PHONE:
        phones = catalog.hall.phones
        own = [] if at.id == catalog.hall.place else [f"电话：{at.phone}"]
        return [*own, f"咨询电话：{phones.enquiry}\n监督投诉电话：{phones.complaint}"]
    if aspect is Aspect.PARKING:
        return [f"停车：{ways.spaces(at.parking) if at.parking else '没有登记停车信息'}"]
    if aspect is Aspect.NEARBY:
        return [place.places(catalog.places.values())]
    if aspect is Aspect.TERMINAL:
        return [place.terminals(catalog.terminals)]
    if aspect is Aspect.AT_HOME:
        return ["上门服务：", *(ways.visit_rule(rule) for rule in catalog.home_visits)]
    return ["帮办代办：", *(ways.help_by(one) for one in catalog.helpers[:_EXAMPLES])]


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
    """No evidence, no answer; but three ways on."""
    return (
        "没有找到对应的事项，不敢随便答您。可以换个说法（比如说出证件或业务的名称），"
        f"或在办公时间拨打咨询电话{catalog.hall.phones.enquiry}；"
        "也可以回复“留言”，让工作人员答复您，或回复“人工”。"
    )


def none_of_these(catalog: Catalog) -> str:
    """None of the choices was meant."""
    return (
        "那是我没听准。请换个说法（说出证件或业务的名称），或回复“留言”、“人工”，"
        f"也可以拨打咨询电话{catalog.hall.phones.enquiry}。"
    )


def not_our_business(catalog: Catalog) -> str:
    """The question is not for a service hall."""
    return (
        f"这个我答不了。我只能回答{catalog.hall.name}的办事问题，"
        f"比如要带什么、去几号窗口、怎么预约。咨询电话：{catalog.hall.phones.enquiry}"
    )


def stopped(what: str) -> str:
    """Something was left at the citizen's word."""
    return f"好的，{what}。还有要办的事，直接告诉我就行。"


def welcome_back() -> str:
    """Someone said thanks."""
    return "不客气。还有要办的事，直接告诉我就行。"


def goodbye() -> str:
    """Someone takes leave."""
    return "再见，祝您办事顺利。"


def rating_hint() -> str:
    """A rating may be given; it is free and nothing depends on it."""
    return "方便的话，回复“评价”给这次服务打个分，不评也没关系。"


def one_at_a_time() -> str:
    """Another errand in the middle of one."""
    return "我们先把手头这件办完。要先办别的，回复“退出”，再说一遍就行。"


def unannounced(reason: str) -> str:
    """A holiday was asked about whose arrangement is not published: nothing is guessed."""
    return f"{reason}，现在还不能确定，公布后再问我。"
