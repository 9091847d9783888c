"""Keeping a place while the citizen still writes name and phone, and letting it go again.

A place is held as soon as its time is chosen; a hold that nobody confirms ends by itself. For
another person nothing is held, as the backend must know for whom.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from actions.resources import booking_client
from booking.errors import BackendUnavailable, Refused
from booking.values import Appointment


async def hold(citizen: str, slots: Mapping[str, Any], start: str, key: str) -> Appointment | None:
    """Hold the chosen slot; None when nothing is held for whom it is.

    Raises:
        Refused: It can't be booked by this citizen.
        BackendUnavailable: No answer came, twice.
    """
    if slots.get("booking_for"):
        return None
    wish = {
        "citizen": citizen,
        "service": slots["booking_service"],
        "place": slots["booking_place"],
        "start": datetime.fromisoformat(start),
        "priority": slots.get("booking_priority"),
        "idempotency_key": key,
    }
    client = booking_client()
    try:
        return await client.hold(**wish)
    except BackendUnavailable:
        return await client.hold(**wish)


async def release(citizen: str, code: str | None) -> None:
    """Let a hold go; when that can't be done it ends by itself."""
    if not code:
        return
    try:
        await booking_client().cancel(citizen, code, idempotency_key=f"release-{code}")
    except (BackendUnavailable, Refused):
        return
