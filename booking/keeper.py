"""What the office does by the clock: end holds and past appointments, erase what is old.

Several backends on one database may all do it: each step is a transaction that looks again.
"""

from __future__ import annotations

import structlog

from booking.counter import Counter, strikes
from booking.erasing import Erasing
from booking.store import ArrivalStore
from booking.tasks import Tasks

log = structlog.get_logger()

AT_ONCE = 200
HOLDS_EVERY = 5.0
"""Seconds; who finds a slot full ends the stale holds in it at once, whatever this is."""
PAST_EVERY = 60.0
OLD_EVERY = 24 * 3600.0


class Keeper(Counter[ArrivalStore]):
    """Ends what is over."""

    def start(self, tasks: Tasks, erasing: Erasing) -> None:
        """Do it all from now on, for as long as `tasks` run."""

        async def erase() -> None:
            erased = await erasing.erase_old()
            log.info("booking.erased_old", appointments=erased)

        tasks.every(HOLDS_EVERY, "holds", self.end_holds)
        tasks.every(PAST_EVERY, "past", self.end_past)
        tasks.every(OLD_EVERY, "old", erase)

    async def end_holds(self) -> int:
        """Give up the holds whose time is up; gives how many."""
        ended = 0
        while some := await self._store.expire_holds(self._clock(), AT_ONCE):
            ended += some
        return ended

    async def end_past(self) -> int:
        """End the appointments that are over; gives how many."""
        rules, ended = strikes(await self._catalog()), 0
        while some := await self._store.end_past(self._clock(), rules, AT_ONCE):
            ended += some
        return ended
