"""Slots and bookable days, derived from the catalogue whenever someone asks, never stored ahead.

What follows from a snapshot of the catalogue alone is worked out once and kept with that snapshot,
so an edit of hours, holidays or booking rules shows at once. The office calls these functions with
the hall's rules and the present moment; they know neither the database nor HTTP.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from typing import TypeVar

from booking.errors import RefusalCode, Refused
from booking.seats import NONE, Load, Seats, cut, merged
from booking.values import Slot
from service_catalog.calendar import DayKind, HallCalendar, OpenDay
from service_catalog.catalog import Catalog
from service_catalog.clock import CHINA
from service_catalog.errors import Unannounced
from service_catalog.model import Booking, BookingRules, Bundle, Period, Place, Service

DAY = timedelta(days=1)
Kept = TypeVar("Kept")
_MOST_KEPT = 5_000
"""How much is kept of what was worked out from a snapshot: two months of days of forty items."""


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
    """Bookable days and slots of one item, as the catalogue tells it at one moment.

    Attributes:
        catalog: The snapshot.
        item: The service, or the bundle that is done at one window in one go.
        booking: Its booking entry.
        now: The moment from which "past" and "workdays ahead" are counted.
    """

    catalog: Catalog
    item: Service | Bundle
    booking: Booking
    now: datetime

    @classmethod
    def at(cls, catalog: Catalog, item_id: str, now: datetime) -> Desk:
        """The desk of a service or a bundle; the catalogue gives no id to both.

        Raises:
            Refused: There is no such item, or it takes no appointments.
        """
        item = catalog.services.get(item_id) or catalog.bundles.get(item_id)
        if item is None:
            raise Refused(RefusalCode.UNKNOWN_SERVICE)
        if item.booking is None:
            raise Refused.because(RefusalCode.NOT_BOOKABLE, service=item.name)
        return cls(catalog, item, item.booking, now)

    @property
    def horizon(self) -> Horizon:
        """The days that can be booked from `now`."""
        today = self.now.date()
        rules = self.catalog.hall.booking
        return self._kept(("horizon", today), lambda: horizon(self.catalog.calendar, rules, today))

    def place(self, place_id: str) -> Place:
        """A place that takes appointments for the item.

        Raises:
            Refused: It doesn't.
        """
        if place_id not in self.booking.places or place_id not in self.catalog.places:
            raise Refused(RefusalCode.UNKNOWN_PLACE)
        return self.catalog.places[place_id]

    def places(self, place_id: str | None = None) -> tuple[Place, ...]:
        """The one place asked for, or every place that takes appointments for the item."""
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
        opening, hours = self._opening(place, day)
        known = opening.kind is not DayKind.UNANNOUNCED
        if known and not opening.periods and not any(hours.values()):
            return _refused(RefusalCode.CLOSED_DAY, day, opening.reason)
        if not self.item.in_force(day):
            return Refused.because(RefusalCode.NOT_BOOKABLE, service=self.item.name)
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

    def windows(self, place: Place) -> tuple[str, ...]:
        """The windows of `place` that take the item; of a bundle those that take it whole."""
        if isinstance(self.item, Service):
            channels = [one for one in self.item.channels.window if one.place == place.id]
        else:
            channels = [one for one in self.item.window if one.place == place.id][:1]
        return tuple(dict.fromkeys(number for one in channels for number in one.windows))

    def seats(self, place: Place, day: date) -> tuple[Seats, ...]:
        """Every slot of `day`, past ones too, whether or not the rules let it be booked."""
        seats = self._kept(
            ("seats", self.item.id, place.id, day), lambda: tuple(self._cut(place, day))
        )
        released = self.now + timedelta(hours=self.catalog.hall.booking.release_hours)
        if self.booking.reserved == 0 or not seats or seats[0].start > released:
            return seats
        return tuple(replace(one, reserved=0) if one.start <= released else one for one in seats)

    def _cut(self, place: Place, day: date) -> Iterator[Seats]:
        """The slots of `day`, nothing released yet of what is reserved."""
        hours = self._opening(place, day)[1]
        capacity, reserved = self.booking.capacity, self.booking.reserved
        if len(set(hours.values())) == 1:
            together, alike = next(iter(hours.values())), True
        else:
            together, alike = merged(one for periods in hours.values() for one in periods), False
        for start, end in cut(day, together, self.booking.minutes):
            span = start.time(), end.time()
            still = tuple(
                number for number, periods in hours.items() if alike or _open(periods, *span)
            )
            if still:
                yield Seats(start, end, capacity, reserved, still, len(hours))

    def slots(
        self, place: Place, day: date, load: Load, *, priority: bool = False
    ) -> tuple[Slot, ...]:
        """The slots of `day` that have not begun yet, whether or not the rules let it be booked."""
        shut = [one for one in load.shut if one.place == place.id]
        return tuple(
            Slot(
                place.id,
                seats.start,
                seats.end,
                seats.free(
                    seats.left(shut)[0],
                    load.taken.get((place.id, seats.start), NONE),
                    priority=priority,
                ),
            )
            for seats in self.seats(place, day)
            if seats.start > self.now
        )

    def bookable(
        self, places: Iterable[Place], load: Load, *, priority: bool = False
    ) -> Iterator[Slot]:
        """Every slot at `places` that could be booked now: on a bookable day, with room left."""
        reach = self.horizon
        for place in places:
            for day in reach.days():
                if self.closed(place, day, reach) is None:
                    slots = self.slots(place, day, load, priority=priority)
                    yield from (slot for slot in slots if slot.free)

    def _opening(self, place: Place, day: date) -> tuple[OpenDay, dict[str, tuple[Period, ...]]]:
        """The place on `day`, and when each of the item's windows is open then."""
        return self._kept(
            ("opening", self.item.id, place.id, day),
            lambda: (self.catalog.calendar.open_day(place, day), self._hours(place, day)),
        )

    def _hours(self, place: Place, day: date) -> dict[str, tuple[Period, ...]]:
        calendar = self.catalog.calendar
        usual = calendar.open_day(place, day).periods
        hours = {}
        for number in self.windows(place):
            window = place.window(number)
            own = window is not None and window.hours is not None
            hours[number] = calendar.open_day(place, day, window).periods if own else usual
        return hours

    def _kept(self, key: Hashable, work_out: Callable[[], Kept]) -> Kept:
        """What was worked out from this snapshot before, or is now."""
        kept = self.catalog.worked_out
        if key not in kept:
            if len(kept) >= _MOST_KEPT:
                kept.clear()
            kept[key] = work_out()
        found: Kept = kept[key]
        return found


def _open(periods: Iterable[Period], start: time, end: time) -> bool:
    return any(period.start <= start and end <= period.end for period in periods)


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


def midnight(day: date) -> datetime:
    """When a day begins in China."""
    return datetime.combine(day, time.min, CHINA)


def chinese(day: date) -> str:
    """A date as a citizen reads it, like 11月23日."""
    return f"{day.month}月{day.day}日"


def _refused(code: RefusalCode, day: date, reason: str) -> Refused:
    return Refused.because(code, day=chinese(day), reason=reason)
