"""The desk for citizens: what they leave, rate, ask after, and have erased.

The HTTP server calls this; it knows neither HTTP nor SQL, and gets the time from its `clock`. What
people wrote is sealed here, on its way into the store, and opened here on its way out.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from booking.privacy import Vault
from booking.tickets import new_code, read_code
from desk import deadlines
from desk.case_store import CaseRecord, CaseStore, Folder, Line
from desk.database import RequestId
from desk.errors import DeskCode, DeskRefused
from desk.masking import mask_personal
from desk.progress import ProgressSource
from desk.records_store import Question, Rating, RecordsStore
from desk.values import (
    COMPLAINT_ON_FILE,
    Case,
    CaseKind,
    CaseStatus,
    Erased,
    Kept,
    Message,
    Progress,
    RatingLevel,
    Who,
)
from service_catalog.catalog import Catalog

MAX_OPEN = 20
"""How many cases of one citizen may be open at once."""
WRONG_CHECKS, CHECK_WINDOW = 5, timedelta(hours=1)
"""How often a citizen may look for an application in vain within what time."""
ON_FILE = frozenset({CaseKind.COMPLAINT, CaseKind.LOW_RATING})
"""What stays on file for a time, even when its citizen asks for erasure."""
_GUESSES = {DeskCode.UNKNOWN_NUMBER, DeskCode.CHECK_WRONG}
_FILE_WORDS = ("投诉", "差评", "信访", "评价")


@dataclass(frozen=True)
class Means:
    """What both sides of the desk work with."""

    catalog: Callable[[], Awaitable[Catalog]]
    cases: CaseStore
    records: RecordsStore
    vault: Vault
    clock: Callable[[], datetime]

    def request(self, what: str, key: str, body: Mapping[str, object]) -> RequestId:
        """An idempotency key and what it is for, as keyed hashes."""
        told = json.dumps([what, body], sort_keys=True)
        return RequestId(self.vault.digest("desk key", key), self.vault.digest("desk body", told))

    def line(self, who: Who, at: datetime, text: str) -> Line:
        """Something that was said, sealed."""
        return Line(who, at, self.vault.seal(text))

    def case(self, folder: Folder) -> Case:
        """What is kept of a case, opened."""
        record, opened = folder.record, self.vault.open
        return Case(
            number=record.number,
            kind=record.kind,
            status=record.status,
            opened_at=record.opened_at,
            answer_by=record.answer_by,
            text=opened(record.text_sealed),
            service=record.service,
            messages=tuple(
                Message(line.who, line.at, opened(line.text_sealed)) for line in folder.lines
            ),
        )


@dataclass(frozen=True)
class Left:
    """What a citizen leaves.

    Attributes:
        kind: What it is.
        text: What the citizen wants to say.
        transcript: The chat so far, oldest first.
        service: Id of the service it is about.
    """

    kind: CaseKind
    text: str = field(repr=False)
    transcript: tuple[Message, ...] = ()
    service: str | None = None


class Office:
    """Takes what citizens leave, and tells them what became of it."""

    def __init__(self, means: Means, progress: ProgressSource) -> None:
        self._means = means
        self._progress = progress

    async def open_case(self, citizen: str, left: Left, key: str) -> Case:
        """Keep something for the staff, and tell by when it is answered.

        Raises:
            DeskRefused: TOO_MANY_OPEN, IDEMPOTENCY_CONFLICT or (deleted meanwhile) CASE_NOT_FOUND.
        """
        means, now = self._means, self._means.clock()
        lines = [means.line(one.who, one.at, one.text) for one in left.transcript]
        draft = CaseRecord(
            number="",
            kind=left.kind,
            status=CaseStatus.OPEN,
            citizen=self._citizen(citizen),
            openid_sealed=means.vault.seal(citizen),
            service=left.service,
            text_sealed=means.vault.seal(left.text),
            opened_at=now,
            answer_by=deadlines.answer_by(await means.catalog(), left.kind, now.date()),
            changed_at=now,
        )
        # Not the transcript: the chat may have gone on when the same wish is sent again.
        told = {"citizen": citizen, **vars(left), "transcript": None}
        request = means.request("open", key, told)
        return means.case(await means.cases.open(draft, lines, request, MAX_OPEN, new_code))

    async def add_message(self, citizen: str, number: str, text: str, key: str) -> Case:
        """Add to the citizen's own case; an answered one is open again, with a new deadline.

        Raises:
            DeskRefused: CASE_NOT_FOUND, CASE_CLOSED or IDEMPOTENCY_CONFLICT.
        """
        means, now = self._means, self._means.clock()
        code, hashed = case_number(number), self._citizen(citizen)
        kind = await means.cases.kind(code)
        day = deadlines.answer_by(await means.catalog(), kind, now.date())
        told = {"citizen": citizen, "number": code, "text": text}
        request = means.request("add", key, told)
        line = means.line(Who.CITIZEN, now, text)
        return means.case(await means.cases.add(hashed, code, line, day, request))

    async def cases(self, citizen: str) -> tuple[Case, ...]:
        """The citizen's newest cases, newest first."""
        folders = await self._means.cases.of_citizen(self._citizen(citizen))
        return tuple(self._means.case(folder) for folder in folders)

    async def close(self, citizen: str, number: str) -> Case:
        """Close the citizen's own case.

        Raises:
            DeskRefused: CASE_NOT_FOUND.
        """
        means = self._means
        hashed = self._citizen(citizen)
        return means.case(
            await means.cases.close(case_number(number), means.clock(), hashed, staff="")
        )

    async def rate(
        self,
        citizen: str,
        level: RatingLevel,
        service: str | None,
        appointment: str | None,
        key: str,
    ) -> None:
        """Keep a rating in place of an earlier one of the same thing on the same day.

        Raises:
            DeskRefused: IDEMPOTENCY_CONFLICT.
        """
        now = self._means.clock()
        about = f"appointment:{appointment}" if appointment else f"service:{service or ''}"
        rating = Rating(self._citizen(citizen), about, service, now.date(), int(level))
        told = {"citizen": citizen, "level": int(level), "about": about, "service": service}
        await self._means.records.rate(rating, self._means.request("rate", key, told), now)

    async def note_question(
        self, text: str, outcome: str, nearest: tuple[str, ...], key: str
    ) -> None:
        """Keep a question without an answer, masked once more.

        Raises:
            DeskRefused: IDEMPOTENCY_CONFLICT.
        """
        means = self._means
        told = {"text": text, "outcome": outcome, "nearest": list(nearest)}
        request = means.request("question", key, told)
        masked = await asyncio.to_thread(mask_personal, text)
        question = Question(means.vault.seal(masked), outcome, nearest, means.clock())
        await means.records.note_question(question, request)

    async def progress(self, citizen: str, number: str, check: str | None) -> Progress:
        """How far an application has come.

        Raises:
            DeskRefused: NO_PROGRESS_DATA, UNKNOWN_NUMBER, CHECK_NEEDED, CHECK_WRONG or
                TOO_MANY_TRIES.
        """
        records, now = self._means.records, self._means.clock()
        since = now - CHECK_WINDOW
        attempt = await records.try_check(self._citizen(citizen), now, since, WRONG_CHECKS)
        if attempt is None:
            raise DeskRefused(DeskCode.TOO_MANY_TRIES)
        failed = False
        try:
            return await self._progress.find(number, check)
        except DeskRefused as refused:
            failed = refused.code in _GUESSES
            raise
        finally:
            if not failed:
                await records.forgive(attempt)

    async def erase(self, citizen: str) -> Erased:
        """Delete what the citizen left but complaints on file, and whose the ratings are."""
        catalog, now = await self._means.catalog(), self._means.clock()
        keep = deadlines.keep(catalog)

        def stays(record: CaseRecord) -> bool:
            on_file = record.closed_at is None or record.closed_at + keep > now
            return record.kind in ON_FILE and on_file

        counts, kept = await self._means.records.erase(self._citizen(citizen), stays)
        reason = _reason(catalog, keep)
        return Erased(
            counts=dict(counts),
            kept=tuple(Kept(one.number, one.kind, COMPLAINT_ON_FILE, reason) for one in kept),
        )

    def _citizen(self, citizen: str) -> str:
        return self._means.vault.digest("desk citizen", citizen)


def case_number(number: str) -> str:
    """A case number as it is kept.

    Raises:
        DeskRefused: CASE_NOT_FOUND, it can't be one.
    """
    code = read_code(number)
    if code is None:
        raise DeskRefused(DeskCode.CASE_NOT_FOUND)
    return code


def _reason(catalog: Catalog, keep: timedelta) -> str:
    """Why complaints stay, in the hall's words, if it has some about them."""
    rules = catalog.hall.desk
    by_law = [
        text
        for text in (rules.kept_by_law if rules else ())
        if any(word in text for word in _FILE_WORDS)
    ]
    return "；".join(by_law) or f"投诉和差评的处理记录保留到办结后{keep.days}天，到期自动删除"
