"""The desk for staff: what waits, what it says, and answers to it.

What is read whole or changed is noted with the staff member's name. Lists show no more of a text
than its first characters, masked.
"""

from __future__ import annotations

import asyncio
import uuid
from collections.abc import Callable, Sequence
from datetime import date

from desk import questions
from desk.case_store import CaseRecord, Folder
from desk.errors import DeskCode, DeskRefused
from desk.letter_store import LetterStore
from desk.masking import mask_personal
from desk.office import Means, case_number
from desk.questions import Asked, Group
from desk.records_store import Question
from desk.staff_values import CaseFigure, CaseLine, Figures, RatingFigure, StaffCase
from desk.values import CaseKind, CaseStatus, QuestionGroup, RatingLevel, Who
from service_catalog.catalog import Catalog

PREVIEW = 30
"""How many characters of a text a list shows, after masking."""
MAX_QUESTIONS = 20_000
"""How many of the newest questions are grouped at once."""


class StaffOffice:
    """Shows staff what citizens left, and takes what staff do about it."""

    def __init__(self, means: Means, letters: LetterStore, wake: Callable[[], None]) -> None:
        """Work with the same means as the citizens' side.

        Args:
            means: What both sides work with.
            letters: The outbox.
            wake: Called when a letter was put into the outbox.
        """
        self._means = means
        self._letters = letters
        self._wake = wake

    async def cases(
        self, status: CaseStatus | None, kind: CaseKind | None, limit: int
    ) -> tuple[CaseLine, ...]:
        """Cases of this status and kind, the most urgent first."""
        records = await self._means.cases.listed(status, kind, limit)
        return await asyncio.to_thread(self._lines, records, self._means.clock().date())

    async def read(self, number: str, staff: str) -> StaffCase:
        """One case whole, in clear; the audit notes it.

        Raises:
            DeskRefused: CASE_NOT_FOUND.
        """
        means = self._means
        return await self._shown(await means.cases.read(case_number(number), staff, means.clock()))

    async def reply(self, number: str, text: str, staff: str, key: str) -> StaffCase:
        """Answer a case, and send the answer to the citizen's chat.

        Raises:
            DeskRefused: CASE_NOT_FOUND, CASE_CLOSED or IDEMPOTENCY_CONFLICT.
        """
        means, code = self._means, case_number(number)
        told = {"number": code, "text": text, "staff": staff}
        request = means.request("reply", key, told)
        line = means.line(Who.STAFF, means.clock(), text)
        folder = await means.cases.reply(code, line, uuid.uuid4().hex, staff, request)
        self._wake()
        return await self._shown(folder)

    async def close(self, number: str, staff: str) -> StaffCase:
        """Close a case.

        Raises:
            DeskRefused: CASE_NOT_FOUND.
        """
        means = self._means
        folder = await means.cases.close(case_number(number), means.clock(), None, staff)
        return await self._shown(folder)

    async def questions(self, since: date | None, outcome: str | None) -> tuple[QuestionGroup, ...]:
        """Groups of questions that wait for an answer in the catalogue."""
        return questions.choose(await self._groups(), since, outcome)

    async def question_done(self, question: int, staff: str) -> int:
        """Mark the group with this question as done; gives how many questions that were.

        Raises:
            DeskRefused: UNKNOWN_QUESTION.
        """
        for group in await self._groups():
            if question in group.ids:
                now = self._means.clock()
                return await self._means.records.questions_done(group.ids, staff, now)
        raise DeskRefused(DeskCode.UNKNOWN_QUESTION)

    async def figures(self) -> Figures:
        """How many cases there are, and how citizens rated."""
        counts = await self._means.cases.counts(self._means.clock().date())
        rated: dict[str | None, dict[RatingLevel, int]] = {}
        for service, level, count in await self._means.records.rating_counts():
            rated.setdefault(service, {})[RatingLevel(level)] = count
        return Figures(
            cases=tuple(CaseFigure(*one) for one in counts),
            ratings=tuple(RatingFigure(service, levels) for service, levels in rated.items()),
        )

    async def _shown(self, folder: Folder) -> StaffCase:
        letters = await self._letters.of_case(folder.record.number)
        return StaffCase(self._means.case(folder), letters)

    async def _groups(self) -> tuple[Group, ...]:
        catalog = await self._means.catalog()
        return await asyncio.to_thread(
            self._group, catalog, await self._means.records.waiting_questions(MAX_QUESTIONS)
        )

    def _group(self, catalog: Catalog, kept: Sequence[Question]) -> tuple[Group, ...]:
        opened = self._means.vault.open
        asked = [
            Asked(one.id, opened(one.text_sealed), one.outcome, one.nearest, one.at) for one in kept
        ]
        return questions.group(asked, catalog.index.content)

    def _lines(self, records: Sequence[CaseRecord], today: date) -> tuple[CaseLine, ...]:
        return tuple(
            CaseLine(
                number=record.number,
                kind=record.kind,
                status=record.status,
                opened_at=record.opened_at,
                answer_by=record.answer_by,
                overdue=_overdue(record, today),
                service=record.service,
                preview=_preview(self._means.vault.open(record.text_sealed)),
            )
            for record in records
        )


def _overdue(record: CaseRecord, today: date) -> bool:
    late = record.answer_by is not None and record.answer_by < today
    return late and record.status is CaseStatus.OPEN


def _preview(text: str) -> str:
    """Masked before it is cut, so that no half of a number is taken for none."""
    line = " ".join(mask_personal(text).split())
    return line if len(line) <= PREVIEW else line[: PREVIEW - 1] + "…"
