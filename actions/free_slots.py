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
_LONGEST_LOOK = timedelta(days=14)


class Finder:
    """Looks for free slots of one service at one place."""

    def __init__(self, service: str, place: str) -> None:
        self._service, self._place = service, place

    async def look(self, span: Span) -> tuple[list[Slot], str]:
        """Free slots in `span`; or, when there are none, why, and the nearest ones.

        Raises:
            Refused: The backend does not know or book the service.
            BackendUnavailable: It gives no answer.
        """
        last = min(span.end, span.start + _LONGEST_LOOK).date()
        client = booking_client()
        days = await client.availability(self._service, span.start.date(), last, self._place)
        free = [
            slot
            for day in days
            for slot in day.slots
            if slot.free and slot.end > span.start and slot.start <= span.end
        ]
        if free:
            return _spread(free), ""
        reason = _reason(days)
        nearest = await client.nearest(self._service, span.start, self._place, OFFERS // 2)
        return list(nearest), reason


def _reason(days: Sequence[Day]) -> str:
    if days and not any(day.open for day in days):
        return days[0].reason or say.span_full()
    return say.span_full()


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
