"""Cases, what is said in them, and the letters that carry replies, as they are kept.

The store sees no clear text: citizens are keyed hashes, words and ids ciphertext. Every method is
one transaction. A change begins with the conditional update of the case's own row, which lines up
the changes of one case, so that nothing is added to a case that somebody has just closed.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import Date, and_, case, func, literal, select, update
from sqlalchemy.engine import Row
from sqlalchemy.ext.asyncio import AsyncConnection

from desk.database import Database, RequestId
from desk.errors import DeskCode, DeskRefused
from desk.schema import cases, letters, messages
from desk.values import CaseKind, CaseStatus, Who, case_kind

_CODE_TRIES = 5
_LISTED = 50


@dataclass(frozen=True)
class CaseRecord:
    """A case as it is kept; the fields are those of `desk.schema.cases`."""

    number: str
    kind: CaseKind
    status: CaseStatus
    citizen: str
    openid_sealed: str = field(repr=False)
    service: str | None
    text_sealed: str = field(repr=False)
    opened_at: datetime
    answer_by: date | None
    changed_at: datetime
    closed_at: datetime | None = None


@dataclass(frozen=True)
class Line:
    """Something that was said, sealed."""

    who: Who
    at: datetime
    text_sealed: str = field(repr=False)


@dataclass(frozen=True)
class Folder:
    """A case with everything that was said in it."""

    record: CaseRecord
    lines: tuple[Line, ...] = ()


class CaseStore:
    """Keeps cases in the desk's database."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def open(
        self,
        draft: CaseRecord,
        lines: Sequence[Line],
        request: RequestId,
        limit: int,
        new_code: Callable[[], str],
    ) -> Folder:
        """Keep a new case under a number of the store's choice.

        Raises:
            DeskRefused: IDEMPOTENCY_CONFLICT; TOO_MANY_OPEN, the citizen has `limit` open ones;
                CASE_NOT_FOUND, the request came before and its case is deleted by now.
        """

        async def work(connection: AsyncConnection) -> Folder:
            earlier = await self._database.begin(connection, request, draft.opened_at)
            if earlier is not None:
                return await _folder(connection, cases.c.number == earlier)
            await self._database.line_up(connection, draft.citizen)
            mine = and_(cases.c.citizen == draft.citizen, cases.c.status == CaseStatus.OPEN.value)
            count = select(func.count()).select_from(cases).where(mine)
            if await connection.scalar(count) >= limit:
                raise DeskRefused(DeskCode.TOO_MANY_OPEN)
            record = await self._keep(connection, draft, new_code)
            await _append(connection, record.number, lines)
            await self._database.end(connection, request, record.number)
            return Folder(record, tuple(lines))

        return await self._database.write(work)

    async def add(
        self, citizen: str, number: str, line: Line, answer_by: date | None, request: RequestId
    ) -> Folder:
        """Add what the citizen says; an answered case is open again, to be answered by then.

        Raises:
            DeskRefused: IDEMPOTENCY_CONFLICT, CASE_NOT_FOUND or CASE_CLOSED.
        """
        answered = cases.c.status == CaseStatus.ANSWERED.value
        new_day = literal(answer_by, Date)
        values = {
            "status": CaseStatus.OPEN.value,
            "changed_at": line.at,
            "answer_by": case((answered, new_day), else_=cases.c.answer_by),
        }
        own = and_(cases.c.number == number, cases.c.citizen == citizen)

        async def work(connection: AsyncConnection) -> Folder:
            if await self._database.begin(connection, request, line.at) is None:
                await _change(connection, own, values)
                await _append(connection, number, [line])
                await self._database.end(connection, request, number)
            return await _folder(connection, own)

        return await self._database.write(work)

    async def reply(
        self, number: str, line: Line, letter: str, staff: str, request: RequestId
    ) -> Folder:
        """Add what a staff member answers, and put the letter `letter` with it into the outbox.

        Raises:
            DeskRefused: IDEMPOTENCY_CONFLICT, CASE_NOT_FOUND or CASE_CLOSED.
        """
        values = {"status": CaseStatus.ANSWERED.value, "changed_at": line.at}
        this = cases.c.number == number

        async def work(connection: AsyncConnection) -> Folder:
            if await self._database.begin(connection, request, line.at) is None:
                await _change(connection, this, values)
                (message,) = await _append(connection, number, [line])
                row = {"id": letter, "message": message, "made_at": line.at}
                await connection.execute(letters.insert().values(row))
                await self._database.note(connection, staff, "reply", number, line.at)
                await self._database.end(connection, request, number)
            return await _folder(connection, this)

        return await self._database.write(work)

    async def close(self, number: str, now: datetime, citizen: str | None, staff: str) -> Folder:
        """Close a case of this citizen (None: any) and give it; a closed one stays as it is.

        Args:
            number: The case.
            now: When it is closed.
            citizen: Whose it must be.
            staff: Who closes it, for the audit; "" when the citizen does.

        Raises:
            DeskRefused: CASE_NOT_FOUND.
        """
        this = cases.c.number == number
        if citizen is not None:
            this = and_(this, cases.c.citizen == citizen)
        values = {"status": CaseStatus.CLOSED.value, "changed_at": now, "closed_at": now}
        still_open = cases.c.status != CaseStatus.CLOSED.value

        async def work(connection: AsyncConnection) -> Folder:
            changed = update(cases).where(this, still_open).values(values)
            if (await connection.execute(changed)).rowcount == 1 and staff:
                await self._database.note(connection, staff, "close", number, now)
            return await _folder(connection, this)

        return await self._database.write(work)

    async def kind(self, number: str) -> CaseKind:
        """What sort of case it is.

        Raises:
            DeskRefused: CASE_NOT_FOUND.
        """
        this = select(cases.c.kind).where(cases.c.number == number)
        found = await self._database.read(lambda connection: connection.scalar(this))
        if found is None:
            raise DeskRefused(DeskCode.CASE_NOT_FOUND)
        return case_kind(found)

    async def of_citizen(self, citizen: str) -> tuple[Folder, ...]:
        """The citizen's newest cases, newest first."""

        async def work(connection: AsyncConnection) -> tuple[Folder, ...]:
            newest = (
                select(cases)
                .where(cases.c.citizen == citizen)
                .order_by(cases.c.opened_at.desc(), cases.c.number)
                .limit(_LISTED)
            )
            records = [record_of(row) for row in await connection.execute(newest)]
            numbers = [record.number for record in records]
            said: dict[str, list[Line]] = {number: [] for number in numbers}
            lines = select(messages).where(messages.c.number.in_(numbers)).order_by(messages.c.id)
            for row in await connection.execute(lines):
                said[row.number].append(_line(row))
            return tuple(Folder(record, tuple(said[record.number])) for record in records)

        return await self._database.read(work)

    async def read(self, number: str, staff: str, now: datetime) -> Folder:
        """A case whole, for a staff member, which the audit notes.

        Raises:
            DeskRefused: CASE_NOT_FOUND.
        """

        async def work(connection: AsyncConnection) -> Folder:
            folder = await _folder(connection, cases.c.number == number)
            await self._database.note(connection, staff, "read", number, now)
            return folder

        return await self._database.write(work)

    async def listed(
        self, status: CaseStatus | None, kind: CaseKind | None, limit: int
    ) -> tuple[CaseRecord, ...]:
        """Cases of this status and kind: those with the earliest day for the answer first."""
        wanted = select(cases)
        if status is not None:
            wanted = wanted.where(cases.c.status == status.value)
        if kind is not None:
            wanted = wanted.where(cases.c.kind == kind.value)
        without_day = case((cases.c.answer_by.is_(None), 1), else_=0)
        urgent = wanted.order_by(
            without_day, cases.c.answer_by, cases.c.opened_at, cases.c.number
        ).limit(limit)

        async def work(connection: AsyncConnection) -> tuple[CaseRecord, ...]:
            return tuple(record_of(row) for row in await connection.execute(urgent))

        return await self._database.read(work)

    async def counts(self, today: date) -> tuple[tuple[CaseKind, CaseStatus, int, int], ...]:
        """How many cases of each kind and status there are, and how many wait too long."""
        late = and_(cases.c.status == CaseStatus.OPEN.value, cases.c.answer_by < today)
        overdue = func.sum(case((late, 1), else_=0)).label("overdue")
        counted = select(cases.c.kind, cases.c.status, func.count().label("total"), overdue)
        grouped = counted.group_by(cases.c.kind, cases.c.status).order_by(
            cases.c.kind, cases.c.status
        )

        async def work(
            connection: AsyncConnection,
        ) -> tuple[tuple[CaseKind, CaseStatus, int, int], ...]:
            return tuple(
                (case_kind(row.kind), CaseStatus(row.status), int(row.total), int(row.overdue))
                for row in await connection.execute(grouped)
            )

        return await self._database.read(work)

    async def clean_up(self, now: datetime, rest: timedelta, keep: timedelta) -> tuple[int, int]:
        """Close what was answered `rest` ago, delete what was closed `keep` ago; gives how many."""
        answered = and_(
            cases.c.status == CaseStatus.ANSWERED.value, cases.c.changed_at < now - rest
        )
        ended = {"status": CaseStatus.CLOSED.value, "changed_at": now, "closed_at": now}
        old = and_(cases.c.status == CaseStatus.CLOSED.value, cases.c.closed_at < now - keep)

        async def work(connection: AsyncConnection) -> tuple[int, int]:
            closed = await connection.execute(update(cases).where(answered).values(ended))
            deleted = await connection.execute(cases.delete().where(old))
            return closed.rowcount, deleted.rowcount

        return await self._database.write(work)

    async def _keep(
        self, connection: AsyncConnection, draft: CaseRecord, new_code: Callable[[], str]
    ) -> CaseRecord:
        for _ in range(_CODE_TRIES):
            record = replace(draft, number=new_code())
            row = {**vars(record), "kind": record.kind.value, "status": record.status.value}
            unless_taken = self._database.insert(cases).values(row)
            unless_taken = unless_taken.on_conflict_do_nothing(index_elements=["number"])
            if (await connection.execute(unless_taken)).rowcount == 1:
                return record
        raise RuntimeError("no free case number found")


async def _change(connection: AsyncConnection, which: Any, values: dict[str, Any]) -> None:  # noqa: ANN401
    """Change a case that is not closed.

    Raises:
        DeskRefused: CASE_CLOSED or CASE_NOT_FOUND.
    """
    not_closed = cases.c.status != CaseStatus.CLOSED.value
    changed = update(cases).where(which, not_closed).values(values)
    if (await connection.execute(changed)).rowcount != 1:
        known = await connection.scalar(select(func.count()).select_from(cases).where(which))
        raise DeskRefused(DeskCode.CASE_CLOSED if known else DeskCode.CASE_NOT_FOUND)


async def _append(connection: AsyncConnection, number: str, lines: Sequence[Line]) -> list[int]:
    """Add lines in their order; gives their ids."""
    ids = []
    for line in lines:
        row = {**vars(line), "who": line.who.value, "number": number}
        result = await connection.execute(messages.insert().values(row))
        ids.append(int(result.inserted_primary_key[0]))
    return ids


async def _folder(connection: AsyncConnection, which: Any) -> Folder:  # noqa: ANN401
    row = (await connection.execute(select(cases).where(which))).first()
    if row is None:
        raise DeskRefused(DeskCode.CASE_NOT_FOUND)
    said = select(messages).where(messages.c.number == row.number).order_by(messages.c.id)
    lines = tuple(_line(line) for line in await connection.execute(said))
    return Folder(record_of(row), lines)


def record_of(row: Row) -> CaseRecord:
    """A row of `cases` as a record."""
    values = {column.name: getattr(row, column.name) for column in cases.c}
    return CaseRecord(**{**values, "kind": case_kind(row.kind), "status": CaseStatus(row.status)})


def _line(row: Row) -> Line:
    return Line(Who(row.who), row.at, row.text_sealed)
