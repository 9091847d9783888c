"""Writing the catalogue's YAML: whole files in the house style, and edits of what staff wrote.

An edit touches the lines whose value changes and no others, whatever indentation, quotes and
comments the file has: the marks of its node tree say where each value stands. Data here is what
`plain` makes of an entry. The import calls this; reading files back is the loader's.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from datetime import date
from decimal import Decimal
from difflib import SequenceMatcher
from enum import Enum
from typing import Any

import yaml

from service_catalog.model import Condition, Part

Data = Any
"""Dictionaries, lists, texts, numbers, truths and dates."""


def plain(value: Part) -> dict[str, Data]:
    """An entry as data in the model's order, without what is only a default."""
    data: dict[str, Data] = {}
    for name, field in value.__fields__.items():
        inner = getattr(value, name)
        if field.required or inner != field.get_default():
            data[name] = _plain(inner)
    return data


def _plain(value: object) -> Data:
    if isinstance(value, Condition) and not value.only:
        return str(value.text)
    if isinstance(value, Part):
        return plain(value)
    if isinstance(value, Mapping):
        return {str(key): _plain(one) for key, one in value.items()}
    if isinstance(value, (tuple, list)):
        return [_plain(one) for one in value]
    if isinstance(value, Enum):
        return value.value
    return str(value) if isinstance(value, str) else value


# Scalars

_PLAIN = re.compile(r"[^\s\-?:,\[\]{}#&*!|>'\"%@`=~<][^\n]*")
_LOOKS_TYPED = re.compile(
    r"[-+.]?[\d_][\d_,]*(\.[\d_]*)?([eE][-+]?\d+)?|\d+(:\d\d)+(\.\d*)?|0[xob][\da-fA-F_]+"
    r"|\d{4}-\d\d?-\d\d?.*|y|n|yes|no|on|off|true|false|null|~|\.inf|\.nan",
    re.IGNORECASE,
)
_UNPRINTABLE = re.compile(
    r"[^\t\x20-\x7e\xa0-\u2027\u202a-\ud7ff\ue000-\ufefe\uff00-\ufffd\U00010000-\U0010ffff]"
)


def scalar(value: Data) -> str:
    """One value as YAML, quoted only where another reader could take it for something else."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, Decimal):
        return f"{value:f}"
    if isinstance(value, (int, float)):
        return str(value)
    if isinstance(value, date):
        return value.isoformat()
    return _text(str(value))


def _text(text: str) -> str:
    usual = _PLAIN.fullmatch(text) and not _LOOKS_TYPED.fullmatch(text)
    odd = ": " in text or " #" in text or text.endswith((":", " ")) or "\t" in text
    if usual and not odd and not _UNPRINTABLE.search(text):
        return text
    return _quoted(text)


def _quoted(text: str) -> str:
    escaped = text.replace("\\", "\\\\").replace('"', '\\"').replace("\t", "\\t")
    return '"' + _UNPRINTABLE.sub(_escape, escaped.replace("\n", "\\n")) + '"'


def _escape(match: re.Match[str]) -> str:
    number = ord(match[0])
    return f"\\x{number:02x}" if number < 256 else f"\\u{number:04x}"


# Whole files


def render(data: Mapping[str, Data]) -> str:
    """A whole file."""
    return "\n".join(_mapping(data, 0)) + "\n"


def _mapping(data: Mapping[str, Data], indent: int) -> Iterator[str]:
    for key, value in data.items():
        yield from _pair(key, value, indent)


def _pair(key: str, value: Data, indent: int) -> Iterator[str]:
    head = f"{' ' * indent}{scalar(key)}:"
    if isinstance(value, dict) and value:
        yield head
        yield from _mapping(value, indent + 2)
    elif isinstance(value, list) and value:
        yield head
        for one in value:
            yield from _item(one, indent + 2)
    else:
        yield f"{head} {_leaf(value)}"


def _item(value: Data, indent: int) -> Iterator[str]:
    if isinstance(value, dict) and value:
        for number, line in enumerate(_mapping(value, indent + 2)):
            yield f"{' ' * indent}- {line[indent + 2 :]}" if number == 0 else line
    else:
        yield f"{' ' * indent}- {_leaf(value)}"


def _leaf(value: Data) -> str:
    if isinstance(value, (dict, list)):
        return "{}" if isinstance(value, dict) else "[]"
    return scalar(value)


# Edits


class _Whole(Exception):
    """This value can't be edited within; write the whole of it anew."""


def edited(text: str, node: yaml.Node, old: Mapping[str, Data], new: Mapping[str, Data]) -> str:
    """The file with what differs between `old` and `new` changed, and nothing else.

    Args:
        text: The file.
        node: Its node tree, with marks into `text`.
        old: The entry that the file says.
        new: The entry that it shall say.
    """
    editor = _Editor(text)
    try:
        edits = editor.mapping(node, old, new)
    except _Whole:
        head = re.match(r"(?:[ \t]*(?:#[^\n]*)?\r?\n)*", text)
        return (head[0] if head else "") + render(new)
    in_order = sorted(enumerate(edits), key=lambda one: (one[1][0], one[1][1], one[0]))
    for _, (start, end, words) in reversed(in_order):
        text = text[:start] + words + text[end:]
    return text


_Edit = tuple[int, int, str]


class _Editor:
    """Turns differences into replacements of spans of one text."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._break = "\r\n" if "\r\n" in text else "\n"

    def mapping(
        self, node: yaml.Node, old: Mapping[str, Data], new: Mapping[str, Data]
    ) -> list[_Edit]:
        """The edits that make the mapping at `node` say `new`."""
        if not isinstance(node, yaml.MappingNode) or node.flow_style:
            raise _Whole
        pairs = {key.value: (key, value) for key, value in node.value}
        edits: list[_Edit] = []
        for key in pairs.keys() & (old.keys() - new.keys()):
            edits.append(self._without(*pairs[key]))
        if pairs and pairs.keys() <= old.keys() - new.keys():
            raise _Whole
        for key in new:
            if key not in pairs:
                if key in old:
                    raise _Whole
                edits.append(self._added(key, new, pairs, old.keys() - new.keys()))
            elif new[key] != old.get(key):
                edits.extend(self._changed(*pairs[key], old.get(key), new[key]))
        return edits

    def _changed(self, key: yaml.Node, node: yaml.Node, old: Data, new: Data) -> list[_Edit]:
        try:
            return self._value(node, old, new)
        except _Whole:
            start, end = key.start_mark.index, self._line_end(self._content_end(node))
            lines = list(_pair(str(key.value), new, key.start_mark.column))
            return [(start, end, self._break.join(lines).lstrip(" "))]

    def _value(self, node: yaml.Node, old: Data, new: Data) -> list[_Edit]:
        if isinstance(old, dict) and isinstance(new, dict):
            return self.mapping(node, old, new)
        if isinstance(old, list) and isinstance(new, list):
            return self._sequence(node, old, new)
        if not isinstance(node, yaml.ScalarNode) or isinstance(new, (dict, list)):
            raise _Whole
        if node.style in ("|", ">") or node.start_mark.line != node.end_mark.line:
            raise _Whole
        if not node.value:
            raise _Whole
        words = scalar(new)
        if node.style in ('"', "'") and words[:1] != '"':
            words = _quoted(words) if node.style == '"' else "'" + words.replace("'", "''") + "'"
        return [(node.start_mark.index, node.end_mark.index, words)]

    def _sequence(self, node: yaml.Node, old: list[Data], new: list[Data]) -> list[_Edit]:
        if not isinstance(node, yaml.SequenceNode) or node.flow_style or not new:
            raise _Whole
        if len(node.value) != len(old):
            raise _Whole
        matcher = SequenceMatcher(None, [repr(one) for one in old], [repr(one) for one in new])
        edits: list[_Edit] = []
        for _, a, b, c, d in (one for one in matcher.get_opcodes() if one[0] != "equal"):
            both = min(b - a, d - c)
            for i in range(both):
                edits.extend(self._item(node.value[a + i], old[a + i], new[c + i]))
            edits.extend(self._gone(one) for one in node.value[a + both : b])
            if d - c > both:
                lines = [
                    line for one in new[c + both : d] for line in _item(one, node.start_mark.column)
                ]
                edits.append(self._inserted(node, a + both, lines))
        return edits

    def _item(self, node: yaml.Node, old: Data, new: Data) -> list[_Edit]:
        try:
            return self._value(node, old, new)
        except _Whole:
            start, end = node.start_mark.index, self._line_end(self._content_end(node))
            column = node.start_mark.column - 2
            return [(start, end, self._break.join(_item(new, column)).lstrip(" ")[2:])]

    def _inserted(self, node: yaml.SequenceNode, place: int, lines: list[str]) -> _Edit:
        words = self._break.join(lines)
        if place:
            end = self._line_end(self._content_end(node.value[place - 1]))
            return end, end, self._break + words
        start = self._line_start(self._dash(node.value[0]))
        return start, start, words + self._break

    def _added(
        self,
        key: str,
        new: Mapping[str, Data],
        pairs: Mapping[str, tuple[yaml.Node, yaml.Node]],
        going: set[str],
    ) -> _Edit:
        order = list(new)
        first = next(iter(pairs.values()))[0]
        lines = list(_pair(key, new[key], first.start_mark.column))
        for before in reversed(order[: order.index(key)]):
            if before in pairs and before not in going:
                end = self._line_end(self._content_end(pairs[before][1]))
                return end, end, self._break + self._break.join(lines)
        start = self._line_start(first.start_mark.index)
        if self._text[start : first.start_mark.index].strip():
            raise _Whole
        return start, start, self._break.join(lines) + self._break

    def _without(self, key: yaml.Node, node: yaml.Node) -> _Edit:
        start = self._line_start(key.start_mark.index)
        if self._text[start : key.start_mark.index].strip():
            raise _Whole
        return start, self._after(self._content_end(node)), ""

    def _gone(self, node: yaml.Node) -> _Edit:
        start = self._line_start(self._dash(node))
        return start, self._after(self._content_end(node)), ""

    def _dash(self, node: yaml.Node) -> int:
        """Where the dash before a list's item stands."""
        return self._text.rindex("-", 0, node.start_mark.index)

    def _content_end(self, node: yaml.Node) -> int:
        """The last place that belongs to the node; comments after it don't."""
        if isinstance(node, yaml.CollectionNode) and not node.flow_style and node.value:
            last = node.value[-1]
            return self._content_end(last[1] if isinstance(last, tuple) else last)
        end: int = node.end_mark.index
        if isinstance(node, yaml.ScalarNode) and node.style in ("|", ">"):
            return len(self._text[:end].rstrip())
        return end

    def _line_start(self, place: int) -> int:
        return self._text.rfind("\n", 0, place) + 1

    def _line_end(self, place: int) -> int:
        end = self._text.find("\n", place)
        end = len(self._text) if end < 0 else end
        return end - 1 if end > place and self._text[end - 1] == "\r" else end

    def _after(self, place: int) -> int:
        end = self._text.find("\n", place)
        return len(self._text) if end < 0 else end + 1
