"""Everything that reaches a citizen outside of a passive reply, from texts to typing.

Each needs the account's right and, but for notices, an open window of WeChat's; `wechat.quota`
keeps account of those. What WeChat refuses is told by meaning: a citizen who can't be written to
now gets it with the next message; a right that the account hasn't is not tried again; what would
meet every message is left alone for a minute; whatever somebody must mend is an error in the log.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Sequence
from contextlib import suppress

import structlog

from bot.channels.letters import Letter
from bot.channels.outcomes import Afterwards, Outcomes
from bot.channels.replies import Shelf
from bot.channels.requests import masked
from bot.channels.script import Scripts
from bot.channels.tasks import Tasks
from wechat.api import WeChatApi
from wechat.cards import Card
from wechat.errors import WHOLE_ACCOUNT, ApiError, Kind, WeChatError
from wechat.messages import first_page, tappable
from wechat.notices import Notices
from wechat.quota import Quota

REST = 60.0
"""Seconds in which nobody is promised a message after one failed for a reason that all share."""

log = structlog.get_logger(__name__)


class Sender:
    """Writes to citizens through Tencent's interface.

    Attributes:
        quota: What may still be sent to whom.
    """

    def __init__(
        self,
        api: WeChatApi,
        scripts: Scripts,
        shelf: Shelf,
        outcomes: Outcomes,
        *,
        allowed: bool,
        notices: Notices,
    ) -> None:
        """Prepare.

        Args:
            api: The account's interface.
            scripts: In whose characters a citizen reads.
            shelf: Where the rest of a long text waits.
            outcomes: The counters.
            allowed: Whether the account may send customer-service messages.
            notices: Its templates.
        """
        self._api = api
        self._scripts = scripts
        self._shelf = shelf
        self._outcomes = outcomes
        self._allowed = allowed
        self._notices = notices
        self._tasks = Tasks()
        self._quota = Quota()
        self._rests_until = 0.0

    def heard(self, openid: str, *, event: bool) -> None:
        """Note that the citizen wrote or did something, which allows to write to them."""
        if self._allowed:
            self._quota.note(openid, event=event)

    def can_write(self, openid: str) -> bool:
        """Whether a customer-service message to the citizen is worth trying now."""
        rests = asyncio.get_running_loop().time() < self._rests_until
        return self._allowed and not rests and self._quota.may_send(openid)

    async def text(
        self, openid: str, answer: str, *, owed: bool, choices: Sequence[str] = ()
    ) -> bool:
        """Sends a text; tells whether it went through.

        Args:
            openid: The citizen.
            answer: The text; what doesn't fit is kept for the next message.
            owed: The next message gets the rest even if it doesn't ask for it.
            choices: What can be tapped at its end.
        """
        if not self.can_write(openid):
            return False
        page, rest = first_page(answer)
        page = self._scripts.speak(openid, tappable(page, choices))
        if not await self._sent(openid, self._api.send_text(openid, page)):
            self._outcomes.count(Afterwards.NOT_SENT)
            return False
        self._quota.spend(openid)
        self._shelf.leave(openid, rest, owed=owed)
        self._outcomes.count(Afterwards.SENT)
        log.info("wechat.sent", openid=masked(openid))
        return True

    def follow_up(self, openid: str, extras: Sequence[bytes | Card]) -> None:
        """Sends pictures (PNG files) and cards, besides: the next message needn't wait for them."""

        async def send() -> None:
            for what in extras:
                await self._extra(openid, what)

        if extras:
            self._tasks.begin(send())

    async def _extra(self, openid: str, what: bytes | Card) -> None:
        if not self.can_write(openid):
            return

        async def send() -> None:
            if isinstance(what, Card):
                await self._api.send_card(openid, what)
            else:
                await self._api.send_image(openid, await self._api.upload_image(what))

        if await self._sent(openid, send()):
            self._quota.spend(openid)

    async def letter(self, letter: Letter) -> bool:
        """Sends a letter as a text, or as a notice when no text may be sent; tells if it went."""
        if await self.text(letter.openid, letter.text, owed=True):
            return True
        notice = self._notices.get(letter.notice.get("kind", ""))
        data = notice.filled(letter.notice) if notice else None
        if notice is None or data is None:
            return False
        sent = await self._sent(
            letter.openid,
            self._api.send_template(
                letter.openid, notice.template, data, subscribed=notice.subscribed
            ),
            windowed=False,
        )
        self._outcomes.count(Afterwards.SENT if sent else Afterwards.NOT_SENT)
        return sent

    def begin_typing(self, openid: str) -> None:
        """Shows that somebody is typing, besides; whether that works matters to nobody."""

        async def show() -> None:
            with suppress(WeChatError):
                await self._api.show_typing(openid)

        self._tasks.begin(show())

    async def close(self, *, grace: float) -> None:
        """Ends what is under way after so many seconds, and the connections."""
        await self._tasks.close(grace=grace)
        await self._api.close()

    async def _sent(self, openid: str, call: Awaitable[None], *, windowed: bool = True) -> bool:
        try:
            await call
        except ApiError as error:
            self._learn(openid, error, windowed=windowed)
        except WeChatError as error:
            log.error("wechat.send_failed", openid=masked(openid), error=str(error))
        else:
            return True
        return False

    def _learn(self, openid: str, error: ApiError, *, windowed: bool) -> None:
        expected = error.kind in {Kind.NOT_NOW, Kind.AGAIN}
        tell = log.warning if expected else log.error
        tell("wechat.send_failed", openid=masked(openid), error=str(error), todo=error.kind.value)
        if error.kind in WHOLE_ACCOUNT:
            self._rests_until = asyncio.get_running_loop().time() + REST
        if not windowed:
            return
        if error.kind is Kind.NOT_NOW:
            self._quota.exhaust(openid)
        elif error.kind is Kind.FORBIDDEN:
            self._allowed = False
