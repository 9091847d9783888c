"""What the channel's doors have in common: a body is read up to a limit, a log sees no openid."""

from __future__ import annotations

from sanic.request import Request

from wechat.errors import TooLarge

LARGEST_BODY = 64 * 1024


async def body(request: Request) -> bytes:
    """Reads the body of a streamed request.

    Raises:
        TooLarge: It is longer than `LARGEST_BODY`.
    """
    read = bytearray()
    if request.stream is None:
        return b""
    async for chunk in request.stream:
        read += chunk
        if len(read) > LARGEST_BODY:
            raise TooLarge
    return bytes(read)


def masked(openid: str) -> str:
    """What a log may show of an openid."""
    return openid[:4] + "…"
