"""Each check holds of what it asks for, and of nothing else."""

from __future__ import annotations

import pytest

from qa.catalogue_checks import About, Asks, Lists
from qa.checks import ANY, ActionRan, Answer, Slots, WholeText, judged, same
from qa.seen import Seen, Understood, choices_in, slots_after
from service_catalog.merging import merged_materials
from service_catalog.situations import outcome

TEXT = "身份证有两种，是哪一个？\n1. 首次申领\n2. 到期换领\n回复数字选择。"
EVENTS = (
    {"event": "action", "name": "action_session_start"},
    {
        "event": "user",
        "text": "身份证",
        "parse_data": {
            "intent": {"name": "ask", "confidence": 0.98765},
            "entities": [{"entity": "service", "value": "id-card-first"}],
        },
    },
    {"event": "slot", "name": "service", "value": "id-card-first"},
    {"event": "slot", "name": "count", "value": 2},
    {"event": "slot", "name": "gone", "value": None},
    {"event": "action", "name": "action_guide"},
    {
        "event": "bot",
        "text": "身份证有两种，是哪一个？",
        "data": {
            "buttons": [
                {"title": "首次申领", "payload": "/first"},
                {"title": "到期换领", "payload": "/renew"},
            ]
        },
        "metadata": {"utter_action": "utter_which"},
    },
    {"event": "action", "name": "action_listen"},
)
SEEN = Seen(TEXT, ("首次申领", "到期换领"), 0.1, EVENTS, {"service": "id-card-first", "old": "x"})


@pytest.mark.parametrize(
    "check",
    [
        Answer(1, "身份证.*哪一个"),
        Answer(1, buttons=(("首次申领", ""), ("到期换领", "/renew"))),
        Answer(1, buttons=(("到期换领", ""),)),
        Answer(1, utter="utter_which"),
        Answer(1, "身份证", (("首次申领", "/first"),), "utter_which"),
        Answer(1, "护照", wanted=False),
        Answer(1, buttons=(("临时", ""),), wanted=False),
        WholeText(1, TEXT),
        WholeText(1, "身份证有两种，是哪一个？"),
        ActionRan(1, "action_guide"),
        Slots(1, (("service", ANY),)),
        Slots(1, (("service", "id-card-first"), ("count", "2"))),
        Slots(1, (("old", ANY), ("gone", ANY)), wanted=False),
        Slots(1, (("service", "passport-first"),), wanted=False),
    ],
)
def test_what_holds(check, world):
    verdict = check.judge(SEEN, world)
    assert verdict.passed
    assert verdict.expected


@pytest.mark.parametrize(
    ("check", "got"),
    [
        (Answer(1, "护照"), "身份证有两种"),
        (Answer(1, buttons=(("到期换领", ""), ("首次申领", ""))), "给出的选项：首次申领、到期换领"),
        (Answer(1, buttons=(("首次申领", "/other"),)), "首次申领"),
        (Answer(1, utter="utter_other"), "utter_which"),
        (Answer(1, "身份证.", wanted=False), "出现了“身份证有”"),
        (Answer(1, buttons=(("首次申领", ""),), wanted=False), "首次申领"),
        (WholeText(1, "身份证有两种"), "哪一个"),
        (ActionRan(1, "action_listen_"), "action_session_start、action_guide"),
        (Slots(1, (("old", ANY),)), "old 在本轮没有被设置，目前是：x"),
        (Slots(1, (("gone", ANY),)), "gone"),
        (Slots(1, (("service", "passport-first"),)), "service 在本轮被设为：id-card-first"),
        (Slots(1, (("service", ANY),), wanted=False), "id-card-first"),
    ],
)
def test_what_does_not_hold(check, got, world):
    verdict = check.judge(SEEN, world)
    assert not verdict.passed
    assert got in verdict.got


def test_an_answer_without_tracker_is_judged_by_its_text(world):
    seen = Seen(TEXT, ("首次申领", "到期换领"))
    assert Answer(1, buttons=(("首次申领", ""), ("到期换领", ""))).judge(seen, world).passed
    assert not ActionRan(1, "action_guide").judge(seen, world).passed


def test_in_order(world):
    early, late = Slots(1, (("service", ANY),)), ActionRan(2, "action_guide")
    assert [one.passed for one in judged([early, late], SEEN, world, True)] == [True, True]
    assert [one.passed for one in judged([late, early], SEEN, world, True)] == [True, False]
    assert [one.passed for one in judged([late, early], SEEN, world, False)] == [True, True]


@pytest.mark.parametrize(
    ("expected", "actual", "is_same"),
    [
        ("010", "010", True),
        ("010", "10", False),
        ("3", 3, True),
        ("true", True, True),
        ("1", "1", True),
        (None, None, True),
        (None, "x", False),
        (["a", "2"], ["a", 2], True),
        (["a"], ["a", "b"], False),
        ({"a": "1.5"}, {"a": 1.5}, True),
        ({"a": "1"}, {"b": 1}, False),
        ("[", 3, False),
    ],
)
def test_values_are_the_same_however_they_are_typed(expected, actual, is_same):
    assert same(expected, actual) is is_same


def test_what_was_understood_and_done():
    assert SEEN.understood == Understood("ask", 0.988, (("service", "id-card-first"),))
    assert SEEN.actions == ("action_session_start", "action_guide")
    assert Seen("").understood == Understood()


@pytest.mark.parametrize(
    ("text", "choices"),
    [
        (TEXT, ("首次申领", "到期换领")),
        ("材料：\n1. 身份证\n2. 照片\n\n要办哪个？\n1. 甲\n回复数字选择。", ("甲",)),
        ("1. 身份证\n2. 照片", ()),
        ("回复数字选择。", ()),
        ("", ()),
    ],
)
def test_choices_are_read_as_a_citizen_reads_them(text, choices):
    assert choices_in(text) == choices


def test_slots_go_from_turn_to_turn():
    events = [
        {"event": "slot", "name": "a", "value": None},
        {"event": "slot", "name": "b", "value": 0},
    ]
    assert slots_after(events, {"a": 1, "c": 2}) == {"b": 0, "c": 2}
    assert slots_after([{"event": "session_started"}], {"a": 1}) == {}


def asked(question, show_all="不确定，都列出来"):
    labels = [*(one.label for one in question.options), show_all]
    return f"先问一句：{question.ask}？\n" + "\n".join(labels)


def test_asks(world):
    service = world.catalog.service("id-card-renew")
    question = service.situations[0]
    check = Asks(1, service.id, question.id)
    assert check.judge(Seen(asked(question)), world).passed
    verdict = check.judge(Seen(asked(question, "")), world)
    assert not verdict.passed
    assert verdict.got.startswith("缺少：不确定，都列出来")
    assert not Asks(1, service.id, "none").judge(Seen(asked(question)), world).passed
    assert not Asks(1, "none", question.id).judge(Seen(asked(question)), world).passed


def test_about(world):
    catalog = world.catalog
    service, other = catalog.service("id-card-renew"), catalog.service("passport-first")
    bundle = next(iter(catalog.bundles.values()))
    check = About(1, service.id)
    assert check.judge(Seen(f"【{service.name}】要带……"), world).passed
    assert not check.judge(Seen(f"【{other.name}】要带……"), world).passed
    assert not check.judge(Seen(f"【{service.name}】……【{other.name}】"), world).passed
    offered = f"【{other.name}】"
    text = f"【{service.name}】\n1. {offered}\n回复数字选择。"
    assert check.judge(Seen(text, (offered,)), world).passed
    assert About(1, bundle.id).judge(Seen(f"【{bundle.name}】"), world).passed
    assert not About(1, bundle.id).judge(Seen(bundle.name), world).passed
    assert not About(1, "none").judge(Seen("x"), world).passed


def test_lists(world):
    service = world.catalog.service("id-card-renew")
    answers = {"age": "adult"}
    names = [one.name for one in outcome(service, answers).materials]
    rows = [f"{row}. {name}：原件1份" for row, name in enumerate(names, 1)]
    check = Lists(1, service.id, answers)
    assert check.judge(Seen("\n".join(["需要的材料：", *rows, "", "完"])), world).passed
    for wrong in (rows[:-1], [*rows, f"{len(rows) + 1}. 别的"], rows[::-1]):
        assert not check.judge(Seen("\n".join(["需要的材料：", *wrong])), world).passed
    assert not check.judge(Seen("\n".join(rows)), world).passed
    assert not Lists(1, "none").judge(Seen(""), world).passed


def test_lists_of_a_bundle(world):
    bundle = next(iter(world.catalog.bundles.values()))
    merged = merged_materials(bundle, world.catalog.services)
    rows = [f"{row}. {one.material.name}" for row, one in enumerate(merged, 1)]
    seen = Seen("\n".join(["需要的材料（合并后）：", *rows]))
    assert Lists(1, bundle.id).judge(seen, world).passed
