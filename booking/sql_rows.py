"""Rows of appointments, as every store on SQL reads and writes them.

What the stores for visits at the hall and at home, for plates and for erasing have in common: the
lock on a citizen, the conditional counters, idempotency keys. Each function runs in a transaction
of its caller.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import datetime
from typing import Any

from sqlalchemy import Table, and_, select, update
from sqlalchemy.engine import Row
from sqlalchemy.ext.asyncio import AsyncConnection

from booking.errors import RefusalCode, Refused
from booking.schema import appointments, citizens, home_days, requests, slots
from booking.store import Record, RequestId
from booking.values import Kind, Status
from database.transactions import Database

RECORD = [column for column in appointments.c if column.name not in {"created_at", "cancelled_at"}]
_THEN = ("place", "place_name", "starts_at", "ends_at")
"""What a request remembers of its answer, as an appointment may be moved later."""
_TRIES = 5


class SqlRows(Database):
    """What the stores on SQL share."""

    async def answered(self, request: RequestId) -> Record | None:
        """See `Store`."""
        return await self.read(lambda connection: answered(connection, request))

    async def _book(
        self,
        draft: Record,
        request: RequestId,
        now: datetime,
        new_code: Callable[[], str],
        take: Callable[[AsyncConnection], Awaitable[None]],
    ) -> Record:
        """Answer as before, or `take` what the appointment needs and keep it."""

        async def work(connection: AsyncConnection) -> Record:
            await self._line_up(connection, draft.citizen)
            earlier = await answered(connection, request)
            if earlier is not None:
                return earlier
            await end_past(connection, draft.citizen, now)
            await take(connection)
            record = await self._keep(connection, draft, now, new_code)
            await self._remember(connection, request, record, now)
            return record

        return await self.write(work)

    async def _line_up(self, connection: AsyncConnection, citizen: str) -> None:
        """Make sure that the citizen has a row and lock it."""
        fresh = self.insert(citizens).values(citizen=citizen, bookings=0).on_conflict_do_nothing()
        lock = (
            update(citizens)
            .where(citizens.c.citizen == citizen)
            .values(bookings=citizens.c.bookings + 1)
        )
        for _ in range(_TRIES):
            await connection.execute(fresh)
            if (await connection.execute(lock)).rowcount == 1:
                return  # else the row was erased while this waited for it
        raise RuntimeError("the citizen's row can't be locked")

    async def _count_in(
        self, connection: AsyncConnection, counter: Table, key: dict[str, object], capacity: int
    ) -> bool:
        """Take one of `capacity` by a conditional update; False when none is left."""
        empty = self.insert(counter).values(**key, booked=0, capacity=capacity)
        await connection.execute(empty.on_conflict_do_nothing())
        take = (
            update(counter)
            .where(_row_of(counter, key), counter.c.booked < capacity)
            .values(booked=counter.c.booked + 1, capacity=capacity)
        )
        return bool((await connection.execute(take)).rowcount == 1)

    async def _keep(
        self,
        connection: AsyncConnection,
        draft: Record,
        now: datetime,
        new_code: Callable[[], str],
    ) -> Record:
        for _ in range(_TRIES):
            record = replace(draft, code=new_code())
            row = {
                **vars(record),
                "status": record.status.value,
                "kind": record.kind.value,
                "created_at": now,
            }
            unless_taken = (
                self.insert(appointments)
                .values(row)
                .on_conflict_do_nothing(index_elements=["code"])
            )
            if (await connection.execute(unless_taken)).rowcount == 1:
                return record
        raise RuntimeError("no free ticket code found")

    async def _remember(
        self, connection: AsyncConnection, request: RequestId, record: Record, now: datetime
    ) -> None:
        then = {name: getattr(record, name) for name in _THEN}
        row = {**vars(request), **then, "code": record.code, "created_at": now}
        fresh = self.insert(requests).values(row).on_conflict_do_nothing()
        if (await connection.execute(fresh)).rowcount != 1:
            # Only another citizen's request under the same key can have come between.
            raise Refused(RefusalCode.IDEMPOTENCY_CONFLICT)


def slot_key(record: Record) -> dict[str, object]:
    """The key of the slot that an appointment at the hall is counted in."""
    return {"service": record.service, "place": record.place, "starts_at": record.starts_at}


def day_key(record: Record) -> dict[str, object]:
    """The key of the day that a home visit is counted in."""
    return {"rule": record.rule, "day": record.starts_at.date()}


def in_order(record: Record) -> tuple[str, ...]:
    """Where its counter stands among others: who touches several of them does it in this order.

    So nobody holds one that another waits for while waiting for one that the other holds.
    """
    key = day_key(record) if record.kind is Kind.HOME else slot_key(record)
    return (record.kind.value, *map(str, key.values()))


async def free(connection: AsyncConnection, record: Record) -> None:
    """Give back what an appointment took."""
    counter, key = (
        (home_days, day_key(record)) if record.kind is Kind.HOME else (slots, slot_key(record))
    )
    await connection.execute(
        update(counter)
        .where(_row_of(counter, key), counter.c.booked > 0)
        .values(booked=counter.c.booked - 1)
    )


async def find(connection: AsyncConnection, citizen: str, code: str) -> Record | None:
    """The citizen's appointment of this code."""
    mine = and_(appointments.c.citizen == citizen, appointments.c.code == code)
    row = (await connection.execute(select(*RECORD).where(mine))).first()
    return None if row is None else record_of(row)


async def still_open(
    connection: AsyncConnection, citizen: str, now: datetime
) -> tuple[Record, ...]:
    """The citizen's appointments that are neither cancelled nor over, earliest first."""
    statement = (
        select(*RECORD)
        .where(_booked(citizen), appointments.c.ends_at > now)
        .order_by(appointments.c.starts_at, appointments.c.code)
    )
    return tuple(record_of(row) for row in await connection.execute(statement))


async def end_past(connection: AsyncConnection, citizen: str, now: datetime) -> None:
    """Close the citizen's appointments that are over, so that the service can be booked again."""
    await connection.execute(
        update(appointments)
        .where(_booked(citizen), appointments.c.ends_at <= now)
        .values(status=Status.ENDED.value)
    )


async def open_for_service(connection: AsyncConnection, draft: Record) -> bool:
    """Whether the citizen has another open appointment of this kind for the service."""
    same = and_(
        _booked(draft.citizen),
        appointments.c.service == draft.service,
        appointments.c.kind == draft.kind.value,
        appointments.c.code != draft.code,
    )
    return (await connection.execute(select(appointments.c.code).where(same))).first() is not None


def record_of(row: Row) -> Record:
    """An appointment from its row."""
    values = {column.name: getattr(row, column.name) for column in RECORD}
    return Record(**{**values, "status": Status(row.status), "kind": Kind(row.kind)})


async def answered(connection: AsyncConnection, request: RequestId) -> Record | None:
    """The appointment that this very request led to, as it was then."""
    then = [requests.c[name].label(f"then_{name}") for name in _THEN]
    statement = (
        select(*RECORD, requests.c.body_hash, *then)
        .join_from(requests, appointments)
        .where(requests.c.key_hash == request.key_hash)
    )
    row = (await connection.execute(statement)).first()
    if row is None:
        return None
    if row.body_hash != request.body_hash:
        raise Refused(RefusalCode.IDEMPOTENCY_CONFLICT)
    record = replace(record_of(row), status=Status.BOOKED)
    if row.then_starts_at is None:  # written by the first version, in which nothing moved
        return record
    return replace(record, **{name: getattr(row, f"then_{name}") for name in _THEN})


def _booked(citizen: str) -> Any:  # noqa: ANN401 - SQLAlchemy 1.4 is untyped
    return and_(appointments.c.citizen == citizen, appointments.c.status == Status.BOOKED.value)


def _row_of(table: Table, key: dict[str, object]) -> Any:  # noqa: ANN401
    return and_(*(table.c[name] == value for name, value in key.items()))
