"""A running backend in which a test sets the time and edits the catalogue."""

from __future__ import annotations

from collections.abc import Awaitable
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from typing import Any

import pytest
from databases import rows

from booking.client import BookingClient
from booking.errors import Refused
from booking.settings import Settings
from booking.testing import sample_catalog
from booking.values import Appointment, Half
from service_catalog.catalog import Catalog
from service_catalog.clock import CHINA

MONDAY = datetime(2026, 11, 23, 10, 0, tzinfo=CHINA)
"""An ordinary Monday: with 1 to 5 workdays ahead, Tuesday 24 to Monday 30 can be booked."""


ADDRESS = "清禾区龙潭镇上岭村3组12号"


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
        self, start: datetime, citizen: str = "citizen-1", **changes: Any
    ) -> Appointment:
        """Book the ID card at the hall, unless `changes` say otherwise, under a fresh key."""
        wish = {
            "citizen": citizen,
            "service": "id-card",
            "place": "district-hall",
            "name": "张三丰",
            "phone": "138 1234-5678",
            "idempotency_key": self.key(),
        }
        return await self.client.book(start=start, **{**wish, **changes})

    async def visit(self, day: date, citizen: str = "citizen-1", **changes: Any) -> Appointment:
        """Book a home visit of the old for the ID card, unless `changes` say otherwise."""
        wish = {
            "citizen": citizen,
            "rule": "elderly",
            "service": "id-card",
            "half": Half.MORNING,
            "age": 70,
            "address": ADDRESS,
            "name": "张三丰",
            "phone": "138 1234-5678",
            "idempotency_key": self.key(),
        }
        return await self.client.book_home_visit(day=day, **{**wish, **changes})

    async def move(
        self, booked: Appointment, start: datetime, citizen: str = "citizen-1", **changes: str
    ) -> Appointment:
        """Move an appointment, under a fresh key."""
        key = {"idempotency_key": self.key()}
        return await self.client.move(citizen, booked.code, start, **{**key, **changes})

    async def cancel(self, code: str, citizen: str = "citizen-1") -> Appointment:
        """Cancel an appointment, under a fresh key."""
        return await self.client.cancel(citizen, code, idempotency_key=self.key())

    async def hold(
        self, start: datetime, citizen: str = "citizen-1", **changes: Any
    ) -> Appointment:
        """Hold a place for the ID card at the hall, unless `changes` say otherwise."""
        wish = {
            "citizen": citizen,
            "service": "id-card",
            "place": "district-hall",
            "idempotency_key": self.key(),
        }
        return await self.client.hold(start=start, **{**wish, **changes})

    async def confirm(
        self, held: Appointment, citizen: str = "citizen-1", **changes: Any
    ) -> Appointment:
        """Confirm a hold, under a fresh key."""
        wish = {"name": "张三丰", "phone": "138 1234-5678", "idempotency_key": self.key()}
        return await self.client.confirm(citizen, held.code, **{**wish, **changes})

    def key(self) -> str:
        """A fresh idempotency key."""
        self.keys += 1
        return f"key-{self.keys}"

    async def rows(self, query: str) -> list[tuple[Any, ...]]:
        """What a query finds in the database."""
        return await rows(self.settings.database, query)

    def rule(self, **rules: object) -> None:
        """Change the hall's booking rules, as staff would by an edit."""
        booking = self.catalog.hall.booking.copy(update=rules)
        hall = self.catalog.hall.copy(update={"booking": booking})
        self.catalog = replace(self.catalog, hall=hall)


async def refusal(call: Awaitable[object]) -> Refused:
    """The refusal that the call ends in."""
    with pytest.raises(Refused) as caught:
        await call
    assert "{" not in caught.value.sentence
    return caught.value


def nov(day: int) -> date:
    """A day of November 2026."""
    return date(2026, 11, day)


def at(day: int, hour: int, minute: int = 0) -> datetime:
    """A moment of November 2026."""
    return datetime(2026, 11, day, hour, minute, tzinfo=CHINA)
