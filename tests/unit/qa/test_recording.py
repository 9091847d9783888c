"""Stored conversations become cases that can be read, with nobody's data in them."""

from __future__ import annotations

import pytest
from stdnum.cn import ric

from cli.made_up import MadeUp
from cli.qa import vocabulary
from qa.cases import Message
from qa.catalogue_checks import About
from qa.checks import ActionRan, Answer
from qa.reading import read
from qa.recording import file_of, recorded

STAMP = 1795395600.0  # 2026-11-23 09:00 in China
OPENID = "oAbcdefghijklmnopqrstuvwxyz0"


def said(text):
    return {"event": "user", "text": text, "timestamp": STAMP, "parse_data": {}}


def slot(name, value):
    return {"event": "slot", "name": name, "value": value}


def ran(name):
    return {"event": "action", "name": name}


def answered(text, *titles):
    return {"event": "bot", "text": text, "data": {"buttons": [{"title": one} for one in titles]}}


@pytest.fixture
def recording(tmp_path, world):
    def record(*events):
        text = file_of([recorded(events, world.catalog, MadeUp(events), 1)])
        file = tmp_path / "recorded.yml"
        file.write_text(text, encoding="utf-8")
        return text, read([file], vocabulary())

    return record


def test_a_booking(recording, world):
    service = world.catalog.service("driving-licence-renew")
    text, (case,) = recording(
        ran("action_session_start"),
        {"event": "session_started"},
        said("预约换驾照，我叫欧阳小敏，13912345678"),
        slot("service", service.id),
        ran("booking_form"),
        answered(f"【{service.name}】哪天？", "12月3日", "12月4日"),
        ran("action_listen"),
        said("2"),
        slot("booking_name", "帅得惊"),
        slot("booking_phone", "13912345678"),
        ran("booking_form"),
        answered("请核对：\n姓名：帅得惊\n手机：13912345678\n欧阳小敏\n确认吗？", "确认", "取消"),
        said("帅得惊 可以"),
        ran("booking_form"),
    )
    assert case.setting.at.isoformat() == "2026-11-23T09:00:00+08:00"
    first, second, third = case.turns
    assert first.checks == (
        About(first.checks[0].line, service.id),
        ActionRan(first.checks[1].line, "booking_form"),
        Answer(first.checks[2].line, buttons=(("12月3日", ""), ("12月4日", ""))),
    )
    assert second.message == Message("choose", "12月4日")
    assert third.message.kind == "text"
    for personal in ("欧阳小敏", "13912345678", "帅得惊"):
        assert personal not in text
    assert first.message.value.startswith("预约换驾照，我叫")
    assert "1380013800" in first.message.value
    assert third.message.value.endswith(" 可以")


def test_each_session_is_a_case(recording):
    _, cases = recording(
        {"event": "session_started"},
        said("你好"),
        {"event": "session_started"},
        {"event": "session_started"},
        said("再见"),
    )
    assert [case.turns[0].message.value for case in cases] == ["你好", "再见"]


def test_other_messages_than_texts(recording, world):
    _, (case,) = recording(
        said("/follow"),
        said('/located{"latitude": "29.123", "longitude": "122.456"}'),
        said('/scanned{"scene": "C05"}'),
        said("5"),
    )
    kinds = [turn.message.kind for turn in case.turns]
    assert kinds == ["follow", "location", "scan", "text"]
    assert case.turns[1].message.value["latitude"] != 29.123
    assert case.turns[2].message.value == "C05"


@pytest.mark.parametrize(
    "text",
    [
        '"引号": {花}',
        "# 井号",
        "一行\n两行",
        "- 横线",
        "emoji 😀\u200b",
        "\\",
        "\x00\x01\x7f\x85\ufeff\u2028",
    ],
)
def test_any_text_comes_back_as_it_was(recording, text):
    _, (case,) = recording(said(text), answered(text))
    assert case.turns[0].message.value == text


PERSONAL = [
    "我叫李小明",
    "手机13912345678",
    "一三九一二三四五六七八",
    "身份证号330902199003074514",
    "车牌浙L12345",
    "邮箱a.b@qq.com",
    "卡号6222 0212 3456 7890",
    "家在清禾大道88号3幢201室",
    f"openid {OPENID}",
]


@pytest.mark.parametrize("text", PERSONAL)
def test_the_personal_is_made_up_and_of_the_same_kind(text):
    from desk.masking import mask_personal  # noqa: PLC0415

    made = MadeUp()(text)
    assert made != text
    assert "〔" not in made
    assert mask_personal(made) == mask_personal(text)  # it still looks like one


def test_an_id_number_is_a_valid_one():
    made = MadeUp()("330902199003074514")
    assert ric.is_valid(made)


def test_the_same_stays_the_same():
    replace = MadeUp()
    first = replace("我叫李小明，手机13912345678")
    assert replace("李小明的手机是13912345678") == first[2:5] + "的手机是13800138001"
    assert "13800138002" in replace("另一个手机13712345678")


def test_what_slots_hold_is_personal_whatever_it_looks_like():
    address = "清禾区龙潭镇上岭村3组12号"
    replace = MadeUp([slot("visit_address", address), slot("visit_name", "帅得惊")])
    assert replace(f"我是帅得惊，住{address}") == "我是张晓明，住清禾区龙潭镇幸福路1号"


def test_nothing_personal_nothing_changed():
    text = "二手房过户带什么，12月4日上午九点，2号窗口"
    assert MadeUp()(text) == text
