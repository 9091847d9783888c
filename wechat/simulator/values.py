"""What citizens read in the simulator, as frozen values; no behaviour."""

from __future__ import annotations

from dataclasses import dataclass, field

LONGEST_TEXT = 2_048  # bytes


@dataclass(frozen=True)
class Article:
    """A card of a news message 图文消息.

    Attributes:
        title: The headline.
        description: What stands below it; may be empty.
        url: What a tap opens; may be empty.
        picture: The address of its picture; may be empty.
    """

    title: str
    description: str = ""
    url: str = ""
    picture: str = ""


@dataclass(frozen=True)
class Reply:
    """What the citizen reads as the passive reply.

    Attributes:
        text: Its words; of news the titles, a line each; else empty.
        kind: WeChat's MsgType.
        media_id: Of a picture, a voice or a video.
        articles: Of news.
        linked: Its words with the links that can be tapped.
    """

    text: str
    kind: str = "text"
    media_id: str = ""
    articles: tuple[Article, ...] = ()
    linked: str = field(default="", compare=False, repr=False)


@dataclass(frozen=True)
class Choice:
    """A line of a menu message that can be tapped; its number comes back with the answer."""

    number: str
    text: str


@dataclass(frozen=True)
class Sent:
    """What reached a citizen through the interface, not as a reply.

    Attributes:
        openid: Whom it reached.
        text: Its words; of a menu message its lines, of news the titles, of a template message
            its title and its filled-in fields.
        kind: WeChat's msgtype, or `template` 模板消息, or `subscribe` 订阅通知.
        media_id: Of a picture.
        articles: Of news.
        choices: Of a menu message.
        template_id: Of a template message or a subscription notice.
        data: Its fields and their values.
        url: What a tap on it opens.
    """

    openid: str
    text: str
    kind: str = "text"
    media_id: str = ""
    articles: tuple[Article, ...] = ()
    choices: tuple[Choice, ...] = ()
    template_id: str = ""
    data: tuple[tuple[str, str], ...] = ()
    url: str = ""
