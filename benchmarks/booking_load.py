"""The loads of the booking benchmark: raw commits, our stack's commits, bookings, availability.

Each gives one figure of one round; `benchmarks.booking` runs the rounds and compares.
"""

from __future__ import annotations

import asyncio
import random
import sqlite3
import time
from collections.abc import Awaitable, Callable, Iterable
from contextlib import closing
from datetime import date, timedelta
from pathlib import Path
from typing import Any
from unittest.mock import patch

import aiohttp
import asyncpg
from sqlalchemy import Column, Integer, MetaData, Table, Text, text
from sqlalchemy.engine import make_url

from benchmarks.booking_world import NOW, World
from booking.office import Office
from booking.privacy import Vault
from booking.sql_store import SqlStore
from booking.testing import DATA_KEY, KEY
from database.engine import create_sqlite_engine
from database.statements import Found, Prepared
from database.transactions import Database

PAYLOAD = "x" * 100
_table = Table("raw", MetaData(), Column("id", Integer, primary_key=True), Column("body", Text))
_CREATE = "CREATE TABLE raw (id INTEGER PRIMARY KEY, body TEXT)"
_CREATE_SERIAL = "CREATE TABLE raw (id SERIAL PRIMARY KEY, body TEXT)"


def raw_sqlite(file: Path, seconds: float) -> float:
    """Commits a second of the module sqlite3 alone: one row a transaction, each on the disk."""
    with closing(sqlite3.connect(file, isolation_level=None)) as database:
        database.execute("PRAGMA journal_mode = WAL")
        database.execute("PRAGMA synchronous = FULL")
        database.execute(_CREATE)
        done, start = 0, time.perf_counter()
        while time.perf_counter() - start < seconds:
            database.execute("BEGIN IMMEDIATE")
            database.execute("INSERT INTO raw (body) VALUES (?)", (PAYLOAD,))
            database.execute("COMMIT")
            done += 1
        return done / (time.perf_counter() - start)


_Run = tuple[str, list[list[Any]], bool]
"""A statement's text, its sets of values, and whether they went in one call."""


class _Recorder:
    """Passes statements on to the driver and keeps them."""

    def __init__(self, driver: sqlite3.Connection, runs: list[_Run]) -> None:
        self._driver = driver
        self._runs = runs

    def execute(self, sql: str, values: list[Any]) -> sqlite3.Cursor:
        """One statement."""
        self._runs.append((sql, [values], False))
        return self._driver.execute(sql, values)

    def executemany(self, sql: str, sets: Iterable[list[Any]]) -> sqlite3.Cursor:
        """One statement with several sets of values."""
        values = list(sets)
        self._runs.append((sql, values, True))
        return self._driver.executemany(sql, values)


async def raw_bookings(world: World, recorded: str, url: str, number: int, seed: int) -> float:
    """Bookings a second of the module sqlite3 alone: the same statements, a commit for each.

    First the office books at `recorded`, one after the other, and what it gives to the driver is
    kept; then that alone is done in the empty database at `url`.
    """
    runs: list[list[_Run]] = []
    wishes = world.wishes(random.Random(seed))  # noqa: S311 - no secret
    ordinary = Prepared.run

    def run(prepared: Prepared, driver: Any, parameters: Any) -> Found:  # noqa: ANN401
        recorder: Any = _Recorder(driver, runs[-1])
        return ordinary(prepared, recorder, parameters)

    office = world.office(recorded)
    await office.open()
    with patch.object(Prepared, "run", run):
        for _ in range(number):
            wish = next(wishes)
            runs.append([])
            await office.book(wish, wish.citizen)
    await office.close()
    empty = SqlStore(url)
    await empty.open(Vault(DATA_KEY).digest("check", "data key"))
    await empty.close()
    return await asyncio.to_thread(_play, Path(url.removeprefix("sqlite+aiosqlite:///")), runs)


def _play(file: Path, runs: list[list[_Run]]) -> float:
    engine = create_sqlite_engine(make_url(f"sqlite+aiosqlite:///{file}"))
    with engine.connect() as connection:
        driver = connection.connection.dbapi_connection
        start = time.perf_counter()
        for booking in runs:
            driver.execute("BEGIN IMMEDIATE")
            for sql, sets, many in booking:
                if many:
                    driver.executemany(sql, sets)
                else:
                    driver.execute(sql, sets[0]).fetchall()
            driver.execute("COMMIT")
        elapsed = time.perf_counter() - start
    engine.dispose()
    return len(runs) / elapsed


async def raw_postgresql(url: str, connections: int, seconds: float) -> float:
    """Commits a second of asyncpg alone: one row a transaction, over so many connections."""
    address = make_url(url)
    given: dict[str, Any] = {"user": address.username, "database": address.database}
    pool = await asyncpg.create_pool(
        host=address.query["host"], min_size=connections, max_size=connections, **given
    )
    try:
        await pool.execute(_CREATE_SERIAL)

        async def once() -> None:
            await pool.execute("INSERT INTO raw (body) VALUES ($1)", PAYLOAD)

        return await rate(once, connections, seconds)
    finally:
        await pool.close()


async def stack_commits(url: str, callers: int, seconds: float) -> float:
    """Transactions a second of one insert each through `Database.write`."""
    database = Database(url)
    serial = make_url(url).get_backend_name() == "postgresql"
    try:
        await database.open(Vault(DATA_KEY).digest("check", "data key"))
        create = _CREATE_SERIAL if serial else _CREATE
        await database.write(lambda connection: connection.execute(text(create)))

        async def once() -> None:
            insert = _table.insert().values(body=PAYLOAD)
            await database.write(lambda connection: connection.execute(insert))

        return await rate(once, callers, seconds)
    finally:
        await database.close()


async def bookings(world: World, url: str, callers: int, seconds: float, seed: int) -> float:
    """Confirmed bookings a second through `Office.book`; a refusal ends the benchmark."""
    office = world.office(url)
    wishes = world.wishes(random.Random(seed))  # noqa: S311 - no secret
    await office.open()
    try:

        async def once() -> None:
            wish = next(wishes)
            await office.book(wish, wish.citizen)

        await rate(once, callers, 0.3)  # warm: statements compiled, pages in memory
        return await rate(once, callers, seconds)
    finally:
        await office.close()


async def rate(once: Callable[[], Awaitable[object]], callers: int, seconds: float) -> float:
    """How often a second `once` is done by callers who each start again when they were answered."""
    start = time.perf_counter()
    done = 0

    async def caller() -> None:
        nonlocal done
        while time.perf_counter() - start < seconds:
            await once()
            done += 1

    await asyncio.gather(*(caller() for _ in range(callers)))
    return done / (time.perf_counter() - start)


async def availability(office: Office, service: str, times: int) -> list[float]:
    """Seconds of each of so many questions for 30 days, one after the other."""
    first, until = _month()
    found = []
    for _ in range(times):
        start = time.perf_counter()
        await office.availability(service, first, until)
        found.append(time.perf_counter() - start)
    return found


async def availability_http(url: str, service: str, times: int) -> list[float]:
    """The same through a running backend's HTTP, over one connection."""
    first, until = _month()
    query = {"service": service, "from": first.isoformat(), "until": until.isoformat()}
    found = []
    async with aiohttp.ClientSession(headers={"Authorization": f"Bearer {KEY}"}) as session:
        for _ in range(times):
            start = time.perf_counter()
            async with session.get(f"{url}/v1/availability", params=query) as response:
                await response.read()
                response.raise_for_status()
            found.append(time.perf_counter() - start)
    return found


def _month() -> tuple[date, date]:
    first = NOW.date() + timedelta(days=1)
    return first, first + timedelta(days=29)
