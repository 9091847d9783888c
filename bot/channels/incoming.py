"""What a message of WeChat's says to Rasa: text, words heard, or an intent with its entities.

Knows neither the channel nor HTTP.
"""

from __future__ import annotations

import re
from json import dumps

from prcoords import Coords, gcj_wgs_bored, sanity_in_china_p

from bot.channels.replies import EMPTY_TEXT, ONLY_TEXT, VOICE_WITHOUT_WORDS
from wechat.messages import (
    Event,
    EventKind,
    IncomingMessage,
    LocationMessage,
    TextMessage,
    VoiceMessage,
)

FOLLOW = "/follow"  # Rasa's notation for the intent `follow`
LOCATED, SCANNED = "/located", "/scanned"  # the same, with their entities as JSON behind it
_SCENE = re.compile(r"[\w:.-]{1,64}")

# Rasa takes a text that begins with "/" for the name of an intent, whatever blanks are before it
# and even if a later step of its pipeline turns the full-width form into the plain one.
_COMMAND_PREFIX = re.compile(r"^[\s/／\u200b-\u200f\u2060\ufeff]+")


def said(message: IncomingMessage) -> str:
    """What Rasa is to read, empty when there is nothing for it."""
    if isinstance(message, Event):
        return _happened(message)
    if isinstance(message, LocationMessage):
        return LOCATED + dumps(_whereabouts(message))
    if isinstance(message, TextMessage):
        return _COMMAND_PREFIX.sub("", message.text).strip()
    if isinstance(message, VoiceMessage):
        return _COMMAND_PREFIX.sub("", message.recognition or "").strip()
    return ""


def unreadable(message: IncomingMessage) -> str:
    """The answer to a message in which there is nothing to read."""
    if isinstance(message, TextMessage):
        return EMPTY_TEXT
    return VOICE_WITHOUT_WORDS if isinstance(message, VoiceMessage) else ONLY_TEXT


def _whereabouts(message: LocationMessage) -> dict[str, str]:
    """A position in WGS 84, as the catalogue has those of its places.

    Tencent's map, on which the citizen chose it, moves China by some hundred metres (GCJ-02).
    That is taken back here, to some decimetres. Positions elsewhere aren't moved.
    """
    here = Coords(message.latitude, message.longitude)
    if sanity_in_china_p(here):
        here = gcj_wgs_bored(here)
    return {"latitude": f"{here.lat:.6f}", "longitude": f"{here.lon:.6f}"}


def _happened(event: Event) -> str:
    """What an event says: a code that was scanned, a menu's button, a follow; or nothing."""
    if _SCENE.fullmatch(event.scene):
        return SCANNED + dumps({"scene": event.scene})
    if event.kind is EventKind.CLICK:
        return _COMMAND_PREFIX.sub("", event.key).strip()
    return FOLLOW if event.kind in {EventKind.SUBSCRIBE, EventKind.SCAN} else ""
