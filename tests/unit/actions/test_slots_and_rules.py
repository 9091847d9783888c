"""domain.yml, the rules and the actions name the same slots, forms, actions and intents."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from rasa_sdk.executor import ActionExecutor

from actions.aside import _BY_INTENT
from actions.aspects import OF_THE_HALL, Aspect
from actions.forms import ValidateForm
from actions.leaving import _LEFT
from actions.reply.guide import why_the_form_asks
from actions.slots import DIGRESSIONS, ERRANDS, SLOTS_OF, forget

ROOT = Path(__file__).parents[3]
DOMAIN: dict[str, Any] = yaml.safe_load((ROOT / "domain.yml").read_text(encoding="utf-8"))
RULES: list[dict[str, Any]] = [
    rule
    for file in sorted((ROOT / "data" / "rules").glob("*.yml"))
    for rule in yaml.safe_load(file.read_text(encoding="utf-8"))["rules"]
]
FORMS: dict[str, list[str]] = {
    name: form["required_slots"] for name, form in DOMAIN["forms"].items()
}
SUBMITS = {
    "booking_form": "action_book",
    "cancel_form": "action_cancel",
    "move_form": "action_move",
    "visit_form": "action_visit",
    "plate_form": "action_plate",
    "progress_form": "action_progress",
    "rating_form": "action_rate",
    "feedback_form": "action_feedback",
    "person_form": "action_person_left",
    "erase_form": "action_erase",
}
OF_RASA = {"requested_slot", "action_listen", "action_deactivate_loop"}
SOURCES = {
    file: ast.parse(file.read_text(encoding="utf-8"))
    for room in ("actions", "bot")
    for file in sorted((ROOT / room).rglob("*.py"))
}

each_form = pytest.mark.parametrize("form", sorted(FORMS))


def strings() -> set[str]:
    """Every string in the code."""
    return {
        node.value
        for tree in SOURCES.values()
        for node in ast.walk(tree)
        if isinstance(node, ast.Constant) and isinstance(node.value, str)
    }


def slots_named() -> Iterator[tuple[str, str]]:
    """Slots that the actions set or read, with the file that does."""
    for file, tree in SOURCES.items():
        for node in ast.walk(tree):
            if not isinstance(node, ast.Call) or not node.args:
                continue
            called = ast.unparse(node.func)
            names = called == "SlotSet" or called.endswith(
                ("self.set", "memory.set", "_memory.get", "slots.get", "self.get", "reader.get")
            )
            first = node.args[0]
            if names and file.is_relative_to(ROOT / "actions") and isinstance(first, ast.Constant):
                yield str(first.value), file.name


def steps(rule: dict[str, Any], kind: str) -> list[str]:
    found = []
    for step in rule["steps"]:
        found += [one[kind] for one in step.get("or", [step]) if kind in one]
    return found


def rules_of(form: str, verb: str) -> list[dict[str, Any]]:
    return [rule for rule in RULES if rule["rule"] == f"{verb} {form.removesuffix('_form')}"]


def test_every_slot_that_code_names_is_in_the_domain() -> None:
    named = set(slots_named())
    assert len({slot for slot, _ in named}) > 25
    unknown = {pair for pair in named if pair[0] not in {*DOMAIN["slots"], *OF_RASA}}
    assert unknown == set()


def test_every_slot_of_the_domain_is_named_in_code() -> None:
    said = strings()
    assert [slot for slot in DOMAIN["slots"] if slot not in said] == []


def test_slots_are_filled_by_actions_alone() -> None:
    for name, slot in DOMAIN["slots"].items():
        assert slot["mappings"] == [{"type": "custom"}], name
        assert slot["influence_conversation"] is False, name


def test_every_action_of_the_domain_is_there_and_no_other() -> None:
    executor = ActionExecutor()
    executor.register_package("actions")
    assert set(executor.actions) == set(DOMAIN["actions"])
    assert len(DOMAIN["actions"]) == len(set(DOMAIN["actions"]))


def test_rules_call_what_the_domain_knows() -> None:
    known = {*DOMAIN["actions"], *FORMS, *OF_RASA}
    called = {action for rule in RULES for action in steps(rule, "action")}
    assert called - known == set()
    never = [
        action
        for action in DOMAIN["actions"]
        if action not in called and not action.startswith(("action_ask_", "validate_"))
    ]
    assert never == []


SENT_BY_THE_CHANNEL = {"located", "scanned"}
"""Intents that no words have: a position, a code."""


def test_every_intent_leads_somewhere_and_has_examples() -> None:
    begun = {intent for rule in RULES for intent in steps(rule, "intent")}
    assert begun == set(DOMAIN["intents"])
    examples = {file.stem for file in (ROOT / "data" / "nlu").glob("*.yml")} - {"aspects"}
    assert examples | SENT_BY_THE_CHANNEL == set(DOMAIN["intents"])


def test_rules_have_names_of_their_own() -> None:
    names = [rule["rule"] for rule in RULES]
    assert sorted(names) == sorted(set(names))


def test_entities_are_the_aspects_and_what_the_components_find() -> None:
    brought = {"latitude", "longitude", "scene"}
    found = {"service", "when", "written"}
    assert set(DOMAIN["entities"]) == {one.value for one in Aspect} | found | brought
    assert set(Aspect) > OF_THE_HALL


def test_intents_that_code_names_are_in_the_domain() -> None:
    assert DIGRESSIONS | ERRANDS | set(_BY_INTENT) <= set(DOMAIN["intents"])
    assert set(_BY_INTENT) <= DIGRESSIONS
    assert not DIGRESSIONS & ERRANDS


def test_each_errand_is_what_starts_a_form() -> None:
    starting = {
        intent
        for form in FORMS
        for rule in rules_of(form, "start")
        for intent in steps(rule, "intent")
    }
    assert starting == ERRANDS | {"human"}


def test_forms_are_those_of_the_code() -> None:
    assert set(FORMS) == set(SLOTS_OF) == set(SUBMITS)
    assert set(_LEFT) <= set(FORMS)


@each_form
def test_a_form_gathers_what_the_domain_asks_for(form: str) -> None:
    assert set(FORMS[form]) <= set(SLOTS_OF[form]) <= set(DOMAIN["slots"])
    forgotten = {event["name"] for event in forget(form)}
    assert forgotten == {*SLOTS_OF[form], "form_offered"}
    assert all(event["value"] is None for event in forget(form))


@each_form
def test_a_form_has_a_reader_and_a_question_for_each_slot(form: str) -> None:
    wanted = {f"validate_{form}", *(f"action_ask_{slot}" for slot in FORMS[form])}
    assert wanted <= set(DOMAIN["actions"])
    assert all(why_the_form_asks(slot) for slot in FORMS[form])


@each_form
def test_a_form_starts_when_nothing_else_is_going_on(form: str) -> None:
    (rule,) = rules_of(form, "start")
    assert rule["condition"] == [{"active_loop": None}]
    assert steps(rule, "intent")
    assert rule["steps"][1:] == [{"action": form}, {"active_loop": form}]


@each_form
def test_a_form_is_submitted_when_nothing_is_left_to_ask(form: str) -> None:
    (rule,) = rules_of(form, "submit")
    assert rule["condition"] == [{"active_loop": form}]
    assert rule["steps"] == [
        {"action": form},
        {"active_loop": None},
        {"slot_was_set": [{"requested_slot": None}]},
        {"action": SUBMITS[form]},
    ]


@each_form
def test_a_form_can_be_left(form: str) -> None:
    found = rules_of(form, "leave")
    if leaves_by_itself(form):
        assert found == []
        return
    (rule,) = found
    assert rule["condition"] == [{"active_loop": form}]
    assert rule["steps"] == [
        {"intent": "stop"},
        {"action": "action_stop"},
        {"action": "action_deactivate_loop"},
        {"active_loop": None},
    ]


def leaves_by_itself(form: str) -> bool:
    """Whether its reader sees to the word stop: a person has to be told that the citizen left."""
    return any("stopped" in vars(one) for one in subclasses(ValidateForm) if one.form == form)


def subclasses(of: type[Any]) -> Iterator[type[Any]]:
    for one in of.__subclasses__():
        yield one
        yield from subclasses(one)
