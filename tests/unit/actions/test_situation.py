"""What one message says of the citizen's situation, and which question is worth asking next."""

from __future__ import annotations

import pytest
from answers_world import CATALOG

from actions.aspects import Aspect
from actions.evidence import read
from actions.memory import Memory
from actions.situation import Situation
from service_catalog.situations import outcome, question_of, settled

CARD, PASSPORT = CATALOG.service("id-card-renew"), CATALOG.service("passport-first")
AGE, HUKOU = question_of(CARD, "age"), question_of(CARD, "hukou")
DUTY = question_of(PASSPORT, "duty")
NOTHING = "nothing"


def message(text: str, intent: str = "inform", aspect: str | None = None, **slots: object):
    entities = [{"entity": aspect, "start": 0, "end": 0, "value": ""}] if aspect else []
    said = {"text": text, "intent": {"name": intent}, "entities": entities}
    memory = Memory(slots)
    return Situation(CATALOG, memory, read(said)), memory


@pytest.mark.parametrize(
    ("question", "text", "intent", "row"),
    [
        (AGE, "1", "choose", 0),
        (AGE, "第二个", "choose", 1),
        (AGE, "已满16周岁", "inform", 0),
        (AGE, "未满16周岁", "inform", 1),
        (AGE, "是小孩", "inform", 1),
        (AGE, "3", "choose", None),
        (AGE, "不确定，都列出来", "inform", None),
        (AGE, "不清楚", "inform", None),
        (AGE, "今天天气真好", "out_of_scope", NOTHING),
        (HUKOU, "外省的", "inform", 2),
        (HUKOU, "4", "choose", None),
        (HUKOU, "是的", "affirm", NOTHING),
        (DUTY, "不是", "deny", 0),
        (DUTY, "是的", "affirm", 1),
        (DUTY, "我是公务员", "inform", 1),
    ],
)
def test_how_the_question_on_the_table_is_answered(question, text, intent, row) -> None:
    answered = message(text, intent)[0].reply(question)
    if row is NOTHING:
        assert answered is None
    else:
        assert answered is not None
        assert answered.option == (None if row is None else question.options[row])


def test_another_question_is_no_answer() -> None:
    assert message("那要多少钱呢我先问一下这个", "ask", aspect="fee")[0].reply(HUKOU) is None


@pytest.mark.parametrize(
    ("text", "known"),
    [
        ("孩子的身份证到期了，外省户口", {"age": AGE.options[1].id, "hukou": HUKOU.options[2].id}),
        ("外省户口", {"hukou": HUKOU.options[2].id}),
        ("身份证到期了怎么换", {}),
    ],
)
def test_what_stands_in_the_sentence_is_kept(text: str, known: dict) -> None:
    situation, memory = message(text, "ask")
    assert situation.note_what_is_said(CARD) is bool(known)
    assert memory.answers(CARD, CATALOG) == known
    assert not situation.note_what_is_said(CARD), "it is no news the second time"


def test_who_is_spoken_of_answers_how_old_they_are() -> None:
    for text, option in (("帮我妈换身份证", AGE.options[0]), ("给我儿子换身份证", AGE.options[1])):
        situation, memory = message(text, "ask")
        situation.note_what_is_said(CARD)
        assert memory.answers(CARD, CATALOG)["age"] == option.id
    assert message("帮我妈换身份证")[0].for_an_old_person
    assert not message("给我儿子换身份证")[0].for_an_old_person


@pytest.mark.parametrize("item", [CARD, PASSPORT], ids=lambda item: item.id)
def test_only_what_changes_the_answer_is_asked(item) -> None:
    for aspect in Aspect:
        situation, memory = message("", "ask")
        asked = 0
        while (question := situation.open_question(item, (aspect,))) is not None:
            assert not situation.decides(item, (aspect,))
            memory.tell(item, question, question.options[0])
            asked += 1
        assert asked <= len(item.situations)
        if situation.decides(item, (aspect,)):
            known = memory.answers(item, CATALOG)
            assert not outcome(item, settled(item, known)).open_questions


def test_of_what_never_depends_on_the_situation_nothing_is_asked() -> None:
    for aspect in (Aspect.PHONE, Aspect.BASIS, Aspect.ONLINE):
        situation, _ = message("", "ask")
        assert situation.open_question(CARD, (aspect,)) is None
        assert not situation.decides(CARD, (aspect,)), "it is told of all situations"


def test_who_wants_to_see_all_is_asked_no_more() -> None:
    situation, memory = message("", "ask")
    assert situation.open_question(CARD, (Aspect.MATERIALS,)) is not None
    memory.show_all(CARD.id)
    assert situation.open_question(CARD, (Aspect.MATERIALS,)) is None
    assert not situation.decides(CARD, (Aspect.MATERIALS,)), "everything is told, with conditions"


@pytest.mark.parametrize(
    ("table", "found"),
    [
        ({"service": CARD.id, "question": "age"}, (CARD, AGE)),
        ({"service": CARD.id, "question": "gone"}, None),
        ({"service": "closed-down", "question": "age"}, None),
        ({}, None),
        (None, None),
    ],
)
def test_the_question_on_the_table(table, found) -> None:
    assert message("", pending=table)[0].pending() == found
