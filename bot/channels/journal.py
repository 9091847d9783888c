"""What the channel must still know after a restart, and what several servers must know together.

Which messages were answered, so that WeChat's repeats are not answered twice; and which letters
citizens have seen, so that the backend's repeats are not read twice. A small SQLite file with ids
alone, no words. A message's openid stands in no id but that of events, which are hashed for it.
"""

from __future__ import annotations

import asyncio
import hashlib
import sqlite3
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path
from time import time

import aiosqlite
import structlog

log = structlog.get_logger(__name__)

KEEP_LETTERS = 40 * 86_400.0
"""Seconds; the backend gives a letter up after 30 days."""
KEEP_MESSAGES = 3_600.0
"""WeChat repeats a message within a quarter of a minute; the rest is for clocks and queues."""
LEASE = 20.0
"""So long a message that was begun and not ended is another server's, or one that went down."""
_BUSY_SECONDS = 5.0
_TABLES = (
    "CREATE TABLE IF NOT EXISTS seen (id TEXT PRIMARY KEY, at REAL NOT NULL) WITHOUT ROWID",
    "CREATE TABLE IF NOT EXISTS messages "
    "(id TEXT PRIMARY KEY, at REAL NOT NULL, done INTEGER NOT NULL) WITHOUT ROWID",
)
_CLAIM = (
    "INSERT INTO messages VALUES (?, ?, 0) ON CONFLICT (id) DO UPDATE SET at = excluded.at "
    "WHERE done = 0 AND at < ?"
)


class Journal:
    """The channel's memory in a file; opens it when it is first asked."""

    def __init__(self, file: Path, *, lease: float = LEASE) -> None:
        self._file = file
        self._lease = lease
        self._connection: aiosqlite.Connection | None = None
        self._closed = False
        self._opening = asyncio.Lock()

    async def claim(self, message: str) -> bool:
        """Whether the message is to be worked on here: nobody has answered it, or is about to.

        One that was begun and not ended within the lease is given out again: its server went down.
        When the file can't be used the message is worked on; rather twice than never.
        """
        moment = time()
        try:
            connection = await self._open()
            claimed = await connection.execute(_CLAIM, (_id(message), moment, moment - self._lease))
        except (sqlite3.Error, OSError) as error:
            log.error("journal.failed", error=type(error).__name__)
            return True
        return claimed.rowcount == 1

    async def done(self, message: str) -> None:
        """Note that the message was answered."""
        try:
            connection = await self._open()
            await connection.execute("UPDATE messages SET done = 1 WHERE id = ?", (_id(message),))
        except (sqlite3.Error, OSError) as error:
            log.error("journal.failed", error=type(error).__name__)

    async def has_seen(self, letter: str) -> bool:
        """Whether a citizen has seen the letter.

        Raises:
            sqlite3.Error: The file can't be read.
        """
        connection = await self._open()
        async with connection.execute("SELECT 1 FROM seen WHERE id = ?", (letter,)) as found:
            return await found.fetchone() is not None

    async def note_seen(self, letters: Iterable[str]) -> None:
        """Note that these letters were seen.

        Raises:
            sqlite3.Error: The file can't be written.
        """
        connection = await self._open()
        rows = [(letter, time()) for letter in letters]
        await connection.executemany("INSERT OR REPLACE INTO seen VALUES (?, ?)", rows)

    async def close(self) -> None:
        """Close the file for good: whoever comes later finds it unusable."""
        async with self._opening:
            self._closed = True
            if self._connection is not None:
                await self._connection.close()
                self._connection = None

    async def _open(self) -> aiosqlite.Connection:
        async with self._opening:
            if self._closed:
                raise sqlite3.ProgrammingError("the journal is closed")
            if self._connection is None:
                self._file.parent.mkdir(parents=True, exist_ok=True)
                opening = aiosqlite.connect(self._file, timeout=_BUSY_SECONDS, isolation_level=None)
                opening.daemon = True  # its thread must not keep a server from ending
                connection = await opening
                # Another server that opens it at the same moment changes it for both.
                with suppress(sqlite3.OperationalError):
                    await connection.execute("PRAGMA journal_mode = WAL")
                await connection.execute("PRAGMA synchronous = NORMAL")
                for table in _TABLES:
                    await connection.execute(table)
                old = (("seen", KEEP_LETTERS), ("messages", KEEP_MESSAGES))
                for name, seconds in old:
                    await connection.execute(
                        f"DELETE FROM {name} WHERE at < ?",  # noqa: S608 - our own two names
                        (time() - seconds,),
                    )
                self._connection = connection
            return self._connection


def _id(message: str) -> str:
    """The id of a message as it is kept: events are told apart by their openid, which is none."""
    return hashlib.sha256(message.encode()).hexdigest()[:32]
