"""Which letters citizens have seen, kept in a small SQLite file.

The backend posts a letter again until it hears that it was seen, and the bot may have been started
anew in between: without this file the citizen would read it twice. It holds ids alone, no words and
no openids, for as long as the backend may ask.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from pathlib import Path
from time import time

import aiosqlite

KEEP_SECONDS = 40 * 86_400.0
"""The backend gives a letter up after 30 days."""
_BUSY_SECONDS = 5.0
_TABLE = "CREATE TABLE IF NOT EXISTS seen (id TEXT PRIMARY KEY, at REAL NOT NULL) WITHOUT ROWID"


class SeenLetters:
    """The ids of letters that were seen; opens its file when it is first asked."""

    def __init__(self, file: Path) -> None:
        self._file = file
        self._connection: aiosqlite.Connection | None = None
        self._opening = asyncio.Lock()

    async def has(self, letter: str) -> bool:
        """Whether the letter was seen.

        Raises:
            sqlite3.Error: The file can't be read.
        """
        connection = await self._open()
        async with connection.execute("SELECT 1 FROM seen WHERE id = ?", (letter,)) as found:
            return await found.fetchone() is not None

    async def note(self, letters: Iterable[str]) -> None:
        """Note that these were seen.

        Raises:
            sqlite3.Error: The file can't be written.
        """
        connection = await self._open()
        rows = [(letter, time()) for letter in letters]
        await connection.executemany("INSERT OR REPLACE INTO seen VALUES (?, ?)", rows)
        await connection.commit()

    async def close(self) -> None:
        """Close the file; a later question opens it again."""
        if self._connection is not None:
            await self._connection.close()
            self._connection = None

    async def _open(self) -> aiosqlite.Connection:
        async with self._opening:
            if self._connection is None:
                self._file.parent.mkdir(parents=True, exist_ok=True)
                connection = await aiosqlite.connect(self._file, timeout=_BUSY_SECONDS)
                await connection.execute("PRAGMA journal_mode = WAL")
                await connection.execute(_TABLE)
                await connection.execute("DELETE FROM seen WHERE at < ?", (time() - KEEP_SECONDS,))
                await connection.commit()
                self._connection = connection
            return self._connection
