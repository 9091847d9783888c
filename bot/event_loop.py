"""The Rasa server on asyncio's own event loop instead of uvloop.

uvloop takes one new connection each time it goes round, and a busy Rasa goes round some twenty
times a second, as it parses and predicts on the loop. In a flood new connections then wait for ten
seconds and more before anybody looks at them, and neither an answer nor "try again" comes in time.
asyncio's loop takes all that wait. Sanic has a setting for it, but one of its modules installs
uvloop when it is merely imported; so both are needed. `benchmarks.overload` shows the difference.
"""

from __future__ import annotations

import asyncio
import os

SETTING = "SANIC_USE_UVLOOP"
"""Sanic's own; `banshi up` sets it to false."""


def install() -> None:
    """Undo what was installed, if the setting says so; to be called before the server's loop."""
    if os.environ.get(SETTING, "").lower() == "false":
        asyncio.set_event_loop_policy(None)
