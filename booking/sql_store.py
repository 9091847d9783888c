"""The store on SQLAlchemy Core: the same statements on SQLite and PostgreSQL.

How it stays correct with many clients at once:

* A place is taken by one conditional write (`booking.sql_counters`), never by looking first.
* Whatever changes a citizen's appointments first updates the citizen's own row. On PostgreSQL that
  lines up the bookings, moves and cancellations of one citizen (row lock until commit), so what is
  read for limits and cut-offs can't change before the write; on SQLite BEGIN IMMEDIATE lines up
  all writers anyway.
* Locks are taken in one order (`booking.sql_rows`), so that two that cross each other can't wait
  for one another.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime

from sqlalchemy import and_, func, or_, select
from sqlalchemy.ext.asyncio import AsyncConnection

from booking.errors import RefusalCode, Refused
from booking.records import Check, Order, Record, RequestId
from booking.schema import appointments
from booking.seats import Seats
from booking.sql_arrivals import SqlArrivals
from booking.sql_counters import (
    SqlCounters,
    expire,
    expired,
    free,
    in_order,
    shut_between,
    slot_key,
)
from booking.sql_erasing import SqlErasing
from booking.sql_home_visits import SqlHomeVisits
from booking.sql_limits import (
    check_limits,
    check_suspended,
    is_over,
    of_citizen,
    settle,
    stale,
)
from booking.sql_messages import add_messages, drop_messages
from booking.sql_outbox import SqlOutbox
from booking.sql_plates import SqlPlates
from booking.sql_rows import find, is_for_item, open_for_item, still_open, write
from booking.sql_staff import SqlStaff
from booking.values import Status


class SqlAppointments(SqlCounters):
    """Implements `booking.store.Store`."""

    async def book(
        self, order: Order, seats: Seats, request: RequestId, new_code: Callable[[], str]
    ) -> Record:
        """See `Store`."""

        async def take(connection: AsyncConnection) -> None:
            await self._may_book(connection, order, seats)

        return await self._book(order, request, new_code, take)

    async def confirm(self, order: Order, seats: Seats, request: RequestId, check: Check) -> Record:
        """See `Store`."""
        draft = order.draft

        async def change(connection: AsyncConnection, current: Record) -> Record:
            confirmed = replace(
                current,
                status=Status.BOOKED,
                expires_at=None,
                name_sealed=draft.name_sealed,
                phone_sealed=draft.phone_sealed,
                phone_hash=draft.phone_hash,
                id_sealed=current.id_sealed or draft.id_sealed,
                id_hash=current.id_hash or draft.id_hash,
            )
            if current.status is Status.EXPIRED:
                await self._may_book(connection, replace(order, draft=confirmed), seats)
            else:
                await check_suspended(connection, current.citizen, order.now, order.limits.phone)
                same = await open_for_item(connection, confirmed)
                given_up = _given_up(same, confirmed, order)
                await self._check_kept(connection, confirmed, seats)
                for held in sorted(given_up, key=in_order):
                    await expire(connection, held)
            kept = await write(connection, current, confirmed)
            await add_messages(connection, kept, order.messages, order.now)
            return kept

        return await self._change(
            draft.citizen, draft.code, request, order.now, check=check, change=change
        )

    async def move(self, order: Order, seats: Seats, request: RequestId, check: Check) -> Record:
        """See `Store`."""
        target = order.draft

        async def change(connection: AsyncConnection, current: Record) -> Record:
            moved = replace(
                current,
                place=target.place,
                place_name=target.place_name,
                starts_at=target.starts_at,
                ends_at=target.ends_at,
                affected_at=None,
                affected_reason=None,
            )
            if current.affected_at is None:
                mine = await self._settled(connection, moved, order)
                check_limits(mine, moved, order.limits, order.now)
            await self._exchange(connection, [current], moved, seats, order.now)
            kept = await write(connection, current, moved)
            await drop_messages(connection, kept.code, order.now)
            await add_messages(connection, kept, order.messages, order.now)
            return kept

        return await self._change(
            target.citizen, target.code, request, order.now, check=check, change=change
        )

    async def open_appointments(self, citizen: str, now: datetime) -> tuple[Record, ...]:
        """See `Store`."""
        return await self.read(lambda connection: still_open(connection, citizen, now))

    async def find(self, citizen: str, code: str) -> Record | None:
        """See `Store`."""
        return await self.read(lambda connection: find(connection, citizen, code))

    async def cancel(
        self, citizen: str, code: str, request: RequestId, now: datetime, check: Check
    ) -> Record:
        """See `Store`."""

        async def change(connection: AsyncConnection, current: Record) -> Record:
            return await give_up(connection, current, now)

        return await self._change(citizen, code, request, now, check=check, change=change)

    async def _may_book(self, connection: AsyncConnection, order: Order, seats: Seats) -> None:
        """Take a place for the draft, if nothing that the citizen has speaks against it."""
        draft, now = order.draft, order.now
        await check_suspended(connection, draft.citizen, now, order.limits.phone)
        mine = await self._settled(connection, draft, order)
        given_up = {one.code: one for one in mine if stale(one, now)}
        same = [one for one in mine if is_for_item(one, draft)]
        if draft.id_hash is not None:  # somebody else may have booked under it
            same = list(await open_for_item(connection, draft))
        given_up.update({one.code: one for one in _given_up(same, draft, order)})
        kept = [one for one in mine if one.code not in given_up]
        check_limits(kept, draft, order.limits, now)
        await self._exchange(connection, tuple(given_up.values()), draft, seats, now)
        for held in given_up.values():
            await write(connection, held, expired(held))

    async def _check_kept(self, connection: AsyncConnection, held: Record, seats: Seats) -> None:
        """Whether a hold still has its place, as windows may have been shut since it was taken.

        Raises:
            Refused: WINDOW_CLOSED.
        """
        shut = await shut_between(connection, seats.start, seats.end, held.place)
        left, why = seats.left(shut)
        if why is not None and await _before(connection, held) >= left:
            raise Refused.because(RefusalCode.WINDOW_CLOSED, reason=why.reason)

    async def _settled(
        self, connection: AsyncConnection, draft: Record, order: Order
    ) -> Sequence[Record]:
        """What the citizen has, after appointments that are over have been ended."""
        found = []
        for record in await of_citizen(connection, draft):
            strikes = order.limits.strikes
            if record.status is not Status.HELD and is_over(record, strikes, order.now):
                found.append(await settle(connection, record, strikes, order.now))
            else:
                found.append(record)
        return found


class SqlStore(
    SqlAppointments, SqlHomeVisits, SqlArrivals, SqlOutbox, SqlStaff, SqlPlates, SqlErasing
):
    """Implements every protocol of `booking.store` on a database that SQLAlchemy reaches."""


async def give_up(connection: AsyncConnection, record: Record, now: datetime) -> Record:
    """Free an appointment's place and cancel it; a hold expires."""
    await free(connection, record)
    if record.status is Status.HELD:
        return await write(connection, record, expired(record))
    await drop_messages(connection, record.code, now)
    cancelled = replace(record, status=Status.CANCELLED)
    return await write(connection, record, cancelled, cancelled_at=now)


async def _before(connection: AsyncConnection, held: Record) -> int:
    """How many go before a hold in its slot: who booked earlier, and who is there already."""
    made = select(appointments.c.created_at).where(appointments.c.code == held.code)
    mine = made.scalar_subquery()
    earlier = or_(
        appointments.c.created_at < mine,
        and_(appointments.c.created_at == mine, appointments.c.code < held.code),
    )
    here = [appointments.c[name] == value for name, value in slot_key(held).items()]
    stand = or_(
        appointments.c.status == Status.CHECKED_IN.value,
        and_(appointments.c.status == Status.BOOKED.value, earlier),
    )
    return int(await connection.scalar(select(func.count()).where(*here, stand)))


def _given_up(same: Sequence[Record], draft: Record, order: Order) -> tuple[Record, ...]:
    """The citizen's holds that the draft stands for from now on, of all open for its item.

    Raises:
        Refused: ALREADY_BOOKED, for the citizen or under the ID number, and not over.
    """
    own = [one for one in same if one.citizen == draft.citizen and one.status is Status.HELD]
    for other in same:
        gone = stale(other, order.now) or is_over(other, order.limits.strikes, order.now)
        if other not in own and not gone:
            raise Refused(RefusalCode.ALREADY_BOOKED)
    return tuple(own)
