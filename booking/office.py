"""The appointment office: the booking rules, in the order in which a citizen should hear of them.

First whether the wish can be fulfilled at all (item, place, time), then who asks (name, phone),
then what others and this citizen have booked already; the last is decided by the store in one
transaction. The HTTP server calls this; it knows neither HTTP nor SQL, and gets the time from its
`clock`.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import date, datetime, timedelta

from booking.counter import Counter, limits
from booking.errors import RefusalCode, Refused
from booking.identity import identify
from booking.message_values import MessageKind
from booking.records import Order, Record, RequestId
from booking.reminders import news, reminders
from booking.seats import Seats
from booking.slots import DAY, Desk, days_between, midnight, nearest
from booking.store import Store
from booking.ticket_files import ticket_files
from booking.tickets import new_code, read_code
from booking.values import Appointment, Day, Kind, Party, Slot, Status, TicketFiles
from booking.wishes import ConfirmWish, HoldWish, MoveWish, Wish
from service_catalog.catalog import Catalog
from service_catalog.model import Place

OFFERS = 3
"""How many free slots a refusal offers instead."""
_OFFERING = {
    RefusalCode.SLOT_FULL,
    RefusalCode.WINDOW_CLOSED,
    RefusalCode.CLOSED_DAY,
    RefusalCode.OUTSIDE_HOURS,
    RefusalCode.TOO_FAR,
    RefusalCode.TOO_SOON,
    RefusalCode.UNANNOUNCED,
    RefusalCode.PAST,
}


class Office(Counter[Store]):
    """Tells what is free, holds, books, moves, lists and cancels."""

    async def open(self) -> None:
        """Make the store ready.

        Raises:
            WrongDatabase: The database can't be used; the message says why.
        """
        await self._store.open(self._vault.digest("check", "data key"))

    async def close(self) -> None:
        """Let running transactions end and close the store."""
        await self._store.close()

    async def availability(
        self,
        service: str,
        first: date,
        until: date,
        place: str | None = None,
        priority: str | None = None,
    ) -> tuple[Day, ...]:
        """Every day from `first` to `until` at one place, or at each place of the item.

        Raises:
            Refused: UNKNOWN_SERVICE, NOT_BOOKABLE, UNKNOWN_PLACE or UNKNOWN_PRIORITY.
        """
        desk = await self._desk(service)
        first_in_line = _priority(desk.catalog, priority) is not None
        load = await self._store.load(service, midnight(first), _day_after(until))
        horizon = desk.horizon

        def look(place: Place, day: date) -> Day:
            closed = desk.closed(place, day, horizon)
            if closed is not None:
                return Day(place.id, day, open=False, code=closed.code, reason=closed.sentence)
            slots = desk.slots(place, day, load, priority=first_in_line)
            return Day(place.id, day, open=True, slots=slots)

        places = desk.places(place)
        return tuple(look(place, day) for day in days_between(first, until) for place in places)

    async def nearest(
        self,
        service: str,
        wanted: datetime,
        place: str | None = None,
        limit: int = OFFERS,
        priority: str | None = None,
    ) -> tuple[Slot, ...]:
        """Free slots nearest to `wanted`; empty when nothing can be booked.

        Raises:
            Refused: UNKNOWN_SERVICE, NOT_BOOKABLE, UNKNOWN_PLACE or UNKNOWN_PRIORITY.
        """
        desk = await self._desk(service)
        _priority(desk.catalog, priority)
        return await self._nearest(desk, wanted, place, limit, priority)

    async def hold(self, wish: HoldWish, key: str) -> Appointment:
        """Keep a slot for the citizen until it is confirmed, for the hall's `hold_minutes`.

        Another hold of the citizen for the same item and person is given up for it.

        Raises:
            Refused: Any code of booking but those of name and phone.
        """
        request = self._request(wish.body(), key)
        desk = await self._desk(wish.service)
        expires = desk.now + timedelta(minutes=desk.catalog.hall.booking.hold_minutes)

        def order(draft: Record) -> Order:
            held = replace(draft, status=Status.HELD, expires_at=expires)
            return Order(held, limits(desk.catalog), desk.now, self._reach(wish.citizen))

        return await self._take(desk, wish, None, request, order)

    async def book(self, wish: Wish, key: str) -> Appointment:
        """Book an appointment; the same wish under the same `key` again gets the same answer.

        Raises:
            Refused: Any code but those of holds and of cancelling.
        """
        request = self._request(wish.body(), key)
        desk = await self._desk(wish.service)

        def order(draft: Record) -> Order:
            named = self._named(draft, wish.name, wish.phone)
            return self._booked(desk, named, wish.citizen, MessageKind.BOOKED, wish.announce)

        return await self._take(desk, wish, wish.id_number, request, order)

    async def confirm(self, wish: ConfirmWish, key: str) -> Appointment:
        """Make a hold an appointment; one that has expired is taken anew if there is room.

        Raises:
            Refused: NOT_FOUND, NOT_HELD, PAST, or a code of booking.
        """
        request = self._request(wish.body(), key)
        record = await self._own_or_answered(wish.citizen, wish.code, request)
        if isinstance(record, Appointment):
            return record
        desk = await self._desk(record.service)

        def check(current: Record) -> None:
            if current.status not in {Status.HELD, Status.EXPIRED}:
                raise Refused(RefusalCode.NOT_HELD)

        async def confirm() -> Record:
            check(record)
            named = self._named(record, wish.name, wish.phone)
            own = identify(self._vault, None, wish.id_number)
            if record.party is Party.SELF and record.id_hash is None:
                named = replace(named, id_sealed=own.id_sealed, id_hash=own.id_hash)
            seats = _seats(desk, desk.place(record.place), record.starts_at)
            order = self._booked(desk, named, wish.citizen, MessageKind.BOOKED, wish.announce)
            return await self._store.confirm(order, seats, request, check)

        wanted = (record.starts_at, record.place, record.priority)
        return self._appointment(await self._offering(desk, wanted, confirm))

    async def move(self, wish: MoveWish, key: str) -> Appointment:
        """Move a citizen's own appointment; it keeps its code.

        The new time is held to the rules of booking, the old one to the cut-off of cancelling, but
        not when it is the hall that can't keep it. The same wish under the same `key` again gets
        the same answer.

        Raises:
            Refused: NOT_FOUND, ALREADY_CANCELLED, CONFIRM_FIRST, WRONG_STATE, TOO_LATE_TO_MOVE,
                SAME_TIME, HOME_VISIT_NOT_MOVABLE, or a code of booking.
        """
        request = self._request(wish.body(), key)
        record = await self._own_or_answered(wish.citizen, wish.code, request)
        if isinstance(record, Appointment):
            return record
        desk = await self._desk(record.service)
        hours = desk.catalog.hall.booking.cancel_hours
        place = wish.place or record.place

        def check(current: Record) -> None:
            if current.kind is Kind.HOME:
                raise Refused(RefusalCode.HOME_VISIT_NOT_MOVABLE)
            check_open(current, desk.now, hours, RefusalCode.TOO_LATE_TO_MOVE)
            if (current.place, current.starts_at) == (place, wish.start):
                raise Refused(RefusalCode.SAME_TIME)

        async def move() -> Record:
            check(record)
            there = desk.place(place)
            seats = _seats(desk, there, wish.start)
            target = replace(record, place=there.id, place_name=there.name)
            target = replace(target, starts_at=seats.start, ends_at=seats.end)
            order = self._booked(desk, target, wish.citizen, MessageKind.MOVED, wish.announce)
            return await self._store.move(order, seats, request, check)

        wanted = (wish.start, place, record.priority)
        return self._appointment(await self._offering(desk, wanted, move))

    async def appointments(self, citizen: str) -> tuple[Appointment, ...]:
        """The citizen's open appointments and home visits, not holds, earliest first."""
        records = await self._store.open_appointments(self._citizen(citizen), self._clock())
        return tuple(self._appointment(record) for record in records)

    async def cancel(self, citizen: str, code: str, key: str) -> Appointment:
        """Cancel a citizen's own appointment or home visit, or give up a hold, and free its place.

        Raises:
            Refused: NOT_FOUND, ALREADY_CANCELLED, WRONG_STATE or TOO_LATE_TO_CANCEL.
        """
        now, request = self._clock(), self._request({"citizen": citizen, "code": code}, key)
        record = await self._own_or_answered(citizen, code, request)
        if isinstance(record, Appointment):
            return record
        hours = (await self._catalog()).hall.booking.cancel_hours

        def check(current: Record) -> None:
            if current.status is not Status.HELD:
                check_open(current, now, hours, RefusalCode.TOO_LATE_TO_CANCEL)

        check(record)
        cancelled = await self._store.cancel(record.citizen, record.code, request, now, check)
        return self._appointment(cancelled)

    async def ticket(self, citizen: str, code: str) -> TicketFiles:
        """The QR code and the calendar file of a citizen's booked appointment.

        Raises:
            Refused: NOT_FOUND or WRONG_STATE.
        """
        ticket = read_code(code)
        record = await self._store.find(self._citizen(citizen), ticket) if ticket else None
        if record is None:
            raise Refused(RefusalCode.NOT_FOUND)
        if record.status is not Status.BOOKED:
            raise Refused.because(RefusalCode.WRONG_STATE, state=record.status.chinese)
        return ticket_files(self._appointment(record), await self._catalog(), self._clock())

    async def _take(
        self,
        desk: Desk,
        wish: HoldWish,
        id_number: str | None,
        request: RequestId,
        order: Callable[[Record], Order],
    ) -> Appointment:
        """Take a place of the wanted slot for a new appointment or hold."""

        async def take() -> Record:
            place = desk.place(wish.place)
            seats = _seats(desk, place, wish.start)
            ordered = order(self._draft(desk, place, seats, wish, id_number))
            return await self._store.book(ordered, seats, request, new_code)

        try:
            wanted = (wish.start, wish.place, wish.priority)
            return self._appointment(await self._offering(desk, wanted, take))
        except Refused:
            earlier = await self._store.answered(request)  # what was right once stays so
            if earlier is None:
                raise
            return self._appointment(earlier)

    async def _own_or_answered(
        self, citizen: str, code: str, request: RequestId
    ) -> Record | Appointment:
        """The citizen's own appointment by the code as it was typed, or the answer given before."""
        earlier = await self._store.answered(request)
        if earlier is not None:
            return self._appointment(earlier)
        ticket = read_code(code)
        record = await self._store.find(self._citizen(citizen), ticket) if ticket else None
        if record is None:
            raise Refused(RefusalCode.NOT_FOUND)
        return record

    async def _desk(self, service: str) -> Desk:
        return Desk.at(await self._catalog(), service, self._clock())

    async def _offering(
        self,
        desk: Desk,
        wanted: tuple[datetime, str, str | None],
        take: Callable[[], Awaitable[Record]],
    ) -> Record:
        """Take a slot; a refusal that another slot would mend offers the nearest free ones."""
        try:
            return await take()
        except Refused as refused:
            if refused.code not in _OFFERING:
                raise
            start, place, priority = wanted
            offers = await self._nearest(desk, start, place, OFFERS, priority)
            raise refused.near(offers) from None

    async def _nearest(
        self, desk: Desk, wanted: datetime, place: str | None, limit: int, priority: str | None
    ) -> tuple[Slot, ...]:
        places = desk.places(place)
        horizon = desk.horizon
        since, until = midnight(horizon.first), _day_after(horizon.last)
        load = await self._store.load(desk.item.id, since, until)
        return nearest(desk.bookable(places, load, priority=bool(priority)), wanted, limit)

    def _draft(
        self, desk: Desk, place: Place, seats: Seats, wish: HoldWish, id_number: str | None
    ) -> Record:
        """Check everything that needs no database, and make the record to be kept."""
        return Record(
            code="",
            citizen=self._citizen(wish.citizen),
            service=desk.item.id,
            service_name=desk.item.name,
            place=place.id,
            place_name=place.name,
            starts_at=seats.start,
            ends_at=seats.end,
            status=Status.BOOKED,
            priority=_priority(desk.catalog, wish.priority),
            **vars(identify(self._vault, wish.principal, id_number)),
        )

    def _booked(
        self, desk: Desk, record: Record, citizen: str, kind: MessageKind, announce: bool
    ) -> Order:
        """The order for an appointment that stands, with what its citizen will be told."""
        told = [news(kind, record, desk.now)] if announce else []
        due = [*told, *reminders(record, desk.catalog.hall.booking, desk.now)]
        return Order(record, limits(desk.catalog), desk.now, self._reach(citizen), due)


def check_open(record: Record, now: datetime, hours: int, late: RefusalCode) -> None:
    """Whether an appointment may still be changed, `hours` before it begins at the latest.

    Raises:
        Refused: ALREADY_CANCELLED, CONFIRM_FIRST, WRONG_STATE or `late`.
    """
    if record.status is Status.CANCELLED:
        raise Refused(RefusalCode.ALREADY_CANCELLED)
    if record.status in {Status.HELD, Status.EXPIRED}:
        raise Refused(RefusalCode.CONFIRM_FIRST)
    if record.status is Status.CHECKED_IN:
        raise Refused.because(RefusalCode.WRONG_STATE, state=record.status.chinese)
    if record.affected_at is not None and record.status is Status.BOOKED:
        return  # it is the hall that can't keep it
    if record.status is not Status.BOOKED or now > record.starts_at - timedelta(hours=hours):
        raise Refused.because(late, hours=hours)


def _priority(catalog: Catalog, group: str | None) -> str | None:
    """The priority group, if there is one of this id.

    Raises:
        Refused: UNKNOWN_PRIORITY.
    """
    if group is not None and group not in {one.id for one in catalog.priority}:
        raise Refused(RefusalCode.UNKNOWN_PRIORITY)
    return group


def _seats(desk: Desk, place: Place, start: datetime) -> Seats:
    """The slot that begins at `start`, if the rules let it be booked."""
    if start <= desk.now:
        raise Refused(RefusalCode.PAST)
    closed = desk.closed(place, start.date(), desk.horizon)
    if closed is not None:
        raise closed
    for seats in desk.seats(place, start.date()):
        if seats.start == start:
            return seats
    raise Refused(RefusalCode.OUTSIDE_HOURS)


def _day_after(day: date) -> datetime:
    return midnight(day) + DAY
