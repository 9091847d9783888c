"""WeChat's messages and events as frozen values; `wechat.messages` reads them.

There is a class for whatever somebody may want to know more of than its name. The rest is
`OtherMessage`, or a plain `Event`.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum


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
        """The same for every delivery of the same message, and for no other message.

        Tencent tells by the number alone; with the sender nobody's number hides another's message.
        """
        return f"message:{self.from_user}:{self.msg_id}"


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
class ImageMessage(Message):
    """The citizen sent a picture 图片: where it is, and its number with the interface."""

    url: str = ""
    media_id: str = ""


@dataclass(frozen=True, kw_only=True)
class VideoMessage(Message):
    """The citizen sent a film 视频, or a short one 小视频."""

    media_id: str = ""
    thumb_media_id: str = ""
    short: bool = False


@dataclass(frozen=True, kw_only=True)
class LinkMessage(Message):
    """The citizen sent an article or an address 链接."""

    title: str = ""
    description: str = ""
    url: str = ""


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
    TEMPLATE_RESULT = "templatesendjobfinish"
    SUBSCRIPTION_ASKED = "subscribe_msg_popup_event"
    SUBSCRIPTION_CHANGED = "subscribe_msg_change_event"
    SUBSCRIPTION_RESULT = "subscribe_msg_sent_event"
    OTHER = "other"


SCENE_OF_A_FOLLOW = "qrscene_"
"""What stands before a code's scene when it was scanned by somebody who then followed."""


@dataclass(frozen=True, kw_only=True)
class Event(Message):
    """Something happened that isn't a message: a follow, a scan, a menu click."""

    kind: EventKind
    key: str = ""

    @property
    def dedup_key(self) -> str:
        """The same for every delivery. Tencent tells by sender and second, which two may share."""
        return f"event:{self.from_user}:{self.create_time}:{self.kind.value}:{self.key}"

    @property
    def scene(self) -> str:
        """The scene of the QR code that was scanned 场景值; empty when none was."""
        if self.kind is EventKind.SCAN:
            return self.key
        if self.kind is EventKind.SUBSCRIBE and self.key.startswith(SCENE_OF_A_FOLLOW):
            return self.key.removeprefix(SCENE_OF_A_FOLLOW)
        return ""


@dataclass(frozen=True)
class Sending:
    """What became of a template or subscription message 模板消息, 订阅通知.

    Attributes:
        number: The `msgid` that the interface gave for it.
        delivered: It reached the citizen.
        reason: What WeChat says of it: `success`, `failed:user block`, an error's number.
        template: Its template; empty where WeChat doesn't tell.
    """

    number: int
    delivered: bool
    reason: str
    template: str = ""


@dataclass(frozen=True, kw_only=True)
class SentEvent(Event):
    """WeChat tells what became of messages that were sent outside of the chat."""

    sendings: tuple[Sending, ...] = ()


@dataclass(frozen=True)
class Choice:
    """Whether a citizen takes notices of a template: says so 允许, or says no."""

    template: str
    accepted: bool


@dataclass(frozen=True, kw_only=True)
class ChoiceEvent(Event):
    """The citizen was asked about notices 订阅通知, or changed what is in the settings."""

    choices: tuple[Choice, ...] = ()


@dataclass(frozen=True, kw_only=True)
class OtherMessage(Message):
    """What WeChat may send one day: `kind` is its MsgType."""

    kind: str


IncomingMessage = (
    TextMessage
    | VoiceMessage
    | ImageMessage
    | VideoMessage
    | LinkMessage
    | LocationMessage
    | Event
    | OtherMessage
)
