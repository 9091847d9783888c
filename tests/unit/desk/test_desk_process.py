"""The backend as a process with both rooms, and the staff's commands against it."""

from __future__ import annotations

import asyncio
import json
import os
import sys
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from click.testing import CliRunner, Result
from desk_world import catalog_with
from letter_box import Channel

from booking.client import BookingClient
from booking.testing import DATA_KEY, KEY, write_catalog
from cli.desk import desk
from cli.questions import questions
from desk.client import DeskClient
from desk.values import CaseKind, CaseStatus, RatingLevel, Who


@pytest.fixture
def environment(tmp_path: Path, channel: Channel) -> dict[str, str]:
    write_catalog(catalog_with(), tmp_path / "catalog")
    return {
        "BANSHI_BOOKING_KEY": KEY,
        "BANSHI_DATA_KEY": DATA_KEY,
        "BANSHI_CATALOG": str(tmp_path / "catalog"),
        "BANSHI_VAR": str(tmp_path / "var"),
        "BANSHI_WEB_PORT": "0",
        "BANSHI_SIMULATOR_PORT": "9090",
        "BANSHI_BOT_URL": channel.url,
        "BANSHI_CLOCK": "2026-11-23T10:00:00",
    }


class Backend:
    """`python -m cli.backend`, with what it logs."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        self.process = process
        self.events: list[dict[str, Any]] = []
        self.url = ""
        self.var = ""

    async def read(self, until: str | None = None) -> None:
        assert self.process.stderr is not None
        async for line in self.process.stderr:
            self.events.append(json.loads(line))
            if self.events[-1]["event"] == until:
                return


@pytest.fixture
async def backend(environment: dict[str, str]) -> AsyncIterator[Backend]:
    outside = {name: text for name, text in os.environ.items() if not name.startswith("BANSHI_")}
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "cli.backend"),
        env={**outside, **environment},
        stderr=asyncio.subprocess.PIPE,
    )
    backend = Backend(process)
    backend.var = environment["BANSHI_VAR"]
    try:
        await asyncio.wait_for(backend.read("booking.started"), 60)
        started = backend.events[-1]
        backend.url = f"http://{started['host']}:{started['port']}"
        reading = asyncio.create_task(backend.read())
        yield backend
        if process.returncode is None:
            process.terminate()
        await asyncio.wait_for(reading, 30)
    finally:
        if process.returncode is None:
            process.kill()
        await process.wait()


async def banshi(command: Any, backend: Backend, *arguments: str) -> Result:
    """Run a command of the staff against the backend."""
    settings = {
        "BANSHI_VAR": backend.var,
        "BANSHI_BOOKING_URL": backend.url,
        "BANSHI_BOOKING_KEY": KEY,
        "BANSHI_DATA_KEY": DATA_KEY,
        "BANSHI_ACTIONS_KEY": KEY,
    }
    return await asyncio.to_thread(
        CliRunner(env=settings).invoke, command, [*arguments, "--staff", "李窗口"]
    )


async def test_the_way_to_the_simulated_phone_needs_no_key(backend: Backend) -> None:
    async with (
        aiohttp.ClientSession() as session,
        session.get(f"{backend.url}/simulator", allow_redirects=False) as answer,
    ):
        assert answer.status == 302
        assert answer.headers["Location"] == "http://127.0.0.1:9090/simulator"


async def test_one_process_serves_both_rooms_and_the_staffs_commands(
    backend: Backend, channel: Channel
) -> None:
    async with DeskClient(backend.url, KEY, 10) as client:
        async with BookingClient(backend.url, KEY, 10) as office:
            assert await office.appointments("citizen-1") == ()
        case = await client.open_case(
            "citizen-1", CaseKind.COMPLAINT, "我叫张三丰，排队太久", idempotency_key="k1"
        )
        await client.rate("citizen-1", RatingLevel.BAD, "id-card", idempotency_key="k2")
        await client.note_question("养宠物猪要办证吗", "unanswerable", idempotency_key="k3")

        listed = await banshi(desk, backend, "list", "--status", "open")
        assert case.number in listed.output and "张三丰" not in listed.output
        replied = await banshi(desk, backend, "reply", case.number, "已经加开窗口")
        assert replied.exit_code == 0, replied.output
        (letter,) = await channel.until(1)
        assert "已经加开窗口" in letter["text"]
        shown = await banshi(desk, backend, "show", case.number.lower())
        assert "张三丰" in shown.output and "工作人员：已经加开窗口" in shown.output
        figures = await banshi(desk, backend, "figures")
        assert "不满意" in figures.output and "id-card" in figures.output
        assert (await banshi(desk, backend, "close", case.number)).exit_code == 0
        (closed,) = await client.cases("citizen-1")
        assert (closed.status, closed.messages[-1].who) == (CaseStatus.CLOSED, Who.STAFF)

        asked = json.loads((await banshi(questions, backend, "--json")).output)
        assert (asked["text"], asked["count"]) == ("养宠物猪要办证吗", 1)
        assert "养宠物猪" in (await banshi(questions, backend)).output
        done = await banshi(questions, backend, "--done", str(asked["id"]))
        assert "已标记1个" in done.output
        assert "没有" in (await banshi(questions, backend)).output
        refused = await banshi(desk, backend, "show", "23456789")
        assert refused.exit_code == 1 and "没有找到这个编号" in refused.output

    backend.process.terminate()
    assert await asyncio.wait_for(backend.process.wait(), 30) == 0
    assert "张三丰" not in repr(backend.events) and "citizen-1" not in repr(backend.events)


async def test_without_a_backend_the_command_says_how_to_start_it(
    unused_tcp_port: int, tmp_path: Path
) -> None:
    backend = Backend(None)  # type: ignore[arg-type] # there is none
    backend.url = f"http://127.0.0.1:{unused_tcp_port}"
    backend.var = str(tmp_path)
    result = await banshi(desk, backend, "figures")
    assert result.exit_code == 1 and "banshi up" in result.output
