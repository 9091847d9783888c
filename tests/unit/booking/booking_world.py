"""A running backend in which a test sets the time and edits the catalogue."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import datetime

from booking.client import BookingClient
from booking.settings import Settings
from booking.testing import sample_catalog
from booking.values import Appointment
from service_catalog.catalog import Catalog
from service_catalog.clock import CHINA

MONDAY = datetime(2026, 11, 23, 10, 0, tzinfo=CHINA)
"""An ordinary Monday: with 1 to 5 workdays ahead, Tuesday 24 to Monday 30 can be booked."""


@dataclass
class World:
    """What a test may change while the backend runs: the catalogue and the time."""

    settings: Settings
    catalog: Catalog = field(default_factory=sample_catalog)
    now: datetime = MONDAY
    url: str = ""
    client: BookingClient = field(init=False)
    keys: int = 0

    async def book(
        self, start: datetime, citizen: str = "citizen-1", **changes: str
    ) -> Appointment:
        """Book the ID card at the hall, unless `changes` say otherwise, under a fresh key."""
        self.keys += 1
        wish = {
            "citizen": citizen,
            "service": "id-card",
            "place": "district-hall",
            "name": "张三丰",
            "phone": "138 1234-5678",
            "idempotency_key": f"key-{self.keys}",
        }
        return await self.client.book(start=start, **{**wish, **changes})

    def rule(self, **rules: int) -> None:
        """Change the hall's booking rules, as staff would by an edit."""
        booking = self.catalog.hall.booking.copy(update=rules)
        hall = self.catalog.hall.copy(update={"booking": booking})
        self.catalog = replace(self.catalog, hall=hall)


def at(day: int, hour: int, minute: int = 0) -> datetime:
    """A moment of November 2026."""
    return datetime(2026, 11, day, hour, minute, tzinfo=CHINA)
