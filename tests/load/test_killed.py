"""The backend is killed in the middle of a storm of bookings, and started again, many times over.

What was confirmed to a citizen must be there afterwards, under the same code; no place may be sold
twice; and who got no answer learns by asking again under the same key what became of the wish.
"""

from __future__ import annotations

import asyncio
import json
import os
import random
import signal
import sys
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import datetime, timedelta
from typing import Any

import pytest
from databases import rows

from booking.client import BookingClient
from booking.errors import BackendUnavailable, RefusalCode, Refused
from booking.testing import KEY
from booking.values import Appointment
from service_catalog.clock import CHINA

KILLS = 20
CITIZENS = 24
PLACES = 3
DAYS = [datetime(2026, 11, day, 9, tzinfo=CHINA) for day in (24, 25, 26, 27, 30)]
STARTS = [
    day + timedelta(minutes=minutes)
    for day in DAYS
    for minutes in (0, 30, 60, 90, 120, 150, 270, 300, 330, 360, 390, 420)
]
Result = Appointment | RefusalCode | None

_NURSERY = """
import os, sys
import cli.backend
from desk import masking
masking.warm()
for line in sys.stdin:
    child = os.fork()
    if child == 0:
        sys.exit(cli.backend.main())
    print(child, flush=True)
"""
"""Starts backends without the seconds that every new Python needs to load its modules."""


class Nursery:
    """Backends, each a process of its own, started one after the other and killed."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        self._process = process
        self._started: asyncio.Queue[str] = asyncio.Queue()
        self._child = 0
        self.statuses: Counter[int] = Counter()

    async def read_logs(self) -> None:
        async for line in _pipe(self._process.stderr):
            entry: dict[str, Any] = json.loads(line)
            if entry["event"] == "booking.started":
                self._started.put_nowait(f"http://{entry['host']}:{entry['port']}")
            if "status" in entry:
                self.statuses[entry["status"]] += 1

    async def start(self) -> str:
        """Start a backend; gives its address."""
        assert self._process.stdin is not None
        self._process.stdin.write(b"\n")
        self._child = int(await _pipe(self._process.stdout).readline())
        return await asyncio.wait_for(self._started.get(), 60)

    def kill(self) -> None:
        """End the running backend at once; nothing of it is left but what is in the database."""
        if self._child:
            os.kill(self._child, signal.SIGKILL)
            self._child = 0


def _pipe(stream: asyncio.StreamReader | None) -> asyncio.StreamReader:
    assert stream is not None
    return stream


@asynccontextmanager
async def nursery(environment: dict[str, str]) -> AsyncIterator[Nursery]:
    outside = {name: text for name, text in os.environ.items() if not name.startswith("BANSHI_")}
    pipes = {"stdin": -1, "stdout": -1, "stderr": -1}
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-c", _NURSERY, env={**outside, **environment}, **pipes
    )
    backends = Nursery(process)
    reading = asyncio.create_task(backends.read_logs())
    try:
        yield backends
    finally:
        backends.kill()
        process.kill()
        await process.wait()
        await asyncio.wait_for(reading, 30)


class Storm:
    """One round: many citizens, few places, and a backend that dies after some confirmations."""

    def __init__(self, number: int, deadly: int, backends: Nursery) -> None:
        self._number = number
        self._deadly = deadly
        self._backends = backends
        self._seen = 0
        self.starts = STARTS[3 * number : 3 * number + 3]

    async def rage(self, url: str) -> list[Result]:
        """Everybody books at once; the backend is killed when enough have been confirmed."""
        return await self._all(url)

    async def ask_again(self, url: str) -> list[Result]:
        """Everybody sends the same request under the same key once more."""
        self._deadly = 0
        return await self._all(url)

    async def _all(self, url: str) -> list[Result]:
        async with BookingClient(url, KEY, timeout_seconds=30) as client:
            return await asyncio.gather(*(self._book(client, one) for one in range(CITIZENS)))

    async def _book(self, client: BookingClient, citizen: int) -> Result:
        who = f"citizen-{self._number}-{citizen}"
        try:
            booked = await client.book(
                citizen=who,
                service="id-card",
                place="district-hall",
                start=self.starts[citizen % len(self.starts)],
                name="张三丰",
                phone="13812345678",
                idempotency_key=who,
            )
        except Refused as refused:
            return refused.code
        except BackendUnavailable:
            return None
        self._seen += 1
        if self._seen == self._deadly:
            self._backends.kill()
        return booked


@pytest.mark.load
async def test_no_confirmed_booking_is_lost_and_no_place_sold_twice(
    environment: dict[str, str], empty_database: str
) -> None:
    chance = random.Random(20261123)
    codes: set[str] = set()
    unanswered = 0
    async with nursery(environment) as backends:
        url = await backends.start()
        for number in range(KILLS):
            storm = Storm(number, chance.randint(1, 2 * PLACES), backends)
            first = await storm.rage(url)
            url = await backends.start()
            second = await storm.ask_again(url)

            unanswered += first.count(None)
            for before, after in zip(first, second, strict=True):
                assert before is None or after == before
            booked = [one for one in second if isinstance(one, Appointment)]
            assert Counter(one.start for one in booked) == dict.fromkeys(storm.starts, PLACES)
            assert second.count(RefusalCode.SLOT_FULL) == CITIZENS - len(booked)
            codes |= {one.code for one in booked}

    assert unanswered > KILLS  # it did die in the middle
    assert set(backends.statuses) == {201, 409}
    assert len(codes) == KILLS * 3 * PLACES
    assert {
        code for (code,) in await rows(empty_database, "SELECT code FROM appointments")
    } == codes
    counters = await rows(empty_database, "SELECT booked, capacity FROM slots")
    assert counters == [(PLACES, PLACES)] * (3 * KILLS)
