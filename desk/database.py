"""The desk's database: transactions that end well, its tables, and what a repeated request did.

SQLAlchemy Core; SQLite today, the same statements on PostgreSQL. As in `booking.sql_store`, writers
on SQLite wait for each other in an asyncio lock, and a transaction runs to its end even when the
one who asked is gone. A request's row is written first in its transaction: on PostgreSQL the second
of two requests with one key waits there until the first has ended.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Coroutine
from contextlib import AsyncExitStack
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, TypeVar

from sqlalchemy import Table, select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncConnection

from booking.engine import WRITES, create_engine
from booking.errors import WrongDatabase
from desk import schema
from desk.errors import DeskCode, DeskRefused
from desk.schema import audit, meta, requests

KEEP_REQUESTS = timedelta(days=7)

Result = TypeVar("Result")
Work = Callable[[AsyncConnection], Awaitable[Result]]


@dataclass(frozen=True)
class RequestId:
    """An idempotency key and the body it came with, both as keyed hashes."""

    key_hash: str
    body_hash: str


class Database:
    """Runs the desk's transactions."""

    def __init__(self, url: str) -> None:
        self._engine = create_engine(url)
        self._insert = {"sqlite": sqlite.insert, "postgresql": postgresql.insert}[
            self._engine.dialect.name
        ]
        self._turn = asyncio.Lock() if self._engine.dialect.name == "sqlite" else None
        self._running: set[asyncio.Task[Any]] = set()

    async def open(self, key_check: str) -> None:
        """Make the tables if they are missing.

        Raises:
            WrongDatabase: It can't be opened, or its tables are of another version or data key.
        """

        async def work(connection: AsyncConnection) -> None:
            await connection.run_sync(schema.metadata.create_all)
            await self._check_meta(connection, "version", schema.VERSION)
            await self._check_meta(connection, "data_key", key_check)

        try:
            await self.write(work)
        except DBAPIError as error:
            raise WrongDatabase(f"the database can't be used: {error.orig}") from error

    async def close(self) -> None:
        """Let running transactions end, then close all connections."""
        if self._running:
            await asyncio.wait(self._running)
        await self._engine.dispose()

    def insert(self, table: Table) -> Any:  # noqa: ANN401 - SQLAlchemy 1.4 is untyped
        """An insert of this database's dialect, which knows what to do on a conflict."""
        return self._insert(table)

    async def begin(
        self, connection: AsyncConnection, request: RequestId, now: datetime
    ) -> str | None:
        """What the request led to when it came before; None when it is new and now noted.

        Raises:
            DeskRefused: IDEMPOTENCY_CONFLICT, the key came with another body.
        """
        row = {**vars(request), "result": "", "at": now}
        fresh = self.insert(requests).values(row).on_conflict_do_nothing(["key_hash"])
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

    async def read(self, work: Work[Result]) -> Result:
        """Do `work` in a transaction that only reads."""

        async def run() -> Result:
            async with self._engine.connect() as connection:
                return await work(connection)

        return await self._finish(run())

    async def write(self, work: Work[Result]) -> Result:
        """Do `work` in a transaction; when it raises, nothing of it stays."""

        async def run() -> Result:
            async with AsyncExitStack() as stack:
                if self._turn is not None:
                    await stack.enter_async_context(self._turn)
                writer = self._engine.execution_options(**{WRITES: True})
                return await work(await stack.enter_async_context(writer.begin()))

        return await self._finish(run())

    async def _check_meta(self, connection: AsyncConnection, name: str, value: str) -> None:
        """Note the fact when the tables are new; refuse the database when it says otherwise."""
        fresh = self.insert(meta).values(name=name, value=value).on_conflict_do_nothing()
        await connection.execute(fresh)
        kept = await connection.scalar(select(meta.c.value).where(meta.c.name == name))
        if kept != value:
            raise WrongDatabase(f"the desk's tables have another {name} than this backend")

    async def _finish(self, work: Coroutine[Any, Any, Result]) -> Result:
        """Run a transaction to its end even when the one who waits for it is cancelled."""
        task = asyncio.create_task(work)
        self._running.add(task)
        task.add_done_callback(self._running.discard)
        return await asyncio.shield(task)
