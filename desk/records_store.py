"""Ratings, questions, failed checks, and the erasure of all that a citizen left, as it is kept."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime

from sqlalchemy import and_, func, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from desk.case_store import CaseRecord, record_of
from desk.database import Database, RequestId
from desk.schema import cases, letters, messages, questions, ratings, wrong_checks

_BATCH = 500
"""How many ids stand in one statement; SQLite takes some thousands."""


@dataclass(frozen=True)
class Rating:
    """A rating as it is kept: `about` says what was rated, in one key."""

    citizen: str
    about: str
    service: str | None
    day: date
    level: int


@dataclass(frozen=True)
class Question:
    """A question without an answer, masked and sealed."""

    text_sealed: str = field(repr=False)
    outcome: str
    nearest: tuple[str, ...]
    at: datetime
    id: int = 0


class RecordsStore:
    """Keeps in the desk's database what is no case."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def rate(self, rating: Rating, request: RequestId, now: datetime) -> None:
        """Keep a rating in place of the citizen's other of the same thing on the same day.

        Raises:
            DeskRefused: IDEMPOTENCY_CONFLICT.
        """
        fresh = self._database.insert(ratings).values(vars(rating))
        later = fresh.on_conflict_do_update(
            index_elements=["citizen", "about", "day"],
            set_={"level": rating.level, "service": rating.service},
        )

        async def work(connection: AsyncConnection) -> None:
            if await self._database.begin(connection, request, now) is None:
                await connection.execute(later)

        await self._database.write(work)

    async def rating_counts(self) -> tuple[tuple[str | None, int, int], ...]:
        """How often each service was rated on each level."""
        counted = select(ratings.c.service, ratings.c.level, func.count().label("total"))
        grouped = counted.group_by(ratings.c.service, ratings.c.level).order_by(
            ratings.c.service, ratings.c.level.desc()
        )

        async def work(connection: AsyncConnection) -> tuple[tuple[str | None, int, int], ...]:
            rows = await connection.execute(grouped)
            return tuple((row.service, int(row.level), int(row.total)) for row in rows)

        return await self._database.read(work)

    async def note_question(self, question: Question, request: RequestId) -> None:
        """Keep a question.

        Raises:
            DeskRefused: IDEMPOTENCY_CONFLICT.
        """
        row = {
            "text_sealed": question.text_sealed,
            "outcome": question.outcome,
            "nearest": " ".join(question.nearest),
            "at": question.at,
        }

        async def work(connection: AsyncConnection) -> None:
            if await self._database.begin(connection, request, question.at) is None:
                await connection.execute(questions.insert().values(row))

        await self._database.write(work)

    async def waiting_questions(self, limit: int) -> tuple[Question, ...]:
        """The newest questions that nobody has marked as done, oldest of them first."""
        newest = (
            select(questions)
            .where(questions.c.done_at.is_(None))
            .order_by(questions.c.id.desc())
            .limit(limit)
        )

        async def work(connection: AsyncConnection) -> tuple[Question, ...]:
            found = [
                Question(row.text_sealed, row.outcome, tuple(row.nearest.split()), row.at, row.id)
                for row in await connection.execute(newest)
            ]
            return tuple(reversed(found))

        return await self._database.read(work)

    async def questions_done(self, ids: Sequence[int], staff: str, now: datetime) -> int:
        """Mark these questions as done; gives how many were not yet."""

        async def work(connection: AsyncConnection) -> int:
            count = 0
            for start in range(0, len(ids), _BATCH):
                these = questions.c.id.in_(ids[start : start + _BATCH])
                done = update(questions).where(these, questions.c.done_at.is_(None))
                count += (await connection.execute(done.values(done_at=now))).rowcount
            await self._database.note(connection, staff, "question_done", str(ids[0]), now)
            return count

        return await self._database.write(work)

    async def try_check(
        self, citizen: str, now: datetime, since: datetime, limit: int
    ) -> int | None:
        """Count an attempt as failed before it is made; None when `limit` failed since `since`.

        Counting first leaves no gap in which many attempts at once could pass. `forgive` takes back
        the one that did not fail.
        """
        recent = and_(wrong_checks.c.citizen == citizen, wrong_checks.c.at > since)

        async def work(connection: AsyncConnection) -> int | None:
            await self._database.line_up(connection, citizen)
            await connection.execute(wrong_checks.delete().where(wrong_checks.c.at <= since))
            count = select(func.count()).select_from(wrong_checks).where(recent)
            if await connection.scalar(count) >= limit:
                return None
            attempt = wrong_checks.insert().values(citizen=citizen, at=now)
            return int((await connection.execute(attempt)).inserted_primary_key[0])

        return await self._database.write(work)

    async def forgive(self, attempt: int) -> None:
        """Take back an attempt that did not fail."""
        this = wrong_checks.delete().where(wrong_checks.c.id == attempt)
        await self._database.write(lambda connection: connection.execute(this))

    async def clean_up(self, before: datetime) -> None:
        """Delete questions asked before `before`, and forget whose ratings of then are."""
        old_ratings = and_(ratings.c.citizen.is_not(None), ratings.c.day < before.date())

        async def work(connection: AsyncConnection) -> None:
            await connection.execute(questions.delete().where(questions.c.at < before))
            await connection.execute(update(ratings).where(old_ratings).values(_ANONYMOUS))

        await self._database.write(work)

    async def erase(
        self, citizen: str, stays: Callable[[CaseRecord], bool]
    ) -> tuple[Counter[str], tuple[CaseRecord, ...]]:
        """Delete the citizen's cases but those that stay, all letters, and whose the ratings are.

        Returns:
            How many of what, and the cases that stay.
        """
        mine = select(cases).where(cases.c.citizen == citizen).order_by(cases.c.opened_at)
        checks = wrong_checks.delete().where(wrong_checks.c.citizen == citizen)
        rated = update(ratings).where(ratings.c.citizen == citizen).values(_ANONYMOUS)

        async def work(
            connection: AsyncConnection,
        ) -> tuple[Counter[str], tuple[CaseRecord, ...]]:
            records = [record_of(row) for row in await connection.execute(mine)]
            kept = tuple(record for record in records if stays(record))
            gone = [record for record in records if record not in kept]
            counts = Counter(record.kind.value for record in gone)
            numbers = [record.number for record in records]
            counts["letters"] = await _delete_letters(connection, numbers)
            await _delete_cases(connection, [record.number for record in gone])
            counts["ratings"] = (await connection.execute(rated)).rowcount
            await connection.execute(checks)
            return +counts, kept

        return await self._database.write(work)


_ANONYMOUS = {"citizen": None, "about": ""}


async def _delete_letters(connection: AsyncConnection, numbers: Sequence[str]) -> int:
    count = 0
    for some in _batches(numbers):
        theirs = select(messages.c.id).where(messages.c.number.in_(some))
        deleted = letters.delete().where(letters.c.message.in_(theirs))
        count += (await connection.execute(deleted)).rowcount
    return count


async def _delete_cases(connection: AsyncConnection, numbers: Sequence[str]) -> None:
    for some in _batches(numbers):
        await connection.execute(cases.delete().where(cases.c.number.in_(some)))


def _batches(numbers: Sequence[str]) -> list[Collection[str]]:
    return [numbers[start : start + _BATCH] for start in range(0, len(numbers), _BATCH)]
