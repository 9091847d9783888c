"""Rasa's locks, which keep a conversation's messages in order: in memory, or in Redis.

One server needs none but its own memory; several that may get messages of one citizen share Redis
(`BANSHI_REDIS`). Rasa is told of this class in endpoints.yml, as that file has no "if".
"""

from __future__ import annotations

from typing import Any

from rasa.core.lock_store import InMemoryLockStore, LockStore, RedisLockStore
from redis import Redis

from bot.settings import redis_url

_SECONDS = 2.0
"""Rasa asks for its locks on the event loop, so a Redis that hangs must not hold it for long."""


class Locks(RedisLockStore):
    """The Redis lock store at `BANSHI_REDIS`."""

    def __new__(cls, *_: Any, **__: Any) -> Any:  # noqa: ANN401 - either of two stores
        """In memory when no Redis is set."""
        return super().__new__(cls) if redis_url() else InMemoryLockStore()

    def __init__(self, endpoint_config: object = None) -> None:
        """Connect when it is first used; `endpoint_config` is Rasa's and holds nothing for us."""
        self.key_prefix = "banshi:lock:"
        self.red = Redis.from_url(redis_url(), socket_timeout=_SECONDS)
        LockStore.__init__(self)
