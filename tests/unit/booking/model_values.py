"""What the model of the appointment office is made of, and the hall that it knows by heart.

Nothing here asks the code under test; the numbers are those of `booking.testing.busy_catalog` with
the rules below, written down a second time.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from typing import NamedTuple

from booking.errors import RefusalCode
from service_catalog.clock import CHINA

HALL, TOWN, HOME = "district-hall", "town-centre", "home"
HELD, BOOKED, CAME, SERVED = "held", "booked", "checked_in", "served"
NO_SHOW, ENDED, CANCELLED, EXPIRED = "no_show", "ended", "cancelled", "expired"
OPEN = {HELD, BOOKED, CAME}
TAKES = {HELD, BOOKED, CAME, SERVED, NO_SHOW, ENDED}

DAY, MINUTE = timedelta(days=1), timedelta(minutes=1)
PER_DAY, PER_WEEK, MAX_OPEN, LAST_WORKDAY, KEEP_DAYS = 2, 4, 4, 5, 3
HOLD, GRACE, CUT_OFF, RELEASE = 10 * MINUTE, 30 * MINUTE, 120 * MINUTE, DAY
EARLY, RATE_AFTER = 30 * MINUTE, 30 * MINUTE
WITHIN, SUSPEND_FOR = 7 * DAY, 4 * DAY
WARN_AFTER, SUSPEND_AFTER = 1, 2
KEEP_REQUESTS, TOLD_FOR = 7 * DAY, 7 * DAY
RULES: dict[str, object] = {
    "per_day": PER_DAY,
    "per_week": PER_WEEK,
    "max_open": MAX_OPEN,
    "keep_days": KEEP_DAYS,
    "no_show": {
        "grace_minutes": 30,
        "within_days": WITHIN.days,
        "warn_after": WARN_AFTER,
        "suspend_after": SUSPEND_AFTER,
        "suspend_days": SUSPEND_FOR.days,
    },
}


class Item(NamedTuple):
    """What can be booked: how long it takes, and its places in a slot."""

    length: timedelta
    capacity: int
    reserved: int
    windows: tuple[str, ...]
    places: tuple[str, ...]


ITEMS = {
    "id-card": Item(30 * MINUTE, 3, 1, ("1", "2"), (HALL,)),
    "permit": Item(60 * MINUTE, 2, 0, ("1",), (HALL, TOWN)),
    "travel": Item(60 * MINUTE, 1, 0, ("2",), (HALL,)),
}
TEAMS = {"elderly": (2, 3), "bedridden": (6, 0)}
"""Visits a day and workdays ahead, by the rule's id."""
HALVES = {"morning": (time(9), time(12)), "afternoon": (time(13, 30), time(17))}


class No(Exception):
    """The model refuses."""

    def __init__(self, code: RefusalCode) -> None:
        super().__init__(code.value)
        self.code = code


@dataclass
class One:
    """An appointment as the model has it.

    Attributes:
        code: Its ticket code.
        citizen: Whose it is; None of what was erased.
        service: Which item.
        place: Where.
        start: When.
        end: Until when.
        who: For whom.
        number: Whose number was given, if any.
        priority: Whether in the right of a priority group.
        status: What became of it.
        made: When its place was first taken.
        expires: Until when it is held.
        came: Whether an arrival was noted.
        affected: Whether its citizen was told that the hall can't keep it.
        rule: The rule of a home visit.
    """

    code: str
    citizen: str | None
    service: str
    place: str
    start: datetime
    end: datetime
    who: str = "self"
    number: str | None = None
    priority: bool = False
    status: str = BOOKED
    made: datetime = datetime(2026, 1, 1, tzinfo=CHINA)
    expires: datetime | None = None
    came: bool = False
    affected: bool = False
    rule: str | None = None

    @property
    def slot(self) -> tuple[str, str, datetime]:
        """The slot whose place it takes."""
        return self.service, self.place, self.start


@dataclass
class Letter:
    """A message in the outbox as the model has it."""

    due: datetime
    expires: datetime
    next: datetime
    state: str = "waiting"
    tries: int = 0


LetterKey = tuple[str, str, str]
"""Code, kind and what tells two of a kind apart."""


@dataclass
class Ban:
    """A suspension as the model has it; `code` is the last straw."""

    citizen: str
    code: str
    since: datetime
    until: datetime
    lifted: bool = False


class Span(NamedTuple):
    """A time for which a window of the hall, or the whole hall, is shut."""

    window: str | None
    since: datetime
    until: datetime


@dataclass
class State:
    """All that the model knows."""

    all: dict[str, One] = field(default_factory=dict)
    letters: dict[LetterKey, Letter] = field(default_factory=dict)
    bans: list[Ban] = field(default_factory=list)
    shut: dict[str, Span] = field(default_factory=dict)
    requests: dict[str, tuple[str, datetime]] = field(default_factory=dict)


def workdays(today: date, day: date) -> int:
    """How many workdays lie after `today`, up to `day`; there are no holidays in these weeks."""
    days = (day - today).days
    return sum((today + step * DAY).weekday() < 5 for step in range(1, days + 1))


def next_workday(today: date, ahead: int) -> date:
    """The workday that is so many ahead of `today`, or of the next workday."""
    day = today
    while day.weekday() >= 5:
        day += DAY
    for _ in range(ahead):
        day += DAY
        while day.weekday() >= 5:
            day += DAY
    return day


def quiet_until(moment: datetime) -> datetime:
    """The moment itself, or eight in the morning after a night that begins at 21:30."""
    if moment.time() >= time(21, 30):
        return datetime.combine(moment.date() + DAY, time(8), CHINA)
    return max(moment, datetime.combine(moment.date(), time(8), CHINA))
