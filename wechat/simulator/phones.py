"""Citizens with a phone in the browser: what they do, and what their chat shows.

A phone sends what its citizen does to the webhook, and puts both sides of the chat on a feed that
any number of browser windows follow. Used by `wechat.simulator.server`; knows no HTTP.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict
from typing import Any

from wechat.errors import ServiceUnavailable
from wechat.simulator.citizen import OUT_OF_SERVICE, Citizen
from wechat.simulator.contacts import Contacts
from wechat.simulator.values import Reply, Sent

Item = dict[str, Any]
"""One bubble or notice of a chat, as the page gets it."""
_KEPT = 300


class BadDeed(ValueError):
    """What a page asks for isn't something that a citizen can do."""


class Feed:
    """One chat: what was said, numbered, and who is following it."""

    def __init__(self) -> None:
        self._items: deque[Item] = deque(maxlen=_KEPT)
        self._followers: set[asyncio.Queue[Item | None]] = set()
        self._number = 0

    def add(self, who: str, kind: str, **values: object) -> None:
        """Adds a bubble of the citizen's (`me`) or the hall's (`hall`), or a notice (`wechat`)."""
        self._number += 1
        item = {"id": self._number, "who": who, "kind": kind, **values}
        self._items.append(item)
        self._tell(item)

    def typing(self, *, on: bool) -> None:
        """Shows or hides 对方正在输入, which is no bubble and isn't kept."""
        self._tell({"who": "wechat", "kind": "typing", "on": on})

    @property
    def is_empty(self) -> bool:
        """Whether nothing has been said yet."""
        return not self._number

    @contextmanager
    def followed(self, after: int) -> Iterator[asyncio.Queue[Item | None]]:
        """What was said after that number and what will be; None ends it."""
        queue: asyncio.Queue[Item | None] = asyncio.Queue()
        for item in self._items:
            if item["id"] > after:
                queue.put_nowait(item)
        self._followers.add(queue)
        try:
            yield queue
        finally:
            self._followers.discard(queue)

    def end(self) -> None:
        """Sends everyone away who is following."""
        self._tell(None)

    def _tell(self, item: Item | None) -> None:
        for queue in self._followers:
            queue.put_nowait(item)


class Phone:
    """One citizen's phone with the chat of one account.

    Attributes:
        openid: Whose phone it is.
        feed: The chat.
    """

    def __init__(self, citizen: Citizen, contacts: Contacts) -> None:
        self.openid = citizen.openid
        self.feed = Feed()
        self._citizen = citizen
        self._contacts = contacts
        self._deliveries: set[asyncio.Task[None]] = set()

    async def close(self) -> None:
        """Ends the feed and what is under way."""
        self.feed.end()
        for delivery in self._deliveries:
            delivery.cancel()
        await asyncio.gather(*self._deliveries, return_exceptions=True)
        await self._citizen.close()

    def do(self, deed: Mapping[str, Any]) -> None:
        """Does what the page asks for; what comes of it is told on the feed.

        Raises:
            BadDeed: It is nothing that a citizen can do, or lacks what belongs to it.
        """
        act = _DEEDS.get(str(deed.get("what")))
        if act is None:
            raise BadDeed(f"what must be one of {', '.join(_DEEDS)}")
        try:
            xml = act(self, deed)
        except (KeyError, TypeError, ValueError) as error:
            raise BadDeed(f"{deed.get('what')}: {error}") from error
        delivery = asyncio.create_task(self._deliver(xml))
        self._deliveries.add(delivery)
        delivery.add_done_callback(self._deliveries.discard)

    async def delivered(self) -> None:
        """Waits until the webhook has answered everything, or WeChat has given up."""
        await asyncio.gather(*self._deliveries)

    def got(self, message: Sent) -> None:
        """Shows what came through the interface."""
        self.feed.typing(on=False)
        values = asdict(message)
        del values["openid"]
        self.feed.add("hall", values.pop("kind"), pushed=True, **values)

    async def _deliver(self, xml: str) -> None:
        try:
            reply = await self._citizen.send(xml)
        except ServiceUnavailable as error:
            self.feed.add("wechat", "fault", text=OUT_OF_SERVICE, reason=str(error))
            return
        if reply is not None:
            self._show(reply)

    def _show(self, reply: Reply) -> None:
        values = asdict(reply)
        values["text"] = values.pop("linked") or reply.text
        self.feed.add("hall", values.pop("kind"), pushed=False, **values)

    def _write(self, deed: Mapping[str, Any]) -> str:
        text = _text(deed, "text")
        self.feed.add("me", "text", text=text)
        return self._citizen.text(text, menu_id=str(deed.get("menu_id", "")))

    def _speak(self, deed: Mapping[str, Any]) -> str:
        heard = str(deed.get("text", "")).strip() or None
        self.feed.add("me", "voice", text=heard or "")
        return self._citizen.voice(heard)

    def _show_picture(self, deed: Mapping[str, Any]) -> str:
        url, media_id = _text(deed, "url"), _text(deed, "media_id")
        self.feed.add("me", "image", url=url, media_id=media_id)
        return self._citizen.picture(url, media_id)

    def _film(self, deed: Mapping[str, Any]) -> str:
        self.feed.add("me", "video", text="")
        return self._citizen.short_video() if deed.get("short") else self._citizen.video()

    def _share(self, deed: Mapping[str, Any]) -> str:
        title, url = _text(deed, "title"), _text(deed, "url")
        self.feed.add("me", "link", text=title, url=url)
        return self._citizen.link(title, url, str(deed.get("description", "")))

    def _send_position(self, deed: Mapping[str, Any]) -> str:
        latitude, longitude = float(deed["latitude"]), float(deed["longitude"])
        label = str(deed.get("label", ""))
        self.feed.add("me", "location", text=label, latitude=latitude, longitude=longitude)
        return self._citizen.location(latitude, longitude, label)

    def _follow(self, deed: Mapping[str, Any]) -> str:
        self.feed.add("wechat", "notice", text="你已关注该公众号")
        return self._citizen.subscribed(str(deed.get("scene", "")))

    def _leave(self, _: Mapping[str, Any]) -> str:
        self.feed.add("wechat", "notice", text="你已取消关注")
        return self._citizen.unsubscribed()

    def _scan(self, deed: Mapping[str, Any]) -> str:
        """Who doesn't follow yet, follows by the scan."""
        scene = _text(deed, "scene")
        self.feed.add("wechat", "notice", text=f"扫描了二维码“{scene}”")
        if self._contacts.follows(self.openid):
            return self._citizen.scanned(scene)
        return self._citizen.subscribed(scene)

    def _click(self, deed: Mapping[str, Any]) -> str:
        return self._citizen.clicked(_text(deed, "key"))

    def _view(self, deed: Mapping[str, Any]) -> str:
        return self._citizen.viewed(_text(deed, "url"))

    def _report_position(self, deed: Mapping[str, Any]) -> str:
        return self._citizen.reported_position(float(deed["latitude"]), float(deed["longitude"]))

    def _allow(self, deed: Mapping[str, Any]) -> str:
        """Answers when asked for notices: `answers` says accept or reject for each template."""
        answers = dict(deed["answers"])
        for template, answer in answers.items():
            if answer not in ("accept", "reject"):
                raise ValueError("answers are accept or reject")
            note = self._contacts.accept if answer == "accept" else self._contacts.reject
            note(self.openid, str(template))
        return self._citizen.answered_subscription(answers)


_DEEDS: Mapping[str, Callable[[Phone, Mapping[str, Any]], str]] = {
    "text": Phone._write,
    "voice": Phone._speak,
    "picture": Phone._show_picture,
    "video": Phone._film,
    "link": Phone._share,
    "location": Phone._send_position,
    "follow": Phone._follow,
    "unfollow": Phone._leave,
    "scan": Phone._scan,
    "click": Phone._click,
    "view": Phone._view,
    "position": Phone._report_position,
    "subscription": Phone._allow,
}


def _text(deed: Mapping[str, Any], name: str) -> str:
    text = deed.get(name)
    if not isinstance(text, str) or not text.strip():
        raise ValueError(f"{name} is missing")
    return text.strip()
