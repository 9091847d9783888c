"""Every type of message and event is read as what was written, whatever stands in it."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from message_world import KINDS, OFFICIAL

from wechat.kinds import Choice, ChoiceEvent, Event, EventKind, Sending, SentEvent, TextMessage
from wechat.messages import clean, fields, parse, render, text_reply

BASE = {"ToUserName": OFFICIAL, "FromUserName": "oA", "CreateTime": 1}


@pytest.mark.parametrize("kind", KINDS)
@given(data=st.data())
def test_what_is_written_is_read(kind, data):
    made = data.draw(KINDS[kind])
    assert parse(made.xml) == made.message


@pytest.mark.parametrize("kind", KINDS)
@given(data=st.data())
def test_a_reply_goes_back_to_whoever_wrote(kind, data):
    made = data.draw(KINDS[kind])
    said = data.draw(st.text())
    found = fields(text_reply(made.message, said, now=7))
    assert (found["ToUserName"], found["FromUserName"]) == (made.message.from_user, OFFICIAL)
    assert (found["Content"], found["CreateTime"]) == (clean(said), "7")


@given(st.sampled_from(list(KINDS)), st.data())
def test_a_repeat_has_the_same_key(kind, data):
    made = data.draw(KINDS[kind])
    key = made.message.dedup_key
    assert key == parse(made.xml).dedup_key
    assert made.message.from_user in key
    if not isinstance(made.message, Event):
        assert str(made.message.msg_id) in key


def test_messages_are_told_by_whom_and_their_number_and_events_by_whom_and_when():
    common = {"to_user": "g", "from_user": "oA", "create_time": 1}
    text = TextMessage(**common, msg_id=7, text="x")
    assert text.dedup_key == "message:oA:7"
    result = SentEvent(**common, kind=EventKind.TEMPLATE_RESULT)
    assert result.dedup_key == "event:oA:1:templatesendjobfinish:"


def test_two_events_of_one_second_are_two():
    """WeChat counts seconds: a follow and the scan after it must both be answered."""
    common = {"to_user": "g", "from_user": "oA", "create_time": 1}
    keys = {
        Event(**common, kind=kind, key=key).dedup_key
        for kind in (EventKind.SUBSCRIBE, EventKind.SCAN, EventKind.CLICK)
        for key in ("a", "b")
    }
    assert len(keys) == 6


@pytest.mark.parametrize("kind", ["image", "video", "shortvideo", "link"])
def test_what_nobody_reads_is_not_demanded(kind):
    message = parse(render({**BASE, "MsgType": kind, "MsgId": 7}))
    assert message.msg_id == 7


@pytest.mark.parametrize("number", ["", "x", "-1", "9" * 21])
def test_a_result_without_a_proper_number_is_still_one(number):
    values = {"Event": "TEMPLATESENDJOBFINISH", "MsgID": number, "Status": "failed:user block"}
    event = parse(render({**BASE, "MsgType": "event", **values}))
    assert event.sendings == (Sending(0, False, "failed:user block"),)


def test_lists_with_gaps():
    xml = render({**BASE, "MsgType": "event", "Event": "subscribe_msg_popup_event"})
    rows = "<List/><List><TemplateId>t</TemplateId></List>"
    inner = f"<SubscribeMsgPopupEvent>{rows}</SubscribeMsgPopupEvent>"
    event = parse(xml.replace("</xml>", inner + "</xml>"))
    assert isinstance(event, ChoiceEvent)
    assert event.choices == (Choice("", False), Choice("t", False))
