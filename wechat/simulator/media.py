"""Temporary material 临时素材: what is uploaded, kept for three days and then gone."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from wechat.simulator.codes import Refusal

KEPT = 3 * 86_400  # seconds
_TYPES = ("image", "voice", "video", "thumb")
_MEGABYTE = 1_048_576
_LARGEST = {
    "image": 10 * _MEGABYTE,
    "voice": 2 * _MEGABYTE,
    "video": 10 * _MEGABYTE,
    "thumb": 65_536,
}
_TOO_LARGE = {"image": 40009, "voice": 40010, "video": 40011, "thumb": 40012}
_BEGINNINGS: Mapping[bytes, str] = {
    b"\x89PNG\r\n\x1a\n": "image/png",
    b"\xff\xd8\xff": "image/jpeg",
}


@dataclass(frozen=True)
class Media:
    """One upload.

    Attributes:
        kind: Its type: image, voice, video or thumb.
        content: The bytes.
        content_type: What a browser is told that they are.
        created: When it came, in seconds since 1970.
    """

    kind: str
    content: bytes
    content_type: str
    created: int


class MediaShelf:
    """Keeps uploads of the account and of citizens."""

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._shelf: dict[str, Media] = {}

    def add(self, kind: str, content: bytes | None) -> tuple[str, Media]:
        """Keeps an upload; returns its media_id.

        Raises:
            Refusal: 40004 for another type, or a picture that is neither PNG nor JPEG; 41005 for
                nothing; 40009 to 40012 for one that is too large (a picture: 10 MB).
        """
        if kind not in _TYPES:
            raise Refusal(40004)
        if not content:
            raise Refusal(41005)
        content_type = _content_type(kind, content)
        if len(content) > _LARGEST[kind]:
            raise Refusal(_TOO_LARGE[kind])
        media = Media(kind, content, content_type, int(self._clock()))
        media_id = secrets.token_urlsafe(48)
        self._shelf[media_id] = media
        return media_id, media

    def get(self, media_id: str) -> Media:
        """Raises a `Refusal` (40007) when there is no such thing, or no longer."""
        media = self._shelf.get(media_id)
        if media is None or self._clock() - media.created > KEPT:
            self._shelf.pop(media_id, None)
            raise Refusal(40007)
        return media

    def picture(self, media_id: str) -> Media:
        """The same for what must be a picture."""
        media = self.get(media_id)
        if media.kind != "image":
            raise Refusal(40007)
        return media


def _content_type(kind: str, content: bytes) -> str:
    for beginning, content_type in _BEGINNINGS.items():
        if content.startswith(beginning):
            return content_type
    if kind in ("image", "thumb"):
        raise Refusal(40004)
    return "application/octet-stream"
