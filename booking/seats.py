"""How many places a slot has: what its windows take, what is reserved, what is booked or shut.

Arithmetic alone; `booking.slots` asks it with what the catalogue says, the stores with what is true
in their transaction.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import NamedTuple

from service_catalog.clock import CHINA
from service_catalog.model import Period


class Count(NamedTuple):
    """How many places of a slot are booked, and how many of them by priority groups."""

    booked: int
    priority: int


NONE = Count(0, 0)
Taken = Mapping[tuple[str, datetime], Count]
"""What is booked, by place id and start; a slot that is absent has nothing."""


@dataclass(frozen=True)
class Shut:
    """A time for which staff closed a window, or (`window` None) a whole place."""

    place: str
    window: str | None
    since: datetime
    until: datetime
    reason: str

    def over(self, start: datetime, end: datetime) -> bool:
        """Whether it takes away any of the time from `start` to `end`."""
        return self.since < end and start < self.until


@dataclass(frozen=True)
class Load:
    """What makes a slot smaller than the catalogue says: bookings, and windows that are shut."""

    taken: Taken = field(default_factory=dict)
    shut: Sequence[Shut] = ()


@dataclass(frozen=True)
class Seats:
    """The places of one slot before anything is booked.

    Attributes:
        start: When the slot begins.
        end: When it ends.
        capacity: How many citizens all windows together take at once.
        reserved: How many of them are kept for priority groups at this moment.
        windows: The item's windows that are open throughout, by their hours.
        total: How many windows the item has at the place.
    """

    start: datetime
    end: datetime
    capacity: int
    reserved: int
    windows: tuple[str, ...]
    total: int

    def left(self, shut: Iterable[Shut]) -> tuple[int, Shut | None]:
        """How many places the open windows have, and what shut a window if something did.

        The windows share the capacity evenly; a part of a place is a place, so that a window which
        is open always takes somebody.
        """
        over = [one for one in shut if one.over(self.start, self.end)]
        if not over:
            return -(-self.capacity * len(self.windows) // self.total), None
        numbers = {one.window for one in over}
        if None in numbers:
            return 0, next(one for one in over if one.window is None)
        still = sum(window not in numbers for window in self.windows)
        why = next((one for one in over if one.window in self.windows), None)
        return -(-self.capacity * still // self.total), why

    def free(self, left: int, count: Count, *, priority: bool) -> int:
        """How many more citizens of this sort fit in."""
        for_all = left - count.booked
        if priority:
            return max(0, for_all)
        return max(0, min(for_all, left - self.reserved - (count.booked - count.priority)))


def cut(day: date, periods: Iterable[Period], minutes: int) -> Iterator[tuple[datetime, datetime]]:
    """Cut each open period into whole slots from its beginning; a rest too short is left over."""
    length = timedelta(minutes=minutes)
    for period in periods:
        start = datetime.combine(day, period.start, CHINA)
        end = datetime.combine(day, period.end, CHINA)
        while start + length <= end:
            yield start, start + length
            start += length


def merged(periods: Iterable[Period]) -> tuple[Period, ...]:
    """The same time in as few periods as possible, early ones first."""
    found: list[Period] = []
    for period in sorted(periods):
        if found and period[:5] <= found[-1][6:]:
            found[-1] = Period(f"{found[-1][:5]}-{max(found[-1][6:], period[6:])}")
        else:
            found.append(period)
    return tuple(found)
