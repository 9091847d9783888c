"""Rows of appointments, as every store on SQL reads and writes them.

What the stores have in common: the lock on a citizen, idempotency keys, keeping an appointment and
changing one. Each function runs in a transaction of its caller. Whoever holds several locks took
them in this order: citizen, counter of a slot or a day (several by their keys), appointment.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import datetime
from typing import Any

from sqlalchemy import and_, select, update
from sqlalchemy.engine import Row
from sqlalchemy.ext.asyncio import AsyncConnection

from booking.errors import RefusalCode, Refused
from booking.records import Check, Order, Record, RequestId
from booking.schema import appointments, citizens, requests
from booking.sql_messages import add_messages
from booking.values import OPEN, Kind, Party, Status
from database.transactions import Database

RECORD = [column for column in appointments.c if column.name not in {"created_at", "cancelled_at"}]
_THEN = ("place", "place_name", "starts_at", "ends_at", "status", "expires_at")
"""What a request remembers of its answer, as an appointment may be changed later."""
_TRIES = 5
_OPEN = [status.value for status in OPEN]


class SqlRows(Database):
    """What the stores on SQL share."""

    async def answered(self, request: RequestId) -> Record | None:
        """See `Store`."""
        return await self.read(lambda connection: answered(connection, request))

    async def _book(
        self,
        order: Order,
        request: RequestId,
        new_code: Callable[[], str],
        take: Callable[[AsyncConnection], Awaitable[None]],
    ) -> Record:
        """Answer as before, or `take` what the appointment needs and keep it."""

        async def work(connection: AsyncConnection) -> Record:
            await self._line_up(connection, order.draft.citizen, order.openid_sealed)
            earlier = await answered(connection, request)
            if earlier is not None:
                return earlier
            await take(connection)
            record = await self._keep(connection, order, new_code)
            await self._remember(connection, request, record, order.now)
            await add_messages(self.insert, connection, record, order.messages, order.now)
            return record

        return await self.write(work)

    async def _change(
        self,
        citizen: str,
        code: str,
        request: RequestId | None,
        now: datetime,
        *,
        check: Check,
        change: Callable[[AsyncConnection, Record], Awaitable[Record]],
    ) -> Record:
        """Answer as before, or `change` a citizen's appointment that `check` has no word against.

        Raises:
            Refused: NOT_FOUND, IDEMPOTENCY_CONFLICT, and what `check` and `change` say.
        """

        async def work(connection: AsyncConnection) -> Record:
            await self._line_up(connection, citizen)
            earlier = await answered(connection, request) if request is not None else None
            if earlier is not None:
                return earlier
            current = await find(connection, citizen, code)
            if current is None:
                raise Refused(RefusalCode.NOT_FOUND)
            check(current)
            record = await change(connection, current)
            if request is not None:
                await self._remember(connection, request, record, now)
            return record

        return await self.write(work)

    async def _line_up(
        self, connection: AsyncConnection, citizen: str, openid_sealed: str = ""
    ) -> None:
        """Make sure that the citizen has a row and lock it."""
        reach = {"openid_sealed": openid_sealed} if openid_sealed else {}
        fresh = self.insert(citizens).values(citizen=citizen, bookings=1, **reach)
        count = {"bookings": citizens.c.bookings + 1, **reach}
        await connection.execute(
            fresh.on_conflict_do_update(index_elements=["citizen"], set_=count)
        )

    async def _keep(
        self, connection: AsyncConnection, order: Order, new_code: Callable[[], str]
    ) -> Record:
        for _ in range(_TRIES):
            record = replace(order.draft, code=new_code())
            unless_taken = (
                self.insert(appointments)
                .values({**row_of(record), "created_at": order.now})
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
        row["status"] = record.status.value
        fresh = self.insert(requests).values(row).on_conflict_do_nothing()
        if (await connection.execute(fresh)).rowcount != 1:
            # Only another citizen's request under the same key can have come between.
            raise Refused(RefusalCode.IDEMPOTENCY_CONFLICT)


async def write(
    connection: AsyncConnection, old: Record, new: Record, **more: datetime | None
) -> Record:
    """Keep a changed appointment; one that is no more as it was `old` is left for a new try.

    Raises:
        Refused: WRONG_STATE, its hold ended meanwhile.
    """
    changed = {name: value for name, value in row_of(new).items() if row_of(old)[name] != value}
    same = and_(appointments.c.code == old.code, appointments.c.status == old.status.value)
    written = await connection.execute(update(appointments).where(same).values(**changed, **more))
    if written.rowcount != 1:
        raise Refused.because(RefusalCode.WRONG_STATE, state="已失效")
    return new


def row_of(record: Record) -> dict[str, Any]:
    """An appointment as its row."""
    return {
        **vars(record),
        "status": record.status.value,
        "kind": record.kind.value,
        "party": record.party.value,
    }


async def find(connection: AsyncConnection, citizen: str, code: str) -> Record | None:
    """The citizen's appointment of this code."""
    return await _one(connection, appointments.c.citizen == citizen, appointments.c.code == code)


async def by_code(connection: AsyncConnection, code: str) -> Record | None:
    """Anybody's appointment of this code."""
    return await _one(connection, appointments.c.code == code)


async def _one(connection: AsyncConnection, *conditions: object) -> Record | None:
    row = (await connection.execute(select(*RECORD).where(*conditions))).first()
    return None if row is None else record_of(row)


async def selected(connection: AsyncConnection, *conditions: object) -> tuple[Record, ...]:
    """The appointments that fulfil the conditions, earliest first."""
    statement = (
        select(*RECORD).where(*conditions).order_by(appointments.c.starts_at, appointments.c.code)
    )
    return tuple(record_of(row) for row in await connection.execute(statement))


async def still_open(
    connection: AsyncConnection, citizen: str, now: datetime
) -> tuple[Record, ...]:
    """The citizen's appointments that are neither given up nor over, earliest first."""
    return await selected(
        connection,
        appointments.c.citizen == citizen,
        appointments.c.status.in_([Status.BOOKED.value, Status.CHECKED_IN.value]),
        appointments.c.ends_at > now,
    )


async def open_for_item(connection: AsyncConnection, draft: Record) -> tuple[Record, ...]:
    """Other open appointments of this kind for the item: of the citizen, or of the ID number."""
    whose = and_(
        appointments.c.citizen == draft.citizen, appointments.c.principal == draft.principal
    )
    if draft.id_hash is not None:
        whose = whose | (appointments.c.id_hash == draft.id_hash)
    return await selected(
        connection,
        appointments.c.status.in_(_OPEN),
        appointments.c.service == draft.service,
        appointments.c.kind == draft.kind.value,
        appointments.c.code != draft.code,
        whose,
    )


def record_of(row: Row) -> Record:
    """An appointment from its row."""
    values = {column.name: getattr(row, column.name) for column in RECORD}
    kinds = {"status": Status(row.status), "kind": Kind(row.kind), "party": Party(row.party)}
    return Record(**{**values, **kinds})


def _then(record: Record, status: Status) -> Record:
    """The appointment as it could be seen in that state, without what was noted later."""
    then = replace(record, status=status, checked_in_at=None)
    if status in {Status.HELD, Status.EXPIRED}:
        return replace(then, name_sealed="", phone_sealed="", affected_reason=None)
    return replace(then, affected_reason=None) if status is Status.BOOKED else then


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
    status = Status.BOOKED if row.then_status is None else Status(row.then_status)
    record = replace(_then(record_of(row), status), expires_at=row.then_expires_at)
    if row.then_starts_at is None:  # written by the first version, in which nothing moved
        return record
    moved = ("place", "place_name", "starts_at", "ends_at")
    return replace(record, **{name: getattr(row, f"then_{name}") for name in moved})
