"""Questions that got no answer, kept for staff with personal data masked."""

from __future__ import annotations

import asyncio
import uuid

import structlog
from rasa_sdk import Tracker

from actions.outcome import Outcome
from actions.resources import catalog, desk_client
from desk.errors import DeskRefused, DeskUnavailable
from desk.masking import mask_personal

log = structlog.get_logger()
_NEAREST = 3
_SECONDS = 0.8
"""Keeping a question must not cost the citizen the answer's five seconds."""


async def keep_question(tracker: Tracker, outcome: Outcome) -> None:
    """Keep the latest message; when the desk can't be reached that is logged, and no more."""
    text = (tracker.latest_message.get("text") or "").strip()
    if not text:
        return
    index = (await catalog()).index
    nearest = [hit.id for hit in index.search(text).nearest[:_NEAREST]]
    masked = await asyncio.to_thread(mask_personal, text)  # long texts of names take their time
    try:
        await asyncio.wait_for(
            desk_client().note_question(
                masked,
                outcome.value,
                nearest,
                idempotency_key=request_key(tracker, "question"),
            ),
            _SECONDS,
        )
    except (DeskUnavailable, DeskRefused, asyncio.TimeoutError) as error:
        log.warning("question.not_kept", error=type(error).__name__)


def request_key(tracker: Tracker, purpose: str) -> str:
    """The idempotency key of what the latest message led to: the same when it is tried again."""
    message = tracker.latest_message.get("message_id") or uuid.uuid4().hex
    return str(uuid.uuid5(uuid.NAMESPACE_OID, f"{purpose}/{tracker.sender_id}/{message}"))
