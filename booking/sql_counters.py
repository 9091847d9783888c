"""The counters of slots and of a team's days: taking a place, giving it back, never one too many.

A place is taken by one conditional write, never by looking first; the CHECKs on the tables stand
behind it. The write notes the capacity of the moment, so one lowered below what is booked refuses
new bookings and leaves the old counter alone. Each function runs in a transaction of its caller.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from sqlalchemy import Table, and_, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from booking.errors import RefusalCode, Refused
from booking.records import Record
from booking.schema import appointments, closures, home_days, slots
from booking.seats import Count, Load, Seats, Shut
from booking.sql_rows import SqlRows, selected, write
from booking.values import Kind, Status

_SHUT = [closures.c[name] for name in ("place", "window", "since", "until", "reason")]


class SqlCounters(SqlRows):
    """Counts places; what the stores for the hall and for home visits share."""

    async def load(self, item: str, since: datetime, until: datetime) -> Load:
        """See `Store`."""
        counted = select(slots.c.place, slots.c.starts_at, slots.c.booked, slots.c.priority).where(
            slots.c.service == item, slots.c.starts_at >= since, slots.c.starts_at < until
        )

        async def work(connection: AsyncConnection) -> Load:
            rows = await connection.execute(counted)
            taken = {(one.place, one.starts_at): Count(one.booked, one.priority) for one in rows}
            return Load(taken, await shut_between(connection, since, until))

        return await self.read(work)

    async def _exchange(
        self,
        connection: AsyncConnection,
        given_up: Sequence[Record],
        wanted: Record,
        seats: Seats,
        now: datetime,
    ) -> None:
        """Free what is given up and take a place of the wanted slot, in the order of the keys.

        What is given up in the wanted slot itself goes first: it makes the room that is wanted.
        """
        codes = [record.code for record in given_up]
        first = [record for record in given_up if in_order(record) <= in_order(wanted)]
        for record in sorted(first, key=in_order):
            await free(connection, record)
        await self._take(connection, wanted, seats, now, codes)
        for record in sorted(given_up, key=in_order):
            if record not in first:
                await free(connection, record)

    async def _take(
        self,
        connection: AsyncConnection,
        wanted: Record,
        seats: Seats,
        now: datetime,
        given_up: Sequence[str],
    ) -> None:
        """Take a place for the wanted appointment; what is given up for it is freed elsewhere.

        Raises:
            Refused: WINDOW_CLOSED or SLOT_FULL.
        """
        shut = await shut_between(connection, seats.start, seats.end, wanted.place)
        left, why = seats.left(shut)
        if left == 0 and why is not None:
            raise Refused.because(RefusalCode.WINDOW_CLOSED, reason=why.reason)
        if await self._count_in_slot(connection, wanted, seats, left):
            return
        if not await expire_holds(connection, wanted, now, given_up):
            raise Refused(RefusalCode.SLOT_FULL)
        if not await self._count_in_slot(connection, wanted, seats, left):
            raise Refused(RefusalCode.SLOT_FULL)

    async def _count_in_slot(
        self, connection: AsyncConnection, wanted: Record, seats: Seats, left: int
    ) -> bool:
        first = wanted.priority is not None
        room = slots.c.booked < left
        if not first:
            room = and_(room, slots.c.booked - slots.c.priority < left - seats.reserved)
        if left - (0 if first else seats.reserved) < 1:
            return False
        step = {"booked": 1, "priority": int(first)}
        return await self._count_in(
            connection, slots, slot_key(wanted), capacity=left, room=room, step=step
        )

    async def _count_in_day(
        self, connection: AsyncConnection, wanted: Record, capacity: int
    ) -> bool:
        room, step = home_days.c.booked < capacity, {"booked": 1}
        return await self._count_in(
            connection, home_days, day_key(wanted), capacity=capacity, room=room, step=step
        )

    async def _count_in(
        self,
        connection: AsyncConnection,
        counter: Table,
        key: dict[str, object],
        *,
        capacity: int,
        room: Any,  # noqa: ANN401 - SQLAlchemy 1.4 is untyped
        step: dict[str, int],
    ) -> bool:
        """One conditional write: a first row, or one more where there is `room`."""
        more = {name: counter.c[name] + by for name, by in step.items()}
        take = (
            self.insert(counter)
            .values(**key, **step, capacity=capacity)
            .on_conflict_do_update(
                index_elements=list(key), set_={**more, "capacity": capacity}, where=room
            )
        )
        return bool((await connection.execute(take)).rowcount == 1)


async def expire_holds(
    connection: AsyncConnection, wanted: Record, now: datetime, but: Sequence[str]
) -> bool:
    """End the holds in the wanted slot whose time is up, `but` these; was there one?"""
    held = await selected(
        connection,
        appointments.c.expires_at <= now,
        appointments.c.service == wanted.service,
        appointments.c.place == wanted.place,
        appointments.c.starts_at == wanted.starts_at,
        appointments.c.code.notin_(but),
    )
    for record in held:
        await expire(connection, record)
    return bool(held)


async def expire(connection: AsyncConnection, held: Record) -> Record:
    """End a hold and free its place.

    Raises:
        Refused: It is a hold no more.
    """
    await free(connection, held)
    return await write(connection, held, expired(held))


def expired(held: Record) -> Record:
    """A hold that was given up."""
    return replace(held, status=Status.EXPIRED, expires_at=None)


async def free(connection: AsyncConnection, record: Record) -> None:
    """Give back what an appointment took."""
    if record.kind is Kind.HOME:
        counter, key, step = home_days, day_key(record), {"booked": 1}
    else:
        counter, key = slots, slot_key(record)
        step = {"booked": 1, "priority": int(record.priority is not None)}
    fewer = {name: counter.c[name] - by for name, by in step.items()}
    mine = and_(*(counter.c[name] == value for name, value in key.items()))
    await connection.execute(update(counter).where(mine, counter.c.booked > 0).values(**fewer))


async def shut_between(
    connection: AsyncConnection, since: datetime, until: datetime, place: str | None = None
) -> tuple[Shut, ...]:
    """What staff have shut for any of this time, earliest first."""
    conditions = [
        closures.c.until > since,
        closures.c.since < until,
        closures.c.lifted_at.is_(None),
    ]
    if place is not None:
        conditions.append(closures.c.place == place)
    rows = await connection.execute(
        select(*_SHUT).where(*conditions).order_by(closures.c.since, closures.c.id)
    )
    return tuple(Shut(**row._mapping) for row in rows)


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
