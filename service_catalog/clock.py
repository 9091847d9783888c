"""The hall's clock: what time it is in China.

Every room asks here, so that a demonstration or a test can set the time for all three processes at
once with `BANSHI_CLOCK` (the moment at which each process's clock starts; it runs on from there).
"""

from __future__ import annotations

import os
from datetime import datetime, timedelta, timezone
from functools import lru_cache

CHINA = timezone(timedelta(hours=8), "Asia/Shanghai")
"""China has had one zone without daylight saving time since 1991, so a fixed offset is exact."""


def _offset() -> timedelta:
    start = os.environ.get("BANSHI_CLOCK")
    if not start:
        return timedelta()
    try:
        moment = datetime.fromisoformat(start)
    except ValueError:
        raise ValueError(
            f"BANSHI_CLOCK={start!r} is no ISO 8601 time; write it like 2026-11-23T09:00:00"
        ) from None
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=CHINA)
    return moment - datetime.now(CHINA)


_OFFSET = _offset()


def now() -> datetime:
    """The present moment in Asia/Shanghai, shifted as `BANSHI_CLOCK` asks."""
    return datetime.now(CHINA) + _OFFSET


def written(moment: datetime) -> str:
    """A moment in ISO 8601, kept for the next time: a list of free slots has a thousand of them."""
    # Two equal moments of different zones are one to a cache, but are not written alike.
    return _written_in_china(moment) if moment.tzinfo is CHINA else moment.isoformat()


@lru_cache(maxsize=10_000)
def _written_in_china(moment: datetime) -> str:
    return moment.isoformat()
