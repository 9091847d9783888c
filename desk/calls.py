"""Calls of the desk over HTTP: one session, a time-out, and three ways to end.

A value, `DeskRefused` (the desk's no, with a sentence) or `DeskUnavailable`. The citizens' client
and the staff's client build on it; it imports neither Sanic nor SQLAlchemy.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable, Mapping
from typing import Any, TypeVar

import aiohttp
from typing_extensions import Self

from desk.errors import DeskCode, DeskRefused, DeskUnavailable

Value = TypeVar("Value")


class Calls:
    """Talks to one backend over one HTTP session, which opens on first use.

    Also an async context manager that closes itself.
    """

    def __init__(self, base_url: str, key: str, timeout_seconds: float) -> None:
        self._base_url = base_url.rstrip("/")
        self._headers = {"Authorization": f"Bearer {key}", "Content-Type": "application/json"}
        self._timeout = aiohttp.ClientTimeout(total=timeout_seconds)
        self._session: aiohttp.ClientSession | None = None

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *error: object) -> None:
        await self.close_session()

    async def close_session(self) -> None:
        """Close the session; a later call opens a new one."""
        if self._session is not None:
            await self._session.close()
            self._session = None

    async def call(
        self,
        path: str,
        body: Mapping[str, object],
        read: Callable[[Mapping[str, Any]], Value],
        headers: Mapping[str, str] | None = None,
    ) -> Value:
        """POST `body` to /v1/desk/`path` and read the answer.

        Raises:
            DeskRefused: The desk said no.
            DeskUnavailable: No usable answer came.
        """
        try:
            async with self._open().post(
                f"{self._base_url}/v1/desk/{path}",
                data=encode(body),
                headers=headers,
                allow_redirects=False,
            ) as response:
                status, content = response.status, await response.read()
        except (aiohttp.ClientError, asyncio.TimeoutError, OSError) as error:
            raise DeskUnavailable(type(error).__name__) from error
        if status >= 500:
            raise DeskUnavailable(f"answered {status}")
        try:
            data = json.loads(content)
            if status < 300:
                return read(data)
            refused = _refused(data)
        except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
            # Not chained: the message could hold a piece of the body.
            raise DeskUnavailable(f"answered {status} with a broken body") from None
        raise refused

    def _open(self) -> aiohttp.ClientSession:
        if self._session is None:
            self._session = aiohttp.ClientSession(headers=self._headers, timeout=self._timeout)
        return self._session


def encode(body: Mapping[str, object]) -> bytes:
    """The body as JSON, Chinese as it is; half a character, which no one can read, becomes ?."""
    return json.dumps(body, ensure_ascii=False).encode("utf-8", errors="replace")


def _refused(problem: Mapping[str, Any]) -> DeskRefused:
    code = DeskCode[problem["code"]]
    # What the server turns down before it looks at the path speaks of appointments.
    ours = str(problem["type"]).startswith("urn:banshi:desk:")
    sentence = str(problem["detail"]) if ours else code.sentence
    return DeskRefused(code, sentence, str(problem.get("note", "")))
