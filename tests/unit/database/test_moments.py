"""Moments are kept as SQLAlchemy keeps them, and come back as they were."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as some
from sqlalchemy import Column, DateTime, Integer, MetaData, Table, select, text
from sqlalchemy.dialects import sqlite

from database.moments import Moment
from database.transactions import Database
from service_catalog.clock import CHINA

table = Table("moments", MetaData(), Column("id", Integer, primary_key=True), Column("at", Moment))
MOMENTS = [
    datetime(2026, 11, 23, 10, tzinfo=CHINA),
    datetime(2026, 11, 23, 0, 0, 0, 1, tzinfo=timezone.utc),
    datetime(2026, 12, 31, 23, 59, 59, 999999, tzinfo=timezone(timedelta(hours=-7))),
    None,
]


@given(some.datetimes(min_value=datetime(1970, 1, 2), timezones=some.just(CHINA)))  # noqa: DTZ001
def test_on_sqlite_the_text_is_that_of_sqlalchemy(moment: datetime) -> None:
    dialect = sqlite.dialect()
    ours = Moment().bind_processor(dialect)(moment)
    theirs = DateTime().dialect_impl(dialect).bind_processor(dialect)
    assert ours == theirs(moment.astimezone(timezone.utc))
    back = Moment().result_processor(dialect, None)(ours)
    assert back == moment and back.tzinfo is CHINA


@pytest.mark.parametrize("moment", MOMENTS)
async def test_what_is_kept_comes_back_in_china(
    empty_database: str, moment: datetime | None
) -> None:
    database = Database(empty_database)
    create = text("CREATE TABLE moments (id INTEGER PRIMARY KEY, at TIMESTAMP WITH TIME ZONE)")

    async def work(connection):
        await connection.execute(create)
        await connection.execute(table.insert().values(id=1, at=moment))
        same = select(table.c.at).where(table.c.id == 1)
        if moment is not None:
            same = same.where(table.c.at == moment)
        return (await connection.execute(same)).scalar_one()

    found = await database.write(work)
    await database.close()
    assert found == moment
    assert found is None or found.utcoffset() == timedelta(hours=8)
