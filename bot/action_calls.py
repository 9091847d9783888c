"""Keeps the connections to the action server open from one call to the next.

Rasa makes a new HTTP session, and with it a new connection, for each call of an action, and closes
both when the answer is there. Here the session of an endpoint is made as Rasa makes it, once, and
stays open; what goes over it, and what is made of the answer, is Rasa's. A call holds the whole
conversation, so its body is written by orjson. A connection that rests is let go before the action
server hangs up, so that no call goes into a closing one. Only `EndpointConfig.session` is touched.
"""

from __future__ import annotations

import asyncio
import atexit
from dataclasses import dataclass
from types import TracebackType
from typing import Any

import aiohttp
from rasa.utils.endpoints import DEFAULT_REQUEST_TIMEOUT, EndpointConfig

from bot.json_text import written

RESTING = 2.0
"""Seconds for which a connection is kept without a call; Sanic hangs up after five."""

_KEPT = "_banshi_kept"
"""The attribute of an endpoint that holds its session; Rasa compares only its own ones."""
_sessions: set[aiohttp.ClientSession] = set()


@dataclass(frozen=True)
class Kept:
    """A session that outlives the block in which Rasa uses it.

    Attributes:
        session: What Rasa calls.
        loop: The event loop it belongs to.
    """

    session: aiohttp.ClientSession
    loop: asyncio.AbstractEventLoop

    async def __aenter__(self) -> aiohttp.ClientSession:
        return self.session

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Keeps it open."""


def install() -> None:
    """Let Rasa use one session for all calls to an endpoint."""

    def session(self: EndpointConfig) -> Any:  # noqa: ANN401 - stands for a session
        kept: Kept | None = getattr(self, _KEPT, None)
        loop = asyncio.get_running_loop()
        if kept is None or kept.loop is not loop or kept.session.closed:
            kept = Kept(_session(self), loop)
            setattr(self, _KEPT, kept)
        return kept

    EndpointConfig.session = session


def _session(endpoint: EndpointConfig) -> aiohttp.ClientSession:
    """A session with the endpoint's headers, authentication and time-out, as Rasa makes it."""
    auth = endpoint.basic_auth and aiohttp.BasicAuth(
        endpoint.basic_auth["username"], endpoint.basic_auth["password"]
    )
    session = aiohttp.ClientSession(
        connector=aiohttp.TCPConnector(limit=0, keepalive_timeout=RESTING),
        cookie_jar=aiohttp.DummyCookieJar(),  # no call knows of another
        headers=endpoint.headers,
        auth=auth or None,
        timeout=aiohttp.ClientTimeout(total=DEFAULT_REQUEST_TIMEOUT),
        json_serialize=written,
    )
    _sessions.add(session)
    return session


async def close() -> None:
    """Close all connections; a call that comes later makes new ones."""
    while _sessions:
        await _sessions.pop().close()


@atexit.register
def _hang_up() -> None:
    """Close what is open when the process ends; the event loop is gone by then."""
    for session in _sessions:
        if session.connector is not None:
            session.connector._close()
