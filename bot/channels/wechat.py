"""The WeChat Official Account as a Rasa input channel: GET and POST /webhooks/wechat/webhook.

Rasa makes a `WeChatInput` from credentials.yml and mounts its blueprint. A message goes through
`wechat.envelope` (verify, decrypt, parse), `inbox` (drop repeats, keep the order) and Rasa, and
comes back through `replies`, as the passive reply if it is there in time, in the citizen's
`script`; `letters` that wait go out with it. An embedding model, when the hall has one, hears it
before Rasa does. The channel also owns what lives as long as the server: that model, the deletion
of old conversations, the discretion of the log. Says nothing about services: the texts here are
only those for when Rasa can't be asked.
"""

from __future__ import annotations

import asyncio
import os
import re
import traceback
from collections.abc import Awaitable, Callable, Mapping
from enum import Enum
from functools import partial
from json import dumps
from typing import Any

import structlog
from rasa.core.channels.channel import InputChannel, UserMessage
from rasa.shared.exceptions import InvalidConfigException
from sanic import Blueprint, Sanic
from sanic.request import Request
from sanic.response import HTTPResponse, json, text

from bot import action_answers, graph_runs
from bot.channels.discretion import Discretion
from bot.channels.inbox import Inbox, Turn
from bot.channels.journal import Journal
from bot.channels.letters import Mailbox, add_route
from bot.channels.replies import (
    EMPTY_TEXT,
    ONLY_TEXT,
    TROUBLE,
    VOICE_WITHOUT_WORDS,
    Collector,
    Shelf,
    joined,
)
from bot.channels.requests import body, masked
from bot.channels.script import Scripts
from bot.conversations import Retention
from bot.meaning import LiveMeaning
from bot.settings import (
    catalog_directory,
    conversations,
    embeddings,
    journal_file,
    letters_key,
)
from wechat.account import APP_SECRET, Account
from wechat.api import WeChatApi
from wechat.envelope import SUCCESS, Opened, Webhook
from wechat.errors import AccountError, ApiError, Refused, WeChatError
from wechat.messages import (
    LATE,
    Event,
    EventKind,
    IncomingMessage,
    LocationMessage,
    TextMessage,
    VoiceMessage,
    first_page,
)

log = structlog.get_logger(__name__)

LATE_SETTING = "BANSHI_WECHAT_LATE"
DEADLINE = 4.3  # seconds; WeChat hangs up after 5, and the way there and back takes its share
NOT_NOW = frozenset({43004, 45015, 45047, 48001})
"""WeChat's codes for: this citizen can't be written to now, but can read the next reply."""
FOLLOW = "/follow"  # Rasa's notation for the intent `follow`
LOCATED, SCANNED = "/located", "/scanned"  # the same, with their entities as JSON behind it
_SCENE = re.compile(r"[\w:.-]{1,64}")

# Rasa takes a text that begins with "/" for the name of an intent, whatever blanks are before it
# and even if a later step of its pipeline turns the full-width form into the plain one.
_COMMAND_PREFIX = re.compile(r"^[\s/／\u200b-\u200f\u2060\ufeff]+")

OnNewMessage = Callable[[UserMessage], Awaitable[Any]]


class Late(Enum):
    """What becomes of an answer that misses WeChat's five seconds."""

    KEEP = "keep"  # shown before the answer to the citizen's next message
    CUSTOMER_SERVICE = "customer-service"  # sent as a customer-service message when ready


class WeChatInput(InputChannel):
    """One Official Account's webhook.

    Attributes:
        deadline: How many seconds after its arrival a message is answered, with the answer or not.
    """

    def __init__(
        self,
        account: Account,
        *,
        late: Late = Late.KEEP,
        meaning: LiveMeaning | None = None,
        retention: Retention | None = None,
        letters_key: str | None = None,
        journal: Journal | None = None,
        deadline: float = DEADLINE,
        shutdown_grace: float = 5.0,
    ) -> None:
        if late is Late.CUSTOMER_SERVICE and account.app_secret is None:
            remedy = f"Set it to the developer secret, or leave {LATE_SETTING} out."
            raise AccountError(APP_SECRET, "is not set, but late answers need it", remedy)
        self._webhook = Webhook(account)
        self._api = WeChatApi(account)
        self._late = late
        self._meaning = meaning
        self._retention = retention
        self._letters_key = letters_key
        self.deadline = deadline
        self._shutdown_grace = shutdown_grace
        self._inbox = Inbox()
        self._shelf = Shelf()
        self._scripts = Scripts()
        at_once = partial(self._send, owed=True) if late is Late.CUSTOMER_SERVICE else None
        self._journal = journal
        self._mailbox = Mailbox(at_once, journal)
        self._discretion = Discretion()

    @classmethod
    def name(cls) -> str:
        """Names the channel, and with it its path: /webhooks/wechat."""
        return "wechat"

    @classmethod
    def from_credentials(cls, credentials: dict[str, Any] | None) -> WeChatInput:
        """Makes the channel from the environment; credentials.yml only names it.

        Raises:
            InvalidConfigException: A variable is missing or wrong, or credentials.yml has keys.
        """
        if credentials:
            raise InvalidConfigException(
                f"credentials.yml: {cls.name()} has no keys here; use the BANSHI_WECHAT_ variables."
            )
        action_answers.install()
        graph_runs.install()
        try:
            return cls(
                Account.from_env(os.environ),
                late=_late_setting(os.environ),
                meaning=LiveMeaning.of(embeddings(), catalog_directory()),
                retention=_retention(),
                letters_key=letters_key(),
                journal=Journal(journal_file()),
            )
        except (AccountError, ValueError) as error:
            raise InvalidConfigException(str(error)) from error

    def blueprint(self, on_new_message: OnNewMessage) -> Blueprint:
        """Makes the routes."""
        blueprint = Blueprint("wechat_webhook")

        @blueprint.get("/")
        async def health(_: Request) -> HTTPResponse:
            return json({"status": "ok"})

        @blueprint.get("/webhook")
        async def handshake(request: Request) -> HTTPResponse:
            try:
                return text(self._webhook.handshake(_query(request)))
            except Refused as refusal:
                return _refuse(refusal)

        @blueprint.post("/webhook", stream=True)
        async def receive(request: Request) -> HTTPResponse:
            due = asyncio.get_running_loop().time() + self.deadline
            try:
                opened = await self._open(request)
            except Refused as refusal:
                return _refuse(refusal)
            return text(await self._respond(opened, due, on_new_message))

        add_route(blueprint, self._mailbox, self._letters_key)
        self._live_with(blueprint)
        return blueprint

    def _live_with(self, blueprint: Blueprint) -> None:
        """Starts and ends with the server what the channel owns."""

        async def prepare(_app: Sanic, _loop: asyncio.AbstractEventLoop) -> None:
            self._discretion.begin()

        async def start(_app: Sanic, _loop: asyncio.AbstractEventLoop) -> None:
            if self._meaning:
                await self._meaning.open()
            if self._retention:
                await self._retention.open()

        async def close(_app: Sanic, _loop: asyncio.AbstractEventLoop) -> None:
            await self._inbox.close(grace=self._shutdown_grace)
            if self._journal:
                await self._journal.close()
            if self._retention:
                await self._retention.close()
            if self._meaning:
                await self._meaning.close()
            await self._api.close()

        async def leave(_app: Sanic, _loop: asyncio.AbstractEventLoop) -> None:
            self._discretion.end()

        blueprint.before_server_start(prepare)
        blueprint.after_server_start(start)
        blueprint.before_server_stop(close)
        blueprint.after_server_stop(leave)

    async def _open(self, request: Request) -> Opened:
        query = _query(request)
        self._webhook.verify(query)
        return self._webhook.open(query, await body(request))

    async def _respond(self, opened: Opened, due: float, on_new_message: OnNewMessage) -> str:
        """Returns the body of the response to one delivery of a message."""
        message = opened.message
        if isinstance(message, Event) and not _said(message):
            return SUCCESS
        openid = message.from_user
        key = message.dedup_key
        new = self._inbox.known(key) is None and await self._claim(key)
        turn = self._inbox.known(key)
        if turn is None and not new:  # another server has it, or this one had before a restart
            log.info("wechat.repeat", openid=masked(openid))
            return SUCCESS
        if turn is None:
            if isinstance(message, TextMessage):
                self._scripts.hear(openid, message.text)
            work = partial(self._work, message, on_new_message)
            turn = self._inbox.begin(key, openid, work)
        elif turn.claimed:
            log.info("wechat.repeat", openid=masked(openid))
            return SUCCESS
        try:
            answer = await turn.wait(due - asyncio.get_running_loop().time())
        except asyncio.CancelledError:
            log.info("wechat.connection_lost", openid=masked(openid))
            raise
        except LookupError:
            return opened.reply(self._scripts.speak(openid, TROUBLE))
        if answer is not None:
            return opened.reply(self._scripts.speak(openid, answer))
        log.warning("wechat.late", openid=masked(openid), way=self._late.value)
        if self._late is Late.CUSTOMER_SERVICE:
            return SUCCESS
        return opened.reply(self._scripts.speak(openid, LATE))

    async def _claim(self, key: str) -> bool:
        """Whether nobody has answered the message, nor is about to."""
        return self._journal is None or await self._journal.claim(key)

    async def _work(
        self, message: IncomingMessage, on_new_message: OnNewMessage, turn: Turn
    ) -> None:
        """Finds the answer and brings it on its way; one citizen's messages come one by one."""
        openid = message.from_user
        said = _said(message)
        left, complete = self._shelf.take(openid, said)
        found = "" if complete else await self._ask(message, said, on_new_message)
        async with self._mailbox.hand_out(openid) as letters:
            answer = joined(left, *letters.texts, found)
            if not turn.late:
                turn.answer(self._shelf.page(openid, answer, owed=bool(letters.texts)))
                letters.given = True
            elif self._late is Late.CUSTOMER_SERVICE:
                letters.given = await self._send(openid, answer, owed=bool(letters.texts))
        if not letters.given:  # the letters follow the late answer with the next message
            self._shelf.keep(openid, joined(left, found))
        if self._journal:
            await self._journal.done(message.dedup_key)

    async def _ask(self, message: IncomingMessage, said: str, on_new_message: OnNewMessage) -> str:
        if not said:
            return _unreadable(message)
        if self._meaning and not said.startswith("/"):
            await self._meaning.hear(said)
        return await _ask_rasa(message, said, on_new_message)

    async def _send(self, openid: str, answer: str, *, owed: bool) -> bool:
        """Sends a text as a customer-service message; tells whether it went through.

        Args:
            openid: The citizen.
            answer: The text; what doesn't fit is kept for the next message.
            owed: The next message gets the rest even if it doesn't ask for it.
        """
        page, rest = first_page(answer)
        try:
            await self._api.send_text(openid, self._scripts.speak(openid, page))
        except WeChatError as error:
            expected = isinstance(error, ApiError) and error.code in NOT_NOW
            tell = log.warning if expected else log.error
            tell("wechat.send_failed", openid=masked(openid), error=str(error))
            return False
        self._shelf.leave(openid, rest, owed=owed)
        log.info("wechat.sent", openid=masked(openid))
        return True


async def _ask_rasa(message: IncomingMessage, said: str, on_new_message: OnNewMessage) -> str:
    collector = Collector()
    try:
        await on_new_message(
            UserMessage(
                said,
                collector,
                message.from_user,
                input_channel=WeChatInput.name(),
                message_id=message.dedup_key,
            )
        )
    except Exception as error:  # noqa: BLE001  whatever it is, the citizen gets an answer
        # Not the error's own text: it may quote what the citizen wrote.
        where = "".join(traceback.format_tb(error.__traceback__))
        kind = type(error).__name__
        log.error("wechat.failed", openid=masked(message.from_user), error=kind, where=where)
        return TROUBLE
    if not collector.text:
        log.error("wechat.no_answer", openid=masked(message.from_user))
        return TROUBLE
    return collector.text


def _said(message: IncomingMessage) -> str:
    """What Rasa is to read, empty when there is nothing for it."""
    if isinstance(message, Event):
        return _happened(message)
    if isinstance(message, LocationMessage):
        place = {"latitude": str(message.latitude), "longitude": str(message.longitude)}
        return LOCATED + dumps(place)
    if isinstance(message, TextMessage):
        return _COMMAND_PREFIX.sub("", message.text).strip()
    if isinstance(message, VoiceMessage):
        return _COMMAND_PREFIX.sub("", message.recognition or "").strip()
    return ""


def _happened(event: Event) -> str:
    """What an event says: a code that was scanned, a menu's button, a follow; or nothing."""
    if _SCENE.fullmatch(event.scene):
        return SCANNED + dumps({"scene": event.scene})
    if event.kind is EventKind.CLICK:
        return _COMMAND_PREFIX.sub("", event.key).strip()
    return FOLLOW if event.kind in {EventKind.SUBSCRIBE, EventKind.SCAN} else ""


def _unreadable(message: IncomingMessage) -> str:
    """The answer to a message in which there is nothing to read."""
    if isinstance(message, TextMessage):
        return EMPTY_TEXT
    return VOICE_WITHOUT_WORDS if isinstance(message, VoiceMessage) else ONLY_TEXT


def _late_setting(environ: Mapping[str, str]) -> Late:
    value = environ.get(LATE_SETTING, "").strip() or Late.KEEP.value
    try:
        return Late(value)
    except ValueError:
        remedy = "Use keep or customer-service."
        raise AccountError(LATE_SETTING, "is unknown", remedy) from None


def _retention() -> Retention | None:
    settings = conversations()
    return Retention(settings.url, settings.keep_days) if settings.url else None


def _query(request: Request) -> dict[str, str]:
    return {name: values[0] for name, values in request.args.items()}


def _refuse(refusal: Refused) -> HTTPResponse:
    log.warning("wechat.refused", reason=refusal.reason, status=refusal.status)
    return text("", status=refusal.status)
