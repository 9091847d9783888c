"""The tables of the appointment database.

Capacity is counted per item (service or bundle), place and start: two items at one place don't
share places. Home visits are appointments too, counted per rule and day; so are holds, which take a
place for some minutes. Moments are stored as UTC. Personal data is stored as `booking.privacy`
describes. How databases get these tables: `database.opening`.
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
    UniqueConstraint,
)

from booking.message_values import MessageState
from booking.values import OPEN, Kind, Party, Status
from database.moments import Moment

metadata = MetaData()

citizens = Table(
    "citizens",
    metadata,
    Column("citizen", String(64), primary_key=True),
    Column("bookings", Integer, nullable=False, default=0),
    Column("openid_sealed", Text),
)
"""One row for each citizen: updating it first lines up the bookings of one citizen.

`openid_sealed` is where messages go. Appointments whose citizen was erased belong to `NOBODY`.
"""
NOBODY = "nobody"

slots = Table(
    "slots",
    metadata,
    Column("service", String(64), primary_key=True),
    Column("place", String(64), primary_key=True),
    Column("starts_at", Moment, primary_key=True),
    Column("booked", Integer, nullable=False),
    Column("capacity", Integer, nullable=False),
    Column("priority", Integer, nullable=False, server_default="0"),
    CheckConstraint("booked >= 0 AND booked <= capacity", name="slots_never_overbooked"),
    CheckConstraint("priority >= 0 AND priority <= booked", name="slots_priority_among_booked"),
)
"""How full each slot is that somebody has booked; `capacity` as it was at the last booking.

`priority` of them were booked in the right of a priority group.
"""

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
    Column("expires_at", Moment),
    Column("priority", String(64)),
    Column("party", String(8), nullable=False, server_default=Party.SELF.value),
    Column("principal", String(64), nullable=False, server_default=Party.SELF.value),
    Column("principal_sealed", Text),
    Column("id_sealed", Text),
    Column("id_hash", String(64)),
    Column("window", String(32)),
    Column("checked_in_at", Moment),
    Column("called_at", Moment),
    Column("served_at", Moment),
    Column("affected_at", Moment),
    Column("affected_reason", Text),
    CheckConstraint(
        "(status = 'held') = (expires_at IS NOT NULL)", name="appointments_holds_expire"
    ),
    CheckConstraint(
        "status IN ({})".format(", ".join(f"'{status.value}'" for status in Status)),
        name="appointments_status_known",
    ),
)
"""Visits at the hall and at home.

`rule` and `address_sealed` are those of a home visit, `principal` tells for whom it is ("self" for
the citizen; its own code where it belongs to nobody), `id_hash` whose ID number was given.
"""
_still_open = appointments.c.status.in_([status.value for status in OPEN])
Index(
    "appointments_one_open_per_service",
    appointments.c.citizen,
    appointments.c.service,
    appointments.c.kind,
    appointments.c.principal,
    unique=True,
    sqlite_where=_still_open,
    postgresql_where=_still_open,
)
Index("appointments_of_citizen", appointments.c.citizen, appointments.c.starts_at)
Index("appointments_by_start", appointments.c.starts_at, appointments.c.place)
Index(
    "appointments_open_by_end",
    appointments.c.ends_at,
    sqlite_where=_still_open,
    postgresql_where=_still_open,
)
Index(
    "appointments_to_erase",
    appointments.c.ends_at,
    sqlite_where=appointments.c.citizen != NOBODY,
    postgresql_where=appointments.c.citizen != NOBODY,
)
Index(
    "appointments_held",
    appointments.c.expires_at,
    sqlite_where=appointments.c.expires_at.isnot(None),
    postgresql_where=appointments.c.expires_at.isnot(None),
)
Index(
    "appointments_open_by_id_number",
    appointments.c.id_hash,
    appointments.c.service,
    sqlite_where=_still_open,
    postgresql_where=_still_open,
)

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
    Column("status", String(16)),
    Column("expires_at", Moment),
)
"""Idempotency keys of changes to appointments; a refused request changes nothing and has none.

How the appointment was then stands beside it, as it may be changed later.
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

closures = Table(
    "closures",
    metadata,
    Column("id", String(32), primary_key=True),
    Column("place", String(64), nullable=False),
    Column("window", String(32)),
    Column("since", Moment, nullable=False),
    Column("until", Moment, nullable=False),
    Column("reason", Text, nullable=False),
    Column("staff", String(40), nullable=False),
    Column("made_at", Moment, nullable=False),
    Column("lifted_at", Moment),
    CheckConstraint("since < until", name="closures_begin_before_they_end"),
)
"""Times for which staff closed a window, or (`window` NULL) a whole place."""
Index("closures_of_place", closures.c.place, closures.c.until)

suspensions = Table(
    "suspensions",
    metadata,
    Column("id", String(32), primary_key=True),
    Column("citizen", String(64), nullable=False),
    Column("since", Moment, nullable=False),
    Column("until", Moment, nullable=False),
    Column("no_shows", Integer, nullable=False),
    Column("code", String(16), nullable=False),
    Column("lifted_at", Moment),
    Column("lifted_by", String(40)),
)
"""Citizens who may not book for a time; `code` is the appointment that was the last straw.

Only the keyed hash says who; so erasing one's data is no way out of a suspension.
"""
Index("suspensions_of_citizen", suspensions.c.citizen, suspensions.c.until)

messages = Table(
    "messages",
    metadata,
    Column("id", String(32), primary_key=True),
    Column("citizen", String(64), ForeignKey("citizens.citizen"), nullable=False),
    Column("code", String(16), ForeignKey("appointments.code"), nullable=False),
    Column("kind", String(16), nullable=False),
    Column("about", String(64), nullable=False),
    Column("note", Text, nullable=False),
    Column("due_at", Moment, nullable=False),
    Column("expires_at", Moment, nullable=False),
    Column("state", String(8), nullable=False),
    Column("next_at", Moment, nullable=False),
    Column("tries", Integer, nullable=False, server_default="0"),
    Column("why", String(64)),
    Column("made_at", Moment, nullable=False),
    Column("done_at", Moment),
    UniqueConstraint("code", "kind", "about", name="messages_once"),
    CheckConstraint(
        "state IN ({})".format(", ".join(f"'{state.value}'" for state in MessageState)),
        name="messages_state_known",
    ),
)
"""The outbox: what citizens are to be told, written in the transaction that it is about.

The words are made when it is sent, from the appointment as it is then. `about` tells two messages
of one kind about one appointment apart (each time has its own reminders), `note` is what staff
wrote.
"""
_waiting = messages.c.state == MessageState.WAITING.value
Index(
    "messages_waiting",
    messages.c.next_at,
    sqlite_where=_waiting,
    postgresql_where=_waiting,
)
Index("messages_of_citizen", messages.c.citizen)

audit = Table(
    "booking_audit",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=True),
    Column("staff", String(40), nullable=False),
    Column("what", String(32), nullable=False),
    Column("about", String(64), nullable=False),
    Column("at", Moment, nullable=False, index=True),
)
"""Who of the staff read or changed what, and when."""
