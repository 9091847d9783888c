"""What Rasa does anew for each message though it always comes out the same, done once.

* Rasa copies every slot of the domain for each tracker that it makes, several times a message, with
  `copy.copy`, which takes the long way of pickling for a class that says nothing of copies. Here
  slots say how: the same class, the same attributes. A slot class that says itself how it is copied
  or pickled is left alone.
* To see whether its domain is empty, Rasa makes an empty one for each message and compares. Here
  that one is made once.
* It looks through the tree of its classes for the one of each event that an action returns. Here
  the class of a name is remembered.
* It has `re` look each of its patterns up for each message, and makes an iterator of what isn't
  there. Here an extractor's patterns are compiled once, and looked for first.
* It goes through all mappings of all slots to fill them from the message. Here it doesn't where
  actions alone fill them, as they do in our domain.
* It makes deep copies of whatever it tells its debug log. Here that waits until somebody reads it.

Only `Slot.__copy__`, `Domain.is_empty`, `Event.resolve_by_type`, `ActionExtractSlots.run`,
`RegexEntityExtractor._extract_entities` and the name `copy` in `rasa.core.processor` are touched;
tests hold that what comes out is Rasa's.
"""

from __future__ import annotations

import copy
import logging
import re
from collections.abc import Awaitable, Callable
from typing import Any, TypeVar
from weakref import ReferenceType, WeakKeyDictionary, ref

import rasa.core.processor
from rasa.core.actions.action import ActionExtractSlots
from rasa.core.channels.channel import OutputChannel
from rasa.core.nlg import NaturalLanguageGenerator
from rasa.nlu.extractors.regex_entity_extractor import RegexEntityExtractor
from rasa.shared.core.constants import (
    DEFAULT_SLOT_NAMES,
    MAPPING_TYPE,
    SlotMappingType,
)
from rasa.shared.core.domain import Domain
from rasa.shared.core.events import Event
from rasa.shared.core.slots import Slot
from rasa.shared.core.trackers import DialogueStateTracker
from rasa.shared.nlu.constants import (
    ENTITY_ATTRIBUTE_END,
    ENTITY_ATTRIBUTE_START,
    ENTITY_ATTRIBUTE_TYPE,
    ENTITY_ATTRIBUTE_VALUE,
    TEXT,
)
from rasa.shared.nlu.training_data.message import Message

_SAYS = ("__reduce__", "__reduce_ex__", "__getstate__", "__setstate__", "__slots__")
RASAS_EMPTY = Domain.is_empty
RASAS_CLASS = Event.resolve_by_type
RASAS_ENTITIES = RegexEntityExtractor._extract_entities
RASAS_SLOTS = ActionExtractSlots.run
"""Rasa's own, for the tests that compare."""

Anything = TypeVar("Anything")


class CopiesForTheLog:
    """Stands for the module `copy` in Rasa's processor, which copies for its debug log alone."""

    def __init__(self) -> None:
        self._log = logging.getLogger(rasa.core.processor.__name__)

    def deepcopy(self, value: Anything) -> Anything:
        """A deep copy when the debug log is read, else the value: it is thrown away unread."""
        return copy.deepcopy(value) if self._log.isEnabledFor(logging.DEBUG) else value


def install() -> None:
    """Let Rasa's habits cost less."""
    Slot.__copy__ = _copying()
    empty = Domain.empty().as_dict()

    def is_empty(self: Domain) -> bool:
        return bool(self.as_dict() == empty)

    Domain.is_empty = is_empty
    Event.resolve_by_type = staticmethod(_resolving())
    RegexEntityExtractor._extract_entities = _extracting()
    ActionExtractSlots.run = _filling()
    rasa.core.processor.copy = CopiesForTheLog()


def _filled_by_actions(slot: Slot) -> bool:
    """Whether no mapping takes a slot's value from a message, nor runs an action for it."""
    return slot.name in DEFAULT_SLOT_NAMES or all(
        mapping.get(MAPPING_TYPE) == SlotMappingType.CUSTOM.value and not mapping.get("action")
        for mapping in slot.mappings
    )


def _plain(kind: type[Slot]) -> bool:
    """Whether the instances of a class are their attributes and nothing else."""
    classes = [one for one in kind.__mro__ if one is not object]
    return not any(
        name in vars(one) for one in classes for name in _SAYS if one.__module__ != "abc"
    )


def _copying() -> Callable[[Slot], Slot]:
    plain: dict[type[Slot], bool] = {}

    def copied(self: Slot) -> Slot:
        kind = type(self)
        if kind not in plain:
            plain[kind] = _plain(kind)
        if not plain[kind]:
            other: Slot = copy._reconstruct(  # type: ignore[attr-defined]
                self, None, *self.__reduce_ex__(4)
            )
            return other
        one: Slot = object.__new__(kind)
        one.__dict__.update(self.__dict__)
        return one

    return copied


def _resolving() -> Callable[..., type[Event] | None]:
    known: dict[str, type[Event]] = {}

    def resolve(type_name: str, default: type[Event] | None = None) -> type[Event] | None:
        if type_name in known:
            return known[type_name]
        found: type[Event] | None = RASAS_CLASS(type_name, default)
        if found is not None and found.type_name == type_name:
            known[type_name] = found
        return found

    return resolve


def _filling() -> Callable[..., Awaitable[list[Event]]]:
    looked_at: ReferenceType[Domain] | None = None
    by_actions = False

    async def fill(
        self: ActionExtractSlots,
        output_channel: OutputChannel,
        nlg: NaturalLanguageGenerator,
        tracker: DialogueStateTracker,
        domain: Domain,
    ) -> list[Event]:
        nonlocal looked_at, by_actions
        if looked_at is None or looked_at() is not domain:
            looked_at, by_actions = ref(domain), all(map(_filled_by_actions, domain.slots))
        where = output_channel, nlg, tracker, domain
        found: list[Event] = await (
            self._execute_validation_action([], *where) if by_actions else RASAS_SLOTS(self, *where)
        )
        return found

    return fill


def _extracting() -> Callable[[RegexEntityExtractor, Message], list[dict[str, Any]]]:
    compiled: WeakKeyDictionary[RegexEntityExtractor, list[tuple[str, re.Pattern[str]]]]
    compiled = WeakKeyDictionary()

    def extract(self: RegexEntityExtractor, message: Message) -> list[dict[str, Any]]:
        if self not in compiled:
            flags = re.RegexFlag(0) if self.case_sensitive else re.IGNORECASE
            compiled[self] = [
                (each["name"], re.compile(each["pattern"], flags)) for each in self.patterns
            ]
        text = message.get(TEXT)
        return [
            {
                ENTITY_ATTRIBUTE_TYPE: name,
                ENTITY_ATTRIBUTE_START: match.start(),
                ENTITY_ATTRIBUTE_END: match.end(),
                ENTITY_ATTRIBUTE_VALUE: match.group(),
            }
            for name, pattern in compiled[self]
            if pattern.search(text)
            for match in pattern.finditer(text)
        ]

    return extract
