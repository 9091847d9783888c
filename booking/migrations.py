"""How a database of an earlier version comes to the tables of today, step by step, when it opens.

Each step says what it is for. It only changes what the tables before it had; tables and indexes
that are new are made afterwards from `booking.schema`. All of it runs in one transaction.
"""

from __future__ import annotations

from dataclasses import dataclass

import structlog
from sqlalchemy import DateTime, inspect, select, text, update
from sqlalchemy.engine import Connection

from booking import schema
from booking.schema import meta
from database.errors import WrongDatabase

log = structlog.get_logger()


@dataclass(frozen=True)
class Step:
    """From one version to the next.

    Attributes:
        old: The version that it starts from.
        new: The version that it leads to.
        purpose: What the new version is for.
        statements: SQL that SQLite and PostgreSQL both understand; `{moment}` is the type of
            moments.
    """

    old: str
    new: str
    purpose: str
    statements: tuple[str, ...]


STEPS = (
    Step(
        "1",
        "2",
        "home visits beside visits at the hall; answers to repeated requests as they were",
        (
            "ALTER TABLE appointments ADD COLUMN kind VARCHAR(8) DEFAULT 'hall' NOT NULL",
            "ALTER TABLE appointments ADD COLUMN rule VARCHAR(64)",
            "ALTER TABLE appointments ADD COLUMN address_sealed TEXT",
            "DROP INDEX appointments_one_open_per_service",
            "CREATE UNIQUE INDEX appointments_one_open_per_service"
            " ON appointments (citizen, service, kind) WHERE status = 'booked'",
            "ALTER TABLE requests ADD COLUMN place VARCHAR(64)",
            "ALTER TABLE requests ADD COLUMN place_name TEXT",
            "ALTER TABLE requests ADD COLUMN starts_at {moment}",
            "ALTER TABLE requests ADD COLUMN ends_at {moment}",
        ),
    ),
)


def bring_up_to_date(connection: Connection, key_check: str) -> None:
    """Make the tables of a new database, or change those of an earlier version.

    Raises:
        WrongDatabase: Its version is not known here, or it was written with another data key.
    """
    if inspect(connection).has_table(meta.name):
        _check(connection, "version", {schema.VERSION, *(step.old for step in STEPS)})
        _check(connection, "data_key", {key_check})
        for step in STEPS:
            if _fact(connection, "version") == step.old:
                _take(connection, step)
        schema.metadata.create_all(connection)
        return
    schema.metadata.create_all(connection)
    facts = {"version": schema.VERSION, "data_key": key_check}
    connection.execute(
        meta.insert(), [{"name": name, "value": value} for name, value in facts.items()]
    )


def _take(connection: Connection, step: Step) -> None:
    moment = DateTime(timezone=True).compile(dialect=connection.dialect)
    for statement in step.statements:
        connection.execute(text(statement.format(moment=moment)))
    connection.execute(update(meta).where(meta.c.name == "version").values(value=step.new))
    log.info("booking.database_upgraded", old=step.old, new=step.new, purpose=step.purpose)


def _check(connection: Connection, name: str, expected: set[str]) -> None:
    if _fact(connection, name) not in expected:
        raise WrongDatabase(f"the database has another {name} than this backend")


def _fact(connection: Connection, name: str) -> object:
    # Locked, so that of two backends that start at once only one takes the steps.
    fact = select(meta.c.value).where(meta.c.name == name).with_for_update()
    return connection.scalar(fact)
