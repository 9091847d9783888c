"""Passive replies 被动回复 as WeChat judges them: a field too few and the citizen reads an error.

Given the body of the webhook's answer, gives what the citizen reads; knows no HTTP.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from defusedxml import ElementTree

from wechat.account import Account
from wechat.crypto import Cipher, check_signature
from wechat.envelope import SUCCESS
from wechat.messages import fields, untapped
from wechat.simulator.values import LONGEST_TEXT, Article, Reply

MOST_ARTICLES = 8
ONE_ARTICLE = frozenset({"text", "image", "voice", "video", "shortvideo", "link", "location"})
"""Messages to which news with one card alone may be replied; to events, 8."""
_MEDIA = {"image": "Image", "voice": "Voice", "video": "Video"}


class Judge:
    """Reads the answers to one citizen's messages.

    Attributes:
        knows_media: Whether there is material of that media_id; None takes any.
    """

    def __init__(
        self,
        account: Account,
        openid: str,
        official_id: str,
        knows_media: Callable[[str], bool] | None = None,
    ) -> None:
        self._account = account
        self._openid = openid
        self._official_id = official_id
        self._cipher = None
        if account.mode != "plain" and account.aes_key is not None:
            self._cipher = Cipher(account.aes_key, account.app_id)
        self.knows_media = knows_media

    def read(self, body: str, kind: str) -> Reply | None:
        """What the citizen reads, None for nothing.

        Args:
            body: The webhook's answer.
            kind: The MsgType of what is answered.

        Raises:
            ValueError, KeyError, Refused: The answer isn't a proper reply.
        """
        if body in ("", SUCCESS):
            return None
        xml = body if self._cipher is None else self._opened(body, self._cipher)
        found = fields(xml)
        for name, value in (("ToUserName", self._openid), ("FromUserName", self._official_id)):
            if found.get(name) != value:
                raise ValueError(f"{name} is {found.get(name)!r}, not {value!r}")
        int(found.get("CreateTime", ""))
        return self._reply(found, ElementTree.fromstring(xml, forbid_dtd=True), kind)

    def _opened(self, body: str, cipher: Cipher) -> str:
        found = fields(body)
        check_signature(
            found["MsgSignature"],
            self._account.token,
            found["TimeStamp"],
            found["Nonce"],
            found["Encrypt"],
        )
        return cipher.decrypt(found["Encrypt"])

    def _reply(self, found: dict[str, str], root: Any, kind: str) -> Reply:  # noqa: ANN401 - untyped
        answer = found.get("MsgType", "")
        if answer == "text":
            content = found.get("Content", "")
            if not content or len(content.encode()) > LONGEST_TEXT:
                raise ValueError("Content is empty or too long")
            return Reply(untapped(content), linked=content)
        if answer in _MEDIA:
            return self._media(answer, root)
        if answer == "news":
            return _news(found, root, kind)
        if answer == "music":
            if not root.findtext("Music/ThumbMediaId"):
                raise ValueError("Music has no ThumbMediaId")
            return Reply(root.findtext("Music/Title") or "", "music")
        if answer == "transfer_customer_service":
            return Reply("", answer)
        raise ValueError(f"MsgType is {answer!r}")

    def _media(self, answer: str, root: Any) -> Reply:  # noqa: ANN401 - untyped
        media_id = (root.findtext(f"{_MEDIA[answer]}/MediaId") or "").strip()
        if not media_id:
            raise ValueError(f"{_MEDIA[answer]} has no MediaId")
        if self.knows_media is not None and not self.knows_media(media_id):
            raise ValueError("there is no such MediaId")
        return Reply("", answer, media_id=media_id)


def _news(found: dict[str, str], root: Any, kind: str) -> Reply:  # noqa: ANN401 - untyped
    items = root.findall("Articles/item")
    if int(found.get("ArticleCount", "")) != len(items):
        raise ValueError(f"ArticleCount is not the number of articles, {len(items)}")
    most = 1 if kind in ONE_ARTICLE else MOST_ARTICLES
    if not 1 <= len(items) <= most:
        raise ValueError(f"{len(items)} articles; 1 to {most} may be")
    articles = tuple(_article(item) for item in items)
    return Reply("\n".join(one.title for one in articles), "news", articles=articles)


def _article(item: Any) -> Article:  # noqa: ANN401 - untyped
    for name in ("Title", "Description", "PicUrl", "Url"):
        if item.find(name) is None:
            raise ValueError(f"an article has no {name}")
    article = Article(
        *((item.findtext(name) or "").strip() for name in ("Title", "Description", "Url", "PicUrl"))
    )
    if not article.title:
        raise ValueError("an article has no Title")
    return article
