"""By which day the desk answers, by the hall's rules and its calendar."""

from __future__ import annotations

from datetime import date, timedelta

from desk.values import CaseKind
from service_catalog.catalog import Catalog
from service_catalog.errors import Unannounced

_SOON = {CaseKind.HANDOVER, CaseKind.MESSAGE}
KEEP_DAYS = 180
"""How long closed cases are kept when the catalogue says nothing."""


def answer_by(catalog: Catalog, kind: CaseKind, today: date) -> date | None:
    """The last day for the answer to a case that is left today.

    None when the hall has no rule, when nobody has to answer (praise), or when the span reaches
    into a year whose workdays are not announced.
    """
    rules = catalog.hall.desk
    if rules is None or kind is CaseKind.PRAISE:
        return None
    left = rules.message_workdays if kind in _SOON else rules.case_workdays
    day = today
    try:
        while left:
            day += timedelta(days=1)
            left -= catalog.calendar.is_workday(day)
    except Unannounced:
        return None
    return day


def keep(catalog: Catalog) -> timedelta:
    """How long a closed case is kept."""
    rules = catalog.hall.desk
    return timedelta(days=KEEP_DAYS if rules is None else rules.keep_days)
