"""`python -m cli.backend` as a process of its own: settings, start, stop."""

from __future__ import annotations

import asyncio
import json
import signal
import socket
import sqlite3
from collections.abc import Mapping
from contextlib import closing
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from booking_world import at

from booking.client import BookingClient
from booking.settings import BadSettings, Settings
from booking.testing import DATA_KEY, KEY, backend_process, sample_catalog, write_catalog

NOBODY_THERE = "postgresql://banshi:a password@127.0.0.1:1/hall?password=a password"
GOOD = {"BANSHI_BOOKING_KEY": KEY, "BANSHI_DATA_KEY": DATA_KEY}


def test_settings_have_defaults_for_everything_but_the_keys() -> None:
    settings = Settings.from_environment(GOOD)
    assert (settings.host, settings.port) == ("127.0.0.1", 8080)
    assert settings.database == f"sqlite+aiosqlite:///{Path('var/booking.db').absolute()}"
    assert settings.catalog == Path("service_catalog/content")
    assert settings.bot_url == "http://127.0.0.1:5005"
    assert KEY not in repr(settings) and DATA_KEY not in repr(settings)


def test_settings_follow_the_environment() -> None:
    settings = Settings.from_environment(
        {
            **GOOD,
            "BANSHI_VAR": "/srv/state",
            "BANSHI_CATALOG": "/srv/catalog",
            "BANSHI_HOST": "0.0.0.0",  # noqa: S104
            "BANSHI_WEB_PORT": "9000",
        }
    )
    assert settings.database == "sqlite+aiosqlite:////srv/state/booking.db"
    assert (settings.catalog, settings.port) == (Path("/srv/catalog"), 9000)
    other = Settings.from_environment({**GOOD, "BANSHI_BOOKING_DB": "postgresql+asyncpg://h/d"})
    assert other.database == "postgresql+asyncpg://h/d"


@pytest.mark.parametrize(
    ("change", "variable"),
    [
        ({"BANSHI_BOOKING_KEY": ""}, "BANSHI_BOOKING_KEY"),
        ({"BANSHI_BOOKING_KEY": "short"}, "BANSHI_BOOKING_KEY"),
        ({"BANSHI_DATA_KEY": ""}, "BANSHI_DATA_KEY"),
        ({"BANSHI_DATA_KEY": "x" * 31}, "BANSHI_DATA_KEY"),
        ({"BANSHI_WEB_PORT": "http"}, "BANSHI_WEB_PORT"),
        ({"BANSHI_BOT_URL": "bot:5005"}, "BANSHI_BOT_URL"),
        ({"BANSHI_BOT_URL": "http://"}, "BANSHI_BOT_URL"),
        ({"BANSHI_BOT_URL": "http://h:x"}, "BANSHI_BOT_URL"),
        ({"BANSHI_WEB_PORT": "65536"}, "BANSHI_WEB_PORT"),
        ({"BANSHI_BOOKING_DB": "booking.db"}, "BANSHI_BOOKING_DB"),
        ({"BANSHI_BOOKING_DB": "mysql://x/y"}, "BANSHI_BOOKING_DB"),
        ({"BANSHI_BOOKING_DB": "sqlite:///booking.db"}, "BANSHI_BOOKING_DB"),
    ],
)
def test_bad_settings_name_the_variable_and_keep_the_keys_secret(
    change: dict[str, str], variable: str
) -> None:
    with pytest.raises(BadSettings, match=f"^{variable}[^\n]*$") as caught:
        Settings.from_environment({**GOOD, **change})
    assert "x" * 31 not in str(caught.value)


def test_all_faults_are_told_at_once() -> None:
    with pytest.raises(BadSettings) as caught:
        Settings.from_environment({"BANSHI_WEB_PORT": "x"})
    assert len(str(caught.value).splitlines()) == 3


@pytest.fixture
def environment(tmp_path: Path) -> dict[str, str]:
    """A complete environment, in which it is Monday 23 November 2026, ten o'clock."""
    write_catalog(sample_catalog(), tmp_path / "catalog")
    return {
        **GOOD,
        "BANSHI_CATALOG": str(tmp_path / "catalog"),
        "BANSHI_VAR": str(tmp_path / "var"),
        "BANSHI_WEB_PORT": "0",
        "BANSHI_CLOCK": "2026-11-23T10:00:00",
    }


async def test_it_starts_books_from_the_catalogue_on_disk_and_stops(
    environment: dict[str, str], tmp_path: Path
) -> None:
    async with backend_process(environment) as backend:
        async with BookingClient(backend.url, KEY, timeout_seconds=10) as client:
            (first, *_) = await client.nearest("id-card", at(24, 9), "district-hall")
            assert first.start == at(24, 9)
        backend.process.send_signal(signal.SIGTERM)
        assert await backend.process.wait() == 0
    assert [entry["event"] for entry in backend.logs][-1] == "booking.stopped"
    assert (tmp_path / "var" / "booking.db").stat().st_mode & 0o077 == 0


async def test_without_a_simulator_nothing_leads_there(environment: dict[str, str]) -> None:
    async with (
        backend_process(environment) as backend,
        aiohttp.ClientSession() as session,
        session.get(f"{backend.url}/simulator") as answer,
    ):
        assert answer.status == 404


async def test_a_running_booking_is_finished_before_it_stops(
    environment: dict[str, str], tmp_path: Path
) -> None:
    body = {
        "citizen": "citizen-1",
        "service": "id-card",
        "place": "district-hall",
        "start": at(24, 9).isoformat(),
        "name": "张三",
        "phone": "13812345678",
    }
    path = tmp_path / "var" / "booking.db"
    async with backend_process(environment) as backend:
        with closing(sqlite3.connect(path, isolation_level=None)) as blocker:
            blocker.execute("BEGIN IMMEDIATE")  # the booking has to wait for this
            answer = await _send(backend.url, "/v1/appointments", body)
            await _answered(await _send(backend.url, "/health"))  # so the server has the booking
            backend.process.send_signal(signal.SIGTERM)
            await _until_refused(backend.url)
            blocker.execute("ROLLBACK")
            assert (await _answered(answer)).startswith(b"HTTP/1.1 201 ")
        assert await asyncio.wait_for(backend.process.wait(), 30) == 0
    with closing(sqlite3.connect(path)) as database:
        assert database.execute("SELECT booked, capacity FROM slots").fetchall() == [(1, 3)]


async def test_a_port_in_use_is_told(environment: dict[str, str]) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        fault = await _fault({**environment, "BANSHI_WEB_PORT": port})
    assert "Address already in use" in fault


@pytest.mark.parametrize(
    ("change", "fault"),
    [
        ({"BANSHI_DATA_KEY": ""}, "BANSHI_DATA_KEY"),
        ({"BANSHI_CATALOG": "/nowhere"}, "hall.yml"),
        ({"BANSHI_BOOKING_DB": "postgresql+no_such_driver://h/d"}, "BANSHI_BOOKING_DB"),
        ({"BANSHI_BOOKING_DB": NOBODY_THERE}, "postgresql+asyncpg://banshi:***@127.0.0.1:1/hall"),
    ],
)
async def test_why_it_does_not_start(
    environment: dict[str, str], change: dict[str, str], fault: str
) -> None:
    told = await _fault({**environment, **change})
    assert fault in told
    assert "a password" not in told


async def test_it_does_not_start_on_a_database_of_another_data_key(
    environment: dict[str, str],
) -> None:
    async with backend_process(environment):
        pass
    other = {**environment, "BANSHI_DATA_KEY": DATA_KEY[::-1]}
    assert "data_key" in await _fault(other)


async def test_it_does_not_start_on_a_file_that_is_no_database(
    environment: dict[str, str], tmp_path: Path
) -> None:
    (tmp_path / "var").mkdir()
    (tmp_path / "var" / "booking.db").write_bytes(b"anything else" * 1000)
    assert "file is not a database" in await _fault(environment)


async def _fault(environment: Mapping[str, str]) -> str:
    """What a backend that does not start says."""
    with pytest.raises(RuntimeError, match=r"booking\.not_started") as caught:
        async with backend_process(environment):
            pass
    return str(caught.value)


async def _send(url: str, path: str, body: Any = None) -> asyncio.StreamReader:
    """Send a request on a connection of its own, without waiting for the answer."""
    host, port = url.removeprefix("http://").split(":")
    reader, writer = await asyncio.open_connection(host, int(port))
    data = b"" if body is None else json.dumps(body).encode()
    head = (
        f"{'GET' if body is None else 'POST'} {path} HTTP/1.1\r\nHost: {host}\r\n"
        f"Authorization: Bearer {KEY}\r\nIdempotency-Key: key\r\n"
        f"Content-Length: {len(data)}\r\nConnection: close\r\n\r\n"
    )
    writer.write(head.encode() + data)
    await writer.drain()
    reader.writer = writer  # type: ignore[attr-defined] # keeps the connection open
    return reader


async def _answered(reader: asyncio.StreamReader) -> bytes:
    answer = await asyncio.wait_for(reader.read(), 30)
    writer: asyncio.StreamWriter = reader.writer  # type: ignore[attr-defined]
    writer.close()
    await writer.wait_closed()
    return answer


async def _until_refused(url: str) -> None:
    """Wait until the server takes no more connections."""
    while True:
        try:
            await _answered(await _send(url, "/health"))
        except ConnectionError:
            return
