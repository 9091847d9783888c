"""The WeChat Official Account as a Rasa input channel: GET and POST /webhooks/wechat/webhook.

Rasa makes a `WeChatInput` from credentials.yml and mounts its blueprint. A message goes through
`wechat.envelope` (verify, decrypt, parse), `inbox` (drop repeats, keep the order) and Rasa, and
comes back through `replies`, as the passive reply if it is there in time, in the citizen's
`script`, its choices as `offers`; `letters` that wait go out with it. An embedding model, when the
hall has one, hears it before Rasa does. What lives as long as the server is in `lifetime`. Says
nothing about services: the texts here are only those for when Rasa can't be asked.
"""

from __future__ import annotations

import asyncio
import os
from functools import partial
from typing import Any

import structlog
from rasa.core.channels.channel import InputChannel
from rasa.shared.exceptions import InvalidConfigException
from sanic import Blueprint
from sanic.request import Request
from sanic.response import HTTPResponse, json, text

from bot import (
    action_answers,
    action_calls,
    event_loop,
    graph_runs,
    rasa_habits,
)
from bot.broken_connections import connection_of
from bot.channels import letters, outcomes
from bot.channels.asking import Answer, Asking, OnNewMessage
from bot.channels.claims import Claims
from bot.channels.gate import Gate
from bot.channels.inbox import Carrier, Inbox, Turn
from bot.channels.incoming import said, unreadable
from bot.channels.journal import Journal
from bot.channels.letters import Mailbox
from bot.channels.lifetime import Lifetime
from bot.channels.offers import Offers
from bot.channels.outcomes import Afterwards, Outcome, Outcomes
from bot.channels.replies import TROUBLE, Shelf, joined
from bot.channels.requests import body, masked, query
from bot.channels.script import Scripts
from bot.channels.sender import Sender
from bot.channels.wiring import (
    LATE_SETTING,
    NOTICES,
    Late,
    late_setting,
    notices_setting,
    open_journal,
    retention_setting,
)
from bot.conversations import Retention
from bot.meaning import LiveMeaning
from bot.settings import catalog_directory, embeddings, letters_key
from wechat.account import APP_SECRET, Account
from wechat.api import WeChatApi
from wechat.envelope import SUCCESS, Opened, Webhook
from wechat.errors import AccountError, NoticesError, Refused
from wechat.messages import BUSY, LATE, Event, IncomingMessage, TextMessage
from wechat.notices import Notices

log = structlog.get_logger(__name__)

DEADLINE = 4.3  # seconds; WeChat hangs up after 5, and the way there and back takes its share
LONGEST_WAIT = 20.0
"""Seconds: whoever can be written to afterwards may wait so long for the answer; beyond that it is
better to be told at once to try again."""
_SURE = 0.8
"""Of the deadline: how long a message may be expected to take that is to be answered in time."""
BUSY_QUIET = 5.0
"""Seconds between two lines of the log about it."""
GIVEN_UP = 20.0
"""Seconds after which WeChat doesn't repeat a message any more: three tries of five are over."""
LANE = 8
"""Messages of one citizen that may wait for one another."""


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
        gate: Gate | None = None,
        notices: Notices | None = None,
        remembered: int = 10_000,
        settles: bool = False,
        deadline: float = DEADLINE,
        shutdown_grace: float = 5.0,
    ) -> None:
        """Make the channel; `from_credentials` does so for a hall.

        Args:
            account: The Official Account.
            late: What becomes of an answer that misses WeChat's five seconds.
            meaning: The embedding model, if there is one.
            retention: Deletes what is old, if that is to be done here.
            letters_key: The backend's key.
            journal: The memory over restarts; None has none.
            gate: How many messages are in Rasa at once.
            notices: The account's templates.
            remembered: Of how many citizens the channel keeps in mind what was offered to them and
                what is left to show, and of how many messages their answers.
            settles: See `Lifetime`.
            deadline: See the attribute.
            shutdown_grace: Seconds that work under way has at the end.

        Raises:
            AccountError: The account can't send what is to be sent.
        """
        if account.app_secret is None and (late is Late.CUSTOMER_SERVICE or notices):
            remedy = f"Set it to the developer secret, or leave {LATE_SETTING} and {NOTICES} out."
            raise AccountError(APP_SECRET, "is not set, but what is sent needs it", remedy)
        self._webhook = Webhook(account)
        self._late = late
        self._key = letters_key
        self.deadline = deadline
        self._inbox = Inbox(size=remembered)
        self._shelf = Shelf(size=remembered)
        self._scripts = Scripts(size=remembered)
        self._offers = Offers(size=remembered)
        self._outcomes = Outcomes()
        self._gate = Gate() if gate is None else gate
        self._asking = Asking(self.name(), self._gate, meaning)
        writes = late is Late.CUSTOMER_SERVICE
        self._sender = Sender(
            WeChatApi(account),
            self._scripts,
            self._shelf,
            self._outcomes,
            allowed=writes,
            notices=notices or {},
        )
        at_once = self._sender.letter if writes or notices else None
        self._journal = journal
        self._claims = Claims(journal)
        self._mailbox = Mailbox(at_once, journal)
        self._quiet_until = 0.0
        self._lifetime = Lifetime(
            self._inbox,
            self._mailbox,
            self._claims,
            self._sender,
            journal,
            retention,
            meaning,
            grace=shutdown_grace,
            settles=settles,
        )

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
        for module in (action_answers, action_calls, graph_runs, rasa_habits, event_loop):
            module.install()
        try:
            return cls(
                Account.from_env(os.environ),
                late=late_setting(os.environ),
                meaning=LiveMeaning.of(embeddings(), catalog_directory()),
                retention=retention_setting(),
                letters_key=letters_key(),
                journal=open_journal(),
                notices=notices_setting(os.environ),
                settles=True,
            )
        except (AccountError, NoticesError, ValueError) as error:
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
                return text(self._webhook.handshake(query(request)))
            except Refused as refusal:
                return _refuse(refusal)

        @blueprint.post("/webhook", stream=True)
        async def receive(request: Request) -> HTTPResponse:
            due = asyncio.get_running_loop().time() + self.deadline
            if self._lifetime.ending:
                self._outcomes.count(Outcome.LOST)
                return text("", status=503)
            try:
                opened = await self._open(request)
            except Refused as refusal:
                self._outcomes.count(Outcome.REFUSED)
                return _refuse(refusal)
            carrier = connection_of(request)
            outcome, answer = await self._respond(opened, due, carrier, on_new_message)
            self._outcomes.count(outcome)
            return text(answer)

        letters.add_route(blueprint, self._mailbox, self._key)
        outcomes.add_route(blueprint, self._key, self._counters)
        self._lifetime.share_with(blueprint)
        return blueprint

    async def _open(self, request: Request) -> Opened:
        asked = query(request)
        self._webhook.verify(asked)
        return self._webhook.open(asked, await body(request))

    def _counters(self) -> dict[str, object]:
        load = {"being_worked_on": len(self._inbox), "seconds_a_message": self._gate.pace}
        return {**self._outcomes.as_json(), **load}

    async def _respond(
        self, opened: Opened, due: float, carrier: Carrier, on_new_message: OnNewMessage
    ) -> tuple[Outcome, str]:
        """Returns the body of the response to one delivery of a message, and how that ended."""
        message = opened.message
        openid = message.from_user
        if isinstance(message, Event) and not said(message):
            return Outcome.QUIET, SUCCESS
        key = message.dedup_key
        turn = self._inbox.known(key)
        if turn is None:
            if self._too_many(openid):
                self._tell_busy()
                return Outcome.BUSY, opened.reply(self._scripts.speak(openid, BUSY))
            turn = self._begin(message, on_new_message)
        elif turn.claimed:
            return self._repeated(openid)
        try:
            answer = await turn.wait(due - asyncio.get_running_loop().time(), carrier)
        except asyncio.CancelledError:
            log.info("wechat.connection_lost", openid=masked(openid))
            self._outcomes.count(Outcome.LOST)
            raise
        except LookupError:
            return Outcome.TROUBLE, opened.reply(self._scripts.speak(openid, TROUBLE))
        if turn.declined:
            return self._repeated(openid)
        if answer is not None:
            found = Outcome.TROUBLE if turn.failed else Outcome.ANSWERED
            return found, opened.reply(self._scripts.speak(openid, answer))
        return Outcome.LATE, self._put_off(opened, turn)

    def _repeated(self, openid: str) -> tuple[Outcome, str]:
        """Another connection has the message, or another server."""
        log.info("wechat.repeat", openid=masked(openid))
        return Outcome.REPEAT, SUCCESS

    def _tell_busy(self) -> None:
        """Log that messages are turned away, once in a while: there may be hundreds a second."""
        moment = asyncio.get_running_loop().time()
        if moment >= self._quiet_until:
            self._quiet_until = moment + BUSY_QUIET
            so_far = self._outcomes[Outcome.BUSY]
            log.warning("wechat.busy", before=len(self._inbox), turned_away_so_far=so_far)

    def _begin(self, message: IncomingMessage, on_new_message: OnNewMessage) -> Turn:
        openid = message.from_user
        tapped = isinstance(message, TextMessage) and bool(message.menu_id)
        self._sender.heard(openid, event=tapped or isinstance(message, Event))
        if isinstance(message, TextMessage) and not tapped:  # a tap says our own words
            self._scripts.hear(openid, message.text)
        key = message.dedup_key
        work = partial(self._work, message, on_new_message)
        claim = partial(self._claims.take, key) if self._journal else None
        return self._inbox.begin(key, openid, work, claim)

    def _put_off(self, opened: Opened, turn: Turn) -> str:
        """What is said when the answer isn't there in time."""
        openid = opened.message.from_user
        if turn.sends:  # the connection that was told so broke; the answer is sent all the same
            return SUCCESS
        turn.sends = self._sender.can_write(openid)
        way = Late.CUSTOMER_SERVICE if turn.sends else Late.KEEP
        log.warning("wechat.late", openid=masked(openid), way=way.value)
        if turn.sends:
            self._sender.begin_typing(openid)
            return SUCCESS
        return opened.reply(self._scripts.speak(openid, LATE))

    def _too_many(self, openid: str) -> bool:
        """Whether a message that comes now had better come again later."""
        if self._inbox.waiting(openid) >= LANE:
            return True
        wait = LONGEST_WAIT if self._sender.can_write(openid) else self.deadline * _SURE
        return self._gate.wait_behind(len(self._inbox)) > wait

    async def _work(
        self, message: IncomingMessage, on_new_message: OnNewMessage, turn: Turn
    ) -> None:
        """Answers a message that is ours, and lets the others know."""
        try:
            found = await self._answer(message, on_new_message, turn)
            await self._claims.done(message.dedup_key)
        finally:
            self._claims.release(message.dedup_key)
        self._sender.follow_up(message.from_user, found.extras)

    async def _answer(
        self, message: IncomingMessage, on_new_message: OnNewMessage, turn: Turn
    ) -> Answer:
        """Finds the answer and brings it on its way; one citizen's messages come one by one."""
        openid = message.from_user
        words = self._offers.taken(message, said(message))
        left = self._shelf.take(openid, words)
        found = Answer("") if left.complete else await self._ask(message, words, on_new_message)
        self._offers.clear(openid)
        turn.failed = found.failed
        async with self._mailbox.hand_out(openid) as waiting:
            answer = joined(left.text, *waiting.texts, found.text)
            owed = left.owed or bool(waiting.texts)
            if not turn.late:
                page = self._shelf.page(openid, answer, owed=owed)
                turn.answer(self._offers.lay(openid, page, found.choices))
                waiting.given = True
                asyncio.get_running_loop().call_later(GIVEN_UP, self._keep, openid, turn, page)
            elif turn.sends:
                waiting.given = await self._sender.text(
                    openid, answer, owed=owed, choices=found.choices
                )
                if waiting.given:
                    self._offers.lay(openid, "", found.choices)
        if not waiting.given:  # the letters follow the late answer with the next message
            self._shelf.keep(openid, joined(left.text, found.text))
            self._outcomes.count(Afterwards.KEPT)
        return found

    def _keep(self, openid: str, turn: Turn, page: str) -> None:
        """Keep an answer that no connection carried: WeChat doesn't come for it any more."""
        if not turn.claimed:
            self._shelf.leave(openid, page, owed=True)
            self._outcomes.count(Afterwards.KEPT)

    async def _ask(
        self, message: IncomingMessage, words: str, on_new_message: OnNewMessage
    ) -> Answer:
        if not words:
            return Answer(unreadable(message))
        return await self._asking.ask(message, words, on_new_message)


def _refuse(refusal: Refused) -> HTTPResponse:
    log.warning("wechat.refused", reason=refusal.reason, status=refusal.status)
    return text("", status=refusal.status)
