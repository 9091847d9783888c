"""How a client's calls reach the backend: one HTTP session, one time-out, three ways to end.

A value, the room's own refusal, or the room's own "unavailable". The appointments' client and the
desk's clients are built on this; it imports neither Sanic nor SQLAlchemy, and knows no room.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable, Mapping
from typing import Any, TypeVar
from urllib.parse import quote

import aiohttp

Value = TypeVar("Value")
Problem = Mapping[str, Any]


class Transport:
    """Talks to one backend over one HTTP session, which opens on first use."""

    def __init__(
        self,
        base_url: str,
        key: str,
        timeout_seconds: float,
        *,
        refused: Callable[[Problem], Exception],
        unavailable: type[Exception],
    ) -> None:
        """Keep what is needed; nothing is opened before the first call.

        Args:
            base_url: The backend's address.
            key: The key that opens it.
            timeout_seconds: For a whole call.
            refused: Reads the backend's no; may raise KeyError, TypeError or ValueError.
            unavailable: What is raised when no usable answer came.
        """
        self._base_url = base_url.rstrip("/")
        self._headers = {"Authorization": f"Bearer {key}"}
        self._timeout = aiohttp.ClientTimeout(total=timeout_seconds)
        self._refused = refused
        self._unavailable = unavailable
        self._session: aiohttp.ClientSession | None = None

    async def close(self) -> None:
        """Close the session; a later call opens a new one."""
        if self._session is not None:
            await self._session.close()
            self._session = None

    async def call(
        self,
        method: str,
        path: str,
        read: Callable[[Mapping[str, Any]], Value],
        **request: Any,  # noqa: ANN401 - handed through to aiohttp
    ) -> Value:
        """Call the backend and read its answer.

        Raises:
            Exception: What `refused` made of the backend's no, or `unavailable`.
        """
        url = self._base_url + path
        try:
            async with self._open().request(
                method, url, allow_redirects=False, **request
            ) as response:
                status, body = response.status, await response.read()
        except (aiohttp.ClientError, asyncio.TimeoutError, OSError) as error:
            raise self._unavailable(f"{method} {type(error).__name__}") from error
        if status >= 500:
            raise self._unavailable(f"{method} answered {status}")
        try:
            data = json.loads(body)
            if status < 300:
                return read(data)
            refused = self._refused(data)
        except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
            # Not chained: the message could hold a piece of the body.
            raise self._unavailable(f"{method} answered {status} with a broken body") from None
        raise refused

    def _open(self) -> aiohttp.ClientSession:
        if self._session is None:
            self._session = aiohttp.ClientSession(headers=self._headers, timeout=self._timeout)
        return self._session


def in_path(code: str) -> str:
    """A code as a citizen typed it, so that it is one segment of a path."""
    return quote("".join(code.split()), safe="") or "-"
