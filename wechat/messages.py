"""WeChat's XML: incoming messages as frozen values, replies as text that survives the journey.

`parse` is given only what was verified and decrypted (`wechat.envelope`), and even then trusts
nothing: no DTD, no entities, every field checked. Knows no HTTP and no encryption.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import Enum
from xml.etree.ElementTree import ParseError

from defusedxml import ElementTree

from wechat.errors import MalformedMessage

PAGE_BYTES = 1_980  # WeChat takes about 2,000 bytes of UTF-8
CONTINUE = "继续"
MORE = f"\n\n回复“{CONTINUE}”看下文。"
BUSY = "现在咨询的人很多，这条消息没有处理。请过一分钟再发一次。"
LATE = "正在为您查询，请稍后回复任意内容查看结果。"
"""Stands in place of an answer that will come with the next message."""
CHOOSE = "回复数字选择。"
"""Stands under numbered choices."""

_NOT_XML = re.compile("[^\t\n\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_OPENID = re.compile(r"[A-Za-z0-9_-]{1,64}")
_NUMBER = re.compile(r"[0-9]{1,20}")
_DEGREES = re.compile(r"-?[0-9]{1,3}(?:\.[0-9]{1,12})?")


@dataclass(frozen=True, kw_only=True)
class Message:
    """What every message has.

    Attributes:
        to_user: The Official Account's original ID (gh_…).
        from_user: The citizen's openid.
        create_time: Seconds since 1970, as WeChat counted them.
        msg_id: WeChat's number for the message; events have none.
    """

    to_user: str
    from_user: str
    create_time: int
    msg_id: int | None = None

    @property
    def dedup_key(self) -> str:
        """The same for every delivery of the same message, and for no other message."""
        if self.msg_id is not None:
            return f"message:{self.msg_id}"
        return f"event:{self.from_user}:{self.create_time}"


@dataclass(frozen=True, kw_only=True)
class TextMessage(Message):
    """The citizen wrote something.

    Attributes:
        text: The words.
        menu_id: The number of the choice that was tapped; empty when the words were written.
    """

    text: str
    menu_id: str = ""


@dataclass(frozen=True, kw_only=True)
class VoiceMessage(Message):
    """The citizen said something; WeChat may or may not have recognised the words."""

    recognition: str | None = None


@dataclass(frozen=True, kw_only=True)
class LocationMessage(Message):
    """The citizen sent a position 地理位置.

    Attributes:
        latitude: Degrees north, as Tencent's map has them (GCJ-02).
        longitude: Degrees east.
        label: What Tencent's map calls the place; may be empty.
    """

    latitude: float
    longitude: float
    label: str = ""


class EventKind(Enum):
    """The events that differ for us."""

    SUBSCRIBE = "subscribe"
    UNSUBSCRIBE = "unsubscribe"
    SCAN = "scan"
    CLICK = "click"
    VIEW = "view"
    LOCATION = "location"
    OTHER = "other"


SCENE_OF_A_FOLLOW = "qrscene_"
"""What stands before a code's scene when it was scanned by somebody who then followed."""


@dataclass(frozen=True, kw_only=True)
class Event(Message):
    """Something happened that isn't a message: a follow, a scan, a menu click."""

    kind: EventKind
    key: str = ""

    @property
    def scene(self) -> str:
        """The scene of the QR code that was scanned 场景值; empty when none was."""
        if self.kind is EventKind.SCAN:
            return self.key
        if self.kind is EventKind.SUBSCRIBE and self.key.startswith(SCENE_OF_A_FOLLOW):
            return self.key.removeprefix(SCENE_OF_A_FOLLOW)
        return ""


@dataclass(frozen=True, kw_only=True)
class OtherMessage(Message):
    """A picture, a video, a link …: `kind` is WeChat's MsgType."""

    kind: str


IncomingMessage = TextMessage | VoiceMessage | LocationMessage | Event | OtherMessage


def fields(xml: str) -> dict[str, str]:
    """Reads the fields directly below the root; of a repeated one, the first.

    Raises:
        MalformedMessage: It isn't XML, has a DTD, or the root isn't <xml>.
    """
    try:
        root = ElementTree.fromstring(xml, forbid_dtd=True)
    except (ParseError, ValueError) as error:  # defusedxml's errors are ValueErrors
        raise MalformedMessage(f"not XML that we accept: {type(error).__name__}") from error
    if root.tag != "xml":
        raise MalformedMessage("the root is not <xml>")
    found: dict[str, str] = {}
    for child in root:
        found.setdefault(child.tag, child.text or "")
    return found


def parse(xml: str) -> IncomingMessage:
    """Reads a message.

    Raises:
        MalformedMessage: It lacks a field of its kind, or a field has an impossible value.
    """
    found = fields(xml)
    to_user = _required(found, "ToUserName")
    from_user = _required(found, "FromUserName")
    if not _OPENID.fullmatch(from_user):
        raise MalformedMessage("FromUserName is not an openid")
    create_time = _number(found, "CreateTime")
    kind = _required(found, "MsgType")
    if kind == "event":
        return Event(
            to_user=to_user,
            from_user=from_user,
            create_time=create_time,
            kind=_event_kind(_required(found, "Event")),
            key=found.get("EventKey", ""),
        )
    base = Message(
        to_user=to_user,
        from_user=from_user,
        create_time=create_time,
        msg_id=_number(found, "MsgId"),
    )
    return _message(base, kind, found)


def _message(base: Message, kind: str, found: Mapping[str, str]) -> IncomingMessage:
    common = vars(base)
    if kind == "text":
        if "Content" not in found:
            raise MalformedMessage("Content is missing")
        menu_id = found.get("bizmsgmenuid", "").strip()
        return TextMessage(**common, text=found["Content"], menu_id=menu_id)
    if kind == "voice":
        return VoiceMessage(**common, recognition=found.get("Recognition", "").strip() or None)
    if kind == "location":
        return LocationMessage(
            **common,
            latitude=_degrees(found, "Location_X", 90),
            longitude=_degrees(found, "Location_Y", 180),
            label=found.get("Label", "").strip(),
        )
    return OtherMessage(**common, kind=kind)


def _required(found: Mapping[str, str], name: str) -> str:
    value = found.get(name, "").strip()
    if not value:
        raise MalformedMessage(f"{name} is missing")
    return value


def _number(found: Mapping[str, str], name: str) -> int:
    value = _required(found, name)
    if not _NUMBER.fullmatch(value):
        raise MalformedMessage(f"{name} is not a number")
    return int(value)


def _degrees(found: Mapping[str, str], name: str, most: int) -> float:
    value = _required(found, name)
    if not _DEGREES.fullmatch(value) or abs(float(value)) > most:
        raise MalformedMessage(f"{name} is no position")
    return float(value)


def _event_kind(name: str) -> EventKind:
    try:
        return EventKind(name.lower())
    except ValueError:
        return EventKind.OTHER


def clean(text: str) -> str:
    """Unifies line ends and removes what XML can't carry (control characters, lone surrogates)."""
    return _NOT_XML.sub("", text.replace("\r\n", "\n").replace("\r", "\n"))


def render(values: Mapping[str, str | int]) -> str:
    """Writes fields as WeChat's XML: texts as CDATA, numbers bare."""
    lines = [f"<{name}>{_value(value)}</{name}>" for name, value in values.items()]
    return "\n".join(("<xml>", *lines, "</xml>"))


def _value(value: str | int) -> str:
    if isinstance(value, int):
        return str(value)
    return "<![CDATA[" + clean(value).replace("]]>", "]]]]><![CDATA[>") + "]]>"


def text_reply(message: Message, text: str, *, now: int) -> str:
    """Writes the passive reply to a message."""
    return render(
        {
            "ToUserName": message.from_user,
            "FromUserName": message.to_user,
            "CreateTime": now,
            "MsgType": "text",
            "Content": text,
        }
    )


_LINK = re.compile(r'<a href="weixin://bizmsgmenu\?[^"]*">([^<]*)</a>')
_MARKS = frozenset("<>&\"'")


def tappable(text: str, titles: Sequence[str]) -> str:
    """The text with its numbered choices as links: a tap writes the choice 超文本菜单.

    A text that would be too long with them stays as it is.

    Args:
        text: With a line like `2. 委托他人办理` for each title.
        titles: The choices in their order.
    """
    linked = text
    for number, title in enumerate(titles, start=1):
        before, line, after = linked.rpartition(f"\n{number}. {title}")
        if not line or _MARKS & set(title) or after[:1] not in {"", "\n"}:
            return text
        link = (
            f'<a href="weixin://bizmsgmenu?msgmenucontent={title}&msgmenuid={number}">{title}</a>'
        )
        linked = f"{before}\n{number}. {link}{after}"
    return linked if len(linked.encode()) <= PAGE_BYTES else text


def untapped(text: str) -> str:
    """The text as it is read, without the links of its choices."""
    return _LINK.sub(r"\1", text)


def first_page(text: str) -> tuple[str, str]:
    """Splits off what fits into one reply; returns it and the rest, empty when all fitted.

    The page ends at a line end; a line that alone is too long is cut between two characters. When
    there is a rest, the page ends with the hint how to get it.
    """
    text = clean(text).strip()
    encoded = text.encode()
    if len(encoded) <= PAGE_BYTES:
        return text, ""
    room = PAGE_BYTES - len(MORE.encode())
    fits = len(encoded[:room].decode(errors="ignore"))
    line_end = text.rfind("\n", 0, fits + 1)
    cut = line_end if line_end > 0 else fits
    return text[:cut].rstrip() + MORE, text[cut:].strip()


def pages(text: str) -> list[str]:
    """Splits a text into replies, each within WeChat's limit and all but the last with the hint."""
    found = []
    while text:
        page, text = first_page(text)
        if page:
            found.append(page)
    return found
