"""A real server with the channel in it, on a free port: a scripted bot behind, WeChat in front."""

from __future__ import annotations

import asyncio
import itertools
import socket
import warnings
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from typing import Any

import aiohttp
from rasa.core.channels.channel import UserMessage
from rasa.shared.core.domain import Domain
from sanic import Sanic

from bot.channels.wechat import Late, WeChatInput
from bot.conversations import FORGOTTEN
from wechat.account import Account
from wechat.simulator import Citizen, Reply, TencentApi

KEY = "abcdefghijklmnopqrstuvwxyz0123456789ABCDEFG"
OTHER_KEY = "GFEDCBA9876543210zyxwvutsrqponmlkjihgfedcba"
PLAIN = Account(token="token123", app_id="wx0123456789abcdef")
SECURE = replace(PLAIN, aes_key=KEY, mode="secure")
COMPATIBLE = replace(SECURE, mode="compatible")

Sanic.test_mode = True  # else a process can start only one Sanic application
names = itertools.count()


def domain(*actions: str) -> Domain:
    """A domain with the slots `name` and `forgotten`; Rasa greets every domain with a warning."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return Domain.from_dict(
            {
                "intents": ["ask"],
                "slots": {
                    name: {"type": "any", "mappings": [{"type": "custom"}]}
                    for name in ("name", FORGOTTEN)
                },
                "actions": list(actions),
            }
        )


class Bot:
    """Stands where Rasa stands; says what the test scripted, or repeats what it heard."""

    def __init__(self) -> None:
        self.heard: list[str] = []
        self.messages: list[UserMessage] = []
        self.answers: dict[str, list[dict[str, object]]] = {}
        self.failing: set[str] = set()
        self._gates: dict[str, asyncio.Event] = {}
        self._began: dict[str, asyncio.Event] = {}

    async def __call__(self, message: UserMessage) -> None:
        self.heard.append(message.text)
        self.messages.append(message)
        self._event(self._began, message.text).set()
        if message.text in self._gates:
            await self._gates[message.text].wait()
        if message.text in self.failing:
            raise RuntimeError(f"could not understand {message.text}")
        for answer in self.answers.get(message.text, [{"text": f"答：{message.text}"}]):
            await message.output_channel.send_response(message.sender_id, dict(answer))

    def hold(self, text: str) -> asyncio.Event:
        """Thinks about this text until the event is set."""
        return self._event(self._gates, text)

    async def begins(self, text: str) -> None:
        await asyncio.wait_for(self._event(self._began, text).wait(), 5)

    @staticmethod
    def _event(events: dict[str, asyncio.Event], text: str) -> asyncio.Event:
        return events.setdefault(text, asyncio.Event())


class Hall:
    """A running server and everything to drive it with."""

    def __init__(self, channel: WeChatInput, bot: Bot, url: str) -> None:
        self.channel = channel
        self.bot = bot
        self.url = url
        self._citizens: list[Citizen] = []

    def citizen(
        self, account: Account = SECURE, openid: str = "oFirst-1", **settings: Any
    ) -> Citizen:
        citizen = Citizen(self.url, account, openid, **settings)
        self._citizens.append(citizen)
        return citizen

    async def close(self) -> None:
        for citizen in self._citizens:
            await citizen.close()


@asynccontextmanager
async def running(
    account: Account = SECURE, bot: Bot | None = None, **settings: Any
) -> AsyncIterator[Hall]:
    channel = WeChatInput(account, **settings)
    bot = bot or Bot()
    app = Sanic(f"hall{next(names)}", configure_logging=False)
    app.blueprint(channel.blueprint(bot), url_prefix=f"/webhooks/{channel.url_prefix()}")
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        address = f"http://127.0.0.1:{listener.getsockname()[1]}"
        hall = Hall(channel, bot, f"{address}/webhooks/wechat/webhook")
        server = await app.create_server(sock=listener, return_asyncio_server=True)
        try:
            await server.startup()
            await server.before_start()
            await server.after_start()
            yield hall
        finally:
            await hall.close()
            await server.before_stop()
            await server.close()
            await server.after_stop()


async def post(url: str, query: dict[str, str], body: object = b"") -> int:
    async with (
        aiohttp.ClientSession() as session,
        session.post(url, params=query, data=body) as response,
    ):
        await response.read()
        return response.status


async def logged(logs: list, event: str) -> None:
    """Waits until something has been logged."""

    async def look() -> None:
        while all(entry["event"] != event for entry in logs):  # noqa: ASYNC110  a list tells nobody
            await asyncio.sleep(0.001)

    await asyncio.wait_for(look(), 5)


async def late(hall: Hall, citizen: Citizen, text: str) -> Reply | None:
    """Says something that is answered only after the deadline."""
    gate, deadline = hall.bot.hold(text), hall.channel.deadline
    hall.channel.deadline = 0.02
    reply = await citizen.say(text)
    hall.channel.deadline = deadline
    gate.set()
    return reply


@asynccontextmanager
async def running_with_tencent(**settings: Any) -> AsyncIterator[tuple[Hall, TencentApi]]:
    account = replace(SECURE, app_secret="secret")
    async with TencentApi(account) as tencent:
        account = replace(account, api=tencent.url)
        async with running(account, late=Late.CUSTOMER_SERVICE, **settings) as hall:
            yield hall, tencent
