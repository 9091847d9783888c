"""The channel's memory in Redis: for servers on several machines that serve one account.

What has its time is kept with Redis's own expiry. A message that was begun is a key that ends with
the lease; one that was answered is kept longer.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterable

import structlog
from redis.asyncio import Redis
from redis.exceptions import RedisError

from bot.channels.journal import (
    KEEP_LETTERS,
    KEEP_MESSAGES,
    LEASE,
    Claim,
    JournalDown,
    message_id,
)

log = structlog.get_logger(__name__)

PREFIX = "banshi:"
_SECONDS = 2.0
_RENEW = "if redis.call('get', KEYS[1]) == 'begun' then redis.call('pexpire', KEYS[1], ARGV[1]) end"
_DOWN = (RedisError, OSError, asyncio.TimeoutError)


class RedisJournal:
    """Implements `bot.channels.journal.Journal`; connects when it is first asked."""

    def __init__(self, url: str, *, lease: float = LEASE) -> None:
        """Prepare.

        Args:
            url: Like redis://user:password@host:6379/0, rediss:// for TLS.
            lease: Seconds.

        Raises:
            ValueError: It is no address of Redis; the message doesn't quote it.
        """
        try:
            self._redis: Redis[str] = Redis.from_url(
                url,
                socket_timeout=_SECONDS,
                socket_connect_timeout=_SECONDS,
                decode_responses=True,
            )
        except ValueError:
            raise ValueError(
                "BANSHI_REDIS is no address of Redis: write it like redis://127.0.0.1:6379/0"
            ) from None
        self._lease = max(1, round(lease * 1_000))  # milliseconds
        self._closed = False

    async def claim(self, message: str) -> Claim:
        """See `Journal`."""
        try:
            self._check()
            key = _message(message)
            if await self._redis.set(key, "begun", nx=True, px=self._lease):
                return Claim.OURS
            return Claim.DONE if await self._redis.get(key) == "done" else Claim.ELSEWHERE
        except (JournalDown, *_DOWN) as error:
            log.error("journal.failed", error=type(error).__name__)
            return Claim.OURS

    async def renew(self, messages: Iterable[str]) -> None:
        """See `Journal`."""
        try:
            self._check()
            async with self._redis.pipeline(transaction=False) as pipeline:
                for message in messages:
                    pipeline.eval(_RENEW, 1, _message(message), self._lease)
                await pipeline.execute()
        except (JournalDown, *_DOWN) as error:
            log.error("journal.failed", error=type(error).__name__)

    async def done(self, message: str) -> None:
        """See `Journal`."""
        try:
            self._check()
            await self._redis.set(_message(message), "done", ex=round(KEEP_MESSAGES))
        except (JournalDown, *_DOWN) as error:
            log.error("journal.failed", error=type(error).__name__)

    async def has_seen(self, letter: str) -> bool:
        """See `Journal`."""
        self._check()
        try:
            return bool(await self._redis.exists(_letter(letter)))
        except _DOWN as error:
            raise JournalDown(type(error).__name__) from None

    async def note_seen(self, letters: Iterable[str]) -> None:
        """See `Journal`."""
        self._check()
        try:
            async with self._redis.pipeline(transaction=True) as pipeline:
                for letter in letters:
                    pipeline.set(_letter(letter), "seen", ex=round(KEEP_LETTERS))
                await pipeline.execute()
        except _DOWN as error:
            raise JournalDown(type(error).__name__) from None

    async def close(self) -> None:
        """See `Journal`."""
        self._closed = True
        await self._redis.close(close_connection_pool=True)

    def _check(self) -> None:
        if self._closed:
            raise JournalDown("closed")


def _message(message: str) -> str:
    return f"{PREFIX}message:{message_id(message)}"


def _letter(letter: str) -> str:
    return f"{PREFIX}letter:{letter}"
