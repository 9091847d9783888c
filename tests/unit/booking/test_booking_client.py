"""The client when the backend is down, too slow or talks nonsense."""

from __future__ import annotations

import asyncio
import json
import subprocess
import sys
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import date

import pytest
from booking_world import at

from booking.client import BookingClient
from booking.errors import BackendUnavailable, RefusalCode, Refused
from booking.testing import KEY
from booking.values import (
    Appointment,
    Day,
    Erased,
    Half,
    HomeVisitDay,
    Kind,
    PlateDay,
    Slot,
    Status,
)

Answer = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]


@asynccontextmanager
async def backend(answer: Answer) -> AsyncIterator[BookingClient]:
    """A client of a server that does `answer` with every connection."""
    server = await asyncio.start_server(answer, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    async with server, BookingClient(f"http://127.0.0.1:{port}/", KEY, 0.2) as client:
        yield client


def saying(status: int, body: bytes) -> Answer:
    """An answer of this status and body, whatever is asked."""

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        head = f"HTTP/1.1 {status} X\r\nContent-Length: {len(body)}\r\nConnection: close\r\n\r\n"
        writer.write(head.encode() + body)
        await writer.drain()
        writer.close()

    return answer


def every_call(client: BookingClient) -> list[Awaitable[object]]:
    return [
        client.availability("id-card", date(2026, 11, 24), date(2026, 11, 24)),
        client.nearest("id-card", at(24, 9)),
        client.book(
            citizen="citizen-1",
            service="id-card",
            place="district-hall",
            start=at(24, 9),
            name="张三",
            phone="13812345678",
            idempotency_key="key",
        ),
        client.appointments("citizen-1"),
        client.cancel("citizen-1", "23456789", idempotency_key="key-1"),
        client.move("citizen-1", "23456789", at(24, 9), "hall", idempotency_key="key"),
        client.home_visit_days("elderly"),
        client.book_home_visit(
            citizen="citizen-1",
            rule="elderly",
            service="id-card",
            day=date(2026, 11, 24),
            half=Half.MORNING,
            address="龙潭镇上岭村",
            name="张三",
            phone="13812345678",
            idempotency_key="key",
        ),
        client.register_plate("citizen-1", "川A12345", date(2026, 11, 24)),
        client.plates("citizen-1"),
        client.cancel_plates("citizen-1", date(2026, 11, 24)),
        client.plates_on(date(2026, 11, 24)),
        client.erase("citizen-1"),
    ]


async def assert_unavailable(client: BookingClient) -> None:
    for call in every_call(client):
        with pytest.raises(BackendUnavailable) as caught:
            await call
        assert "请稍后再试" in caught.value.sentence
        for secret in ("citizen-1", "张三", "13812345678", "23456789", "川A12345", "上岭村", KEY):
            assert secret not in str(caught.value)


async def test_nobody_listens(unused_tcp_port: int) -> None:
    async with BookingClient(f"http://127.0.0.1:{unused_tcp_port}", KEY) as client:
        await assert_unavailable(client)


async def test_the_backend_hangs() -> None:
    done = asyncio.Event()

    async def hang(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await done.wait()
        writer.close()

    async with backend(hang) as client:
        await assert_unavailable(client)
        done.set()


async def test_the_backend_hangs_up() -> None:
    async def hang_up(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.close()

    async with backend(hang_up) as client:
        await assert_unavailable(client)


SLOT = {
    "place": "hall",
    "start": "2026-11-24T09:00:00+08:00",
    "end": "2026-11-24T09:30:00+08:00",
    "free": 1,
}
REFUSAL = {"code": "SLOT_FULL", "detail": "约满", "nearest": [SLOT]}


@pytest.mark.parametrize(
    ("status", "body"),
    [
        (200, b""),
        (200, b"<html>"),
        (200, b"[]"),
        (200, b"[" * 100_000),
        (200, b"null"),
        (200, b"\xff"),
        (200, b"{}"),
        (200, b'{"days": [1], "slots": [{}], "appointments": 5, "plates": "x"}'),
        (200, b'{"days": 1, "plates": [1]}'),
        (302, b""),
        (400, b"<html>proxy</html>"),
        (404, b"{}"),
        (409, json.dumps({**REFUSAL, "code": "OF_TOMORROW"}).encode()),
        (409, json.dumps({**REFUSAL, "code": 5}).encode()),
        (409, json.dumps({**REFUSAL, "nearest": [{**SLOT, "start": "soon"}]}).encode()),
        (500, json.dumps(REFUSAL).encode()),
        (503, b""),
    ],
)
async def test_answers_that_are_no_answers(status: int, body: bytes) -> None:
    async with backend(saying(status, body)) as client:
        await assert_unavailable(client)


async def test_a_refusal_keeps_its_sentence_and_its_offers() -> None:
    async with backend(saying(409, json.dumps(REFUSAL).encode())) as client:
        for call in every_call(client):
            with pytest.raises(Refused) as caught:
                await call
            refused = caught.value
            assert (refused.code, refused.sentence) == (RefusalCode.SLOT_FULL, "约满")
            assert refused.nearest == (Slot("hall", at(24, 9), at(24, 9, 30), 1),)


async def test_a_closed_client_opens_again() -> None:
    async with backend(saying(200, b'{"appointments": []}')) as client:
        assert await client.appointments("citizen-1") == ()
        await client.close()
        await client.close()
        assert await client.appointments("citizen-1") == ()


def test_values_survive_the_wire() -> None:
    slot = Slot("hall", at(24, 9), at(24, 9, 30), 2)
    days = [
        Day("hall", date(2026, 11, 24), open=True, slots=(slot,)),
        Day("hall", date(2026, 11, 29), open=False, code=RefusalCode.CLOSED_DAY, reason="周日"),
    ]
    names = ("code", "service", "service_name", "place", "place_name", "name", "phone")
    appointment = Appointment(
        **{name: name.upper() for name in names},
        start=at(24, 9),
        end=at(24, 9, 30),
        status=Status.ENDED,
    )
    visit = replace(appointment, kind=Kind.HOME, address="龙潭镇****")
    others = (
        HomeVisitDay(date(2026, 11, 24), 2, (Half.AFTERNOON,)),
        PlateDay(date(2026, 11, 24), "川A·**345", "hall", "大厅"),
        Erased(3, 1, 2),
    )
    for value in (slot, *days, appointment, visit, *others):
        assert type(value).from_json(json.loads(json.dumps(value.as_json()))) == value


def test_every_refusal_has_its_status_and_a_sentence_for_the_citizen() -> None:
    for code in RefusalCode:
        assert code.value == code.name
        assert 400 <= code.status < 500
        assert code.sentence.endswith("。")


def test_the_client_needs_neither_server_nor_database() -> None:
    check = (
        "import sys, booking.client, booking.errors, booking.values; "
        "sys.exit(bool({'sanic', 'sqlalchemy', 'cryptography'} & set(sys.modules)))"
    )
    assert subprocess.run([sys.executable, "-c", check], check=False).returncode == 0  # noqa: S603
