"""Workdays, holidays and make-up days as the State Council announced them, and the hall's own."""

from __future__ import annotations

import csv
from datetime import date, timedelta
from pathlib import Path

import chinese_calendar
import pytest
from hypothesis import given
from hypothesis import strategies as st

from service_catalog.calendar import DayKind, HallCalendar
from service_catalog.catalog import Catalog
from service_catalog.errors import Unannounced
from service_catalog.model import CalendarNotes, Window

with Path(__file__).with_name("days.csv").open(encoding="utf-8") as lines:
    DAYS = [(date.fromisoformat(day), kind, name) for day, kind, name in csv.reader(lines)]

PLAIN = HallCalendar(CalendarNotes())
ANNOUNCED = st.dates(date(2025, 1, 1), date(2026, 12, 31))
TYPED_IN = {
    "year": 2027,
    "holidays": [
        {"name": "元旦", "first": "2027-01-01", "last": "2027-01-03"},
        {"name": "春节", "first": "2027-02-05", "last": "2027-02-11"},
    ],
    "workdays": ["2027-02-13"],
}


def notes(**parts: object) -> HallCalendar:
    return HallCalendar(CalendarNotes.parse_obj(parts))


@pytest.mark.parametrize(("day", "kind", "name"), DAYS, ids=str)
def test_announced_days(shipped: Catalog, day: date, kind: str, name: str) -> None:
    opening = PLAIN.open_day(shipped.place("district-hall"), day)
    assert opening.kind is DayKind(kind)
    assert (name in opening.reason) or (opening.periods and kind == "周六")
    assert PLAIN.is_workday(day) is (kind == "工作日")
    assert chinese_calendar.is_workday(day) is (kind == "工作日"), "the package says so too"


def test_hours_follow_the_kind_of_day(shipped: Catalog) -> None:
    hall = shipped.place("district-hall")
    assert PLAIN.open_day(hall, date(2026, 11, 23)).periods == ("09:00-12:00", "13:30-17:00")
    make_up = PLAIN.open_day(hall, date(2026, 10, 10))
    assert make_up.periods == hall.hours.workdays
    assert make_up.reason == "国庆节调休上班"
    saturday = PLAIN.open_day(hall, date(2026, 11, 28))
    assert (saturday.periods, saturday.reason) == (("09:00-12:00",), "")
    sunday = PLAIN.open_day(hall, date(2026, 11, 29))
    assert (sunday.periods, sunday.reason) == ((), "周日不办公")
    holiday = PLAIN.open_day(hall, date(2026, 10, 1))
    assert (holiday.periods, holiday.reason) == ((), "国庆节放假")


def test_a_saturday_inside_a_holiday_is_no_ordinary_saturday(shipped: Catalog) -> None:
    opening = PLAIN.open_day(shipped.place("district-hall"), date(2026, 10, 3))
    assert (opening.kind, opening.periods) == (DayKind.HOLIDAY, ())


def test_a_window_may_keep_hours_of_its_own(shipped: Catalog) -> None:
    hall = shipped.place("district-hall")
    late = Window.parse_obj(
        {"number": "Z1", "name": "夜间", "floor": 1, "zone": "Z区"}
        | {"hours": {"workdays": ["18:00-20:00"]}}
    )
    monday = date(2026, 11, 23)
    assert PLAIN.open_day(hall, monday, late).periods == ("18:00-20:00",)
    assert PLAIN.open_day(hall, monday, hall.window("A01")).periods == hall.hours.workdays


def test_a_special_day_overrides_everything_at_every_place(shipped: Catalog) -> None:
    calendar = notes(days=[{"day": "2026-11-23", "hours": [], "reason": "停电检修"}])
    for place in shipped.places.values():
        opening = calendar.open_day(place, date(2026, 11, 23))
        assert (opening.kind, opening.periods) == (DayKind.SPECIAL, ())
        assert opening.reason == "停电检修"


def test_a_special_day_of_one_place_leaves_the_others_alone(shipped: Catalog) -> None:
    day = {"day": "2026-11-29", "hours": ["09:00-11:00"], "places": ["town-qingshi"]}
    calendar = notes(days=[day | {"reason": "送证下乡"}])
    there = calendar.open_day(shipped.place("town-qingshi"), date(2026, 11, 29))
    assert (there.periods, there.reason) == (("09:00-11:00",), "送证下乡")
    elsewhere = calendar.open_day(shipped.place("district-hall"), date(2026, 11, 29))
    assert elsewhere.kind is DayKind.SUNDAY


def test_a_special_day_counts_even_in_a_year_that_is_not_announced(shipped: Catalog) -> None:
    opening = shipped.calendar.open_day(shipped.place("district-hall"), date(2027, 3, 20))
    assert opening.kind is DayKind.SPECIAL
    assert opening.periods == ("09:00-12:00", "13:30-16:00")


@given(day=st.dates(date(2027, 1, 1), date(2099, 12, 31)))
def test_an_unannounced_year_is_never_guessed(shipped: Catalog, day: date) -> None:
    opening = PLAIN.open_day(shipped.place("district-hall"), day)
    assert (opening.kind, opening.periods) == (DayKind.UNANNOUNCED, ())
    assert opening.reason == f"{day.year}年放假安排尚未公布"
    with pytest.raises(Unannounced) as caught:
        PLAIN.is_workday(day)
    assert caught.value.year == day.year


def test_counting_workdays_into_an_unannounced_year_says_so() -> None:
    with pytest.raises(Unannounced):
        PLAIN.workdays_ahead(date(2026, 12, 30), date(2027, 1, 4))
    assert PLAIN.workdays_ahead(date(2026, 12, 30), date(2026, 12, 31)) == 1


@pytest.mark.parametrize(
    ("day", "kind", "reason"),
    [
        ("2027-01-01", DayKind.HOLIDAY, "元旦放假"),
        ("2027-01-03", DayKind.HOLIDAY, "元旦放假"),
        ("2027-01-04", DayKind.WORKDAY, ""),
        ("2027-02-11", DayKind.HOLIDAY, "春节放假"),
        ("2027-02-13", DayKind.WORKDAY, "节假日调休上班"),
        ("2027-02-14", DayKind.SUNDAY, "周日不办公"),
        ("2027-02-20", DayKind.SATURDAY, ""),
    ],
)
def test_a_year_typed_in_by_staff(shipped: Catalog, day: str, kind: DayKind, reason: str) -> None:
    calendar = notes(years=[TYPED_IN])
    opening = calendar.open_day(shipped.place("district-hall"), date.fromisoformat(day))
    assert (opening.kind, opening.reason) == (kind, reason)


def test_a_year_typed_in_overrides_the_package() -> None:
    span = {"name": "国庆节", "first": "2026-10-01", "last": "2026-10-05"}
    calendar = notes(years=[{"year": 2026, "holidays": [span]}])
    assert calendar.is_workday(date(2026, 10, 6))
    assert not calendar.is_workday(date(2026, 10, 10)), "no make-up day was typed in"
    assert not PLAIN.is_workday(date(2026, 10, 6))
    assert calendar.is_workday(date(2025, 9, 28)), "other years stay the package's"


@given(start=ANNOUNCED, steps=st.integers(0, 40), more=st.integers(0, 20))
def test_a_later_day_is_never_fewer_workdays_ahead(start: date, steps: int, more: int) -> None:
    end = min(start + timedelta(steps), date(2026, 12, 31))
    later = min(end + timedelta(more), date(2026, 12, 31))
    near, far = PLAIN.workdays_ahead(start, end), PLAIN.workdays_ahead(start, later)
    assert 0 <= near <= far <= near + (later - end).days


@given(start=ANNOUNCED, day=ANNOUNCED)
def test_workdays_ahead_are_those_between(start: date, day: date) -> None:
    expected = sum(
        chinese_calendar.is_workday(start + timedelta(step))
        for step in range(1, max((day - start).days, 0) + 1)
    )
    assert PLAIN.workdays_ahead(start, day) == expected


@pytest.mark.parametrize(
    ("today", "day", "ahead"),
    [
        ("2026-11-20", "2026-11-20", 0),
        ("2026-11-20", "2026-11-21", 0),
        ("2026-11-20", "2026-11-23", 1),
        ("2026-11-20", "2026-11-19", 0),
        ("2026-09-30", "2026-10-07", 0),
        ("2026-09-30", "2026-10-08", 1),
        ("2026-10-09", "2026-10-10", 1),
    ],
)
def test_workdays_ahead(today: str, day: str, ahead: int) -> None:
    assert PLAIN.workdays_ahead(date.fromisoformat(today), date.fromisoformat(day)) == ahead
