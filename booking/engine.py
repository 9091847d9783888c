"""The SQLAlchemy engine, with SQLite set up for one process with many requests.

SQLite: write-ahead log, so that readers and the writer don't wait for each other; foreign keys
checked; a busy time-out for other processes that open the file; what is deleted is overwritten. A
transaction that will write says BEGIN IMMEDIATE and owns the database from its first statement; one
that begins as a reader and then writes could fail with SQLITE_BUSY half-way.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from sqlalchemy import event
from sqlalchemy.engine import Connection, make_url
from sqlalchemy.exc import ArgumentError
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine
from sqlalchemy.pool import AsyncAdaptedQueuePool

from booking.settings import BadSettings

WRITES = "banshi_writes"
"""Execution option of a transaction that is going to write."""
_BUSY_MILLISECONDS = 10_000
_CONNECTIONS = 5


def create_engine(url: str) -> AsyncEngine:
    """An engine for the database at `url`; for a SQLite file its directory is made.

    Raises:
        BadSettings: The URL can't be read, or no driver for it is installed.
    """
    try:
        if make_url(url).get_backend_name() != "sqlite":
            return create_async_engine(url, pool_pre_ping=True, hide_parameters=True)
    except (ArgumentError, ImportError):
        # Without the URL: a password may stand in it.
        raise BadSettings("BANSHI_BOOKING_DB is no URL, or its driver is not installed") from None
    database = make_url(url).database
    if database and database != ":memory:":
        Path(database).parent.mkdir(parents=True, exist_ok=True)
    engine = create_async_engine(
        url,
        poolclass=AsyncAdaptedQueuePool,
        pool_size=_CONNECTIONS,
        max_overflow=0,
        hide_parameters=True,  # an error's message must not show what was written
    )
    event.listen(engine.sync_engine, "connect", _set_up_sqlite)
    event.listen(engine.sync_engine, "begin", _begin_sqlite)
    return engine


def _set_up_sqlite(connection: Any, record: Any) -> None:  # noqa: ANN401 - the driver's object
    connection.isolation_level = None  # the driver must not begin transactions by itself
    cursor = connection.cursor()
    cursor.execute(f"PRAGMA busy_timeout = {_BUSY_MILLISECONDS}")
    cursor.execute("PRAGMA journal_mode = WAL")
    cursor.execute("PRAGMA foreign_keys = ON")
    cursor.execute("PRAGMA secure_delete = ON")  # what is erased is overwritten in the file
    cursor.close()


def _begin_sqlite(connection: Connection) -> None:
    writes = connection.get_execution_options().get(WRITES, False)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")
