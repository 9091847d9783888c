"""The way to a citizen's chat: the bot's door for letters, pushed to over HTTP.

Both the office's messages and the staff's letters go this way. The bot tells whether the citizen
has seen the letter; until then it is the sender's business to push it again, under the same id.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Mapping
from datetime import datetime
from types import TracebackType

import aiohttp

TIMEOUT = aiohttp.ClientTimeout(total=5.0)
PATH = "/webhooks/wechat/letters"
NOWHERE = "http://127.0.0.1:9"
"""The discard port (RFC 863): an address at which no bot is."""
_THIS_LETTER_ALONE = {400, 413, 422}
"""Answers that tell nothing about the next letter."""


class ChannelDown(Exception):
    """The channel does not take letters at the moment."""


class LetterRefused(Exception):
    """The channel will never take this letter; the message tells the HTTP status."""


class Channel:
    """Pushes letters to one bot; an async context manager around its HTTP session."""

    def __init__(self, bot_url: str, key: str) -> None:
        self._address = bot_url + PATH
        self._headers = {"Authorization": f"Bearer {key}", "Content-Type": "application/json"}
        self._session: aiohttp.ClientSession | None = None

    async def __aenter__(self) -> Channel:
        self._session = aiohttp.ClientSession(headers=self._headers, timeout=TIMEOUT)
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._session is not None:
            await self._session.close()
            self._session = None

    async def push(
        self,
        letter: str,
        openid: str,
        text: str,
        until: datetime | None = None,
        notice: Mapping[str, str] | None = None,
    ) -> bool:
        """Whether the citizen has seen the letter.

        Args:
            letter: Its id, the same at every try.
            openid: Whose it is.
            text: What it says.
            until: After that the bot drops it unseen; None is never.
            notice: The same for a template of the account's: `kind`, and values by name.

        Raises:
            ChannelDown: No usable answer came; the next letter would get none either.
            LetterRefused: The bot says no to this one.
        """
        if self._session is None:
            raise RuntimeError("the channel is not open")
        body: dict[str, object] = {"id": letter, "openid": openid, "text": text}
        if notice is not None:
            body["notice"] = dict(notice)
        if until is not None:
            body["until"] = until.isoformat()
        data = json.dumps(body, ensure_ascii=False).encode()
        try:
            async with self._session.post(
                self._address, data=data, allow_redirects=False
            ) as response:
                status, content = response.status, await response.read()
        except (aiohttp.ClientError, asyncio.TimeoutError, OSError) as error:
            raise ChannelDown(type(error).__name__) from None  # its message may name the address
        if status in _THIS_LETTER_ALONE:
            raise LetterRefused(str(status))
        delivered = _delivered(content) if status == 200 else None
        if delivered is None:
            raise ChannelDown(f"it answered {status}")
        return delivered


def _delivered(content: bytes) -> bool | None:
    """What the channel says; None when it says nothing that can be understood."""
    try:
        said = json.loads(content)["delivered"]
    except (ValueError, KeyError, TypeError, RecursionError):
        return None
    return said if isinstance(said, bool) else None
