"""How a database comes to the tables of today, and is held to its data key, when it is opened.

Alembic's revisions (`database/migrations/versions`) make all tables, those of booking and of the
desk; they are the only way in which tables change. Databases written before there were revisions
are recognised by the versions that the rooms kept in them. Everything here runs in one transaction,
for which processes that start at once wait for one another. Within one process databases are opened
one after the other: Alembic keeps what it works on in its module.
"""

from __future__ import annotations

import structlog
from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Column, MetaData, String, Table, column, func, inspect, select, table
from sqlalchemy.engine import Connection

from database.engine import name_of
from database.errors import WrongDatabase

log = structlog.get_logger()

metadata = MetaData()

meta = Table(
    "meta",
    metadata,
    Column("name", String(32), primary_key=True),
    Column("value", String(128), nullable=False),
)
"""Facts about the database itself: which data key it was written with."""

_BEFORE_REVISIONS: dict[tuple[str | None, str | None], str] = {
    ("1", None): "0001",
    ("2", None): "0002",
    ("2", "1"): "0003",
}
"""The revision whose tables a database has, by the versions that booking and the desk kept."""
_OPENING = 0x62616E73
"""The number of the advisory lock under which a PostgreSQL database is opened."""


def open_database(connection: Connection, key_check: str) -> None:
    """Make the tables or bring them up to date, and hold the database to its data key.

    Args:
        connection: In a transaction that may write; an error must undo it.
        key_check: What is the same for the same data key.

    Raises:
        WrongDatabase: Its version isn't known, or it was written with another data key.
    """
    if connection.dialect.name == "postgresql":
        connection.execute(select(func.pg_advisory_xact_lock(_OPENING)))
    _bring_up_to_date(connection)
    kept = connection.scalar(select(meta.c.value).where(meta.c.name == "data_key"))
    if kept is None:
        connection.execute(meta.insert().values(name="data_key", value=key_check))
    elif kept != key_check:
        raise WrongDatabase(
            f"the database {name_of(connection.engine.url)} was written with another data_key: "
            "set BANSHI_DATA_KEY to the one that it was made with"
        )


def _environment(connection: Connection) -> Config:
    config = Config(attributes={"connection": connection})
    config.set_main_option("script_location", "database:migrations")
    return config


def _bring_up_to_date(connection: Connection) -> None:
    environment = _environment(connection)
    revisions = ScriptDirectory.from_config(environment)
    newest = revisions.get_current_head()
    current = MigrationContext.configure(connection).get_current_revision()
    known = {script.revision for script in revisions.walk_revisions()}
    if current is None and inspect(connection).has_table(meta.name):
        versions = (_version(connection, meta.name), _version(connection, "desk_meta"))
        current = _BEFORE_REVISIONS.get(versions, str(versions))
        if current in known:
            MigrationContext.configure(connection).stamp(revisions, current)
    if current is not None and current not in known:
        raise WrongDatabase(
            f"the database {name_of(connection.engine.url)} is of version {current}, and this "
            f"program knows versions up to {newest}: start the one that wrote it, or a later one"
        )
    if current != newest:
        command.upgrade(environment, "head")
        log.info("database.upgraded", old=current, new=newest)


def _version(connection: Connection, name: str) -> str | None:
    """The version that a room kept in its table of facts."""
    if not inspect(connection).has_table(name):
        return None
    facts = table(name, column("name"), column("value"))
    kept = connection.scalar(select(facts.c.value).where(facts.c.name == "version"))
    return None if kept is None else str(kept)
