"""WeChat's XML: incoming messages as frozen values, replies as text that survives the journey.

`parse` is given only what was verified and decrypted (`wechat.envelope`), and even then trusts
nothing: no DTD, no entities, every field checked. Knows no HTTP and no encryption.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any
from xml.etree.ElementTree import Element, ParseError

from defusedxml import ElementTree

from wechat.errors import MalformedMessage
from wechat.kinds import (
    SCENE_OF_A_FOLLOW,
    Choice,
    ChoiceEvent,
    Event,
    EventKind,
    ImageMessage,
    IncomingMessage,
    LinkMessage,
    LocationMessage,
    Message,
    OtherMessage,
    Sending,
    SentEvent,
    TextMessage,
    VideoMessage,
    VoiceMessage,
)

__all__ = [
    "SCENE_OF_A_FOLLOW",
    "Choice",
    "ChoiceEvent",
    "Event",
    "EventKind",
    "ImageMessage",
    "IncomingMessage",
    "LinkMessage",
    "LocationMessage",
    "Message",
    "OtherMessage",
    "Sending",
    "SentEvent",
    "TextMessage",
    "VideoMessage",
    "VoiceMessage",
    "clean",
    "fields",
    "first_page",
    "pages",
    "parse",
    "render",
    "tappable",
    "text_reply",
    "untapped",
]

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


def fields(xml: str) -> dict[str, str]:
    """Reads the fields directly below the root; of a repeated one, the first.

    Raises:
        MalformedMessage: It isn't XML, has a DTD, or the root isn't <xml>.
    """
    return _fields(_root(xml))


def _root(xml: str) -> Element:
    try:
        root: Element = ElementTree.fromstring(xml, forbid_dtd=True)
    except (ParseError, ValueError) as error:  # defusedxml's errors are ValueErrors
        raise MalformedMessage(f"not XML that we accept: {type(error).__name__}") from error
    if root.tag != "xml":
        raise MalformedMessage("the root is not <xml>")
    return root


def _fields(element: Element) -> dict[str, str]:
    found: dict[str, str] = {}
    for child in element:
        found.setdefault(child.tag, child.text or "")
    return found


def parse(xml: str) -> IncomingMessage:
    """Reads a message.

    Raises:
        MalformedMessage: It lacks a field of its kind, or a field has an impossible value.
    """
    root = _root(xml)
    found = _fields(root)
    to_user = _required(found, "ToUserName")
    from_user = _required(found, "FromUserName")
    if not _OPENID.fullmatch(from_user):
        raise MalformedMessage("FromUserName is not an openid")
    create_time = _number(found, "CreateTime")
    kind = _required(found, "MsgType")
    if kind == "event":
        return _event(Message(to_user=to_user, from_user=from_user, create_time=create_time), root)
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
    return _media(common, kind, found)


def _media(common: Mapping[str, Any], kind: str, found: Mapping[str, str]) -> IncomingMessage:
    """What nobody reads yet: so nothing in it is demanded."""
    media_id = found.get("MediaId", "")
    if kind == "image":
        return ImageMessage(**common, url=found.get("PicUrl", ""), media_id=media_id)
    if kind in {"video", "shortvideo"}:
        thumb, short = found.get("ThumbMediaId", ""), kind == "shortvideo"
        return VideoMessage(**common, media_id=media_id, thumb_media_id=thumb, short=short)
    if kind == "link":
        title, description = found.get("Title", ""), found.get("Description", "")
        return LinkMessage(**common, title=title, description=description, url=found.get("Url", ""))
    return OtherMessage(**common, kind=kind)


def _event(base: Message, root: Element) -> Event:
    found = _fields(root)
    kind = _event_kind(_required(found, "Event"))
    common = vars(base) | {"kind": kind, "key": found.get("EventKey", "")}
    if kind is EventKind.TEMPLATE_RESULT:
        reason = found.get("Status", "").strip()
        sending = Sending(_count(found, "MsgID"), reason == "success", reason)
        return SentEvent(**common, sendings=(sending,))
    lists = [_fields(one) for one in root.iterfind("*/List")]
    if kind is EventKind.SUBSCRIPTION_RESULT:
        return SentEvent(**common, sendings=tuple(_sending(one) for one in lists))
    if kind in {EventKind.SUBSCRIPTION_ASKED, EventKind.SUBSCRIPTION_CHANGED}:
        choices = tuple(
            Choice(
                one.get("TemplateId", "").strip(),
                one.get("SubscribeStatusString", "").strip() == "accept",
            )
            for one in lists
        )
        return ChoiceEvent(**common, choices=choices)
    return Event(**common)


def _sending(found: Mapping[str, str]) -> Sending:
    code = found.get("ErrorCode", "").strip()
    return Sending(_count(found, "MsgID"), code == "0", code, found.get("TemplateId", "").strip())


def _count(found: Mapping[str, str], name: str) -> int:
    """A number that is only told on; 0 when it is none."""
    value = found.get(name, "").strip()
    return int(value) if _NUMBER.fullmatch(value) else 0


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
