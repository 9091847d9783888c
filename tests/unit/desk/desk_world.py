"""A running desk in which a test sets the time, edits the catalogue and plays the channel."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from booking.settings import Settings
from booking.testing import KEY, sample_catalog, serving
from desk.client import DeskClient
from desk.room import Room
from desk.settings import DeskSettings
from desk.staff_client import StaffClient
from desk.values import Case, CaseKind
from desk.web import make_blueprint
from service_catalog.catalog import Catalog
from service_catalog.clock import CHINA
from service_catalog.model import DeskRules

MONDAY = datetime(2026, 11, 23, 10, 0, tzinfo=CHINA)
RULES = {
    "window": "1",
    "message_workdays": 1,
    "case_workdays": 5,
    "keep_days": 30,
    "kept_by_law": ["投诉材料按《信访工作条例》保存"],
}


def catalog_with(rules: dict[str, Any] | None = RULES) -> Catalog:
    """The small hall, with these rules for the desk."""
    catalog = sample_catalog()
    desk = None if rules is None else DeskRules.parse_obj(rules)
    return replace(catalog, hall=catalog.hall.copy(update={"desk": desk}))


@dataclass
class World:
    """What a test may change while the desk runs: the catalogue and the time."""

    settings: Settings
    desk: DeskSettings
    catalog: Catalog = field(default_factory=catalog_with)
    now: datetime = MONDAY
    url: str = ""
    keys: int = 0
    room: Room = field(init=False)
    client: DeskClient = field(init=False)
    staff: StaffClient = field(init=False)

    def key(self) -> str:
        """A fresh idempotency key."""
        self.keys += 1
        return f"key-{self.keys}"

    async def open(
        self,
        text: str = "窗口排队太久",
        kind: CaseKind = CaseKind.MESSAGE,
        citizen: str = "citizen-1",
        **more: Any,
    ) -> Case:
        """Leave something under a fresh key."""
        return await self.client.open_case(
            citizen, kind, text, **{"idempotency_key": self.key(), **more}
        )

    async def say(self, number: str, text: str, citizen: str = "citizen-1") -> Case:
        """Add to a case under a fresh key."""
        return await self.client.add_message(citizen, number, text, idempotency_key=self.key())

    @asynccontextmanager
    async def running(self) -> AsyncIterator[World]:
        """Run the backend with the desk, and the two clients."""

        async def current() -> Catalog:
            return self.catalog

        self.room = Room(self.settings, self.desk, current, lambda: self.now)
        blueprint = make_blueprint(self.room)
        async with serving(
            self.settings, lambda: self.catalog, lambda: self.now, [blueprint]
        ) as url:
            self.url = url
            self.client = DeskClient(url, KEY, timeout_seconds=10)
            self.staff = StaffClient(url, KEY, "王窗口")
            async with self.client, self.staff:
                yield self
