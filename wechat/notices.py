"""Template messages 模板消息 and subscription messages 订阅通知: which template says what.

They reach a citizen who hasn't written for 48 hours, which no other message does. Their templates
belong to the account, so a hall writes down in a YAML file which template stands for which kind of
message, and which of our values goes into which of its fields. The limits of the fields are
Tencent's (订阅消息参数值内容限制说明); a value that is too long is cut, one of another kind is
refused by WeChat, and the message waits for the citizen as it would without a template.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from wechat.errors import NoticesError
from wechat.yaml_files import read_yaml

VALUES = ("item", "time", "place", "code", "note")
"""What a field may be filled with: 事项, 时间, 地点, 预约号, 说明."""
KINDS = (
    *("booked", "moved", "cancelled", "affected", "restored", "tomorrow", "soon"),
    *("no_show", "warned", "suspended", "lifted", "rate"),
)
"""The messages of the appointment office that a template may stand for."""
_FIELD = re.compile(r"[a-z_]+[0-9]*")
_LONGEST = {"thing": 20, "const": 20, "character_string": 32, "phrase": 5, "name": 10}
"""Characters, by the beginning of the field's name."""
_KEYS = {"template", "subscribed", "fields"}


@dataclass(frozen=True)
class Notice:
    """One template of the account's.

    Attributes:
        template: Its ID, from the WeChat console.
        subscribed: It is a subscription message, for those who agreed to it.
        fields: Its fields' names, and which of `VALUES` each is filled with.
    """

    template: str
    subscribed: bool
    fields: Mapping[str, str]

    def filled(self, values: Mapping[str, str]) -> dict[str, str] | None:
        """The fields with their values; None when there is none for one of them."""
        found = {field: _cut(field, values.get(name, "")) for field, name in self.fields.items()}
        return found if all(found.values()) else None


Notices = Mapping[str, Notice]


def read_notices(file: Path) -> Notices:
    """The notices in a file, by the kind of message.

    Raises:
        NoticesError: One line for each fault, which names the notice, what is wrong and what to do.
    """
    found = read_yaml(file, NoticesError)
    if not isinstance(found, dict):
        raise NoticesError(f"{file}: write a kind of message with its template below, for each")
    faults = [f"{file}: {fault}" for kind, one in found.items() for fault in _faults(kind, one)]
    if faults:
        raise NoticesError("\n".join(faults))
    return {
        kind: Notice(one["template"], bool(one.get("subscribed", False)), dict(one["fields"]))
        for kind, one in found.items()
    }


def _faults(kind: object, one: Any) -> Iterator[str]:  # noqa: ANN401 - whatever YAML holds
    if kind not in KINDS:
        yield f"{kind} is no kind of message; known are {', '.join(KINDS)}"
        return
    if not isinstance(one, dict) or not set(one) <= _KEYS:
        yield f"{kind}: write template, fields and maybe subscribed, nothing else"
        return
    if not isinstance(one.get("template"), str) or not one["template"].strip():
        yield f"{kind}: `template` must be the template's ID from the WeChat console"
    if not isinstance(one.get("subscribed", False), bool):
        yield f"{kind}: `subscribed` must be true or false"
    fields = one.get("fields")
    if not isinstance(fields, dict) or not fields:
        yield f"{kind}: `fields` must name each field of the template and its value"
        return
    for field, name in fields.items():
        if not isinstance(field, str) or not _FIELD.fullmatch(field):
            yield f"{kind}: {field} is no field of a template; they are called like thing1, time2"
        if name not in VALUES:
            yield f"{kind}: {field} can't be filled with {name}; there are {', '.join(VALUES)}"


def _cut(field: str, value: str) -> str:
    most = _LONGEST.get(field.rstrip("0123456789"))
    if most is None or len(value) <= most:
        return value
    return value[: most - 1] + "…"
