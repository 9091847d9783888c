"""What the conversation remembers between messages, as slots.

`Memory` reads the slots once and collects the changes, so that an action returns them together.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from rasa_sdk.events import SlotSet

from actions.aspects import Aspect
from service_catalog.catalog import Catalog
from service_catalog.model import Option, Question, Service
from service_catalog.situations import option_of

Events = list[dict[str, Any]]

PLAIN = "plain"
_ALL = "*"
"""Stands among a service's answers when everything is to be listed."""


class Memory:
    """The slots of one conversation that guidance lives on."""

    def __init__(self, slots: Mapping[str, Any]) -> None:
        self._slots = dict(slots)
        self._changes: dict[str, Any] = {}

    @property
    def events(self) -> Events:
        """All changes."""
        return [SlotSet(slot, value) for slot, value in self._changes.items()]

    def set(self, slot: str, value: object) -> None:
        """Remember a value; None forgets."""
        self._slots[slot] = self._changes[slot] = value

    def get(self, slot: str) -> Any:  # noqa: ANN401 - whatever the slot holds
        """What is remembered."""
        return self._slots.get(slot)

    @property
    def service(self) -> str | None:
        """The service or bundle that the conversation is about."""
        found: str | None = self.get("service")
        return found

    @property
    def asked(self) -> tuple[Aspect, ...]:
        """The aspects that were answered last."""
        return aspects_of(self.get("asked") or ())

    @property
    def offered(self) -> dict[str, Any]:
        """The choices on the table."""
        return self.get("offered") or {}

    @property
    def pending(self) -> dict[str, Any]:
        """The situation question on the table."""
        return self.get("pending") or {}

    @property
    def plain(self) -> bool:
        """Whether short sentences are wanted."""
        return bool(self.get("style") == PLAIN)

    def answers(self, service: Service, catalog: Catalog) -> dict[str, str]:
        """What is known of the citizen's situation for a service.

        What was said for another service counts here too when it was an answer to the very same
        question with the very same choices.
        """
        told: Mapping[str, Mapping[str, str]] = self.get("answers") or {}
        known = {k: v for k, v in told.get(service.id, {}).items() if k != _ALL}
        for question in service.situations:
            for other, answers in told.items():
                if question.id in known or other not in catalog.services:
                    continue
                option = answers.get(question.id, "")
                if _same(question, catalog.services[other]) and option_of(question, option):
                    known[question.id] = option
        return known

    def tell(self, service: Service, question: Question, option: Option) -> None:
        """Remember an answer; the latest comes last."""
        told = dict(self.get("answers") or {})
        mine = {k: v for k, v in told.get(service.id, {}).items() if k != question.id}
        told[service.id] = {**mine, question.id: option.id}
        self.set("answers", told)

    def show_all(self, service_id: str) -> None:
        """The citizen isn't sure: everything that may hold is listed, and nothing asked again."""
        told = dict(self.get("answers") or {})
        self.set("answers", {**told, service_id: {**told.get(service_id, {}), _ALL: _ALL}})

    def shows_all(self, service_id: str) -> bool:
        """Whether everything is to be listed for a service."""
        return _ALL in (self.get("answers") or {}).get(service_id, {})

    def take_back(self, service_id: str) -> bool:
        """Forget the latest answer for a service; whether there was one."""
        told = dict(self.get("answers") or {})
        mine = dict(told.get(service_id, {}))
        if not mine:
            return False
        listed = mine.pop(_ALL, None)
        if listed is None or mine:
            mine.popitem()
        self.set("answers", {**told, service_id: mine})
        return True


def aspects_of(values: Sequence[str]) -> tuple[Aspect, ...]:
    """Aspects from a slot, without those that an older version knew."""
    known = {aspect.value for aspect in Aspect}
    return tuple(Aspect(value) for value in values if value in known)


def _same(question: Question, other: Service) -> bool:
    return any(
        question.ask == one.ask
        and [o.label for o in question.options] == [o.label for o in one.options]
        for one in other.situations
        if one.id == question.id
    )
