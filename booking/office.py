"""The appointment office: the booking rules, in the order in which a citizen should hear of them.

First whether the wish can be fulfilled at all (service, place, time), then who asks (name, phone),
then what others and this citizen have booked already; the last is decided by the store in one
transaction. The HTTP server calls this; it knows neither HTTP nor SQL, and gets the time from its
`clock`.
"""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable
from dataclasses import asdict, dataclass, field
from datetime import date, datetime, time, timedelta

from booking.errors import RefusalCode, Refused
from booking.privacy import Vault, clean_name, clean_phone, mask_name, mask_phone
from booking.slots import DAY, Desk, days_between, nearest
from booking.store import Limits, Record, RequestId, Store
from booking.tickets import new_code, read_code
from booking.values import Appointment, Day, Slot, Status
from service_catalog.catalog import Catalog
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


class Office:
    """Tells what is free, books, lists and cancels."""

    def __init__(
        self,
        catalog: Callable[[], Awaitable[Catalog]],
        store: Store,
        vault: Vault,
        clock: Callable[[], datetime],
    ) -> None:
        self._catalog = catalog
        self._store = store
        self._vault = vault
        self._clock = clock

    async def open(self) -> None:
        """Make the store ready.

        Raises:
            WrongDatabase: The database can't be used; the message says why.
        """
        await self._store.open(self._vault.digest("check", "data key"), self._clock())

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
        request = self._request(wish, key)
        earlier = await self._store.answered(request)
        if earlier is not None:
            return self._appointment(earlier)
        desk = await self._desk(wish.service)
        try:
            draft = self._draft(desk, wish)
            rules = desk.catalog.hall.booking
            limits = Limits(desk.booking.capacity, rules.per_day, rules.per_week)
            record = await self._store.book(draft, request, limits, desk.now, new_code)
        except Refused as refused:
            if refused.code not in _OFFERING:
                raise
            offers = await self._nearest(desk, wish.start, wish.place, OFFERS)
            raise refused.near(offers) from None
        return self._appointment(record)

    async def appointments(self, citizen: str) -> tuple[Appointment, ...]:
        """The citizen's open appointments that are not over yet, earliest first."""
        records = await self._store.open_appointments(self._citizen(citizen), self._clock())
        return tuple(self._appointment(record) for record in records)

    async def cancel(self, citizen: str, code: str) -> Appointment:
        """Cancel a citizen's own appointment and free its place.

        Raises:
            Refused: NOT_FOUND, ALREADY_CANCELLED or TOO_LATE_TO_CANCEL.
        """
        ticket = read_code(code)
        record = await self._store.find(self._citizen(citizen), ticket) if ticket else None
        if record is None:
            raise Refused(RefusalCode.NOT_FOUND)
        if record.status is Status.CANCELLED:
            raise Refused(RefusalCode.ALREADY_CANCELLED)
        now = self._clock()
        hours = (await self._catalog()).hall.booking.cancel_hours
        if record.status is Status.ENDED or now > record.starts_at - timedelta(hours=hours):
            raise Refused.because(RefusalCode.TOO_LATE_TO_CANCEL, hours=hours)
        if not await self._store.cancel(record, now):
            raise Refused(RefusalCode.ALREADY_CANCELLED)
        return self._appointment(record, Status.CANCELLED)

    async def _desk(self, service: str) -> Desk:
        return Desk.at(await self._catalog(), service, self._clock())

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
        name, phone = clean_name(wish.name), clean_phone(wish.phone)
        if name is None:
            raise Refused(RefusalCode.BAD_NAME)
        if phone is None:
            raise Refused(RefusalCode.BAD_PHONE)
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
            name_sealed=self._vault.seal(name),
            phone_sealed=self._vault.seal(phone),
            phone_hash=self._vault.digest("phone", phone),
        )

    def _citizen(self, citizen: str) -> str:
        return self._vault.digest("citizen", citizen)

    def _request(self, wish: Wish, key: str) -> RequestId:
        body = json.dumps({**asdict(wish), "start": wish.start.isoformat()}, sort_keys=True)
        return RequestId(self._vault.digest("key", key), self._vault.digest("body", body))

    def _appointment(self, record: Record, status: Status | None = None) -> Appointment:
        return Appointment(
            code=record.code,
            service=record.service,
            service_name=record.service_name,
            place=record.place,
            place_name=record.place_name,
            start=record.starts_at,
            end=record.ends_at,
            status=status or record.status,
            name=mask_name(self._vault.open(record.name_sealed)),
            phone=mask_phone(self._vault.open(record.phone_sealed)),
        )


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
