"""Only questions that change what was asked are put, and after them everything is decided."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from made_up import service, services

import service_catalog
from service_catalog.loader import Loader
from service_catalog.model import Service
from service_catalog.situations import (
    Outcome,
    View,
    deciding_question,
    option_of,
    outcome,
    paths,
    question_of,
    settled,
    ways_left,
)

CATALOG = Loader(Path(service_catalog.__file__).parent / "content").load()
VIEWS: dict[str, View] = {
    "materials": lambda held: held.materials,
    "conditions": lambda held: held.conditions,
    "windows": lambda held: held.windows,
    "fees": lambda held: held.fee_items,
    "limits": lambda held: (held.legal_limit, held.promised_limit),
    "everything": lambda held: (
        *(held.materials, held.conditions, held.windows, held.fee_items),
        *(held.legal_limit, held.promised_limit),
    ),
}
QUESTIONS = [
    {"id": name, "ask": "?", "why": "x", "options": [{"id": "a", "label": "x"}, *more]}
    for name, more in (
        ("who", [{"id": "b", "label": "x"}]),
        ("where", [{"id": "b", "label": "x"}, {"id": "c", "label": "x"}]),
        ("why", [{"id": "b", "label": "x"}]),
    )
]

views = st.sampled_from(sorted(VIEWS))


def asked_in_turn(
    found: Service, view: View, reply: Callable[[str], str]
) -> tuple[dict[str, str], list[str]]:
    """What is known once nothing more is worth asking, and what was asked for that."""
    answers: dict[str, str] = {}
    asked: list[str] = []
    while (question := deciding_question(found, answers, view)) is not None:
        assert question.id not in answers, "asked twice"
        asked.append(question.id)
        answers[question.id] = reply(question.id)
    return answers, asked


def follow(found: Service, path: dict[str, str], view: View) -> tuple[dict[str, str], list[str]]:
    """Answer as one citizen would; what is not on their way is answered with anything."""

    def reply(question_id: str) -> str:
        question = question_of(found, question_id)
        assert question is not None
        return path.get(question_id, question.options[-1].id)

    return asked_in_turn(found, view, reply)


@settings(deadline=None)
@given(found=services(), name=views, data=st.data())
def test_what_is_not_asked_changes_nothing(found: Service, name: str, data: st.DataObject) -> None:
    view = VIEWS[name]
    path = data.draw(st.sampled_from(list(paths(found))))
    answers, _ = follow(found, path, view)
    assert view(outcome(found, settled(found, answers))) == view(outcome(found, path))
    for undecided in ways_left(found, answers):
        assert view(outcome(found, undecided)) == view(outcome(found, path))


@settings(deadline=None)
@given(found=services(), name=views, data=st.data())
def test_never_more_questions_than_on_the_longest_way(
    found: Service, name: str, data: st.DataObject
) -> None:
    ways = list(paths(found))
    _, asked = follow(found, data.draw(st.sampled_from(ways)), VIEWS[name])
    assert len(asked) <= max(map(len, ways))
    assert len(set(asked)) == len(asked)


@settings(deadline=None)
@given(found=services(least=1), name=views)
def test_a_question_is_put_just_as_long_as_something_depends_on_one(
    found: Service, name: str
) -> None:
    shown = {repr(VIEWS[name](outcome(found, path))) for path in paths(found)}
    question = deciding_question(found, {}, VIEWS[name])
    assert (question is None) is (len(shown) == 1)


@settings(deadline=None)
@given(found=services(), data=st.data())
def test_the_ways_left_are_those_that_agree(found: Service, data: st.DataObject) -> None:
    ways = list(paths(found))
    assert ways_left(found, {}) == ways
    path = data.draw(st.sampled_from(ways))
    known = {key: path[key] for key in path if data.draw(st.booleans())}
    left = ways_left(found, known)
    assert path in left
    assert all(one.get(key, told) == told for one in left for key, told in known.items())
    assert [one for one in ways if one in left] == left, "in the catalogue's order"
    assert settled(found, known) == left[0]
    assert ways_left(found, path) == [path] or set(path) < set(ways_left(found, path)[0])


@pytest.mark.parametrize(
    ("fits", "view", "wanted"),
    [
        ({"materials": [{"name": "表", "only": {"where": ["a"]}}]}, "materials", ["where"]),
        ({"materials": [{"name": "表", "only": {"where": ["a"]}}]}, "fees", []),
        (
            {"materials": [{"name": "表", "only": {"who": ["a"], "why": ["b"]}}]},
            "materials",
            ["who", "why"],
        ),
        ({"conditions": ["x", {"text": "y", "only": {"why": ["a"]}}]}, "conditions", ["why"]),
        (
            {"limit_cases": [{"only": {"where": ["b"]}, "promised": {"number": 60}}]},
            "limits",
            ["where"],
        ),
        ({"limit_cases": [{"only": {"where": ["b"]}, "promised": {"number": 5}}]}, "limits", []),
    ],
)
def test_who_asks_for_one_thing_is_asked_no_other(fits: dict, view: str, wanted: list[str]) -> None:
    found = service(situations=QUESTIONS, **fits)
    assert asked_in_turn(found, VIEWS[view], lambda _: "a")[1] == wanted


def test_questions_that_decide_only_together_are_both_put() -> None:
    cases = [{"who": ["a"], "why": ["b"]}, {"who": ["b"], "why": ["a"]}]
    limits = [{"only": only, "promised": {"number": 60}} for only in cases]
    found = service(situations=[QUESTIONS[0], QUESTIONS[2]], limit_cases=limits)
    view = VIEWS["limits"]
    assert asked_in_turn(found, view, lambda _: "a")[1] == ["who", "why"]
    for path in paths(found):
        answers, _ = follow(found, path, view)
        assert view(outcome(found, settled(found, answers))) == view(outcome(found, path))


def test_an_answer_may_spare_a_question() -> None:
    found = service(
        situations=QUESTIONS, materials=[{"name": "表", "only": {"who": ["a"], "why": ["b"]}}]
    )
    assert asked_in_turn(found, VIEWS["materials"], lambda _: "b")[1] == ["who"]
    known = deciding_question(found, {"why": "b"}, VIEWS["materials"])
    assert known is not None and known.id == "who", "a later answer that is known counts"
    assert deciding_question(found, {"why": "a"}, VIEWS["materials"]) is None


def test_answers_that_no_way_agrees_with_are_left_as_they_are() -> None:
    found = service(situations=QUESTIONS)
    assert ways_left(found, {"who": "nobody"}) == []
    assert settled(found, {"who": "nobody"}) == {"who": "nobody"}
    assert deciding_question(found, {"who": "nobody"}, VIEWS["materials"]) is None


@pytest.mark.parametrize(
    "found",
    [one for one in CATALOG.services.values() if one.situations],
    ids=lambda one: one.id,
)
def test_shipped_services_are_decided_on_every_way(found: Service) -> None:
    ways = list(paths(found))
    for name in ("materials", "fees", "limits"):
        view = VIEWS[name]
        for path in ways:
            answers, asked = follow(found, path, view)
            held: Outcome = outcome(found, settled(found, answers))
            assert view(held) == view(outcome(found, path)), f"{name}, {path}"
            assert len(asked) <= max(map(len, ways))
            for question_id, option_id in answers.items():
                question = question_of(found, question_id)
                assert question is not None and option_of(question, option_id)
