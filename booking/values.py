"""The values that travel between the backend and its client, with their JSON form.

Both sides import this module, so it knows neither Sanic nor SQLAlchemy. Reading is strict: a field
that is missing or of the wrong type raises `ValueError`, `KeyError` or `TypeError`, which the
client takes as a broken answer.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from enum import Enum
from typing import Any

from dateutil.parser import isoparse

from booking.errors import RefusalCode
from service_catalog.clock import CHINA, written

_MOMENT = re.compile(
    r"\d{4}-\d\d-\d\d[Tt]\d\d:\d\d(?::\d\d(?:\.\d+)?)?(?:[Zz]|[+-]\d\d:\d\d)", re.ASCII
)


def read_moment(text: object) -> datetime:
    """Read an ISO 8601 moment with its offset (RFC 3339), as Asia/Shanghai time.

    Raises:
        ValueError: It is no such moment, or has no offset.
    """
    if not isinstance(text, str) or not _MOMENT.fullmatch(text):
        raise ValueError("a moment is a string like 2026-11-24T09:00:00+08:00")
    moment: datetime = isoparse(text)
    try:
        return moment.astimezone(CHINA)
    except OverflowError:
        raise ValueError("the moment is out of range") from None


class Status(str, Enum):
    """What became of an appointment.

    held → booked → checked_in → served is the way of one that goes well. A hold that nobody
    confirmed has expired; a booked one is cancelled, or a no_show where arrivals are noted, or has
    merely ended where they are not.
    """

    HELD = "held"
    BOOKED = "booked"
    CHECKED_IN = "checked_in"
    SERVED = "served"
    NO_SHOW = "no_show"
    CANCELLED = "cancelled"
    EXPIRED = "expired"
    ENDED = "ended"

    @property
    def chinese(self) -> str:
        """What people call it."""
        return _CHINESE[self]


_CHINESE = {
    Status.HELD: "保留中",
    Status.BOOKED: "已预约",
    Status.CHECKED_IN: "已报到",
    Status.SERVED: "已办理",
    Status.NO_SHOW: "爽约",
    Status.CANCELLED: "已取消",
    Status.EXPIRED: "已失效",
    Status.ENDED: "已过期",
}
OPEN = (Status.HELD, Status.BOOKED, Status.CHECKED_IN)
"""What takes a place and is still to be done."""


class Party(str, Enum):
    """For whom an appointment is: the citizen, another person, or a company."""

    SELF = "self"
    PERSON = "person"
    COMPANY = "company"


class Kind(str, Enum):
    """Where an appointment takes place: the citizen comes, or somebody comes to the citizen."""

    HALL = "hall"
    HOME = "home"


class Half(str, Enum):
    """The half of a day in which a home visit comes."""

    MORNING = "morning"
    AFTERNOON = "afternoon"

    @property
    def chinese(self) -> str:
        """上午 or 下午."""
        return "上午" if self is Half.MORNING else "下午"


@dataclass(frozen=True)
class Slot:
    """One bookable span at one place, with the number of citizens that still fit in."""

    place: str
    start: datetime
    end: datetime
    free: int

    def as_json(self) -> dict[str, Any]:
        """The slot as it goes over the wire."""
        return {
            "place": self.place,
            "start": written(self.start),
            "end": written(self.end),
            "free": self.free,
        }

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Slot:
        """Read a slot from the wire."""
        return cls(
            place=_text(data["place"]),
            start=read_moment(data["start"]),
            end=read_moment(data["end"]),
            free=int(data["free"]),
        )


@dataclass(frozen=True)
class Day:
    """One day at one place: bookable with its slots, or not and why.

    Attributes:
        place: The place's id.
        day: The date.
        open: Whether the booking rules let this day be booked; its slots may still all be full.
        code: Why it can't be booked.
        reason: The same for the citizen, in Chinese.
        slots: Every slot of an open day that has not begun, full ones too (`free` is 0).
    """

    place: str
    day: date
    open: bool
    code: RefusalCode | None = None
    reason: str | None = None
    slots: tuple[Slot, ...] = ()

    def as_json(self) -> dict[str, Any]:
        """The day as it goes over the wire."""
        return {
            "place": self.place,
            "day": self.day.isoformat(),
            "open": self.open,
            "code": self.code.value if self.code else None,
            "reason": self.reason,
            "slots": [slot.as_json() for slot in self.slots],
        }

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Day:
        """Read a day from the wire."""
        code, reason = data["code"], data["reason"]
        return cls(
            place=_text(data["place"]),
            day=date.fromisoformat(data["day"]),
            open=bool(data["open"]),
            code=None if code is None else _code(code),
            reason=None if reason is None else _text(reason),
            slots=tuple(Slot.from_json(slot) for slot in data["slots"]),
        )


@dataclass(frozen=True)
class Appointment:
    """A citizen's appointment as the citizen may see it: name, phone and address are masked.

    Attributes:
        code: The ticket code that the citizen shows at the hall.
        service: The service's id.
        service_name: Its name when it was booked.
        place: The place's id; of a home visit "home".
        place_name: Its name when it was booked; of a home visit the name of its rule.
        start: When the visit begins; of a home visit the half day in which it comes.
        end: When its slot ends.
        status: What became of it.
        name: The citizen's name with all but the first character masked.
        phone: The phone with its middle masked.
        kind: Whether it is at the hall or at home.
        address: Where a home visit goes, masked behind the district and town; else None.
        party: For whom it is.
        principal: The masked name of that other person or company; None when it is for oneself.
        priority: Id of the priority group in whose right it was booked.
        expires: Until when a hold is kept; None when it is no hold.
        affected: Why the hall can't keep it after all, once the citizen was told.
        arrived: When the arrival was noted.
    """

    code: str
    service: str
    service_name: str
    place: str
    place_name: str
    start: datetime
    end: datetime
    status: Status
    name: str
    phone: str
    kind: Kind = Kind.HALL
    address: str | None = None
    party: Party = Party.SELF
    principal: str | None = None
    priority: str | None = None
    expires: datetime | None = None
    affected: str | None = None
    arrived: datetime | None = None

    def as_json(self) -> dict[str, Any]:
        """The appointment as it goes over the wire."""
        return {
            **vars(self),
            "start": self.start.isoformat(),
            "end": self.end.isoformat(),
            "status": self.status.value,
            "kind": self.kind.value,
            "party": self.party.value,
            "expires": moment_or_none(self.expires),
            "arrived": moment_or_none(self.arrived),
        }

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Appointment:
        """Read an appointment from the wire."""
        return cls(
            code=_text(data["code"]),
            service=_text(data["service"]),
            service_name=_text(data["service_name"]),
            place=_text(data["place"]),
            place_name=_text(data["place_name"]),
            name=_text(data["name"]),
            phone=_text(data["phone"]),
            start=read_moment(data["start"]),
            end=read_moment(data["end"]),
            status=Status(data["status"]),
            kind=Kind(data["kind"]),
            party=Party(data["party"]),
            expires=_maybe_moment(data["expires"]),
            arrived=_maybe_moment(data["arrived"]),
            address=maybe_text(data["address"]),
            principal=maybe_text(data["principal"]),
            priority=maybe_text(data["priority"]),
            affected=maybe_text(data["affected"]),
        )


@dataclass(frozen=True)
class HomeVisitDay:
    """A day on which a home visit can still be booked.

    Attributes:
        day: The date.
        free: How many more visits its team makes that day.
        halves: The halves of the day from which the citizen may choose.
    """

    day: date
    free: int
    halves: tuple[Half, ...]

    def as_json(self) -> dict[str, Any]:
        """The day as it goes over the wire."""
        return {
            "day": self.day.isoformat(),
            "free": self.free,
            "halves": [half.value for half in self.halves],
        }

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> HomeVisitDay:
        """Read a day from the wire."""
        return cls(
            day=date.fromisoformat(data["day"]),
            free=int(data["free"]),
            halves=tuple(Half(half) for half in data["halves"]),
        )


@dataclass(frozen=True)
class PlateDay:
    """A number plate that is registered for parking on one day, as the citizen may see it.

    Attributes:
        day: The date.
        plate: The plate with its middle masked, like 川A·**345.
        place: Id of the place whose car park it is.
        place_name: Its name.
    """

    day: date
    plate: str
    place: str
    place_name: str

    def as_json(self) -> dict[str, Any]:
        """The plate as it goes over the wire."""
        return {**vars(self), "day": self.day.isoformat()}

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> PlateDay:
        """Read a plate from the wire."""
        words = ("plate", "place", "place_name")
        return cls(
            day=date.fromisoformat(data["day"]), **{word: _text(data[word]) for word in words}
        )


@dataclass(frozen=True)
class Erased:
    """What was erased of a citizen.

    Attributes:
        appointments: How many appointments and home visits lost their personal data.
        cancelled: How many of them were still open and were cancelled.
        plates: How many registered plates were deleted.
    """

    appointments: int
    cancelled: int
    plates: int

    def as_json(self) -> dict[str, Any]:
        """The counts as they go over the wire."""
        return dict(vars(self))

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Erased:
        """Read the counts from the wire."""
        return cls(**{name: int(data[name]) for name in ("appointments", "cancelled", "plates")})


@dataclass(frozen=True)
class TicketFiles:
    """A ticket to show and to keep.

    Attributes:
        code: The ticket code.
        qr: A QR code that holds it, as an SVG picture (ISO/IEC 18004).
        calendar: The appointment as an iCalendar file (RFC 5545).
    """

    code: str
    qr: str
    calendar: str

    def as_json(self) -> dict[str, Any]:
        """The files as they go over the wire."""
        return dict(vars(self))

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> TicketFiles:
        """Read the files from the wire."""
        return cls(**{name: _text(data[name]) for name in ("code", "qr", "calendar")})


def moment_or_none(moment: datetime | None) -> str | None:
    """A moment as it goes over the wire."""
    return None if moment is None else moment.isoformat()


def maybe_text(value: object) -> str | None:
    """Read a string from the wire that may be missing."""
    return None if value is None else _text(value)


def texts(values: object) -> tuple[str, ...]:
    """Read a list of strings from the wire."""
    if not isinstance(values, list):
        raise TypeError(f"expected a list, got {type(values).__name__}")
    return tuple(_text(value) for value in values)


def _maybe_moment(value: object) -> datetime | None:
    return None if value is None else read_moment(value)


def _text(value: object) -> str:
    if not isinstance(value, str):
        raise TypeError(f"expected a string, got {type(value).__name__}")
    return value


def _code(value: object) -> RefusalCode:
    # RefusalCode(value) works, but its __new__ makes mypy expect three arguments.
    return RefusalCode[_text(value)]
