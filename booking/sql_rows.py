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

from sqlalchemy import and_, bindparam, func, select, update
from sqlalchemy.engine import Row
from sqlalchemy.ext.asyncio import AsyncConnection
from sqlalchemy.sql import Select

from booking.errors import RefusalCode, Refused
from booking.records import Check, Order, Record, RequestId
from booking.schema import appointments, citizens, requests
from booking.sql_messages import add_messages
from booking.values import OPEN, Kind, Party, Status
from database.statements import Statement
from database.transactions import Database

RECORD = [column for column in appointments.c if column.name not in {"created_at", "cancelled_at"}]
_THEN = ("place", "place_name", "starts_at", "ends_at", "status", "expires_at")
"""What a request remembers of its answer, as an appointment may be changed later."""
_TRIES = 5
_OPEN = [status.value for status in OPEN]


def _line_up(insert: Any) -> Any:  # noqa: ANN401 - untyped in SQLAlchemy 1.4
    fresh = insert(citizens)
    reach = func.coalesce(fresh.excluded.openid_sealed, citizens.c.openid_sealed)
    count = {"bookings": citizens.c.bookings + 1, "openid_sealed": reach}
    return fresh.on_conflict_do_update(index_elements=["citizen"], set_=count)


def _unless_taken(insert: Any) -> Any:  # noqa: ANN401
    return insert(appointments).on_conflict_do_nothing(index_elements=["code"])


def _unless_known(insert: Any) -> Any:  # noqa: ANN401
    return insert(requests).on_conflict_do_nothing()


def _answered(insert: object) -> Select:
    then = [requests.c[name].label(f"then_{name}") for name in _THEN]
    return (
        select(*RECORD, requests.c.body_hash, *then)
        .join_from(requests, appointments)
        .where(requests.c.key_hash == bindparam("key"))
    )


_LINE_UP = Statement(_line_up, ["citizen", "bookings", "openid_sealed"])
_KEEP = Statement(_unless_taken, [*(column.name for column in RECORD), "created_at"])
_REMEMBER = Statement(_unless_known, ["key_hash", "body_hash", "code", "created_at", *_THEN])
_ANSWERED = Statement(_answered)


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
            await add_messages(connection, record, order.messages, order.now)
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
        row = {"citizen": citizen, "bookings": 1, "openid_sealed": openid_sealed or None}
        await _LINE_UP.run(connection, row)

    async def _keep(
        self, connection: AsyncConnection, order: Order, new_code: Callable[[], str]
    ) -> Record:
        for _ in range(_TRIES):
            record = replace(order.draft, code=new_code())
            row = {**row_of(record), "created_at": order.now}
            if (await _KEEP.run(connection, row)).rowcount == 1:
                return record
        raise RuntimeError("no free ticket code found")

    async def _remember(
        self, connection: AsyncConnection, request: RequestId, record: Record, now: datetime
    ) -> None:
        then = {name: getattr(record, name) for name in _THEN}
        row = {**vars(request), **then, "code": record.code, "created_at": now}
        row["status"] = record.status.value
        if (await _REMEMBER.run(connection, row)).rowcount != 1:
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
    statement = in_order_of_start(*conditions)
    return tuple(record_of(row) for row in await connection.execute(statement))


def in_order_of_start(*conditions: object) -> Select:
    """Asks for the appointments that fulfil the conditions, earliest first."""
    return (
        select(*RECORD).where(*conditions).order_by(appointments.c.starts_at, appointments.c.code)
    )


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


def is_for_item(one: Record, draft: Record) -> bool:
    """Whether it is another open appointment of this kind for the item and the same person."""
    return (
        one.status in OPEN
        and one.code != draft.code
        and (one.service, one.kind, one.principal) == (draft.service, draft.kind, draft.principal)
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
    row = (await _ANSWERED.run(connection, {"key": request.key_hash})).first()
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
