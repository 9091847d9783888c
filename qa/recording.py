"""A stored conversation as a case to be reviewed.

What the citizen did becomes steps; what the assistant did, a draft of assertions about items,
choices and actions, and the answers as comments. Nothing is taken over before it went through
`Replace`: whose words they were is not to be read in a case.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Any, Protocol

from prcoords import wgs_gcj

from qa.seen import Event
from service_catalog.catalog import Catalog
from service_catalog.clock import CHINA
from service_catalog.errors import UnknownId

_COMMENT_LINES = 4
_NAME_LENGTH = 20
_NOT_TOLD = {"action_listen", "action_session_start"}
_NOT_YAML = re.compile(
    "[^\t\n\r\x20-\x7e\xa0-\ud7ff\ue000-\ufefe\uff00-\ufffd\U00010000-\U0010ffff]"
)
_COMMAND = re.compile(r"/(located|scanned|follow)(\{.*\})?", re.DOTALL)


class Replace(Protocol):
    """Takes what is personal out of a text."""

    def __call__(self, text: str) -> str:
        """The text with made-up data in place of the personal."""

    def masked(self, text: str) -> str:
        """The text with nothing in it that even looks personal."""


def recorded(events: Sequence[Event], catalog: Catalog, replace: Replace, number: int) -> str:
    """A conversation as the entries under `test_cases`, one for each of its sessions.

    Args:
        events: All of its events.
        catalog: The catalogue, for the names of items.
        replace: Takes personal data out.
        number: Distinguishes the conversations of one file.
    """
    lines: list[str] = []
    for row, session in enumerate(_sessions(events), start=1):
        lines += _Recording(catalog, replace).case(session, f"{number}-{row}")
    return "".join(f"{line}\n" for line in lines)


def file_of(entries: Sequence[str]) -> str:
    """The whole file."""
    head = (
        "# 自动录制的草稿：每一条检查、每一处人名号码都要人看过再用。\n"
        "metadata:\n  - topic: {topic: 录制}\ntest_cases:\n"
    )
    return head + "".join(entries)


def _sessions(events: Sequence[Event]) -> Iterator[list[Event]]:
    """The parts of a conversation that Rasa kept apart, without those in which nobody spoke."""
    session: list[Event] = []
    for event in [*events, {"event": "session_started"}]:
        if event["event"] == "session_started":
            if any(one["event"] == "user" for one in session):
                yield session
            session = []
        session.append(event)


class _Recording:
    """One session under way."""

    def __init__(self, catalog: Catalog, replace: Replace) -> None:
        self._catalog = catalog
        self._replace = replace
        self._offered: list[str] = []

    def case(self, session: Sequence[Event], number: str) -> Iterator[str]:
        """The lines of the case."""
        turns = list(_turns(session))
        said = " ".join(self._replace.masked(str(turns[0][0].get("text") or "")).split())
        moment = datetime.fromtimestamp(float(turns[0][0]["timestamp"]), CHINA)
        yield f"  - test_case: {_quoted(f'录制{number} {said[:_NAME_LENGTH]}')}"
        yield "    metadata: [topic]"
        yield f'    banshi_at: "{moment:%Y-%m-%d %H:%M}"'
        yield "    steps:"
        for user, after in turns:
            yield f"      - {self._step(str(user.get('text') or ''))}"
            drafts = list(self._assertions(after))
            if drafts:
                yield "        assertions:"
                yield from (f"          - {draft}" for draft in drafts)
            yield from self._comments(after)

    def _step(self, text: str) -> str:
        command = _COMMAND.fullmatch(text)
        if command:
            return f"banshi_send: {self._sent(command[1], json.loads(command[2] or '{}'))}"
        picked = self._offered[int(text) - 1 :][:1] if text.isascii() and text.isdigit() else []
        if picked and int(text) > 0:
            return f"banshi_choose: {_quoted(picked[0])}"
        return f"user: {_quoted(self._replace(text))}"

    def _sent(self, kind: str, values: dict[str, Any]) -> str:
        if kind == "scanned":
            return f"{{scan: {_quoted(str(values.get('scene', '')))}}}"
        if kind == "follow":
            return "{follow: true}"
        hall = self._catalog.place(self._catalog.hall.place).position  # not where the citizen was
        where = wgs_gcj((hall.latitude, hall.longitude) if hall else (30.0, 120.0))
        return f"{{location: {{latitude: {where.lat:.6f}, longitude: {where.lon:.6f}}}}}"

    def _assertions(self, after: Sequence[Event]) -> Iterator[str]:
        """What held of the answer, as far as it says nothing of persons."""
        answer = _answer(after)
        item = self._item(after, answer)
        if item:
            yield f"banshi_about: {item}"
        for event in after:
            if event["event"] == "action" and event["name"] not in _NOT_TOLD:
                yield f"action_executed: {event['name']}"
        buttons = [
            str(one.get("title"))
            for event in after
            if event["event"] == "bot"
            for one in (event.get("data") or {}).get("buttons") or ()
        ]
        self._offered = [self._replace(title) for title in buttons]
        if buttons and all(self._replace.masked(title) == title for title in buttons):
            titles = ", ".join(f"{{title: {_quoted(title)}}}" for title in buttons)
            yield f"bot_uttered: {{buttons: [{titles}]}}"

    def _item(self, after: Sequence[Event], answer: str) -> str:
        """The item that alone heads the answer."""
        catalog = self._catalog
        named = [one.id for one in catalog.services.values() if f"【{one.name}】" in answer]
        named += [one.id for one in catalog.bundles.values() if f"【{one.name}】" in answer]
        slots = [e.get("value") for e in after if e["event"] == "slot" and e["name"] == "service"]
        for item in [*named, *slots] if len(named) == 1 else []:
            try:
                return str(catalog.item(str(item)).id)
            except UnknownId:
                continue
        return ""

    def _comments(self, after: Sequence[Event]) -> Iterator[str]:
        lines = [line for line in self._replace.masked(_answer(after)).splitlines() if line.strip()]
        for line in lines[:_COMMENT_LINES]:
            yield f"        # {_NOT_YAML.sub('', line)}"
        if len(lines) > _COMMENT_LINES:
            yield "        # …"


def _turns(session: Sequence[Event]) -> Iterator[tuple[Event, list[Event]]]:
    """Each message of the citizen, with what came of it."""
    user: Event | None = None
    after: list[Event] = []
    for event in session:
        if event["event"] == "user":
            if user is not None:
                yield user, after
            user, after = event, []
        after.append(event)
    if user is not None:
        yield user, after


def _answer(events: Sequence[Event]) -> str:
    return "\n\n".join(str(one.get("text") or "") for one in events if one["event"] == "bot")


def _quoted(text: str) -> str:
    """A text as YAML reads it back, whatever is in it."""
    quoted = json.dumps(text, ensure_ascii=False)
    return _NOT_YAML.sub(lambda found: f"\\u{ord(found[0]):04x}", quoted)
