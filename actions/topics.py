"""Everything of the hall that is no service: places, machines, help, priority, everyday questions.

`service_catalog.search.topics` says which is spoken of; this decides what of it is told.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from datetime import date

from actions.aspects import OF_THE_HALL, Aspect
from actions.reply import hall, place, ways
from service_catalog.catalog import Catalog
from service_catalog.model import Place
from service_catalog.search.text import one_of
from service_catalog.search.topics import Topic, TopicKind, short_names

_THERE = re.compile(r"那里|那儿|那边|那个地方|那头")
SURE = 0.7
"""A topic that explains so much is meant even where the words resemble a service too."""


class TopicAnswers:
    """What one message says of the hall's topics, and the answer."""

    def __init__(
        self, catalog: Catalog, text: str, days: Sequence[date], before: str | None = None
    ) -> None:
        """Look for what is spoken of; `before` is the place that the conversation was on."""
        self._catalog = catalog
        self._days = tuple(days)
        self._found: tuple[Topic, ...] = catalog.topics.find(text)
        self._places = [catalog.places[one] for one in catalog.topics.places(text)]
        if not self._places and before and before in catalog.places and _THERE.search(text):
            self._places = [catalog.places[before]]

    @property
    def place(self) -> Place | None:
        """The place that is named, or None."""
        return self._places[0] if self._places else None

    def without_places(self, text: str) -> str:
        """The text without the names of places, which name no service."""
        names = one_of(name for found in self._places for name in short_names(found))
        return _THERE.sub("", names.sub("", text))

    def answer(self, aspects: Sequence[Aspect], *, sure: bool) -> str | None:
        """What there is to say, or None.

        Args:
            aspects: What is asked.
            sure: Whether no service at all may be meant; else a topic must be spoken of by name.
        """
        best = self._found[0] if self._found else None
        if best is None or (not sure and best.score < SURE):
            return None
        if best.kind is TopicKind.PLACE and not set(aspects) <= OF_THE_HALL:
            return None
        return self._speak(best, aspects)

    def _speak(self, topic: Topic, aspects: Sequence[Aspect]) -> str | None:
        catalog = self._catalog
        if topic.kind is TopicKind.PLACE:
            found = catalog.places[topic.id]
            if aspects:
                return hall.about_place(found, aspects, catalog, self._days)
            return place.place(found, catalog, self._days)
        tell: dict[TopicKind, Callable[[], dict[str, str]]] = {
            TopicKind.TERMINAL: lambda: {
                one.id: place.terminal(one, catalog) for one in catalog.terminals
            },
            TopicKind.GENERAL: lambda: {one.id: place.general(one) for one in catalog.general},
            TopicKind.HELPER: lambda: {one.id: place.helper(one) for one in catalog.helpers},
            TopicKind.PRIORITY: lambda: {one.id: place.priority(one) for one in catalog.priority},
            TopicKind.HOME_VISIT: lambda: {
                one.id: ways.visit_rule(one) for one in catalog.home_visits
            },
        }
        return tell[topic.kind]().get(topic.id)
