"""How a database comes to today's tables: from nothing, and from what earlier versions wrote.

The dumps beside this file were written by those versions themselves, with rows in most tables; on
PostgreSQL by their own table definitions, with the rows of the SQLite database put into them.
"""

from __future__ import annotations

import asyncio
import sys
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from databases import KEY_CHECK, Databases, change, kind_of, load, open_once, rows
from sqlalchemy import CheckConstraint, MetaData, inspect
from sqlalchemy.engine import Connection

import booking.schema
import desk.schema
from booking.client import BookingClient
from booking.testing import KEY, sample_catalog, sample_settings, serving
from booking.values import Kind
from database import opening
from database.engine import create_engine, read_address
from database.errors import WrongDatabase
from desk.client import DeskClient
from desk.room import Room
from desk.settings import DeskSettings
from desk.staff_client import StaffClient
from desk.values import CaseStatus, Who
from desk.web import make_blueprint
from service_catalog.catalog import Catalog
from service_catalog.clock import CHINA

DUMPS = Path(__file__).parent / "dumps"
MONDAY = datetime(2026, 11, 23, 10, 0, tzinfo=CHINA)
OF_TODAY = [opening.metadata, booking.schema.metadata, desk.schema.metadata]
GONE = {"alembic_version", "desk_meta"}
"""Tables that are Alembic's, or no more."""
VERSIONS = pytest.mark.parametrize("version", ["1", "2"])


@pytest.fixture
def fresh(databases: Databases) -> str:
    """The address of a second empty database."""
    return databases.empty()


async def old(url: str, version: str) -> None:
    """Make the database what that version left behind."""
    await load(url, (DUMPS / f"version-{version}-{kind_of(url)}.sql").read_text(encoding="utf-8"))


async def seen(url: str, look: Any) -> Any:
    """What `look` finds with a connection of the ordinary, not the async kind."""
    engine = create_engine(read_address(url))
    try:
        async with engine.connect() as connection:
            return await connection.run_sync(look)
    finally:
        await engine.dispose()


def differences(connection: Connection) -> list[Any]:
    """What Alembic would have to change to come from the tables to their definitions."""
    options = {"compare_type": True, "compare_server_default": True}
    context = MigrationContext.configure(connection, opts=options)
    merged = MetaData()
    for metadata in OF_TODAY:
        for table in metadata.sorted_tables:
            table.to_metadata(merged)
    return list(compare_metadata(context, merged))


def checks(connection: Connection) -> dict[str, list[str]]:
    """The checks of each table, which Alembic doesn't compare."""
    found = inspect(connection)
    return {
        table: sorted(one["name"] for one in found.get_check_constraints(table))
        for table in found.get_table_names()
        if table not in GONE
    }


def shape(connection: Connection) -> dict[str, Any]:
    """Everything that the database says of its tables, in whichever order it was added."""
    found = inspect(connection)
    return {
        table: {
            "columns": {
                column["name"]: (str(column["type"]), column["nullable"], str(column["default"]))
                for column in found.get_columns(table)
            },
            "key": found.get_pk_constraint(table)["constrained_columns"],
            "foreign": sorted(
                (key["constrained_columns"], key["referred_table"], key["options"])
                for key in found.get_foreign_keys(table)
            ),
            "indexes": sorted(
                (
                    one["name"],
                    one["column_names"],
                    bool(one["unique"]),
                    bool(one["dialect_options"]),
                )
                for one in found.get_indexes(table)
            ),
            "checks": sorted(one["name"] for one in found.get_check_constraints(table)),
        }
        for table in found.get_table_names()
    }


def contents(connection: Connection) -> dict[str, list[dict[str, Any]]]:
    """All rows of all tables, read by what the database itself says of them."""
    metadata = MetaData()
    metadata.reflect(connection)
    return {
        table.name: sorted(
            (dict(row._mapping) for row in connection.execute(table.select())),
            key=lambda row: str(next(iter(row.values()))),
        )
        for table in metadata.sorted_tables
        if table.name not in GONE
    }


async def test_a_new_database_has_the_tables_as_they_are_defined(empty_database: str) -> None:
    await open_once(empty_database)
    assert await seen(empty_database, differences) == []
    assert await seen(empty_database, checks) == {
        table.name: sorted(
            str(one.name) for one in table.constraints if isinstance(one, CheckConstraint)
        )
        for metadata in OF_TODAY
        for table in metadata.sorted_tables
    }
    await open_once(empty_database)
    assert await rows(empty_database, "SELECT version_num FROM alembic_version") == [("0005",)]


@VERSIONS
async def test_an_earlier_one_comes_to_the_same_tables(
    empty_database: str, fresh: str, version: str
) -> None:
    await open_once(fresh)
    await old(empty_database, version)
    await open_once(empty_database)
    assert await seen(empty_database, differences) == []
    assert await seen(empty_database, shape) == await seen(fresh, shape)


@VERSIONS
async def test_no_row_and_no_field_is_lost(empty_database: str, version: str) -> None:
    await old(empty_database, version)
    before = await seen(empty_database, contents)
    await open_once(empty_database)
    after = await seen(empty_database, contents)
    before["meta"] = [row for row in before["meta"] if row["name"] != "version"]
    assert before["appointments"] and before["requests"] and before["slots"]
    for table, kept in before.items():
        fields = set(kept[0]) if kept else set()
        assert [{name: row[name] for name in row if name in fields} for row in after[table]] == kept
    assert {row.get("kind") for row in after["appointments"]} <= {"hall", "home"}


async def test_a_database_without_the_desk_gets_it(empty_database: str) -> None:
    """As when the second version was stopped while it started."""
    await old(empty_database, "2")
    tables = desk.schema.metadata.sorted_tables
    names = ["desk_meta", *(table.name for table in reversed(tables))]
    await change(empty_database, *(f"DROP TABLE {name}" for name in names))
    await open_once(empty_database)
    assert await seen(empty_database, differences) == []


@VERSIONS
async def test_appointments_and_cases_go_on(
    empty_database: str, version: str, tmp_path: Path
) -> None:
    await old(empty_database, version)
    catalog = sample_catalog()

    async def current() -> Catalog:
        return catalog

    settings = sample_settings(tmp_path, empty_database)
    desk_settings = DeskSettings(tmp_path / "none.csv")
    room = Room(settings, desk_settings, current, lambda: MONDAY)
    async with (
        serving(settings, lambda: catalog, lambda: MONDAY, [make_blueprint(room)]) as url,
        BookingClient(url, KEY, timeout_seconds=10) as client,
        DeskClient(url, KEY, timeout_seconds=10) as cases,
        StaffClient(url, KEY, "王窗口") as staff,
    ):
        nine = datetime(2026, 11, 24, 9, tzinfo=CHINA)
        first, *more = await client.appointments("citizen-1")
        assert (first.start, first.kind, first.name) == (nine, Kind.HALL, "张**")
        assert [one.kind for one in more] == [Kind.HOME] * (version == "2")
        wish = {"service": "id-card", "place": "district-hall", "name": "张三丰"}
        again = await client.book(
            citizen="citizen-1", start=nine, phone="138 1234-5678", idempotency_key="old-1", **wish
        )
        assert again == first
        full = await client.book(
            citizen="citizen-9", start=nine, phone="13812345678", idempotency_key="new", **wish
        )
        assert await client.cancel("citizen-9", full.code, idempotency_key="cancel-9")
        if version == "2":
            (case,) = await cases.cases("citizen-1")
            assert (case.status, case.text) == (CaseStatus.ANSWERED, "窗口排队太久")
            said = await cases.add_message("citizen-1", case.number, "谢谢", idempotency_key="new")
            assert [one.who for one in said.messages] == [Who.STAFF, Who.CITIZEN]
            (question,) = await staff.questions()
            assert question.text == "养宠物猪要办证吗"


@pytest.mark.parametrize(
    ("spoilt", "told"),
    [
        ("UPDATE meta SET value = '3' WHERE name = 'version'", "version"),
        ("UPDATE desk_meta SET value = '2' WHERE name = 'version'", "version"),
        ("DELETE FROM meta", "version"),
        ("UPDATE meta SET value = 'other' WHERE name = 'data_key'", "BANSHI_DATA_KEY"),
        ("ALTER TABLE desk_meta RENAME COLUMN value TO worth", "can't be used"),
    ],
)
async def test_what_is_not_understood_is_refused_and_left_alone(
    empty_database: str, spoilt: str, told: str
) -> None:
    await old(empty_database, "2")
    await change(empty_database, spoilt)
    before = await seen(empty_database, contents)
    with pytest.raises(WrongDatabase, match=told):
        await open_once(empty_database)
    assert await seen(empty_database, contents) == before
    tables = await seen(empty_database, lambda connection: inspect(connection).get_table_names())
    assert "alembic_version" not in tables


async def test_a_later_version_is_refused_by_its_name(empty_database: str) -> None:
    await open_once(empty_database)
    await change(empty_database, "UPDATE alembic_version SET version_num = '9999'")
    with pytest.raises(WrongDatabase, match=r"is of version 9999, .* up to 0005: start the one"):
        await open_once(empty_database)


async def test_an_upgrade_that_fails_half_way_changes_nothing(empty_database: str) -> None:
    await old(empty_database, "1")
    await change(empty_database, "CREATE TABLE plates (day INTEGER)")  # made last by 0002
    before = await seen(empty_database, shape)
    with pytest.raises(WrongDatabase, match="plates"):
        await open_once(empty_database)
    assert await seen(empty_database, shape) == before
    await change(empty_database, "DROP TABLE plates")
    await open_once(empty_database)
    assert await seen(empty_database, differences) == []


_OPEN = """
import asyncio, sys
from database.transactions import Database
async def main():
    database = Database(sys.argv[1])
    print("ready", flush=True)
    sys.stdin.readline()
    await database.open(sys.argv[2])
    await database.close()
asyncio.run(main())
"""


@pytest.mark.parametrize("version", [None, "2"])
async def test_processes_that_start_at_once_do_not_collide(
    empty_database: str, version: str | None
) -> None:
    if version is not None:
        await old(empty_database, version)
    pipes = {"stdin": -1, "stdout": -1, "stderr": -1}
    processes = [
        await asyncio.create_subprocess_exec(
            sys.executable, "-c", _OPEN, empty_database, KEY_CHECK, **pipes
        )
        for _ in range(2)
    ]
    for process in processes:
        assert await asyncio.wait_for(process.stdout.readline(), 60) == b"ready\n"
    ended = await asyncio.wait_for(
        asyncio.gather(*(process.communicate(b"\n") for process in processes)), 60
    )
    assert [process.returncode for process in processes] == [0, 0], ended
    assert sum(b"database.upgraded" in out for out, _ in ended) == 1
    assert await seen(empty_database, differences) == []
