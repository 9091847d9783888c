"""Actions as Rasa calls them, with a real HTTP server in place of the backend."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from aiohttp import web
from rasa_sdk import Tracker
from rasa_sdk.executor import CollectingDispatcher

import service_catalog
from actions import resources

KEY = "a key for callers in tests"
ANSWERS: dict[str, dict[str, Any]] = {
    "/v1/desk/questions": {"kept": True},
    "/v1/desk/cases/search": {"cases": []},
    "/v1/appointments/search": {"appointments": []},
}


@dataclass(frozen=True)
class Call:
    """One call that reached the backend."""

    path: str
    body: dict[str, Any]
    key: str | None
    idempotency_key: str | None


@dataclass
class Backend:
    """What the server was asked, and how it answers.

    Attributes:
        calls: What came, in order.
        status: The status of every answer.
        silent: Whether it takes calls and never answers.
        url: Where it listens.
    """

    calls: list[Call] = field(default_factory=list)
    status: int = 200
    silent: bool = False
    url: str = ""

    async def take(self, request: web.Request) -> web.Response:
        headers = request.headers
        call = Call(
            request.path,
            await request.json(),
            headers.get("Authorization"),
            headers.get("Idempotency-Key"),
        )
        self.calls.append(call)
        if self.silent:
            await asyncio.sleep(30)
        return web.json_response(ANSWERS.get(request.path, {}), status=self.status)


@asynccontextmanager
async def backend_running(setenv: Callable[[str, str], None]) -> AsyncIterator[Backend]:
    """A server that the actions' clients are led to; they are closed at the end."""
    backend = Backend()
    app = web.Application()
    app.router.add_post("/{path:.*}", backend.take)
    runner = web.AppRunner(app, shutdown_timeout=0.1)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    backend.url = f"http://127.0.0.1:{runner.addresses[0][1]}"
    setenv("BANSHI_BOOKING_URL", backend.url)
    setenv("BANSHI_BOOKING_KEY", KEY)
    setenv("BANSHI_ACTIONS_KEY", KEY)
    setenv("BANSHI_CATALOG", str(Path(service_catalog.__file__).parent / "content"))
    setenv("BANSHI_CLOCK", "2026-11-23T09:00:00")
    _forget_clients()
    try:
        yield backend
    finally:
        await resources.booking_client().close()
        await resources.desk_client().close_session()
        _forget_clients()
        await runner.cleanup()


def _forget_clients() -> None:
    """The catalogue stays: it is the same in all tests, and long to read."""
    for made_once in (resources._settings, resources.booking_client, resources.desk_client):
        made_once.cache_clear()


def tracker(text: str, intent: str = "ask", **parts: Any) -> Tracker:
    """A conversation whose latest message is `text`."""
    latest = {
        "text": text,
        "intent": {"name": intent, "confidence": 0.9},
        "entities": parts.pop("entities", []),
        "message_id": parts.pop("message_id", "m1"),
    }
    slots = parts.pop("slots", {})
    loop = {"name": parts.pop("form", None)}
    return Tracker("o-citizen", slots, latest, parts.pop("events", []), False, None, loop, None)


def said(dispatcher: CollectingDispatcher) -> str:
    """Everything that was said, in one text."""
    return "\n".join(message["text"] for message in dispatcher.messages)
