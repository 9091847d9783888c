from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import pytest
from booking_world import World
from letter_box import Channel, channel_running

from booking.testing import sample_settings


@pytest.fixture
async def world(tmp_path: Path, database: str) -> AsyncIterator[World]:
    """A running backend with its clients; it sends no messages."""
    world = World(sample_settings(tmp_path, database))
    async with world.running():
        yield world


@pytest.fixture
async def channel() -> AsyncIterator[Channel]:
    """The chat's side of the messages."""
    async with channel_running() as channel:
        yield channel


@pytest.fixture
async def writing(tmp_path: Path, database: str, channel: Channel) -> AsyncIterator[World]:
    """A running backend that sends its messages to `channel`."""
    settings = sample_settings(tmp_path, database)
    world = World(replace(settings, bot_url=channel.url))
    async with world.running():
        yield world
