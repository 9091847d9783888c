from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import pytest
from desk_world import World
from letter_box import Channel, channel_running

from booking.testing import sample_settings
from desk import masking
from desk.settings import DeskSettings


@pytest.fixture(scope="session", autouse=True)
def _jieba_is_loaded() -> None:
    """Have jieba read its dictionary, or the first example of a property takes too long."""
    masking.warm()


@pytest.fixture
async def channel() -> AsyncIterator[Channel]:
    """The chat's side of the letters."""
    async with channel_running() as channel:
        yield channel


@pytest.fixture
async def world(tmp_path: Path, database: str, channel: Channel) -> AsyncIterator[World]:
    """A running backend with the desk and its clients."""
    world = World(
        replace(sample_settings(tmp_path, database), bot_url=channel.url),
        DeskSettings(tmp_path / "progress.csv"),
    )
    async with world.running():
        yield world
