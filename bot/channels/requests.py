"""What the channel's doors have in common: a body is read up to a limit, a log sees no openid."""

from __future__ import annotations

import asyncio
import hmac

from sanic.exceptions import InvalidUsage, PayloadTooLarge
from sanic.http import Http
from sanic.request import Request

from wechat.errors import MalformedMessage, TooLarge, TooSlow

LARGEST_BODY = 64 * 1024
BODY_SECONDS = 2.0
"""A body that isn't there by then is given up: WeChat's come at once, and it waits five."""


async def body(request: Request) -> bytes:
    """Reads the body of a streamed request. One that is given up is the last of its connection.

    Raises:
        TooLarge: It is longer than `LARGEST_BODY`.
        TooSlow: It isn't there within `BODY_SECONDS`.
        MalformedMessage: It comes in chunks, and they are none.
    """
    stream = request.stream
    if stream is None:
        return b""
    try:
        return await asyncio.wait_for(_read(stream), BODY_SECONDS)
    except (TooLarge, PayloadTooLarge):
        _give_up(stream)
        raise TooLarge from None
    except asyncio.TimeoutError:
        _give_up(stream)
        raise TooSlow from None
    except InvalidUsage:
        _give_up(stream)
        raise MalformedMessage("not in chunks") from None


async def _read(stream: Http) -> bytes:
    read = bytearray()
    async for chunk in stream:
        read += chunk
        if len(read) > LARGEST_BODY:
            raise TooLarge
    return bytes(read)


def _give_up(stream: Http) -> None:
    """Lets Sanic close the connection after the answer, instead of waiting for the rest."""
    stream.keep_alive = False
    stream.request_body = None


def query(request: Request) -> dict[str, str]:
    """The first value of each name in a request's address."""
    return {name: values[0] for name, values in request.args.items()}


def has_key(request: Request, key: str | None) -> bool:
    """Whether a request bears the backend's key; nobody does when there is none."""
    given = request.headers.get("Authorization", "").encode(errors="replace")
    return bool(key) and hmac.compare_digest(given, f"Bearer {key}".encode())


def masked(openid: str) -> str:
    """What a log may show of an openid."""
    return openid[:4] + "…"
