"""What the bot says, made into what WeChat can show; and what is still owed to whom.

`Collector` gathers Rasa's messages into one text. `Shelf` remembers, for each citizen, the rest of
a long answer and answers that came too late. Knows no HTTP and no XML.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from io import BytesIO
from typing import Any

import segno
import structlog
from rasa.core.channels.channel import OutputChannel

from bot.channels.inbox import ShortMemory
from service_catalog.search.text import normalise
from wechat.cards import Card
from wechat.messages import CHOOSE, CONTINUE, first_page

log = structlog.get_logger(__name__)

TROUBLE = "系统出了点问题，请稍后再试。"
EMPTY_TEXT = "您好像没有写内容。请用文字告诉我您想办什么事，例如：社保卡怎么办？"
VOICE_WITHOUT_WORDS = "抱歉，没有听清您的语音。请用文字告诉我您想办什么事。"
ONLY_TEXT = "抱歉，我现在只看得懂文字。请用文字告诉我您想办什么事，例如：社保卡怎么办？"


QR_SCALE = 12
"""Pixels a module: a code of 21 modules fills half of a phone's screen."""


class Collector(OutputChannel):
    """Gathers everything the bot says to one message."""

    def __init__(self) -> None:
        self._parts: list[str] = []
        self._extras: list[bytes | Card] = []
        self._choices: tuple[str, ...] = ()

    @classmethod
    def name(cls) -> str:
        """The channel's name in Rasa's tracker, and in conditional responses."""
        return "wechat"

    @property
    def text(self) -> str:
        """All of it as one text, a blank line between messages."""
        return joined(*self._parts)

    @property
    def extras(self) -> tuple[bytes | Card, ...]:
        """PNG files and cards that go with the text, for whoever can be sent some."""
        return tuple(self._extras)

    @property
    def choices(self) -> tuple[str, ...]:
        """What can be chosen from at the end of the text, in the order of its numbers."""
        return self._choices

    async def send_text_message(self, recipient_id: str, text: str, **kwargs: object) -> None:
        """Gathers a text."""
        self._parts.append(text.strip())

    async def send_text_with_buttons(
        self, recipient_id: str, text: str, buttons: list[dict[str, Any]], **kwargs: object
    ) -> None:
        """Gathers a text and its buttons, which become numbered lines."""
        self._choices = tuple(button["title"] for button in buttons)
        lines = [f"{number}. {title}" for number, title in enumerate(self._choices, start=1)]
        self._parts.append("\n".join((text.strip(), *lines, CHOOSE)).strip())

    async def send_image_url(self, recipient_id: str, image: str, **kwargs: object) -> None:
        """Gathers a picture as its address."""
        self._parts.append(f"图片：{image}")

    async def send_attachment(self, recipient_id: str, attachment: str, **kwargs: object) -> None:
        """Gathers an attachment as its address."""
        self._parts.append(f"附件：{attachment}")

    async def send_elements(
        self, recipient_id: str, elements: Iterable[dict[str, Any]], **kwargs: object
    ) -> None:
        """Drops elements: they are another messenger's."""
        log.warning("wechat.output_dropped", kind="elements")

    async def send_custom_json(
        self, recipient_id: str, json_message: dict[str, Any], **kwargs: object
    ) -> None:
        """Gathers a QR code `{"qr": text}` or a card `{"card": {"title", "url", …}}`.

        Drops what no citizen can read.
        """
        text, card = json_message.get("qr"), _card(json_message.get("card"))
        if isinstance(text, str) and text:
            self._extras.append(qr_code(text))
        elif card:
            self._extras.append(card)
        else:
            log.warning("wechat.output_dropped", kind="custom")


def _card(found: object) -> Card | None:
    """The card, when it has a title and leads to a page."""
    values = found if isinstance(found, dict) else {}
    card = Card(*(str(values.get(name, "")) for name in ("title", "url", "description")))
    return card if card.title and card.url.startswith(("https://", "http://")) else None


HOUR = 3_600.0
"""Seconds in which the rest of an answer can be asked for."""
WEEK = 7 * 86_400.0
"""Seconds for which what is owed is kept, as long as letters wait."""


@dataclass(frozen=True)
class Taken:
    """What was left to show to a citizen who has written again.

    Attributes:
        text: To be shown before the answer: what is owed, or the rest if it is asked for.
        complete: That is all there is to say, as nothing else was asked.
        owed: What of it doesn't fit is to be shown with the next message, asked for or not.
    """

    text: str = ""
    complete: bool = False
    owed: bool = False


class Shelf:
    """What is left to show to each citizen: what is owed, or the rest of an answer."""

    def __init__(self, *, size: int, clock: Callable[[], float] = time.monotonic) -> None:
        self._owed: ShortMemory[str] = ShortMemory(size=size, seconds=WEEK, clock=clock)
        self._rests: ShortMemory[str] = ShortMemory(size=size, seconds=HOUR, clock=clock)

    def take(self, openid: str, text: str) -> Taken:
        """Takes what is left off the shelf when the citizen writes the next message."""
        asked = normalise(text) == CONTINUE
        owed = self._owed.pop(openid)
        rest = (self._rests.pop(openid) or "") if asked or not owed else ""
        if owed:
            return Taken(joined(owed, rest), complete=asked, owed=True)
        return Taken(rest, complete=True) if rest and asked else Taken()

    def keep(self, openid: str, text: str) -> None:
        """Keeps an answer that came too late, after whatever is owed already."""
        self._owed.put(openid, joined(self._owed.get(openid) or "", text))

    def page(self, openid: str, text: str, *, owed: bool = False) -> str:
        """Returns what fits into one reply, and keeps the rest."""
        page, rest = first_page(text)
        self.leave(openid, rest, owed=owed)
        return page

    def leave(self, openid: str, rest: str, *, owed: bool = False) -> None:
        """Keeps the rest of what is being shown, before whatever is owed already.

        Args:
            openid: The citizen.
            rest: The rest; when it is empty, there is nothing to keep.
            owed: Show it with the next message even if that doesn't ask for it.
        """
        before = self._owed.get(openid)
        if rest and (owed or before):
            self._owed.put(openid, joined(rest, before or ""))
        elif rest:
            self._rests.put(openid, rest)


def qr_code(text: str) -> bytes:
    """A text as a QR code (ISO/IEC 18004, level M), a PNG of some hundred pixels a side."""
    picture = BytesIO()
    segno.make_qr(text, error="m").save(picture, kind="png", scale=QR_SCALE)
    return picture.getvalue()


def joined(*parts: str) -> str:
    """Texts one after the other, a blank line between them."""
    return "\n\n".join(part for part in parts if part)
