"""What a conversation remembers, and what was said for one service that holds for another."""

from __future__ import annotations

import pytest
from answers_world import CATALOG

from actions.aspects import Aspect
from actions.memory import PLAIN, Memory, aspects_of
from service_catalog.model import Option, Question, Service
from service_catalog.situations import option_of, question_of

PASSPORT, CARD, RENEW = (
    CATALOG.service(one) for one in ("passport-first", "id-card-renew", "id-card-replace")
)


def asked(item: Service, question_id: str, option_id: str) -> tuple[Service, Question, Option]:
    question = question_of(item, question_id)
    assert question is not None
    option = option_of(question, option_id)
    assert option is not None
    return item, question, option


CHILD = question_of(PASSPORT, "age").options[1].id


def test_nothing_is_remembered_at_first() -> None:
    memory = Memory({})
    assert (memory.service, memory.asked, memory.offered, memory.pending) == (None, (), {}, {})
    assert not memory.plain
    assert memory.answers(PASSPORT, CATALOG) == {}
    assert memory.events == []


def test_changes_are_events_and_the_last_one_counts() -> None:
    memory = Memory({"service": "passport-first", "asked": ["fee"]})
    memory.set("service", "id-card-renew")
    memory.set("service", "id-card-first")
    memory.set("offered", None)
    changes = {event["name"]: event["value"] for event in memory.events}
    assert changes == {"service": "id-card-first", "offered": None}
    assert memory.service == "id-card-first"
    assert memory.asked == (Aspect.FEE,), "what was not changed stays"


def test_slots_that_are_handed_in_are_not_changed() -> None:
    slots = {"answers": {"passport-first": {"age": CHILD}}}
    memory = Memory(slots)
    memory.tell(*asked(PASSPORT, "age", question_of(PASSPORT, "age").options[0].id))
    memory.take_back("passport-first")
    memory.show_all("passport-first")
    assert slots == {"answers": {"passport-first": {"age": CHILD}}}


def test_aspects_that_an_older_version_knew_are_passed_over() -> None:
    assert aspects_of(["fee", "horoscope", "phone"]) == (Aspect.FEE, Aspect.PHONE)
    assert Memory({"asked": ["horoscope"]}).asked == ()


def test_plain_is_a_manner_that_ends() -> None:
    memory = Memory({"style": PLAIN})
    assert memory.plain
    memory.set("style", None)
    assert not memory.plain


def test_the_same_question_is_answered_once_for_all_services() -> None:
    memory = Memory({})
    memory.tell(*asked(PASSPORT, "age", CHILD))
    for other in (CARD, RENEW):
        assert memory.answers(other, CATALOG)["age"] == CHILD
    assert Memory({event["name"]: event["value"] for event in memory.events}).answers(
        CARD, CATALOG
    ) == {"age": CHILD}, "also with the next message"


def test_an_answer_of_the_service_s_own_goes_before_that_of_another() -> None:
    grown = question_of(CARD, "age").options[0].id
    memory = Memory({})
    memory.tell(*asked(PASSPORT, "age", CHILD))
    memory.tell(*asked(CARD, "age", grown))
    assert memory.answers(CARD, CATALOG)["age"] == grown
    assert memory.answers(PASSPORT, CATALOG)["age"] == CHILD


PAIRS = [
    (one, other, question)
    for one in CATALOG.services.values()
    for question in one.situations
    for other in CATALOG.services.values()
    if other.id != one.id and question_of(other, question.id)
]


def test_questions_alike_in_name_alone_share_nothing() -> None:
    """who, kind, way: what they ask differs from service to service."""
    shared = apart = 0
    for one, other, question in PAIRS:
        theirs = question_of(other, question.id)
        memory = Memory({})
        memory.tell(one, question, question.options[0])
        same = question.ask == theirs.ask and [o.label for o in question.options] == [
            o.label for o in theirs.options
        ]
        known = memory.answers(other, CATALOG)
        if same and option_of(theirs, question.options[0].id):
            assert known == {question.id: question.options[0].id}
            shared += 1
        else:
            assert known == {}, f"{one.id} and {other.id} ask differently"
            apart += 1
    assert shared > 10
    assert apart > 10


def test_answers_for_a_service_that_is_gone_count_no_more() -> None:
    memory = Memory({"answers": {"closed-down": {"age": CHILD}, "passport-first": {"age": "x"}}})
    assert memory.answers(CARD, CATALOG) == {}


def test_taking_back_goes_from_the_latest_to_the_first() -> None:
    memory = Memory({})
    memory.tell(*asked(CARD, "age", CHILD))
    memory.tell(*asked(CARD, "hukou", question_of(CARD, "hukou").options[0].id))
    memory.tell(*asked(CARD, "age", question_of(CARD, "age").options[0].id))
    assert memory.take_back(CARD.id)
    assert set(memory.answers(CARD, CATALOG)) == {"hukou"}, "the one told last went first"
    assert memory.take_back(CARD.id)
    assert not memory.take_back(CARD.id)
    assert not memory.take_back("passport-first")


def test_who_is_not_sure_sees_all_for_this_service_until_that_is_taken_back() -> None:
    memory = Memory({})
    memory.show_all(CARD.id)
    assert memory.shows_all(CARD.id)
    assert not memory.shows_all(PASSPORT.id)
    assert memory.answers(CARD, CATALOG) == {}
    assert memory.take_back(CARD.id)
    assert not memory.shows_all(CARD.id)


@pytest.mark.parametrize("slots", [{}, {"answers": None}, {"answers": {}}])
def test_telling_begins_with_nothing(slots: dict) -> None:
    memory = Memory(slots)
    memory.tell(*asked(CARD, "age", CHILD))
    assert memory.get("answers") == {CARD.id: {"age": CHILD}}
