"""Transactions on SQLite: in threads of its own, and many writers in one commit.

SQLite has one writer at a time, and a commit waits for the disk. So those who wait for their turn
share a transaction: each runs in a savepoint of its own, so that its error undoes its own work
alone, and nobody is answered before the one commit of all is on the disk; if that fails, it has
failed for all of them.

What a transaction does is written for an asynchronous connection. Here it is run in a thread with
an ordinary one behind the same names (`Direct`), which never waits for the event loop: one change
of threads for a whole transaction instead of several for each statement.
"""

from __future__ import annotations

import asyncio
import contextvars
import sqlite3
import time
from collections import deque
from collections.abc import Awaitable, Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Any, TypeVar

from sqlalchemy.engine import Connection, Dialect, Engine
from sqlalchemy.exc import OperationalError

from database.statements import Prepared

MOST = 64
"""Writers that share a commit at the most."""
LONGEST = 0.05
"""Seconds after which a transaction takes in no more writers."""
READERS = 4
"""Threads for transactions that only read."""
Result = TypeVar("Result")
Work = Callable[[Any], Awaitable[Result]]


class Direct:
    """An ordinary connection under the names of an asynchronous one."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._driver: sqlite3.Connection = connection.connection.dbapi_connection
        self.dialect: Dialect = connection.dialect

    async def execute(self, statement: Any, parameters: Any = None) -> Any:  # noqa: ANN401
        """Run a statement."""
        if isinstance(statement, Prepared):
            return statement.run(self._driver, parameters)
        return self._connection.execute(statement, parameters)

    async def scalar(self, statement: Any, parameters: Any = None) -> Any:  # noqa: ANN401
        """The first column of the first row, or None."""
        return self._connection.scalar(statement, parameters)


@dataclass(frozen=True)
class _Job:
    """A transaction that waits for its turn, in the context of who asked for it."""

    work: Work[Any]
    answer: asyncio.Future[Any]
    context: contextvars.Context = field(default_factory=contextvars.copy_context)

    def run(self, connection: Connection) -> Any:  # noqa: ANN401
        """What the work gives."""
        return self.context.run(_run_through, self.work, Direct(connection))


class _Failed:
    """An error instead of a result."""

    def __init__(self, error: BaseException) -> None:
        self.error = error


class GroupCommit:
    """Reads and writes on one SQLite file."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._waiting: deque[_Job] = deque()
        self._turn: asyncio.Task[None] | None = None
        self._set_up_threads()

    async def read(self, work: Work[Result]) -> Result:
        """Run `work` in a transaction that only reads."""
        loop = asyncio.get_running_loop()
        job = _Job(work, loop.create_future())
        result: Result = await loop.run_in_executor(self._reading, self._look, job)
        return result

    async def write(self, work: Work[Result]) -> Result:
        """Run `work` in a savepoint of a transaction that others share, and commit."""
        job = _Job(work, asyncio.get_running_loop().create_future())
        self._waiting.append(job)
        if self._turn is None or self._turn.done():
            self._turn = asyncio.create_task(self._take_turns())
        result: Result = await job.answer
        return result

    def close(self) -> None:
        """Close all connections; nothing may be running any more."""
        self._writing.shutdown()
        self._reading.shutdown()
        self._engine.dispose()
        self._set_up_threads()  # it may be opened again; none of them starts before it has work

    def _set_up_threads(self) -> None:
        self._writing = ThreadPoolExecutor(1, "sqlite-write")
        self._reading = ThreadPoolExecutor(READERS, "sqlite-read")

    async def _take_turns(self) -> None:
        """One transaction after the other until nobody waits."""
        loop = asyncio.get_running_loop()
        while self._waiting:
            for job, result in await loop.run_in_executor(self._writing, self._commit):
                if job.answer.done():
                    continue
                if isinstance(result, _Failed):
                    job.answer.set_exception(result.error)
                else:
                    job.answer.set_result(result)

    def _look(self, job: _Job) -> Any:  # noqa: ANN401
        with self._engine.connect() as connection:
            connection.exec_driver_sql("BEGIN")
            return job.run(connection)

    def _commit(self) -> list[tuple[_Job, Any]]:
        """One transaction of those who wait, also of those who come while it runs."""
        taken: list[_Job] = []
        try:
            with self._engine.begin() as connection:
                connection.exec_driver_sql("BEGIN IMMEDIATE")
                return list(zip(taken, self._run_all(connection, taken), strict=True))
        except Exception as error:  # noqa: BLE001 - whatever it is, it goes to those who wait
            if isinstance(error, sqlite3.Error):  # of a savepoint, past SQLAlchemy
                error = OperationalError("SAVEPOINT", None, error)
            failed = taken or [self._waiting.popleft() for _ in range(len(self._waiting))]
            return [(job, _Failed(error)) for job in failed]

    def _run_all(self, connection: Connection, taken: list[_Job]) -> list[Any]:
        until = time.monotonic() + LONGEST
        results = []
        while self._waiting and len(taken) < MOST and (not taken or time.monotonic() < until):
            taken.append(self._waiting.popleft())
            results.append(self._run(connection, taken[-1]))
        return results

    def _run(self, connection: Connection, job: _Job) -> Any:  # noqa: ANN401
        """What the job gives, or its error after its own work was undone.

        Raises:
            Exception: The whole transaction is lost: the database was full, or the disk failed.
        """
        file = connection.connection.dbapi_connection
        file.execute("SAVEPOINT one")
        try:
            result = job.run(connection)
        except Exception as error:
            if not file.in_transaction:
                raise
            file.execute("ROLLBACK TO one")
            result = _Failed(error)
        file.execute("RELEASE one")
        return result


def _run_through(work: Work[Result], connection: Direct) -> Result:
    """Run to its end what awaits nothing but the connection, and so never has to wait.

    Raises:
        RuntimeError: It awaits something else.
    """
    awaited = work(connection).__await__()
    try:
        next(awaited)
    except StopIteration as done:
        result: Result = done.value
        return result
    raise RuntimeError("a transaction may await its connection alone")
