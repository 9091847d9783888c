"""Messages and events as WeChat posts them to the webhook, before they are signed and sealed.

Every kind that an Official Account gets (接收普通消息, 接收事件推送); what a citizen does in the
simulator becomes XML here and nowhere else.
"""

from __future__ import annotations

import itertools
import time
from collections.abc import Mapping, Sequence
from typing import Literal

from wechat.messages import SCENE_OF_A_FOLLOW, render

_message_ids = itertools.count(int(time.time() * 1_000_000))
Value = str | int


class Composer:
    """Writes what one citizen sends to one account."""

    def __init__(self, openid: str, official_id: str) -> None:
        self.openid = openid
        self._official_id = official_id
        self._last_event = 0

    def text(self, text: str, *, menu_id: str = "") -> str:
        """Composes a text message; sent twice, it is a repeat.

        Args:
            text: What was written, or what the tapped line of a menu message says.
            menu_id: The number of that line (`bizmsgmenuid`).
        """
        tapped = {"bizmsgmenuid": menu_id} if menu_id else {}
        return self.message("text", {"Content": text, **tapped, "MsgId": next(_message_ids)})

    def voice(self, recognition: str | None = None, media_id: str = "media") -> str:
        """Composes a voice message, with the words that WeChat recognised or without."""
        heard = {} if recognition is None else {"Recognition": recognition}
        media = {"MediaId": media_id, "Format": "amr"}
        return self.message("voice", {**media, **heard, "MsgId": next(_message_ids)})

    def picture(self, url: str = "https://mmbiz.qpic.cn/picture", media_id: str = "media") -> str:
        """Composes a picture message."""
        return self.message(
            "image", {"PicUrl": url, "MediaId": media_id, "MsgId": next(_message_ids)}
        )

    def video(self, media_id: str = "media") -> str:
        """Composes a video message."""
        return self._film("video", media_id)

    def short_video(self, media_id: str = "media") -> str:
        """Composes a short video 小视频."""
        return self._film("shortvideo", media_id)

    def link(self, title: str, url: str, description: str = "") -> str:
        """Composes a shared page."""
        shared = {"Title": title, "Description": description, "Url": url}
        return self.message("link", {**shared, "MsgId": next(_message_ids)})

    def location(self, latitude: float, longitude: float, label: str = "") -> str:
        """Composes a position."""
        where = {"Location_X": f"{latitude:.6f}", "Location_Y": f"{longitude:.6f}"}
        more: dict[str, str | int] = {"Scale": 16, "Label": label, "MsgId": next(_message_ids)}
        return self.message("location", {**where, **more})

    def event(self, name: str, key: str = "", more: Mapping[str, Value] | None = None) -> str:
        """Composes an event; no two happen in the same second, by which WeChat tells them apart."""
        self._last_event = max(int(time.time()), self._last_event + 1)
        when = {"CreateTime": self._last_event}
        return self.message("event", {**when, "Event": name, "EventKey": key, **(more or {})})

    def subscribed(self, scene: str = "") -> str:
        """Composes a follow 关注, after the scan of a code when there is a scene."""
        if not scene:
            return self.event("subscribe")
        return self.event("subscribe", SCENE_OF_A_FOLLOW + scene, _ticket(scene))

    def unsubscribed(self) -> str:
        """Composes the end of it 取消关注."""
        return self.event("unsubscribe")

    def scanned(self, scene: str) -> str:
        """Composes the scan of the account's QR code by a follower."""
        return self.event("SCAN", scene, _ticket(scene))

    def clicked(self, key: str) -> str:
        """Composes a tap on a menu button that says something."""
        return self.event("CLICK", key)

    def viewed(self, url: str) -> str:
        """Composes a tap on a menu button that opens a page."""
        return self.event("VIEW", url)

    def reported_position(self, latitude: float, longitude: float, precision: float = 65) -> str:
        """Composes the report of a position 上报地理位置, which the citizen allowed once."""
        where = {"Latitude": f"{latitude:.6f}", "Longitude": f"{longitude:.6f}"}
        return self.event("LOCATION", more={**where, "Precision": f"{precision:.6f}"})

    def job_finished(self, number: int, status: str = "success") -> str:
        """Composes what became of a template message.

        Args:
            number: The `msgid` that the interface gave for it.
            status: `success`, `failed:user block` or `failed: system failed`.
        """
        return self.event("TEMPLATESENDJOBFINISH", more={"MsgID": number, "Status": status})

    def answered_subscription(self, answers: Mapping[str, Literal["accept", "reject"]]) -> str:
        """Composes what the citizen tapped when asked to allow notices (template → answer)."""
        return self._subscription(
            "subscribe_msg_popup_event",
            "SubscribeMsgPopupEvent",
            [
                {"TemplateId": template, "SubscribeStatusString": answer, "PopupScene": 2}
                for template, answer in answers.items()
            ],
        )

    def changed_subscription(self, answers: Mapping[str, Literal["accept", "reject"]]) -> str:
        """Composes what the citizen changed in the settings of notices (template → answer)."""
        return self._subscription(
            "subscribe_msg_change_event",
            "SubscribeMsgChangeEvent",
            [
                {"TemplateId": template, "SubscribeStatusString": answer}
                for template, answer in answers.items()
            ],
        )

    def notified(self, template_id: str, number: int, code: int = 0) -> str:
        """Composes what became of a subscription notice; 0 is well."""
        status = "success" if code == 0 else "failed"
        return self._subscription(
            "subscribe_msg_sent_event",
            "SubscribeMsgSentEvent",
            [
                {
                    "TemplateId": template_id,
                    "MsgID": number,
                    "ErrorCode": code,
                    "ErrorStatus": status,
                }
            ],
        )

    def message(self, kind: str, values: Mapping[str, Value]) -> str:
        """Composes a message of any kind."""
        common: dict[str, Value] = {
            "ToUserName": self._official_id,
            "FromUserName": self.openid,
            "CreateTime": int(time.time()),
            "MsgType": kind,
        }
        return render({**common, **values})

    def _film(self, kind: str, media_id: str) -> str:
        media = {"MediaId": media_id, "ThumbMediaId": "thumb"}
        return self.message(kind, {**media, "MsgId": next(_message_ids)})

    def _subscription(self, name: str, field: str, rows: Sequence[Mapping[str, Value]]) -> str:
        # WeChat repeats <List> for every template.
        inner = "".join(f"<List>{_inside(row)}</List>" for row in rows)
        xml = self.event(name)
        return xml.removesuffix("</xml>") + f"<{field}>{inner}</{field}>\n</xml>"


def _inside(values: Mapping[str, Value]) -> str:
    return render(values).removeprefix("<xml>\n").removesuffix("\n</xml>")


def _ticket(scene: str) -> Mapping[str, Value]:
    return {"Ticket": f"ticket-of-{scene}"}
