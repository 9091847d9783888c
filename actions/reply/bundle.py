"""Answers about a 一件事: what it is made of, and one list of materials for all of it."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from actions.aspects import Aspect
from actions.reply.about import at
from actions.reply.service import at_windows, fee, limit, material
from actions.reply.ways import visit_rule
from service_catalog.catalog import Catalog
from service_catalog.merging import merged_materials
from service_catalog.model import Bundle
from service_catalog.situations import outcome


def offer(bundle: Bundle, catalog: Catalog) -> str:
    """The bundle in short: what it does, its parts, where, how long, and what one may ask next."""
    places = "；".join(at(channel, catalog) for channel in bundle.window)
    lines = [
        f"【{bundle.name}】\n{bundle.summary}",
        parts(bundle, catalog),
        "\n".join(
            [
                *([f"办理窗口：{places}"] if places else []),
                f"办理时限：承诺{limit(bundle.promised_limit)}办结。",
                visits(bundle),
            ]
        ),
        "回复“材料”看合并后的材料清单；要单办其中一项，说它的名称。",
        source_of(bundle),
    ]
    return "\n\n".join(lines)


def answer(bundle: Bundle, aspects: Iterable[Aspect], catalog: Catalog) -> str:
    """What was asked about a bundle; what only its parts know is told of each part's name."""
    told = dict.fromkeys(_SPEAKERS.get(aspect, _ask_part)(bundle, catalog) for aspect in aspects)
    return "\n\n".join([f"【{bundle.name}】", *told, source_of(bundle)])


def overview(bundle: Bundle, catalog: Catalog) -> str:
    """What there is to say of a bundle, with its source."""
    told = [
        f"【{bundle.name}】\n{bundle.summary}",
        parts(bundle, catalog),
        materials(bundle, catalog),
        f"表单：{bundle.form}",
        *([windows(bundle, catalog)] if bundle.window else []),
        *([f"网上办：{bundle.online}"] if bundle.online else []),
        f"办理时限：承诺{limit(bundle.promised_limit)}办结。\n{visits(bundle)}",
        phones(bundle),
        source_of(bundle),
    ]
    return "\n\n".join(told)


def materials(bundle: Bundle, catalog: Catalog) -> str:
    """The materials of all parts, each once, with what it is for when that isn't all of them."""
    merged = merged_materials(bundle, catalog.services)
    if not merged:
        return "材料：不需要提交材料。"
    lines = ["需要的材料（合并后）："]
    for row, one in enumerate(merged, 1):
        names = "、".join(catalog.service(service_id).name for service_id in one.services)
        used = "" if len(one.services) == len(bundle.parts) else f"（用于{names}）"
        lines.append(f"{row}. {material(one.material)}{used}")
    return "\n".join(lines)


def parts(bundle: Bundle, catalog: Catalog) -> str:
    """The items that it is made of."""
    lines = ["包含的事项："]
    for row, part in enumerate(bundle.parts, 1):
        optional = "（可选）" if part.optional else ""
        note = f"：{part.note}" if part.note else ""
        lines.append(f"{row}. {catalog.service(part.service).name}{optional}{note}")
    return "\n".join(lines)


def windows(bundle: Bundle, catalog: Catalog) -> str:
    """Where it is done."""
    return "\n".join(["办理窗口：", *(at_windows(channel, catalog) for channel in bundle.window)])


def visits(bundle: Bundle) -> str:
    """How often one must come."""
    count, reason = bundle.visits.count, bundle.visits.reason
    told = f"（{reason}）" if reason else ""
    return f"跑动次数：{f'到现场{count}次{told}' if count else '可以不到现场'}。"


def phones(bundle: Bundle) -> str:
    """咨询 and 投诉电话."""
    return f"咨询电话：{bundle.phones.enquiry}\n监督投诉电话：{bundle.phones.complaint}"


def source_of(bundle: Bundle) -> str:
    """From which bundle the answer is, and when that was last checked."""
    day = bundle.checked_on
    return f"（来源：办事指南{bundle.name}，{day.year}年{day.month}月{day.day}日核对）"


def _fees(bundle: Bundle, catalog: Catalog) -> str:
    lines = []
    for part in bundle.parts:
        service = catalog.service(part.service)
        told = fee(service, outcome(service, part.answers).fee_items).splitlines()[0]
        lines.append(f"▪ {service.name}：{told.removeprefix('费用：')}")
    return "\n".join(["费用：", *lines])


def _online(bundle: Bundle, catalog: Catalog) -> str:
    return f"网上办：{bundle.online}" if bundle.online else "网上办：没有登记网上办理，请到窗口。"


def _at_home(bundle: Bundle, catalog: Catalog) -> str:
    parts_of = {part.service for part in bundle.parts}
    rules = [rule for rule in catalog.home_visits if parts_of & set(rule.services)]
    if not rules:
        return "上门：这些事项没有上门服务。"
    return "\n".join(["上门服务：", *(visit_rule(rule) for rule in rules)])


def _ask_part(bundle: Bundle, catalog: Catalog) -> str:
    return f"{parts(bundle, catalog)}\n您问的这一点各个事项不一样，说出其中一项的名称就告诉您。"


_SPEAKERS: dict[Aspect, Callable[[Bundle, Catalog], str]] = {
    Aspect.MATERIALS: materials,
    Aspect.WINDOW: windows,
    Aspect.FEE: _fees,
    Aspect.TIME_LIMIT: lambda one, _: f"办理时限：承诺{limit(one.promised_limit)}办结。",
    Aspect.PROCESS: lambda one, catalog: f"{parts(one, catalog)}\n表单：{one.form}",
    Aspect.ONLINE: _online,
    Aspect.APP: _online,
    Aspect.IN_PERSON: lambda one, _: visits(one),
    Aspect.AT_HOME: _at_home,
    Aspect.PHONE: lambda one, _: phones(one),
    Aspect.BASIS: lambda one, _: "\n".join(["依据：", *one.basis]),
}
