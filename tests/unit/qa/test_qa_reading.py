"""Files become cases, or every fault with its line and how to mend it."""

from __future__ import annotations

import json
from datetime import datetime
from pathlib import Path

import pytest
import yaml
from jsonschema import Draft7Validator

from qa.cases import Message
from qa.catalogue_checks import About, Asks, Lists
from qa.checks import ANY, ActionRan, Answer, Slots, WholeText
from qa.reading import read
from qa.schema import schema
from service_catalog.clock import CHINA
from service_catalog.errors import ProblemsFound

WHOLE = """\
banshi_at: "2026-11-23 09:00"
metadata:
  - topic: {topic: 预约}
  - device: {os: ios}
fixtures:
  - premium:
      - service: "010"
      - visit_name: 3
test_cases:
  - test_case: 甲
    metadata: [topic, device]
    fixtures: [premium]
    banshi_at: 2026-10-01 08:30
    banshi_catalog: {hall.yml: {phones: {enquiry: "0"}}}
    banshi_within: 5
    steps:
      - user: 1
        assertion_order_enabled: true
        assertions:
          - bot_uttered:
              text_matches: "居民.证"
              buttons: [{title: 本人, payload: /x}]
              utter_name: utter_goodbye
          - bot_did_not_utter: {text_matches: 没有}
          - action_executed: action_guide
          - slot_was_set: [{name: service, value: 010}, {name: visit_name}]
          - slot_was_not_set: [{name: service}]
          - banshi_about: id-card-renew
          - banshi_asks: {service: id-card-renew, question: age}
          - banshi_lists: {item: id-card-renew, situation: {age: adult}}
      - bot: 全文
      - utter: utter_goodbye
      - slot_was_set: [service, visit_name: x]
      - slot_was_not_set: [service]
      - banshi_choose: 本人
        banshi_within: 0.5
      - banshi_send: {voice: null}
      - banshi_send: {location: {latitude: 29.5, longitude: "-122"}}
      - banshi_send: {follow: true}
  - test_case: 乙
    steps:
      - user: 你好
"""


def test_a_case_with_everything(reading):
    first, second = reading(WHOLE)
    assert (first.name, first.topic, first.line) == ("甲", "预约", 10)
    assert first.metadata == {"topic": "预约", "os": "ios"}
    assert first.slots == {"service": "010", "visit_name": 3}
    assert first.setting.at == datetime(2026, 10, 1, 8, 30, tzinfo=CHINA)
    assert json.loads(first.setting.overlay) == {"hall.yml": {"phones": {"enquiry": "0"}}}
    one, choose, voice, location, follow = first.turns
    assert (one.line, one.within, one.in_order) == (17, 5.0, True)
    assert one.message == Message("text", "1")
    assert one.checks == (
        Answer(20, "居民.证", (("本人", "/x"),), "utter_goodbye"),
        Answer(24, "没有", wanted=False),
        ActionRan(25, "action_guide"),
        Slots(26, (("service", "010"), ("visit_name", ANY))),
        Slots(27, (("service", ANY),), wanted=False),
        About(28, "id-card-renew"),
        Asks(29, "id-card-renew", "age"),
        Lists(30, "id-card-renew", {"age": "adult"}),
        WholeText(31, "全文"),
        Answer(32, utter="utter_goodbye"),
        Slots(33, (("service", ANY), ("visit_name", "x"))),
        Slots(34, (("service", ANY),), wanted=False),
    )
    assert (choose.message, choose.within) == (Message("choose", "本人"), 0.5)
    assert voice.message == Message("voice")
    assert location.message.value == {"latitude": 29.5, "longitude": -122.0, "label": ""}
    assert follow.message == Message("follow")
    assert second.setting.at == datetime(2026, 11, 23, 9, tzinfo=CHINA)
    assert second.topic == "a"


def test_a_time_can_be_given_for_cases_without_one(reading):
    moment = datetime(2026, 1, 5, 9, tzinfo=CHINA)
    (case,) = reading("test_cases: [{test_case: 甲, steps: [{user: x}]}]", at=moment)
    assert case.setting.at == moment
    (case,) = reading("test_cases: [{test_case: 甲, steps: [{user: x}]}]")
    assert case.setting.plain


def test_folders_are_searched_and_no_file_is_read_twice(tmp_path, reading):
    text = "test_cases: [{test_case: 甲, steps: [{user: x}]}]"
    reading(text)
    (tmp_path / "deeper").mkdir()
    (tmp_path / "deeper" / "z.yaml").write_text(text, encoding="utf-8")
    (tmp_path / "notes.txt").write_text("x", encoding="utf-8")
    found = read([tmp_path, tmp_path / "a.yml"])
    assert [Path(case.file).name for case in found] == ["a.yml", "z.yaml"]


CASE = "test_cases:\n  - test_case: 甲\n"
SAID = "    steps: [{user: x}]\n"
FAULTS = [
    (f"metdata: []\n{CASE}{SAID}", 1, "没有 metdata 这个键"),
    ("test_cases: []", 1, "是空的"),
    (CASE, 2, "没有写 steps。补上 steps"),
    (
        f"{CASE}    steps:\n      - asertions: []",
        4,
        "没有 asertions 这个键。是不是想写 assertions？",
    ),
    (f"{CASE}    steps:\n      - {{user: x, bot: y}}", 4, "一步里写 user"),
    (f"{CASE}    steps:\n      - user:", 4, "是空的。写上文字"),
    (f"{CASE}    steps:\n      - bot: 你好", 4, "先写一步 user"),
    (f"{CASE}    banshi_at: 明天\n{SAID}", 3, "2026-10-01"),
    (f'{CASE}    banshi_at: "2026-13-01 09:00"\n{SAID}', 3, "不是一个时间"),
    (f"{CASE}    banshi_within: 快\n{SAID}", 3, "写成秒数"),
    (f"{CASE}    banshi_within: 0\n{SAID}", 3, "写成秒数"),
    (f"{CASE}    banshi_catalog: {{../x.yml: {{}}}}\n{SAID}", 3, "写目录里的相对路径"),
    (f"{CASE}    metadata: [t]\n{SAID}", 3, "“t”没有定义"),
    (f"{CASE}    fixtures: [t]\n{SAID}", 3, "“t”没有定义"),
    (f"{CASE}{SAID}  - test_case: 甲\n{SAID}", 4, "重名"),
    (f'{CASE}    steps:\n      - user: "\\("', 4, "写两个反斜杠（\\\\）"),
    (f"fixtures:\n  - f: [{{sevice: x}}]\n{CASE}{SAID}", 2, "没有槽位"),
]


@pytest.mark.parametrize(("text", "line", "words"), FAULTS)
def test_a_fault_has_its_line_and_its_mend(reading, text, line, words):
    with pytest.raises(ProblemsFound) as found:
        reading(text)
    (problem,) = found.value.problems
    assert problem.line == line
    assert words in str(problem)
    assert problem.mend


ASSERTIONS = [
    ("flow_started: x", "只用于大模型流程"),
    ("bot_uttered: {}", "是空的"),
    ("bot_uttered: {text_matchs: x}", "text_matchs"),
    ('bot_uttered: {text_matches: "(x"}', "不是正则表达式"),
    ("bot_uttered: {utter_name: utter_x}", "没有答复 utter_x"),
    ("action_executed: action_gide", "没有动作 action_gide"),
    ("slot_was_set: [service]", "写法不对"),
    ("slot_was_set: [{name: sevice}]", "没有槽位 sevice"),
    ("banshi_asks: {service: x}", "补上 question"),
]


@pytest.mark.parametrize(("assertion", "words"), ASSERTIONS)
def test_a_faulty_assertion(reading, assertion, words):
    with pytest.raises(ProblemsFound) as found:
        reading(
            "test_cases:\n  - test_case: 甲\n    steps:\n      - user: x\n        assertions:\n"
            f"          - {assertion}\n"
        )
    (problem,) = found.value.problems
    assert problem.line == 6
    assert "用例“甲”·步骤1·断言1" in problem.field
    assert words in str(problem)


def test_every_fault_of_every_file_is_told_at_once(reading):
    with pytest.raises(ProblemsFound) as found:
        reading(
            f"{CASE}    x: 1\n    steps:\n      - user:\n      - y: 2\n",
            "test_cases: [",
            f"{CASE}    steps: [{{bot: x}}]\n  - test_case: 甲\n{SAID}",
        )
    lines = [(Path(one.file).name, one.line) for one in found.value.problems]
    assert lines[:3] == [("a.yml", 3), ("a.yml", 5), ("a.yml", 6)]
    assert lines[3][0] == "b.yml"
    assert lines[4:] == [("c.yml", 3), ("c.yml", 4)]


def test_a_path_that_holds_no_case(tmp_path):
    with pytest.raises(ProblemsFound) as found:
        read([tmp_path / "none.yml", tmp_path])
    assert [one.file for one in found.value.problems] == [str(tmp_path / "none.yml"), str(tmp_path)]
    assert "读不出来" in found.value.problems[0].what
    assert "没有用例文件" in found.value.problems[1].what


def test_editors_can_use_the_schema_on_typed_yaml():
    Draft7Validator.check_schema(schema())
    typed = yaml.safe_load(WHOLE)
    assert not list(Draft7Validator(schema()).iter_errors(typed))
