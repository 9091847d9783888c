"""A staff member at the command line, before a running backend."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest
from booking_world import World
from click.testing import CliRunner

from booking.testing import DATA_KEY, KEY, write_catalog
from cli.main import main
from service_catalog import clock

SECRETS = ("张三丰", "13812345678")
"""Who has booked; lists and figures never tell."""


class Staff:
    """A staff member at the command line, whose clock is the backend's."""

    def __init__(self, world: World, directory: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        self.url, self.directory = world.url, directory
        monkeypatch.setattr(clock, "now", lambda: world.now)
        write_catalog(world.catalog, directory / "catalog")

    async def run(self, *arguments: str, name: str = "李窗口", code: int = 0) -> str:
        """What a command prints; it has to end with `code`."""
        settings = {
            "BANSHI_VAR": str(self.directory / "var"),
            "BANSHI_CATALOG": str(self.directory / "catalog"),
            "BANSHI_BOOKING_URL": self.url,
            "BANSHI_BOOKING_KEY": KEY,
            "BANSHI_DATA_KEY": DATA_KEY,
        }
        words = ["booking", *arguments, "--staff", name]
        result = await asyncio.to_thread(CliRunner(env=settings).invoke, main, words)
        assert result.exit_code == code, result.output
        if result.exception is not None and not isinstance(result.exception, SystemExit):
            raise result.exception
        return result.output
