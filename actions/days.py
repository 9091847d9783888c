"""Which days a message speaks of, for questions about opening hours."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

from actions.evidence import Evidence
from service_catalog.calendar import HOLIDAYS, HallCalendar
from service_catalog.errors import Unannounced
from service_catalog.search.text import one_of

_LONGEST_SPAN = timedelta(days=10)
"""A longer span is no day to look up; the weekly hours answer it."""
HOLIDAY = one_of(HOLIDAYS)
"""The name of a holiday as citizens say it."""


@dataclass(frozen=True)
class Days:
    """The days of a question.

    Attributes:
        days: Each of them; today when none was spoken of.
        unannounced: Why a holiday that was spoken of can't be told yet; else "".
    """

    days: tuple[date, ...]
    unannounced: str = ""


def days_spoken_of(evidence: Evidence, calendar: HallCalendar, today: date) -> Days:
    """The days that a message speaks of: a holiday by its name, a day, or a short span."""
    holiday = HOLIDAY.search(evidence.text)
    if holiday:
        try:
            return Days(calendar.holiday(HOLIDAYS[holiday[0]], today))
        except Unannounced as unannounced:
            return Days((), str(unannounced))
    span = evidence.when
    if span is None or span.end - span.start > _LONGEST_SPAN:
        return Days((today,))
    first = span.start.date()
    count = (span.end.date() - first).days + 1
    return Days(tuple(first + timedelta(days=step) for step in range(count)))
