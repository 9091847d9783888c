"""The tables of the appointment database.

Capacity is counted per service, place and start: two services at one place don't share places. Home
visits are appointments too, counted per rule and day. Moments are stored as UTC. Personal data is
stored as `booking.privacy` describes. How databases get these tables: `database.opening`.
"""

from __future__ import annotations

from sqlalchemy import (
    CheckConstraint,
    Column,
    Date,
    ForeignKey,
    Index,
    Integer,
    MetaData,
    String,
    Table,
    Text,
)

from booking.values import Kind, Status
from database.moments import Moment

metadata = MetaData()

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

home_days = Table(
    "home_days",
    metadata,
    Column("rule", String(64), primary_key=True),
    Column("day", Date, primary_key=True),
    Column("booked", Integer, nullable=False),
    Column("capacity", Integer, nullable=False),
    CheckConstraint("booked >= 0 AND booked <= capacity", name="home_days_never_overbooked"),
)
"""How many home visits of a rule are booked for each day; `capacity` as in `slots`."""

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
    Column("kind", String(8), nullable=False, server_default=Kind.HALL.value),
    Column("rule", String(64)),
    Column("address_sealed", Text),
    CheckConstraint(
        "status IN ({})".format(", ".join(f"'{status.value}'" for status in Status)),
        name="appointments_status_known",
    ),
)
"""Visits at the hall and at home; `rule` and `address_sealed` are those of a home visit."""
_still_open = appointments.c.status == Status.BOOKED.value
Index(
    "appointments_one_open_per_service",
    appointments.c.citizen,
    appointments.c.service,
    appointments.c.kind,
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
    Column("place", String(64)),
    Column("place_name", Text),
    Column("starts_at", Moment),
    Column("ends_at", Moment),
)
"""Idempotency keys that led to an appointment; a refused request changes nothing and has none.

Where and when it was then stands beside it, as the appointment may be moved later.
"""

plates = Table(
    "plates",
    metadata,
    Column("day", Date, primary_key=True),
    Column("plate_hash", String(64), primary_key=True),
    Column("citizen", String(64), ForeignKey("citizens.citizen"), nullable=False),
    Column("plate_sealed", Text, nullable=False),
    Column("created_at", Moment, nullable=False),
)
"""Number plates that may park at the hall on a day."""
Index("plates_of_citizen", plates.c.citizen, plates.c.day)
