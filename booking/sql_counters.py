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

from sqlalchemy import Integer, and_, bindparam, or_, select, update
from sqlalchemy.ext.asyncio import AsyncConnection
from sqlalchemy.sql import Select

from booking.errors import RefusalCode, Refused
from booking.records import Record
from booking.schema import appointments, closures, home_days, slots
from booking.seats import Count, Load, Seats, Shut
from booking.sql_rows import SqlRows, selected, write
from booking.values import Kind, Status
from database.statements import Statement

_SHUT = [closures.c[name] for name in ("place", "window", "since", "until", "reason")]


def _count_in_slot(insert: Any) -> Any:  # noqa: ANN401 - untyped in SQLAlchemy 1.4
    """One conditional write: a first row, or one more where there is room.

    Who comes in a priority group's right needs a place; anybody else also one `for_all`.
    """
    fresh = insert(slots)
    more = {name: slots.c[name] + fresh.excluded[name] for name in ("booked", "priority")}
    for_all = slots.c.booked - slots.c.priority < bindparam("for_all", type_=Integer)
    room = and_(slots.c.booked < fresh.excluded.capacity, or_(fresh.excluded.priority > 0, for_all))
    return fresh.on_conflict_do_update(
        index_elements=["service", "place", "starts_at"],
        set_={**more, "capacity": fresh.excluded.capacity},
        where=room,
    )


def _count_in_day(insert: Any) -> Any:  # noqa: ANN401
    """One conditional write: a first row, or one more where there is room."""
    fresh = insert(home_days)
    more = home_days.c.booked + fresh.excluded.booked
    return fresh.on_conflict_do_update(
        index_elements=["rule", "day"],
        set_={"booked": more, "capacity": fresh.excluded.capacity},
        where=home_days.c.booked < fresh.excluded.capacity,
    )


def _shut(insert: object) -> Select:
    return (
        select(*_SHUT)
        .where(
            closures.c.until > bindparam("first"),
            closures.c.since < bindparam("end"),
            closures.c.lifted_at.is_(None),
        )
        .order_by(closures.c.since, closures.c.id)
    )


_COUNT_IN_SLOT = Statement(
    _count_in_slot, ["service", "place", "starts_at", "booked", "capacity", "priority"]
)
_COUNT_IN_DAY = Statement(_count_in_day, ["rule", "day", "booked", "capacity"])
_SHUT_BETWEEN = Statement(_shut)
_SHUT_AT = Statement(lambda insert: _shut(insert).where(closures.c.place == bindparam("where")))
_COUNTED = Statement(
    lambda insert: select(slots.c.place, slots.c.starts_at, slots.c.booked, slots.c.priority).where(
        slots.c.service == bindparam("item"),
        slots.c.starts_at >= bindparam("first"),
        slots.c.starts_at < bindparam("end"),
    )
)


class SqlCounters(SqlRows):
    """Counts places; what the stores for the hall and for home visits share."""

    async def load(self, item: str, since: datetime, until: datetime) -> Load:
        """See `Store`."""
        asked = {"item": item, "first": since, "end": until}

        async def work(connection: AsyncConnection) -> Load:
            rows = await _COUNTED.run(connection, asked)
            taken = {
                (place, start): Count(booked, priority) for place, start, booked, priority in rows
            }
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
        for_all = left - seats.reserved
        if (left if first else for_all) < 1:
            return False
        row = {**slot_key(wanted), "booked": 1, "capacity": left, "priority": int(first)}
        return bool(
            (await _COUNT_IN_SLOT.run(connection, {**row, "for_all": for_all})).rowcount == 1
        )

    async def _count_in_day(
        self, connection: AsyncConnection, wanted: Record, capacity: int
    ) -> bool:
        row = {**day_key(wanted), "booked": 1, "capacity": capacity}
        return bool((await _COUNT_IN_DAY.run(connection, row)).rowcount == 1)


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
    span = {"first": since, "end": until}
    if place is None:
        rows = await _SHUT_BETWEEN.run(connection, span)
    else:
        rows = await _SHUT_AT.run(connection, {**span, "where": place})
    return tuple(Shut(**row._asdict()) for row in rows)


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
