"""What citizens ask the office for, as it was sent and before it is checked."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

from booking.identity import Principal


@dataclass(frozen=True)
class HoldWish:
    """Which slot a citizen wants to have kept for some minutes, as it was sent.

    Attributes:
        citizen: The citizen's id in the channel (a WeChat openid).
        service: Id of a service or a bundle.
        place: Place id.
        start: When the wanted slot begins.
        priority: Id of the priority group in whose right it is booked.
        principal: For whom, when it is not for the citizen.
    """

    citizen: str = field(repr=False)
    service: str
    place: str
    start: datetime
    priority: str | None = None
    principal: Principal | None = None

    def body(self) -> dict[str, object]:
        """The wish as it is hashed beside its idempotency key."""
        body = {**vars(self), "start": self.start.isoformat()}
        if self.principal is not None:
            body["principal"] = {**vars(self.principal), "party": self.principal.party.value}
        return sent(body)


@dataclass(frozen=True)
class Wish(HoldWish):
    """What a citizen asks for when booking at once, as it was sent.

    Attributes:
        name: The citizen's name.
        phone: The citizen's mobile number.
        id_number: The citizen's own ID number; None when it isn't given.
        announce: Whether the office tells the citizen; a chat says it itself.
    """

    name: str = field(default="", repr=False)
    phone: str = field(default="", repr=False)
    id_number: str | None = field(default=None, repr=False)
    announce: bool = False


@dataclass(frozen=True)
class ConfirmWish:
    """What turns a hold into an appointment, as it was sent."""

    citizen: str = field(repr=False)
    code: str
    name: str = field(repr=False)
    phone: str = field(repr=False)
    id_number: str | None = field(default=None, repr=False)
    announce: bool = False

    def body(self) -> dict[str, object]:
        """The wish as it is hashed beside its idempotency key."""
        return sent(dict(vars(self)))


@dataclass(frozen=True)
class MoveWish:
    """What a citizen asks for when moving an appointment, as it was sent.

    Attributes:
        citizen: The citizen's id in the channel.
        code: The ticket code as it was typed.
        start: When the wanted slot begins.
        place: Place id; None stays at the place.
        announce: As in `Wish`.
    """

    citizen: str = field(repr=False)
    code: str
    start: datetime
    place: str | None = None
    announce: bool = False

    def body(self) -> dict[str, object]:
        """The wish as it is hashed beside its idempotency key."""
        return sent({**vars(self), "start": self.start.isoformat()})


_LATER = ("priority", "principal", "id_number", "announce")
"""Fields that wishes have not had from the beginning."""


def sent(body: dict[str, object]) -> dict[str, object]:
    """The body without fields that came later and say nothing, so that its hash stays the same."""
    return {name: value for name, value in body.items() if value or name not in _LATER}
