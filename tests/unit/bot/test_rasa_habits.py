"""What Rasa does for each message comes out as Rasa's own, whatever of it is done only once."""

from __future__ import annotations

import copy
import logging
from collections.abc import Iterator
from typing import Any

import pytest
import rasa.core.processor
from channel_world import domain
from rasa.core.actions.action import ActionExtractSlots, RemoteAction
from rasa.nlu.extractors.regex_entity_extractor import RegexEntityExtractor
from rasa.shared.core.domain import Domain
from rasa.shared.core.events import Event, SlotSet, UserUttered
from rasa.shared.core.slots import (
    AnySlot,
    BooleanSlot,
    CategoricalSlot,
    FloatSlot,
    ListSlot,
    Slot,
    TextSlot,
)
from rasa.shared.core.trackers import DialogueStateTracker
from rasa.shared.nlu.training_data.formats.rasa_yaml import RasaYAMLReader
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.utils.common import all_subclasses

from bot import rasa_habits

SLOTS = [
    AnySlot("any", [], initial_value={"id": "passport"}),
    BooleanSlot("boolean", [{"type": "custom"}], value_reset_delay=3),
    CategoricalSlot("categorical", [], values=["a", "b"], initial_value="a"),
    FloatSlot("float", [], initial_value=0.5, max_value=2.0),
    ListSlot("list", [], initial_value=["x"], influence_conversation=False),
    TextSlot("text", []),
]


class Counted(TextSlot):
    """A slot that says itself what is kept of it."""

    def __getstate__(self) -> dict[str, Any]:
        return {**self.__dict__, "copies": self.__dict__.get("copies", 0) + 1}


class Slotted(TextSlot):
    __slots__ = ("more",)


@pytest.fixture(autouse=True)
def rasas_own(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Begins with Rasa's own ways, whatever other tests installed, and ends as it began."""
    touched = {
        Domain: ("is_empty", rasa_habits.RASAS_EMPTY),
        Event: ("resolve_by_type", staticmethod(rasa_habits.RASAS_CLASS)),
        RegexEntityExtractor: ("_extract_entities", rasa_habits.RASAS_ENTITIES),
        ActionExtractSlots: ("run", rasa_habits.RASAS_SLOTS),
        rasa.core.processor: ("copy", copy),
    }
    for where, (name, value) in touched.items():
        monkeypatch.setattr(where, name, value)
    before = vars(Slot).get("__copy__")
    if before:
        del Slot.__copy__
    yield
    if before:
        Slot.__copy__ = before
    elif "__copy__" in vars(Slot):
        del Slot.__copy__


def told(slot: Slot) -> tuple[type[Slot], dict[str, Any], Any]:
    return type(slot), slot.__dict__, getattr(slot, "more", None)


def spoken() -> list[Slot]:
    slots = [*SLOTS, *domain().slots]
    for number, slot in enumerate(slots):
        if number % 2:
            slot.value = slot.initial_value
    slotted, counted = Slotted("slotted", []), Counted("counted", [])
    slotted.more = ["kept"]
    return [*slots, slotted, counted]


def test_a_copy_is_what_rasa_makes_of_the_slot():
    slots = spoken()
    rasas = [copy.copy(slot) for slot in slots]
    rasa_habits.install()
    ours = [copy.copy(slot) for slot in slots]
    assert list(map(told, ours)) == list(map(told, rasas))
    for slot, one, other in zip(slots, ours, rasas, strict=True):
        assert one is not slot
        assert one.__dict__ is not slot.__dict__
        shared = {name for name, value in one.__dict__.items() if value is slot.__dict__.get(name)}
        assert shared == {n for n, v in other.__dict__.items() if v is slot.__dict__.get(n)}


def test_a_changed_copy_leaves_the_slot_alone():
    rasa_habits.install()
    slot = AnySlot("service", [], initial_value="passport")
    one = copy.copy(slot)
    one.value = "id-card"
    assert (slot.value, slot.has_been_set) == ("passport", False)
    assert (one.value, one.has_been_set) == ("id-card", True)


@pytest.mark.filterwarnings("ignore")
def test_a_domain_is_empty_when_rasa_says_so():
    made = [
        Domain.empty(),
        domain(),
        Domain.from_dict({"intents": ["ask"]}),
        Domain.from_dict({"session_config": {"session_expiration_time": 5}}),
        Domain.from_dict({}),
    ]
    rasas = [one.is_empty() for one in made]
    rasa_habits.install()
    assert [one.is_empty() for one in made] == rasas
    assert set(rasas) == {True, False}


def test_an_event_has_the_class_that_rasa_finds():
    names = [kind.type_name for kind in all_subclasses(Event)]
    rasas = [Event.resolve_by_type(name) for name in names]
    rasa_habits.install()
    for _ in range(2):
        assert [Event.resolve_by_type(name) for name in names] == rasas


def test_a_name_of_no_event_is_what_it_is_to_rasa():
    rasa_habits.install()
    for _ in range(2):
        assert Event.resolve_by_type("topic") is None
        assert Event.resolve_by_type("no such", Event) is Event
        with pytest.raises(ValueError, match="Unknown event name 'no such'"):
            Event.resolve_by_type("no such")


def extractor(*, case_sensitive: bool = False) -> RegexEntityExtractor:
    """One with all the patterns of the training data."""
    patterns = RasaYAMLReader().read("data/nlu/aspects.yml").regex_features
    latin = {"name": "latin", "pattern": "[a-z]*", "usage": "intent"}
    config = {**RegexEntityExtractor.get_default_config(), "case_sensitive": case_sensitive}
    return RegexEntityExtractor(config, None, None, [*patterns, latin])


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("case_sensitive", [True, False])
def test_patterns_find_what_they_find_for_rasa(case_sensitive: bool):
    rasas, ours = extractor(case_sensitive=case_sensitive), extractor(case_sensitive=case_sensitive)
    examples = RasaYAMLReader().read("data/nlu/ask.yml").training_examples[::7]
    assert len(examples) > 150
    told = [*examples, *(Message.build(text) for text in ("", "WIFI 密码 wifi", "多少钱多少钱"))]
    before = [rasas._extract_entities(one) for one in told]
    assert sum(map(bool, before)) > 100
    rasa_habits.install()
    assert [ours._extract_entities(one) for one in told] == before


MAPPINGS: dict[str, list[dict[str, str]]] = {
    "by_action": [{"type": "custom"}],
    "by_entity": [{"type": "from_entity", "entity": "service"}],
    "by_either": [{"type": "custom"}, {"type": "from_entity", "entity": "service"}],
    "by_text": [{"type": "from_text", "intent": "ask"}],
    "by_intent": [{"type": "from_intent", "value": "asked", "intent": "ask"}],
    "nothing": [],
}


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("names", [*([name] for name in MAPPINGS), ["by_action", "by_text"]])
@pytest.mark.parametrize("validates", [False, True])
async def test_slots_are_filled_as_rasa_fills_them(
    names: list[str], validates: bool, monkeypatch: pytest.MonkeyPatch
):
    slots = {name: {"type": "any", "mappings": MAPPINGS[name]} for name in names}
    actions = ["action_validate_slot_mappings"] if validates else []
    made = Domain.from_dict(
        {"intents": ["ask"], "entities": ["service"], "slots": slots, "actions": actions}
    )
    entities = [{"entity": "service", "value": "passport", "start": 0, "end": 2}]
    said = UserUttered("护照", {"name": "ask"}, entities)
    called: list[str] = []

    async def remote(self: RemoteAction, *_: Any) -> list[Event]:
        called.append(self.name())
        return [SlotSet("validated", True)]

    monkeypatch.setattr(RemoteAction, "run", remote)
    outcomes = []
    for _ in range(2):
        tracker = DialogueStateTracker.from_events("anna", [said], made.slots)
        called.clear()
        events = await ActionExtractSlots(None).run(None, None, tracker, made)
        outcomes.append(([one.as_dict() for one in events], list(called)))
        rasa_habits.install()
    for told, _ in outcomes:
        for one in told:
            del one["timestamp"]
    assert outcomes[0] == outcomes[1]
    assert bool(outcomes[0][0]) == (validates or names not in (["by_action"], ["nothing"]))


@pytest.mark.filterwarnings("ignore")
async def test_a_slot_that_runs_an_action_of_its_own_runs_it(monkeypatch: pytest.MonkeyPatch):
    rasa_habits.install()
    mappings = [{"type": "custom", "action": "action_fill"}]
    made = Domain.from_dict(
        {"slots": {"filled": {"type": "any", "mappings": mappings}}, "actions": ["action_fill"]}
    )

    async def remote(self: RemoteAction, *_: Any) -> list[Event]:
        return [SlotSet("filled", self.name())]

    monkeypatch.setattr(RemoteAction, "run", remote)
    tracker = DialogueStateTracker.from_events("anna", [UserUttered("护照")], made.slots)
    found = await ActionExtractSlots(None).run(None, None, tracker, made)
    assert [(one.key, one.value) for one in found] == [("filled", "action_fill")]


@pytest.mark.parametrize("level", [logging.DEBUG, logging.INFO])
def test_a_copy_for_the_debug_log_is_made_when_it_is_read(
    level: int, caplog: pytest.LogCaptureFixture
):
    rasa_habits.install()
    caplog.set_level(level, logger="rasa.core.processor")
    events = [{"event": "slot"}]
    copied = rasa.core.processor.copy.deepcopy(events)
    assert copied == events
    assert (copied is not events) is (level == logging.DEBUG)
