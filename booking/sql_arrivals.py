"""Arrivals on SQL: how far an appointment has come, and the end of those that are over."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from sqlalchemy import or_, select
from sqlalchemy.ext.asyncio import AsyncConnection
from sqlalchemy.sql import Select

from booking.errors import RefusalCode, Refused
from booking.records import Check, Deed, Due, Record, Strikes
from booking.schema import NOBODY, appointments
from booking.slots import midnight
from booking.sql_audit import note_deed
from booking.sql_counters import SqlCounters, expire, free
from booking.sql_limits import is_over, settle, strike, take_back
from booking.sql_messages import add_messages, drop_messages
from booking.sql_rows import by_code, find, open_for_item, write
from booking.values import OPEN, Status
from service_catalog.clock import CHINA

_OPEN = [status.value for status in OPEN]
_AT_ONCE = timedelta(0)


async def _make_way(connection: AsyncConnection, record: Record) -> None:
    """See that nothing is open beside one that is to be open again; a mere hold is given up.

    Raises:
        Refused: ALREADY_BOOKED, its citizen has booked anew meanwhile.
    """
    for other in await open_for_item(connection, replace(record, id_hash=None)):
        if other.status is not Status.HELD:
            raise Refused(RefusalCode.ALREADY_BOOKED)
        await expire(connection, other)


class SqlArrivals(SqlCounters):
    """Implements `booking.store.ArrivalStore`."""

    async def by_code(self, code: str) -> Record | None:
        """See `ArrivalStore`."""
        return await self.read(lambda connection: by_code(connection, code))

    async def arrive(
        self,
        record: Record,
        change: Callable[[Record], Record],
        now: datetime,
        *,
        check: Check,
        messages: Sequence[Due] = (),
        deed: Deed | None = None,
    ) -> Record:
        """See `ArrivalStore`."""

        async def work(connection: AsyncConnection, current: Record) -> Record:
            if current.status not in OPEN:
                await _make_way(connection, current)
            kept = await write(connection, current, change(current))
            await drop_messages(connection, kept.code, now)
            if current.status is Status.NO_SHOW:
                await take_back(connection, kept, deed, now)
            await add_messages(connection, kept, messages, now)
            await note_deed(connection, deed, kept.code, now)
            return kept

        return await self._change(record.citizen, record.code, None, now, check=check, change=work)

    async def miss(
        self, record: Record, strikes: Strikes, now: datetime, check: Check, deed: Deed
    ) -> Record:
        """See `ArrivalStore`."""

        async def change(connection: AsyncConnection, current: Record) -> Record:
            await note_deed(connection, deed, current.code, now)
            return await strike(connection, current, strikes, now)

        return await self._change(
            record.citizen, record.code, None, now, check=check, change=change
        )

    async def cancel_by_hall(
        self, record: Record, message: Due, now: datetime, deed: Deed
    ) -> Record:
        """See `ArrivalStore`."""

        def check(current: Record) -> None:
            if current.status is not Status.BOOKED:
                raise Refused.because(RefusalCode.WRONG_STATE, state=current.status.chinese)

        async def change(connection: AsyncConnection, current: Record) -> Record:
            await free(connection, current)
            await drop_messages(connection, current.code, now)
            cancelled = replace(current, status=Status.CANCELLED)
            kept = await write(connection, current, cancelled, cancelled_at=now)
            await add_messages(connection, kept, [message], now)
            await note_deed(connection, deed, kept.code, now)
            return kept

        return await self._change(
            record.citizen, record.code, None, now, check=check, change=change
        )

    async def expire_holds(self, now: datetime, limit: int) -> int:
        """See `ArrivalStore`."""
        stale = (
            select(appointments.c.citizen, appointments.c.code)
            .where(appointments.c.expires_at <= now)
            .limit(limit)
        )

        async def end(connection: AsyncConnection, record: Record) -> None:
            if record.expires_at is not None and record.expires_at <= now:
                await expire(connection, record)

        return await self._end_each(stale, end)

    async def end_past(self, now: datetime, strikes: Strikes | None, limit: int) -> int:
        """See `ArrivalStore`."""
        before = now - (_AT_ONCE if strikes is None else strikes.grace)
        over = (
            select(appointments.c.citizen, appointments.c.code)
            .where(
                appointments.c.status.in_(_OPEN),
                appointments.c.ends_at <= before,
                or_(
                    appointments.c.status != Status.CHECKED_IN.value,
                    appointments.c.starts_at < midnight(now.astimezone(CHINA).date()),
                ),
            )
            .order_by(appointments.c.ends_at, appointments.c.code)
            .limit(limit)
        )

        async def end(connection: AsyncConnection, record: Record) -> None:
            if is_over(record, strikes, now):
                await settle(connection, record, strikes, now)

        return await self._end_each(over, end)

    async def _end_each(
        self, statement: Select, end: Callable[[AsyncConnection, Record], Awaitable[None]]
    ) -> int:
        """Run `end` for each appointment found, in a transaction of its own, its citizen locked."""

        async def look(connection: AsyncConnection) -> list[tuple[str, str]]:
            return [(row.citizen, row.code) for row in await connection.execute(statement)]

        found = await self.read(look)
        for citizen, code in found:

            async def work(
                connection: AsyncConnection, citizen: str = citizen, code: str = code
            ) -> None:
                if citizen != NOBODY:
                    await self._line_up(connection, citizen)
                record = await find(connection, citizen, code)
                if record is not None:
                    await end(connection, record)

            await self.write(work)
        return len(found)
