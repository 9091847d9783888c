"""A running backend in which a test sets the time and edits the catalogue."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from typing import Any

import pytest
from databases import rows

from booking.client import BookingClient
from booking.errors import Refused
from booking.settings import Settings
from booking.staff_client import BookingStaffClient
from booking.testing import KEY, sample_catalog, serving
from booking.values import Appointment, Half
from service_catalog.catalog import Catalog
from service_catalog.clock import CHINA
from service_catalog.model import NoShowRules, PriorityGroup, Window, WindowChannel

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
    staff: BookingStaffClient = field(init=False)
    keys: int = 0

    @asynccontextmanager
    async def running(self) -> AsyncIterator[World]:
        """Run the backend, with a client for citizens and one for 王窗口."""
        async with serving(self.settings, lambda: self.catalog, lambda: self.now) as url:
            self.url = url
            async with (
                BookingClient(url, KEY, timeout_seconds=10) as self.client,
                BookingStaffClient(url, KEY, "王窗口") as self.staff,
            ):
                yield self

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


def windows(world: World, *numbers: str, hours: Mapping[str, object] | None = None) -> None:
    """Give the hall these windows, all of which take the ID card; the last may have own hours."""
    place = world.catalog.places["district-hall"]
    rows = [{"number": one, "name": "窗口", "floor": 1, "zone": "A区"} for one in numbers]
    if hours is not None:
        rows[-1]["hours"] = hours
    hall = place.copy(update={"windows": tuple(Window.parse_obj(row) for row in rows)})
    service = world.catalog.services["id-card"]
    here = WindowChannel.parse_obj({"place": "district-hall", "windows": numbers})
    channels = [here if one.place == place.id else one for one in service.channels.window]
    taken = service.channels.copy(update={"window": tuple(channels)})
    world.catalog = replace(
        world.catalog,
        places={**world.catalog.places, place.id: hall},
        services={
            **world.catalog.services,
            service.id: service.copy(update={"channels": taken}),
        },
    )


def booking_of(world: World, service: str, **changes: object) -> None:
    """Change a service's booking entry, as staff would by an edit."""
    kept = world.catalog.services[service]
    booking = kept.booking.copy(update=changes) if kept.booking else None
    changed = {**world.catalog.services, service: kept.copy(update={"booking": booking})}
    world.catalog = replace(world.catalog, services=changed)


ELDERLY = PriorityGroup.parse_obj(
    {"id": "elderly", "name": "60周岁以上老年人", "proof": "身份证", "offers": ["优先"]}
)
NO_SHOW = NoShowRules.parse_obj({"grace_minutes": 30, "suspend_days": 10})
"""Two no-shows within 30 days are warned of, the third suspends for 10."""


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
