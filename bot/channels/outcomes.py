"""How each delivery ended, counted: what an operator looks at when citizens complain.

Every delivery that came in has exactly one outcome of the first kind, so their sum is the number of
deliveries. What became of answers that were late is counted apart. GET /webhooks/wechat/counters
shows the counters to whoever has the backend's key.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping
from datetime import datetime
from enum import Enum

from sanic import Blueprint
from sanic.request import Request
from sanic.response import HTTPResponse, json

from bot.channels.requests import has_key
from service_catalog.clock import now


class Outcome(Enum):
    """How one delivery of a message ended, seen from the citizen."""

    ANSWERED = "answered"  # the answer was there in time
    LATE = "late"  # told to come back for it, or nothing, as it is going to be sent
    BUSY = "busy"  # told to try again, as too many are before it
    TROUBLE = "trouble"  # told that something is wrong
    QUIET = "quiet"  # an event that wants no answer
    REPEAT = "repeat"  # delivered before, and being answered or answered there
    REFUSED = "refused"  # not WeChat's, or malformed
    LOST = "lost"  # no answer, as the connection broke or the server stops; the repeat gets it


class Afterwards(Enum):
    """What became of an answer that was late, of letters and of notices."""

    SENT = "sent"  # as a customer-service message
    KEPT = "kept"  # shown with the next message
    NOT_SENT = "not_sent"  # WeChat didn't take it; it is kept


class Outcomes:
    """The counters of one server, since it was started."""

    def __init__(self) -> None:
        self._since: datetime = now()
        self._counts: Counter[Outcome | Afterwards] = Counter()

    def count(self, what: Outcome | Afterwards) -> None:
        """One more."""
        self._counts[what] += 1

    def __getitem__(self, what: Outcome | Afterwards) -> int:
        return self._counts[what]

    def as_json(self) -> dict[str, object]:
        """All of them by name, those that never happened too."""
        return {
            "since": self._since.isoformat(timespec="seconds"),
            "deliveries": {one.value: self._counts[one] for one in Outcome},
            "late_answers": {one.value: self._counts[one] for one in Afterwards},
        }


def add_route(
    blueprint: Blueprint, key: str | None, shown: Callable[[], Mapping[str, object]]
) -> None:
    """Shows the counters to whoever has the key; without a key, to nobody."""

    @blueprint.get("/counters")
    async def counters(request: Request) -> HTTPResponse:
        if not has_key(request, key):
            wanted = {"WWW-Authenticate": "Bearer"}
            return json({"error": "the key is missing or wrong"}, status=401, headers=wanted)
        return json(shown())
