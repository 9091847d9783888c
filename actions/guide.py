"""Guidance: a question goes in, and an answer, a choice or an honest "no" comes out.

Three bands, decided by evidence from the catalogue and never by an intent's confidence: one service
is clearly meant → answer; several may be → ask which; none → say so.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from datetime import date, timedelta
from typing import Any

from rasa_sdk import Action, Tracker
from rasa_sdk.events import SlotSet
from rasa_sdk.executor import CollectingDispatcher

from actions.aspects import OF_THE_HALL, Aspect
from actions.evidence import chosen, read
from actions.outcome import Outcome, note
from actions.reply import buttons, hall, service
from actions.resources import catalog as current_catalog
from service_catalog.catalog import Catalog
from service_catalog.clock import now

Events = list[dict[str, Any]]

_LONGEST_SPAN = timedelta(days=2)
"""A longer span ("next week") is no day to look up; the weekly hours answer it."""


_LOOSE_CHARACTERS = 1
"""So many characters may be left over in a question that names no service: a particle, a typo."""
_SURELY_ELSEWHERE = 0.6
"""In-scope questions of the conversation tests stay below 0.57 for the class out_of_scope."""
_FEW_WORDS = 6
"""So few characters, right after choices were offered, speak of one of them: 租房的."""
_SAME_AGAIN = re.compile(r"^(那|还有|换成|如果是|要是).+|.+呢[?\uff1f]?$")
"""A new service after an answered question, asked the same thing again: 那台湾通行证呢."""


class ActionGuide(Action):
    """Answers what the citizen asks, from the catalogue alone."""

    def name(self) -> str:
        """The action's name in the domain."""
        return "action_guide"

    async def run(
        self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]
    ) -> Events:
        """Answer, ask which service is meant, or say that nothing fits."""
        catalog = await current_catalog()
        guide = _Guide(catalog, tracker)
        events = guide.reply(dispatcher)
        note(guide.outcome, service=guide.service)
        return events


class ActionChoose(Action):
    """A number, or a bare "yes": the service that was offered under it."""

    def name(self) -> str:
        """The action's name in the domain."""
        return "action_choose"

    async def run(
        self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]
    ) -> Events:
        """Answer for the picked service what was asked when it was offered."""
        catalog = await current_catalog()
        guide = _Guide(catalog, tracker)
        events = guide.reply_to_choice(dispatcher)
        note(guide.outcome, service=guide.service)
        return events


class ActionWelcome(Action):
    """Says who is speaking and what one can ask."""

    def name(self) -> str:
        """The action's name in the domain."""
        return "action_welcome"

    async def run(
        self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]
    ) -> Events:
        """Greet with examples from the catalogue."""
        dispatcher.utter_message(text=hall.welcome(await current_catalog(), now().date()))
        return []


class ActionHuman(Action):
    """Says how to reach a person."""

    def name(self) -> str:
        """The action's name in the domain."""
        return "action_human"

    async def run(
        self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]
    ) -> Events:
        """Give the enquiry phone and its hours."""
        dispatcher.utter_message(text=hall.a_person(await current_catalog()))
        return []


class _Guide:
    """One message's way through the three bands."""

    def __init__(self, catalog: Catalog, tracker: Tracker) -> None:
        slots, evidence = tracker.slots, read(tracker.latest_message)
        self._catalog = catalog
        self._in_form = bool((tracker.active_loop or {}).get("name"))
        self._today = now().date()
        self._evidence = evidence
        self._asked: Sequence[str] = slots.get("asked") or ()
        self._offer: dict[str, Any] = slots.get("offered") or {}
        self._context = self._offered_today(slots.get("service"))
        self.service: str | None = None
        self.outcome = Outcome.UNANSWERABLE

    def reply(self, dispatcher: CollectingDispatcher) -> Events:
        """Answer a question."""
        evidence = self._evidence
        candidates = [c.id for c in evidence.candidates if self._offered_today(c.id)]
        if evidence.sure and not self._offered_today(evidence.service):
            candidates = []  # a draft, or not in force: what comes after it was not meant
        if candidates and not evidence.sure and evidence.aspects and self._names_nothing():
            candidates = []  # only the words that ask fitted: 几点上班 is no work accident
        aspects = evidence.aspects or self._hours_again()
        options = self._options()
        meant = self._offered_today(evidence.service) or self._pick_by_words(candidates)
        if meant is None and len(options) == 1 and aspects and not candidates:
            meant = options[0] if self._names_nothing() else None  # asked "is it this?": goes on
        if meant is None and self._context and aspects and self._goes_on(candidates):
            meant = self._context
        if meant:
            return self._answer(dispatcher, meant, aspects or self._asked_before())
        draft = self._catalog.drafts.get(evidence.service or "")
        if draft:
            dispatcher.utter_message(text=hall.known_by_name(draft, self._catalog))
            return [SlotSet("offered", None)]
        if candidates and not self._clearly_elsewhere():
            return self._ask_which(dispatcher, candidates)
        if options and not aspects and evidence.intent != "out_of_scope":
            return self._ask_which(dispatcher, options)
        return self._without_service(dispatcher, aspects)

    def reply_to_choice(self, dispatcher: CollectingDispatcher) -> Events:
        """Answer for the option that was picked."""
        options: Sequence[str] = self._offer.get("options") or ()
        row = chosen(self._evidence.text, len(options))
        if row is None and len(options) == 1 and self._evidence.intent == "affirm":
            row = 0
        picked = options[row] if row is not None else self._pick_by_words(())
        if picked is not None and self._offered_today(picked):
            return self._answer(dispatcher, picked, self._asked_before())
        if options:
            return self._ask_which(dispatcher, self._options())
        if self._evidence.asks:
            return self.reply(dispatcher)
        self.outcome = Outcome.SERVICE_WANTED
        dispatcher.utter_message(text=hall.which_service((), self._catalog, self._today))
        return []

    def _without_service(
        self, dispatcher: CollectingDispatcher, aspects: Sequence[Aspect]
    ) -> Events:
        evidence = self._evidence
        of_hall = tuple(aspect for aspect in aspects if aspect in OF_THE_HALL)
        if of_hall and len(of_hall) == len(aspects) and self._names_nothing():
            self.outcome = Outcome.ANSWERED_FOR_HALL
            dispatcher.utter_message(text=hall.about_hall(of_hall, self._catalog, self._days()))
            return [SlotSet("asked", [aspect.value for aspect in of_hall])]
        if evidence.intent == "out_of_scope":
            self.outcome = Outcome.OUT_OF_SCOPE
            dispatcher.utter_message(text=hall.not_our_business(self._catalog))
        elif evidence.aspects and self._names_nothing():
            self.outcome = Outcome.SERVICE_WANTED
            dispatcher.utter_message(
                text=hall.which_service(evidence.aspects, self._catalog, self._today)
            )
            return [SlotSet("offered", {"aspects": [a.value for a in evidence.aspects]})]
        else:
            dispatcher.utter_message(text=hall.nothing_found(self._catalog))
        return []

    def _answer(
        self, dispatcher: CollectingDispatcher, service_id: str, aspects: Iterable[Aspect]
    ) -> Events:
        aspects = tuple(aspects)
        self.service, self.outcome = service_id, Outcome.ANSWERED
        found = self._catalog.service(service_id)
        dispatcher.utter_message(text=service.answer(found, aspects, self._catalog, self._days()))
        return [
            SlotSet("service", service_id),
            SlotSet("offered", None),
            SlotSet("asked", [aspect.value for aspect in aspects]),
        ]

    def _ask_which(self, dispatcher: CollectingDispatcher, options: Sequence[str]) -> Events:
        self.outcome = Outcome.CLARIFICATION
        names = [self._catalog.service(option).name for option in options]
        if self._in_form:  # the form's own numbered choices follow; two lists would be confusing
            dispatcher.utter_message(text=hall.which_in_words(names))
            return []
        dispatcher.utter_message(
            text=hall.which_of(names),
            buttons=buttons(names),
        )
        aspects = self._evidence.aspects or self._asked_before()
        offer = {"options": list(options), "aspects": [aspect.value for aspect in aspects]}
        return [SlotSet("offered", offer)]

    def _asked_before(self) -> tuple[Aspect, ...]:
        """What was asked when we asked back, or just now of another service."""
        values = self._offer.get("aspects") or ()
        if not self._offer and _SAME_AGAIN.match(self._evidence.text):
            values = self._asked
        return tuple(Aspect(value) for value in values)

    def _options(self) -> list[str]:
        """The services that are on the table, as far as they are still offered."""
        return [o for o in self._offer.get("options") or () if self._offered_today(o)]

    def _hours_again(self) -> tuple[Aspect, ...]:
        """周六呢, right after the opening hours, asks for the hours of that day."""
        again = self._evidence.when and Aspect.HOURS.value in self._asked
        return (Aspect.HOURS,) if again else ()

    def _clearly_elsewhere(self) -> bool:
        """Whether the classifier is sure that the message is no business of the hall.

        Only asked when no service is clearly meant: evidence always wins.
        """
        evidence = self._evidence
        return evidence.intent == "out_of_scope" and evidence.confidence >= _SURELY_ELSEWHERE

    def _goes_on(self, candidates: Sequence[str]) -> bool:
        """Whether the question is about the service that the conversation is on already."""
        return self._context in candidates if candidates else self._names_nothing()

    def _names_nothing(self) -> bool:
        """Whether the words ask without naming a thing, known or unknown, that is asked about."""
        return len(self._catalog.index.content(self._evidence.rest)) <= _LOOSE_CHARACTERS

    def _pick_by_words(self, candidates: Sequence[str]) -> str | None:
        """One of the offered services, named in words instead of by its number."""
        options = self._options()
        elsewhere = candidates and not set(candidates) & set(options)
        if not options or (elsewhere and len(self._evidence.text) > _FEW_WORDS):
            return None
        return self._catalog.index.pick(self._evidence.text, options)

    def _offered_today(self, service_id: str | None) -> str | None:
        """The id, when the catalogue has the service and it is in force today."""
        found = self._catalog.services.get(service_id or "")
        return service_id if found and found.in_force(self._today) else None

    def _days(self) -> tuple[date, ...]:
        """The days that were spoken of; today when none was."""
        span = self._evidence.when
        if span is None or span.end - span.start > _LONGEST_SPAN:
            return (self._today,)
        last = span.end.date()
        return (span.start.date(), last) if last != span.start.date() else (last,)
