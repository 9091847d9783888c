"""Answers about a 一件事: what it is made of, and one list of materials for all of it."""

from __future__ import annotations

from actions.reply.service import at_windows, limit, material
from service_catalog.catalog import Catalog
from service_catalog.merging import merged_materials
from service_catalog.model import Bundle


def overview(bundle: Bundle, catalog: Catalog) -> str:
    """What there is to say of a bundle, with its source."""
    windows = [at_windows(channel, catalog) for channel in bundle.window]
    parts = [
        f"【{bundle.name}】\n{bundle.summary}",
        _parts(bundle, catalog),
        materials(bundle, catalog),
        f"表单：{bundle.form}",
        *(["\n".join(["办理窗口：", *windows])] if windows else []),
        *([f"网上办：{bundle.online}"] if bundle.online else []),
        f"办理时限：承诺{limit(bundle.promised_limit)}办结。\n{_visits(bundle)}",
        f"咨询电话：{bundle.phones.enquiry}\n监督投诉电话：{bundle.phones.complaint}",
        _source(bundle),
    ]
    return "\n\n".join(parts)


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


def _parts(bundle: Bundle, catalog: Catalog) -> str:
    lines = ["包含的事项："]
    for row, part in enumerate(bundle.parts, 1):
        optional = "（可选）" if part.optional else ""
        note = f"：{part.note}" if part.note else ""
        lines.append(f"{row}. {catalog.service(part.service).name}{optional}{note}")
    return "\n".join(lines)


def _visits(bundle: Bundle) -> str:
    visits = bundle.visits
    reason = f"（{visits.reason}）" if visits.reason else ""
    return f"跑动次数：{f'到现场{visits.count}次{reason}' if visits.count else '可以不到现场'}。"


def _source(bundle: Bundle) -> str:
    day = bundle.checked_on
    return f"（来源：一件事“{bundle.name}”，{day.year}年{day.month}月{day.day}日核对）"
