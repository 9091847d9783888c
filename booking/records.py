"""The values that pass between the offices and their stores.

A store sees no clear personal data: citizens, phones, ID numbers and idempotency keys are keyed
hashes, names and phones ciphertext. It knows the limits it is given, not the rules they come from.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

from booking.message_values import MessageKind
from booking.values import Kind, Party, Status


@dataclass(frozen=True)
class Record:
    """An appointment as it is kept.

    Attributes:
        code: The ticket code.
        citizen: Keyed hash of the citizen.
        service: Id of the service or the bundle.
        service_name: Its name at the time of booking.
        place: Place id.
        place_name: The place's name at the time of booking.
        starts_at: When the visit begins.
        ends_at: When its slot ends.
        status: What became of it.
        name_sealed: The name, encrypted; "" of a hold, and of what was erased.
        phone_sealed: The phone, encrypted.
        phone_hash: Keyed hash of the phone.
        kind: Whether it is at the hall or at home.
        rule: Id of a home visit's rule.
        address_sealed: A home visit's address, encrypted.
        expires_at: Until when a hold is kept; None when it is none.
        priority: Id of the priority group in whose right it was booked.
        party: For whom it is.
        principal: Keyed hash of that person or company; "self" for the citizen.
        principal_sealed: The name of that person or company, encrypted.
        id_sealed: The ID number or credit code, encrypted.
        id_hash: Keyed hash of it.
        window: The window that called it.
        checked_in_at: When the citizen arrived.
        called_at: When a window called.
        served_at: When the visit was over.
        affected_at: When the citizen was told that the hall can't keep it.
        affected_reason: Why not.
    """

    code: str
    citizen: str
    service: str
    service_name: str
    place: str
    place_name: str
    starts_at: datetime
    ends_at: datetime
    status: Status
    name_sealed: str = ""
    phone_sealed: str = ""
    phone_hash: str = ""
    kind: Kind = Kind.HALL
    rule: str | None = None
    address_sealed: str | None = None
    expires_at: datetime | None = None
    priority: str | None = None
    party: Party = Party.SELF
    principal: str = Party.SELF.value
    principal_sealed: str | None = None
    id_sealed: str | None = None
    id_hash: str | None = None
    window: str | None = None
    checked_in_at: datetime | None = None
    called_at: datetime | None = None
    served_at: datetime | None = None
    affected_at: datetime | None = None
    affected_reason: str | None = None


Check = Callable[[Record], None]
"""Raises `Refused` when the rules don't let an appointment, as it is now, be changed."""


@dataclass(frozen=True)
class PlateRecord:
    """A registered number plate as it is kept: a keyed hash of it, and itself encrypted."""

    day: date
    plate_hash: str
    citizen: str
    plate_sealed: str


@dataclass(frozen=True)
class Strikes:
    """What follows when citizens don't come, from the catalogue of this moment.

    Attributes:
        grace: How long after its end an appointment without an arrival is a no-show.
        within: No-shows that are longer ago don't count.
        warn_after: With so many the citizen is warned.
        suspend_after: With so many the citizen is suspended.
        suspend_for: For how long.
    """

    grace: timedelta
    within: timedelta
    warn_after: int
    suspend_after: int
    suspend_for: timedelta


@dataclass(frozen=True)
class Limits:
    """How much one citizen may book, from the catalogue of this moment.

    Attributes:
        per_day: Appointments a day, for one person.
        per_week: The same a week, Monday to Sunday.
        per_month: The same a calendar month; None is no limit.
        max_open: Open appointments of one citizen's account, for whomever.
        strikes: What follows on a no-show; None when arrivals are not noted.
        phone: Whom a suspended citizen may call.
    """

    per_day: int
    per_week: int
    per_month: int | None = None
    max_open: int = 5
    strikes: Strikes | None = None
    phone: str = ""


@dataclass(frozen=True)
class Due:
    """A message to be sent: when, until when there is a point in it, and what staff wrote.

    `about` tells two of one kind about one appointment apart.
    """

    kind: MessageKind
    about: str
    due_at: datetime
    expires_at: datetime
    note: str = ""


@dataclass(frozen=True)
class Deed:
    """Who of the staff did what, for the audit."""

    staff: str
    what: str


@dataclass(frozen=True)
class SuspensionRecord:
    """A suspension as it is kept; `code` is the appointment that was the last straw."""

    id: str
    citizen: str
    since: datetime
    until: datetime
    no_shows: int
    code: str


@dataclass(frozen=True)
class Waiting:
    """A message that is due.

    Attributes:
        id: Its id, the same at every try.
        kind: What it is about.
        about: Which of its kind: a time, or a number.
        note: What staff wrote.
        expires_at: Until when there is a point in it.
        tries: How often it was tried.
        record: The appointment as it is now.
        openid_sealed: Where it goes; None when nobody knows.
    """

    id: str
    kind: MessageKind
    about: str
    note: str
    expires_at: datetime
    tries: int
    record: Record = field(repr=False)
    openid_sealed: str | None = field(repr=False)


@dataclass(frozen=True)
class RequestId:
    """An idempotency key and the body it came with, both as keyed hashes."""

    key_hash: str
    body_hash: str


@dataclass(frozen=True)
class Order:
    """An appointment as it shall be, and what it is held to.

    Attributes:
        draft: The appointment; of a new one without its code.
        limits: What the citizen may book.
        now: The moment.
        openid_sealed: Where the citizen's messages go; "" leaves it as it is.
        messages: What the citizen is to be told, once it is so.
    """

    draft: Record
    limits: Limits
    now: datetime
    openid_sealed: str = field(default="", repr=False)
    messages: Sequence[Due] = ()
