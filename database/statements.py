"""Statements that are compiled once, for those that run with every booking.

SQLAlchemy keeps what it has compiled, but it must take a statement apart each time to find it
again, and it never keeps an INSERT … ON CONFLICT: compiling that takes longer than running it. A
`Statement` is made once for each kind of database; its values are bound by name when it is run.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.asyncio import AsyncConnection

_INSERTS: Mapping[str, Any] = {"sqlite": sqlite.insert, "postgresql": postgresql.insert}


def insert_of(dialect: str) -> Any:  # noqa: ANN401 - untyped in SQLAlchemy 1.4
    """The INSERT that knows ON CONFLICT, of `sqlite` or `postgresql`."""
    return _INSERTS[dialect]


class Statement:
    """A statement with bound parameters, compiled when it is first run on a kind of database."""

    def __init__(self, make: Callable[[Any], Any], columns: Sequence[str] | None = None) -> None:
        """Prepare.

        Args:
            make: Makes the statement; it is given the database's own `insert`.
            columns: Which columns are inserted, when `make` names no values.
        """
        self._make = make
        self._columns = columns
        self._compiled: dict[str, Any] = {}

    async def run(
        self,
        connection: AsyncConnection,
        parameters: Mapping[str, Any] | Sequence[Mapping[str, Any]],
    ) -> Any:  # noqa: ANN401 - the result, untyped in SQLAlchemy 1.4
        """Run it; with several sets of parameters, once for each."""
        name = connection.dialect.name
        if name not in self._compiled:
            statement = self._make(insert_of(name))
            self._compiled[name] = statement.compile(
                dialect=connection.dialect,
                column_keys=self._columns,
            )
        return await connection.execute(self._compiled[name], parameters)
