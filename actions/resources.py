"""The action server's sources of facts: the live catalogue, and the backend's two clients.

One of each a process, made at the first use inside the running event loop. Actions ask here and
nowhere else.
"""

from __future__ import annotations

import asyncio
from functools import lru_cache

from actions.settings import Settings
from booking.client import BookingClient
from desk import masking
from desk.client import DeskClient
from service_catalog.catalog import Catalog
from service_catalog.store import LOOK, CatalogStore

BACKEND_SECONDS = 1.5
"""Time-out of one call: two tries in a row still leave time within WeChat's five seconds."""


@lru_cache(maxsize=1)
def _settings() -> Settings:
    return Settings.from_env()


@lru_cache(maxsize=1)
def _store() -> CatalogStore:
    return CatalogStore(_settings().catalog, rest=LOOK)


@lru_cache(maxsize=1)
def booking_client() -> BookingClient:
    """The client of the booking backend, with its one HTTP session."""
    return BookingClient(
        _settings().booking_url, _settings().booking_key, timeout_seconds=BACKEND_SECONDS
    )


@lru_cache(maxsize=1)
def desk_client() -> DeskClient:
    """The client of the staffed desk, with its one HTTP session."""
    return DeskClient(
        _settings().booking_url, _settings().booking_key, timeout_seconds=BACKEND_SECONDS
    )


async def warm() -> None:
    """Make what the first message would wait for: the search, the topics, the masking's words."""
    found = await catalog()

    def make() -> None:
        found.index.search("身份证")
        found.topics.find("身份证")
        masking.warm()

    await asyncio.to_thread(make)


async def catalog() -> Catalog:
    """The newest good snapshot; hold on to it for the whole of one action."""
    return await _store().fresh()
