"""When a place is open: weekly hours, national holidays, make-up workdays, the hall's own notices.

`chinesecalendar` carries the State Council's yearly notice (国务院办公厅关于节假日安排的通知)
up to the last year it knows; staff may add a newly announced year in calendar.yml. A year that
neither knows is 未公布 (`Unannounced`), never guessed.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from enum import Enum

import chinese_calendar

from service_catalog.errors import Unannounced
from service_catalog.model import CalendarNotes, Hours, Period, Place, Window, YearArrangement

WEEKDAYS = ("周一", "周二", "周三", "周四", "周五", "周六", "周日")
SATURDAY = 5
HOLIDAYS = {
    "元旦": "元旦",
    "春节": "春节",
    "过年": "春节",
    "清明": "清明",
    "五一": "劳动节",
    "劳动节": "劳动节",
    "端午": "端午节",
    "中秋": "中秋",
    "国庆": "国庆节",
    "十一": "国庆节",
}
"""What citizens call the holidays, and what the notice calls them."""
_A_YEAR = 370
"""Days that hold each holiday once, the lunar ones too."""


class DayKind(str, Enum):
    """What sort of day it is for a public office."""

    WORKDAY = "工作日"
    SATURDAY = "周六"
    SUNDAY = "周日"
    HOLIDAY = "法定节假日"
    SPECIAL = "特别日"
    UNANNOUNCED = "未公布"


@dataclass(frozen=True)
class OpenDay:
    """A day at one place or window.

    Attributes:
        day: The date, in China.
        kind: What sort of day.
        periods: Open spans from early to late; empty when closed.
        reason: Why it is closed or unusual, in Chinese; "" on an ordinary open day.
    """

    day: date
    kind: DayKind
    periods: tuple[Period, ...]
    reason: str


class HallCalendar:
    """Answers for every day whether a place is open, and counts workdays."""

    def __init__(self, notes: CalendarNotes) -> None:
        self._special = notes.days
        self._years = {arrangement.year: arrangement for arrangement in notes.years}

    def is_workday(self, day: date) -> bool:
        """Whether public offices work on `day`, make-up days included.

        Raises:
            Unannounced: The year's arrangement is not published.
        """
        return self._kind(day)[0] is DayKind.WORKDAY

    def workdays_ahead(self, today: date, day: date) -> int:
        """How many workdays lie after `today` up to and including `day`; 0 when none does.

        Raises:
            Unannounced: The span reaches into a year that is not published.
        """
        return sum(
            self.is_workday(today + timedelta(days=step))
            for step in range(1, (day - today).days + 1)
        )

    def holiday(self, name: str, today: date) -> tuple[date, ...]:
        """The days off of the next such holiday, or of the one that is on.

        Args:
            name: As the State Council's notice calls it, like 国庆节; see `HOLIDAYS`.
            today: The day from which to look ahead, for a year.

        Raises:
            Unannounced: The next one lies in a year whose arrangement is not published.
        """
        found: list[date] = []
        for step in range(_A_YEAR):
            day = today + timedelta(days=step)
            kind, called = self._kind(day)
            if kind is DayKind.HOLIDAY and (name in called or called in name):
                found.append(day)
            elif found:
                break
        return tuple(found)

    def open_day(self, place: Place, day: date, window: Window | None = None) -> OpenDay:
        """When `place` (or one `window` of it) is open on `day`."""
        for special in self._special:
            if special.day == day and (not special.places or place.id in special.places):
                return OpenDay(day, DayKind.SPECIAL, special.hours, special.reason)
        hours = window.hours if window is not None and window.hours is not None else place.hours
        try:
            kind, holiday = self._kind(day)
        except Unannounced as unannounced:
            return OpenDay(day, DayKind.UNANNOUNCED, (), str(unannounced))
        periods = _periods(hours, kind)
        return OpenDay(day, kind, periods, _reason(day, kind, holiday, bool(periods)))

    def _kind(self, day: date) -> tuple[DayKind, str]:
        """The day's kind and, on holidays and make-up days, the holiday's name."""
        arrangement = self._years.get(day.year)
        if arrangement is not None:
            return _kind_by(arrangement, day)
        try:
            off, holiday = chinese_calendar.get_holiday_detail(day)
        except NotImplementedError:
            raise Unannounced(day.year) from None
        name = chinese_calendar.Holiday(holiday).chinese if holiday else ""
        if not off:
            return DayKind.WORKDAY, name
        return (DayKind.HOLIDAY, name) if holiday else (_weekend(day), "")


def _kind_by(arrangement: YearArrangement, day: date) -> tuple[DayKind, str]:
    for span in arrangement.holidays:
        if span.first <= day <= span.last:
            return DayKind.HOLIDAY, span.name
    if day in arrangement.workdays or day.weekday() < SATURDAY:
        return DayKind.WORKDAY, "节假日" if day.weekday() >= SATURDAY else ""
    return _weekend(day), ""


def _weekend(day: date) -> DayKind:
    return DayKind.SATURDAY if day.weekday() == SATURDAY else DayKind.SUNDAY


def _periods(hours: Hours, kind: DayKind) -> tuple[Period, ...]:
    return {
        DayKind.WORKDAY: hours.workdays,
        DayKind.SATURDAY: hours.saturday,
        DayKind.SUNDAY: hours.sunday,
        DayKind.HOLIDAY: hours.holidays,
    }[kind]


def _reason(day: date, kind: DayKind, holiday: str, is_open: bool) -> str:
    if kind is DayKind.WORKDAY:
        return f"{holiday}调休上班" if day.weekday() >= SATURDAY else ""
    if is_open:
        return f"{holiday}开放" if holiday else ""
    return f"{holiday}放假" if kind is DayKind.HOLIDAY else f"{kind.value}不办公"
