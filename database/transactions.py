"""One database: its engine, and transactions that always run to their end.

In this process writers on SQLite wait for each other in an asyncio lock: fair, and nobody runs into
the busy time-out. The stores are built on this; it knows none of their tables.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Coroutine
from contextlib import AsyncExitStack
from typing import Any, TypeVar

from asyncpg import InterfaceError, PostgresError
from sqlalchemy import func, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncConnection

from database.engine import WRITES, create_engine, name_of, read_address
from database.errors import WrongDatabase
from database.opening import open_database

Result = TypeVar("Result")
_UPGRADE_SECONDS = 600.0
"""How long one statement may take that changes the tables of a large database."""
Work = Callable[[AsyncConnection], Awaitable[Result]]


class Database:
    """Reads and writes in transactions; on PostgreSQL and SQLite alike."""

    def __init__(self, url: str) -> None:
        """Prepare; nothing is opened before the first transaction.

        Raises:
            WrongDatabase: `url` is no address of SQLite or PostgreSQL.
        """
        self._url = read_address(url)
        self._engine = create_engine(self._url)
        self.insert: Any = {"sqlite": sqlite.insert, "postgresql": postgresql.insert}[
            self._engine.dialect.name
        ]
        self._turn = asyncio.Lock() if self._engine.dialect.name == "sqlite" else None
        self._running: set[asyncio.Task[Any]] = set()

    async def open(self, key_check: str) -> None:
        """Make the tables or bring them up to date, and hold the database to its data key.

        Args:
            key_check: What is the same for the same data key.

        Raises:
            WrongDatabase: It can't be reached or used, its version isn't known, or it was written
                with another data key; the message says how to mend it.
        """
        engine = create_engine(self._url, _UPGRADE_SECONDS).execution_options(**{WRITES: True})
        try:
            async with engine.begin() as connection:
                await connection.run_sync(open_database, key_check)
        except (DBAPIError, InterfaceError, PostgresError, OSError, asyncio.TimeoutError) as error:
            why = error.orig if isinstance(error, DBAPIError) else error
            raise WrongDatabase(
                f"the database {name_of(self._url)} can't be used: {why or type(error).__name__};"
                " see that it is there, open to this user, and that BANSHI_BOOKING_DB names it"
            ) from error
        finally:
            await engine.dispose()

    async def close(self) -> None:
        """Let running transactions end, then close all connections."""
        if self._running:
            await asyncio.wait(self._running)
        await self._engine.dispose()

    async def read(self, work: Work[Result]) -> Result:
        """Run `work` in a transaction that only reads."""

        async def run() -> Result:
            async with self._engine.connect() as connection:
                return await work(connection)

        return await self._finish(run())

    async def write(self, work: Work[Result]) -> Result:
        """Run `work` in a transaction that may write; an error of it undoes everything."""

        async def run() -> Result:
            async with AsyncExitStack() as stack:
                if self._turn is not None:
                    await stack.enter_async_context(self._turn)
                writer = self._engine.execution_options(**{WRITES: True})
                return await work(await stack.enter_async_context(writer.begin()))

        return await self._finish(run())

    async def line_up(self, connection: AsyncConnection, who: str) -> None:
        """Let the writing transactions about the same `who` go one after the other from here on.

        For what is counted before it is written: nothing counted can change in between. On SQLite
        all writers go one after the other anyway.
        """
        if self._engine.dialect.name == "postgresql":
            lock = select(func.pg_advisory_xact_lock(func.hashtextextended(who, 0)))
            await connection.execute(lock)

    async def _finish(self, work: Coroutine[Any, Any, Result]) -> Result:
        """Run a transaction to its end even when the one who waits for it is cancelled."""
        task = asyncio.create_task(work)
        self._running.add(task)
        task.add_done_callback(self._running.discard)
        return await asyncio.shield(task)
