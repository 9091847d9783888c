"""The appointment office: the booking rules, in the order in which a citizen should hear of them.

First whether the wish can be fulfilled at all (service, place, time), then who asks (name, phone),
then what others and this citizen have booked already; the last is decided by the store in one
transaction. The HTTP server calls this; it knows neither HTTP nor SQL, and gets the time from its
`clock`.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import asdict, dataclass, field, replace
from datetime import date, datetime, time, timedelta

from booking.counter import Counter
from booking.errors import RefusalCode, Refused
from booking.slots import DAY, Desk, days_between, nearest
from booking.store import Limits, Record, Store
from booking.tickets import new_code, read_code
from booking.values import Appointment, Day, Kind, Slot, Status
from service_catalog.clock import CHINA
from service_catalog.model import Place

OFFERS = 3
"""How many free slots a refusal offers instead."""
_OFFERING = {
    RefusalCode.SLOT_FULL,
    RefusalCode.CLOSED_DAY,
    RefusalCode.OUTSIDE_HOURS,
    RefusalCode.TOO_FAR,
    RefusalCode.TOO_SOON,
    RefusalCode.UNANNOUNCED,
    RefusalCode.PAST,
}


@dataclass(frozen=True)
class Wish:
    """What a citizen asks for when booking, as it was sent.

    Attributes:
        citizen: The citizen's id in the channel (a WeChat openid).
        service: Service id.
        place: Place id.
        start: When the wanted slot begins.
        name: The citizen's name.
        phone: The citizen's mobile number.
    """

    citizen: str = field(repr=False)
    service: str
    place: str
    start: datetime
    name: str = field(repr=False)
    phone: str = field(repr=False)


@dataclass(frozen=True)
class MoveWish:
    """What a citizen asks for when moving an appointment, as it was sent.

    Attributes:
        citizen: The citizen's id in the channel.
        code: The ticket code as it was typed.
        start: When the wanted slot begins.
        place: Place id; None stays at the place.
    """

    citizen: str = field(repr=False)
    code: str
    start: datetime
    place: str | None = None


class Office(Counter[Store]):
    """Tells what is free, books, moves, lists and cancels."""

    async def open(self) -> None:
        """Make the store ready.

        Raises:
            WrongDatabase: The database can't be used; the message says why.
        """
        await self._store.open(self._vault.digest("check", "data key"))
        await self._store.forget_old(self._clock())

    async def close(self) -> None:
        """Let running transactions end and close the store."""
        await self._store.close()

    async def availability(
        self, service: str, first: date, until: date, place: str | None = None
    ) -> tuple[Day, ...]:
        """Every day from `first` to `until` at one place, or at each place of the service.

        Raises:
            Refused: UNKNOWN_SERVICE, NOT_BOOKABLE or UNKNOWN_PLACE.
        """
        desk = await self._desk(service)
        taken = await self._store.taken(service, _midnight(first), _day_after(until))
        horizon = desk.horizon

        def look(place: Place, day: date) -> Day:
            closed = desk.closed(place, day, horizon)
            if closed is not None:
                return Day(place.id, day, open=False, code=closed.code, reason=closed.sentence)
            return Day(place.id, day, open=True, slots=desk.slots(place, day, taken))

        places = desk.places(place)
        return tuple(look(place, day) for day in days_between(first, until) for place in places)

    async def nearest(
        self, service: str, wanted: datetime, place: str | None = None, limit: int = OFFERS
    ) -> tuple[Slot, ...]:
        """Free slots nearest to `wanted`; empty when nothing can be booked.

        Raises:
            Refused: UNKNOWN_SERVICE, NOT_BOOKABLE or UNKNOWN_PLACE.
        """
        return await self._nearest(await self._desk(service), wanted, place, limit)

    async def book(self, wish: Wish, key: str) -> Appointment:
        """Book an appointment; the same wish under the same `key` again gets the same answer.

        Raises:
            Refused: Any code but those of cancelling.
        """
        request = self._request({**asdict(wish), "start": wish.start.isoformat()}, key)
        earlier = await self._store.answered(request)
        if earlier is not None:
            return self._appointment(earlier)
        desk = await self._desk(wish.service)

        async def book() -> Record:
            draft = self._draft(desk, wish)
            return await self._store.book(draft, request, _limits(desk), desk.now, new_code)

        return self._appointment(await self._offering(desk, wish.start, wish.place, book))

    async def move(self, wish: MoveWish, key: str) -> Appointment:
        """Move a citizen's own appointment; it keeps its code.

        The new time is held to the rules of booking, the old one to the cut-off of cancelling. The
        same wish under the same `key` again gets the same answer.

        Raises:
            Refused: NOT_FOUND, ALREADY_CANCELLED, TOO_LATE_TO_MOVE, SAME_TIME,
                HOME_VISIT_NOT_MOVABLE, or a code of booking.
        """
        request = self._request({**asdict(wish), "start": wish.start.isoformat()}, key)
        earlier = await self._store.answered(request)
        if earlier is not None:
            return self._appointment(earlier)
        now, record = self._clock(), await self._own(wish.citizen, wish.code)
        hours = (await self._catalog()).hall.booking.cancel_hours
        place = wish.place or record.place

        def check(current: Record) -> None:
            if current.kind is Kind.HOME:
                raise Refused(RefusalCode.HOME_VISIT_NOT_MOVABLE)
            _check_open(current, now, hours, RefusalCode.TOO_LATE_TO_MOVE)
            if (current.place, current.starts_at) == (place, wish.start):
                raise Refused(RefusalCode.SAME_TIME)

        check(record)
        desk = await self._desk(record.service)

        async def move() -> Record:
            there = desk.place(place)
            slot = _slot(desk, there, wish.start)
            target = replace(
                record,
                place=there.id,
                place_name=there.name,
                starts_at=slot.start,
                ends_at=slot.end,
            )
            return await self._store.move(target, request, _limits(desk), now, check)

        return self._appointment(await self._offering(desk, wish.start, place, move))

    async def appointments(self, citizen: str) -> tuple[Appointment, ...]:
        """The citizen's open appointments and home visits that are not over, earliest first."""
        records = await self._store.open_appointments(self._citizen(citizen), self._clock())
        return tuple(self._appointment(record) for record in records)

    async def cancel(self, citizen: str, code: str) -> Appointment:
        """Cancel a citizen's own appointment or home visit and free its place.

        Raises:
            Refused: NOT_FOUND, ALREADY_CANCELLED or TOO_LATE_TO_CANCEL.
        """
        now, record = self._clock(), await self._own(citizen, code)
        hours = (await self._catalog()).hall.booking.cancel_hours

        def check(current: Record) -> None:
            _check_open(current, now, hours, RefusalCode.TOO_LATE_TO_CANCEL)

        check(record)
        return self._appointment(await self._store.cancel(record.citizen, record.code, now, check))

    async def _own(self, citizen: str, code: str) -> Record:
        """The citizen's own appointment by the code as it was typed."""
        ticket = read_code(code)
        record = await self._store.find(self._citizen(citizen), ticket) if ticket else None
        if record is None:
            raise Refused(RefusalCode.NOT_FOUND)
        return record

    async def _desk(self, service: str) -> Desk:
        return Desk.at(await self._catalog(), service, self._clock())

    async def _offering(
        self, desk: Desk, wanted: datetime, place: str, take: Callable[[], Awaitable[Record]]
    ) -> Record:
        """Take a slot; a refusal that another slot would mend offers the nearest free ones."""
        try:
            return await take()
        except Refused as refused:
            if refused.code not in _OFFERING:
                raise
            offers = await self._nearest(desk, wanted, place, OFFERS)
            raise refused.near(offers) from None

    async def _nearest(
        self, desk: Desk, wanted: datetime, place: str | None, limit: int
    ) -> tuple[Slot, ...]:
        places = desk.places(place)
        horizon = desk.horizon
        since, until = _midnight(horizon.first), _day_after(horizon.last)
        taken = await self._store.taken(desk.service.id, since, until)
        return nearest(desk.bookable(places, taken), wanted, limit)

    def _draft(self, desk: Desk, wish: Wish) -> Record:
        """Check everything that needs no database, and make the record to be kept."""
        place = desk.place(wish.place)
        slot = _slot(desk, place, wish.start)
        contact = self._contact(wish.name, wish.phone)
        return Record(
            code="",
            citizen=self._citizen(wish.citizen),
            service=desk.service.id,
            service_name=desk.service.name,
            place=place.id,
            place_name=place.name,
            starts_at=slot.start,
            ends_at=slot.end,
            status=Status.BOOKED,
            name_sealed=contact.name_sealed,
            phone_sealed=contact.phone_sealed,
            phone_hash=contact.phone_hash,
        )


def _limits(desk: Desk) -> Limits:
    rules = desk.catalog.hall.booking
    return Limits(desk.booking.capacity, rules.per_day, rules.per_week)


def _check_open(record: Record, now: datetime, hours: int, late: RefusalCode) -> None:
    """Whether an appointment may still be changed, `hours` before it begins at the latest."""
    if record.status is Status.CANCELLED:
        raise Refused(RefusalCode.ALREADY_CANCELLED)
    if record.status is Status.ENDED or now > record.starts_at - timedelta(hours=hours):
        raise Refused.because(late, hours=hours)


def _slot(desk: Desk, place: Place, start: datetime) -> Slot:
    """The slot that begins at `start`, if the rules let it be booked."""
    if start <= desk.now:
        raise Refused(RefusalCode.PAST)
    closed = desk.closed(place, start.date(), desk.horizon)
    if closed is not None:
        raise closed
    for slot in desk.slots(place, start.date(), {}):
        if slot.start == start:
            return slot
    raise Refused(RefusalCode.OUTSIDE_HOURS)


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time.min, CHINA)


def _day_after(day: date) -> datetime:
    return _midnight(day) + DAY
