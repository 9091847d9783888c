"""The store on SQLAlchemy Core: SQLite today, the same statements on PostgreSQL.

How it stays correct with many clients at once:

* A place is taken by one conditional update (`booked < capacity`), never by looking first. The
  CHECK on the table stands behind it. The update writes the catalogue's capacity of the moment, so
  a capacity lowered below what is booked refuses new bookings and leaves the old counter alone.
* A booking's first statement updates the citizen's own row. On PostgreSQL that lines up the
  bookings of one citizen (row lock until commit), so what is counted for the day and week limits
  can't change before the insert; on SQLite BEGIN IMMEDIATE lines up all writers anyway.
* In this process writers on SQLite also wait for each other in an asyncio lock: fair, and nobody
  runs into the busy time-out.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Coroutine
from contextlib import AsyncExitStack
from dataclasses import replace
from datetime import datetime, time, timedelta
from typing import Any, TypeVar

from sqlalchemy import and_, func, select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.engine import Row
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncConnection

from booking import schema
from booking.engine import WRITES, create_engine
from booking.errors import RefusalCode, Refused, WrongDatabase
from booking.schema import appointments, citizens, meta, requests, slots
from booking.slots import Taken
from booking.store import Limits, Record, RequestId
from booking.values import Status

KEEP_REQUESTS = timedelta(days=7)
_CODE_TRIES = 5
_RECORD = [column for column in appointments.c if column.name not in {"created_at", "cancelled_at"}]

Result = TypeVar("Result")
Work = Callable[[AsyncConnection], Awaitable[Result]]


class SqlStore:
    """Implements `booking.store.Store` on a database that SQLAlchemy reaches."""

    def __init__(self, url: str) -> None:
        self._engine = create_engine(url)
        self._insert = {"sqlite": sqlite.insert, "postgresql": postgresql.insert}[
            self._engine.dialect.name
        ]
        self._turn = asyncio.Lock() if self._engine.dialect.name == "sqlite" else None
        self._running: set[asyncio.Task[Any]] = set()

    async def open(self, key_check: str, now: datetime) -> None:
        """See `Store`."""

        async def work(connection: AsyncConnection) -> None:
            await connection.run_sync(schema.metadata.create_all)
            await self._check_meta(connection, "version", schema.VERSION)
            await self._check_meta(connection, "data_key", key_check)
            old = requests.c.created_at < now - KEEP_REQUESTS
            await connection.execute(requests.delete().where(old))

        try:
            await self._write(work)
        except DBAPIError as error:
            raise WrongDatabase(f"the database can't be used: {error.orig}") from error

    async def close(self) -> None:
        """See `Store`."""
        if self._running:
            await asyncio.wait(self._running)
        await self._engine.dispose()

    async def taken(self, service: str, since: datetime, until: datetime) -> Taken:
        """See `Store`."""
        statement = select(slots.c.place, slots.c.starts_at, slots.c.booked).where(
            slots.c.service == service,
            slots.c.starts_at >= since,
            slots.c.starts_at < until,
        )

        async def work(connection: AsyncConnection) -> Taken:
            rows = await connection.execute(statement)
            return {(row.place, row.starts_at): row.booked for row in rows}

        return await self._read(work)

    async def answered(self, request: RequestId) -> Record | None:
        """See `Store`."""
        return await self._read(lambda connection: _answered(connection, request))

    async def book(
        self,
        draft: Record,
        request: RequestId,
        limits: Limits,
        now: datetime,
        new_code: Callable[[], str],
    ) -> Record:
        """See `Store`."""

        async def work(connection: AsyncConnection) -> Record:
            await self._line_up(connection, draft.citizen)
            earlier = await _answered(connection, request)
            if earlier is not None:
                return earlier
            await _end_past(connection, draft.citizen, now)
            await _check_limits(connection, draft, limits)
            await self._take_place(connection, draft, limits.capacity)
            record = await self._keep(connection, draft, now, new_code)
            await self._remember(connection, request, record.code, now)
            return record

        return await self._write(work)

    async def open_appointments(self, citizen: str, now: datetime) -> tuple[Record, ...]:
        """See `Store`."""
        statement = (
            select(*_RECORD)
            .where(
                appointments.c.citizen == citizen,
                appointments.c.status == Status.BOOKED.value,
                appointments.c.ends_at > now,
            )
            .order_by(appointments.c.starts_at, appointments.c.code)
        )

        async def work(connection: AsyncConnection) -> tuple[Record, ...]:
            return tuple(_record(row) for row in await connection.execute(statement))

        return await self._read(work)

    async def find(self, citizen: str, code: str) -> Record | None:
        """See `Store`."""
        statement = select(*_RECORD).where(
            appointments.c.citizen == citizen, appointments.c.code == code
        )

        async def work(connection: AsyncConnection) -> Record | None:
            row = (await connection.execute(statement)).first()
            return None if row is None else _record(row)

        return await self._read(work)

    async def cancel(self, record: Record, now: datetime) -> bool:
        """See `Store`."""
        still_open = and_(
            appointments.c.code == record.code,
            appointments.c.citizen == record.citizen,
            appointments.c.status == Status.BOOKED.value,
        )
        cancelled = (
            update(appointments)
            .where(still_open)
            .values(status=Status.CANCELLED.value, cancelled_at=now)
        )
        freed = (
            update(slots)
            .where(_slot_of(record), slots.c.booked > 0)
            .values(booked=slots.c.booked - 1)
        )

        async def work(connection: AsyncConnection) -> bool:
            if (await connection.execute(cancelled)).rowcount != 1:
                return False
            await connection.execute(freed)
            return True

        return await self._write(work)

    async def _check_meta(self, connection: AsyncConnection, name: str, value: str) -> None:
        """Note the fact when the database is new; refuse the database when it says otherwise."""
        fresh = self._insert(meta).values(name=name, value=value).on_conflict_do_nothing()
        await connection.execute(fresh)
        kept = await connection.scalar(select(meta.c.value).where(meta.c.name == name))
        if kept != value:
            raise WrongDatabase(f"the database has another {name} than this backend")

    async def _line_up(self, connection: AsyncConnection, citizen: str) -> None:
        """Make sure that the citizen has a row and lock it."""
        fresh = self._insert(citizens).values(citizen=citizen, bookings=0)
        await connection.execute(fresh.on_conflict_do_nothing())
        await connection.execute(
            update(citizens)
            .where(citizens.c.citizen == citizen)
            .values(bookings=citizens.c.bookings + 1)
        )

    async def _take_place(self, connection: AsyncConnection, draft: Record, capacity: int) -> None:
        empty = self._insert(slots).values(
            service=draft.service,
            place=draft.place,
            starts_at=draft.starts_at,
            booked=0,
            capacity=capacity,
        )
        await connection.execute(empty.on_conflict_do_nothing())
        take = (
            update(slots)
            .where(_slot_of(draft), slots.c.booked < capacity)
            .values(booked=slots.c.booked + 1, capacity=capacity)
        )
        if (await connection.execute(take)).rowcount != 1:
            raise Refused(RefusalCode.SLOT_FULL)

    async def _keep(
        self,
        connection: AsyncConnection,
        draft: Record,
        now: datetime,
        new_code: Callable[[], str],
    ) -> Record:
        for _ in range(_CODE_TRIES):
            record = replace(draft, code=new_code())
            row = {**vars(record), "status": record.status.value, "created_at": now}
            unless_taken = self._insert(appointments).values(row).on_conflict_do_nothing(["code"])
            if (await connection.execute(unless_taken)).rowcount == 1:
                return record
        raise RuntimeError("no free ticket code found")

    async def _remember(
        self, connection: AsyncConnection, request: RequestId, code: str, now: datetime
    ) -> None:
        row = {**vars(request), "code": code, "created_at": now}
        fresh = self._insert(requests).values(row).on_conflict_do_nothing()
        if (await connection.execute(fresh)).rowcount != 1:
            # Only another citizen's request under the same key can have come between.
            raise Refused(RefusalCode.IDEMPOTENCY_CONFLICT)

    async def _read(self, work: Work[Result]) -> Result:
        async def run() -> Result:
            async with self._engine.connect() as connection:
                return await work(connection)

        return await self._finish(run())

    async def _write(self, work: Work[Result]) -> Result:
        async def run() -> Result:
            async with AsyncExitStack() as stack:
                if self._turn is not None:
                    await stack.enter_async_context(self._turn)
                writer = self._engine.execution_options(**{WRITES: True})
                return await work(await stack.enter_async_context(writer.begin()))

        return await self._finish(run())

    async def _finish(self, work: Coroutine[Any, Any, Result]) -> Result:
        """Run a transaction to its end even when the one who waits for it is cancelled."""
        task = asyncio.create_task(work)
        self._running.add(task)
        task.add_done_callback(self._running.discard)
        return await asyncio.shield(task)


async def _answered(connection: AsyncConnection, request: RequestId) -> Record | None:
    statement = (
        select(*_RECORD, requests.c.body_hash)
        .join_from(requests, appointments)
        .where(requests.c.key_hash == request.key_hash)
    )
    row = (await connection.execute(statement)).first()
    if row is None:
        return None
    if row.body_hash != request.body_hash:
        raise Refused(RefusalCode.IDEMPOTENCY_CONFLICT)
    return replace(_record(row), status=Status.BOOKED)


async def _end_past(connection: AsyncConnection, citizen: str, now: datetime) -> None:
    """Close the citizen's appointments that are over, so that the service can be booked again."""
    await connection.execute(
        update(appointments)
        .where(
            appointments.c.citizen == citizen,
            appointments.c.status == Status.BOOKED.value,
            appointments.c.ends_at <= now,
        )
        .values(status=Status.ENDED.value)
    )


async def _check_limits(connection: AsyncConnection, draft: Record, limits: Limits) -> None:
    """Count while the citizen's row is locked."""
    mine = appointments.c.citizen == draft.citizen
    booked = and_(
        mine,
        appointments.c.service == draft.service,
        appointments.c.status == Status.BOOKED.value,
    )
    if await _count(connection, booked):
        raise Refused(RefusalCode.ALREADY_BOOKED)
    day = datetime.combine(draft.starts_at.date(), time.min, draft.starts_at.tzinfo)
    monday = day - timedelta(days=day.weekday())
    for code, limit, since, days in (
        (RefusalCode.DAY_LIMIT, limits.per_day, day, 1),
        (RefusalCode.WEEK_LIMIT, limits.per_week, monday, 7),
    ):
        kept = and_(
            mine,
            appointments.c.status != Status.CANCELLED.value,
            appointments.c.starts_at >= since,
            appointments.c.starts_at < since + timedelta(days=days),
        )
        if await _count(connection, kept) >= limit:
            raise Refused.because(code, limit=limit)


async def _count(connection: AsyncConnection, condition: Any) -> int:  # noqa: ANN401
    statement = select(func.count()).select_from(appointments).where(condition)
    return int(await connection.scalar(statement))


def _slot_of(record: Record) -> Any:  # noqa: ANN401 - SQLAlchemy 1.4 is untyped
    return and_(
        slots.c.service == record.service,
        slots.c.place == record.place,
        slots.c.starts_at == record.starts_at,
    )


def _record(row: Row) -> Record:
    values = {column.name: getattr(row, column.name) for column in _RECORD}
    return Record(**{**values, "status": Status(row.status)})
