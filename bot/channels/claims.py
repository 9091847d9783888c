"""Which messages this server works on, so that no other does; and what another's end leaves over.

A message is claimed in the channel's memory (`bot.channels.journal`) when it comes, and the claim
is renewed every second until its answer is on its way. WeChat takes any answer for the end of a
message, "nothing to say" as well. So a repeat of what another server works on is held until it is
plain that this server lives: when it went down, its claim lapses, and the message is answered here.
"""

from __future__ import annotations

import asyncio
from contextlib import suppress

from bot.channels.journal import LEASE, Claim, Journal

BEAT = 1.0
"""Seconds from one renewal to the next."""
LOOK = 0.25
"""Seconds from one look at another's claim to the next."""
LOOKS = round(LEASE / LOOK) + 2
"""So many, and another's claim would have lapsed; all within WeChat's five seconds."""


class Claims:
    """The claims of one server; for one event loop."""

    def __init__(self, journal: Journal | None, *, beat: float = BEAT, look: float = LOOK) -> None:
        """Begin with none.

        Args:
            journal: The memory; with None there is no other server, and everything is ours.
            beat: Seconds between renewals.
            look: Seconds between looks at what another works on.
        """
        self._journal = journal
        self._beat = beat
        self._look = look
        self._ours: set[str] = set()
        self._keeper: asyncio.Task[None] | None = None
        self._closed = False

    async def take(self, message: str) -> bool:
        """Whether the message is to be worked on here; `done` or `release` has to follow then."""
        if self._journal is None:
            return True
        found = await self._journal.claim(message)
        for _ in range(LOOKS):
            if found is not Claim.ELSEWHERE:
                break
            await asyncio.sleep(self._look)
            found = await self._journal.claim(message)
        if found is not Claim.OURS:
            return False
        self._ours.add(message)
        if not self._closed and (self._keeper is None or self._keeper.done()):
            self._keeper = asyncio.create_task(self._keep(self._journal))
        return True

    async def done(self, message: str) -> None:
        """Note that the message was answered: its repeats are nobody's business."""
        self._ours.discard(message)
        if self._journal is not None:
            await self._journal.done(message)

    def release(self, message: str) -> None:
        """Let a claim lapse, if it is still ours."""
        self._ours.discard(message)

    async def close(self) -> None:
        """Renew nothing any longer."""
        self._closed = True
        if self._keeper is not None:
            self._keeper.cancel()
            with suppress(asyncio.CancelledError):
                await self._keeper

    async def _keep(self, journal: Journal) -> None:
        """Renews the claims while there are some."""
        while self._ours:
            await asyncio.sleep(self._beat)
            if self._ours:
                await journal.renew(tuple(self._ours))
