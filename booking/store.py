"""What the office asks of its store, and the values that pass between them.

The store sees no clear personal data: citizens, phones and idempotency keys are keyed hashes, names
and phones ciphertext. It knows the limits it is given, not the rules they come from.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from booking.slots import Taken
from booking.values import Status


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

    async def open(self, key_check: str, now: datetime) -> None:
        """Make the tables if they are missing and forget idempotency keys older than a week.

        Raises:
            WrongDatabase: It can't be opened, its tables are another version's, or `key_check` is
                not that of the database: it was written with another data key.
        """

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
        cancelled count for the limits, those already over too.

        Raises:
            Refused: IDEMPOTENCY_CONFLICT, ALREADY_BOOKED, DAY_LIMIT, WEEK_LIMIT or SLOT_FULL.
        """

    async def open_appointments(self, citizen: str, now: datetime) -> tuple[Record, ...]:
        """The citizen's appointments that are neither cancelled nor over, earliest first."""

    async def find(self, citizen: str, code: str) -> Record | None:
        """The citizen's appointment of this code; another citizen's is not found."""

    async def cancel(self, record: Record, now: datetime) -> bool:
        """Cancel an appointment and free its place; False when it was not open any more."""
