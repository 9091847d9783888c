"""What was seen in one turn: the answer as the citizen reads it, and the events of the tracker."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from wechat.messages import CHOOSE

_CHOICE = re.compile(r"^(\d+)\. (.+)$")
Event = Mapping[str, Any]
"""One event of a conversation, as Rasa writes it."""


@dataclass(frozen=True)
class Understood:
    """What the assistant took a message for.

    Attributes:
        intent: The intent's name, "" when Rasa did not see the message.
        confidence: From 0 to 1.
        entities: Kind and value of each, in the order found.
    """

    intent: str = ""
    confidence: float = 0.0
    entities: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True)
class Seen:
    """One turn, as it came out.

    Attributes:
        text: The whole answer.
        choices: What the answer offers, by number.
        seconds: How long the citizen waited for it.
        events: The tracker's events of the turn; empty when nothing was stored.
        slots: The slots with a value after the turn.
    """

    text: str
    choices: tuple[str, ...] = ()
    seconds: float = 0.0
    events: tuple[Event, ...] = ()
    slots: Mapping[str, Any] = field(default_factory=dict)

    @property
    def understood(self) -> Understood:
        """What the message was taken for."""
        for event in self.events:
            if event["event"] == "user":
                parsed = event.get("parse_data") or {}
                intent = parsed.get("intent") or {}
                return Understood(
                    intent.get("name") or "",
                    round(float(intent.get("confidence") or 0.0), 3),
                    tuple(
                        (str(one.get("entity")), str(one.get("value")))
                        for one in parsed.get("entities") or ()
                    ),
                )
        return Understood()

    @property
    def actions(self) -> tuple[str, ...]:
        """The actions that ran, without the listening at the end."""
        names = (str(event["name"]) for event in self.events if event["event"] == "action")
        return tuple(name for name in names if name != "action_listen")

    @property
    def utterances(self) -> tuple[Event, ...]:
        """What the assistant said, message by message."""
        return tuple(event for event in self.events if event["event"] == "bot")


def choices_in(text: str) -> tuple[str, ...]:
    """The numbered choices at the end of an answer, as a citizen sees them."""
    lines = text.splitlines()
    if CHOOSE not in lines:
        return ()
    last = len(lines) - 1 - lines[::-1].index(CHOOSE)
    found: list[str] = []
    for line in reversed(lines[:last]):
        choice = _CHOICE.match(line)
        if choice is None:
            break
        found.append(choice[2])
        if choice[1] == "1":
            break
    return tuple(reversed(found))


def slots_after(events: Sequence[Event], before: Mapping[str, Any]) -> dict[str, Any]:
    """The slots with a value after these events."""
    slots = dict(before)
    for event in events:
        if event["event"] in {"restart", "reset_slots", "session_started"}:
            slots = {}
        elif event["event"] == "slot":
            slots[str(event["name"])] = event.get("value")
    return {name: value for name, value in slots.items() if value is not None}
