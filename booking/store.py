"""What the office asks of its store, and the values that pass between them.

The store sees no clear personal data: citizens, phones and idempotency keys are keyed hashes, names
and phones ciphertext. It knows the limits it is given, not the rules they come from.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Protocol

from booking.slots import Taken
from booking.values import Erased, Kind, Status


@dataclass(frozen=True)
class Record:
    """An appointment as it is kept.

    Attributes:
        code: The ticket code.
        citizen: Keyed hash of the citizen.
        service: Service id.
        service_name: The service's name at the time of booking.
        place: Place id.
        place_name: The place's name at the time of booking.
        starts_at: When the visit begins.
        ends_at: When its slot ends.
        status: What became of it.
        name_sealed: The name, encrypted.
        phone_sealed: The phone, encrypted.
        phone_hash: Keyed hash of the phone.
        kind: Whether it is at the hall or at home.
        rule: Id of a home visit's rule.
        address_sealed: A home visit's address, encrypted.
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
    name_sealed: str
    phone_sealed: str
    phone_hash: str
    kind: Kind = Kind.HALL
    rule: str | None = None
    address_sealed: str | None = None


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
class Limits:
    """How much may be booked, from the catalogue of this moment."""

    capacity: int
    per_day: int
    per_week: int


@dataclass(frozen=True)
class RequestId:
    """An idempotency key and the body it came with, both as keyed hashes."""

    key_hash: str
    body_hash: str


class Store(Protocol):
    """Keeps appointments and counts places.

    Every method is one transaction, and finishes even when the request that asked is cancelled.
    """

    async def open(self, key_check: str) -> None:
        """Make the tables or bring them up to date.

        Raises:
            WrongDatabase: It can't be opened, its tables are of a version that isn't known, or
                `key_check` is not that of the database: it was written with another data key.
        """

    async def forget_old(self, now: datetime) -> None:
        """Forget idempotency keys and plates of a week ago and before."""

    async def close(self) -> None:
        """Let running transactions end, then close all connections."""

    async def taken(self, service: str, since: datetime, until: datetime) -> Taken:
        """How many places of each slot are booked, from `since` up to but without `until`."""

    async def answered(self, request: RequestId) -> Record | None:
        """The appointment that this very request led to, as it was then.

        Raises:
            Refused: IDEMPOTENCY_CONFLICT, the key came with another body.
        """

    async def book(
        self,
        draft: Record,
        request: RequestId,
        limits: Limits,
        now: datetime,
        new_code: Callable[[], str],
    ) -> Record:
        """Take a place and keep the appointment, under a code of the store's choice.

        A request that was answered before gets the same answer. Appointments that were not
        cancelled count for the limits, those already over too; home visits don't.

        Raises:
            Refused: IDEMPOTENCY_CONFLICT, ALREADY_BOOKED, DAY_LIMIT, WEEK_LIMIT or SLOT_FULL.
        """

    async def move(
        self, target: Record, request: RequestId, limits: Limits, now: datetime, check: Check
    ) -> Record:
        """Give the appointment the place and time of `target`, which has its code and citizen.

        The old place is freed and the new one taken at once or not at all. A request that was
        answered before gets the same answer. The appointment itself doesn't count for the limits.

        Raises:
            Refused: What `check` says, NOT_FOUND, IDEMPOTENCY_CONFLICT, DAY_LIMIT, WEEK_LIMIT or
                SLOT_FULL.
        """

    async def open_appointments(self, citizen: str, now: datetime) -> tuple[Record, ...]:
        """The citizen's appointments that are neither cancelled nor over, earliest first."""

    async def find(self, citizen: str, code: str) -> Record | None:
        """The citizen's appointment of this code; another citizen's is not found."""

    async def cancel(self, citizen: str, code: str, now: datetime, check: Check) -> Record:
        """Cancel an appointment and free its place.

        Raises:
            Refused: What `check` says, or NOT_FOUND.
        """


class HomeVisitStore(Protocol):
    """Keeps home visits and counts those of a team."""

    async def answered(self, request: RequestId) -> Record | None:
        """See `Store`."""

    async def visits(self, rule: str, first: date, last: date) -> Mapping[date, int]:
        """How many visits are booked on each day from `first` to `last`; days with none lack."""

    async def book_visit(
        self,
        draft: Record,
        request: RequestId,
        capacity: int,
        now: datetime,
        new_code: Callable[[], str],
    ) -> Record:
        """Take one of the team's `capacity` visits of that day and keep it, as `Store.book` does.

        Raises:
            Refused: IDEMPOTENCY_CONFLICT, HOME_VISIT_BOOKED or HOME_VISITS_FULL.
        """


class PlateStore(Protocol):
    """Keeps number plates by day."""

    async def register(self, plate: PlateRecord, limit: int, now: datetime) -> None:
        """Keep a plate; the citizen's own again changes nothing.

        Raises:
            Refused: PLATE_TAKEN or PLATE_LIMIT.
        """

    async def plates(self, citizen: str, first: date) -> tuple[PlateRecord, ...]:
        """The citizen's plates from `first` on, earliest first."""

    async def plates_on(self, day: date) -> tuple[PlateRecord, ...]:
        """All plates of one day."""

    async def give_up(self, citizen: str, day: date) -> tuple[PlateRecord, ...]:
        """Delete the citizen's plates of one day, and tell which they were."""


class ErasingStore(Protocol):
    """Forgets a citizen."""

    async def erase(self, citizen: str, stranger: str, cancel_open: bool, now: datetime) -> Erased:
        """Take all personal data from the citizen's rows, which become those of `stranger`.

        Plates and idempotency keys are deleted, open appointments cancelled when `cancel_open`.

        Raises:
            Refused: OPEN_APPOINTMENTS.
        """
