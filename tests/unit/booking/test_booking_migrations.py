"""A database of the first version, made by the statements of then, is opened and goes on."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from booking_world import MONDAY, World, at, nov
from structlog.testing import capture_logs

from booking.client import BookingClient
from booking.privacy import Vault
from booking.sql_store import SqlStore
from booking.testing import DATA_KEY, KEY, serving
from booking.values import Kind

TABLES_OF_1 = """
CREATE TABLE meta (name VARCHAR(32) NOT NULL, value VARCHAR(128) NOT NULL, PRIMARY KEY (name));
CREATE TABLE citizens (
    citizen VARCHAR(64) NOT NULL, bookings INTEGER NOT NULL, PRIMARY KEY (citizen)
);
CREATE TABLE slots (
    service VARCHAR(64) NOT NULL, place VARCHAR(64) NOT NULL, starts_at DATETIME NOT NULL,
    booked INTEGER NOT NULL, capacity INTEGER NOT NULL,
    PRIMARY KEY (service, place, starts_at),
    CONSTRAINT slots_never_overbooked CHECK (booked >= 0 AND booked <= capacity)
);
CREATE TABLE appointments (
    code VARCHAR(16) NOT NULL, citizen VARCHAR(64) NOT NULL, service VARCHAR(64) NOT NULL,
    service_name TEXT NOT NULL, place VARCHAR(64) NOT NULL, place_name TEXT NOT NULL,
    starts_at DATETIME NOT NULL, ends_at DATETIME NOT NULL, status VARCHAR(16) NOT NULL,
    name_sealed TEXT NOT NULL, phone_sealed TEXT NOT NULL, phone_hash VARCHAR(64) NOT NULL,
    created_at DATETIME NOT NULL, cancelled_at DATETIME,
    PRIMARY KEY (code),
    CONSTRAINT appointments_status_known CHECK (status IN ('booked', 'cancelled', 'ended')),
    FOREIGN KEY(citizen) REFERENCES citizens (citizen)
);
CREATE INDEX ix_appointments_phone_hash ON appointments (phone_hash);
CREATE UNIQUE INDEX appointments_one_open_per_service
    ON appointments (citizen, service) WHERE status = 'booked';
CREATE INDEX appointments_of_citizen ON appointments (citizen, starts_at);
CREATE TABLE requests (
    key_hash VARCHAR(64) NOT NULL, body_hash VARCHAR(64) NOT NULL, code VARCHAR(16) NOT NULL,
    created_at DATETIME NOT NULL,
    PRIMARY KEY (key_hash), FOREIGN KEY(code) REFERENCES appointments (code)
);
CREATE INDEX ix_requests_created_at ON requests (created_at);
"""
BODY = (
    '{"citizen": "citizen-1", "name": "张三丰", "phone": "138 1234-5678", "place": '
    '"district-hall", "service": "id-card", "start": "2026-11-24T09:00:00+08:00"}'
)


def old_database(path: Path) -> None:
    """A database of version 1 with one appointment, booked under the key "old"."""
    vault = Vault(DATA_KEY)
    citizen, phone = vault.digest("citizen", "citizen-1"), vault.digest("phone", "13812345678")
    body = BODY.encode("ascii", "backslashreplace").decode()
    starts, ends, made = (
        f"2026-11-{moment}.000000" for moment in ("24 01:00:00", "24 01:30:00", "23 01:00:00")
    )
    sealed = vault.seal("张三丰"), vault.seal("13812345678")
    with closing(sqlite3.connect(path)) as database:
        database.executescript(TABLES_OF_1)
        facts = [("version", "1"), ("data_key", vault.digest("check", "data key"))]
        database.executemany("INSERT INTO meta VALUES (?, ?)", facts)
        database.execute("INSERT INTO citizens VALUES (?, 1)", (citizen,))
        database.execute(
            "INSERT INTO slots VALUES ('id-card', 'district-hall', ?, 1, 3)", (starts,)
        )
        row = ("id-card", "居民身份证换领", "district-hall", "区政务服务中心", starts, ends)
        database.execute(
            "INSERT INTO appointments VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            ("23456789", citizen, *row, "booked", *sealed, phone, made, None),
        )
        request = (vault.digest("key", "old"), vault.digest("body", body), "23456789", made)
        database.execute("INSERT INTO requests VALUES (?, ?, ?, ?)", request)
        database.commit()


@pytest.mark.parametrize("new_database", ["sqlite"], indirect=True)
async def test_an_old_database_is_upgraded_once_and_its_appointments_go_on(world: World) -> None:
    old = Path(world.settings.database.removeprefix("sqlite+aiosqlite:///")).parent / "old.db"
    old_database(old)
    old_url = f"sqlite+aiosqlite:///{old}"
    world.settings = type(world.settings)(**{**vars(world.settings), "database": old_url})
    for upgraded in (1, 0):
        with capture_logs() as logs:
            async with serving(world.settings, lambda: world.catalog, lambda: MONDAY) as url:
                pass
        assert sum(one["event"] == "booking.database_upgraded" for one in logs) == upgraded
    async with (
        serving(world.settings, lambda: world.catalog, lambda: MONDAY) as url,
        BookingClient(url, KEY, timeout_seconds=10) as world.client,
    ):
        (kept,) = await world.client.appointments("citizen-1")
        assert (kept.code, kept.start, kept.kind) == ("23456789", at(24, 9), Kind.HALL)
        assert await world.book(at(24, 9), idempotency_key="old") == kept
        visit = await world.visit(nov(26))  # the same service, which the old index forbade
        moved = await world.move(kept, at(25, 9))
        assert await world.client.appointments("citizen-1") == (moved, visit)
        await world.client.cancel("citizen-1", moved.code)
    assert await world.rows("SELECT value FROM meta WHERE name = 'version'") == [("2",)]


async def test_an_upgraded_database_has_the_tables_of_a_new_one(tmp_path: Path) -> None:
    check = Vault(DATA_KEY).digest("check", "data key")
    old_database(tmp_path / "old.db")
    shapes = []
    for name in ("old", "new"):
        store = SqlStore(f"sqlite+aiosqlite:///{tmp_path / name}.db")
        await store.open(check, MONDAY)
        await store.close()
        shapes.append(shape(tmp_path / f"{name}.db"))
    assert shapes[0] == shapes[1]


def shape(path: Path) -> dict[str, object]:
    """Tables with their columns, and indexes with theirs."""
    with closing(sqlite3.connect(path)) as database:
        names = [
            name
            for (name,) in database.execute("SELECT name FROM sqlite_master WHERE type = 'table'")
        ]
        indexes = database.execute(
            "SELECT name FROM sqlite_master WHERE type = 'index' AND sql IS NOT NULL"
        )
        return {
            **{
                name: sorted(row[1:4] for row in database.execute(f"PRAGMA table_info({name})"))
                for name in names
            },
            **{
                name: [row[2] for row in database.execute(f"PRAGMA index_info({name})")]
                for (name,) in indexes
            },
        }
