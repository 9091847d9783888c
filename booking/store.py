"""What the offices ask of their stores; the values that pass between them are `booking.records`."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime
from typing import Protocol

from booking.message_values import MessageState
from booking.records import (
    Check,
    Deed,
    Due,
    Order,
    PlateRecord,
    Record,
    RequestId,
    Strikes,
    SuspensionRecord,
)
from booking.seats import Load, Seats
from booking.staff_values import Closure, Message
from booking.values import Erased


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

    async def close(self) -> None:
        """Let running transactions end, then close all connections."""

    async def load(self, item: str, since: datetime, until: datetime) -> Load:
        """What is booked of an item's slots, and what is shut, from `since` up to `until`."""

    async def answered(self, request: RequestId) -> Record | None:
        """The appointment that this very request led to, as it was then.

        Raises:
            Refused: IDEMPOTENCY_CONFLICT, the key came with another body.
        """

    async def book(
        self, order: Order, seats: Seats, request: RequestId, new_code: Callable[[], str]
    ) -> Record:
        """Take a place of the slot and keep the appointment or hold, under a code of its choice.

        A request that was answered before gets the same answer. A hold of the same citizen for the
        same item and person is given up for it.

        Raises:
            Refused: IDEMPOTENCY_CONFLICT, SUSPENDED, ALREADY_BOOKED, a limit's code, WINDOW_CLOSED
                or SLOT_FULL.
        """

    async def confirm(self, order: Order, seats: Seats, request: RequestId, check: Check) -> Record:
        """Make a hold an appointment; one that has expired takes its place anew if there is one.

        Raises:
            Refused: What `check` says, NOT_FOUND, or a code of `book`.
        """

    async def move(self, order: Order, seats: Seats, request: RequestId, check: Check) -> Record:
        """Give the appointment the place and time of the draft, which has its code and citizen.

        The old place is freed and the new one taken at once or not at all. A request that was
        answered before gets the same answer. The appointment itself doesn't count for the limits;
        one that the hall can't keep counts for none.

        Raises:
            Refused: What `check` says, NOT_FOUND, or a code of `book`.
        """

    async def open_appointments(self, citizen: str, now: datetime) -> tuple[Record, ...]:
        """The citizen's appointments that are neither cancelled nor over, earliest first."""

    async def find(self, citizen: str, code: str) -> Record | None:
        """The citizen's appointment of this code; another citizen's is not found."""

    async def cancel(
        self, citizen: str, code: str, request: RequestId, now: datetime, check: Check
    ) -> Record:
        """Cancel an appointment, or give up a hold, and free its place.

        Raises:
            Refused: What `check` says, NOT_FOUND or IDEMPOTENCY_CONFLICT.
        """


class HomeVisitStore(Protocol):
    """Keeps home visits and counts those of a team."""

    async def answered(self, request: RequestId) -> Record | None:
        """See `Store`."""

    async def visits(self, rule: str, first: date, last: date) -> Mapping[date, int]:
        """How many visits are booked on each day from `first` to `last`; days with none lack."""

    async def book_visit(
        self, order: Order, capacity: int, request: RequestId, new_code: Callable[[], str]
    ) -> Record:
        """Take one of the team's `capacity` visits of that day and keep it, as `Store.book` does.

        Raises:
            Refused: IDEMPOTENCY_CONFLICT, SUSPENDED, HOME_VISIT_BOOKED or HOME_VISITS_FULL.
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
    """Forgets citizens."""

    async def erase(self, citizen: str, cancel_open: bool, now: datetime) -> Erased:
        """Take all personal data from the citizen's rows, which become nobody's.

        Plates, messages and idempotency keys are deleted, open appointments cancelled when
        `cancel_open`.

        Raises:
            Refused: OPEN_APPOINTMENTS.
        """

    async def erase_old(self, ended_before: datetime, limit: int) -> int:
        """The same for at most `limit` appointments that ended before then; gives how many."""

    async def forget_old(self, now: datetime) -> None:
        """Delete idempotency keys, plates and other traces that have served their time."""


class ArrivalStore(Protocol):
    """Notes who came, and ends what is over."""

    async def by_code(self, code: str) -> Record | None:
        """Anybody's appointment of this code."""

    async def arrive(
        self,
        record: Record,
        change: Callable[[Record], Record],
        now: datetime,
        *,
        check: Check,
        messages: Sequence[Due] = (),
        deed: Deed | None = None,
    ) -> Record:
        """Change how far an appointment has come.

        Args:
            record: The appointment as it was found.
            change: Gives it as it shall be.
            now: The moment.
            check: Says no to an appointment that may not be changed so, as it is by then.
            messages: What the citizen is to be told; what still waits is taken back.
            deed: What goes into the audit; None when it is the citizen who does it.

        Raises:
            Refused: What `check` says, or NOT_FOUND.
        """

    async def miss(
        self, record: Record, strikes: Strikes, now: datetime, check: Check, deed: Deed
    ) -> Record:
        """Note that the citizen did not come, with what follows on that.

        Raises:
            Refused: What `check` says, or NOT_FOUND.
        """

    async def cancel_by_hall(
        self, record: Record, message: Due, now: datetime, deed: Deed
    ) -> Record:
        """Cancel an open appointment in the hall's name, and tell the citizen.

        Raises:
            Refused: WRONG_STATE or NOT_FOUND.
        """

    async def expire_holds(self, now: datetime, limit: int) -> int:
        """Give up at most `limit` holds whose time is up; gives how many."""

    async def end_past(self, now: datetime, strikes: Strikes | None, limit: int) -> int:
        """End at most `limit` appointments that are over; gives how many."""


class StaffStore(Protocol):
    """What staff look at and decide."""

    async def by_code(self, code: str) -> Record | None:
        """Anybody's appointment of this code."""

    async def load(self, item: str, since: datetime, until: datetime) -> Load:
        """See `Store`."""

    async def between(
        self, since: datetime, until: datetime, place: str | None = None
    ) -> tuple[Record, ...]:
        """All appointments that begin from `since` up to `until`, whatever became of them."""

    async def booked_after(self, moment: datetime) -> tuple[Record, ...]:
        """The appointments that begin after then and are booked, the first to be booked first."""

    async def booked_with(self, record: Record) -> tuple[Record, ...]:
        """The booked appointments of the same slot or half day, the first to be booked first."""

    async def mark(
        self, record: Record, affected: str | None, message: Due, now: datetime
    ) -> Record | None:
        """Mark an appointment as one that the hall can't keep (or can after all), and tell why.

        None when it was changed since it was found, or is marked so already.
        """

    async def shut(self, closure: Closure, now: datetime) -> Closure:
        """Keep a closure; one of the same id is kept as it was. Noted in the audit."""

    async def open_again(self, closure: str, staff: str, now: datetime) -> Closure:
        """Lift a closure; noted in the audit.

        Raises:
            Refused: UNKNOWN_CLOSURE.
        """

    async def closures(self, now: datetime) -> tuple[Closure, ...]:
        """What is shut now or later, earliest first."""

    async def suspensions(self, now: datetime) -> tuple[SuspensionRecord, ...]:
        """Who may not book now, the soonest to end first."""

    async def lift(
        self, suspension: str, staff: str, message: Due, now: datetime
    ) -> SuspensionRecord:
        """End a suspension and tell the citizen; noted in the audit.

        Raises:
            Refused: NOT_SUSPENDED.
        """

    async def messages(self, state: MessageState) -> tuple[Message, ...]:
        """The messages of this state, the latest due first, 500 at most."""

    async def send_again(self, message: str, staff: str, now: datetime, until: datetime) -> None:
        """Let a dead message wait again, until then at the latest; noted in the audit.

        Raises:
            Refused: UNKNOWN_MESSAGE.
        """

    async def note(self, deed: Deed, about: str, now: datetime) -> None:
        """Note in the audit who read or changed what."""
