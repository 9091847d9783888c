"""The gate before Rasa: few at once, and nobody is let in who could not be answered in time.

A Rasa server answers a fixed number of messages a second, however many come. Without a gate all
that come at once are worked on at once, each slower than the one before, until none is answered
within WeChat's five seconds. So a few are worked on at a time, the others wait in the order in
which they came, and whoever would wait too long is told at once to try again, at a cost of nearly
nothing. How long is reckoned from how fast the messages before went through. Knows neither
WeChat nor Rasa.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

AT_ONCE = 8
"""Messages in Rasa at a time: enough for it to work on while the action server has some."""
FIRST_GUESS = 0.02
"""Seconds a message is thought to take before one was measured."""
_WEIGHT = 0.1
"""Of the newest measurement in the running mean: the last twenty count."""


class Gate:
    """Lets messages through to Rasa.

    Attributes:
        pace: Seconds from one message that is done to the next, while others wait.
    """

    def __init__(
        self, at_once: int = AT_ONCE, *, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._room = asyncio.Semaphore(at_once)
        self._at_once = at_once
        self._clock = clock
        self._inside = 0
        self._full_since: float | None = None
        self.pace = FIRST_GUESS

    def wait_behind(self, before: int) -> float:
        """In how many seconds a message would be answered, with so many before it.

        Args:
            before: Also those that are on their way to the gate. 0 seconds while there is room.
        """
        return 0.0 if before < self._at_once else (before + 1) * self.pace

    @asynccontextmanager
    async def through(self) -> AsyncIterator[None]:
        """Wait for one's turn; as long as the block lasts one has it."""
        self._inside += 1
        came = self._clock()
        if self._full_since is None and self._inside > self._at_once:
            self._full_since = self._clock()
        try:
            async with self._room:
                yield
        finally:
            self._inside -= 1
            self._measure(came)

    def _measure(self, came: float) -> None:
        """Take the time since the last one was done, if others have waited since then.

        With room to spare, how long one took is the most that the pace can be. That counts when it
        is less: else a pace that was measured in a bad moment would turn away all but a few, and
        never be measured again.
        """
        moment = self._clock()
        if self._full_since is not None:
            self.pace += _WEIGHT * (moment - self._full_since - self.pace)
            self._full_since = moment if self._inside >= self._at_once else None
        else:
            self.pace += _WEIGHT * min(0.0, moment - came - self.pace)
