"""`banshi qa cover` before an assistant that knows everything, and one that doesn't."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import asynccontextmanager

import pytest

from qa import covering
from qa.cases import Message
from qa.coverage import Assistant, assistant_of, of_assistant, of_catalog
from qa.covering import NoSuchItem, Proof, Wanted, cover
from qa.facts import QUESTIONS, everyday, facts
from qa.lines import Heard, NotAnswered
from qa.results import CaseResult, Outcome, Run, TurnResult
from qa.seen import Understood
from qa.stacks import Stack
from qa.walks import neutral_name
from service_catalog.merging import merged_materials
from service_catalog.situations import next_question, outcome
from wechat.account import Account
from wechat.messages import CHOOSE

SERVICES = ("senior-card", "company-cancellation")
BUNDLE, PLACE = "car-owner", "community-nanyuan"
ACCOUNT = Account.from_env({"BANSHI_WECHAT_TOKEN": "t" * 32, "BANSHI_WECHAT_APP_ID": "wx1"})


class Clerk:
    """A line to somebody who has the catalogue before them, and answers all that is asked."""

    def __init__(self, world, garbled: Callable[[str], str]) -> None:
        self.catalog, self.show_all, self.garbled = world.catalog, world.show_all, garbled
        self.service, self.answers = None, {}

    async def send(self, message: Message, *, whole: bool = True) -> Heard:
        return Heard(self.garbled(self.answer(message.value)), 0.01)

    def answer(self, text: str) -> str:
        if self.service is not None and text != self.show_all:
            question = next_question(self.service, self.answers)
            labels = [one.label for one in question.options]
            row = int(text) - 1 if text.isdigit() else labels.index(text)
            self.answers[question.id] = question.options[row].id
            return self.asks_or_lists()
        if self.service is not None:
            return self.told(self.service, "materials")
        for service in (self.catalog.service(one) for one in SERVICES):
            for aspect, wordings in QUESTIONS.items():
                if text in {neutral_name(service) + one for one in wordings}:
                    return self.of_service(service, aspect)
        bundle, place = self.catalog.bundles[BUNDLE], self.catalog.place(PLACE)
        if text.startswith(everyday(bundle)):
            merged = merged_materials(bundle, self.catalog.services)
            return self.listing(bundle.name, [one.material.name for one in merged])
        return f"{place.name}在{place.address}。"

    def of_service(self, service, aspect: str) -> str:
        if aspect != "materials" or not service.situations:
            return self.told(service, aspect)
        self.service = service
        return self.asks_or_lists()

    def asks_or_lists(self) -> str:
        question = next_question(self.service, self.answers)
        if question is None:
            held = outcome(self.service, self.answers)
            return self.listing(self.service.name, [one.name for one in held.materials])
        choices = [*(one.label for one in question.options), self.show_all]
        numbered = [f"{row}. {one}" for row, one in enumerate(choices, 1)]
        return "\n".join([question.ask, *numbered, CHOOSE])

    def told(self, service, aspect: str) -> str:
        return "\n".join([f"【{service.name}】", *facts(service, aspect, self.catalog)])

    @staticmethod
    def listing(name: str, materials: list[str]) -> str:
        numbered = [f"{row}. {one}" for row, one in enumerate(materials, 1)]
        head = "需要的材料：" if materials else "不需要提交材料"
        return "\n".join([f"【{name}】", head, *numbered])


class Trackers:
    """The same conversation for everybody."""

    async def events(self, _):
        heard = {"intent": {"name": "ask"}, "entities": []}
        return [
            {"event": "action", "name": "action_session_start"},
            {"event": "user", "text": "x", "parse_data": heard},
            {"event": "action", "name": "action_guide"},
            {"event": "action", "name": "action_listen"},
        ]


@pytest.fixture
def covered(world, monkeypatch):
    """Covers two services, a bundle and a place; what is answered goes through a function."""

    async def run(garbled: Callable[[str], str] = str):
        monkeypatch.setattr(covering, "line_to", lambda *_: (Clerk(world, garbled), None))
        stack = Stack("", "", ACCOUNT, world.catalog, Trackers(), world.show_all)
        wanted = Wanted.of(world.catalog, [*SERVICES, BUNDLE, PLACE])
        heard: list[Proof] = []
        proofs = await cover(stack, wanted, 2, 3, heard.append)
        assert len(heard) == len(proofs)
        return of_catalog(world.catalog, wanted, proofs), proofs

    return run


async def test_whoever_knows_everything_proves_everything(covered, world):
    parts, proofs = await covered()
    assert all(part.whole for part in parts.values()), parts
    sizes = {name: len(part.proven) for name, part in parts.items()}
    asked = len(list(Wanted.of(world.catalog, SERVICES).aspects(world.catalog)))
    assert sizes == {
        "services": 2, "aspects": asked, "situations": 6, "bundles": 1, "places": 1,
    }  # fmt: skip
    assert {proof.turns for proof in proofs} == {(("ask", ("action_guide",)),)}
    walked = [proof for proof in proofs if proof.kind == "situation"]
    words = {word for proof in walked for word in proof.said[1:]}
    assert any(word.isdigit() for word in words), "some walk by numbers"
    assert not all(word.isdigit() for word in words), "some in words"


async def test_a_fact_that_is_not_told_is_named_with_what_was_said(covered, world):
    service = world.catalog.service(SERVICES[0])
    basis = service.basis[0]
    parts, _ = await covered(lambda told: told.replace(basis, ""))
    assert list(parts["services"].open) == [SERVICES[0]]
    (name,) = parts["aspects"].open
    assert name == f"{SERVICES[0]} basis"
    why = parts["aspects"].open[name]
    assert why == f"“{neutral_name(service)}{QUESTIONS['basis'][0]}”：缺少：{basis}"
    assert parts["situations"].whole


async def test_an_answer_about_another_service_proves_nothing(covered, world):
    name = world.catalog.service(SERVICES[1]).name
    parts, _ = await covered(lambda told: told.replace(f"【{name}】", "【别的】"))
    assert list(parts["services"].open) == [SERVICES[1]]
    assert all("答的不是" in why for why in parts["aspects"].open.values())


async def test_a_wrong_list_at_the_end_of_a_walk_is_shown(covered, world):
    lost = outcome(world.catalog.service(SERVICES[0]), {}).materials[0].name
    parts, _ = await covered(lambda told: told.replace(lost, "一张纸"))
    assert parts["situations"].open
    why = next(iter(parts["situations"].open.values()))
    assert f"应列：{lost}" in why or lost in why
    assert "一张纸" in why


async def test_no_answer_is_a_proof_that_failed(covered):
    def broken(_: str) -> str:
        raise NotAnswered("连不上系统：它没有在运行")

    parts, proofs = await covered(broken)
    assert not any(part.proven for part in parts.values())
    assert {proof.missing for proof in proofs if proof.kind == "place"} == {
        "连不上系统：它没有在运行"
    }


async def test_every_line_is_hung_up(world, monkeypatch):
    hung_up = 0

    @asynccontextmanager
    async def citizen():
        nonlocal hung_up
        yield
        hung_up += 1

    monkeypatch.setattr(covering, "line_to", lambda *_: (Clerk(world, str), citizen()))
    stack = Stack("", "", ACCOUNT, world.catalog, Trackers(), world.show_all)
    proofs = await cover(stack, Wanted.of(world.catalog, [PLACE]), 1, 4, lambda _: None)
    assert (len(proofs), hung_up) == (1, 1)


def test_what_the_catalogue_has_not_is_refused(world):
    with pytest.raises(NoSuchItem, match="mars-visa"):
        Wanted.of(world.catalog, ["senior-card", "mars-visa"])


def test_without_a_choice_everything_is_wanted(world):
    wanted = Wanted.of(world.catalog)
    assert len(wanted.services) == len(world.catalog.services)
    assert len(wanted.bundles) == len(world.catalog.bundles)
    assert len(wanted.places) == len(world.catalog.places)


def test_what_was_not_asked_is_open(world):
    parts = of_catalog(world.catalog, Wanted.of(world.catalog, SERVICES), [])
    assert set(parts["services"].open) == set(SERVICES)
    assert set(parts["aspects"].open.values()) == {""}


ASSISTANT = Assistant(
    intents=frozenset({"ask", "thank"}),
    responses=frozenset({"utter_welcome"}),
    actions=frozenset({"action_guide", "action_thank"}),
    rules={
        "a question": ("intent ask", "action_guide"),
        "thanks": ("intent thank", "action_thank", "utter_welcome"),
    },
)


def proof(*turns, missing=""):
    return Proof("aspect", "senior-card", "fee", ("老年证多少钱",), missing, turns)


def test_what_is_proven_of_the_assistant():
    parts = of_assistant(ASSISTANT, [proof(("ask", ("action_guide",)))])
    assert parts["intents"].proven == {"ask": "老年证多少钱"}
    assert set(parts["intents"].open) == {"thank"}
    assert set(parts["rules"].proven) == {"a question"}
    assert set(parts["actions"].open) == {"action_thank"}
    assert set(parts["responses"].open) == {"utter_welcome"}


def test_a_rule_is_followed_when_its_steps_come_one_after_the_other():
    between = ("thank", ("action_thank", "action_guide", "utter_welcome"))
    assert "thanks" in of_assistant(ASSISTANT, [proof(between)])["rules"].open
    first = ("thank", ("action_session_start", "action_thank", "utter_welcome"))
    assert "thanks" in of_assistant(ASSISTANT, [proof(first)])["rules"].proven
    after = ("thank", ("action_thank", "utter_welcome", "action_guide"))
    assert "thanks" in of_assistant(ASSISTANT, [proof(after)])["rules"].proven


def test_a_conversation_that_failed_proves_nothing():
    parts = of_assistant(ASSISTANT, [proof(("ask", ("action_guide",)), missing="缺少：工本费")])
    assert not any(part.proven for part in parts.values())


def test_written_cases_prove_as_well():
    turn = TurnResult(
        3, "谢谢", "不客气", (), 0.1, (), Understood("thank", 0.9), {},
        ("action_thank", "utter_welcome"),
    )  # fmt: skip
    passed = CaseResult("谢", "a.yml", 2, "礼貌", Outcome.PASSED, 1.0, (turn,))
    failed = CaseResult("问", "a.yml", 9, "礼貌", Outcome.FAILED, 1.0, (turn,))
    run = Run("2026-11-23T09:00:00+08:00", 1.0, "wechat", ("m1",), (passed, failed))
    parts = of_assistant(ASSISTANT, [], run)
    assert parts["rules"].proven == {"thanks": passed.key}


def test_the_assistant_is_read_from_its_files():
    domain = {
        "intents": ["ask", {"thank": {"use_entities": []}}],
        "responses": {"utter_welcome": []},
        "actions": ["action_guide", "utter_welcome", "action_ask_day", "validate_booking_form"],
        "forms": {"booking_form": {}},
    }
    rule = {"rule": "thanks", "steps": [{"intent": "thank"}, {"action": "utter_welcome"}]}
    found = assistant_of(domain, [{"rules": [rule]}, {}])
    assert found.intents == {"ask", "thank"}
    assert found.actions == {"action_guide", "booking_form"}
    assert found.rules == {"thanks": ("intent thank", "utter_welcome")}
