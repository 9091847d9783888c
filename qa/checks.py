"""What can be asked of an answer: Rasa Pro's assertions, and a few that ask the catalogue.

Each check judges one turn by what was seen and tells what was expected and what came instead. A
slot counts as set when an event of this turn set it, which is Rasa Pro's meaning.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

import yaml

from qa.seen import Event, Seen
from service_catalog.catalog import Catalog

ANY = object()
"""In place of a value: any will do."""


@dataclass(frozen=True)
class World:
    """What stands around the answers.

    Attributes:
        catalog: The catalogue that was asked.
        show_all: How the assistant offers to tell everything, whatever the situation.
    """

    catalog: Catalog
    show_all: str


@dataclass(frozen=True)
class Verdict:
    """How one check came out.

    Attributes:
        passed: Whether it holds.
        expected: What it asks for, in Chinese.
        got: What came instead; "" when it holds.
        place: Which event of the turn fulfilled it, from 0; None when that can't be said.
        exact: Whether both are whole texts, to be compared line by line.
    """

    passed: bool
    expected: str
    got: str = ""
    place: int | None = None
    exact: bool = False


class Check(Protocol):
    """Something that must hold of an answer."""

    @property
    def line(self) -> int:
        """Where it stands in the file."""

    def judge(self, seen: Seen, world: World) -> Verdict:
        """Whether it holds of what was seen."""


@dataclass(frozen=True)
class Answer:
    """`bot_uttered` and `bot_did_not_utter`: a pattern, choices, the name of a response.

    Attributes:
        line: Where it stands.
        pattern: A regular expression to be found in the text of the answer.
        buttons: Choices offered, title and payload ("" for any); all of them, then in this order.
        utter: The name of a response.
        wanted: Whether it must be there; else nothing of it may.
    """

    line: int
    pattern: str | None = None
    buttons: tuple[tuple[str, str], ...] = ()
    utter: str | None = None
    wanted: bool = True

    def judge(self, seen: Seen, world: World) -> Verdict:
        """Whether the answer has it."""
        parts = list(self._parts(seen))
        wrong = [part for part in parts if part.passed is not self.wanted]
        expected = "；".join(part.expected for part in parts)
        if not wrong:
            place = next((part.place for part in parts if part.place is not None), None)
            return Verdict(True, self._words(expected), place=place)
        if self.wanted:
            return Verdict(
                False,
                "；".join(part.expected for part in wrong),
                "\n".join(part.got for part in wrong),
            )
        return Verdict(False, self._words(expected), "\n".join(part.got for part in wrong))

    def _words(self, expected: str) -> str:
        return expected if self.wanted else f"不出现：{expected}"

    def _parts(self, seen: Seen) -> Iterator[Verdict]:
        if self.pattern is not None:
            found = re.search(self.pattern, seen.text)
            got = seen.text if self.wanted or not found else f"出现了“{found[0]}”：\n{seen.text}"
            place = _first(seen, lambda one: re.search(self.pattern or "", one.get("text") or ""))
            yield Verdict(found is not None, f"回答里有“{self.pattern}”", got, place)
        if self.buttons:
            yield self._offered(seen)
        if self.utter is not None:
            names = [_utter_name(one) for one in seen.utterances]
            got = "用到的答复：" + ("、".join(filter(None, names)) or "没有带名字的答复")
            place = _first(seen, lambda one: _utter_name(one) == self.utter)
            yield Verdict(self.utter in names, f"用答复 {self.utter}", got, place)

    def _offered(self, seen: Seen) -> Verdict:
        offered = [
            (str(button.get("title")), str(button.get("payload")))
            for one in seen.utterances
            for button in (one.get("data") or {}).get("buttons") or ()
        ] or [(title, "") for title in seen.choices]
        listed = "、".join(title for title, _ in self.buttons)
        got = "给出的选项：" + ("、".join(title for title, _ in offered) or "没有选项")
        if len(self.buttons) == len(offered):
            passed = all(map(_same_button, self.buttons, offered))
        else:
            passed = all(any(_same_button(one, it) for it in offered) for one in self.buttons)
        place = _first(seen, lambda one: (one.get("data") or {}).get("buttons"))
        return Verdict(passed, f"选项有：{listed}", got, place)


@dataclass(frozen=True)
class WholeText:
    """`bot`: the whole answer, or the whole of one of its messages."""

    line: int
    text: str

    def judge(self, seen: Seen, world: World) -> Verdict:
        """Whether the text is the same to the letter."""
        said = [seen.text, *((one.get("text") or "").strip() for one in seen.utterances)]
        return Verdict(self.text.strip() in said, self.text.strip(), seen.text, exact=True)


@dataclass(frozen=True)
class ActionRan:
    """`action_executed`."""

    line: int
    name: str

    def judge(self, seen: Seen, world: World) -> Verdict:
        """Whether the action ran in this turn."""
        place = next(
            (
                row
                for row, event in enumerate(seen.events)
                if event["event"] == "action" and event["name"] == self.name
            ),
            None,
        )
        got = "执行了：" + ("、".join(seen.actions) or "没有动作")
        return Verdict(place is not None, f"执行动作 {self.name}", got, place)


@dataclass(frozen=True)
class Slots:
    """`slot_was_set` and `slot_was_not_set`.

    Attributes:
        line: Where it stands.
        slots: Name and value; `ANY` for any.
        wanted: Whether an event of the turn must have set them so; else none may have.
    """

    line: int
    slots: tuple[tuple[str, Any], ...]
    wanted: bool = True

    def judge(self, seen: Seen, world: World) -> Verdict:
        """Whether the slots were set in this turn."""
        places = [_set_at(seen.events, name, value) for name, value in self.slots]
        wrong = [
            name
            for (name, _), place in zip(self.slots, places, strict=True)
            if (place is not None) is not self.wanted
        ]
        how = "设置槽位" if self.wanted else "不设置槽位"
        expected = f"{how} " + "、".join(_slot_words(name, value) for name, value in self.slots)
        got = "\n".join(_slot_story(name, seen) for name in wrong)
        place = next((one for one in reversed(places) if one is not None), None)
        return Verdict(not wrong, expected, got, place)


def judged(checks: Sequence[Check], seen: Seen, world: World, in_order: bool) -> list[Verdict]:
    """The verdict of each check; with `in_order`, what came too early doesn't count."""
    verdicts = [check.judge(seen, world) for check in checks]
    if not in_order:
        return verdicts
    ordered, latest = [], -1
    for verdict in verdicts:
        if verdict.passed and verdict.place is not None and verdict.place < latest:
            ordered.append(Verdict(False, verdict.expected, "有，但发生在前一条断言之前"))
            continue
        latest = latest if verdict.place is None else verdict.place
        ordered.append(verdict)
    return ordered


def same(expected: object, actual: object) -> bool:
    """Whether a value is the one in the file, where numbers and yes or no are written as text."""
    if isinstance(expected, str):
        return expected == actual if isinstance(actual, str) else _scalar(expected) == actual
    if isinstance(expected, Mapping) and isinstance(actual, Mapping):
        return expected.keys() == actual.keys() and all(
            same(value, actual[key]) for key, value in expected.items()
        )
    if isinstance(expected, list) and isinstance(actual, list):
        return len(expected) == len(actual) and all(map(same, expected, actual))
    return expected == actual


def _scalar(text: str) -> object:
    try:
        return yaml.safe_load(text)
    except yaml.YAMLError:
        return text


def _set_at(events: Sequence[Event], name: str, value: object) -> int | None:
    for row, event in enumerate(events):
        if event["event"] != "slot" or event["name"] != name:
            continue
        was = event.get("value")
        if (was is not None) if value is ANY else same(value, was):
            return row
    return None


def _slot_words(name: str, value: object) -> str:
    return name if value is ANY else f"{name} = {value}"


def _slot_story(name: str, seen: Seen) -> str:
    was = [event.get("value") for event in seen.events if _sets(event, name)]
    if was:
        return f"{name} 在本轮被设为：" + "、".join(str(value) for value in was)
    now = seen.slots.get(name)
    return f"{name} 在本轮没有被设置" + ("" if now is None else f"，目前是：{now}")


def _sets(event: Event, name: str) -> bool:
    return bool(event["event"] == "slot" and event["name"] == name)


def _same_button(wanted: tuple[str, str], offered: tuple[str, str]) -> bool:
    return wanted[0] == offered[0] and wanted[1] in ("", offered[1])


def _utter_name(event: Event) -> str:
    return str((event.get("metadata") or {}).get("utter_action") or "")


def _first(seen: Seen, fits: Any) -> int | None:  # noqa: ANN401 - a predicate of any truth value
    for row, event in enumerate(seen.events):
        if event["event"] == "bot" and fits(event):
            return row
    return None
