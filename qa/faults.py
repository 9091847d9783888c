"""What is wrong with the form of a file of cases, in the words of those who write them.

The findings of the JSON Schema become problems with line, field and mend. A step or an assertion
that is wrong as a whole is one problem, not one for each of its alternatives.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from difflib import get_close_matches
from typing import Any

from jsonschema import Draft7Validator
from jsonschema.exceptions import ValidationError

from qa.schema import schema
from service_catalog.errors import Problem
from service_catalog.files import Document

_UNKNOWN = "additionalProperties"
_KINDS = {
    "object": "“键: 值”",
    "array": "列表（每项一行，前面加“- ”）",
    "string": "文字",
    "number": "数字",
    "boolean": "true 或 false",
    "null": "null",
}
_STEP_NAMES = {
    "test_cases": "用例",
    "steps": "步骤",
    "assertions": "断言",
    "fixtures": "预设",
    "metadata": "元数据",
    "buttons": "选项",
    "slot_was_set": "设置了槽位",
    "slot_was_not_set": "没有设置槽位",
}


def faults_of_form(document: Document) -> Iterator[Problem]:
    """Every finding of the schema, in the order of the file."""
    validator = Draft7Validator(schema())
    errors = list(validator.iter_errors(document.data))
    misspelt = [error.absolute_path for error in errors if error.validator == _UNKNOWN]
    found = {
        _problem(document, error)
        for error in errors
        # whoever misspelt a key has not also forgotten it
        if error.validator != "oneOf" or error.absolute_path not in misspelt
    }
    yield from sorted(found, key=lambda one: (one.line, one.field, one.what))


def field_name(document: Document, path: Sequence[str | int]) -> str:
    """What stands at `path`, as a colleague calls it: 用例“补身份证”·步骤2·断言1."""
    names: list[str] = []
    data: Any = document.data
    for step in path:
        data = data[step] if _has(data, step) else None
        if not isinstance(step, int):
            names.append(_STEP_NAMES.get(step, step))
        elif isinstance(data, dict) and isinstance(data.get("test_case"), str):
            names[-1] = f"用例“{data['test_case']}”"
        else:
            names[-1] = f"{names[-1]}{step + 1}"
    return "·".join(names)


def _problem(document: Document, error: ValidationError) -> Problem:
    path = list(error.absolute_path)
    line = document.line(path)
    if error.validator == _UNKNOWN and isinstance(error.instance, dict):
        known = error.schema.get("properties", {})
        line = min(document.line([*path, key]) for key in error.instance if key not in known)
    what, mend = _words(error)
    return Problem(document.name, line, field_name(document, path), what, mend)


def _words(error: ValidationError) -> tuple[str, str]:
    mend = error.schema.get("x-mend", "")
    kind, value = error.validator, error.validator_value
    if kind == "required":
        missing = "、".join(key for key in value if key not in error.instance)
        return f"没有写 {missing}", f"补上 {missing}"
    if kind == _UNKNOWN:
        known = error.schema.get("properties", {})
        extra = [key for key in error.instance if key not in known]
        near = [get_close_matches(key, known, n=1) for key in extra]
        if all(near):
            mend = "是不是想写 " + "、".join(one[0] for one in near) + "？"
        return f"没有 {'、'.join(extra)} 这个键", mend or f"删掉，或改成：{'、'.join(known)}"
    if kind == "type":
        kinds = [value] if isinstance(value, str) else value
        said = "是空的" if error.instance is None else "写法不对"
        return said, mend or "要写成" + "或".join(_KINDS[one] for one in kinds)
    if kind in {"minItems", "minProperties", "minLength"}:
        return "是空的", mend or "写上内容，或删掉"
    if kind == "propertyNames" or (kind == "pattern" and "ya?ml" in str(value)):
        return (
            f"文件名“{error.instance}”不对",
            "写目录里的相对路径，例如 services/id-card-renew.yml",
        )
    if kind in {"oneOf", "anyOf", "dependencies", "maxProperties"}:
        return "写法不对", mend or "照文档 docs/testing.md 的样子写"
    return f"“{_short(error.instance)}”不对", mend or "照文档 docs/testing.md 的样子写"


def _short(value: object) -> str:
    text = str(value)
    return text if len(text) <= 40 else text[:39] + "…"


def _has(data: object, step: str | int) -> bool:
    if isinstance(data, dict):
        return step in data
    return isinstance(data, list) and isinstance(step, int) and step < len(data)
