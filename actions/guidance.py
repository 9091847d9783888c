"""Guidance: one message's way from evidence to an answer, a question, or an honest "no".

Three bands, decided by evidence from the catalogue and never by an intent's confidence: one service
is clearly meant → answer (after asking for the situation, when the answer depends on it); several
may be → ask which; none → say so. The actions in guide.py call this; wording is in `actions.reply`.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from datetime import date

from rasa_sdk import Tracker
from rasa_sdk.executor import CollectingDispatcher

from actions.aspects import OF_THE_HALL, Aspect
from actions.days import HOLIDAY, days_spoken_of
from actions.evidence import Evidence, chosen, read
from actions.memory import Events, Memory, aspects_of
from actions.outcome import Outcome
from actions.reply import bundle, buttons, english, guide, hall, plain, service
from actions.situation import Situation
from actions.topics import TopicAnswers
from service_catalog.catalog import Catalog
from service_catalog.clock import now
from service_catalog.faq import ALMOST_THE_WORDS, SAME, fitting
from service_catalog.model import Bundle, Faq, Question, Service

_LOOSE_CHARACTERS = 1
"""So many characters may be left over in a question that names no service: a particle, a typo."""
_SURELY_ELSEWHERE = 0.6
"""In-scope questions of the conversation tests stay below 0.57 for the class out_of_scope."""
_FEW_WORDS = 6
"""So few characters, right after choices were offered, speak of one of them: 租房的."""
_SAME_AGAIN = re.compile(r"^(那|还有|换成|如果是|要是).+|.+呢[?\uff1f]?$")
"""A new service after an answered question, asked the same thing again: 那台湾通行证呢."""


class Guidance:
    """One message's way through the three bands."""

    def __init__(
        self, catalog: Catalog, tracker: Tracker, dispatcher: CollectingDispatcher
    ) -> None:
        self._catalog = catalog
        self._dispatcher = dispatcher
        self._memory = Memory(tracker.slots)
        self._evidence: Evidence = read(tracker.latest_message)
        self._situation = Situation(catalog, self._memory, self._evidence)
        self._in_form = bool((tracker.active_loop or {}).get("name"))
        self._today = now().date()
        self._spoken = days_spoken_of(self._evidence, catalog.calendar, self._today)
        self._context = self._offered_today(self._memory.service)
        self._topics = TopicAnswers(catalog, self._evidence.text, self._days())
        self.about: str | None = None
        self.outcome = Outcome.UNANSWERABLE

    def reply(self) -> Events:
        """Answer the message."""
        if not self._goes_on_with_situation():
            self._answer_question()
        return self._memory.events

    def reply_to_choice(self) -> Events:
        """Answer a number, a yes or a no: an option, or what was asked about the situation."""
        if self._goes_on_with_situation():
            return self._memory.events
        options = self._options()
        row = chosen(self._evidence.text, len(options))
        if row is None and len(options) == 1 and self._evidence.intent == "affirm":
            row = 0
        picked = options[row] if row is not None else self._pick_by_words(())
        if picked is not None:
            self._tell(picked, self._asked_before())
        elif options and self._evidence.intent == "deny":
            self._memory.set("offered", None)
            self._say(hall.none_of_these(self._catalog))
            self.outcome = Outcome.UNANSWERABLE
        elif options:
            self._ask_which(options)
        elif self._evidence.aspects or self._evidence.sure:
            self._answer_question()
        else:
            self.outcome = Outcome.SERVICE_WANTED
            self._say(hall.which_service((), self._catalog, self._today))
        return self._memory.events

    def say_again(self) -> Events:
        """Answer once more what was answered last, in the manner that is wanted now."""
        if self._context:
            self._tell(self._context, self._memory.asked)
        return self._memory.events

    def go_back(self) -> Events:
        """Back to the question before: the last answer about the situation is forgotten."""
        service_id = self._memory.pending.get("service") or self._context
        aspects = aspects_of(self._memory.pending.get("aspects") or ()) or self._memory.asked
        if service_id and self._memory.take_back(service_id):
            self._tell(service_id, aspects)
        elif self._options():
            self._ask_which(self._options())
        else:
            self._say(guide.nothing_before())
        return self._memory.events

    @property
    def memory(self) -> Memory:
        """What is remembered, with the changes made here."""
        return self._memory

    def why(self) -> str | None:
        """Why the question on the table was asked; None when there is none."""
        table = self._situation.pending()
        return guide.why(table[1]) if table else None

    def ask_again(self) -> None:
        """Put the question on the table once more."""
        table = self._situation.pending()
        if table:
            self._put(*table)

    def _goes_on_with_situation(self) -> bool:
        """Whether the message answered the question about the situation that is on the table."""
        table = self._situation.pending()
        if table is None:
            return False
        found, question = table
        answered = self._situation.reply(question)
        aspects = aspects_of(self._memory.pending.get("aspects") or ())
        self._memory.set("pending", None)
        if answered is None:
            return False
        if answered.option is None:
            self._answer(found, aspects)
        else:
            self._memory.tell(found, question, answered.option)
            self._situation.note_what_is_said(found)
            self._tell(found.id, aspects)
        return True

    def _answer_question(self) -> None:
        evidence = self._evidence
        candidates = self._candidates()
        aspects = evidence.aspects or self._hours_again()
        options = self._options()
        if not candidates and set(aspects) <= {Aspect.PARKING} and self._speaks_of_a_topic(()):
            return
        meant = self._offered_today(evidence.service) or self._pick_by_words(candidates)
        if meant is None and len(options) == 1 and aspects and not candidates:
            meant = options[0] if self._names_nothing() else None  # asked "is it this?": goes on
        if meant is None and self._context and aspects and self._goes_on(candidates):
            meant = self._context
        if meant:
            self._tell(meant, aspects or self._asked_before())
        elif not options and self._changes_situation(candidates):
            self._tell(self._context or "", aspects or self._memory.asked)
        elif evidence.service in self._catalog.drafts:
            self._tell_by_name(evidence.service or "")
        elif self._speaks_of_a_topic(candidates):
            pass  # said by the condition
        elif candidates and not self._clearly_elsewhere():
            self._ask_which(candidates)
        elif options and not aspects and evidence.intent != "out_of_scope":
            self._ask_which(options)
        else:
            self._without_service(aspects)

    def _candidates(self) -> list[str]:
        evidence = self._evidence
        candidates = [c.id for c in evidence.candidates if self._offered_today(c.id)]
        if evidence.sure and not self._offered_today(evidence.service):
            return []  # a draft, or not in force: what comes after it was not meant
        if candidates and not evidence.sure and evidence.aspects and self._names_nothing():
            return []  # only the words that ask fitted: 几点上班 is no work accident
        return candidates

    def _changes_situation(self, candidates: Sequence[str]) -> bool:
        """那孩子呢, 如果是外省户口: the same question in another situation."""
        found = self._catalog.services.get(self._context or "")
        few = len(self._evidence.text) <= _FEW_WORDS
        if found is None or (candidates and found.id not in candidates and not few):
            return False
        if self._evidence.intent == "out_of_scope":
            return False
        return self._situation.note_what_is_said(found)

    def _speaks_of_a_topic(self, candidates: Sequence[str]) -> bool:
        """Answer about a place, a machine, help, or the hall's everyday questions."""
        text = self._topics.answer(self._evidence.aspects, sure=not candidates)
        if text is None:
            return False
        self.outcome = Outcome.ANSWERED_FOR_TOPIC
        self._say(text)
        return True

    def _without_service(self, aspects: Sequence[Aspect]) -> None:
        evidence = self._evidence
        of_hall = tuple(aspect for aspect in aspects if aspect in OF_THE_HALL)
        if of_hall and len(of_hall) == len(aspects) and self._names_nothing():
            self.outcome = Outcome.ANSWERED_FOR_HALL
            self._say(hall.about_hall(of_hall, self._catalog, self._days()))
            self._tell_unannounced(of_hall)
            self._memory.set("asked", [aspect.value for aspect in of_hall])
        elif evidence.intent == "out_of_scope":
            self.outcome = Outcome.OUT_OF_SCOPE
            self._say(
                english.out_of_scope(self._catalog)
                if evidence.english
                else hall.not_our_business(self._catalog)
            )
        elif evidence.aspects and self._names_nothing():
            self.outcome = Outcome.SERVICE_WANTED
            self._say(hall.which_service(evidence.aspects, self._catalog, self._today))
            self._memory.set("offered", {"aspects": [a.value for a in evidence.aspects]})
        else:
            self._say(
                english.nothing_found(self._catalog)
                if evidence.english
                else hall.nothing_found(self._catalog)
            )

    def _tell(self, item: str, aspects: Iterable[Aspect]) -> None:
        """Answer for a service or bundle; ask for the situation first where it matters."""
        aspects = tuple(aspects)
        found = self._catalog.services.get(item)
        if found is None:
            self._tell_bundle(self._catalog.bundles[item], aspects)
            return
        self._situation.note_what_is_said(found)
        question = None
        if not (self._evidence.english or self._in_form or self._asks_faq(found)):
            question = self._situation.open_question(found, aspects)
        if question is None:
            self._answer(found, aspects)
            return
        self.about, self.outcome = found.id, Outcome.SITUATION_ASKED
        self._memory.set("service", found.id)
        self._memory.set("offered", None)
        self._memory.set(
            "pending",
            {
                "service": found.id,
                "question": question.id,
                "aspects": [aspect.value for aspect in aspects],
            },
        )
        self._put(found, question)

    def _put(self, found: Service, question: Question) -> None:
        known = self._memory.answers(found, self._catalog)
        self._say(
            guide.situation_question(found, question, known),
            [*(option.label for option in question.options), guide.SHOW_ALL],
        )

    def _answer(self, found: Service, aspects: tuple[Aspect, ...]) -> None:
        self.about, self.outcome = found.id, Outcome.ANSWERED
        known = self._memory.answers(found, self._catalog)
        decided = self._situation.decides(found, aspects)
        one = service.about(
            found, self._catalog, self._days(), known, self._topics.place, decided=decided
        )
        entry = self._asks_faq(found)
        if entry:
            self.outcome = Outcome.ANSWERED_BY_FAQ
            self._say(guide.faq(found, entry))
        elif self._evidence.english:
            self._say(english.answer(one, aspects))
        elif self._memory.plain:
            self._say(plain.answer(one, aspects))
        else:
            self._say(service.answer(one, aspects))
        self._tell_unannounced(aspects)
        if self._situation.for_an_old_person and not self._in_form:
            self._mention_home_visit(found)
        self._remember(found.id, aspects)

    def _tell_unannounced(self, aspects: Sequence[Aspect]) -> None:
        if self._spoken.unannounced and Aspect.HOURS in aspects:
            self._say(hall.unannounced(self._spoken.unannounced))

    def _mention_home_visit(self, found: Service) -> None:
        rules = [
            rule for rule in self._catalog.home_visits if rule.min_age and found.id in rule.services
        ]
        if rules:
            self._say(guide.home_visit_hint(rules[0]))

    def _asks_faq(self, found: Service) -> Faq | None:
        """One of the service's frequent questions; almost word for word when it asks an aspect."""
        least = ALMOST_THE_WORDS if self._evidence.aspects else SAME
        content = self._catalog.index.content
        return fitting(found.faq, self._evidence.text, content, least)

    def _tell_bundle(self, found: Bundle, aspects: tuple[Aspect, ...]) -> None:
        self.about, self.outcome = found.id, Outcome.ANSWERED_FOR_BUNDLE
        asks_how = set(aspects) <= {Aspect.PROCESS}
        if self._memory.plain and set(aspects) <= {Aspect.PROCESS, Aspect.MATERIALS}:
            self._say(plain.bundle(found, self._catalog))
        elif asks_how:
            self._say(bundle.offer(found, self._catalog))
        else:
            self._say(bundle.answer(found, aspects, self._catalog))
        self._remember(found.id, () if asks_how else aspects)
        parts = [part.service for part in found.parts if self._offered_today(part.service)]
        self._memory.set("offered", {"options": parts, "aspects": []})

    def _tell_by_name(self, draft_id: str) -> None:
        self.outcome = Outcome.NAMED_ONLY
        self._say(hall.known_by_name(self._catalog.drafts[draft_id], self._catalog))
        self._memory.set("offered", None)

    def _remember(self, item: str, aspects: Iterable[Aspect]) -> None:
        self._memory.set("service", item)
        self._memory.set("offered", None)
        self._memory.set("asked", [aspect.value for aspect in aspects])

    def _ask_which(self, options: Sequence[str]) -> None:
        self.outcome = Outcome.CLARIFICATION
        names = [self._name(option) for option in options]
        if self._in_form:  # the form's own numbered choices follow; two lists would be confusing
            self._say(hall.which_in_words(names))
            return
        question = english.which_of if self._evidence.english else hall.which_of
        self._say(question(names), names)
        aspects = self._evidence.aspects or self._asked_before()
        offer = {"options": list(options), "aspects": [aspect.value for aspect in aspects]}
        self._memory.set("offered", offer)

    def _name(self, item: str) -> str:
        bundles = self._catalog.bundles
        return str(bundles[item].name if item in bundles else self._catalog.service(item).name)

    def _say(self, text: str, choices: Sequence[str] = ()) -> None:
        if choices:
            self._dispatcher.utter_message(text=text, buttons=buttons(choices))
        else:
            self._dispatcher.utter_message(text=text)

    def _asked_before(self) -> tuple[Aspect, ...]:
        """What was asked when we asked back, or just now of another service."""
        values = self._memory.offered.get("aspects") or ()
        if not self._memory.offered and _SAME_AGAIN.match(self._evidence.text):
            return self._memory.asked
        return aspects_of(values)

    def _options(self) -> list[str]:
        """The services that are on the table, as far as they are still offered."""
        return [o for o in self._memory.offered.get("options") or () if self._offered_today(o)]

    def _hours_again(self) -> tuple[Aspect, ...]:
        """周六呢, right after the opening hours, asks for the hours of that day."""
        again = self._evidence.when and Aspect.HOURS in self._memory.asked
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
        rest = HOLIDAY.sub("", self._topics.without_places(self._evidence.rest))
        return len(self._catalog.index.content(rest)) <= _LOOSE_CHARACTERS

    def _pick_by_words(self, candidates: Sequence[str]) -> str | None:
        """One of the offered services, named in words instead of by its number."""
        options = self._options()
        elsewhere = candidates and not set(candidates) & set(options)
        if not options or (elsewhere and len(self._evidence.text) > _FEW_WORDS):
            return None
        return self._catalog.index.pick(self._evidence.text, options)

    def _offered_today(self, item: str | None) -> str | None:
        """The id, when the catalogue has the service or bundle and it is in force today."""
        key = item or ""
        found = self._catalog.services.get(key) or self._catalog.bundles.get(key)
        return item if found and found.in_force(self._today) else None

    def _days(self) -> tuple[date, ...]:
        """The days that were spoken of; today when none was."""
        return self._spoken.days
