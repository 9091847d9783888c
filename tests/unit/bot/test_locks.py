"""Rasa's locks: in memory without Redis, and shared with it."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
import yaml
from rasa.core.lock_store import InMemoryLockStore, LockStore, RedisLockStore
from rasa.utils.endpoints import EndpointConfig
from redis_server import redis_running

from cli.settings import ROOT


@pytest.fixture(scope="module")
def redis() -> Iterator[str]:
    with redis_running() as url:
        yield url


def store() -> LockStore:
    endpoints = (ROOT / "endpoints.yml").read_text(encoding="utf-8")
    return LockStore.create(EndpointConfig.from_dict(yaml.safe_load(endpoints)["lock_store"]))


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
