"""Calls of the desk over HTTP: one session, a time-out, and three ways to end.

A value, `DeskRefused` (the desk's no, with a sentence) or `DeskUnavailable`. The citizens' client
and the staff's client build on it; it imports neither Sanic nor SQLAlchemy.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Any, TypeVar

from typing_extensions import Self

from booking.transport import Problem, Transport
from desk.errors import DeskCode, DeskRefused, DeskUnavailable

Value = TypeVar("Value")


class Calls:
    """Talks to one backend over one HTTP session, which opens on first use.

    Also an async context manager that closes itself.
    """

    def __init__(self, base_url: str, key: str, timeout_seconds: float) -> None:
        self._transport = Transport(
            base_url, key, timeout_seconds, refused=_refused, unavailable=DeskUnavailable
        )

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *error: object) -> None:
        await self.close_session()

    async def close_session(self) -> None:
        """Close the session; a later call opens a new one."""
        await self._transport.close()

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
        return await self._transport.call(
            "POST",
            f"/v1/desk/{path}",
            read,
            data=encode(body),
            headers={"Content-Type": "application/json", **(headers or {})},
        )


def encode(body: Mapping[str, object]) -> bytes:
    """The body as JSON, Chinese as it is; half a character, which no one can read, becomes ?."""
    return json.dumps(body, ensure_ascii=False).encode("utf-8", errors="replace")


def _refused(problem: Problem) -> DeskRefused:
    code = DeskCode[problem["code"]]
    # What the server turns down before it looks at the path speaks of appointments.
    ours = str(problem["type"]).startswith("urn:banshi:desk:")
    sentence = str(problem["detail"]) if ours else code.sentence
    return DeskRefused(code, sentence, str(problem.get("note", "")))
