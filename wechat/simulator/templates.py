"""Template messages 模板消息 and subscription notices 订阅通知 as Tencent judges them.

A template has a title and named fields; the name's beginning says what a value may be
(订阅消息参数值内容限制说明): `thing1` takes 20 characters, `time2` a time, and so on.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from wechat.simulator.codes import Refusal

_CLOCK = r"\d{1,2}:\d{2}(?::\d{2})?"
_DAY = r"(?:\d{4}年\d{1,2}月(?:\d{1,2}日)?|\d{1,2}月\d{1,2}日|\d{4}[-/.]\d{1,2}[-/.]\d{1,2})"
_TIME = rf"(?:{_DAY} ?)?{_CLOCK}"
_DATE = rf"{_DAY}(?: ?{_CLOCK})?"
_ALLOWED: Mapping[str, re.Pattern[str]] = {
    "time": re.compile(rf"{_TIME}(?:~{_TIME})?"),
    "date": re.compile(rf"{_DATE}(?:~{_DATE})?"),
    "thing": re.compile(r"[^\x00-\x1f]{1,20}"),
    "number": re.compile(r"(?=.{1,32}$)\d+(?:\.\d+)?"),
    "letter": re.compile(r"[A-Za-z]{1,32}"),
    "symbol": re.compile(r"[^\w\s]{1,5}"),
    "character_string": re.compile(r"[\x21-\x7e]{1,32}"),
    "amount": re.compile(r"[¥￥$]?\d{1,10}(?:\.\d+)?元?"),
    "phone_number": re.compile(r"[\d+\-() ]{1,17}"),
    "car_number": re.compile(r"[\u4e00-\u9fff]?[A-Z0-9]{1,6}[\u4e00-\u9fffA-Z0-9]"),
    "name": re.compile(r"[\u4e00-\u9fff·]{1,10}|[A-Za-z .'\-]{1,20}"),
    "phrase": re.compile(r"[\u4e00-\u9fff]{1,5}"),
    "const": re.compile(r"[^\x00-\x1f]{1,20}"),
}
_FIELD = re.compile(r"([a-z_]+?)\d*")


@dataclass(frozen=True)
class Template:
    """A template of the account's.

    Attributes:
        title: What stands above the message, as 预约提醒.
        fields: The fields' names and what each is called to the citizen, in their order, as
            {"thing1": "事项", "time2": "时间"}.
    """

    title: str
    fields: Mapping[str, str]

    def fill(self, data: object) -> tuple[tuple[str, str], ...]:
        """The fields with their values.

        Raises:
            Refusal: 47003, naming the first field that is missing or has a value of the wrong kind;
                what the template doesn't know is dropped without a word.
        """
        if not isinstance(data, dict):
            raise Refusal(47003, "data is empty")
        return tuple((name, _value(name, data.get(name))) for name in self.fields)

    def text(self, values: tuple[tuple[str, str], ...]) -> str:
        """What the citizen reads."""
        return "\n".join((self.title, *(f"{self.fields[name]}：{value}" for name, value in values)))


def check_template(templates: Mapping[str, Template], body: Mapping[str, Any]) -> Template:
    """The template that a message names; raises a `Refusal` (40037) when there is no such one."""
    template = templates.get(str(body.get("template_id", "")))
    if template is None:
        raise Refusal(40037)
    return template


def _value(name: str, given: object) -> str:
    value = given.get("value") if isinstance(given, dict) else None
    if not isinstance(value, str | int | float) or not str(value).strip():
        raise Refusal(47003, f"data.{name}.value is empty")
    text = str(value)
    if not _fits(name, text):
        raise Refusal(47003, f"data.{name}.value invalid")
    return text


def _fits(name: str, text: str) -> bool:
    match = _FIELD.fullmatch(name)
    kind = match[1] if match else ""
    allowed = _ALLOWED.get(kind)
    return allowed is None or allowed.fullmatch(text) is not None
