"""Slots and bookable days, derived from the catalogue whenever someone asks, never stored ahead.

An edit of hours, holidays or booking rules therefore shows at once. The office calls these
functions with the hall's rules and the present moment; they know neither the database nor HTTP.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from booking.errors import RefusalCode, Refused
from booking.values import Slot
from service_catalog.calendar import DayKind, HallCalendar, OpenDay
from service_catalog.catalog import Catalog
from service_catalog.clock import CHINA
from service_catalog.errors import Unannounced
from service_catalog.model import Booking, BookingRules, Place, Service

DAY = timedelta(days=1)

Taken = Mapping[tuple[str, datetime], int]
"""How many places are booked, by place id and start; a slot that is absent has none."""


@dataclass(frozen=True)
class Horizon:
    """The days that the hall's rules let a citizen book, seen from one day.

    Attributes:
        first: The earliest bookable day.
        last: The latest; before `first` when no day can be booked.
        unannounced: Whether `last` stands where it is because the next year's holidays are unknown.
    """

    first: date
    last: date
    unannounced: bool

    def days(self) -> Iterator[date]:
        """The days from first to last."""
        return days_between(self.first, self.last)


def days_between(first: date, last: date) -> Iterator[date]:
    """The days from `first` to `last`, both included."""
    return (first + step * DAY for step in range((last - first).days + 1))


def horizon(calendar: HallCalendar, rules: BookingRules, today: date) -> Horizon:
    """Walk ahead from `today` counting workdays, as far as the rules and the calendar reach.

    Days off that follow a countable workday belong to it: with "up to 5 workdays" on a Friday, the
    weekend after the next Friday can still be booked where the place is open then.
    """
    ahead, day, first = 0, today, today if rules.first_workday == 0 else None
    while True:
        try:
            ahead += calendar.is_workday(day + DAY)
        except Unannounced:
            return Horizon(first or day + DAY, day, unannounced=True)
        if ahead > rules.last_workday:
            return Horizon(first or day + DAY, day, unannounced=False)
        day += DAY
        if first is None and ahead >= rules.first_workday:
            first = day


@dataclass(frozen=True)
class Desk:
    """Bookable days and slots of one service, as the catalogue tells it at one moment.

    Attributes:
        catalog: The snapshot.
        service: The service.
        booking: Its booking entry.
        now: The moment from which "past" and "workdays ahead" are counted.
    """

    catalog: Catalog
    service: Service
    booking: Booking
    now: datetime

    @classmethod
    def at(cls, catalog: Catalog, service_id: str, now: datetime) -> Desk:
        """The desk of a service.

        Raises:
            Refused: There is no such service, or it takes no appointments.
        """
        service = catalog.services.get(service_id)
        if service is None:
            raise Refused(RefusalCode.UNKNOWN_SERVICE)
        if service.booking is None:
            raise Refused.because(RefusalCode.NOT_BOOKABLE, service=service.name)
        return cls(catalog, service, service.booking, now)

    @property
    def horizon(self) -> Horizon:
        """The days that can be booked from `now`."""
        return horizon(self.catalog.calendar, self.catalog.hall.booking, self.now.date())

    def place(self, place_id: str) -> Place:
        """A place that takes appointments for the service.

        Raises:
            Refused: It doesn't.
        """
        if place_id not in self.booking.places or place_id not in self.catalog.places:
            raise Refused(RefusalCode.UNKNOWN_PLACE)
        return self.catalog.places[place_id]

    def places(self, place_id: str | None = None) -> tuple[Place, ...]:
        """The one place asked for, or every place that takes appointments for the service."""
        if place_id is not None:
            return (self.place(place_id),)
        return tuple(self.place(known) for known in self.booking.places)

    def closed(self, place: Place, day: date, bookable: Horizon) -> Refused | None:
        """Why `day` can't be booked at `place`, or None when it can.

        The reason that lasts goes first: on a day that is both a Sunday and too far ahead, the
        citizen should hear of the Sunday.
        """
        if day < self.now.date():
            return Refused(RefusalCode.PAST)
        opening = self.catalog.calendar.open_day(place, day)
        if not opening.periods and opening.kind is not DayKind.UNANNOUNCED:
            return _refused(RefusalCode.CLOSED_DAY, day, opening.reason)
        if not self.service.in_force(day):
            return Refused.because(RefusalCode.NOT_BOOKABLE, service=self.service.name)
        return self._out_of_reach(opening, bookable)

    def _out_of_reach(self, opening: OpenDay, bookable: Horizon) -> Refused | None:
        rules = self.catalog.hall.booking
        if bookable.first <= opening.day <= bookable.last:
            return None
        if opening.day <= bookable.last:
            return Refused.because(
                RefusalCode.TOO_SOON, workdays=rules.first_workday, day=chinese(bookable.first)
            )
        if bookable.unannounced:
            reason = str(Unannounced((bookable.last + DAY).year))
            return _refused(RefusalCode.UNANNOUNCED, opening.day, reason)
        return Refused.because(
            RefusalCode.TOO_FAR, workdays=rules.last_workday, day=chinese(bookable.last)
        )

    def slots(self, place: Place, day: date, taken: Taken) -> tuple[Slot, ...]:
        """The slots of `day` that have not begun yet, whether or not the rules let it be booked."""
        return tuple(
            Slot(
                place.id,
                start,
                end,
                free=max(0, self.booking.capacity - taken.get((place.id, start), 0)),
            )
            for start, end in cut(self.catalog.calendar.open_day(place, day), self.booking.minutes)
            if start > self.now
        )

    def bookable(self, places: Iterable[Place], taken: Taken) -> Iterator[Slot]:
        """Every slot at `places` that could be booked now: on a bookable day, with room left."""
        reach = self.horizon
        for place in places:
            for day in reach.days():
                if self.closed(place, day, reach) is None:
                    yield from (slot for slot in self.slots(place, day, taken) if slot.free)


def cut(opening: OpenDay, minutes: int) -> Iterator[tuple[datetime, datetime]]:
    """Cut each open period into whole slots from its beginning; a rest too short is left over."""
    length = timedelta(minutes=minutes)
    for period in opening.periods:
        start = datetime.combine(opening.day, period.start, CHINA)
        end = datetime.combine(opening.day, period.end, CHINA)
        while start + length <= end:
            yield start, start + length
            start += length


def nearest(slots: Iterable[Slot], wanted: datetime, limit: int) -> tuple[Slot, ...]:
    """The `limit` slots nearest to `wanted`.

    Slots of the wanted day first, then of the nearest other days (the later of two equally near);
    within a day by distance from the wanted time of day.
    """

    def distance(slot: Slot) -> tuple[int, bool, timedelta, datetime, str]:
        days = (slot.start.date() - wanted.date()).days
        same_time = slot.start - timedelta(days=days)
        return abs(days), days < 0, abs(same_time - wanted), slot.start, slot.place

    return tuple(sorted(slots, key=distance)[:limit])


def chinese(day: date) -> str:
    """A date as a citizen reads it, like 11月23日."""
    return f"{day.month}月{day.day}日"


def _refused(code: RefusalCode, day: date, reason: str) -> Refused:
    return Refused.because(code, day=chinese(day), reason=reason)
