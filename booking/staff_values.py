"""The values that travel between the backend and the staff's client, with their JSON form.

Names and phones are masked but in `Read`, of which every reading is noted. Reading is strict, as in
`booking.values`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from booking.message_values import MessageKind, MessageState
from booking.values import Appointment, Slot, maybe_text, moment_or_none, read_moment


@dataclass(frozen=True)
class Line:
    """One appointment in a day's list.

    Attributes:
        appointment: The appointment, masked.
        windows: The windows that take it.
        window: The window that called it.
        called: When it was called.
        served: When the visit was over.
    """

    appointment: Appointment
    windows: tuple[str, ...]
    window: str | None
    called: datetime | None
    served: datetime | None

    def as_json(self) -> dict[str, Any]:
        """The line as it goes over the wire."""
        return {
            "appointment": self.appointment.as_json(),
            "windows": list(self.windows),
            "window": self.window,
            "called": moment_or_none(self.called),
            "served": moment_or_none(self.served),
        }

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Line:
        """Read a line from the wire."""
        return cls(
            appointment=Appointment.from_json(data["appointment"]),
            windows=tuple(str(one) for one in data["windows"]),
            window=maybe_text(data["window"]),
            called=_moment(data["called"]),
            served=_moment(data["served"]),
        )


@dataclass(frozen=True)
class Read:
    """One appointment in clear, for the staff member who has to know."""

    line: Line
    name: str = field(repr=False)
    phone: str = field(repr=False)
    principal: str | None = field(repr=False)
    id_number: str | None = field(repr=False)
    address: str | None = field(repr=False)

    def as_json(self) -> dict[str, Any]:
        """The appointment as it goes over the wire."""
        return {**vars(self), "line": self.line.as_json()}

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Read:
        """Read an appointment from the wire."""
        return cls(
            line=Line.from_json(data["line"]),
            name=str(data["name"]),
            phone=str(data["phone"]),
            principal=maybe_text(data["principal"]),
            id_number=maybe_text(data["id_number"]),
            address=maybe_text(data["address"]),
        )


@dataclass(frozen=True)
class Closure:
    """A time for which a window, or (`window` None) a whole place, is shut."""

    id: str
    place: str
    window: str | None
    since: datetime
    until: datetime
    reason: str
    staff: str

    def as_json(self) -> dict[str, Any]:
        """The closure as it goes over the wire."""
        return {
            **vars(self),
            "since": self.since.isoformat(),
            "until": self.until.isoformat(),
        }

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Closure:
        """Read a closure from the wire."""
        return cls(
            **{name: str(data[name]) for name in ("id", "place", "reason", "staff")},
            window=maybe_text(data["window"]),
            since=read_moment(data["since"]),
            until=read_moment(data["until"]),
        )


@dataclass(frozen=True)
class Affected:
    """An appointment that the hall can't keep as things stand now.

    Attributes:
        appointment: The appointment, masked.
        reason: Why not, in Chinese.
        told: Whether the citizen was told.
        nearest: Free slots instead.
    """

    appointment: Appointment
    reason: str
    told: bool
    nearest: tuple[Slot, ...] = ()

    def as_json(self) -> dict[str, Any]:
        """The appointment as it goes over the wire."""
        return {
            "appointment": self.appointment.as_json(),
            "reason": self.reason,
            "told": self.told,
            "nearest": [slot.as_json() for slot in self.nearest],
        }

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Affected:
        """Read an appointment from the wire."""
        return cls(
            appointment=Appointment.from_json(data["appointment"]),
            reason=str(data["reason"]),
            told=bool(data["told"]),
            nearest=tuple(Slot.from_json(slot) for slot in data["nearest"]),
        )


@dataclass(frozen=True)
class Suspension:
    """A citizen who may not book for a time; who it is is told by the last missed appointment.

    Attributes:
        id: Its id.
        code: The ticket code of the appointment that was the last straw.
        name: The masked name on it; "" once it was erased.
        since: From when.
        until: Until when.
        no_shows: How many no-shows led to it.
    """

    id: str
    code: str
    name: str
    since: datetime
    until: datetime
    no_shows: int

    def as_json(self) -> dict[str, Any]:
        """The suspension as it goes over the wire."""
        return {
            **vars(self),
            "since": self.since.isoformat(),
            "until": self.until.isoformat(),
        }

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Suspension:
        """Read a suspension from the wire."""
        return cls(
            **{name: str(data[name]) for name in ("id", "code", "name")},
            since=read_moment(data["since"]),
            until=read_moment(data["until"]),
            no_shows=int(data["no_shows"]),
        )


@dataclass(frozen=True)
class Message:
    """A message of the outbox, without its words.

    Attributes:
        id: Its id.
        code: The ticket code of its appointment.
        kind: What it is about.
        state: What became of it.
        due: When it was to be sent.
        tries: How often it was tried.
        why: Why it has not arrived.
    """

    id: str
    code: str
    kind: MessageKind
    state: MessageState
    due: datetime
    tries: int
    why: str | None

    def as_json(self) -> dict[str, Any]:
        """The message as it goes over the wire."""
        return {
            **vars(self),
            "kind": self.kind.value,
            "state": self.state.value,
            "due": self.due.isoformat(),
        }

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Message:
        """Read a message from the wire."""
        return cls(
            id=str(data["id"]),
            code=str(data["code"]),
            kind=MessageKind(data["kind"]),
            state=MessageState(data["state"]),
            due=read_moment(data["due"]),
            tries=int(data["tries"]),
            why=maybe_text(data["why"]),
        )


@dataclass(frozen=True)
class Figure:
    """One item's figures at one place, or those of one window.

    Attributes:
        place: Place id.
        item: Id of the service or the bundle.
        name: Its name.
        booked: Appointments that began in the span and were not given up before.
        cancelled: Those that the citizen or the hall cancelled.
        arrived: Those whose arrival was noted.
        served: Those that were served.
        no_shows: Those whose citizen didn't come.
        waited: Seconds from arrival (or the slot's beginning, whichever was later) to the call, the
            median; None when nobody was called.
    """

    place: str
    item: str
    name: str
    booked: int
    cancelled: int
    arrived: int
    served: int
    no_shows: int
    waited: float | None

    @property
    def no_show_rate(self) -> float | None:
        """Of those of whom it is known whether they came, the share that didn't."""
        known = self.arrived + self.no_shows
        return self.no_shows / known if known else None

    def as_json(self) -> dict[str, Any]:
        """The figures as they go over the wire."""
        return dict(vars(self))

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Figure:
        """Read figures from the wire."""
        return cls(
            place=str(data["place"]),
            item=str(data["item"]),
            name=str(data["name"]),
            booked=int(data["booked"]),
            cancelled=int(data["cancelled"]),
            arrived=int(data["arrived"]),
            served=int(data["served"]),
            no_shows=int(data["no_shows"]),
            waited=None if data["waited"] is None else float(data["waited"]),
        )


def _moment(value: object) -> datetime | None:
    return None if value is None else read_moment(value)
