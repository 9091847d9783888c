"""The store on SQLAlchemy Core: the same statements on SQLite and PostgreSQL.

How it stays correct with many clients at once:

* A place is taken by one conditional update (`booked < capacity`), never by looking first. The
  CHECK on the table stands behind it. The update writes the catalogue's capacity of the moment, so
  a capacity lowered below what is booked refuses new bookings and leaves the old counter alone.
* Whatever changes a citizen's appointments first updates the citizen's own row. On PostgreSQL that
  lines up the bookings, moves and cancellations of one citizen (row lock until commit), so what is
  read for limits and cut-offs can't change before the write; on SQLite BEGIN IMMEDIATE lines up
  all writers anyway.
* Whoever touches several counters (a move, an erasure) does it in the order of their keys, so that
  two that cross each other can't wait for one another.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, time, timedelta
from typing import Any

from sqlalchemy import and_, func, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from booking.errors import RefusalCode, Refused
from booking.schema import appointments, plates, requests, slots
from booking.slots import Taken
from booking.sql_erasing import SqlErasing
from booking.sql_home_visits import SqlHomeVisits
from booking.sql_plates import SqlPlates
from booking.sql_rows import answered, find, free, in_order, open_for_service, slot_key, still_open
from booking.store import Check, Limits, Record, RequestId
from booking.values import Kind, Status

KEEP_REQUESTS = timedelta(days=7)
KEEP_PLATES = timedelta(days=7)


class SqlStore(SqlHomeVisits, SqlPlates, SqlErasing):
    """Implements every protocol of `booking.store` on a database that SQLAlchemy reaches."""

    async def forget_old(self, now: datetime) -> None:
        """See `Store`."""

        async def work(connection: AsyncConnection) -> None:
            old = requests.c.created_at < now - KEEP_REQUESTS
            await connection.execute(requests.delete().where(old))
            gone = plates.c.day < (now - KEEP_PLATES).date()
            await connection.execute(plates.delete().where(gone))

        await self.write(work)

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

        return await self.read(work)

    async def book(
        self,
        draft: Record,
        request: RequestId,
        limits: Limits,
        now: datetime,
        new_code: Callable[[], str],
    ) -> Record:
        """See `Store`."""

        async def take(connection: AsyncConnection) -> None:
            await _check_limits(connection, draft, limits)
            await self._take(connection, draft, limits)

        return await self._book(draft, request, now, new_code, take)

    async def move(
        self, target: Record, request: RequestId, limits: Limits, now: datetime, check: Check
    ) -> Record:
        """See `Store`."""

        async def work(connection: AsyncConnection) -> Record:
            await self._line_up(connection, target.citizen)
            earlier = await answered(connection, request)
            if earlier is not None:
                return earlier
            current = await _checked(connection, target.citizen, target.code, check)
            moved = replace(
                current,
                place=target.place,
                place_name=target.place_name,
                starts_at=target.starts_at,
                ends_at=target.ends_at,
            )
            await _check_limits(connection, moved, limits)
            await self._swap(connection, current, moved, limits)
            await connection.execute(_changed(moved))
            await self._remember(connection, request, moved, now)
            return moved

        return await self.write(work)

    async def open_appointments(self, citizen: str, now: datetime) -> tuple[Record, ...]:
        """See `Store`."""
        return await self.read(lambda connection: still_open(connection, citizen, now))

    async def find(self, citizen: str, code: str) -> Record | None:
        """See `Store`."""
        return await self.read(lambda connection: find(connection, citizen, code))

    async def cancel(self, citizen: str, code: str, now: datetime, check: Check) -> Record:
        """See `Store`."""

        async def work(connection: AsyncConnection) -> Record:
            await self._line_up(connection, citizen)
            current = await _checked(connection, citizen, code, check)
            await connection.execute(
                update(appointments)
                .where(appointments.c.code == code)
                .values(status=Status.CANCELLED.value, cancelled_at=now)
            )
            await free(connection, current)
            return replace(current, status=Status.CANCELLED)

        return await self.write(work)

    async def _take(self, connection: AsyncConnection, draft: Record, limits: Limits) -> None:
        if not await self._count_in(connection, slots, slot_key(draft), limits.capacity):
            raise Refused(RefusalCode.SLOT_FULL)

    async def _swap(
        self, connection: AsyncConnection, old: Record, new: Record, limits: Limits
    ) -> None:
        if in_order(old) < in_order(new):
            await free(connection, old)
            await self._take(connection, new, limits)
        else:
            await self._take(connection, new, limits)
            await free(connection, old)


async def _checked(connection: AsyncConnection, citizen: str, code: str, check: Check) -> Record:
    """The appointment as it is now that the citizen's row is locked, if it may be changed."""
    current = await find(connection, citizen, code)
    if current is None:
        raise Refused(RefusalCode.NOT_FOUND)
    check(current)
    return current


def _changed(moved: Record) -> Any:  # noqa: ANN401 - SQLAlchemy 1.4 is untyped
    return (
        update(appointments)
        .where(appointments.c.code == moved.code)
        .values(
            place=moved.place,
            place_name=moved.place_name,
            starts_at=moved.starts_at,
            ends_at=moved.ends_at,
        )
    )


async def _check_limits(connection: AsyncConnection, draft: Record, limits: Limits) -> None:
    """Count while the citizen's row is locked; a draft that has its code yet does not count."""
    if await open_for_service(connection, draft):
        raise Refused(RefusalCode.ALREADY_BOOKED)
    day = datetime.combine(draft.starts_at.date(), time.min, draft.starts_at.tzinfo)
    monday = day - timedelta(days=day.weekday())
    for code, limit, since, days in (
        (RefusalCode.DAY_LIMIT, limits.per_day, day, 1),
        (RefusalCode.WEEK_LIMIT, limits.per_week, monday, 7),
    ):
        kept = and_(
            appointments.c.citizen == draft.citizen,
            appointments.c.kind == Kind.HALL.value,
            appointments.c.code != draft.code,
            appointments.c.status != Status.CANCELLED.value,
            appointments.c.starts_at >= since,
            appointments.c.starts_at < since + timedelta(days=days),
        )
        statement = select(func.count()).select_from(appointments).where(kept)
        if int(await connection.scalar(statement)) >= limit:
            raise Refused.because(code, limit=limit)
