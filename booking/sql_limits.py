"""What one citizen may book, counted while the citizen's row is locked: limits and suspensions.

Also the end of appointments that are over: a no-show, or merely past, and what follows on too many
no-shows. Each function runs in a transaction of its caller.
"""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import replace
from datetime import date, datetime, timedelta

from sqlalchemy import and_, bindparam, func, literal_column, or_, select, update
from sqlalchemy.ext.asyncio import AsyncConnection
from sqlalchemy.sql import Select

from booking.errors import RefusalCode, Refused
from booking.message_values import MessageKind
from booking.records import Deed, Due, Limits, Record, Strikes
from booking.schema import appointments, suspensions
from booking.slots import midnight
from booking.sql_counters import expire, free
from booking.sql_messages import add_messages, drop_messages
from booking.sql_rows import in_order_of_start, record_of, write
from booking.values import OPEN, Kind, Status
from database.statements import Statement
from service_catalog.clock import CHINA

_DAY = timedelta(days=1)
_OPEN = [literal_column(f"'{status.value}'") for status in OPEN]
_GIVEN_UP = (Status.CANCELLED, Status.EXPIRED)
TOLD_FOR = timedelta(days=7)
"""How long there is a point in telling a citizen of a no-show."""


def _of_citizen(insert: object) -> Select:
    in_span = and_(
        appointments.c.starts_at >= bindparam("first"), appointments.c.starts_at < bindparam("end")
    )
    return in_order_of_start(
        appointments.c.citizen == bindparam("whose"),
        or_(appointments.c.status.in_(_OPEN), in_span),
    )


def _suspended(insert: object) -> Select:
    return select(func.max(suspensions.c.until)).where(
        suspensions.c.citizen == bindparam("whose"),
        suspensions.c.until > bindparam("now"),
        suspensions.c.lifted_at.is_(None),
    )


_OF_CITIZEN = Statement(_of_citizen)
_SUSPENDED = Statement(_suspended)


async def of_citizen(connection: AsyncConnection, draft: Record) -> tuple[Record, ...]:
    """The citizen's open appointments, and all that may count for the limits of the draft."""
    first, last = _reach(draft.starts_at.date())
    span = {"first": midnight(first), "end": midnight(last + _DAY)}
    rows = await _OF_CITIZEN.run(connection, {"whose": draft.citizen, **span})
    return tuple(record_of(row) for row in rows)


def check_limits(mine: Sequence[Record], draft: Record, limits: Limits, now: datetime) -> None:
    """Hold a draft at the hall against what its citizen has; one that has its code doesn't count.

    Raises:
        Refused: OPEN_LIMIT, DAY_LIMIT, WEEK_LIMIT or MONTH_LIMIT.
    """
    others = [
        one
        for one in mine
        if one.code != draft.code and one.status not in _GIVEN_UP and not stale(one, now)
    ]
    waiting = sum(one.status in OPEN and one.ends_at > now for one in others)
    if waiting >= limits.max_open:
        raise Refused.because(RefusalCode.OPEN_LIMIT, limit=limits.max_open)
    day = draft.starts_at.date()
    days = [
        one.starts_at.date()
        for one in others
        if one.kind is Kind.HALL and one.principal == draft.principal and one.affected_at is None
    ]
    monday = _monday(day)
    for code, limit, count in (
        (RefusalCode.DAY_LIMIT, limits.per_day, days.count(day)),
        (RefusalCode.WEEK_LIMIT, limits.per_week, sum(_monday(one) == monday for one in days)),
        (
            RefusalCode.MONTH_LIMIT,
            limits.per_month,
            sum((one.year, one.month) == (day.year, day.month) for one in days),
        ),
    ):
        if limit is not None and count >= limit:
            raise Refused.because(code, limit=limit)


async def check_suspended(
    connection: AsyncConnection, citizen: str, now: datetime, phone: str
) -> None:
    """Whether the citizen may book at all.

    Raises:
        Refused: SUSPENDED.
    """
    found = await _SUSPENDED.run(connection, {"whose": citizen, "now": now})
    until = found.scalar()
    if until is not None:
        end = until.astimezone(CHINA)
        raise Refused.because(RefusalCode.SUSPENDED, until=f"{end.month}月{end.day}日", phone=phone)


def stale(record: Record, now: datetime) -> bool:
    """Whether it is a hold whose time is up."""
    return record.expires_at is not None and record.expires_at <= now


def is_over(record: Record, strikes: Strikes | None, now: datetime) -> bool:
    """Whether an open appointment is over: its end and the grace after it have passed.

    Whoever has arrived is being served, for as long as the day lasts.
    """
    if record.status is Status.CHECKED_IN:
        return record.starts_at.date() < now.astimezone(CHINA).date()
    grace = timedelta(0) if strikes is None else strikes.grace
    return record.status in OPEN and record.ends_at + grace <= now


async def settle(
    connection: AsyncConnection,
    record: Record,
    strikes: Strikes | None,
    now: datetime,
) -> Record:
    """End an open appointment that is over; its citizen's row is locked.

    Nobody is blamed without evidence: it is a no-show only where arrivals were noted at that place
    on that day. What the hall could not keep is cancelled.
    """
    if record.status is Status.HELD:
        return await expire(connection, record)
    await drop_messages(connection, record.code, now)
    if record.affected_at is not None:
        await free(connection, record)
        ended = replace(record, status=Status.CANCELLED)
        return await write(connection, record, ended, cancelled_at=now)
    absent = (
        record.status is Status.BOOKED
        and record.kind is Kind.HALL
        and strikes is not None
        and await _arrivals_noted(connection, record)
    )
    if strikes is None or not absent:
        return await write(connection, record, replace(record, status=Status.ENDED))
    return await strike(connection, record, strikes, now)


async def strike(
    connection: AsyncConnection,
    record: Record,
    strikes: Strikes,
    now: datetime,
) -> Record:
    """Note a no-show; the citizen is told, warned or suspended."""
    missed = await write(connection, record, replace(record, status=Status.NO_SHOW))
    await drop_messages(connection, record.code, now)
    count = await _no_shows(connection, record, strikes, now)
    kind = MessageKind.NO_SHOW
    if count >= strikes.suspend_after:
        kind = MessageKind.SUSPENDED
        await connection.execute(
            suspensions.insert().values(
                id=uuid.uuid4().hex,
                citizen=record.citizen,
                since=now,
                until=now + strikes.suspend_for,
                no_shows=count,
                code=record.code,
            )
        )
    elif count >= strikes.warn_after:
        kind = MessageKind.WARNED
    due = Due(kind, str(count), now, now + TOLD_FOR)
    await add_messages(connection, missed, [due], now)
    return missed


async def take_back(
    connection: AsyncConnection, record: Record, deed: Deed | None, now: datetime
) -> None:
    """A no-show was none: end the suspension whose last straw it was; the citizen is told."""
    active = and_(
        suspensions.c.code == record.code,
        suspensions.c.until > now,
        suspensions.c.lifted_at.is_(None),
    )
    for row in (await connection.execute(select(suspensions.c.id).where(active))).all():
        lifted = update(suspensions).where(suspensions.c.id == row.id)
        by = None if deed is None else deed.staff
        await connection.execute(lifted.values(lifted_at=now, lifted_by=by))
        due = Due(MessageKind.LIFTED, row.id, now, now + TOLD_FOR)
        await add_messages(connection, record, [due], now)


async def _arrivals_noted(connection: AsyncConnection, record: Record) -> bool:
    day = record.starts_at.date()
    statement = select(appointments.c.code).where(
        appointments.c.place == record.place,
        appointments.c.starts_at >= midnight(day),
        appointments.c.starts_at < midnight(day + _DAY),
        appointments.c.checked_in_at.isnot(None),
    )
    return (await connection.execute(statement.limit(1))).first() is not None


async def _no_shows(
    connection: AsyncConnection, record: Record, strikes: Strikes, now: datetime
) -> int:
    """The citizen's no-shows of late, the present one too.

    What had begun when the citizen was suspended before belongs to that suspension.
    """
    earlier = await connection.scalar(
        select(func.max(suspensions.c.since)).where(suspensions.c.citizen == record.citizen)
    )
    since = record.starts_at - strikes.within
    missed = [
        appointments.c.citizen == record.citizen,
        appointments.c.status == Status.NO_SHOW.value,
        appointments.c.starts_at > since,
        appointments.c.starts_at <= now,
    ]
    if earlier is not None:
        missed.append(appointments.c.starts_at > earlier)
    return int(await connection.scalar(select(func.count()).where(*missed)))


def _reach(day: date) -> tuple[date, date]:
    """The first and the last day of the day's month and week together."""
    next_month = (day.replace(day=28) + timedelta(days=4)).replace(day=1)
    monday = _monday(day)
    return min(monday, day.replace(day=1)), max(monday + 6 * _DAY, next_month - _DAY)


def _monday(day: date) -> date:
    return day - day.weekday() * _DAY
