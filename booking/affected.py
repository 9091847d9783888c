"""Which appointments the hall can't keep as things stand now, and why.

The catalogue may have been edited since they were booked (hours, holidays, an item's end), or staff
may have shut a window. Nothing is noted ahead: whoever asks gets what is true at that moment. It
knows neither HTTP nor SQL.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from datetime import datetime

from booking.errors import Refused
from booking.home_visits import Team
from booking.records import Record
from booking.seats import Seats, Shut
from booking.slots import Desk, chinese
from booking.values import Kind, Status
from service_catalog.catalog import Catalog
from service_catalog.errors import Unannounced

_GONE = "这个事项不再接受预约"


def affected(
    catalog: Catalog, records: Sequence[Record], shut: Sequence[Shut], now: datetime
) -> Iterator[tuple[Record, str]]:
    """The booked appointments that can't be kept, each with its reason in Chinese.

    Where windows are shut and a slot has fewer places left than were booked, those who booked last
    are affected; whoever is at the hall already keeps a place. A slot that the hours no longer know
    is affected whole.

    Args:
        catalog: The catalogue of this moment.
        records: Appointments that are to come, in the order in which they were booked; those whose
            citizens have arrived already, too.
        shut: What staff have shut.
        now: The moment.
    """
    slots: dict[tuple[str, str, datetime], list[Record]] = defaultdict(list)
    for record in records:
        if record.kind is Kind.HOME:
            if record.status is not Status.BOOKED:
                continue
            reason = _no_visit(catalog, record, now)
            if reason is not None:
                yield record, reason
        else:
            slots[record.service, record.place, record.starts_at].append(record)
    for (item, place, start), booked in slots.items():
        here = [one for one in shut if one.place == place]
        yield from _in_slot(catalog, (item, place, start), booked, here, now)


def _in_slot(
    catalog: Catalog,
    slot: tuple[str, str, datetime],
    records: Sequence[Record],
    shut: Sequence[Shut],
    now: datetime,
) -> Iterator[tuple[Record, str]]:
    item, place_id, start = slot
    booked = [one for one in records if one.status is Status.BOOKED]
    arrived = len(records) - len(booked)
    found = _seats(catalog, item, place_id, start, now)
    if isinstance(found, str):
        yield from ((record, found) for record in booked)
        return
    left, why = found.left(shut)
    if why is not None:
        yield from ((record, why.reason) for record in booked[max(0, left - arrived) :])


def _seats(
    catalog: Catalog, item: str, place_id: str, start: datetime, now: datetime
) -> Seats | str:
    """The slot as the catalogue has it now, or why it has none."""
    try:
        desk = Desk.at(catalog, item, now)
        place = desk.place(place_id)
    except Refused:
        return _GONE
    day = start.date()
    if not desk.item.in_force(day):
        return _GONE
    for seats in desk.seats(place, day):
        if seats.start == start:
            return seats
    opening = catalog.calendar.open_day(place, day)
    if opening.periods:
        return f"{chinese(day)}的办公时间有调整"
    return f"{chinese(day)}不办公（{opening.reason}）"


def _no_visit(catalog: Catalog, record: Record, now: datetime) -> str | None:
    try:
        team = Team.at(catalog, record.rule or "", now)
    except Refused:
        return "这种上门服务不再提供"
    try:
        reason = team.day_off(record.starts_at.date())
    except Unannounced:
        return None
    return None if reason is None else f"{chinese(record.starts_at.date())}不安排上门（{reason}）"
