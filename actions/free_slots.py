"""Free places at a time that a citizen spoke of, and how they are put on the table.

Asks the booking backend; rules about days and limits are its own.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from actions.evidence import Span
from actions.reply import booking as say
from actions.resources import booking_client
from booking.values import Day, Slot

OFFERS = 6
"""So many choices fit on a phone's screen."""
_HOUR_NAMED = timedelta(minutes=90)
"""A span this short names an hour; a longer one is half a day or more to choose from."""
_LONGEST_LOOK = timedelta(days=14)


class Finder:
    """Looks for free slots of one item at one place, in the right of a priority group or not."""

    def __init__(self, service: str, place: str, priority: str | None = None) -> None:
        self._service, self._place, self._priority = service, place, priority

    async def look(self, span: Span) -> tuple[list[Slot], str]:
        """Free slots in `span`; or, when there are none, the nearest ones and why.

        When the citizen named the hour at which a slot begins, that slot alone counts: another one
        in the same hour is an offer, not what was asked for.

        Raises:
            Refused: The backend does not know or book the service.
            BackendUnavailable: It gives no answer.
        """
        last = min(span.end, span.start + _LONGEST_LOOK).date()
        client = booking_client()
        days = await client.availability(
            self._service, span.start.date(), last, self._place, self._priority
        )
        slots = [slot for day in days for slot in day.slots]
        wanted = [slot for slot in slots if slot.start == span.start]
        if not wanted or span.end - span.start > _HOUR_NAMED:
            wanted = [slot for slot in slots if span.start <= slot.start <= span.end]
        free = [slot for slot in wanted if slot.free]
        if free:
            return _spread(free), ""
        nearest = await client.nearest(
            self._service, span.start, self._place, OFFERS // 2, self._priority
        )
        return list(nearest), _why_none(days, wanted)


def _why_none(days: Sequence[Day], wanted: Sequence[Slot]) -> str:
    if days and not any(day.open for day in days):
        return days[0].reason or say.span_full()
    return say.span_full() if wanted else say.no_such_slot()


def _spread(free: list[Slot]) -> list[Slot]:
    """At most `OFFERS` of the slots, spread over the span."""
    if len(free) <= OFFERS:
        return free
    step = (len(free) - 1) / (OFFERS - 1)
    return [free[round(row * step)] for row in range(OFFERS)]


def offer_of(free: Sequence[Slot], *, shown: bool = False) -> dict[str, Any]:
    """Free slots as the choices on the table; `shown` when they were said already."""
    return {
        "for": "booking_time",
        "options": [one.start.isoformat() for one in free],
        "labels": [say.slot(one) for one in free],
        "shown": shown,
    }
