"""The outbox on SQL: what is due, who sends it, and what became of it."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import and_, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from booking.message_values import MessageKind, MessageState
from booking.records import Waiting
from booking.schema import citizens, messages
from booking.sql_rows import by_code
from database.transactions import Database

_WAITING = messages.c.state == MessageState.WAITING.value


class SqlOutbox(Database):
    """Implements `booking.messenger.Outbox`."""

    async def claim(self, now: datetime, until: datetime, limit: int) -> tuple[Waiting, ...]:
        """The messages that are due, at most `limit`; nobody else gets them before `until`."""
        due = (
            select(messages.c.id, messages.c.next_at)
            .where(_WAITING, messages.c.next_at <= now)
            .order_by(messages.c.due_at, messages.c.id)
            .limit(limit)
        )

        async def look(connection: AsyncConnection) -> list[Any]:
            return list(await connection.execute(due))

        async def work(connection: AsyncConnection) -> tuple[Waiting, ...]:
            claimed = []
            for row in found:
                same = and_(messages.c.id == row.id, _WAITING, messages.c.next_at == row.next_at)
                mine = update(messages).where(same).values(next_at=until)
                if (await connection.execute(mine)).rowcount == 1:
                    claimed.append(await _waiting(connection, row.id))
            return tuple(claimed)

        found = await self.read(look)
        return await self.write(work) if found else ()

    async def waits(self, message: str) -> bool:
        """Whether the message is still to be sent."""
        waiting = select(messages.c.id).where(messages.c.id == message, _WAITING)

        async def look(connection: AsyncConnection) -> bool:
            return (await connection.execute(waiting)).first() is not None

        return await self.read(look)

    async def settle_message(
        self, message: str, state: MessageState, now: datetime, why: str | None = None
    ) -> None:
        """Note what became of a message that waited."""
        ended = update(messages).where(messages.c.id == message, _WAITING)
        values = {"state": state.value, "done_at": now, "why": why}
        await self._run(ended.values(**values))

    async def put_off(self, message: str, until: datetime, why: str | None, *, tried: bool) -> None:
        """Let a message wait until then; one that was tried counts it."""
        later = update(messages).where(messages.c.id == message, _WAITING)
        values = {"next_at": until, "tries": messages.c.tries + int(tried)}
        await self._run(later.values(**values, **({} if why is None else {"why": why})))

    async def _run(self, statement: object) -> None:
        async def work(connection: AsyncConnection) -> None:
            await connection.execute(statement)

        await self.write(work)


async def _waiting(connection: AsyncConnection, message: str) -> Waiting:
    statement = (
        select(messages, citizens.c.openid_sealed)
        .join_from(messages, citizens)
        .where(messages.c.id == message)
    )
    row = (await connection.execute(statement)).one()
    record = await by_code(connection, row.code)
    if record is None:
        raise LookupError("a message without its appointment")  # the foreign key forbids it
    return Waiting(
        id=row.id,
        kind=MessageKind(row.kind),
        about=row.about,
        note=row.note,
        expires_at=row.expires_at,
        tries=row.tries,
        record=record,
        openid_sealed=row.openid_sealed,
    )
