"""What a message means: which service or bundle its words name, in the light of what went before.

Weighs the evidence that the graph components found against the choices on the table and the service
that the conversation is on. Says nothing and remembers nothing; guidance acts on it.
"""

from __future__ import annotations

import re
from datetime import date

from actions.asking_words import without_asking
from actions.aspects import OF_THE_HALL, Aspect
from actions.days import HOLIDAY
from actions.evidence import Candidate, Evidence
from actions.memory import Memory, aspects_of
from actions.topics import TopicAnswers
from service_catalog.catalog import Catalog
from service_catalog.search import Decision

_LOOSE_CHARACTERS = 1
"""So many characters may be left over in a question that names no service: a particle, a typo."""
_ELSEWHERE = 0.6
"""So sure that it is no business of the hall, nothing is asked back."""
_STRONG = 0.9
"""Evidence this strong is the service's own name or a saying almost word for word. Weaker evidence
isn't enough where the classifier takes the words for no business of the hall: 离婚财产怎么分."""
_FAINT = 0.5
"""Below this a service is resembled, and something else may be meant as well."""
_FEW_WORDS = 6
"""So few characters, right after choices were offered, speak of one of them: 租房的."""
_SAME_AGAIN = re.compile(r"^(那|还有|换成|如果是|要是).+|.+呢[?\uff1f]?$")
"""A new service after an answered question, asked the same thing again: 那台湾通行证呢."""
_OF_A_PLACE = frozenset({Aspect.HOURS, Aspect.PARKING, Aspect.PHONE, Aspect.WINDOW})


class Meant:
    """One message, weighed.

    Attributes:
        context: The service or bundle that the conversation is on, if it is in force.
        candidates: What may be meant, best first; empty when nothing is named.
        aspects: What is asked.
        options: The choices on the table, as far as they are still offered.
        names_nothing: Whether the words ask without naming a thing that is asked about.
    """

    def __init__(
        self,
        catalog: Catalog,
        memory: Memory,
        evidence: Evidence,
        topics: TopicAnswers,
        today: date,
    ) -> None:
        self._catalog = catalog
        self._memory = memory
        self._evidence = evidence
        self._topics = topics
        self._today = today
        self.context = self.offered_today(memory.service)
        self.names_nothing = self._names_nothing()
        self.options: list[str] = [
            o for o in memory.offered.get("options") or () if self.offered_today(o)
        ]
        self.candidates = self._candidates()
        self.aspects = evidence.aspects or self._hours_again()

    def item(self) -> str | None:
        """The service or bundle that is clearly meant; None when none is."""
        meant = self._clearly_named() or self.picked_by_words()
        asks_on = bool(self.aspects) and not self.candidates and self.names_nothing
        if meant is None and len(self.options) == 1 and asks_on:
            return self.options[0]  # asked "is it this?", the citizen goes on
        if meant is None and self.context and self.aspects and not self.chooses_from:
            return self.context if self._goes_on() else None
        return meant

    @property
    def chooses_from(self) -> bool:
        """Whether several services are on the table; a bundle's parts don't stand against it."""
        return len(self.options) > 1 and not self._memory.offered.get("bundle")

    @property
    def still_to_choose(self) -> bool:
        """Whether something was asked about the choices on the table without choosing."""
        asks_on = bool(self.aspects) and not self.candidates and self.names_nothing
        return self.chooses_from and asks_on

    @property
    def elsewhere(self) -> bool:
        """Whether the message is no business of the hall, so that nothing is asked back."""
        evidence = self._evidence
        return evidence.intent == "out_of_scope" and evidence.confidence >= _ELSEWHERE

    @property
    def faint(self) -> bool:
        """Whether no service is more than faintly resembled."""
        scores = [one.score for one in self._evidence.candidates if one.id in self.candidates]
        return max(scores, default=0.0) < _FAINT

    @property
    def few_words(self) -> bool:
        """Whether the message is too short to change the subject by itself."""
        return len(self._evidence.text) <= _FEW_WORDS

    @property
    def asks_of_the_hall(self) -> bool:
        """Whether it asks for what the hall itself, or the place named, has an answer to."""
        asked = set(self.aspects)
        return bool(asked) and asked <= OF_THE_HALL and not self.candidates and self.names_nothing

    @property
    def asks_of_a_place(self) -> bool:
        """Whether it asks about a place by its name: 龙潭镇几点下班, 那里有停车场吗."""
        named = self._topics.place is not None
        return named and self.asks_of_the_hall and set(self.aspects) <= _OF_A_PLACE

    def asked_before(self) -> tuple[Aspect, ...]:
        """What was asked when we asked back, or just now of another service."""
        if not self._memory.offered and _SAME_AGAIN.match(self._evidence.text):
            return self._memory.asked
        return aspects_of(self._memory.offered.get("aspects") or ())

    def picked_by_words(self) -> str | None:
        """One of the offered services, named in words instead of by its number."""
        if not self.options or (self._evidence.aspects and self.names_nothing):
            return None
        elsewhere = self.candidates and not set(self.candidates) & set(self.options)
        if elsewhere and not self.few_words:
            return None
        return self._catalog.index.pick(self._evidence.text, self.options)

    def offered_today(self, item: str | None) -> str | None:
        """The id, when the catalogue has the service or bundle and it is in force today."""
        key = item or ""
        found = self._catalog.services.get(key) or self._catalog.bundles.get(key)
        return item if found and found.in_force(self._today) else None

    def _candidates(self) -> list[str]:
        evidence = self._evidence
        if evidence.sure and not self.offered_today(evidence.service):
            return []  # a draft, or not in force: what comes after it was not meant
        if evidence.aspects and self.names_nothing and not self._says_the_phrase():
            return []  # only the words that ask fitted: 几点上班 is no work accident
        return [
            one.id
            for one in evidence.candidates
            if self.offered_today(one.id) and not self._faint_bundle(one)
        ]

    def _faint_bundle(self, one: Candidate) -> bool:
        """我要办飞碟证 resembles 我要开饭店 in the words that open both."""
        return one.id in self._catalog.bundles and one.score < _FAINT

    def _says_the_phrase(self) -> bool:
        """Whether the best one's name or saying stands in the message: 再婚 in 再婚怎么登记."""
        if not self._evidence.candidates or not self.offered_today(self._evidence.candidates[0].id):
            return False
        best = self._evidence.candidates[0]
        found = self._catalog.item(best.id)
        names = (best.phrase, found.name, *found.aliases)
        return any(name and name in self._evidence.text for name in names)

    def _resembles_only(self, best: Candidate) -> bool:
        """Whether words were taken for a service that may mean another thing.

        What an embedding model finds shares no character with the message: of that the classifier,
        which knows words alone, can say nothing.
        """
        shares = not set(best.phrase).isdisjoint(self._evidence.text)
        return shares and best.score < _STRONG

    def _clearly_named(self) -> str | None:
        """The service that the words name: all of them, or those that don't only ask."""
        evidence = self._evidence
        if evidence.english and self.context in self.candidates:
            return self.context  # English sayings are few: the passport is the one spoken of
        if evidence.sure:
            if self.elsewhere and self._resembles_only(evidence.candidates[0]):
                return None
            return evidence.service if evidence.service in self.candidates else None
        if not self.candidates or not evidence.aspects:
            return None
        found = self._catalog.index.search(evidence.rest)
        named = found.hits[0].id if found.decision is Decision.ANSWER else None
        return named if named in self.candidates else None

    def _hours_again(self) -> tuple[Aspect, ...]:
        """周六呢, right after the opening hours, asks for the hours of that day."""
        again = self._evidence.when and Aspect.HOURS in self._memory.asked
        return (Aspect.HOURS,) if again else ()

    def _goes_on(self) -> bool:
        """Whether the question is about the service that the conversation is on already."""
        return self.context in self.candidates if self.candidates else self.names_nothing

    def _names_nothing(self) -> bool:
        rest = HOLIDAY.sub("", self._topics.without_places(self._evidence.rest))
        rest = without_asking(rest, self._evidence.aspects)
        return len(self._catalog.index.content(rest)) <= _LOOSE_CHARACTERS
