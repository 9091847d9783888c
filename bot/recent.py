"""The conversations of the last citizens, in memory, so that a message needn't read back the whole.

`bot.conversations` remembers what it has just read or written, together with where the database
stood then. A conversation that has been written to or deleted since, by whomever, stands elsewhere,
and what is remembered of it is thrown away.
"""

from __future__ import annotations

import time
from collections import OrderedDict
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from rasa.shared.core.events import Event, SessionStarted

MAX_EVENTS = 10_000
"""So many events are remembered at most, of all conversations together."""
IDLE = 3600.0
"""Seconds after which a conversation that nobody asked for is not remembered any longer."""


class Standing(NamedTuple):
    """Where the database stands with one conversation.

    The database gives no number away twice. (SQLite did in tables that Rasa made by itself, or an
    earlier version of this store: there the time stamps tell, if no two are the same.)

    Attributes:
        events: How many it has, those of earlier sessions included.
        last: The highest number of an event.
        latest: The latest time stamp, in seconds since 1970.
    """

    events: int
    last: int | None
    latest: float | None


class Stamped(NamedTuple):
    """An event with the time stamp that the database has for it, seconds since 1970."""

    timestamp: float
    event: Event


@dataclass(frozen=True)
class Remembered:
    """A conversation as the database would give it.

    Attributes:
        standing: Where the database stood.
        events: The events of the latest session, as they were read: no tracker changes them.
        used: When it was asked for last, by the clock of `RecentConversations`.
    """

    standing: Standing
    events: tuple[Stamped, ...]
    used: float


class RecentConversations:
    """Remembers the conversations asked for last; for one thread."""

    def __init__(
        self,
        max_events: int = MAX_EVENTS,
        idle: float = IDLE,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """Begin with nothing.

        Args:
            max_events: So many events are kept; the conversations asked for longest ago go first.
            idle: Seconds; a conversation not asked for so long goes with the next `remember`.
            clock: Seconds from any point on.
        """
        self._max_events = max_events
        self._idle = idle
        self._clock = clock
        self._kept: OrderedDict[str, Remembered] = OrderedDict()
        self._events = 0

    def recall(self, sender_id: str, standing: Standing) -> tuple[Stamped, ...] | None:
        """The conversation's events, if the database still stands where it stood."""
        kept = self._kept.get(sender_id)
        if kept is not None and kept.standing == standing:
            return kept.events
        self.forget(sender_id)
        return None

    def remember(self, sender_id: str, standing: Standing, events: Sequence[Stamped]) -> None:
        """Keep a conversation, in the place of what is known of it; the oldest may go for it."""
        self.forget(sender_id)
        now = self._clock()
        self._kept[sender_id] = Remembered(standing, tuple(events), now)
        self._events += len(events)
        while self._kept:
            oldest, kept = next(iter(self._kept.items()))
            if self._events <= self._max_events and now - kept.used <= self._idle:
                break
            self.forget(oldest)

    def forget(self, sender_id: str) -> None:
        """Keep nothing of a conversation."""
        kept = self._kept.pop(sender_id, None)
        if kept is not None:
            self._events -= len(kept.events)


def latest_session(events: Sequence[Stamped]) -> Sequence[Stamped]:
    """What Rasa reads of a conversation: all since the latest start of a session.

    The latest by the time stamps, as Rasa's query has it; all events when there is no start.
    """
    starts = [stamp for stamp, event in events if isinstance(event, SessionStarted)]
    if not starts:
        return events
    start = max(starts)
    return [each for each in events if each.timestamp >= start]
