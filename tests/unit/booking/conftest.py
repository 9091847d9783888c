from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from booking_world import World

from booking.client import BookingClient
from booking.testing import KEY, sample_settings, serving


@pytest.fixture
async def world(tmp_path: Path, database: str) -> AsyncIterator[World]:
    """A running backend with its client."""
    world = World(sample_settings(tmp_path, database))
    async with serving(world.settings, lambda: world.catalog, lambda: world.now) as url:
        world.url = url
        async with BookingClient(url, KEY, timeout_seconds=10) as client:
            world.client = client
            yield world
