"""Messages of every type as WeChat writes them, with any contents, and what must be read."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from hypothesis import strategies as st

from wechat.kinds import (
    Choice,
    ChoiceEvent,
    Event,
    EventKind,
    ImageMessage,
    LinkMessage,
    LocationMessage,
    Message,
    Sending,
    SentEvent,
    TextMessage,
    VideoMessage,
    VoiceMessage,
)
from wechat.messages import clean

OFFICIAL = "gh_0123456789ab"

contents = (
    st.text(st.characters(exclude_categories=["Cs"]), max_size=80)
    | st.text("办事👌🏽𠮷<>&'\"]]>\n\r\t\x00\x0b\x1b\ufffe\u200b ", max_size=60)
    | st.sampled_from(["", " ", "]]>", "<![CDATA[x]]>", "]]]]><![CDATA[>", "&amp;&#0;", "\r\n"])
)
openids = st.text("abcXYZ0189_-", min_size=1, max_size=64).map(lambda rest: ("o" + rest)[:64])
numbers = st.integers(0, 2**63)
seconds = st.integers(0, 4_000_000_000)
templates = st.text("abcXYZ019_-", min_size=1, max_size=43)


@dataclass(frozen=True)
class Made:
    """A message's text and what it must be read as; its fields, for whoever reads it otherwise."""

    xml: str
    message: Message
    values: dict[str, Any]


def written(value: str | int | float, *, cdata: bool) -> str:
    """A field's value as WeChat writes it: text in CDATA, numbers mostly bare."""
    if isinstance(value, str) or cdata:
        return "<![CDATA[" + clean(str(value)).replace("]]>", "]]]]><![CDATA[>") + "]]>"
    return str(value)


@st.composite
def made(draw, message, kind: str, values: dict[str, Any], inner: str = "") -> Made:
    """Writes a message: fields in any order, with some that nobody knows, numbers either way."""
    own = {"MsgId": message.msg_id} if message.msg_id is not None else {}
    common = {
        "ToUserName": message.to_user,
        "FromUserName": message.from_user,
        "CreateTime": message.create_time,
        "MsgType": kind,
    }
    fields = {**common, **values, **own}
    if draw(st.booleans()):
        fields |= {"Encrypt_": "x", "MsgDataId": 5, "Idx": 1}
    rows = draw(st.permutations(list(fields.items()))) if draw(st.booleans()) else fields.items()
    cdata, between = draw(st.booleans()), draw(st.sampled_from(["", "\n", "\n  ", "\r\n"]))
    lines = [f"<{name}>{written(value, cdata=cdata)}</{name}>" for name, value in rows]
    xml = between.join(("<xml>", *lines, inner, "</xml>"))
    return Made(xml, message, fields)


def base(draw, *, event: bool = False) -> dict[str, Any]:
    common = {
        "to_user": OFFICIAL,
        "from_user": draw(openids),
        "create_time": draw(seconds),
    }
    return common if event else {**common, "msg_id": draw(numbers)}


@st.composite
def texts(draw) -> Made:
    text = draw(contents)
    message = TextMessage(**base(draw), text=clean(text))
    return draw(made(message, "text", {"Content": text}))


@st.composite
def voices(draw) -> Made:
    heard = draw(st.none() | contents)
    message = VoiceMessage(**base(draw), recognition=clean(heard or "").strip() or None)
    values = {"MediaId": draw(templates), "Format": "amr", "MediaId16K": "x"}
    return draw(
        made(message, "voice", values if heard is None else values | {"Recognition": heard})
    )


@st.composite
def images(draw) -> Made:
    url, media = draw(contents), draw(templates)
    message = ImageMessage(**base(draw), url=clean(url), media_id=media)
    return draw(made(message, "image", {"PicUrl": url, "MediaId": media}))


@st.composite
def videos(draw) -> Made:
    media, thumb, short = draw(templates), draw(templates), draw(st.booleans())
    message = VideoMessage(**base(draw), media_id=media, thumb_media_id=thumb, short=short)
    kind = "shortvideo" if short else "video"
    return draw(made(message, kind, {"MediaId": media, "ThumbMediaId": thumb}))


@st.composite
def links(draw) -> Made:
    title, about, url = draw(contents), draw(contents), draw(contents)
    message = LinkMessage(
        **base(draw), title=clean(title), description=clean(about), url=clean(url)
    )
    return draw(made(message, "link", {"Title": title, "Description": about, "Url": url}))


@st.composite
def locations(draw) -> Made:
    x = draw(st.floats(-90, 90).map(lambda degrees: f"{degrees:.6f}"))
    y = draw(st.floats(-180, 180).map(lambda degrees: f"{degrees:.6f}"))
    label = draw(contents)
    message = LocationMessage(
        **base(draw), latitude=float(x), longitude=float(y), label=clean(label).strip()
    )
    values = {"Location_X": x, "Location_Y": y, "Scale": 16, "Label": label}
    return draw(made(message, "location", values))


KEYED = {
    "subscribe": EventKind.SUBSCRIBE,
    "unsubscribe": EventKind.UNSUBSCRIBE,
    "SCAN": EventKind.SCAN,
    "CLICK": EventKind.CLICK,
    "VIEW": EventKind.VIEW,
    "view_miniprogram": EventKind.OTHER,
    "MASSSENDJOBFINISH": EventKind.OTHER,
}


@st.composite
def keyed_events(draw) -> Made:
    name = draw(st.sampled_from(list(KEYED)))
    key = draw(contents | contents.map(lambda scene: f"qrscene_{scene}"))
    message = Event(**base(draw, event=True), kind=KEYED[name], key=clean(key))
    values = {"Event": name, "EventKey": key, "Ticket": draw(templates)}
    return draw(made(message, "event", values))


@st.composite
def position_reports(draw) -> Made:
    where = {
        name: draw(st.floats(-90, 90).map(lambda degrees: round(degrees, 6)))
        for name in ("Latitude", "Longitude", "Precision")
    }
    message = Event(**base(draw, event=True), kind=EventKind.LOCATION)
    return draw(made(message, "event", {"Event": "LOCATION", **where}))


@st.composite
def template_results(draw) -> Made:
    number = draw(numbers)
    status = draw(st.sampled_from(["success", "failed:user block", "failed: system failed"]))
    message = SentEvent(
        **base(draw, event=True),
        kind=EventKind.TEMPLATE_RESULT,
        sendings=(Sending(number, status == "success", status),),
    )
    values = {"Event": "TEMPLATESENDJOBFINISH", "MsgID": number, "Status": status}
    return draw(made(message, "event", values))


def listed(name: str, rows: list[dict[str, Any]]) -> str:
    def row(values):
        return "".join(f"<{one}>{written(v, cdata=True)}</{one}>" for one, v in values.items())

    return f"<{name}>" + "".join(f"<List>{row(values)}</List>" for values in rows) + f"</{name}>"


@st.composite
def choices(draw) -> Made:
    found = tuple(
        Choice(template, accepted)
        for template, accepted in draw(st.lists(st.tuples(templates, st.booleans()), max_size=3))
    )
    asked = draw(st.booleans())
    kind = EventKind.SUBSCRIPTION_ASKED if asked else EventKind.SUBSCRIPTION_CHANGED
    rows = [
        {
            "TemplateId": one.template,
            "SubscribeStatusString": "accept" if one.accepted else "reject",
            **({"PopupScene": 2} if asked else {}),
        }
        for one in found
    ]
    inner = listed("SubscribeMsgPopupEvent" if asked else "SubscribeMsgChangeEvent", rows)
    message = ChoiceEvent(**base(draw, event=True), kind=kind, choices=found)
    return draw(made(message, "event", {"Event": kind.value}, inner))


@st.composite
def notices(draw) -> Made:
    found = tuple(
        Sending(number, code == 0, str(code), template)
        for number, code, template in draw(
            st.lists(st.tuples(numbers, st.sampled_from([0, 43101]), templates), max_size=3)
        )
    )
    rows = [
        {
            "TemplateId": one.template,
            "MsgID": one.number,
            "ErrorCode": one.reason,
            "ErrorStatus": "success" if one.delivered else "failed",
        }
        for one in found
    ]
    kind = EventKind.SUBSCRIPTION_RESULT
    message = SentEvent(**base(draw, event=True), kind=kind, sendings=found)
    inner = listed("SubscribeMsgSentEvent", rows)
    return draw(made(message, "event", {"Event": kind.value}, inner))


KINDS = {
    "text": texts(),
    "voice": voices(),
    "image": images(),
    "video": videos(),
    "link": links(),
    "location": locations(),
    "events": keyed_events(),
    "position report": position_reports(),
    "template result": template_results(),
    "choices": choices(),
    "notices": notices(),
}
