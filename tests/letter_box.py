"""A real HTTP server in place of the bot's door for letters: what it says is set by the test."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

from aiohttp import web


@dataclass
class Channel:
    """A real HTTP server in place of the bot's channel.

    Attributes:
        answers: What it says, in turn: a bool for `delivered`, an int for a bare status; the last
            one holds for ever.
        letters: What it was given.
        keys: The Authorization headers that came.
    """

    answers: list[bool | int] = field(default_factory=lambda: [True])
    letters: list[dict[str, Any]] = field(default_factory=list)
    keys: list[str | None] = field(default_factory=list)
    came: asyncio.Condition = field(default_factory=asyncio.Condition)
    url: str = ""

    async def take(self, request: web.Request) -> web.Response:
        self.keys.append(request.headers.get("Authorization"))
        letter = await request.json()
        answer = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
        async with self.came:
            self.letters.append(letter)
            self.came.notify_all()
        if isinstance(answer, bool):
            return web.json_response({"delivered": answer})
        return web.Response(status=answer)

    async def until(self, count: int) -> list[dict[str, Any]]:
        """Wait until so many letters came."""
        async with self.came:
            await asyncio.wait_for(self.came.wait_for(lambda: len(self.letters) >= count), 20)
        return self.letters


@asynccontextmanager
async def channel_running() -> AsyncIterator[Channel]:
    """A channel on a free port."""
    channel = Channel()
    app = web.Application()
    app.router.add_post("/webhooks/wechat/letters", channel.take)
    runner = web.AppRunner(app)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    host, port = runner.addresses[0][:2]
    channel.url = f"http://{host}:{port}"
    try:
        yield channel
    finally:
        await runner.cleanup()
