"""A line to the assistant: what a citizen does goes in, the whole answer comes out.

Through WeChat every message is signed, encrypted and answered like a real one; the pages of a long
answer are fetched and put together, and one that is late is waited for. Through Rasa's REST channel
only what can be said in words goes.
"""

from __future__ import annotations

import asyncio
import itertools
import time
from dataclasses import dataclass
from typing import Any, Protocol

import aiohttp

from qa.cases import Message
from qa.stacks import Stack
from wechat.errors import NobodyListens, ServiceUnavailable
from wechat.messages import CHOOSE, CONTINUE, LATE, MORE
from wechat.simulator import PATIENCE, Citizen

_ids = itertools.count(time.time_ns() // 1000)
_LATE_TRIES = 5


class NotAnswered(Exception):
    """The citizen would read that there is no service; the message says why, in Chinese."""


class NotSayable(Exception):
    """This channel can't carry such a message; the message says which, in Chinese."""


@dataclass(frozen=True)
class Heard:
    """An answer, and how long the citizen waited for its beginning, in seconds."""

    text: str
    seconds: float


class Line(Protocol):
    """One citizen's way to the assistant."""

    async def send(self, message: Message, *, whole: bool = True) -> Heard:
        """Do what the message says (a choice comes as the text of its number).

        Args:
            message: What the citizen does.
            whole: Whether to fetch all pages of the answer.

        Raises:
            NotAnswered: No answer came as it should.
            NotSayable: The channel has no such message.
        """


class WeChatLine:
    """Through the encrypted webhook, as WeChat does."""

    def __init__(self, citizen: Citizen) -> None:
        self._citizen = citizen

    async def send(self, message: Message, *, whole: bool = True) -> Heard:
        """Send a message of any kind and put the pages of its answer together."""
        began = time.monotonic()
        text = await self._exchange(self._composed(message))
        seconds = time.monotonic() - began
        for _ in range(_LATE_TRIES):
            if text != LATE:
                break
            text = await self._exchange(self._citizen.text(CONTINUE))
            seconds = time.monotonic() - began
        while whole and text.endswith(MORE):
            more = await self._exchange(self._citizen.text(CONTINUE))
            text = f"{text.removesuffix(MORE)}\n{more}"
        return Heard(text, seconds)

    async def _exchange(self, xml: str) -> str:
        try:
            reply = await self._citizen.send(xml)
        except NobodyListens:
            raise NotAnswered("连不上系统：它没有在运行") from None
        except ServiceUnavailable as error:
            raise NotAnswered(f"市民会看到“该公众号暂时无法提供服务”（{error}）") from None
        return reply.text if reply else ""

    def _composed(self, message: Message) -> str:
        citizen, value = self._citizen, message.value
        if message.kind == "voice":
            return citizen.voice(value)
        if message.kind == "location":
            return citizen.location(**value)
        if message.kind in _EVENTS:
            return citizen.event(_EVENTS[message.kind], value or "")
        if message.kind == "image":
            return citizen.picture()
        if message.kind in {"link", "video"}:
            return citizen.message(message.kind, {**_fields(message), "MsgId": next(_ids)})
        return citizen.text(value)


_EVENTS = {"follow": "subscribe", "scan": "SCAN", "click": "CLICK"}


def _fields(message: Message) -> dict[str, str]:
    if message.kind == "video":
        return {"MediaId": "media", "ThumbMediaId": "thumb"}
    link = message.value
    return {
        "Title": link.get("title", "链接"),
        "Description": link.get("description", ""),
        "Url": link.get("url", "https://example.com/"),
    }


class RestLine:
    """Through Rasa's REST channel."""

    def __init__(self, url: str, sender: str, session: aiohttp.ClientSession) -> None:
        self._url = url
        self._sender = sender
        self._session = session

    async def send(self, message: Message, *, whole: bool = True) -> Heard:
        """Say a text, or a voice's words, and join what comes back."""
        if message.kind not in {"text", "choose", "voice"} or not message.value:
            raise NotSayable(f"REST通道发不了这种消息：{message.shown}")
        began = time.monotonic()
        body = {"sender": self._sender, "message": message.value}
        try:
            async with self._session.post(self._url, json=body) as response:
                response.raise_for_status()
                parts = await response.json()
        except (aiohttp.ClientError, asyncio.TimeoutError) as error:
            raise NotAnswered(f"REST通道没有回答（{error!r}）") from None
        text = "\n\n".join(filter(None, (self._part(part) for part in parts)))
        return Heard(text, time.monotonic() - began)

    def _part(self, part: dict[str, Any]) -> str:
        """A message as WeChat would show it, with its choices numbered."""
        buttons = part.get("buttons") or ()
        lines = [f"{row}. {button['title']}" for row, button in enumerate(buttons, start=1)]
        return "\n".join(
            [str(part.get("text") or "").strip(), *lines, *([CHOOSE] if lines else [])]
        ).strip()


def line_to(
    stack: Stack, sender: str, session: aiohttp.ClientSession | None, patience: float = PATIENCE
) -> tuple[Line, Citizen | None]:
    """A new citizen's line, and the citizen to be closed afterwards.

    Args:
        stack: The running copy.
        sender: Who the assistant takes us for.
        session: For the REST channel; None goes through WeChat.
        patience: Seconds to wait for an answer.
    """
    if session is not None:
        return RestLine(stack.rest, sender, session), None
    citizen = Citizen(stack.webhook, stack.account, sender, patience=patience)
    return WeChatLine(citizen), citizen
