"""What lives as long as the server: begun with it, and ended in an order in which nothing is lost.

At the end no message is taken any longer: WeChat and the backend come again, to another server or
to the next one here. What was begun has some seconds to end, before what it needs is closed.
"""

from __future__ import annotations

import asyncio
import gc
from dataclasses import dataclass, field

from sanic import Blueprint, Sanic

from bot import action_calls, broken_connections, strict_http
from bot.channels.claims import Claims
from bot.channels.discretion import Discretion
from bot.channels.inbox import Inbox
from bot.channels.journal import Journal
from bot.channels.letters import Mailbox
from bot.channels.sender import Sender
from bot.conversations import Retention
from bot.meaning import LiveMeaning


@dataclass
class Lifetime:
    """What one channel owns.

    Attributes:
        grace: Seconds that work under way has at the end, all together.
        settles: Leave all that is there when the server has started out of the rounds of the
            garbage collector: it is Rasa and its model, they stay, and going through them at every
            full collection would stop the server for half a second.
        ending: The server is about to stop.
    """

    inbox: Inbox
    mailbox: Mailbox
    claims: Claims
    sender: Sender
    journal: Journal | None
    retention: Retention | None
    meaning: LiveMeaning | None
    grace: float
    settles: bool
    ending: bool = False
    _discretion: Discretion = field(default_factory=Discretion)

    def share_with(self, blueprint: Blueprint) -> None:
        """Begin and end with the server that mounts the blueprint."""

        async def prepare(app: Sanic, _loop: asyncio.AbstractEventLoop) -> None:
            self._discretion.begin()
            broken_connections.install()
            strict_http.install(app, grace=self.grace)

        async def start(_app: Sanic, _loop: asyncio.AbstractEventLoop) -> None:
            if self.settles:
                gc.collect()
                gc.freeze()
            if self.meaning:
                await self.meaning.open()
            if self.retention:
                await self.retention.open()

        async def close(_app: Sanic, _loop: asyncio.AbstractEventLoop) -> None:
            await self._close()

        async def leave(_app: Sanic, _loop: asyncio.AbstractEventLoop) -> None:
            self._discretion.end()

        blueprint.before_server_start(prepare)
        blueprint.after_server_start(start)
        blueprint.before_server_stop(close)
        blueprint.after_server_stop(leave)

    async def _close(self) -> None:
        self.ending = True
        clock = asyncio.get_running_loop().time
        until = clock() + self.grace
        await asyncio.gather(
            self.inbox.close(grace=self.grace), self.mailbox.close(grace=self.grace)
        )
        await self.sender.close(grace=max(0.0, until - clock()))
        await self.claims.close()
        if self.journal:
            await self.journal.close()
        if self.retention:
            await self.retention.close()
        if self.meaning:
            await self.meaning.close()
        await action_calls.close()
