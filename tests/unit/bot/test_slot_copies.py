"""Slots are copied as Rasa copies them."""

from __future__ import annotations

import copy
from collections.abc import Iterator
from typing import Any

import pytest
from channel_world import domain
from rasa.shared.core.slots import (
    AnySlot,
    BooleanSlot,
    CategoricalSlot,
    FloatSlot,
    ListSlot,
    Slot,
    TextSlot,
)

from bot import slot_copies

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
def rasas_own() -> Iterator[None]:
    """Begins and ends with Rasa's own way, whatever other tests installed."""
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
    slot_copies.install()
    ours = [copy.copy(slot) for slot in slots]
    assert list(map(told, ours)) == list(map(told, rasas))
    for slot, one, other in zip(slots, ours, rasas, strict=True):
        assert one is not slot
        assert one.__dict__ is not slot.__dict__
        shared = {name for name, value in one.__dict__.items() if value is slot.__dict__.get(name)}
        assert shared == {n for n, v in other.__dict__.items() if v is slot.__dict__.get(n)}


def test_a_changed_copy_leaves_the_slot_alone():
    slot_copies.install()
    slot = AnySlot("service", [], initial_value="passport")
    one = copy.copy(slot)
    one.value = "id-card"
    assert (slot.value, slot.has_been_set) == ("passport", False)
    assert (one.value, one.has_been_set) == ("id-card", True)
