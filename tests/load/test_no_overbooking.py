"""Many citizens want the last places of a slot at the same moment."""

from __future__ import annotations

import asyncio
import sqlite3
from collections import Counter
from contextlib import AsyncExitStack, closing
from datetime import datetime
from pathlib import Path

import pytest

from booking.client import BookingClient
from booking.errors import RefusalCode, Refused
from booking.testing import DATA_KEY, KEY, backend_process, sample_catalog, write_catalog
from booking.values import Appointment
from service_catalog.clock import CHINA

CLIENTS = 64
PLACES = 3
START = datetime(2026, 11, 24, 9, tzinfo=CHINA)


@pytest.mark.load
@pytest.mark.parametrize("processes", [1, 2])
async def test_three_places_go_to_three_of_sixty_four(tmp_path: Path, processes: int) -> None:
    """With two backends on one database too: the database decides, not one process's memory."""
    write_catalog(sample_catalog(), tmp_path / "catalog")
    environment = {
        "BANSHI_BOOKING_KEY": KEY,
        "BANSHI_DATA_KEY": DATA_KEY,
        "BANSHI_CATALOG": str(tmp_path / "catalog"),
        "BANSHI_VAR": str(tmp_path),
        "BANSHI_WEB_PORT": "0",
        "BANSHI_CLOCK": "2026-11-23T10:00:00",
    }
    async with AsyncExitStack() as stack:
        backends = [
            await stack.enter_async_context(backend_process(environment)) for _ in range(processes)
        ]
        clients = [
            await stack.enter_async_context(BookingClient(backend.url, KEY, timeout_seconds=30))
            for backend in backends
            for _ in range(CLIENTS // processes)
        ]
        results = await asyncio.gather(
            *(_book(client, number) for number, client in enumerate(clients)),
            return_exceptions=True,
        )

    assert Counter(_outcome(result) for result in results) == {
        "booked": PLACES,
        RefusalCode.SLOT_FULL.value: CLIENTS - PLACES,
    }
    offers = {result.nearest for result in results if isinstance(result, Refused)}
    assert all(slot.start != START for slots in offers for slot in slots)
    logs = [entry for backend in backends for entry in backend.logs]
    statuses = Counter(entry["status"] for entry in logs if "status" in entry)
    assert statuses == {201: PLACES, 409: CLIENTS - PLACES}
    with closing(sqlite3.connect(tmp_path / "booking.db")) as database:
        assert database.execute("SELECT booked, capacity FROM slots").fetchall() == [(3, 3)]
        assert database.execute("SELECT count(*) FROM appointments").fetchone() == (3,)


async def _book(client: BookingClient, number: int) -> Appointment:
    return await client.book(
        citizen=f"citizen-{number}",
        service="id-card",
        place="district-hall",
        start=START,
        name="张三丰",
        phone=f"138{number:08}",
        idempotency_key=f"key-{number}",
    )


def _outcome(result: object) -> str:
    if isinstance(result, Appointment):
        return "booked"
    return result.code.value if isinstance(result, Refused) else repr(result)
