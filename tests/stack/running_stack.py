"""The whole running stack, started as a user starts it, on free ports and a clock of its own."""

from __future__ import annotations

import asyncio
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import threading
import time
import uuid
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import TypeVar

from click.testing import CliRunner

from booking.client import BookingClient
from cli.main import main
from cli.settings import ROOT, Settings, load
from service_catalog.catalog import Catalog
from service_catalog.clock import CHINA
from service_catalog.store import LOOK, CatalogStore
from wechat.account import Account
from wechat.simulator import Citizen

MONDAY = "2026-11-23T09:00:00+08:00"
"""A plain week: no holiday within reach of the booking rules."""
START_SECONDS = 600
"""Includes training a model, when none fits."""
STAFF = "李窗口"

Found = TypeVar("Found")


def free_ports(count: int) -> list[int]:
    sockets = [socket.socket() for _ in range(count)]
    for one in sockets:
        one.bind(("127.0.0.1", 0))
    ports = [one.getsockname()[1] for one in sockets]
    for one in sockets:
        one.close()
    return ports


def environment(var: Path, catalog: Path, **extra: str) -> dict[str, str]:
    """The environment of a copy with its own state, content and ports."""
    bot, actions, web, simulator = free_ports(4)
    kept = {k: v for k, v in os.environ.items() if not k.startswith("BANSHI_")}
    return {
        **kept,
        "BANSHI_VAR": str(var),
        "BANSHI_CATALOG": str(catalog),
        "BANSHI_BOT_PORT": str(bot),
        "BANSHI_ACTIONS_PORT": str(actions),
        "BANSHI_WEB_PORT": str(web),
        "BANSHI_SIMULATOR_PORT": str(simulator),
        "BANSHI_CLOCK": MONDAY,
        **extra,
    }


@dataclass
class Up:
    """One `banshi up`, with what it prints."""

    process: subprocess.Popen[str]
    lines: list[str] = field(default_factory=list)
    reader: threading.Thread = field(default_factory=threading.Thread)
    news: threading.Condition = field(default_factory=threading.Condition)

    @classmethod
    def start(cls, env: dict[str, str]) -> Up:
        command = [sys.executable, "-m", "cli.main", "up"]
        process = subprocess.Popen(  # noqa: S603 - our own command
            command,
            cwd=ROOT,
            env=env,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            start_new_session=True,
        )
        up = cls(process)
        up.reader = threading.Thread(target=up._read, daemon=True)
        up.reader.start()
        return up

    def _read(self) -> None:
        assert self.process.stdout is not None
        for line in self.process.stdout:
            with self.news:
                self.lines.append(line.rstrip())
                self.news.notify_all()
        with self.news:
            self.news.notify_all()

    @property
    def output(self) -> str:
        return "\n".join(self.lines)

    def wait_for(self, pattern: str, seconds: float) -> re.Match[str]:
        """Wait until the output has `pattern`; fails with the output when it never does."""
        found: list[re.Match[str] | None] = [None]

        def seen() -> bool:
            found[0] = re.search(pattern, self.output)
            return found[0] is not None or self.process.poll() is not None

        with self.news:
            self.news.wait_for(seen, timeout=seconds)
        match = re.search(pattern, self.output)
        assert match, f"never printed {pattern!r}:\n{self.output}"
        return match

    def pid(self, program: str) -> int:
        return int(self.wait_for(rf"{program} is ready \(.*process (\d+)\)", 1)[1])

    def stop(self) -> int:
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGINT)
        return self.ended(30)

    def ended(self, seconds: float) -> int:
        """Wait for its end and for the last of its output; returns the exit code."""
        code = self.process.wait(timeout=seconds)
        self.reader.join(timeout=seconds)
        if self.process.stdout:
            self.process.stdout.close()
        return code


@dataclass
class Stack:
    """A running copy: where it is, and what it knows."""

    up: Up
    settings: Settings
    content: Path
    store: CatalogStore

    @property
    def webhook(self) -> str:
        return f"{self.settings.url('BANSHI_BOT_PORT')}/webhooks/wechat/webhook"

    @property
    def account(self) -> Account:
        return Account.from_env(self.settings.values)

    @property
    def catalog(self) -> Catalog:
        return self.store.current()

    async def edit(self, file: Path, text: str | None) -> None:
        """Write one of its files (None takes it away), so that the next question sees it."""
        if text is None:
            await asyncio.to_thread(file.unlink)
        else:
            await asyncio.to_thread(file.write_text, text, encoding="utf-8")
        await asyncio.sleep(LOOK)  # a server's last look at the files is good for so long

    def booking(self) -> BookingClient:
        """A client of its backend, for what the chat doesn't show."""
        return BookingClient(
            self.settings["BANSHI_BOOKING_URL"], self.settings["BANSHI_BOOKING_KEY"]
        )

    async def banshi(self, *arguments: str) -> str:
        """Run a command of the staff against it; gives what is printed."""
        runner = CliRunner(env=dict(self.settings.values))
        command = [*arguments, "--staff", STAFF]
        result = await asyncio.to_thread(runner.invoke, main, command)
        assert result.exit_code == 0, result.output
        return result.output


@contextmanager
def running(folder: Path, **extra: str) -> Iterator[Stack]:
    """A copy of its own in `folder`, with these settings on top."""
    content = folder / "content"
    shutil.copytree(ROOT / "service_catalog" / "content", content)
    env = environment(folder / "var", content, **extra)
    up = Up.start(env)
    try:
        up.wait_for("banshi is up", START_SECONDS)
        yield Stack(up, load(env), content, CatalogStore(content))
    finally:
        up.stop()


async def talk(citizen: Citizen, *texts: str) -> str:
    """Say several things, one after the other; gives the reply to the last."""
    text = ""
    for said in texts:
        reply = await citizen.say(said)
        assert reply is not None, f"{said!r} was not answered"
        text = reply.text
    return text


async def until(look: Callable[[], Awaitable[Found]], seconds: float = 30) -> Found:
    """Look again and again until there is something; fails when there never is."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if found := await look():
            return found
        await asyncio.sleep(0.05)
    raise AssertionError(f"nothing came within {seconds:g} s")


async def fill(stack: Stack, service_id: str, start: datetime, but: int = 0) -> None:
    """Take every place of one slot that is for everybody, but so many."""
    service = stack.catalog.service(service_id)
    assert service.booking
    async with stack.booking() as backend:
        for _ in range(service.booking.capacity - service.booking.reserved - but):
            await backend.book(
                citizen=f"o{uuid.uuid4().hex}",
                service=service.id,
                place=service.booking.places[0],
                start=start,
                name="赵六",
                phone="13600136000",
                idempotency_key=uuid.uuid4().hex,
            )


def at(month: int, day: int, hour: int, minute: int = 0) -> datetime:
    """A moment of 2026 in China."""
    return datetime(2026, month, day, hour, minute, tzinfo=CHINA)
