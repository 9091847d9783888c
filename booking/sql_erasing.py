"""Erasing on SQL: a citizen's rows stay for the counts, but belong to nobody any more."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from booking.errors import RefusalCode, Refused
from booking.schema import appointments, citizens, plates, requests
from booking.sql_rows import SqlRows, end_past, free, in_order, still_open
from booking.values import Erased, Status


class SqlErasing(SqlRows):
    """Implements `booking.store.ErasingStore`."""

    async def erase(self, citizen: str, stranger: str, cancel_open: bool, now: datetime) -> Erased:
        """See `ErasingStore`."""
        known = select(citizens.c.citizen).where(citizens.c.citizen == citizen)

        async def work(connection: AsyncConnection) -> Erased:
            if await connection.scalar(known) is None:
                return Erased(0, 0, 0)
            await self._line_up(connection, citizen)
            await end_past(connection, citizen, now)
            cancelled = await _cancel_open(connection, citizen, cancel_open, now)
            parked = await connection.execute(plates.delete().where(plates.c.citizen == citizen))
            visits = await _give_away(connection, citizen, stranger)
            return Erased(visits, cancelled, parked.rowcount)

        return await self.write(work)


async def _cancel_open(
    connection: AsyncConnection, citizen: str, allowed: bool, now: datetime
) -> int:
    records = await still_open(connection, citizen, now)
    if records and not allowed:
        raise Refused.because(RefusalCode.OPEN_APPOINTMENTS, count=len(records))
    for record in sorted(records, key=in_order):
        await free(connection, record)
        await connection.execute(
            update(appointments)
            .where(appointments.c.code == record.code)
            .values(status=Status.CANCELLED.value, cancelled_at=now)
        )
    return len(records)


async def _give_away(connection: AsyncConnection, citizen: str, stranger: str) -> int:
    """Make the citizen's appointments those of a stranger without any data."""
    mine = appointments.c.citizen == citizen
    codes = select(appointments.c.code).where(mine)
    await connection.execute(requests.delete().where(requests.c.code.in_(codes)))
    await connection.execute(citizens.insert().values(citizen=stranger, bookings=0))
    nobodys = {"name_sealed": "", "phone_sealed": "", "phone_hash": "", "address_sealed": None}
    erased = await connection.execute(
        update(appointments).where(mine).values(citizen=stranger, **nobodys)
    )
    await connection.execute(citizens.delete().where(citizens.c.citizen == citizen))
    return int(erased.rowcount)
