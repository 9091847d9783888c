"""Many citizens want the last places of a slot at the same moment, by booking or by moving."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from datetime import datetime, timedelta

import pytest
from databases import kind_of, rows

from booking.client import BookingClient
from booking.errors import RefusalCode, Refused
from booking.testing import KEY, BackendProcess, backend_process
from booking.values import Appointment
from service_catalog.clock import CHINA

CLIENTS = {"sqlite": 64, "postgresql": 200}
MOVERS = 16
PLACES = 3
START = datetime(2026, 11, 24, 9, tzinfo=CHINA)


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
async def test_three_places_go_to_three_of_many(
    environment: dict[str, str], empty_database: str, processes: int
) -> None:
    """With two backends on one database too: the database decides, not one process's memory."""
    many = CLIENTS[kind_of(empty_database)]
    async with crowd(environment, processes, many) as (backends, clients):
        results = await asyncio.gather(
            *(_book(client, number) for number, client in enumerate(clients)),
            return_exceptions=True,
        )

    assert Counter(_outcome(result) for result in results) == {
        "booked": PLACES,
        RefusalCode.SLOT_FULL.value: many - PLACES,
    }
    offers = {result.nearest for result in results if isinstance(result, Refused)}
    assert all(slot.start != START for slots in offers for slot in slots)
    logs = [entry for backend in backends for entry in backend.logs]
    statuses = Counter(entry["status"] for entry in logs if "status" in entry)
    assert statuses == {201: PLACES, 409: many - PLACES}
    assert await rows(empty_database, "SELECT booked, capacity FROM slots") == [(3, 3)]
    assert await kept(empty_database) == {one.code for one in results if not _refused(one)}
    assert await deadlocks(empty_database) == 0


@pytest.mark.load
@pytest.mark.parametrize("processes", [1, 2])
async def test_sixteen_move_into_three_places(
    environment: dict[str, str], empty_database: str, processes: int
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
    counted = dict(
        await rows(empty_database, "SELECT starts_at, booked FROM slots WHERE booked > 0")
    )
    query = "SELECT starts_at, count(*) FROM appointments GROUP BY starts_at"
    assert counted == dict(await rows(empty_database, query))
    assert await deadlocks(empty_database) == 0
    assert sum(counted.values()) == MOVERS and max(counted.values()) == PLACES


@pytest.mark.load
async def test_everybody_goes_from_slot_to_slot_until_one_has_a_place(
    environment: dict[str, str], empty_database: str
) -> None:
    starts = [START + timedelta(minutes=30 * number) for number in range(3)]

    async def wander(client: BookingClient, number: int) -> Appointment | None:
        for step in range(len(starts)):
            start = starts[(number + step) % len(starts)]
            try:
                return await _book(client, number, start, f"{number}-{step}")
            except Refused as refused:
                assert refused.code is RefusalCode.SLOT_FULL
        return None

    many = CLIENTS[kind_of(empty_database)]
    async with crowd(environment, 2, many) as (backends, clients):
        results = await asyncio.gather(
            *(wander(client, number) for number, client in enumerate(clients))
        )
    booked = [one for one in results if one is not None]
    assert Counter(one.start for one in booked) == dict.fromkeys(starts, PLACES)
    assert await kept(empty_database) == {one.code for one in booked}
    assert await rows(empty_database, "SELECT booked, capacity FROM slots") == [(3, 3)] * 3
    assert await deadlocks(empty_database) == 0
    statuses = {entry.get("status") for backend in backends for entry in backend.logs}
    assert statuses <= {None, 201, 409}


async def kept(url: str) -> set[str]:
    """The codes of all appointments in the database."""
    return {code for (code,) in await rows(url, "SELECT code FROM appointments")}


async def deadlocks(url: str) -> int:
    """How many deadlocks PostgreSQL had to break in this database."""
    if kind_of(url) == "sqlite":
        return 0
    query = "SELECT deadlocks FROM pg_stat_database WHERE datname = current_database()"
    ((count,),) = await rows(url, query)
    return int(count)


async def _book(
    client: BookingClient, number: int, start: datetime = START, key: str | None = None
) -> Appointment:
    return await client.book(
        citizen=f"citizen-{number}",
        service="id-card",
        place="district-hall",
        start=start,
        name="张三丰",
        phone=f"138{number:08}",
        idempotency_key=key or f"key-{number}",
    )


def _outcome(result: object) -> str:
    if isinstance(result, Appointment):
        return "booked"
    return result.code.value if isinstance(result, Refused) else repr(result)


def _refused(result: object) -> bool:
    return isinstance(result, Refused)
