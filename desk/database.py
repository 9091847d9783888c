"""The desk's database: transactions that end well, and what a repeated request did.

Transactions are those of `database`. A request's row is written first in its transaction:
on PostgreSQL the second of two requests with one key waits there until the first has ended.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from database import transactions
from desk.errors import DeskCode, DeskRefused
from desk.schema import audit, requests

KEEP_REQUESTS = timedelta(days=7)


@dataclass(frozen=True)
class RequestId:
    """An idempotency key and the body it came with, both as keyed hashes."""

    key_hash: str
    body_hash: str


class Database(transactions.Database):
    """The backend's database with the desk's tables."""

    async def begin(
        self, connection: AsyncConnection, request: RequestId, now: datetime
    ) -> str | None:
        """What the request led to when it came before; None when it is new and now noted.

        Raises:
            DeskRefused: IDEMPOTENCY_CONFLICT, the key came with another body.
        """
        row = {**vars(request), "result": "", "at": now}
        fresh = (
            self.insert(requests).values(row).on_conflict_do_nothing(index_elements=["key_hash"])
        )
        if (await connection.execute(fresh)).rowcount == 1:
            return None
        known = select(requests.c.body_hash, requests.c.result)
        same_key = requests.c.key_hash == request.key_hash
        earlier = (await connection.execute(known.where(same_key))).one()
        if earlier.body_hash != request.body_hash:
            raise DeskRefused(DeskCode.IDEMPOTENCY_CONFLICT)
        return str(earlier.result)

    async def end(self, connection: AsyncConnection, request: RequestId, result: str) -> None:
        """Note what the request led to."""
        same_key = requests.c.key_hash == request.key_hash
        await connection.execute(update(requests).where(same_key).values(result=result))

    async def note(
        self, connection: AsyncConnection, staff: str, what: str, about: str, now: datetime
    ) -> None:
        """Write into the audit who did what."""
        row = {"staff": staff, "what": what, "about": about, "at": now}
        await connection.execute(audit.insert().values(row))

    async def forget_requests(self, now: datetime) -> None:
        """Delete idempotency keys older than a week."""
        old = requests.c.at < now - KEEP_REQUESTS
        await self.write(lambda connection: connection.execute(requests.delete().where(old)))
