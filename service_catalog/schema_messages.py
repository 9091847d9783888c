"""Pydantic's findings in the staff's words: field in Chinese, what is wrong, how to mend it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, get_origin

from pydantic import ValidationError
from pydantic.fields import ModelField

from service_catalog.errors import Problem
from service_catalog.files import Document
from service_catalog.model import Part

_BY_TYPE: dict[str, tuple[str, str]] = {
    "value_error.missing": ("没有填", "补上“{key}”"),
    "value_error.extra": ("没有这个字段", "删掉，或改成正确的字段名"),
    "value_error.any_str.min_length": ("是空的", "填上内容，或删掉这一行"),
    "value_error.any_str.max_length": ("太长", "不超过{limit_value}个字"),
    "value_error.str.regex": ("“{value}”格式不对", "照同类文件的写法改"),
    "value_error.number.not_ge": ("“{value}”太小", "不能小于{limit_value}"),
    "value_error.number.not_le": ("“{value}”太大", "不能大于{limit_value}"),
    "type_error.none.not_allowed": ("是空的", "填上内容，或删掉这一行"),
    "type_error.integer": ("“{value}”不是整数", "写成数字"),
    "type_error.decimal": ("“{value}”不是数", "写成数字"),
    "type_error.bool": ("“{value}”不是是/否", "写 true 或 false"),
    "type_error.str": ("要写成一段文字", "去掉多余的缩进或短横线"),
    "type_error.tuple": ("要写成列表", "每项一行，前面加“- ”"),
    "type_error.dict": ("要写成“键: 值”", "照别的文件的样子写"),
    "value_error.decimal.not_finite": ("“{value}”不是数", "写成数字"),
    "value_error.date": ("“{value}”不是日期", "写成 2026-11-02 这样"),
    "type_error.enum": ("“{value}”不在可选范围内", "可选：{choices}"),
}


def problems_of(error: ValidationError, model: type[Part], document: Document) -> Iterator[Problem]:
    """Every finding of `error` as a `Problem` with the line in `document`."""
    for finding in error.errors():
        path = [step for step in finding["loc"] if step != "__root__"]
        context: dict[str, Any] = dict(finding.get("ctx", {}))
        context["key"] = path[-1] if path else ""
        context["value"] = _value_at(document.data, path)
        context["choices"] = "、".join(str(e.value) for e in context.get("enum_values", ()))
        what, mend = _words(finding["type"], finding["msg"], context)
        yield Problem(document.name, document.line(path), field_name(model, path), what, mend)


def field_name(model: type[Part], path: Sequence[str | int]) -> str:
    """The Chinese name of the field at `path`, such as 申请材料第3项·材料名称."""
    names: list[str] = []
    current: type[Part] | None = model
    for step in path:
        if isinstance(step, int):
            names[-1:] = [f"{names[-1] if names else ''}第{step + 1}项"]
            continue
        field: ModelField | None = current.__fields__.get(step) if current else None
        names.append(str(field.field_info.title or step) if field else step)
        current = _inner(field)
    return "·".join(names)


def _inner(field: ModelField | None) -> type[Part] | None:
    kind: object = field.type_ if field else None
    if get_origin(kind) is not None:  # tuple[…] says that it is a class, and is none
        return None
    return kind if isinstance(kind, type) and issubclass(kind, Part) else None


def _words(kind: str, message: str, context: dict[str, Any]) -> tuple[str, str]:
    if kind in _BY_TYPE:
        what, mend = _BY_TYPE[kind]
        return what.format_map(context), mend.format_map(context)
    what, _, mend = message.partition("：")
    return what, mend or "照同类文件的写法改"


def _value_at(data: object, path: Sequence[str | int]) -> str:
    for step in path:
        try:
            data = data[step]  # type: ignore[index]
        except (KeyError, IndexError, TypeError):
            return ""
    return str(data)[:40]
