"""What a case is: messages of one citizen, each with what its answer must hold. Values only."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import Enum
from typing import Any

from qa.checks import Check


class Channel(Enum):
    """Ways to a running copy."""

    WECHAT = "wechat"
    REST = "rest"


@dataclass(frozen=True)
class Message:
    """What the citizen does.

    Attributes:
        kind: text, choose, voice, location, scan, click, follow, image, link or video.
        value: A text for text, choose, scan and click; a text or None for voice; the message's
            fields for location and link; else nothing.
    """

    kind: str
    value: Any = None

    @property
    def shown(self) -> str:
        """As a report tells it."""
        return _SHOWN[self.kind].format(
            value="（没有识别出文字）" if self.value is None else self.value
        )


_SHOWN = {
    "text": "{value}",
    "choose": "（选）{value}",
    "voice": "〔语音〕{value}",
    "location": "〔位置〕{value}",
    "scan": "〔扫码〕{value}",
    "click": "〔菜单〕{value}",
    "follow": "〔关注公众号〕",
    "image": "〔图片〕",
    "link": "〔链接〕{value}",
    "video": "〔视频〕",
}


@dataclass(frozen=True)
class Turn:
    """One message and what must hold of its answer.

    Attributes:
        line: Where the message stands in the file.
        message: What the citizen does.
        checks: What must hold, in the file's order.
        within: Seconds for the answer; None for WeChat's own patience.
        in_order: What the checks find must have happened in their order.
    """

    line: int
    message: Message
    checks: tuple[Check, ...] = ()
    within: float | None = None
    in_order: bool = False


@dataclass(frozen=True)
class Setting:
    """What a case needs around it; cases with equal settings share a running copy.

    Attributes:
        at: The hall's time when the copy starts; None when any will do.
        overlay: JSON of file names and what is merged over them; "" for the catalogue as it is.
    """

    at: datetime | None = None
    overlay: str = ""

    @property
    def plain(self) -> bool:
        """Whether any running copy will do."""
        return self.at is None and not self.overlay


@dataclass(frozen=True)
class Case:
    """One conversation.

    Attributes:
        name: Its name, in Chinese, unique in its file.
        file: The file as it was given.
        line: Where it begins.
        topic: What it is about; the file's name when it doesn't say.
        turns: The conversation.
        slots: Slots that are set before it begins.
        setting: What it needs around it.
        metadata: All of its metadata, merged.
    """

    name: str
    file: str
    line: int
    topic: str
    turns: tuple[Turn, ...]
    slots: Mapping[str, Any] = field(default_factory=dict)
    setting: Setting = Setting()
    metadata: Mapping[str, Any] = field(default_factory=dict)

    @property
    def key(self) -> str:
        """By which two runs know the same case."""
        return f"{self.file}::{self.name}"


@dataclass(frozen=True)
class Vocabulary:
    """The names that the assistant knows, so that a misspelt one is a fault and not a pass.

    Attributes:
        slots: Its slots.
        actions: Its actions, forms and responses.
        responses: Its responses (`utter_…`).
    """

    slots: frozenset[str]
    actions: frozenset[str]
    responses: frozenset[str]
