"""The tables of the appointment database.

Capacity is counted per service, place and start: two services at one place don't share places.
Moments are stored as UTC. Personal data is stored as `booking.privacy` describes.
"""

from __future__ import annotations

from datetime import datetime, timezone

from sqlalchemy import (
    CheckConstraint,
    Column,
    DateTime,
    ForeignKey,
    Index,
    Integer,
    MetaData,
    String,
    Table,
    Text,
)
from sqlalchemy.engine import Dialect
from sqlalchemy.types import TypeDecorator

from booking.values import Status
from service_catalog.clock import CHINA

VERSION = "1"
"""The version of these tables, kept in `meta`; a database of another version is refused."""


class Moment(TypeDecorator[datetime]):
    """A moment with its zone: UTC in the database, Asia/Shanghai in the program."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """From the program to the database."""
        return None if value is None else value.astimezone(timezone.utc)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """From the database to the program."""
        if value is None:
            return None
        # SQLite keeps no offsets: what it hands back is the UTC time that was stored.
        aware = value if value.tzinfo else value.replace(tzinfo=timezone.utc)
        return aware.astimezone(CHINA)


metadata = MetaData()

meta = Table(
    "meta",
    metadata,
    Column("name", String(32), primary_key=True),
    Column("value", String(128), nullable=False),
)
"""Facts about the database itself: its version, and which data key it was written with."""

citizens = Table(
    "citizens",
    metadata,
    Column("citizen", String(64), primary_key=True),
    Column("bookings", Integer, nullable=False, default=0),
)
"""One row for each citizen: updating it first lines up the bookings of one citizen."""

slots = Table(
    "slots",
    metadata,
    Column("service", String(64), primary_key=True),
    Column("place", String(64), primary_key=True),
    Column("starts_at", Moment, primary_key=True),
    Column("booked", Integer, nullable=False),
    Column("capacity", Integer, nullable=False),
    CheckConstraint("booked >= 0 AND booked <= capacity", name="slots_never_overbooked"),
)
"""How full each slot is that somebody has booked; `capacity` as it was at the last booking."""

appointments = Table(
    "appointments",
    metadata,
    Column("code", String(16), primary_key=True),
    Column("citizen", String(64), ForeignKey("citizens.citizen"), nullable=False),
    Column("service", String(64), nullable=False),
    Column("service_name", Text, nullable=False),
    Column("place", String(64), nullable=False),
    Column("place_name", Text, nullable=False),
    Column("starts_at", Moment, nullable=False),
    Column("ends_at", Moment, nullable=False),
    Column("status", String(16), nullable=False),
    Column("name_sealed", Text, nullable=False),
    Column("phone_sealed", Text, nullable=False),
    Column("phone_hash", String(64), nullable=False, index=True),
    Column("created_at", Moment, nullable=False),
    Column("cancelled_at", Moment),
    CheckConstraint(
        "status IN ({})".format(", ".join(f"'{status.value}'" for status in Status)),
        name="appointments_status_known",
    ),
)
_still_open = appointments.c.status == Status.BOOKED.value
Index(
    "appointments_one_open_per_service",
    appointments.c.citizen,
    appointments.c.service,
    unique=True,
    sqlite_where=_still_open,
    postgresql_where=_still_open,
)
Index("appointments_of_citizen", appointments.c.citizen, appointments.c.starts_at)

requests = Table(
    "requests",
    metadata,
    Column("key_hash", String(64), primary_key=True),
    Column("body_hash", String(64), nullable=False),
    Column("code", String(16), ForeignKey("appointments.code"), nullable=False),
    Column("created_at", Moment, nullable=False, index=True),
)
"""Idempotency keys that led to an appointment; a refused request changes nothing and has none."""
