"""The SQLAlchemy engine: SQLite in a file of ours, or a PostgreSQL server, by the address alone.

SQLite: write-ahead log, so that readers and the writer don't wait for each other; every commit is
on the disk before it is answered; foreign keys checked; a busy time-out for other processes that
open the file; what is deleted is overwritten. A transaction that will write says BEGIN IMMEDIATE
and owns the database from its first statement; one that begins as a reader and then writes could
fail with SQLITE_BUSY half-way.

PostgreSQL: READ COMMITTED whatever the server's default is, as the stores count on row locks; a
time-out for connecting, for every statement, for a free connection of the pool, and on the server
for a transaction whose backend has gone silent, so that its locks don't stay.
"""

from __future__ import annotations

import sqlite3
from contextlib import suppress
from pathlib import Path
from typing import Any

from sqlalchemy import create_engine as create_ordinary_engine
from sqlalchemy import event
from sqlalchemy.engine import URL, Connection, Engine, make_url
from sqlalchemy.exc import ArgumentError, NoSuchModuleError
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine
from sqlalchemy.pool import AsyncAdaptedQueuePool, QueuePool

from database.errors import WrongDatabase

WRITES = "banshi_writes"
"""Execution option of a transaction that is going to write."""
_BUSY_MILLISECONDS = 10_000
_SQLITE_CONNECTIONS = 5
_CHECKPOINT_PAGES = 8_000
"""Of 4 KiB: how long the write-ahead log grows before it goes into the file."""
_CACHE_KIBIBYTES = 65_536
_POSTGRESQL_CONNECTIONS = 10
_CONNECT_SECONDS = 10.0
_STATEMENT_SECONDS = 15.0
_POOL_SECONDS = 15.0
_SILENT_SECONDS = 30
_ADVICE = (
    "write it like sqlite+aiosqlite:////var/lib/banshi/booking.db"
    " or postgresql://user:password@host:5432/banshi"
)


def read_address(text: str) -> URL:
    """The address of a database as it stands in a setting.

    Raises:
        WrongDatabase: It is no address, or not of SQLite or PostgreSQL.
    """
    # Without the text: a password may stand in it.
    try:
        url = make_url(text)
        backend = url.get_backend_name()
    except (ArgumentError, NoSuchModuleError, ValueError):
        raise WrongDatabase(f"BANSHI_BOOKING_DB is no address of a database; {_ADVICE}") from None
    if url.drivername == "postgresql":
        url = url.set(drivername="postgresql+asyncpg")
    if url.drivername not in {"sqlite+aiosqlite", "postgresql+asyncpg"}:
        raise WrongDatabase(
            f"BANSHI_BOOKING_DB names {backend} or a driver that is not used here; {_ADVICE}"
        )
    return url


def name_of(url: URL) -> str:
    """How a database is called in messages: without password and options."""
    return repr(url.set(query={}))


def create_engine(url: URL, statement_seconds: float = _STATEMENT_SECONDS) -> AsyncEngine:
    """An engine for the database at `url`; for a SQLite file its directory is made.

    Args:
        url: What `read_address` gave.
        statement_seconds: How long one statement may take on PostgreSQL.
    """
    if url.get_backend_name() == "sqlite":
        return _sqlite(url)
    return create_async_engine(
        url,
        pool_size=_POSTGRESQL_CONNECTIONS,
        max_overflow=0,
        pool_timeout=_POOL_SECONDS,
        pool_pre_ping=True,
        isolation_level="READ COMMITTED",
        hide_parameters=True,  # an error's message must not show what was written
        connect_args={
            "timeout": _CONNECT_SECONDS,
            "command_timeout": statement_seconds,
            "server_settings": {
                "application_name": "banshi",
                "idle_in_transaction_session_timeout": f"{_SILENT_SECONDS}s",
            },
        },
    )


def create_sqlite_engine(url: URL) -> Engine:
    """An engine of the ordinary kind for the SQLite file at `url`, to be used by several threads.

    It is what transactions run on (`database.group_commit`); like that of `create_engine` in
    everything else, but that whoever uses it says BEGIN: an engine with a listener of its own takes
    longer over each statement.
    """
    _make_directory(url)
    engine = create_ordinary_engine(
        url.set(drivername="sqlite"),
        poolclass=QueuePool,
        pool_size=_SQLITE_CONNECTIONS,
        max_overflow=0,
        pool_timeout=_POOL_SECONDS,
        hide_parameters=True,
        future=True,
        connect_args={"check_same_thread": False},  # the pool hands it to one after the other
    )
    event.listen(engine, "connect", _set_up_sqlite)
    return engine


def _sqlite(url: URL) -> AsyncEngine:
    _make_directory(url)
    engine = create_async_engine(
        url,
        poolclass=AsyncAdaptedQueuePool,
        pool_size=_SQLITE_CONNECTIONS,
        max_overflow=0,
        pool_timeout=_POOL_SECONDS,
        hide_parameters=True,
    )
    event.listen(engine.sync_engine, "connect", _set_up_sqlite)
    event.listen(engine.sync_engine, "begin", _begin_sqlite)
    return engine


def _make_directory(url: URL) -> None:
    if url.database and url.database != ":memory:":
        Path(url.database).parent.mkdir(parents=True, exist_ok=True)


def _set_up_sqlite(connection: Any, record: Any) -> None:  # noqa: ANN401 - the driver's object
    connection.isolation_level = None  # the driver must not begin transactions by itself
    cursor = connection.cursor()
    cursor.execute(f"PRAGMA busy_timeout = {_BUSY_MILLISECONDS}")
    # A process that opens the file at the same moment changes it for both; this doesn't wait.
    with suppress(sqlite3.OperationalError):
        cursor.execute("PRAGMA journal_mode = WAL")
    cursor.execute("PRAGMA synchronous = FULL")
    cursor.execute(f"PRAGMA wal_autocheckpoint = {_CHECKPOINT_PAGES}")
    cursor.execute(f"PRAGMA cache_size = -{_CACHE_KIBIBYTES}")
    cursor.execute("PRAGMA foreign_keys = ON")
    cursor.execute("PRAGMA secure_delete = ON")  # what is erased is overwritten in the file
    cursor.close()


def _begin_sqlite(connection: Connection) -> None:
    writes = connection.get_execution_options().get(WRITES, False)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")
