"""Every way through a service's questions is reached, ends, and has an outcome."""

from __future__ import annotations

from types import SimpleNamespace

import pytest
from flow import Flow
from hypothesis import given
from hypothesis import strategies as st
from made_up import service, services
from pydantic import ValidationError

from service_catalog.files import Document, Entry
from service_catalog.links import find_broken_links
from service_catalog.model import Service
from service_catalog.model.services import MOST_QUESTIONS
from service_catalog.situations import (
    MAX_QUESTIONS,
    following,
    next_question,
    option_of,
    outcome,
    paths,
    question_of,
    way,
)

BRANCHING = service(
    situations=[
        {
            "id": "who",
            "ask": "?",
            "why": "x",
            "options": [
                {"id": "self", "label": "x", "next": "hukou"},
                {"id": "other", "label": "x"},
            ],
        },
        {
            "id": "paper",
            "ask": "?",
            "why": "x",
            "options": [
                {"id": "has", "label": "x"},
                {"id": "none", "label": "x", "next": "end"},
            ],
        },
        {
            "id": "hukou",
            "ask": "?",
            "why": "x",
            "options": [{"id": "here", "label": "x"}, {"id": "away", "label": "x"}],
        },
    ],
    materials=[
        {"name": "表"},
        {"name": "委托书", "only": {"who": ["other"]}},
        {"name": "居住证", "only": {"who": ["self"], "hukou": ["away"]}},
    ],
    limit_cases=[{"only": {"hukou": ["away"]}, "promised": {"number": 60}}],
)


def faults(found: Service) -> list[str]:
    """What the check of the catalogue says of the questions."""
    entry = Entry(Document("services/made-up.yml", {}, "id: x", ""), found)
    return [problem.what for problem in find_broken_links({"services/made-up.yml": entry})]


def test_nodes_lead_where_their_options_say() -> None:
    flow = Flow(BRANCHING)
    flow.testing_node("who").choose("self").assert_next_node("hukou")
    flow.assert_outcome_has(material="居住证", promised="5")
    flow.choose("away").assert_end()
    flow.assert_outcome_has(material="居住证", promised="60")
    flow.assert_outcome_lacks(material="委托书")

    flow = Flow(BRANCHING)
    flow.testing_node("who").choose("other").assert_next_node("paper")
    flow.choose("none").assert_end()
    flow.assert_outcome_has(material="委托书", promised="5")
    flow.assert_outcome_lacks(material="居住证")


def test_an_option_that_is_none_is_no_answer() -> None:
    Flow(BRANCHING).testing_node("who").assert_rejects("nobody").assert_rejects("")


def test_the_ways_of_a_branching_service() -> None:
    assert [tuple(answers.values()) for answers in paths(BRANCHING)] == [
        ("self", "here"),
        ("self", "away"),
        ("other", "has", "here"),
        ("other", "has", "away"),
        ("other", "none"),
    ]


@given(found=services())
def test_every_way_ends_and_has_an_outcome(found: Service) -> None:
    ways = list(paths(found))
    assert ways
    assert len({tuple(answers.items()) for answers in ways}) == len(ways), "none twice"
    for answers in ways:
        assert len(answers) <= len(found.situations)
        flow = Flow(found)
        for question_id, option_id in answers.items():
            flow.testing_node(question_id).choose(option_id)
        flow.assert_end()


@given(found=services(least=1))
def test_the_ways_are_all_there_are(found: Service) -> None:
    ways = list(paths(found))
    walked = {pair for answers in ways for pair in answers.items()}
    reached = {question_id for question_id, _ in walked}
    for question in found.situations:
        if question.id in reached:
            assert {(question.id, option.id) for option in question.options} <= walked
    lost = {question.id for question in found.situations} - reached
    assert lost == {one for one in lost if f"“{one}”走不到这个问题" in faults(found)}


@given(found=services(forward=False, least=1))
def test_the_check_names_circles_and_what_is_never_reached_and_nothing_else(
    found: Service,
) -> None:
    told = faults(found)
    ways = list(paths(found))
    reached = {question_id for answers in ways for question_id in answers}
    endless = False
    for answers in ways:
        assert len(answers) <= MAX_QUESTIONS, "even an endless way is cut off"
        last, option_id = list(answers.items())[-1]
        question = question_of(found, last)
        assert question is not None
        option = option_of(question, option_id)
        assert option is not None
        endless = endless or following(found, question, option) is not None
    assert any("绕回" in what for what in told) is endless
    lost = {question.id for question in found.situations} - reached
    assert {what for what in told if "走不到" in what} == {f"“{one}”走不到这个问题" for one in lost}


@given(found=services(), data=st.data())
def test_before_the_end_everything_that_may_be_asked_for_is_shown(
    found: Service, data: st.DataObject
) -> None:
    whole = outcome(found, {})
    if found.situations:
        assert whole.materials == found.materials
        assert whole.conditions == found.conditions
    answers = data.draw(st.sampled_from(list(paths(found))))
    so_far: dict[str, str] = {}
    before = whole
    for question_id, option_id in answers.items():
        so_far[question_id] = option_id
        after = outcome(found, so_far)
        narrowed = [one for one in before.materials if one in after.materials]
        assert narrowed == list(after.materials), "an answer only narrows down"
        before = after


@given(found=services(), data=st.data())
def test_an_outcome_is_what_its_answers_say(found: Service, data: st.DataObject) -> None:
    answers = data.draw(st.sampled_from(list(paths(found))))
    held = outcome(found, answers)

    def holds(one: SimpleNamespace) -> bool:
        return all(answers.get(question) in options for question, options in one.only.items())

    assert held.materials == tuple(one for one in found.materials if holds(one))
    assert held.conditions == tuple(one for one in found.conditions if holds(one))
    cases = [case for case in found.limit_cases if holds(case)]
    assert held.promised_limit == (cases[0].promised if cases else found.promised_limit)


@given(found=services(), data=st.data())
def test_answers_off_the_way_count_for_nothing(found: Service, data: st.DataObject) -> None:
    answers = data.draw(st.sampled_from(list(paths(found))))
    others = {question.id: "a" for question in found.situations if question.id not in answers}
    assert outcome(found, {**others, **answers, "nobody": "a"}) == outcome(found, answers)
    assert next_question(found, {**others, **answers}) is None


@given(found=services(forward=False), answers=st.dictionaries(st.text(max_size=3), st.text()))
def test_any_answers_give_an_outcome(found: Service, answers: dict) -> None:
    held = outcome(found, answers)
    assert all(one in found.materials for one in held.materials)
    assert len(list(way(found, answers))) <= MAX_QUESTIONS + 1


def in_a_row(count: int) -> Service:
    """A service with so many questions, one after the other."""
    options = [{"id": "a", "label": "x"}, {"id": "b", "label": "x"}]
    asked = [{"id": f"q{row}", "ask": "?", "why": "x", "options": options} for row in range(count)]
    return service(situations=asked)


def test_a_way_may_be_long_but_no_form() -> None:
    assert faults(in_a_row(MAX_QUESTIONS)) == []
    (told,) = faults(in_a_row(MAX_QUESTIONS + 1))
    assert f"要答{MAX_QUESTIONS + 1}个问题，超过{MAX_QUESTIONS}个" in told


def test_a_maze_is_checked_in_a_moment() -> None:
    ids = [f"q{row}" for row in range(MOST_QUESTIONS)]
    maze = [
        {
            "id": here,
            "ask": "?",
            "why": "x",
            "options": [{"id": there, "label": "x", "next": there} for there in [*ids, "end"]],
        }
        for here in ids
    ]
    assert len(faults(service(situations=maze))) == MOST_QUESTIONS, "each leads back"


def test_more_questions_than_a_service_can_have_are_refused() -> None:
    with pytest.raises(ValidationError, match="有41个问题，超过40个"):
        in_a_row(MOST_QUESTIONS + 1)
