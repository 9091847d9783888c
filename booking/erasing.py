"""Erasing what is known of a citizen, at the citizen's wish. It knows neither HTTP nor SQL."""

from __future__ import annotations

import secrets

from booking.counter import Counter
from booking.store import ErasingStore
from booking.values import Erased


class Erasing(Counter[ErasingStore]):
    """Erases a citizen's personal data."""

    async def erase(self, citizen: str, cancel_open: bool) -> Erased:
        """Take all personal data from the citizen's rows; nobody can tell whose they were.

        With `cancel_open` appointments still open are cancelled first, at however short notice.

        Raises:
            Refused: OPEN_APPOINTMENTS.
        """
        stranger = secrets.token_hex(32)
        return await self._store.erase(self._citizen(citizen), stranger, cancel_open, self._clock())
