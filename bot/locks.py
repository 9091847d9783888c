"""Rasa's locks, which keep a conversation's messages in order: in memory, or in Redis.

One server needs none but its own memory; several that may get messages of one citizen share Redis
(`BANSHI_REDIS`). Rasa is told of this class in endpoints.yml, as that file has no "if".
"""

from __future__ import annotations

import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import structlog
from rasa.core.lock import TicketLock
from rasa.core.lock_store import InMemoryLockStore, LockError, RedisLockStore
from redis import Redis
from redis.exceptions import RedisError

from bot.settings import redis_url

_SECONDS = 0.5
"""Rasa asks for its locks on the event loop, so a Redis that hangs must not hold it for long."""
_LIFETIME = 10.0
"""Seconds after which a ticket ends, as its server may have gone down: a minute with Rasa. What
still works then keeps its order by its server's own lanes."""
_REST = 10.0
"""Seconds in which a Redis that failed is not asked again."""

log = structlog.get_logger(__name__)


class Locks(RedisLockStore):
    """The Redis lock store at `BANSHI_REDIS`.

    While Redis is down, each server keeps the order by itself; rather that than no answers.
    """

    def __new__(cls, *_: Any, **__: Any) -> Any:  # noqa: ANN401 - either of two stores
        """In memory when no Redis is set."""
        return super().__new__(cls) if redis_url() else InMemoryLockStore()

    def __init__(self, endpoint_config: object = None) -> None:
        """Connect when it is first used; `endpoint_config` is Rasa's and holds nothing for us."""
        self.key_prefix = "banshi:lock:"
        self.red = Redis.from_url(redis_url(), socket_timeout=_SECONDS)
        self._ours = InMemoryLockStore()
        self._down_until = 0.0

    @asynccontextmanager
    async def lock(
        self,
        conversation_id: str,
        lock_lifetime: float = _LIFETIME,
        wait_time_in_seconds: float = 1,
    ) -> AsyncIterator[TicketLock]:
        """Hold the conversation's lock, as Rasa's store does.

        Raises:
            LockError: It could not be had in its lifetime.
        """
        held = await self._held(conversation_id, lock_lifetime, wait_time_in_seconds)
        if held is None:
            async with self._ours.lock(conversation_id, lock_lifetime, wait_time_in_seconds) as own:
                yield own
            return
        lock, ticket = held
        try:
            yield lock
        finally:
            self._give_back(conversation_id, ticket)

    async def _held(
        self, conversation_id: str, lifetime: float, wait: float
    ) -> tuple[TicketLock, int] | None:
        """The lock in Redis when it is our turn, and our ticket; None while Redis is down."""
        if time.monotonic() < self._down_until:
            return None
        try:
            ticket = self.issue_ticket(conversation_id, min(lifetime, _LIFETIME))
        except LockError as error:  # Rasa's name for all that can go wrong there
            self._failed(error.__context__ or error)
            return None
        try:
            return await self._acquire_lock(conversation_id, ticket, wait), ticket
        except RedisError as error:
            self._failed(error)
            return None
        except BaseException:
            self._give_back(conversation_id, ticket)
            raise

    def _give_back(self, conversation_id: str, ticket: int) -> None:
        try:
            self.cleanup(conversation_id, ticket)
        except RedisError as error:  # the ticket ends with its lifetime
            self._failed(error)

    def _failed(self, error: BaseException) -> None:
        self._down_until = time.monotonic() + _REST
        log.error("locks.failed", error=type(error).__name__)
