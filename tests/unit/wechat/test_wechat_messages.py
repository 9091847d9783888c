"""Parsing what comes in, writing what goes out, splitting what is too long."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st
from wechatpy import parse_message

from wechat.errors import MalformedMessage
from wechat.messages import (
    MORE,
    PAGE_BYTES,
    Event,
    EventKind,
    LocationMessage,
    OtherMessage,
    TextMessage,
    VoiceMessage,
    clean,
    fields,
    first_page,
    pages,
    parse,
    render,
    tappable,
    text_reply,
    untapped,
)

COMMON = {"ToUserName": "gh_1", "FromUserName": "oA-b_1", "CreateTime": 1409735668}
BASE = {"to_user": "gh_1", "from_user": "oA-b_1", "create_time": 1409735668}

any_text = st.text() | st.text("办事👌🏽𠮷<>&]]>\n\r\x00\x0b\ufffe", max_size=100)


def message(kind, **values):
    return parse(render({**COMMON, "MsgType": kind, **values}))


def test_text():
    assert message("text", Content="身份证", MsgId=7) == TextMessage(
        **BASE, msg_id=7, text="身份证"
    )


def test_empty_text_is_still_a_text():
    assert message("text", Content="", MsgId=7) == TextMessage(**BASE, msg_id=7, text="")


@pytest.mark.parametrize(
    ("values", "recognition"),
    [({}, None), ({"Recognition": ""}, None), ({"Recognition": " 办证 "}, "办证")],
)
def test_voice(values, recognition):
    assert message("voice", **values, MsgId=7) == VoiceMessage(
        **BASE, msg_id=7, recognition=recognition
    )


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("subscribe", EventKind.SUBSCRIBE),
        ("unsubscribe", EventKind.UNSUBSCRIBE),
        ("CLICK", EventKind.CLICK),
        ("SCAN", EventKind.SCAN),
        ("VIEW", EventKind.VIEW),
        ("LOCATION", EventKind.LOCATION),
        ("a_new_one", EventKind.OTHER),
    ],
)
def test_events(name, kind):
    assert message("event", Event=name, EventKey="k") == Event(**BASE, kind=kind, key="k")


@pytest.mark.parametrize(
    ("name", "key", "scene"),
    [
        ("SCAN", "window:hall:A05", "window:hall:A05"),
        ("subscribe", "qrscene_window:hall:A05", "window:hall:A05"),
        ("subscribe", "", ""),
        ("CLICK", "window:hall:A05", ""),
    ],
)
def test_scenes(name, key, scene):
    assert message("event", Event=name, EventKey=key).scene == scene


def test_positions():
    found = message("location", Location_X="23.134521", Location_Y="-113.3", Label="广场", MsgId=7)
    assert found == LocationMessage(
        **BASE, msg_id=7, latitude=23.134521, longitude=-113.3, label="广场"
    )


@pytest.mark.parametrize("x", ["", "91", "-90.1", "nan", "inf", "1e3", "二十", "1" * 99])
def test_impossible_positions(x):
    with pytest.raises(MalformedMessage):
        message("location", Location_X=x, Location_Y="113.3", MsgId=7)


@pytest.mark.parametrize("kind", ["image", "link", "shortvideo", "a_new_one"])
def test_other_kinds(kind):
    assert message(kind, MsgId=7) == OtherMessage(**BASE, msg_id=7, kind=kind)


def test_dedup_keys_tell_messages_apart_and_repeats_not():
    keys = [
        message("text", Content="a", MsgId=7).dedup_key,
        message("text", Content="a", MsgId=8).dedup_key,
        message("event", Event="subscribe").dedup_key,
        message("event", Event="subscribe", CreateTime=1).dedup_key,
        message("event", Event="subscribe", FromUserName="oB").dedup_key,
    ]
    assert len(set(keys)) == len(keys)
    assert message("text", Content="b", MsgId=7).dedup_key == keys[0]


@pytest.mark.parametrize("name", [*COMMON, "MsgType", "Content", "MsgId"])
def test_every_field_is_needed(name):
    values = {**COMMON, "MsgType": "text", "Content": "a", "MsgId": 7}
    parse(render(values))
    del values[name]
    with pytest.raises(MalformedMessage):
        parse(render(values))


BOMB = (
    '<?xml version="1.0"?><!DOCTYPE xml [<!ENTITY a "哈哈哈哈"><!ENTITY b "&a;&a;&a;&a;">]>'
    "<xml><ToUserName>&b;</ToUserName></xml>"
)


@pytest.mark.parametrize(
    "xml",
    [
        pytest.param("", id="empty"),
        pytest.param("success", id="no XML"),
        pytest.param("<xml><a></xml>", id="not well-formed"),
        pytest.param("<html></html>", id="another root"),
        pytest.param("<xml/>", id="no fields"),
        pytest.param("<xml>\x00</xml>", id="a NUL"),
        pytest.param('<?xml version="1.0" encoding="nonsense"?><xml/>', id="unknown encoding"),
        pytest.param(BOMB, id="entities"),
        pytest.param("<!DOCTYPE xml><xml/>", id="DTD"),
        pytest.param('<!DOCTYPE xml SYSTEM "file:///etc/passwd"><xml/>', id="external DTD"),
        pytest.param("<a>" * 20_000, id="deep"),
        pytest.param("<xml>" + "<a>" * 9_000 + "</a>" * 9_000 + "</xml>", id="deep and closed"),
    ],
)
def test_malformed_xml(xml):
    with pytest.raises(MalformedMessage):
        parse(xml)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("FromUserName", "o a"),
        ("FromUserName", "o" * 65),
        ("FromUserName", "../../x"),
        ("CreateTime", "-1"),
        ("CreateTime", "１２"),
        ("CreateTime", "1" * 21),
        ("MsgId", "x"),
    ],
)
def test_impossible_values(name, value):
    with pytest.raises(MalformedMessage):
        message("text", **{"Content": "a", "MsgId": 7, name: value})


@given(any_text)
def test_any_text_survives_writing_and_parsing(text):
    parsed = message("text", Content=text, MsgId=7)
    assert parsed.text == clean(text)


@given(any_text)
def test_wechatpy_reads_our_replies(text):
    asked = message("text", Content="?", MsgId=7)
    xml = text_reply(asked, text, now=1)
    assert fields(xml)["Content"] == clean(text)
    theirs = parse_message(xml.removesuffix("</xml>") + "<MsgId>1</MsgId></xml>")
    assert (theirs.target, theirs.source) == ("oA-b_1", "gh_1")
    assert (theirs.content or "").strip() == clean(text).strip()  # wechatpy strips


def squeezed(text):
    return re.sub(r"\s", "", text)


long_texts = st.lists(
    st.text("办事窗口👌𠮷abc \n", max_size=300) | st.text(max_size=5), max_size=30
).map("\n".join) | st.text("办👌", min_size=600, max_size=3_000)


@given(long_texts)
def test_pages_fit_and_lose_nothing(text):
    found = pages(text)
    for page in found:
        assert 0 < len(page.encode()) <= PAGE_BYTES
    assert all(page.endswith(MORE) for page in found[:-1])
    assert squeezed("".join(page.removesuffix(MORE) for page in found)) == squeezed(clean(text))


@given(st.lists(st.text("办事窗口👌", min_size=1, max_size=100), min_size=1, max_size=60))
def test_short_lines_are_never_cut(lines):
    found = [page.removesuffix(MORE) for page in pages("\n".join(lines))]
    assert "\n".join(found).split("\n") == lines


def test_a_short_text_is_one_page_without_a_hint():
    assert pages("你好\n") == ["你好"]
    assert pages("") == []
    assert pages(" \n ") == []


def test_a_page_is_filled_to_the_last_byte():
    fits = "x" * PAGE_BYTES
    assert first_page(fits) == (fits, "")
    page, rest = first_page(fits + "x")
    assert len(page.encode()) == PAGE_BYTES
    assert page.endswith(MORE)
    assert rest


@given(st.lists(st.text(min_size=1, max_size=20), max_size=12), st.text(max_size=50))
def test_links_change_nothing_that_is_read_and_fit(titles, before):
    titles = [clean(one).replace("\n", " ") for one in titles]
    lines = [f"{number}. {title}" for number, title in enumerate(titles, start=1)]
    text = "\n".join((clean(before), *lines, "回复数字选择。"))
    linked = tappable(text, titles)
    if "<a href" not in before:
        assert untapped(linked) == text
    assert linked == text or len(linked.encode()) <= PAGE_BYTES
