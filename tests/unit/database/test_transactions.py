"""Transactions: many in one commit on SQLite, once more after a deadlock on PostgreSQL."""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, closing
from contextvars import ContextVar
from pathlib import Path
from typing import Any

import pytest
from databases import Files, Postgres, change, rows
from sqlalchemy import event, text
from sqlalchemy.engine import Engine
from sqlalchemy.exc import DBAPIError, IntegrityError, OperationalError

from database import engine, group_commit
from database.transactions import Database

TABLES = (
    "CREATE TABLE parents (id INTEGER PRIMARY KEY)",
    "CREATE TABLE notes (id INTEGER PRIMARY KEY, parent INTEGER REFERENCES parents (id),"
    " words TEXT NOT NULL DEFAULT '')",
)
caller: ContextVar[int] = ContextVar("caller")


@pytest.fixture
def url(empty_database: str) -> str:
    """Of a database on either server with two tables."""
    asyncio.run(change(empty_database, *TABLES))
    return empty_database


@pytest.fixture
def file(tmp_path: Path) -> str:
    """Of a SQLite file with two tables."""
    url = Files(tmp_path).empty()
    asyncio.run(change(url, *TABLES))
    return url


@pytest.fixture
def commits() -> Iterator[list[object]]:
    """Grows with every commit of any engine."""
    found: list[object] = []

    def note_it(connection: object) -> None:
        found.append(connection)

    event.listen(Engine, "commit", note_it)
    yield found
    event.remove(Engine, "commit", note_it)


@asynccontextmanager
async def opened(url: str) -> AsyncIterator[Database]:
    database = Database(url)
    try:
        yield database
    finally:
        await database.close()


def note(number: int, parent: int | None = None) -> Any:
    """Work that writes a note and gives its number."""
    statement = text("INSERT INTO notes (id, parent) VALUES (:id, :parent)")

    async def work(connection: Any) -> int:
        await connection.execute(statement, {"id": number, "parent": parent})
        return number

    return work


async def numbers(url: str) -> list[int]:
    return [number for (number,) in await rows(url, "SELECT id FROM notes ORDER BY id")]


async def test_those_who_write_at_once_share_commits(file: str, commits: list[object]) -> None:
    many = 3 * group_commit.MOST
    async with opened(file) as database:
        written = await asyncio.gather(*(database.write(note(one)) for one in range(many)))

    assert written == list(range(many)) == await numbers(file)
    assert 3 <= len(commits) < many / 4


async def test_an_error_undoes_its_own_work_alone(url: str) -> None:
    async def refused(connection: Any) -> None:
        await note(1000)(connection)
        raise LookupError("no")

    async with opened(url) as database:
        results = await asyncio.gather(
            database.write(note(1)),
            database.write(refused),
            database.write(note(1)),
            database.write(note(2, parent=7)),
            database.write(note(3)),
            return_exceptions=True,
        )

    assert sum(result == 1 for result in results) == 1
    assert isinstance(results[1], LookupError)
    assert isinstance(results[3], IntegrityError)
    assert sum(isinstance(result, IntegrityError) for result in results) == 2
    assert results[4] == 3
    assert await numbers(url) == [1, 3]


async def test_what_was_answered_is_there_for_everybody(url: str) -> None:
    async with opened(url) as database, opened(url) as other:

        async def write_and_look(number: int) -> bool:
            await database.write(note(number))
            statement = text("SELECT id FROM notes WHERE id = :id")
            found = await other.read(lambda one: one.scalar(statement, {"id": number}))
            return bool(found == number)

        assert all(await asyncio.gather(*(write_and_look(one) for one in range(40))))


async def test_a_commit_that_fails_fails_for_all_who_share_it(file: str) -> None:
    async def breaks_the_commit(connection: Any) -> None:
        await connection.execute(text("PRAGMA defer_foreign_keys = ON"))
        await note(1000, parent=7)(connection)  # checked at the commit only

    async with opened(file) as database:
        results = await asyncio.gather(
            database.write(note(1)),
            database.write(breaks_the_commit),
            database.write(note(2)),
            return_exceptions=True,
        )
        assert [type(result) for result in results] == [IntegrityError] * 3
        assert await numbers(file) == []
        assert await database.write(note(3)) == 3
    assert await numbers(file) == [3]


async def test_work_goes_on_when_nobody_waits_for_it_any_more(url: str) -> None:
    database = Database(url)
    waiting = [asyncio.create_task(database.write(note(one))) for one in range(10)]
    await asyncio.sleep(0)
    for task in waiting[::2]:
        task.cancel()
    results = await asyncio.gather(*waiting, return_exceptions=True)
    await database.close()

    assert [isinstance(result, asyncio.CancelledError) for result in results] == [True, False] * 5
    assert set(range(1, 10, 2)) <= set(await numbers(url))


async def test_work_on_sqlite_can_await_nothing_but_its_connection(file: str) -> None:
    async def sleeps(connection: Any) -> None:
        await note(1)(connection)
        await asyncio.sleep(0)

    async with opened(file) as database:
        with pytest.raises(RuntimeError, match="await its connection alone"):
            await database.write(sleeps)
        await database.write(note(2))
    assert await numbers(file) == [2]


async def test_each_runs_in_the_context_of_its_caller(url: str) -> None:
    async def work(connection: Any) -> int:
        return caller.get()

    async def call(number: int) -> list[int]:
        caller.set(number)
        return [await database.write(work), await database.read(work)]

    async with opened(url) as database:
        found = await asyncio.gather(*(call(number) for number in range(5)))
    assert found == [[number, number] for number in range(5)]


async def test_a_locked_file_is_an_error_for_all_who_waited(
    file: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(engine, "_BUSY_MILLISECONDS", 50)
    async with opened(file) as database:
        path = file.removeprefix("sqlite+aiosqlite:///")
        with closing(sqlite3.connect(path, isolation_level=None)) as other:
            other.execute("BEGIN IMMEDIATE")
            results = await asyncio.gather(
                *(database.write(note(one)) for one in range(5)), return_exceptions=True
            )
            assert [type(result) for result in results] == [OperationalError] * 5
        assert await database.write(note(9)) == 9
    assert await numbers(file) == [9]


async def crossing(database: Database, tries: list[int]) -> list[None]:
    """Two transactions of which each locks first what the other locks next."""
    meeting = [asyncio.Event(), asyncio.Event()]
    lock = text("UPDATE notes SET words = words || :who WHERE id = :id")

    async def work(connection: Any, me: int) -> None:
        tries.append(me)
        await connection.execute(lock, {"who": str(me), "id": me})
        meeting[me].set()
        await meeting[1 - me].wait()  # both have locked their first row, the first time
        await connection.execute(lock, {"who": str(me), "id": 1 - me})

    return await asyncio.gather(
        *(database.write(lambda connection, me=me: work(connection, me)) for me in (0, 1))
    )


async def test_who_lost_a_deadlock_tries_again(postgres: Postgres) -> None:
    url = await asyncio.to_thread(postgres.empty)
    await change(url, *TABLES)
    tries: list[int] = []
    async with opened(url) as database:
        await asyncio.gather(database.write(note(0)), database.write(note(1)))
        await crossing(database, tries)

    assert sorted(tries) in ([0, 0, 1], [0, 1, 1])  # one of the two ran twice
    words = await rows(url, "SELECT words FROM notes ORDER BY id")
    assert sorted(words[0][0]) == sorted(words[1][0]) == ["0", "1"]  # and wrote once
    await asyncio.to_thread(postgres.drop)


async def test_other_errors_are_not_tried_again(postgres: Postgres) -> None:
    url = await asyncio.to_thread(postgres.empty)
    await change(url, *TABLES)
    tries: list[int] = []

    async def breaks(connection: Any) -> None:
        tries.append(1)
        await note(1, parent=7)(connection)

    async with opened(url) as database:
        with pytest.raises(IntegrityError):
            await database.write(breaks)
    assert tries == [1]
    await asyncio.to_thread(postgres.drop)


async def test_a_deadlock_that_comes_every_time_is_an_error_in_the_end(
    postgres: Postgres,
) -> None:
    url = await asyncio.to_thread(postgres.empty)
    await change(url, *TABLES)
    tries: list[int] = []

    async def loses(connection: Any) -> None:
        tries.append(1)
        await connection.execute(
            text("DO $$ BEGIN RAISE EXCEPTION 'lost' USING ERRCODE = '40001'; END $$")
        )

    async with opened(url) as database:
        with pytest.raises(DBAPIError, match="lost"):
            await database.write(loses)
    assert len(tries) == 5
    await asyncio.to_thread(postgres.drop)
