"""The conversation so far, as it is handed to people."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from desk.values import MAX_TRANSCRIPT, Message, Who
from service_catalog.clock import CHINA

_WHO = {"user": Who.CITIZEN, "bot": Who.ASSISTANT}


def transcript(events: list[dict[str, Any]]) -> tuple[Message, ...]:
    """Everything that citizen and assistant said, oldest first; the newest when it is very long.

    Args:
        events: The tracker's events. Messages that only the channel sends (a follow) don't count.
    """
    said = [
        Message(
            _WHO[event["event"]],
            datetime.fromtimestamp(event["timestamp"], CHINA),
            event["text"],
        )
        for event in events
        if event.get("event") in _WHO
        and (event.get("text") or "").strip()
        and not event["text"].startswith("/")
    ]
    return tuple(said[-MAX_TRANSCRIPT:])
