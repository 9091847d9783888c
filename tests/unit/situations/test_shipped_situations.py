"""Every path of every shipped service, walked node by node."""

from __future__ import annotations

from pathlib import Path

import pytest
from flow import Flow

import service_catalog
from service_catalog.loader import Loader
from service_catalog.model import END, Question, Service
from service_catalog.situations import paths

CATALOG = Loader(Path(service_catalog.__file__).parent / "content").load()
ASKING = [service for service in CATALOG.services.values() if service.situations]
NODES = [(service, question) for service in ASKING for question in service.situations]

each_service = pytest.mark.parametrize("service", ASKING, ids=lambda service: service.id)


def test_there_are_situations_to_walk() -> None:
    assert len(ASKING) >= 20


@each_service
def test_each_path_ends_with_an_outcome(service: Service) -> None:
    for answers in paths(service):
        flow = Flow(service)
        for question_id, option_id in answers.items():
            flow.testing_node(question_id).choose(option_id)
        flow.assert_end()
        held = flow.outcome
        assert held.conditions or held.materials, f"nothing holds for {answers}"
        assert held.windows or not service.channels.window, f"no window is left for {answers}"
        for material in service.materials:
            if not material.only:
                flow.assert_outcome_has(material=material.name)


@pytest.mark.parametrize(
    ("service", "question"), NODES, ids=[f"{one.id}/{question.id}" for one, question in NODES]
)
def test_each_node_leads_to_all_its_next_nodes(service: Service, question: Question) -> None:
    before = next(answers for answers in paths(service) if question.id in answers)
    led = {
        q: o for q, o in before.items() if list(before).index(q) < list(before).index(question.id)
    }
    later = [one.id for one in service.situations]
    for option in question.options:
        flow = Flow(service)
        for question_id, option_id in led.items():
            flow.testing_node(question_id).choose(option_id)
        flow.testing_node(question.id).assert_rejects("no-such-option").choose(option.id)
        target = option.next or (later[later.index(question.id) + 1 :] or [END])[0]
        if target == END:
            flow.assert_end()
        else:
            flow.assert_next_node(target)


@each_service
def test_each_entry_holds_on_some_path(service: Service) -> None:
    walked = [Flow(service) for _ in paths(service)]
    for flow, answers in zip(walked, paths(service), strict=True):
        flow.answers = answers
    for kind, names in (
        ("material", [one.name for one in service.materials]),
        ("condition", [one.text for one in service.conditions]),
        ("fee", [one.name for one in service.fee.items]),
        ("window", [number for one in service.channels.window for number in one.windows]),
    ):
        never = [name for name in names if not any(name in flow.names(kind) for flow in walked)]
        assert never == [], f"{kind} that no path leads to"


@pytest.mark.parametrize("bundle", CATALOG.bundles.values(), ids=lambda bundle: bundle.id)
def test_the_answers_of_a_bundle_lie_on_a_way(bundle) -> None:
    for part in bundle.parts:
        assert any(
            part.answers.items() <= answers.items()
            for answers in paths(CATALOG.service(part.service))
        ), f"{part.service}: nobody can give the answers {part.answers}"
