"""One database: its engine, and transactions that always run to their end.

On SQLite those who write at once share commits (`database.group_commit`); on PostgreSQL each has a
connection and a commit of its own, and is run once more when the server had to break a deadlock.
The stores are built on this; it knows none of their tables.
"""

from __future__ import annotations

import asyncio
import random
from collections.abc import Awaitable, Callable, Coroutine
from typing import Any, TypeVar

from asyncpg import InterfaceError, PostgresError
from sqlalchemy import func, select
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncConnection

from database.engine import WRITES, create_engine, create_sqlite_engine, name_of, read_address
from database.errors import WrongDatabase
from database.group_commit import GroupCommit
from database.opening import open_database
from database.statements import insert_of

Result = TypeVar("Result")
_UPGRADE_SECONDS = 600.0
"""How long one statement may take that changes the tables of a large database."""
Work = Callable[[AsyncConnection], Awaitable[Result]]
_AGAIN = {"40P01", "40001"}
"""Deadlock, serialization failure: SQLSTATEs of what may succeed when it is done once more."""
_TRIES = 5
_PAUSE = 0.02
"""Seconds: the most that is waited before the second try, twice as long before the third."""


class Database:
    """Reads and writes in transactions; on PostgreSQL and SQLite alike."""

    def __init__(self, url: str) -> None:
        """Prepare; nothing is opened before the first transaction.

        Raises:
            WrongDatabase: `url` is no address of SQLite or PostgreSQL.
        """
        self._url = read_address(url)
        self._engine = create_engine(self._url)
        self._sqlite: GroupCommit | None = None
        if self._engine.dialect.name == "sqlite":
            self._sqlite = GroupCommit(create_sqlite_engine(self._url))
        self.insert: Any = insert_of(self._engine.dialect.name)
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
        if self._sqlite is not None:
            await asyncio.to_thread(self._sqlite.close)
        await self._engine.dispose()

    async def read(self, work: Work[Result]) -> Result:
        """Run `work` in a transaction that only reads; it may await its connection alone."""
        if self._sqlite is not None:
            return await self._finish(self._sqlite.read(work))

        async def run() -> Result:
            async with self._engine.connect() as connection:
                return await work(connection)

        return await self._finish(run())

    async def write(self, work: Work[Result]) -> Result:
        """Run `work` in a transaction that may write; an error of it undoes all that it did.

        It may await its connection alone, and may be run more than once.
        """
        if self._sqlite is not None:
            return await self._finish(self._sqlite.write(work))
        return await self._finish(self._write_again(work))

    async def _write_again(self, work: Work[Result]) -> Result:
        """Run `work` in a transaction of its own, and anew when it met a deadlock."""
        tries = 1
        while True:
            try:
                async with self._engine.begin() as connection:
                    return await work(connection)
            except DBAPIError as error:
                if getattr(error.orig, "sqlstate", None) not in _AGAIN or tries == _TRIES:
                    raise
            await asyncio.sleep(random.uniform(0, _PAUSE * tries))  # noqa: S311 - no secret
            tries += 1

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
