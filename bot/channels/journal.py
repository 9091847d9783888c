"""What the channel must still know after a restart, and what several servers must know together.

Which messages were answered, so that WeChat's repeats are not answered twice; and which letters
citizens have seen, so that the backend's repeats are not read twice. Ids alone, no words; those of
messages are hashed, as an openid stands in them.

`Journal` is what the channel asks. `FileJournal` keeps it in a small SQLite file, for servers on
one machine; `bot.channels.redis_journal` in Redis, for servers on several.
"""

from __future__ import annotations

import asyncio
import hashlib
import sqlite3
from collections import deque
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from enum import Enum
from pathlib import Path
from time import time
from typing import Any, Protocol, TypeVar

import structlog

log = structlog.get_logger(__name__)

KEEP_LETTERS = 40 * 86_400.0
"""Seconds; the backend gives a letter up after 30 days."""
KEEP_MESSAGES = 3_600.0
"""WeChat repeats a message within a quarter of a minute; the rest is for clocks and queues."""
LEASE = 3.0
"""Seconds that a claim lasts which isn't renewed: after that its server went down. Within the five
that WeChat waits, so that a repeat can be held until it is plain."""
Result = TypeVar("Result")


class Claim(Enum):
    """Whose a message is."""

    OURS = "ours"  # to be worked on here
    ELSEWHERE = "elsewhere"  # begun, by a server that lives or went down just now
    DONE = "done"  # answered


class Journal(Protocol):
    """The channel's memory."""

    async def claim(self, message: str) -> Claim:
        """Tell whose the message is; nobody's becomes ours, and so does one whose claim lapsed.

        When the memory can't be used the message is ours; rather twice than never.
        """

    async def renew(self, messages: Iterable[str]) -> None:
        """Let the claims of these messages last for another lease, unless they were answered."""

    async def done(self, message: str) -> None:
        """Note that the message was answered."""

    async def has_seen(self, letter: str) -> bool:
        """Whether a citizen has seen the letter.

        Raises:
            JournalDown: The memory can't be used.
        """

    async def note_seen(self, letters: Iterable[str]) -> None:
        """Note that these letters were seen.

        Raises:
            JournalDown: The memory can't be used.
        """

    async def close(self) -> None:
        """Close it for good: whoever comes later finds it unusable."""


class JournalDown(Exception):
    """The memory can't be used; the message names the error's class, nothing else."""


_BUSY_SECONDS = 5.0
_CLEAN_EVERY = 600.0
_TABLES = (
    "CREATE TABLE IF NOT EXISTS seen (id TEXT PRIMARY KEY, at REAL NOT NULL) WITHOUT ROWID",
    "CREATE TABLE IF NOT EXISTS messages "
    "(id TEXT PRIMARY KEY, at REAL NOT NULL, done INTEGER NOT NULL) WITHOUT ROWID",
)
_CLAIM = (
    "INSERT INTO messages VALUES (?, ?, 0) ON CONFLICT (id) DO UPDATE SET at = excluded.at "
    "WHERE done = 0 AND at < ?"
)
_RENEW = "UPDATE messages SET at = ? WHERE id = ? AND done = 0"
_Work = Callable[[sqlite3.Connection], Any]


@dataclass(frozen=True)
class _Job:
    work: _Work
    answer: asyncio.Future[Any]


class FileJournal:
    """A journal in a SQLite file; opens it when it is first asked.

    What is asked while the thread is at work waits and is then done in one transaction. A change of
    threads may take as long as a message in a busy server, so one for each message is too many.
    """

    def __init__(self, file: Path, *, lease: float = LEASE) -> None:
        self._file = file
        self._lease = lease
        self._thread = ThreadPoolExecutor(1, "journal")
        self._waiting: deque[_Job] = deque()
        self._turn: asyncio.Task[None] | None = None
        self._connection: sqlite3.Connection | None = None
        self._cleaned = 0.0
        self._closed = False

    async def claim(self, message: str) -> Claim:
        """See `Journal`."""
        key, moment = message_id(message), time()

        def claim(file: sqlite3.Connection) -> Claim:
            values = (key, moment, moment - self._lease)
            if file.execute(_CLAIM, values).rowcount == 1:
                return Claim.OURS
            (done,) = file.execute("SELECT done FROM messages WHERE id = ?", (key,)).fetchone()
            return Claim.DONE if done else Claim.ELSEWHERE

        try:
            return await self._do(claim)
        except JournalDown as error:
            log.error("journal.failed", error=str(error))
            return Claim.OURS

    async def renew(self, messages: Iterable[str]) -> None:
        """See `Journal`."""
        rows = [(time(), message_id(message)) for message in messages]
        try:
            await self._do(lambda file: file.executemany(_RENEW, rows))
        except JournalDown as error:
            log.error("journal.failed", error=str(error))

    async def done(self, message: str) -> None:
        """See `Journal`."""
        key = message_id(message)
        try:
            await self._do(
                lambda file: file.execute("UPDATE messages SET done = 1 WHERE id = ?", (key,))
            )
        except JournalDown as error:
            log.error("journal.failed", error=str(error))

    async def has_seen(self, letter: str) -> bool:
        """See `Journal`."""

        def look(file: sqlite3.Connection) -> bool:
            return file.execute("SELECT 1 FROM seen WHERE id = ?", (letter,)).fetchone() is not None

        return await self._do(look)

    async def note_seen(self, letters: Iterable[str]) -> None:
        """See `Journal`."""
        rows = [(letter, time()) for letter in letters]
        await self._do(
            lambda file: file.executemany("INSERT OR REPLACE INTO seen VALUES (?, ?)", rows)
        )

    async def close(self) -> None:
        """See `Journal`."""
        self._closed = True
        if self._turn is not None:
            await self._turn
        await asyncio.get_running_loop().run_in_executor(self._thread, self._shut)
        self._thread.shutdown()

    async def _do(self, work: Callable[[sqlite3.Connection], Result]) -> Result:
        if self._closed:
            raise JournalDown("closed")
        job = _Job(work, asyncio.get_running_loop().create_future())
        self._waiting.append(job)
        if self._turn is None or self._turn.done():
            self._turn = asyncio.create_task(self._take_turns())
        result: Result = await job.answer
        return result

    async def _take_turns(self) -> None:
        """One transaction after the other until nobody waits."""
        loop = asyncio.get_running_loop()
        while self._waiting:
            jobs = list(self._waiting)
            self._waiting.clear()
            results = await loop.run_in_executor(self._thread, self._run, [j.work for j in jobs])
            for number, job in enumerate(jobs):
                if job.answer.done():
                    continue
                if isinstance(results, JournalDown):
                    job.answer.set_exception(results)
                else:
                    job.answer.set_result(results[number])

    def _run(self, works: list[_Work]) -> list[Any] | JournalDown:
        """The results of all in one transaction; when one fails, all have failed."""
        try:
            file = self._open()
            with file:
                file.execute("BEGIN IMMEDIATE")
                return [work(file) for work in works]
        except (sqlite3.Error, OSError) as error:
            return JournalDown(type(error).__name__)

    def _open(self) -> sqlite3.Connection:
        if self._connection is None:
            self._file.parent.mkdir(parents=True, exist_ok=True)
            file = sqlite3.connect(self._file, timeout=_BUSY_SECONDS, isolation_level=None)
            file.execute("PRAGMA journal_mode = WAL")
            file.execute("PRAGMA synchronous = NORMAL")
            for table in _TABLES:
                file.execute(table)
            self._connection = file
        if time() - self._cleaned > _CLEAN_EVERY:
            self._cleaned = time()
            for name, seconds in (("seen", KEEP_LETTERS), ("messages", KEEP_MESSAGES)):
                self._connection.execute(
                    f"DELETE FROM {name} WHERE at < ?",  # noqa: S608 - our own two names
                    (time() - seconds,),
                )
        return self._connection

    def _shut(self) -> None:
        if self._connection is not None:
            self._connection.close()
            self._connection = None


def message_id(message: str) -> str:
    """The id of a message as it is kept: the openid in it can't be read from that."""
    return hashlib.sha256(message.encode()).hexdigest()[:32]
