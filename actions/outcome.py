"""Every way in which a question can end, in one closed list, for logs and counters."""

from __future__ import annotations

from enum import Enum

import structlog

log = structlog.get_logger()


class Outcome(str, Enum):
    """How one message was dealt with."""

    ANSWERED = "answered"
    ANSWERED_FOR_HALL = "answered_for_hall"
    ANSWERED_FOR_BUNDLE = "answered_for_bundle"
    ANSWERED_FOR_TOPIC = "answered_for_topic"
    ANSWERED_BY_FAQ = "answered_by_faq"
    SITUATION_ASKED = "situation_asked"
    CLARIFICATION = "clarification"
    SERVICE_WANTED = "service_wanted"
    NAMED_ONLY = "named_only"
    UNANSWERABLE = "unanswerable"
    OUT_OF_SCOPE = "out_of_scope"
    BOOKED = "booked"
    MOVED = "moved"
    PLATE_REGISTERED = "plate_registered"
    PROGRESS_TOLD = "progress_told"
    RATED = "rated"
    LEFT_FOR_STAFF = "left_for_staff"
    HANDED_OVER = "handed_over"
    ERASED = "erased"
    ARRIVED = "arrived"
    LOCATED = "located"
    SCANNED = "scanned"
    CANCELLED = "cancelled"
    LISTED = "listed"
    REFUSED = "refused"
    ABANDONED = "abandoned"
    BACKEND_DOWN = "backend_down"


def note(outcome: Outcome, **facts: object) -> None:
    """Log an outcome with ids and codes; never the citizen's words or data."""
    log.info("outcome", outcome=outcome.value, **facts)
