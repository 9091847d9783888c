"""Erasing on SQL: a citizen's rows stay for the counts, but belong to nobody any more."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from sqlalchemy import and_, exists, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from booking.errors import RefusalCode, Refused
from booking.message_values import MessageState
from booking.records import Record
from booking.schema import (
    NOBODY,
    appointments,
    citizens,
    closures,
    messages,
    plates,
    requests,
    suspensions,
)
from booking.sql_counters import SqlCounters, expire, free, in_order
from booking.sql_rows import selected, still_open, write
from booking.values import OPEN, Erased, Status

KEEP_REQUESTS = timedelta(days=7)
KEEP_PLATES = timedelta(days=7)
KEEP_MESSAGES = timedelta(days=30)
"""What became of a message: long enough for staff to look into a complaint."""
KEEP_SUSPENSIONS = timedelta(days=366)
"""An earlier suspension resets the count of no-shows, which reach back a year at the most."""
KEEP_CLOSURES = timedelta(days=366)
_OPEN = [status.value for status in OPEN]
_NOBODYS = {
    "citizen": NOBODY,
    "name_sealed": "",
    "phone_sealed": "",
    "phone_hash": "",
    "address_sealed": None,
    "principal": appointments.c.code,  # one that belongs to nobody is like no other
    "principal_sealed": None,
    "id_sealed": None,
    "id_hash": None,
}


class SqlErasing(SqlCounters):
    """Implements `booking.store.ErasingStore`."""

    async def erase(self, citizen: str, cancel_open: bool, now: datetime) -> Erased:
        """See `ErasingStore`."""
        known = select(citizens.c.citizen).where(citizens.c.citizen == citizen)

        async def work(connection: AsyncConnection) -> Erased:
            if await connection.scalar(known) is None:
                return Erased(0, 0, 0)
            await self._line_up(connection, citizen)
            cancelled = await _cancel_open(connection, citizen, cancel_open, now)
            parked = await connection.execute(plates.delete().where(plates.c.citizen == citizen))
            mine = select(appointments.c.code).where(appointments.c.citizen == citizen)
            codes = [row.code for row in await connection.execute(mine)]
            await self._give_away(connection, codes)
            await connection.execute(citizens.delete().where(citizens.c.citizen == citizen))
            return Erased(len(codes), cancelled, parked.rowcount)

        return await self.write(work)

    async def erase_old(self, ended_before: datetime, limit: int) -> int:
        """See `ErasingStore`."""
        old = (
            select(appointments.c.code)
            .where(appointments.c.ends_at < ended_before, appointments.c.citizen != NOBODY)
            .limit(limit)
        )

        async def work(connection: AsyncConnection) -> int:
            codes = [row.code for row in await connection.execute(old)]
            await self._end_of(connection, codes)
            await self._give_away(connection, codes)
            return len(codes)

        return await self.write(work)

    async def forget_old(self, now: datetime) -> None:
        """See `ErasingStore`."""
        done = messages.c.state != MessageState.WAITING.value
        left = (
            exists().where(appointments.c.citizen == citizens.c.citizen)
            | exists().where(plates.c.citizen == citizens.c.citizen)
            | exists().where(messages.c.citizen == citizens.c.citizen)
        )
        gone = (
            requests.delete().where(requests.c.created_at < now - KEEP_REQUESTS),
            plates.delete().where(plates.c.day < (now - KEEP_PLATES).date()),
            messages.delete().where(and_(done, messages.c.done_at < now - KEEP_MESSAGES)),
            suspensions.delete().where(suspensions.c.until < now - KEEP_SUSPENSIONS),
            closures.delete().where(closures.c.until < now - KEEP_CLOSURES),
            citizens.delete().where(citizens.c.citizen != NOBODY, ~left),
        )

        async def work(connection: AsyncConnection) -> None:
            for statement in gone:
                await connection.execute(statement)

        await self.write(work)

    async def _end_of(self, connection: AsyncConnection, codes: Sequence[str]) -> None:
        """End what is over but was not ended yet; nobody is blamed for it any more."""
        still = appointments.c.code.in_(codes), appointments.c.status.in_(_OPEN)
        for citizen in sorted({one.citizen for one in await selected(connection, *still)}):
            await self._line_up(connection, citizen)
        for record in sorted(await selected(connection, *still), key=in_order):
            await _end(connection, record)

    async def _give_away(self, connection: AsyncConnection, codes: Iterable[str]) -> None:
        """Take everything personal from appointments, which nobody can tell apart then."""
        mine = list(codes)
        if not mine:
            return
        nobody = self.insert(citizens).values(citizen=NOBODY, bookings=0)
        await connection.execute(nobody.on_conflict_do_nothing())
        await connection.execute(requests.delete().where(requests.c.code.in_(mine)))
        await connection.execute(messages.delete().where(messages.c.code.in_(mine)))
        await connection.execute(
            update(appointments).where(appointments.c.code.in_(mine)).values(**_NOBODYS)
        )


async def _cancel_open(
    connection: AsyncConnection, citizen: str, allowed: bool, now: datetime
) -> int:
    """End all that is open; whoever has arrived keeps the place. Gives how many were cancelled.

    Raises:
        Refused: OPEN_APPOINTMENTS.
    """
    records = await still_open(connection, citizen, now)
    if records and not allowed:
        raise Refused.because(RefusalCode.OPEN_APPOINTMENTS, count=len(records))
    unfinished = await selected(
        connection, appointments.c.citizen == citizen, appointments.c.status.in_(_OPEN)
    )
    cancelled = 0
    for record in sorted(unfinished, key=in_order):
        if record.status is Status.BOOKED and record.ends_at > now:
            await free(connection, record)
            gone = replace(record, status=Status.CANCELLED)
            await write(connection, record, gone, cancelled_at=now)
            cancelled += 1
        else:
            await _end(connection, record)
    return cancelled


async def _end(connection: AsyncConnection, record: Record) -> None:
    """End what is open without blame; a hold expires."""
    if record.status is Status.HELD:
        await expire(connection, record)
    else:
        await write(connection, record, replace(record, status=Status.ENDED))
