"""Statements that are compiled once, for those that run with every booking.

SQLAlchemy keeps what it has compiled, but it must take a statement apart each time to find it
again, and it never keeps an INSERT … ON CONFLICT: compiling that takes longer than running it. A
`Statement` is made once for each kind of database; its values are bound by name when it is run.

On SQLite even what is left of SQLAlchemy's way takes four times as long as SQLite itself, so there
the compiled text goes to the driver directly (`Prepared`), with the values as the columns' types
write and read them.
"""

from __future__ import annotations

import sqlite3
from collections import namedtuple
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.engine import Dialect
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncConnection
from sqlalchemy.types import TypeEngine

_INSERTS: Mapping[str, Any] = {"sqlite": sqlite.insert, "postgresql": postgresql.insert}
_Processor = Callable[[Any], Any]


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
        """Run it; with several sets of parameters, once for each.

        Returns:
            What SQLAlchemy returns, or on SQLite a `Found`, which has of it what is used here.
        """
        dialect = connection.dialect
        compiled = self._compiled.get(dialect.name)
        if compiled is None:
            statement = self._make(insert_of(dialect.name))
            compiled = statement.compile(dialect=dialect, column_keys=self._columns)
            if dialect.name == "sqlite":
                compiled = Prepared(compiled, dialect)
            self._compiled[dialect.name] = compiled
        return await connection.execute(compiled, parameters)


class Found:
    """What a prepared statement gave: its rows, and how many rows it wrote."""

    def __init__(self, rows: Sequence[Any], rowcount: int) -> None:
        self._rows = rows
        self.rowcount = rowcount

    def __iter__(self) -> Iterator[Any]:
        return iter(self._rows)

    def first(self) -> Any:  # noqa: ANN401
        """The first row, or None."""
        return self._rows[0] if self._rows else None

    def scalar(self) -> Any:  # noqa: ANN401
        """The first column of the first row, or None."""
        return self._rows[0][0] if self._rows else None


class Prepared:
    """A compiled statement for the driver of SQLite, without SQLAlchemy in between."""

    def __init__(self, compiled: Any, dialect: Dialect) -> None:  # noqa: ANN401
        """Take from the compiled statement what is the same at every run."""
        self._sql = str(compiled)
        bound = {name: bind for bind, name in compiled.bind_names.items()}
        self._fixed = {
            name: bind.effective_value for name, bind in bound.items() if not bind.required
        }
        self._writers = [
            (name, _of_type(bound[name].type, dialect, "bind")) for name in compiled.positiontup
        ]
        columns = compiled._result_columns  # there is no public way to their types
        self._readers = [_of_type(column[3], dialect, "result") for column in columns]
        self._row: Any = namedtuple("Row", [column[0] for column in columns]) if columns else None

    def run(
        self,
        driver: sqlite3.Connection,
        parameters: Mapping[str, Any] | Sequence[Mapping[str, Any]],
    ) -> Found:
        """Run it on the driver's connection.

        Raises:
            DBAPIError: As SQLAlchemy would, without the parameters in it.
            KeyError: A parameter is missing.
        """
        try:
            if isinstance(parameters, Mapping):
                cursor = driver.execute(self._sql, self._written(parameters))
            else:
                cursor = driver.executemany(self._sql, map(self._written, parameters))
            rows = [] if self._row is None else [self._read(row) for row in cursor]
        except sqlite3.Error as error:
            raise DBAPIError.instance(
                self._sql, None, error, sqlite3.Error, hide_parameters=True
            ) from error
        return Found(rows, cursor.rowcount)

    def _written(self, parameters: Mapping[str, Any]) -> list[Any]:
        values = {**self._fixed, **parameters}
        return [
            values[name] if write is None else write(values[name]) for name, write in self._writers
        ]

    def _read(self, row: Sequence[Any]) -> Any:  # noqa: ANN401
        return self._row._make(
            value if read is None else read(value)
            for value, read in zip(row, self._readers, strict=True)
        )


def _of_type(kind: TypeEngine[Any], dialect: Dialect, way: str) -> _Processor | None:
    """What writes a bound value of this type, or reads a column of it; None for as it is."""
    here: Any = kind.dialect_impl(dialect)
    found: _Processor | None = (
        here.bind_processor(dialect) if way == "bind" else here.result_processor(dialect, None)
    )
    return found
