"""The quick rules predict what Rasa's own policy predicts, on conversations of any kind."""

from __future__ import annotations

import warnings
from itertools import chain
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st
from rasa.core.policies.rule_policy import RulePolicy
from rasa.engine.graph import ExecutionContext, GraphSchema
from rasa.engine.storage.local_model_storage import LocalModelStorage
from rasa.engine.storage.resource import Resource
from rasa.shared.core.domain import Domain
from rasa.shared.core.events import (
    ActionExecuted,
    ActionExecutionRejected,
    ActionReverted,
    ActiveLoop,
    AllSlotsReset,
    BotUttered,
    DefinePrevUserUtteredFeaturization,
    Event,
    FollowupAction,
    LoopInterrupted,
    Restarted,
    SessionStarted,
    SlotSet,
    UserUtteranceReverted,
    UserUttered,
)
from rasa.shared.core.generator import TrainingDataGenerator
from rasa.shared.core.trackers import DialogueStateTracker
from rasa.shared.core.training_data.story_reader.yaml_story_reader import YAMLStoryReader
from rasa.shared.core.training_data.structures import StoryGraph

from bot.policies.rules import QuickRules, last_states
from cli.settings import ROOT

CONTEXT = ExecutionContext(GraphSchema({}))
MORE_RULES = """
version: "3.1"
rules:
- rule: a rule for the beginning of a conversation
  conversation_start: true
  steps:
  - intent: greet
  - action: action_repeat
- rule: a rule that hears what is written
  steps:
  - user: "再来一遍"
  - action: action_repeat
- rule: a rule that looks at a slot
  condition:
  - slot_was_set:
    - audience: company
  steps:
  - intent: odd
  - action: action_repeat
"""
"""Kinds of rules that the project has none of."""


@pytest.fixture(scope="module")
def workshop(tmp_path_factory) -> Path:
    return tmp_path_factory.mktemp("rules")


def configuration() -> dict[str, Any]:
    config = yaml.safe_load((ROOT / "config.yml").read_text("utf-8"))
    (own,) = (each for each in config["policies"] if each["name"].endswith("QuickRules"))
    return {**RulePolicy.get_default_config(), **{k: v for k, v in own.items() if k != "name"}}


def trained(domain: Domain, place: Path, *files: Path) -> tuple[RulePolicy, QuickRules]:
    """Rasa's policy and ours, with the rules that Rasa's learned from the files."""
    storage, resource = LocalModelStorage.create(place), Resource("rules")
    reader = YAMLStoryReader(domain)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # from what Rasa checks YAML with, and its own for rules
        steps = [step for file in files for step in reader.read_from_file(file)]
        trackers = TrainingDataGenerator(
            StoryGraph(steps), domain, remove_duplicates=True, augmentation_factor=0
        ).generate()
        RulePolicy.create(configuration(), storage, resource, CONTEXT).train(trackers, domain)
    return (
        RulePolicy.load(configuration(), storage, resource, CONTEXT),
        QuickRules.load(configuration(), storage, resource, CONTEXT),
    )


@pytest.fixture(scope="module")
def domain() -> Domain:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return Domain.load(str(ROOT / "domain.yml"))


@pytest.fixture(scope="module")
def project(domain, workshop) -> tuple[RulePolicy, QuickRules]:
    place = workshop / "project"
    place.mkdir()
    return trained(domain, place, *sorted((ROOT / "data" / "rules").glob("*.yml")))


@pytest.fixture(scope="module")
def odd_domain(workshop) -> Domain:
    """The project's domain with a slot that rules may look at."""
    told = yaml.safe_load((ROOT / "domain.yml").read_text("utf-8"))
    told["intents"].append("odd")
    told["slots"]["audience"] = {
        "type": "categorical",
        "values": ["person", "company"],
        "influence_conversation": True,
        "mappings": [{"type": "custom"}],
    }
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return Domain.from_dict(told)


@pytest.fixture(scope="module")
def odd(odd_domain, workshop) -> tuple[RulePolicy, QuickRules]:
    place = workshop / "odd"
    place.mkdir()
    (workshop / "more.yml").write_text(MORE_RULES, encoding="utf-8")
    files = sorted((ROOT / "data" / "rules").glob("*.yml"))
    return trained(odd_domain, place, *files, workshop / "more.yml")


# --- conversations ------------------------------------------------------------------------------

TOLD = yaml.safe_load((ROOT / "domain.yml").read_text("utf-8"))
FORMS = sorted(TOLD["forms"])
RULES = [
    rule
    for file in sorted((ROOT / "data" / "rules").glob("*.yml"))
    for rule in yaml.safe_load(file.read_text("utf-8"))["rules"]
]
SAID = {step["intent"] for rule in RULES for step in rule["steps"] if "intent" in step}
INTENTS = [*sorted(SAID), "restart", "back", "session_start"]
LEAVE = "action_deactivate_loop"
ACTIONS = [*TOLD["actions"], *FORMS, LEAVE, "action_session_start"]


def said(intent: str | None, text: str, entities: list[str]) -> UserUttered:
    found = [{"entity": name, "value": "x"} for name in entities]
    return UserUttered(text, {"name": intent, "confidence": 0.9}, found)


messages = st.builds(
    said,
    st.sampled_from([*INTENTS, "greet", "odd", "odd", None]),
    st.sampled_from(["你好", "再来一遍", ""]),
    st.lists(st.sampled_from(["service", "when"]), max_size=2),
)
listening = st.builds(ActionExecuted, st.just("action_listen"))
acting = st.builds(ActionExecuted, st.sampled_from(ACTIONS))
others = st.one_of(
    st.builds(SlotSet, st.just("audience"), st.sampled_from(["company", "person", None])),
    st.builds(SlotSet, st.just("requested_slot"), st.sampled_from(["name", None])),
    st.builds(ActionExecutionRejected, st.sampled_from(FORMS)),
    st.builds(LoopInterrupted, st.booleans()),
    st.builds(DefinePrevUserUtteredFeaturization, st.booleans()),
    st.builds(FollowupAction, st.sampled_from(ACTIONS)),
    st.builds(BotUttered, st.just("好的")),
    st.builds(Restarted),
    st.builds(SessionStarted),
    st.builds(ActionReverted),
    st.builds(UserUtteranceReverted),
    st.builds(AllSlotsReset),
)
loops = st.builds(ActiveLoop, st.sampled_from([*FORMS, None]))


def in_form(form: str, end: bool, intent: str, rejected: bool) -> list[Event]:
    """How a form goes: begun, perhaps left for another wish, perhaps ended."""
    events: list[Event] = [ActionExecuted(form), ActiveLoop(form), ActionExecuted("action_listen")]
    events += [said(intent, "好", []), DefinePrevUserUtteredFeaturization(False)]
    events += [ActionExecutionRejected(form)] if rejected else [ActionExecuted(form)]
    return events + ([ActiveLoop(None)] if end else [])


def stopped(form: str, intent: str, between: list[Event]) -> list[Event]:
    """The longest rules of the project, or nearly."""
    begun = [ActionExecuted(form), ActiveLoop(form), ActionExecuted("action_listen")]
    stop = [ActionExecuted("action_stop"), ActionExecuted(LEAVE), ActiveLoop(None)]
    return [*begun, said(intent, "算了", []), *between, *stop]


def of_company(audience: str | None) -> list[Event]:
    """What the rule is for that looks at a slot."""
    return [
        SlotSet("audience", audience), ActionExecuted("action_listen"), said("odd", "你好", [])
    ]  # fmt: skip


parts: st.SearchStrategy[list[Event]] = st.one_of(
    st.tuples(listening, messages).map(list),
    st.tuples(listening, messages, acting).map(list),
    st.builds(
        in_form, st.sampled_from(FORMS), st.booleans(), st.sampled_from(INTENTS), st.booleans()
    ),
    st.builds(
        stopped,
        st.sampled_from(FORMS),
        st.sampled_from(["stop", "greet"]),
        st.lists(st.one_of(acting, others), max_size=1),
    ),
    st.builds(of_company, st.sampled_from(["company", "person", None])),
    st.lists(st.one_of(messages, acting, listening, loops, others), min_size=1, max_size=2),
)
conversations = st.lists(parts, max_size=8).map(lambda all_parts: [*chain(*all_parts)])


def tracked(events: list[Event], domain: Domain) -> DialogueStateTracker:
    return DialogueStateTracker.from_events("oAnna-1", events, domain.slots, domain=domain)


def told(policy: RulePolicy, events: list[Event], domain: Domain) -> Any:
    """Everything that a prediction says, the policy's name apart."""
    prediction = policy.predict_action_probabilities(tracked(events, domain), domain)
    values = {**vars(prediction), "events": [each.as_dict() for each in prediction.events]}
    for each in values["events"]:
        del each["timestamp"]
    return {name: value for name, value in values.items() if name != "policy_name"}


@given(events=conversations)
@settings(deadline=None, max_examples=300)
def test_the_project_s_rules_predict_as_rasa_s_own_policy(project, domain, events):
    own, quick = project
    assert told(quick, events, domain) == told(own, events, domain)


@given(events=conversations)
@settings(deadline=None, max_examples=300)
def test_rules_of_other_kinds_predict_as_rasa_s_own_policy(odd, odd_domain, events):
    own, quick = odd
    assert told(quick, events, odd_domain) == told(own, events, odd_domain)


@given(events=conversations, number=st.integers(1, 5))
@settings(deadline=None, max_examples=200)
def test_the_last_states_are_rasa_s_last_states(domain, events, number):
    tracker = tracked(events, domain)
    assert last_states(tracker, domain, number) == tracker.past_states(domain)[-number:]


def test_every_rule_is_found_by_what_it_was_learned_from(project):
    own, quick = project
    for lookup in ("rules", "rules_for_loop_unhappy_path"):
        for key in own.lookup[lookup]:
            states = [
                {
                    kind: {
                        name: tuple(value) if isinstance(value, list) else value
                        for name, value in sub_state.items()
                    }
                    for kind, sub_state in state.items()
                }
                for state in own._rule_key_to_state(key)
            ]
            found = quick._get_possible_keys(quick.lookup[lookup], states)
            assert key in found
            assert found == own._get_possible_keys(own.lookup[lookup], states)


def test_the_project_s_rules_are_predicted_quickly(project):
    _, quick = project
    assert quick._tables is not None
    assert not quick._tables["rules"].hears_text
    assert quick._needed == 4


def test_no_state_is_no_number_of_states(domain):
    with pytest.raises(ValueError, match="at least one"):
        last_states(tracked([], domain), domain, 0)
