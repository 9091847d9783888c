"""Asking Rasa: through the gate, and with an answer whatever happens behind it."""

from __future__ import annotations

import traceback
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any

import structlog
from rasa.core.channels.channel import UserMessage

from bot.channels.gate import Gate
from bot.channels.journal import message_id
from bot.channels.replies import TROUBLE, Collector
from bot.channels.requests import masked
from bot.meaning import LiveMeaning
from wechat.cards import Card
from wechat.messages import IncomingMessage

log = structlog.get_logger(__name__)

OnNewMessage = Callable[[UserMessage], Awaitable[Any]]


@dataclass(frozen=True)
class Answer:
    """What there is to say to a message.

    Attributes:
        text: For the citizen.
        extras: PNG files and cards that go with it.
        choices: What the text offers by number.
        failed: There is no answer; the text says so.
    """

    text: str
    extras: tuple[bytes | Card, ...] = ()
    choices: tuple[str, ...] = ()
    failed: bool = False


class Asking:
    """Asks one Rasa server for one channel."""

    def __init__(self, channel: str, gate: Gate, meaning: LiveMeaning | None) -> None:
        self._channel = channel
        self._gate = gate
        self._meaning = meaning

    async def ask(
        self, message: IncomingMessage, said: str, on_new_message: OnNewMessage
    ) -> Answer:
        """Hands Rasa what was said and waits for all that it has to say."""
        collector = Collector()
        asked = UserMessage(
            said,
            collector,
            message.from_user,
            input_channel=self._channel,
            message_id=message_id(message.dedup_key),
        )
        openid = masked(message.from_user)
        try:
            if self._meaning and not said.startswith("/"):
                await self._meaning.hear(said)
            async with self._gate.through():
                await on_new_message(asked)
        except Exception as error:  # noqa: BLE001  whatever it is, the citizen gets an answer
            # Not the error's own text: it may quote what the citizen wrote.
            where = "".join(traceback.format_tb(error.__traceback__))
            log.error("wechat.failed", openid=openid, error=type(error).__name__, where=where)
            return Answer(TROUBLE, failed=True)
        if not collector.text:
            log.error("wechat.no_answer", openid=openid)
            return Answer(TROUBLE, failed=True)
        return Answer(collector.text, collector.extras, collector.choices)
