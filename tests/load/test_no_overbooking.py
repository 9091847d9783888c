"""Many citizens want the last places of a slot at the same moment, by booking or by moving."""

from __future__ import annotations

import asyncio
import sqlite3
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager, closing
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from booking.client import BookingClient
from booking.errors import RefusalCode, Refused
from booking.testing import (
    DATA_KEY,
    KEY,
    BackendProcess,
    backend_process,
    sample_catalog,
    write_catalog,
)
from booking.values import Appointment
from service_catalog.clock import CHINA

CLIENTS = 64
MOVERS = 16
PLACES = 3
START = datetime(2026, 11, 24, 9, tzinfo=CHINA)


@pytest.fixture
def environment(tmp_path: Path) -> dict[str, str]:
    """Of any number of backends on one database, on Monday 23 November 2026 at ten."""
    write_catalog(sample_catalog(), tmp_path / "catalog")
    return {
        "BANSHI_BOOKING_KEY": KEY,
        "BANSHI_DATA_KEY": DATA_KEY,
        "BANSHI_CATALOG": str(tmp_path / "catalog"),
        "BANSHI_VAR": str(tmp_path),
        "BANSHI_WEB_PORT": "0",
        "BANSHI_CLOCK": "2026-11-23T10:00:00",
    }


@asynccontextmanager
async def crowd(
    environment: dict[str, str], processes: int, clients: int
) -> AsyncIterator[tuple[list[BackendProcess], list[BookingClient]]]:
    """Clients that share some backends."""
    async with AsyncExitStack() as stack:
        backends = [
            await stack.enter_async_context(backend_process(environment)) for _ in range(processes)
        ]
        yield (
            backends,
            [
                await stack.enter_async_context(BookingClient(backend.url, KEY, timeout_seconds=30))
                for backend in backends
                for _ in range(clients // processes)
            ],
        )


@pytest.mark.load
@pytest.mark.parametrize("processes", [1, 2])
async def test_three_places_go_to_three_of_sixty_four(
    tmp_path: Path, environment: dict[str, str], processes: int
) -> None:
    """With two backends on one database too: the database decides, not one process's memory."""
    async with crowd(environment, processes, CLIENTS) as (backends, clients):
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


@pytest.mark.load
@pytest.mark.parametrize("processes", [1, 2])
async def test_sixteen_move_into_three_places(
    tmp_path: Path, environment: dict[str, str], processes: int
) -> None:
    """Those who don't get in keep their old place; those who do have left theirs."""
    async with crowd(environment, processes, MOVERS) as (_, clients):
        booked = [
            await _book(client, number, START + timedelta(days=1, minutes=30 * (number // PLACES)))
            for number, client in enumerate(clients)
        ]
        results = await asyncio.gather(
            *(
                client.move(
                    f"citizen-{number}",
                    booked[number].code,
                    START,
                    idempotency_key=f"move-{number}",
                )
                for number, client in enumerate(clients)
            ),
            return_exceptions=True,
        )

    assert Counter(_outcome(result) for result in results) == {
        "booked": PLACES,
        RefusalCode.SLOT_FULL.value: MOVERS - PLACES,
    }
    with closing(sqlite3.connect(tmp_path / "booking.db")) as database:
        counted = dict(
            database.execute("SELECT starts_at, booked FROM slots WHERE booked > 0").fetchall()
        )
        kept = database.execute("SELECT starts_at, count(*) FROM appointments GROUP BY starts_at")
        assert counted == dict(kept.fetchall())
    assert sum(counted.values()) == MOVERS and max(counted.values()) == PLACES


async def _book(client: BookingClient, number: int, start: datetime = START) -> Appointment:
    return await client.book(
        citizen=f"citizen-{number}",
        service="id-card",
        place="district-hall",
        start=start,
        name="张三丰",
        phone=f"138{number:08}",
        idempotency_key=f"key-{number}",
    )


def _outcome(result: object) -> str:
    if isinstance(result, Appointment):
        return "booked"
    return result.code.value if isinstance(result, Refused) else repr(result)
