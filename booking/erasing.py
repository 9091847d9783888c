"""Erasing what is known of a citizen, at the citizen's wish. It knows neither HTTP nor SQL."""

from __future__ import annotations

from datetime import timedelta

from booking.counter import Counter
from booking.store import ErasingStore
from booking.values import Erased

AT_ONCE = 200
"""How many appointments are erased in one transaction, so that nobody waits long."""


class Erasing(Counter[ErasingStore]):
    """Erases a citizen's personal data."""

    async def erase(self, citizen: str, cancel_open: bool) -> Erased:
        """Take all personal data from the citizen's rows; nobody can tell whose they were.

        With `cancel_open` appointments still open are cancelled first, at however short notice.

        Raises:
            Refused: OPEN_APPOINTMENTS.
        """
        return await self._store.erase(self._citizen(citizen), cancel_open, self._clock())

    async def erase_old(self) -> int:
        """Do the same for appointments that ended the hall's `keep_days` ago; gives how many.

        Also deletes idempotency keys, plates, messages and suspensions that served their time.
        """
        now, booking = self._clock(), (await self._catalog()).hall.booking
        before, erased = now - timedelta(days=booking.keep_days), 0
        while some := await self._store.erase_old(before, AT_ONCE):
            erased += some
        await self._store.forget_old(now)
        return erased
