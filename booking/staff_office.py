"""What staff see and decide: a day's appointments, what is shut and whom it hits, suspensions.

Names are masked in every list; reading one in clear, and every change, is noted in the audit. It
knows neither HTTP nor SQL.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta
from statistics import median
from typing import Any

from booking.affected import affected
from booking.counter import Counter
from booking.errors import RefusalCode, Refused
from booking.message_values import MessageKind, MessageState
from booking.records import Deed, Due, Record, SuspensionRecord
from booking.reminders import TOLD_FOR, news
from booking.seats import Shut
from booking.slots import Desk, midnight, nearest
from booking.staff_values import Affected, Closure, Figure, Line, Message, Read, Suspension
from booking.store import StaffStore
from booking.tickets import read_code
from booking.values import Kind, Slot, Status
from service_catalog.catalog import Catalog

OFFERS = 3
"""How many free slots stand beside an appointment that can't be kept."""
_DAY = timedelta(days=1)
_GIVEN_UP = {Status.CANCELLED, Status.EXPIRED}


class StaffOffice(Counter[StaffStore]):
    """Lists, closes, tells, lifts, counts."""

    async def day(self, day: date, place: str | None = None) -> tuple[Line, ...]:
        """The appointments of a day, holds and cancelled ones too, earliest first.

        Raises:
            Refused: UNKNOWN_PLACE.
        """
        catalog = await self._catalog()
        self._check_place(catalog, place)
        since = midnight(day)
        records = await self._store.between(since, since + _DAY, place)
        return tuple(self._line(catalog, record) for record in records)

    async def read(self, code: str, staff: str) -> Read:
        """One appointment in clear; that it was read is noted first.

        Raises:
            Refused: NOT_FOUND.
        """
        ticket = read_code(code)
        record = await self._store.by_code(ticket) if ticket else None
        if record is None:
            raise Refused(RefusalCode.NOT_FOUND)
        await self._store.note(Deed(staff, "read"), record.code, self._clock())
        return Read(
            line=self._line(await self._catalog(), record),
            name=self._clear(record.name_sealed),
            phone=self._clear(record.phone_sealed),
            principal=self._clear(record.principal_sealed) or None,
            id_number=self._clear(record.id_sealed) or None,
            address=self._clear(record.address_sealed) or None,
        )

    async def shut(
        self, span: Mapping[str, Any], staff: str, key: str
    ) -> tuple[Closure, tuple[Affected, ...]]:
        """Shut a window or a place for a time; gives whom that hits, who are not told by this.

        Args:
            span: `place`, `window` (None for the whole place), `since`, `until` and `reason`.
            staff: Who does it.
            key: The same span under the same key again is the same closure.

        Raises:
            Refused: UNKNOWN_PLACE, UNKNOWN_WINDOW, PAST or IDEMPOTENCY_CONFLICT.
        """
        catalog, now = await self._catalog(), self._clock()
        wanted = Closure(id=self._vault.digest("key", key)[:32], staff=staff, **span)
        self._check_place(catalog, wanted.place)
        place = catalog.places[wanted.place]
        if wanted.window is not None and place.window(wanted.window) is None:
            raise Refused(RefusalCode.UNKNOWN_WINDOW)
        if wanted.until <= now:
            raise Refused(RefusalCode.PAST)
        kept = await self._store.shut(wanted, now)
        if kept != wanted:
            raise Refused(RefusalCode.IDEMPOTENCY_CONFLICT)
        return kept, await self.affected()

    async def open_again(self, closure: str, staff: str) -> Closure:
        """Lift a closure.

        Raises:
            Refused: UNKNOWN_CLOSURE.
        """
        return await self._store.open_again(closure, staff, self._clock())

    async def closures(self) -> tuple[Closure, ...]:
        """What is shut now or later."""
        return await self._store.closures(self._clock())

    async def affected(self) -> tuple[Affected, ...]:
        """The appointments that can't be kept as things stand now, with free slots instead."""
        catalog = await self._catalog()
        listed = []
        for record, reason in await self._found(catalog):
            told, instead = record.affected_at is not None, await self._instead(catalog, record)
            listed.append(Affected(self._appointment(record), reason, told, instead))
        return tuple(listed)

    async def tell_affected(self, staff: str) -> tuple[int, int]:
        """Tell those whom the hall can't keep to their time, and those whom it can after all.

        Gives how many of each were told now; who was told before is not told again.
        """
        catalog, now = await self._catalog(), self._clock()
        await self._store.note(Deed(staff, "tell affected"), "all", now)
        hit = await self._found(catalog)
        told = 0
        for record, reason in hit:
            told += await self._tell(record, reason)
        codes, restored = {record.code for record, _ in hit}, 0
        for record in await self._store.booked_after(now):
            if record.affected_at is not None and record.code not in codes:
                message = news(MessageKind.RESTORED, record, now)
                restored += await self._store.mark(record, None, message, now) is not None
        return told, restored

    async def call_off(self, record: Record) -> bool:
        """Tell the citizen of one appointment if it can't be kept as things stand now.

        Whoever is about to be reminded of it is told the truth, even if staff forgot to.
        """
        beside = await self._store.booked_with(record)
        hit = affected(await self._catalog(), beside, await self._shut(), self._clock())
        reasons = {other.code: reason for other, reason in hit}
        if record.code not in reasons:
            return False
        await self._tell(record, reasons[record.code])
        return True

    async def suspensions(self) -> tuple[Suspension, ...]:
        """Who may not book now."""
        found = await self._store.suspensions(self._clock())
        return tuple([await self._suspension(one) for one in found])

    async def lift(self, suspension: str, staff: str) -> Suspension:
        """End a suspension; the citizen is told.

        Raises:
            Refused: NOT_SUSPENDED.
        """
        now = self._clock()
        message = Due(MessageKind.LIFTED, suspension, now, now + TOLD_FOR)
        return await self._suspension(await self._store.lift(suspension, staff, message, now))

    async def messages(self, state: MessageState) -> tuple[Message, ...]:
        """Messages of the outbox of this state, without their words."""
        return await self._store.messages(state)

    async def send_again(self, message: str, staff: str) -> None:
        """Let a message that did not arrive be tried again.

        Raises:
            Refused: UNKNOWN_MESSAGE.
        """
        now = self._clock()
        await self._store.send_again(message, staff, now, now + TOLD_FOR)

    async def figures(self, first: date, last: date) -> tuple[Figure, ...]:
        """Figures by place and item, of the appointments from `first` to `last`."""
        records = await self._store.between(midnight(first), midnight(last) + _DAY)
        groups: dict[tuple[str, str], list[Record]] = defaultdict(list)
        for record in records:
            if record.status not in {Status.HELD, Status.EXPIRED}:
                groups[record.place, record.service].append(record)
        return tuple(_figure(group) for _, group in sorted(groups.items()))

    async def _found(self, catalog: Catalog) -> list[tuple[Record, str]]:
        now = self._clock()
        records = await self._store.booked_after(now)
        found = affected(catalog, records, await self._shut(), now)
        return sorted(found, key=lambda pair: (pair[0].starts_at, pair[0].code))

    async def _shut(self) -> list[Shut]:
        return [
            Shut(one.place, one.window, one.since, one.until, one.reason)
            for one in await self._store.closures(self._clock())
        ]

    async def _tell(self, record: Record, reason: str) -> bool:
        """Mark the appointment and tell its citizen; False when that was done before."""
        now = self._clock()
        message = news(MessageKind.AFFECTED, record, now, reason)
        return await self._store.mark(record, reason, message, now) is not None

    async def _instead(self, catalog: Catalog, record: Record) -> tuple[Slot, ...]:
        """Free slots near the one that can't be kept, at the same place."""
        if record.kind is Kind.HOME:
            return ()
        try:
            desk = Desk.at(catalog, record.service, self._clock())
            places = desk.places(record.place)
        except Refused:
            return ()
        reach = desk.horizon
        load = await self._store.load(
            record.service, midnight(reach.first), midnight(reach.last) + _DAY
        )
        free = desk.bookable(places, load, priority=record.priority is not None)
        return nearest(free, record.starts_at, OFFERS)

    async def _suspension(self, kept: SuspensionRecord) -> Suspension:
        record = await self._store.by_code(kept.code)
        name = self._appointment(record).name if record is not None else ""
        return Suspension(kept.id, kept.code, name, kept.since, kept.until, kept.no_shows)

    def _line(self, catalog: Catalog, record: Record) -> Line:
        return Line(
            appointment=self._appointment(record),
            windows=_windows(catalog, record, self._clock()),
            window=record.window,
            called=record.called_at,
            served=record.served_at,
        )

    def _check_place(self, catalog: Catalog, place: str | None) -> None:
        if place is not None and place not in catalog.places:
            raise Refused(RefusalCode.UNKNOWN_PLACE)


def _windows(catalog: Catalog, record: Record, now: datetime) -> tuple[str, ...]:
    """The windows that take an appointment; none of a home visit, or when the item is gone."""
    place = catalog.places.get(record.place)
    if place is None or record.kind is Kind.HOME:
        return ()
    try:
        return Desk.at(catalog, record.service, now).windows(place)
    except Refused:
        return ()


def _figure(records: Sequence[Record]) -> Figure:
    kept = [one for one in records if one.status not in _GIVEN_UP]
    waits = [wait for one in kept if (wait := _waited(one)) is not None]
    last = records[-1]
    return Figure(
        place=last.place,
        item=last.service,
        name=last.service_name,
        booked=len(kept),
        cancelled=len(records) - len(kept),
        arrived=sum(one.checked_in_at is not None for one in kept),
        served=sum(one.status is Status.SERVED for one in kept),
        no_shows=sum(one.status is Status.NO_SHOW for one in kept),
        waited=median(waits) if waits else None,
    )


def _waited(record: Record) -> float | None:
    """Seconds from the arrival, or the slot's beginning if that was later, to the call."""
    if record.called_at is None or record.checked_in_at is None:
        return None
    since = max(record.checked_in_at, record.starts_at)
    return max(0.0, (record.called_at - since).total_seconds())
