"""The column type of moments: UTC in the database, Asia/Shanghai in the program."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timezone
from functools import lru_cache
from typing import Any

from sqlalchemy import DateTime
from sqlalchemy.engine import Dialect
from sqlalchemy.types import TypeDecorator

from service_catalog.clock import CHINA

_REMEMBERED = 4_096


class Moment(TypeDecorator[datetime]):
    """A moment with its zone.

    SQLite keeps it as text without an offset. That is written and read here, in the form that
    SQLAlchemy uses, too: its own way takes several times as long, and a booking has thirty moments,
    most of them equal to one another, so the latest are remembered.
    """

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """From the program to the database."""
        return None if value is None else value.astimezone(timezone.utc)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """From the database to the program."""
        return None if value is None else value.astimezone(CHINA)

    def bind_processor(self, dialect: Dialect) -> Callable[[Any], Any]:
        """What makes of a moment what the driver is given."""
        if dialect.name == "sqlite":
            return _text
        processor: Callable[[Any], Any] = super().bind_processor(dialect)
        return processor

    def result_processor(self, dialect: Dialect, coltype: object) -> Callable[[Any], Any]:
        """What makes a moment of what the driver gives."""
        if dialect.name == "sqlite":
            return _moment
        processor: Callable[[Any], Any] = super().result_processor(dialect, coltype)
        return processor


@lru_cache(_REMEMBERED)
def _text(value: datetime | None) -> str | None:
    if value is None:
        return None
    return value.astimezone(timezone.utc).replace(tzinfo=None).isoformat(" ", "microseconds")


@lru_cache(_REMEMBERED)
def _moment(text: str | None) -> datetime | None:
    if text is None:
        return None
    return CHINA.fromutc(datetime.fromisoformat(text).replace(tzinfo=CHINA))
