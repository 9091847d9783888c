"""A prepared statement does on SQLite what SQLAlchemy would do with it."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Column, Integer, MetaData, Table, Text, bindparam, select
from sqlalchemy.engine import make_url
from sqlalchemy.exc import DBAPIError, IntegrityError

from database.engine import create_sqlite_engine
from database.group_commit import Direct
from database.moments import Moment
from database.statements import Found, Statement
from service_catalog.clock import CHINA

METADATA = MetaData()
VISITS = Table(
    "visits",
    METADATA,
    Column("id", Integer, primary_key=True),
    Column("at", Moment, nullable=False),
    Column("note", Text),
    Column("times", Integer, nullable=False, server_default="1"),
)
NINE = datetime(2026, 11, 23, 9, tzinfo=CHINA)


def _again(insert: Any) -> Any:
    fresh = insert(VISITS)
    more = {"times": VISITS.c.times + 1, "note": None}
    return fresh.on_conflict_do_update(index_elements=["id"], set_=more)


ADD = Statement(_again, ["id", "at", "note"])
PLAIN = Statement(lambda insert: insert(VISITS), ["id", "at", "note"])
LATER = Statement(
    lambda insert: select(VISITS).where(VISITS.c.at > bindparam("since")).order_by(VISITS.c.id)
)
UNNOTED = Statement(lambda insert: select(VISITS.c.id, VISITS.c.at).where(VISITS.c.note.is_(None)))


@pytest.fixture
def direct(tmp_path: Path):
    engine = create_sqlite_engine(make_url(f"sqlite+aiosqlite:///{tmp_path}/visits.db"))
    with engine.begin() as connection:
        METADATA.create_all(connection)
        yield Direct(connection)
    engine.dispose()


def visit(number: int, hours: int = 0, note: str | None = None) -> dict[str, object]:
    return {"id": number, "at": NINE + timedelta(hours=hours), "note": note}


async def test_values_come_back_as_they_went_in(direct: Direct):
    await ADD.run(direct, visit(1, note="第一次"))
    row = (await LATER.run(direct, {"since": NINE - timedelta(1)})).first()
    assert (row.id, row.at, row.note, row.times) == (1, NINE, "第一次", 1)
    assert row.at.tzinfo is CHINA
    assert row._asdict() == {"id": 1, "at": NINE, "note": "第一次", "times": 1}


async def test_it_reads_what_sqlalchemy_wrote_and_the_other_way_round(direct: Direct):
    await direct.execute(VISITS.insert().values(**visit(1)))
    await ADD.run(direct, visit(2, 1))
    by_us = [tuple(row) for row in await LATER.run(direct, {"since": NINE - timedelta(1)})]
    by_sqlalchemy = [tuple(row) for row in await direct.execute(select(VISITS))]
    assert by_us == by_sqlalchemy


async def test_a_moment_of_another_zone_is_the_same_moment(direct: Direct):
    await ADD.run(direct, {**visit(1), "at": NINE.astimezone(timezone.utc)})
    assert (await LATER.run(direct, {"since": NINE - timedelta(1)})).first().at == NINE
    assert (await LATER.run(direct, {"since": NINE.astimezone(timezone.utc)})).first() is None


async def test_a_second_row_is_counted_and_constants_are_written(direct: Direct):
    await ADD.run(direct, visit(1, note="第一次"))
    assert (await ADD.run(direct, visit(1))).rowcount == 1
    row = (await UNNOTED.run(direct, {})).first()
    assert row.id == 1


async def test_several_sets_of_values(direct: Direct):
    found: Found = await ADD.run(direct, [visit(1), visit(2), visit(3)])
    assert found.rowcount == 3
    assert len(list(await UNNOTED.run(direct, {}))) == 3


async def test_nothing_found(direct: Direct):
    found = await UNNOTED.run(direct, {})
    assert (found.first(), found.scalar(), list(found)) == (None, None, [])


async def test_an_error_is_sqlalchemys_and_shows_no_values(direct: Direct):
    await PLAIN.run(direct, visit(1))
    with pytest.raises(IntegrityError) as caught:
        await PLAIN.run(direct, visit(1, note="张三丰"))
    assert isinstance(caught.value, DBAPIError)
    assert "张三丰" not in str(caught.value)


async def test_a_missing_value_is_no_null(direct: Direct):
    with pytest.raises(KeyError, match="since"):
        await LATER.run(direct, {})
