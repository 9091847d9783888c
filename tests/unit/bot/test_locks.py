"""Rasa's locks: in memory without Redis, and shared with it."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator

import pytest
import yaml
from rasa.core.lock_store import InMemoryLockStore, LockStore, RedisLockStore
from rasa.utils.endpoints import EndpointConfig
from redis.exceptions import ConnectionError as RedisConnectionError
from redis_server import redis_running
from structlog.testing import capture_logs

from cli.settings import ROOT


@pytest.fixture(scope="module")
def redis() -> Iterator[str]:
    with redis_running() as url:
        yield url


def store() -> LockStore:
    endpoints = (ROOT / "endpoints.yml").read_text(encoding="utf-8")
    return LockStore.create(EndpointConfig.from_dict(yaml.safe_load(endpoints)["lock_store"]))


def gone(*_: object) -> None:
    raise RedisConnectionError


def test_without_redis_locks_are_in_memory(monkeypatch):
    monkeypatch.delenv("BANSHI_REDIS", raising=False)
    assert type(store()) is InMemoryLockStore


async def test_two_servers_share_the_locks_in_redis(monkeypatch, redis):
    monkeypatch.setenv("BANSHI_REDIS", redis)
    one, other = store(), store()
    assert isinstance(one, RedisLockStore)
    async with one.lock("oA"):
        assert other.get_lock("oA") is not None
        assert other.get_lock("oB") is None
    assert other.get_lock("oA") is None or not other.get_lock("oA").tickets


async def test_while_redis_hangs_each_server_keeps_the_order_by_itself(monkeypatch):
    """And its event loop is held once, not by every message."""
    asked = 0

    async def never(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        nonlocal asked
        asked += 1
        await reader.read()
        writer.close()

    silent = await asyncio.start_server(never, "127.0.0.1", 0)
    port = silent.sockets[0].getsockname()[1]
    monkeypatch.setenv("BANSHI_REDIS", f"redis://127.0.0.1:{port}/0")
    locks, order = store(), []

    async def hold(name: str) -> None:
        async with locks.lock("oA", wait_time_in_seconds=0.01):
            order.append(f"{name} begins")
            await asyncio.sleep(0)
            order.append(f"{name} ends")

    with capture_logs() as logs:
        await asyncio.gather(*map(hold, "一二三"))
    assert order == [f"{name} {what}" for name in "一二三" for what in ("begins", "ends")]
    assert [(entry["event"], entry["error"]) for entry in logs] == [
        ("locks.failed", "TimeoutError")
    ]
    assert asked == 1
    silent.close()


async def test_what_is_done_when_redis_goes_away_is_done(monkeypatch, redis):
    monkeypatch.setenv("BANSHI_REDIS", redis)
    locks = store()
    with capture_logs() as logs:
        async with locks.lock("oA"):
            monkeypatch.setattr(locks.red, "get", gone)
        async with locks.lock("oA"):
            pass
    assert [(entry["event"], entry["error"]) for entry in logs] == [
        ("locks.failed", "ConnectionError")
    ]


async def test_redis_goes_away_while_a_message_waits_for_its_turn(monkeypatch, redis):
    monkeypatch.setenv("BANSHI_REDIS", redis)
    locks, other = store(), store()
    entered = asyncio.Event()

    async def hold() -> None:
        async with locks.lock("oB", wait_time_in_seconds=0.01):
            entered.set()

    async with other.lock("oB"):
        waiting = asyncio.create_task(hold())
        await asyncio.sleep(0)
        assert not entered.is_set()
        monkeypatch.setattr(locks.red, "get", gone)
        await asyncio.wait_for(waiting, 5)
    assert entered.is_set()


async def test_the_ticket_of_a_server_that_was_killed_does_not_last(monkeypatch, redis):
    monkeypatch.setenv("BANSHI_REDIS", redis)
    monkeypatch.setattr("bot.locks._LIFETIME", 0.3)
    killed, next_one = store(), store()
    entered = await killed.lock("oC").__aenter__()
    assert entered.conversation_id == "oC"
    async with next_one.lock("oC", wait_time_in_seconds=0.01) as lock:
        assert lock.conversation_id == "oC"
