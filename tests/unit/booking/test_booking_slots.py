"""Slots and bookable days, derived from the catalogue; no server, no database."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from itertools import pairwise

import pytest
from booking_world import MONDAY, at
from hypothesis import given
from hypothesis import strategies as some

from booking.errors import RefusalCode
from booking.seats import Count, Load, cut
from booking.slots import Desk, days_between, horizon, nearest
from booking.testing import PLACES, sample_catalog, sample_service
from booking.values import Slot
from service_catalog.calendar import DayKind, OpenDay
from service_catalog.clock import CHINA
from service_catalog.model import CalendarNotes, Period

DAY = date(2026, 11, 24)
FUTURE = CalendarNotes.parse_obj({"years": [{"year": 2095, "holidays": []}]})
"""2095 is announced, 2096 isn't."""


@some.composite
def open_days(draw: some.DrawFn) -> OpenDay:
    """A day with up to three periods in order, as the catalogue guarantees."""
    edges = draw(some.lists(some.integers(0, 1439), max_size=6, unique=True).map(sorted))
    clock = [f"{edge // 60:02}:{edge % 60:02}" for edge in edges]
    periods = tuple(
        Period(f"{start}-{end}") for start, end in zip(clock[::2], clock[1::2], strict=False)
    )
    return OpenDay(DAY, DayKind.WORKDAY, periods, "")


@given(open_days(), some.integers(5, 240))
def test_slots_are_whole_lie_inside_a_period_and_never_overlap(day: OpenDay, minutes: int) -> None:
    slots = list(cut(day.day, day.periods, minutes))

    assert all(end - start == timedelta(minutes=minutes) for start, end in slots)
    assert all(end <= start for (_, end), (start, _) in pairwise(slots))
    for start, end in slots:
        holders = [
            period
            for period in day.periods
            if period.start <= start.time() and end.time() <= period.end
        ]
        assert len(holders) == 1 and start.tzinfo is CHINA
    room = sum(
        (datetime.combine(DAY, period.end) - datetime.combine(DAY, period.start))
        // timedelta(minutes=minutes)
        for period in day.periods
    )
    assert len(slots) == room


@given(some.lists(some.integers(0, 40_000), unique=True), some.integers(0, 40_000))
def test_nearest_puts_the_wanted_day_first_and_loses_nothing(minutes: list[int], at: int) -> None:
    begin = datetime(2026, 11, 1, tzinfo=CHINA)
    wanted = begin + timedelta(minutes=at)
    slots = [
        Slot("hall", start, start + timedelta(minutes=5), 1)
        for start in (begin + timedelta(minutes=minute) for minute in minutes)
    ]
    order = nearest(slots, wanted, len(slots))
    assert sorted(order, key=hash) == sorted(slots, key=hash)
    days = [abs((slot.start.date() - wanted.date()).days) for slot in order]
    assert days == sorted(days)
    same_day = [abs(slot.start - wanted) for slot in order if slot.start.date() == wanted.date()]
    assert same_day == sorted(same_day)
    assert nearest(slots, wanted, 3) == order[:3]


@pytest.mark.parametrize(
    ("today", "rules", "first", "last"),
    [
        # An ordinary Monday; the fifth workday is the next Monday.
        (date(2026, 11, 23), {}, date(2026, 11, 24), date(2026, 11, 30)),
        # From a Friday the first workday is Monday; the weekend after the fifth belongs to it.
        (date(2026, 11, 27), {}, date(2026, 11, 30), date(2026, 12, 6)),
        # Today itself may be booked.
        (date(2026, 11, 23), {"first_workday": 0}, date(2026, 11, 23), date(2026, 11, 30)),
        # National Day: 1 to 7 October are off, 20 September and 10 October are made up for.
        (date(2026, 9, 30), {}, date(2026, 10, 8), date(2026, 10, 13)),
    ],
)
def test_the_horizon_counts_workdays(
    today: date, rules: dict[str, int], first: date, last: date
) -> None:
    catalog = sample_catalog(**rules)
    reach = horizon(catalog.calendar, catalog.hall.booking, today)
    assert (reach.first, reach.last, reach.unannounced) == (first, last, False)


def test_the_horizon_ends_where_the_calendar_does() -> None:
    catalog = sample_catalog(notes=FUTURE)
    reach = horizon(catalog.calendar, catalog.hall.booking, date(2095, 12, 29))
    assert (reach.last, reach.unannounced) == (date(2095, 12, 31), True)

    nothing = horizon(catalog.calendar, catalog.hall.booking, date(2095, 12, 31))
    assert list(nothing.days()) == []


def test_a_year_that_is_not_announced_is_never_guessed() -> None:
    now = datetime(2095, 12, 29, 10, tzinfo=CHINA)
    desk = Desk.at(sample_catalog(notes=FUTURE), "id-card", now)
    closed = desk.closed(PLACES[0], date(2096, 1, 3), desk.horizon)
    assert closed is not None and closed.code is RefusalCode.UNANNOUNCED
    assert "2096年放假安排尚未公布" in closed.sentence

    # With enough workdays left in the year, the same day is simply too far ahead.
    early = Desk.at(sample_catalog(notes=FUTURE), "id-card", now - timedelta(days=20))
    closed = early.closed(PLACES[0], date(2096, 1, 3), early.horizon)
    assert closed is not None and closed.code is RefusalCode.TOO_FAR


def test_holidays_make_up_days_and_the_halls_own_notices() -> None:
    notice = {"day": "2026-10-09", "hours": [], "reason": "系统升级"}
    longer = {"day": "2026-10-12", "hours": ["09:00-20:00"], "reason": "延时服务"}
    catalog = sample_catalog(notes=CalendarNotes.parse_obj({"days": [notice, longer]}))
    desk = Desk.at(catalog, "id-card", datetime(2026, 9, 30, 10, tzinfo=CHINA))
    hall, reach = PLACES[0], desk.horizon

    reasons = {
        day.day: closed.sentence
        for day in days_between(date(2026, 10, 1), date(2026, 10, 12))
        if (closed := desk.closed(hall, day, reach))
    }
    assert "国庆节放假" in reasons[1]
    assert "系统升级" in reasons[9]
    assert set(reasons) == {*range(1, 8), 9, 11}
    assert len(desk.slots(hall, date(2026, 10, 10), Load())) == 13  # a Saturday that is a workday
    assert desk.slots(hall, date(2026, 10, 12), Load())[-1].end.hour == 20


def test_slots_that_have_begun_are_gone_and_full_ones_show_no_place() -> None:
    desk = Desk.at(sample_catalog(first_workday=0), "id-card", MONDAY)
    slots = desk.slots(PLACES[0], MONDAY.date(), Load({("district-hall", at(23, 11)): Count(7, 0)}))
    assert [(slot.start, slot.free) for slot in slots][:3] == [
        (at(23, 10, 30), 3),
        (at(23, 11), 0),
        (at(23, 11, 30), 3),
    ]
    assert at(23, 11) not in {
        slot.start
        for slot in desk.bookable(PLACES, Load({("district-hall", at(23, 11)): Count(3, 0)}))
        if slot.place == "district-hall"
    }


def test_what_is_kept_with_a_snapshot_is_the_same_as_what_is_worked_out_anew() -> None:
    card = {"minutes": 30, "capacity": 3, "reserved": 1, "places": [PLACES[0].id]}
    services = (sample_service("id-card", "居民身份证换领", card),)
    kept = sample_catalog(services, release_hours=24)
    for moment in (at(23, 9), at(23, 10, 15), at(24, 11), at(23, 9)):
        anew = Desk.at(sample_catalog(services, release_hours=24), "id-card", moment)
        desk = Desk.at(kept, "id-card", moment)
        assert desk.horizon == anew.horizon
        for day in days_between(date(2026, 11, 20), date(2026, 12, 5)):
            assert desk.seats(PLACES[0], day) == anew.seats(PLACES[0], day)
            assert desk.slots(PLACES[0], day, Load()) == anew.slots(PLACES[0], day, Load())
            ours, theirs = (one.closed(PLACES[0], day, one.horizon) for one in (desk, anew))
            assert (ours and ours.sentence) == (theirs and theirs.sentence)
    assert {one.reserved for one in Desk.at(kept, "id-card", at(23, 10)).seats(PLACES[0], DAY)} == {
        0,
        1,
    }
