"""What the server does with requests that the client would never send."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from typing import Any

import aiohttp
import pytest
from booking_world import World, at, nov
from structlog.testing import capture_logs

from booking.app import MAX_BODY
from booking.client import BookingClient
from booking.errors import RefusalCode, Refused
from booking.testing import KEY

AUTHORIZED = {"Authorization": f"Bearer {KEY}"}
WISH = {
    "citizen": "citizen-1",
    "service": "id-card",
    "place": "district-hall",
    "start": "2026-11-24T09:00:00+08:00",
    "name": "张三",
    "phone": "13812345678",
}


@pytest.fixture
async def session(world: World) -> AsyncIterator[aiohttp.ClientSession]:
    async with aiohttp.ClientSession(world.url) as session:
        yield session


async def problem(response: aiohttp.ClientResponse) -> dict[str, Any]:
    """The problem in the answer, of which its own members are checked here."""
    assert response.content_type == "application/problem+json"
    problem: dict[str, Any] = await response.json(content_type=None)
    assert problem["status"] == response.status
    assert problem["type"].startswith("urn:banshi:booking:") and problem["title"]
    return problem


async def test_health_needs_no_key(session: aiohttp.ClientSession) -> None:
    async with session.get("/health") as response:
        assert (response.status, await response.json()) == (200, {"status": "ok"})


@pytest.mark.parametrize(
    "header", [None, "", "Bearer", "Bearer ", f"Bearer {KEY}x", KEY, f"Basic {KEY}", "Bearer 密钥"]
)
@pytest.mark.parametrize("path", ["/v1/nearest", "/v1/appointments/search", "/nowhere"])
async def test_everything_else_needs_the_key(
    session: aiohttp.ClientSession, header: str | None, path: str
) -> None:
    headers = {} if header is None else {"Authorization": header}
    async with session.get(path, headers=headers) as response:
        assert (await problem(response))["code"] == "BAD_KEY"
        assert response.status == 401
        assert response.headers["WWW-Authenticate"] == "Bearer"


async def test_a_client_with_a_wrong_key_is_refused(world: World) -> None:
    async with BookingClient(world.url, "another key for callers") as client:
        with pytest.raises(Refused) as caught:
            await client.appointments("citizen-1")
    assert caught.value.code is RefusalCode.BAD_KEY


BODIES = {
    "empty": b"",
    "broken": b'{"citizen": ',
    "no object": b"[1, 2]",
    "not UTF-8": b'{"citizen": "\xff"}',
    "too deep": b"[" * 60_000,
    "huge number": b'{"citizen": ' + b"9" * 60_000 + b"}",
    "nothing in it": b"{}",
    **{
        name: json.dumps({**WISH, **fields}).encode()
        for name, fields in {
            "unknown field": {"extra": 1},
            "wrong type": {"citizen": 5},
            "null": {"name": None},
            "list": {"phone": ["13812345678"]},
            "citizen with a blank": {"citizen": "a b"},
            "citizen with a surrogate": {"citizen": "\ud800"},
            "citizen too long": {"citizen": "a" * 129},
            "service too long": {"service": "a" * 65},
            "name too long": {"name": "张" * 201},
            "start without offset": {"start": "2026-11-24T09:00:00"},
            "start as a number": {"start": 1795482000},
            "start nonsense": {"start": "tomorrow"},
            "start at the end of time": {"start": "9999-12-31T23:59:59-12:00"},
            "start at its beginning": {"start": "0001-01-01T00:00:00+14:00"},
        }.items()
    },
}


@pytest.mark.parametrize("body", BODIES.values(), ids=BODIES)
async def test_bad_bodies(session: aiohttp.ClientSession, body: bytes) -> None:
    headers = {**AUTHORIZED, "Idempotency-Key": "key"}
    async with session.post("/v1/appointments", data=body, headers=headers) as response:
        told = await problem(response)
    assert (response.status, told["code"]) == (400, "BAD_REQUEST")
    assert told["note"]


DAY = "2026-11-26"
VISIT = {
    **{name: WISH[name] for name in ("citizen", "service", "name", "phone")},
    "rule": "elderly",
    "day": DAY,
    "half": "morning",
    "age": 70,
    "address": "清禾区龙潭镇上岭村3组12号",
}
PLATE = {"citizen": "citizen-1", "plate": "川A12345", "day": DAY}
START = WISH["start"]


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("appointments/23456789/move", {"citizen": "citizen-1"}),
        ("appointments/23456789/move", {"citizen": "citizen-1", "start": DAY}),
        ("appointments/23456789/move", {"citizen": "a b", "start": START}),
        ("appointments/23456789/move", {"citizen": "citizen-1", "start": START, "code": "x"}),
        ("home-visits", {**VISIT, "half": "noon"}),
        ("home-visits", {**VISIT, "half": None}),
        ("home-visits", {**VISIT, "day": "tomorrow"}),
        ("home-visits", {**VISIT, "day": "0001-01-01"}),
        ("home-visits", {**VISIT, "age": "70"}),
        ("home-visits", {**VISIT, "age": 131}),
        ("home-visits", {**VISIT, "age": True}),
        ("home-visits", {**VISIT, "address": "村" * 201}),
        ("home-visits", {**VISIT, "place": "home"}),
        ("parking", {**PLATE, "plate": 12345}),
        ("parking", {**PLATE, "day": 20261126}),
        ("parking/search", PLATE),
        ("parking/cancel", PLATE),
        ("parking/cancel", {"citizen": "citizen-1"}),
        ("citizens/erase", {"citizen": "citizen-1", "cancel_open": "true"}),
        ("citizens/erase", {"citizen": "citizen-1", "cancel_open": 1}),
        ("citizens/erase", {"cancel_open": True}),
    ],
)
async def test_bad_bodies_elsewhere(
    session: aiohttp.ClientSession, path: str, body: dict[str, object]
) -> None:
    headers = {**AUTHORIZED, "Idempotency-Key": "key"}
    async with session.post(f"/v1/{path}", json=body, headers=headers) as response:
        assert (response.status, (await problem(response))["code"]) == (400, "BAD_REQUEST")


async def test_moves_and_home_visits_need_an_idempotency_key(
    session: aiohttp.ClientSession,
) -> None:
    move = {"citizen": "citizen-1", "start": START}
    for path, body in (("appointments/23456789/move", move), ("home-visits", VISIT)):
        async with session.post(f"/v1/{path}", json=body, headers=AUTHORIZED) as response:
            assert (await problem(response))["code"] == "BAD_REQUEST"


async def test_text_of_any_kind_is_refused_without_an_error(
    session: aiohttp.ClientSession,
) -> None:
    for number, (field, value, code) in enumerate(
        [
            ("service", "\ud800", "UNKNOWN_SERVICE"),
            ("place", "\0", "UNKNOWN_PLACE"),
            ("name", "\ud800\udc00\ud800", "BAD_NAME"),
            ("phone", "\ud800", "BAD_PHONE"),
            ("phone", "１３８１２３４５６７８", "BAD_PHONE"),
        ]
    ):
        headers = {**AUTHORIZED, "Idempotency-Key": f"key-{number}"}
        body = json.dumps({**WISH, field: value})
        async with session.post("/v1/appointments", data=body, headers=headers) as response:
            assert (await problem(response))["code"] == code


@pytest.mark.parametrize("key", [None, "", "a b", "k" * 129, "钥匙"])
async def test_a_booking_needs_an_idempotency_key(
    session: aiohttp.ClientSession, key: str | None
) -> None:
    headers = {**AUTHORIZED, **({} if key is None else {"Idempotency-Key": key})}
    async with session.post("/v1/appointments", json=WISH, headers=headers) as response:
        assert (await problem(response))["code"] == "BAD_REQUEST"


@pytest.mark.parametrize("chunked", [False, True])
async def test_bodies_over_the_limit(session: aiohttp.ClientSession, chunked: bool) -> None:
    async def pieces() -> AsyncIterator[bytes]:
        for _ in range(MAX_BODY // 1024 + 64):
            yield b"x" * 1024

    body = pieces() if chunked else b"x" * (MAX_BODY + 1)
    try:
        async with session.post(
            "/v1/appointments/search", data=body, headers=AUTHORIZED
        ) as response:
            assert ((await problem(response))["code"], response.status) == ("BAD_REQUEST", 413)
    except aiohttp.ClientConnectionError:
        pass  # the server closed while the body was still being sent, as it may


@pytest.mark.parametrize(
    "query",
    [
        "/v1/availability",
        "/v1/availability?service=id-card&from=2026-11-24&until=2026-11-23",
        "/v1/availability?service=id-card&from=2026-11-01&until=2026-12-02",
        "/v1/availability?service=id-card&from=0001-01-01&until=0001-01-02",
        "/v1/availability?service=id-card&from=9999-12-31&until=9999-12-31",
        "/v1/availability?service=id-card&from=today&until=2026-11-23",
        "/v1/availability?service=id-card&service=passport&from=2026-11-24&until=2026-11-24",
        "/v1/availability?service=id-card&from=2026-11-24&until=2026-11-24&x=1",
        "/v1/availability?service=&from=2026-11-24&until=2026-11-24",
        "/v1/nearest?service=id-card&wanted=2026-11-24T09:00:00",
        "/v1/nearest?service=id-card&wanted=2026-11-24T09:00:00%2B08:00&limit=0",
        "/v1/nearest?service=id-card&wanted=2026-11-24T09:00:00%2B08:00&limit=21",
        "/v1/nearest?service=id-card&wanted=2026-11-24T09:00:00%2B08:00&limit=x",
        "/v1/nearest?service=id-card&wanted=%ff",
        "/v1/home-visits/days",
        "/v1/home-visits/days?rule=elderly&rule=bedridden",
        "/v1/parking/day",
        "/v1/parking/day?day=today",
        "/v1/parking/day?day=0001-01-01",
    ],
)
async def test_bad_queries(session: aiohttp.ClientSession, query: str) -> None:
    async with session.get(query, headers=AUTHORIZED) as response:
        assert (await problem(response))["code"] == "BAD_REQUEST"
        assert response.status == 400


async def test_the_longest_span_of_days(world: World) -> None:
    days = await world.client.availability(
        "id-card", at(1, 0).date(), at(30, 0).date().replace(month=12, day=1), "town-centre"
    )
    assert len(days) == 31


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", "/nowhere", 404),
        ("GET", "/v1/appointments", 405),
        ("DELETE", "/v1/nearest", 405),
        ("POST", "/health", 405),
    ],
)
async def test_unknown_paths_and_methods(
    session: aiohttp.ClientSession, method: str, path: str, status: int
) -> None:
    async with session.request(method, path, headers=AUTHORIZED) as response:
        assert (await problem(response))["code"] == "BAD_REQUEST"
        assert response.status == status


async def test_the_server_outlives_clients_that_go_away(world: World) -> None:
    """Clients hang up in the middle of bookings: what was begun is finished or not begun at all."""
    async with BookingClient(world.url, KEY, timeout_seconds=0.01) as hasty:
        calls = [
            hasty.book(
                **{
                    **WISH,
                    "citizen": f"hasty-{number}",
                    "start": at(25, 9),
                    "idempotency_key": f"hasty-{number}",
                }
            )
            for number in range(20)
        ]
        await asyncio.gather(*calls, return_exceptions=True)

    # In one statement: what was begun may still be finished while this looks.
    counted = await world.rows(
        "SELECT (SELECT coalesce(sum(booked), 0) FROM slots),"
        " (SELECT count(*) FROM appointments WHERE status = 'booked')"
    )
    assert len(set(counted[0])) == 1
    await world.book(at(24, 9))


async def test_the_log_names_routes_and_refusals_but_no_personal_data(world: World) -> None:
    with capture_logs() as logs:
        booked = await world.book(at(24, 9))
        with pytest.raises(Refused):
            await world.book(at(24, 9))
        await world.client.appointments("citizen-1")
        moved = await world.move(booked, at(25, 9))
        await world.cancel(moved.code)
        await world.visit(nov(26))
        await world.client.register_plate("citizen-1", "川A67890", nov(24))
        await world.client.plates_on(nov(24))
        await world.client.erase("citizen-1", cancel_open=True)

    requests = [entry for entry in logs if entry["event"] == "booking.request"]
    assert [(entry["route"], entry["status"], entry["refusal"]) for entry in requests] == [
        ("v1/appointments", 201, None),
        ("v1/appointments", 409, "ALREADY_BOOKED"),
        ("v1/appointments/search", 200, None),
        ("v1/appointments/<code:str>/move", 200, None),
        ("v1/appointments/<code:str>/cancel", 200, None),
        ("v1/home-visits", 201, None),
        ("v1/parking", 201, None),
        ("v1/parking/day", 200, None),
        ("v1/citizens/erase", 200, None),
    ]
    for secret in ("citizen-1", "张三丰", "12345678", "67890", "上岭村", booked.code):
        assert secret not in repr(logs)
