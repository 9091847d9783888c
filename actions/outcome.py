"""Every way in which a question can end, in one closed list, for logs and counters."""

from __future__ import annotations

from enum import Enum

import structlog

log = structlog.get_logger()


class Outcome(str, Enum):
    """How one message was dealt with."""

    ANSWERED = "answered"
    ANSWERED_FOR_HALL = "answered_for_hall"
    CLARIFICATION = "clarification"
    SERVICE_WANTED = "service_wanted"
    UNANSWERABLE = "unanswerable"
    OUT_OF_SCOPE = "out_of_scope"
    BOOKED = "booked"
    CANCELLED = "cancelled"
    LISTED = "listed"
    REFUSED = "refused"
    ABANDONED = "abandoned"
    BACKEND_DOWN = "backend_down"


def note(outcome: Outcome, **facts: object) -> None:
    """Log an outcome with ids and codes; never the citizen's words or data."""
    log.info("outcome", outcome=outcome.value, **facts)
