"""Customer-service messages 客服消息 as Tencent judges them: from a call's body to what is read.

Asked by `wechat.simulator.api` before a message is delivered; who may get one is not its matter.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from wechat.cards import DESCRIPTION_BYTES, TITLE_BYTES
from wechat.simulator.codes import Refusal
from wechat.simulator.media import MediaShelf
from wechat.simulator.values import LONGEST_TEXT, Article, Choice, Sent


def read_openid(body: Mapping[str, Any]) -> str:
    """Whom a call is for; raises a `Refusal` (40003) when it doesn't say."""
    openid = body.get("touser")
    if not isinstance(openid, str) or not openid:
        raise Refusal(40003)
    return openid


def read_message(body: Mapping[str, Any], media: MediaShelf) -> Sent:
    """What a customer-service message will show.

    Raises:
        Refusal: 40003 without a citizen, 40008 for another type, 44004 without a text, 45002 for
            one over 2,048 bytes, 40007 for a picture that isn't there, 44003, 45003, 45004 and
            45008 for what is wrong with news.
    """
    openid, kind = read_openid(body), body.get("msgtype")
    part = body.get(kind) if isinstance(kind, str) else None
    inner = part if isinstance(part, dict) else {}
    if kind == "text":
        return Sent(openid, _text(inner, "content"))
    if kind == "image":
        return Sent(openid, "", "image", media_id=_picture(inner, media))
    if kind == "news":
        articles = _articles(inner)
        return Sent(openid, articles[0].title, "news", articles=articles)
    if kind == "msgmenu":
        return _menu(openid, inner)
    raise Refusal(40008)


def _text(part: Mapping[str, Any], name: str) -> str:
    content = part.get(name)
    if not isinstance(content, str) or not content:
        raise Refusal(44004)
    if len(content.encode()) > LONGEST_TEXT:
        raise Refusal(45002)
    return content


def _picture(part: Mapping[str, Any], media: MediaShelf) -> str:
    media_id = part.get("media_id")
    if not isinstance(media_id, str) or not media_id:
        raise Refusal(41006)
    media.picture(media_id)
    return media_id


def _articles(part: Mapping[str, Any]) -> tuple[Article, ...]:
    found = part.get("articles")
    if not isinstance(found, list) or not found:
        raise Refusal(44003)
    if len(found) > 1:  # one since October 2018
        raise Refusal(45008)
    article = found[0]
    if not isinstance(article, dict):
        raise Refusal(44003)
    title, description = str(article.get("title", "")), str(article.get("description", ""))
    if not title:
        raise Refusal(44003)
    if len(title.encode()) > TITLE_BYTES:
        raise Refusal(45003)
    if len(description.encode()) > DESCRIPTION_BYTES:
        raise Refusal(45004)
    url, picture = str(article.get("url", "")), str(article.get("picurl", ""))
    return (Article(title, description, url, picture),)


def _menu(openid: str, part: Mapping[str, Any]) -> Sent:
    head = _text(part, "head_content")
    tail = str(part.get("tail_content", ""))
    lines = part.get("list")
    if not isinstance(lines, list) or not lines:
        raise Refusal(44004)
    choices = []
    for line in lines:
        if not isinstance(line, dict) or "id" not in line:
            raise Refusal(44004)
        choices.append(Choice(str(line["id"]), _text(line, "content")))
    text = "\n".join((head, *(choice.text for choice in choices), *([tail] if tail else [])))
    if len(text.encode()) > LONGEST_TEXT:
        raise Refusal(45002)
    return Sent(openid, text, "msgmenu", choices=tuple(choices))
