"""What staff look at and decide, on SQL: days, closures, suspensions, messages."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import and_, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from booking.errors import RefusalCode, Refused
from booking.message_values import MessageKind, MessageState
from booking.records import Deed, Due, Record, SuspensionRecord
from booking.schema import appointments, closures, messages, suspensions
from booking.sql_audit import note_deed
from booking.sql_counters import SqlCounters
from booking.sql_messages import add_messages
from booking.sql_rows import RECORD, by_code, find, record_of, selected, write
from booking.staff_values import Closure, Message
from booking.values import Status

_CLOSURE = [closures.c[name] for name in Closure.__dataclass_fields__]
_SUSPENSION = [suspensions.c[name] for name in SuspensionRecord.__dataclass_fields__]
_MOST_MESSAGES = 500
_STANDING = (Status.BOOKED.value, Status.CHECKED_IN.value)


class SqlStaff(SqlCounters):
    """Implements `booking.store.StaffStore`."""

    async def between(
        self, since: datetime, until: datetime, place: str | None = None
    ) -> tuple[Record, ...]:
        """See `StaffStore`."""
        conditions = [appointments.c.starts_at >= since, appointments.c.starts_at < until]
        if place is not None:
            conditions.append(appointments.c.place == place)
        return await self.read(lambda connection: selected(connection, *conditions))

    async def booked_after(self, moment: datetime) -> tuple[Record, ...]:
        """See `StaffStore`."""
        return await self._as_booked(appointments.c.starts_at > moment)

    async def booked_with(self, record: Record) -> tuple[Record, ...]:
        """See `StaffStore`."""
        return await self._as_booked(
            appointments.c.service == record.service,
            appointments.c.place == record.place,
            appointments.c.starts_at == record.starts_at,
        )

    async def _as_booked(self, *conditions: object) -> tuple[Record, ...]:
        """Appointments that stand and fulfil the conditions, the first to be booked first."""
        statement = (
            select(*RECORD)
            .where(appointments.c.status.in_(_STANDING), *conditions)
            .order_by(appointments.c.created_at, appointments.c.code)
        )

        async def work(connection: AsyncConnection) -> tuple[Record, ...]:
            return tuple(record_of(row) for row in await connection.execute(statement))

        return await self.read(work)

    async def mark(
        self, record: Record, affected: str | None, message: Due, now: datetime
    ) -> Record | None:
        """See `StaffStore`."""

        async def work(connection: AsyncConnection) -> Record | None:
            await self._line_up(connection, record.citizen)
            current = await find(connection, record.citizen, record.code)
            same = current is not None and current.starts_at == record.starts_at
            if current is None or not same or current.status is not Status.BOOKED:
                return None
            if (current.affected_at is None) == (affected is None):
                return None
            marked = replace_affected(current, affected, now)
            kept = await write(connection, current, marked)
            await add_messages(connection, kept, [message], now)
            return kept

        return await self.write(work)

    async def shut(self, closure: Closure, now: datetime) -> Closure:
        """See `StaffStore`."""
        row = {**vars(closure), "made_at": now}
        fresh = self.insert(closures).values(row).on_conflict_do_nothing()

        async def work(connection: AsyncConnection) -> Closure:
            await connection.execute(fresh)
            await note_deed(connection, Deed(closure.staff, "shut"), closure.id, now)
            kept = select(*_CLOSURE).where(closures.c.id == closure.id)
            return Closure(**(await connection.execute(kept)).one()._mapping)

        return await self.write(work)

    async def open_again(self, closure: str, staff: str, now: datetime) -> Closure:
        """See `StaffStore`."""
        still = and_(closures.c.id == closure, closures.c.lifted_at.is_(None))

        async def work(connection: AsyncConnection) -> Closure:
            row = (await connection.execute(select(*_CLOSURE).where(still))).first()
            if row is None:
                raise Refused(RefusalCode.UNKNOWN_CLOSURE)
            await connection.execute(update(closures).where(still).values(lifted_at=now))
            await note_deed(connection, Deed(staff, "open again"), closure, now)
            return Closure(**row._mapping)

        return await self.write(work)

    async def closures(self, now: datetime) -> tuple[Closure, ...]:
        """See `StaffStore`."""
        current = and_(closures.c.until > now, closures.c.lifted_at.is_(None))
        statement = select(*_CLOSURE).where(current).order_by(closures.c.since, closures.c.id)

        async def work(connection: AsyncConnection) -> tuple[Closure, ...]:
            return tuple(Closure(**row._mapping) for row in await connection.execute(statement))

        return await self.read(work)

    async def suspensions(self, now: datetime) -> tuple[SuspensionRecord, ...]:
        """See `StaffStore`."""
        active = and_(suspensions.c.until > now, suspensions.c.lifted_at.is_(None))
        statement = select(*_SUSPENSION).where(active).order_by(suspensions.c.until)

        async def work(connection: AsyncConnection) -> tuple[SuspensionRecord, ...]:
            rows = await connection.execute(statement)
            return tuple(SuspensionRecord(**row._mapping) for row in rows)

        return await self.read(work)

    async def lift(
        self, suspension: str, staff: str, message: Due, now: datetime
    ) -> SuspensionRecord:
        """See `StaffStore`."""
        active = and_(
            suspensions.c.id == suspension,
            suspensions.c.until > now,
            suspensions.c.lifted_at.is_(None),
        )

        async def work(connection: AsyncConnection) -> SuspensionRecord:
            row = (await connection.execute(select(*_SUSPENSION).where(active))).first()
            if row is None:
                raise Refused(RefusalCode.NOT_SUSPENDED)
            lifted = update(suspensions).where(active).values(lifted_at=now, lifted_by=staff)
            await connection.execute(lifted)
            await note_deed(connection, Deed(staff, "lift suspension"), suspension, now)
            record = await by_code(connection, row.code)
            if record is not None and record.citizen == row.citizen:  # not erased meanwhile
                await add_messages(connection, record, [message], now)
            return SuspensionRecord(**row._mapping)

        return await self.write(work)

    async def messages(self, state: MessageState) -> tuple[Message, ...]:
        """See `StaffStore`."""
        names = ("id", "code", "kind", "state", "tries", "why", "due_at")
        statement = (
            select(*(messages.c[name] for name in names))
            .where(messages.c.state == state.value)
            .order_by(messages.c.due_at.desc(), messages.c.id)
            .limit(_MOST_MESSAGES)
        )

        async def work(connection: AsyncConnection) -> tuple[Message, ...]:
            return tuple(
                Message(
                    id=row.id,
                    code=row.code,
                    kind=MessageKind(row.kind),
                    state=MessageState(row.state),
                    due=row.due_at,
                    tries=row.tries,
                    why=row.why,
                )
                for row in await connection.execute(statement)
            )

        return await self.read(work)

    async def send_again(self, message: str, staff: str, now: datetime, until: datetime) -> None:
        """See `StaffStore`."""
        dead = and_(messages.c.id == message, messages.c.state == MessageState.DEAD.value)
        values = {"next_at": now, "expires_at": until, "tries": 0, "done_at": None, "why": None}

        async def work(connection: AsyncConnection) -> None:
            again = update(messages).where(dead)
            again = again.values(state=MessageState.WAITING.value, **values)
            if (await connection.execute(again)).rowcount != 1:
                raise Refused(RefusalCode.UNKNOWN_MESSAGE)
            await note_deed(connection, Deed(staff, "send again"), message, now)

        await self.write(work)

    async def note(self, deed: Deed, about: str, now: datetime) -> None:
        """See `StaffStore`."""

        async def work(connection: AsyncConnection) -> None:
            await note_deed(connection, deed, about, now)

        await self.write(work)


def replace_affected(record: Record, affected: str | None, now: datetime) -> Record:
    """The appointment, marked as one that the hall can't keep, or as one that it can after all."""
    fields = {"affected_at": None if affected is None else now, "affected_reason": affected}
    return Record(**{**vars(record), **fields})
