"""The column type of moments: UTC in the database, Asia/Shanghai in the program."""

from __future__ import annotations

from datetime import datetime, timezone

from sqlalchemy import DateTime
from sqlalchemy.engine import Dialect
from sqlalchemy.types import TypeDecorator

from service_catalog.clock import CHINA


class Moment(TypeDecorator[datetime]):
    """A moment with its zone."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """From the program to the database."""
        return None if value is None else value.astimezone(timezone.utc)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """From the database to the program."""
        if value is None:
            return None
        if value.tzinfo is not None:
            return value.astimezone(CHINA)
        # SQLite keeps no offsets: what it hands back is the UTC time that was stored.
        return CHINA.fromutc(value.replace(tzinfo=CHINA))
