"""Letters: what staff or the appointment office write to a citizen, posted here by the backend.

POST /webhooks/wechat/letters brings one. It is sent as a customer-service message at once if that
can be, else it waits for the citizen's next message and stands before the answer. The backend posts
a letter again and again until it hears that it was delivered, so one that nobody has seen anything
of is not lost at a restart. A reminder tells until when there is a point in it; after that it is
dropped unseen. Knows no Rasa, and of WeChat only what an openid looks like.
"""

from __future__ import annotations

import asyncio
import json
import re
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime

import structlog
from sanic import Blueprint
from sanic.request import Request
from sanic.response import HTTPResponse
from sanic.response import json as json_response

from bot.channels.inbox import ShortMemory
from bot.channels.journal import Journal, JournalDown
from bot.channels.requests import body, has_key, masked
from bot.channels.tasks import Tasks
from service_catalog.clock import now
from wechat.errors import Refused
from wechat.messages import clean

log = structlog.get_logger(__name__)

LONGEST_TEXT = 4_000
"""Characters of a letter."""
WAITING_LETTERS = 20
"""So many letters wait for one citizen; those beyond come when the backend posts them again."""
WEEK = 7 * 86_400.0

_ID = re.compile(r"[A-Za-z0-9._:-]{1,64}")
_OPENID = re.compile(r"[A-Za-z0-9_-]{1,64}")
_FIELDS = ("id", "openid", "text")
_OPTIONAL = {"until", "notice"}
_NAME = re.compile(r"[a-z_]{1,32}")
LONGEST_VALUE = 200
"""Characters of one value of a notice."""


@dataclass(frozen=True)
class Letter:
    """One letter; the same id is the same letter.

    Attributes:
        id: Of the backend's.
        openid: The citizen.
        text: What it says.
        until: After that it is no news any more.
        notice: The same for a template, by name: `kind` and values; empty when there is none.
    """

    id: str
    openid: str
    text: str
    until: datetime | None = None
    notice: Mapping[str, str] = field(default_factory=dict)

    @classmethod
    def read(cls, raw: bytes) -> Letter:
        """Reads a posted letter.

        Raises:
            ValueError: It isn't one; the message says why and quotes nothing of it.
        """
        try:
            found = json.loads(raw)
        except (ValueError, RecursionError):
            raise ValueError("the body is not JSON") from None
        if not isinstance(found, dict) or {*found} - _OPTIONAL != {*_FIELDS}:
            raise ValueError(
                "the body must be an object with id, openid and text, maybe until and notice, "
                "nothing else"
            )
        for name in _FIELDS:
            if not isinstance(found[name], str):
                raise ValueError(f"{name} must be a string")
        if not _ID.fullmatch(found["id"]):
            raise ValueError("id must be 1 to 64 letters, digits or any of . _ : -")
        if not _OPENID.fullmatch(found["openid"]):
            raise ValueError("openid is none")
        text = clean(found["text"]).strip()
        if not text or len(text) > LONGEST_TEXT:
            raise ValueError(f"text must have 1 to {LONGEST_TEXT} characters")
        until, notice = _moment(found.get("until")), _notice(found.get("notice"))
        return cls(found["id"], found["openid"], text, until, notice)

    @property
    def late(self) -> bool:
        """Whether there is no point in it any more."""
        return self.until is not None and self.until <= now()


@dataclass
class Handout:
    """The letters that go out together with an answer.

    Attributes:
        texts: What they say, the oldest first.
        given: Set it once they are on their way; those that aren't go on waiting.
    """

    texts: tuple[str, ...]
    given: bool = False


class Mailbox:
    """The letters that wait, and the ids of those that were delivered."""

    def __init__(
        self,
        send: Callable[[Letter], Awaitable[bool]] | None = None,
        journal: Journal | None = None,
        *,
        citizens: int = 1_000,
        delivered: int = 20_000,
        seconds: float = WEEK,
    ) -> None:
        """Begin empty.

        Args:
            send: Sends a letter at once and tells whether it went through; None when
                there is no way to do that.
            journal: Remembers over a restart which letters were delivered; None forgets them then.
            citizens: For so many citizens letters wait.
            delivered: So many ids are remembered.
            seconds: So long letters wait and ids are remembered.
        """
        self._send = send
        self._journal = journal
        self._waiting: ShortMemory[dict[str, Letter]] = ShortMemory(size=citizens, seconds=seconds)
        self._delivered: ShortMemory[bool] = ShortMemory(size=delivered, seconds=seconds)
        self._on_their_way: set[str] = set()
        self._sending = Tasks()
        self._closed = False

    async def deliver(self, letter: Letter) -> bool:
        """Sends a letter, or lets it wait; tells whether it was delivered, now or before.

        What was begun is ended even if the caller is cancelled: WeChat may have the letter by then.

        Raises:
            JournalDown: Whether it was delivered can't be told now: post it again.
        """
        if self._closed:
            raise JournalDown("closed")
        if self._delivered.get(letter.id) or await self._seen_before(letter.id):
            return True
        if letter.id in self._on_their_way or letter.late:
            return False
        self._wait(letter)
        if self._send is None:
            return False
        self._on_their_way.add(letter.id)  # at once: the task begins later
        return await asyncio.shield(self._sending.begin(self._deliver(letter, self._send)))

    async def close(self, *, grace: float) -> None:
        """Take no more; what is being sent has so many seconds, then it is cancelled."""
        self._closed = True
        await self._sending.close(grace=grace)

    async def _deliver(self, letter: Letter, send: Callable[[Letter], Awaitable[bool]]) -> bool:
        async with self._under_way([letter]) as handout:
            handout.given = await send(letter)
        return handout.given

    @asynccontextmanager
    async def hand_out(self, openid: str) -> AsyncIterator[Handout]:
        """Gives out all letters that wait for a citizen; until it ends nobody else gets them."""
        waiting = self._waiting.get(openid) or {}
        waiting = {name: letter for name, letter in waiting.items() if not letter.late}
        free = [letter for letter in waiting.values() if letter.id not in self._on_their_way]
        async with self._under_way(free) as handout:
            yield handout

    @asynccontextmanager
    async def _under_way(self, letters: list[Letter]) -> AsyncIterator[Handout]:
        ids = {letter.id for letter in letters}
        handout = Handout(tuple(letter.text for letter in letters))
        self._on_their_way |= ids
        try:
            yield handout
        finally:
            self._on_their_way -= ids
            if handout.given:
                for letter in letters:
                    self._done(letter)
                await self._remember(ids)

    async def _seen_before(self, letter: str) -> bool:
        return self._journal is not None and await self._journal.has_seen(letter)

    async def _remember(self, letters: set[str]) -> None:
        """Note what was seen; a fault of the file costs no more than that it may be read twice."""
        if self._journal is None or not letters:
            return
        try:
            await self._journal.note_seen(letters)
        except JournalDown as error:
            log.error("letters.not_noted", error=str(error))

    def _wait(self, letter: Letter) -> None:
        waiting = self._waiting.get(letter.openid) or {}
        if letter.id in waiting or len(waiting) < WAITING_LETTERS:
            waiting.setdefault(letter.id, letter)
            self._waiting.put(letter.openid, waiting)

    def _done(self, letter: Letter) -> None:
        self._delivered.put(letter.id, True)
        waiting = self._waiting.get(letter.openid)
        if waiting is not None:
            waiting.pop(letter.id, None)
            if not waiting:
                self._waiting.pop(letter.openid)


def _moment(value: object) -> datetime | None:
    if value is None:
        return None
    try:
        moment = datetime.fromisoformat(value) if isinstance(value, str) else None
    except ValueError:
        moment = None
    if moment is None or moment.tzinfo is None:
        raise ValueError("until must be a moment like 2026-11-24T09:00:00+08:00")
    return moment


def _notice(value: object) -> Mapping[str, str]:
    if value is None:
        return {}
    if not isinstance(value, dict) or not all(
        isinstance(name, str)
        and _NAME.fullmatch(name)
        and isinstance(one, str)
        and len(one) <= LONGEST_VALUE
        for name, one in value.items()
    ):
        raise ValueError(f"notice must hold texts of at most {LONGEST_VALUE} characters by name")
    return {name: clean(one) for name, one in value.items()}


def add_route(blueprint: Blueprint, mailbox: Mailbox, key: str | None) -> None:
    """Opens the door for letters; without a key it is there, but shut for everybody."""

    @blueprint.post("/letters", stream=True)
    async def letters(request: Request) -> HTTPResponse:
        if not key:
            return _refuse(503, "no letters are taken: BANSHI_BOOKING_KEY is not set")
        if not has_key(request, key):
            return _refuse(401, "the key is missing or wrong")
        try:
            letter = Letter.read(await body(request))
        except Refused as refusal:
            return _refuse(refusal.status, f"the body can't be read: {refusal.reason}")
        except ValueError as error:
            return _refuse(400, str(error))
        try:
            delivered = await mailbox.deliver(letter)
        except JournalDown as error:  # it may have been seen: post it again
            return _refuse(503, f"the channel's memory can't be used ({error})")
        log.info("letters.posted", openid=masked(letter.openid), delivered=delivered)
        return json_response({"delivered": delivered})


def _refuse(status: int, reason: str) -> HTTPResponse:
    log.warning("letters.refused", reason=reason, status=status)
    headers = {"WWW-Authenticate": "Bearer"} if status == 401 else None
    return json_response({"error": reason}, status=status, headers=headers)
