"""The parts of the inbox: short memories and the lanes in which messages wait."""

from __future__ import annotations

import asyncio

import pytest
from structlog.testing import capture_logs

from bot.broken_connections import Connection
from bot.channels.inbox import Inbox, Lanes, ShortMemory


def test_a_short_memory_forgets_the_oldest_and_the_old():
    now = 0.0
    memory: ShortMemory[str] = ShortMemory(size=2, seconds=10, clock=lambda: now)
    memory.put("a", "1")
    now = 5.0
    memory.put("b", "2")
    memory.put("a", "3")
    memory.put("c", "4")
    assert (memory.get("a"), memory.get("b"), memory.get("c")) == ("3", None, "4")
    assert memory.pop("c") == "4"
    assert memory.pop("c") is None
    now = 15.0
    assert memory.get("a") is None
    assert len(memory) == 0


async def test_lanes_are_cleaned_up():
    lanes = Lanes()

    async def use(openid: str) -> None:
        async with lanes.lane(openid):
            await asyncio.sleep(0)

    users = [asyncio.create_task(use(openid)) for openid in "aab"]
    await asyncio.sleep(0)
    assert len(lanes) == 2
    users[1].cancel()
    await asyncio.gather(*users, return_exceptions=True)
    assert len(lanes) == 0


async def test_broken_work_is_logged_and_nobody_waits_for_it():
    async def broken(_: object) -> None:
        raise ValueError("110101199001011234")

    inbox = Inbox(size=10)
    with capture_logs() as logs:
        turn = inbox.begin("key", "oA", broken)
        with pytest.raises(LookupError):
            await turn.wait(5, Connection())
        await inbox.close(grace=5)
    assert logs == [{"event": "wechat.work_failed", "error": "ValueError", "log_level": "error"}]
