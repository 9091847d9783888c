"""JSON Schemas of the catalogue's files, so that editors complete and check while staff type.

Made from the model and nothing else, shipped in service_catalog/schema/, written anew by
`banshi catalog schema`. Titles and descriptions are what staff read, in Chinese. A schema knows one
file at a time: whether a place or window exists only `banshi catalog check` can tell. It is a
little stricter than the loader: a key left without its value and a phone without quotes are marked.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import Enum
from pathlib import Path
from typing import Any

from pydantic import ConstrainedStr
from pydantic.fields import SHAPE_DICT, SHAPE_TUPLE_ELLIPSIS, ModelField

from service_catalog.model import (
    BaseCode,
    Bundle,
    CalendarNotes,
    Channels,
    Condition,
    Draft,
    Fee,
    GeneralQuestions,
    Hall,
    Handling,
    HandlingCode,
    Helpers,
    HomeVisits,
    Lexicon,
    Material,
    Need,
    Parking,
    Part,
    Place,
    Priority,
    Question,
    Service,
    TaskCode,
    Terminals,
    Visits,
)
from service_catalog.model.base import at_least_one

Schema = dict[str, Any]


@dataclass(frozen=True)
class Kind:
    """One kind of file.

    Attributes:
        name: What its schema is called.
        model: What it becomes.
        title: Its Chinese name.
        files: Which files of a catalogue are of this kind, as glob patterns.
    """

    name: str
    model: type[Part]
    title: str
    files: tuple[str, ...]


KINDS = (
    Kind("service", Service, "政务服务事项", ("services/*.yml",)),
    Kind("draft", Draft, "草稿", ("drafts/*.yml",)),
    Kind("bundle", Bundle, "一件事套餐", ("bundles/*.yml",)),
    Kind("place", Place, "场所", ("places/*.yml",)),
    Kind("hall", Hall, "大厅", ("hall.yml",)),
    Kind("calendar", CalendarNotes, "日历", ("calendar.yml",)),
    Kind("lexicon", Lexicon, "词库", ("lexicon.yml", "lexicon/*.yml")),
    Kind("terminals", Terminals, "自助终端", ("terminals.yml",)),
    Kind("priority", Priority, "优先对象", ("priority.yml",)),
    Kind("home-visits", HomeVisits, "上门服务", ("home_visits.yml",)),
    Kind("helpers", Helpers, "帮办代办", ("helpers.yml",)),
    Kind("general", GeneralQuestions, "常见咨询", ("general.yml",)),
)
"""Every kind of file that a catalogue has."""

_CODES = (BaseCode, TaskCode, HandlingCode)
_AT_LEAST_TWO = {(Question, "options"), (Bundle, "parts")}
_RULES: Mapping[type[Part], Schema] = {
    Service: {
        "if": {"properties": {"handling": {"const": Handling.PROMISED.value}}},
        "then": {"required": ["promised_limit"]},
    },
    Material: {
        "if": {"properties": {"need": {"const": Need.CONDITIONAL.value}}, "required": ["need"]},
        "then": {"required": ["when"]},
    },
    Visits: {
        "if": {"properties": {"count": {"minimum": 1}}},
        "then": {"required": ["reason"]},
    },
    Fee: {
        "if": {"properties": {"items": {"minItems": 1}}, "required": ["items"]},
        "then": {"required": ["basis"], "properties": {"basis": {"minItems": 1}}},
    },
    Channels: {"minProperties": 1},
}
"""What the models' own validators ask across fields."""

_PLAIN: Mapping[type[Part], str] = {Condition: "始终适用的条件，直接写一句话", Parking: "停车说明"}
"""Parts that may be written as one sentence instead."""


def schema_of(kind: Kind) -> Schema:
    """The JSON Schema (draft 7) of one kind of file."""
    parts: dict[str, Schema] = {}
    whole = _object(kind.model, parts)
    return {
        "$schema": "http://json-schema.org/draft-07/schema#",
        "title": kind.title,
        **whole,
        "definitions": {name: parts[name] for name in sorted(parts)},
    }


def write(directory: Path) -> list[Path]:
    """Write every schema into `directory` and give the files."""
    directory.mkdir(parents=True, exist_ok=True)
    files = []
    for kind in KINDS:
        file = directory / f"{kind.name}.schema.json"
        file.write_text(as_text(schema_of(kind)), encoding="utf-8")
        files.append(file)
    return files


def as_text(schema: Schema) -> str:
    """A schema as it is shipped."""
    return json.dumps(schema, ensure_ascii=False, indent=1) + "\n"


def _object(model: type[Part], parts: dict[str, Schema]) -> Schema:
    fields = model.__fields__
    return {
        "type": "object",
        "additionalProperties": False,
        "required": [name for name, field in fields.items() if field.required],
        "properties": {name: _property(model, name, parts) for name in fields},
        **_RULES.get(model, {}),
    }


def _property(model: type[Part], name: str, parts: dict[str, Schema]) -> Schema:
    field = model.__fields__[name]
    value = _value(field, parts)
    if (model, name) in _AT_LEAST_TWO:
        value["minItems"] = 2
    elif _never_empty(field):
        value["minItems"] = 1
    if "$ref" in value:  # draft 7 reads nothing beside a reference
        value = {"allOf": [value]}
    described = [str(field.field_info.description)] if field.field_info.description else []
    described.append("必填" if field.required else "可以不写")
    described.extend(_hints(field))
    return {
        "title": field.field_info.title or name,
        "description": "。".join(described) + "。",
        **value,
    }


def _value(field: ModelField, parts: dict[str, Schema]) -> Schema:
    if field.shape == SHAPE_DICT:
        inner = field.sub_fields[0] if field.sub_fields else None
        value = _value(inner, parts) if inner else _single(field, field.type_, parts)
        key = field.key_field.type_ if field.key_field else str
        pattern = _pattern(key)
        return {
            "type": "object",
            "additionalProperties": value,
            **({"propertyNames": {"pattern": pattern}} if pattern else {}),
        }
    if field.shape == SHAPE_TUPLE_ELLIPSIS:
        return {"type": "array", "items": _single(field, field.type_, parts)}
    return _single(field, field.type_, parts)


def _single(field: ModelField, kind: object, parts: dict[str, Schema]) -> Schema:
    if isinstance(kind, type) and issubclass(kind, Part):
        if kind.__name__ not in parts:
            parts[kind.__name__] = {}  # holds the name while the part's own parts are made
            parts[kind.__name__] = _part(kind, parts)
        return {"$ref": f"#/definitions/{kind.__name__}"}
    for base, make in _SCALARS:
        if isinstance(kind, type) and issubclass(kind, base):
            return make(field, kind)
    raise TypeError(f"{field.name}: no schema for {kind!r}")


def _part(kind: type[Part], parts: dict[str, Schema]) -> Schema:
    whole = _object(kind, parts)
    if kind in _PLAIN:
        plain = {"type": "string", "minLength": 1, "description": _PLAIN[kind]}
        return {"anyOf": [plain, whole]}
    return whole


def _text(_field: ModelField, kind: type[ConstrainedStr]) -> Schema:
    """Text; a bare number is text too where it may be one, as the name of a window or a code."""
    pattern = _pattern(kind)
    plain = pattern and not issubclass(kind, _CODES)
    types = "string" if plain else ["string", "integer"]
    limits = {"minLength": kind.min_length, "maxLength": kind.max_length, "pattern": pattern}
    return {"type": types, **{k: v for k, v in limits.items() if v is not None}}


def _number(field: ModelField, kind: type) -> Schema:
    info = field.field_info
    limits = {"minimum": info.ge, "maximum": info.le}
    name = "integer" if issubclass(kind, int) else "number"
    return {"type": name, **{k: v for k, v in limits.items() if v is not None}}


def _day(_field: ModelField, _kind: type) -> Schema:
    return {"type": "string", "format": "date", "pattern": r"^\d{4}-\d{2}-\d{2}$"}


_SCALARS: tuple[tuple[type, Callable[[ModelField, Any], Schema]], ...] = (
    (Enum, lambda _field, kind: {"enum": [one.value for one in kind]}),
    (bool, lambda _field, _kind: {"type": "boolean"}),
    (date, _day),
    (ConstrainedStr, _text),
    (int, _number),
    (float, _number),
    (Decimal, _number),
)


def _pattern(kind: object) -> str | None:
    regex = getattr(kind, "regex", None)
    return str(getattr(regex, "pattern", regex)) if regex else None


def _never_empty(field: ModelField) -> bool:
    checks = (field.class_validators or {}).values()
    return any(getattr(one.func, "__func__", one.func) is at_least_one for one in checks)


def _hints(field: ModelField) -> list[str]:
    """What to write, in words."""
    kind: Any = field.type_
    hints = ["可以写几项，每项一行，前面加“- ”"] if field.shape == SHAPE_TUPLE_ELLIPSIS else []
    if issubclass(kind, Enum):
        hints.append(f"可选：{'、'.join(one.value for one in kind)}")
    elif issubclass(kind, bool):
        hints.append("写 true 或 false")
    elif issubclass(kind, date):
        hints.append("日期写成 2026-11-02 这样")
    elif issubclass(kind, (int, float, Decimal)):
        low, high = field.field_info.ge, field.field_info.le
        known = [f"不小于{low}"] if low is not None else []
        known += [f"不大于{high}"] if high is not None else []
        hints.append("，".join(["数字", *known]))
    if not field.required and not isinstance(field.default, (tuple, dict, Part, type(None))):
        default = field.default.value if isinstance(field.default, Enum) else field.default
        hints.append(f"不写就是 {str(default).lower() if kind is bool else default}")
    return hints
