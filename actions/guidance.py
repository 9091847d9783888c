"""Guidance: one message's way from evidence to an answer, a question, or an honest "no".

Three bands, decided by evidence from the catalogue and never by an intent's confidence: one service
is clearly meant → answer (after asking for the situation, when the answer depends on it); several
may be → ask which; none → say so. The actions in guide.py call this; wording is in `actions.reply`.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from rasa_sdk import Tracker
from rasa_sdk.executor import CollectingDispatcher

from actions.aspects import Aspect
from actions.days import days_spoken_of
from actions.evidence import Evidence, chosen, read
from actions.meant import Meant
from actions.memory import Events, Memory, aspects_of
from actions.outcome import Outcome
from actions.reply import bundle, buttons, english, guide, hall, plain, service, ways
from actions.situation import Situation
from actions.topics import TopicAnswers
from service_catalog.catalog import Catalog
from service_catalog.clock import now
from service_catalog.faq import ALMOST_THE_WORDS, SAME, fitting
from service_catalog.model import Bundle, Faq, Question, Service

_WANTS_TO_BOOK = re.compile(r"^(?:我?[想要]*|请?帮我|麻烦)(?:预约|约个?号|挂号)")
"""A question that begins as a booking does: 预约办护照，要带什么."""


_WHAT_TO_DO = re.compile(r"[办弄](?:些|点)?(?:什么|哪些|啥)")
"""开饭店要办哪些证 asks for the parts of a bundle, not for papers to bring."""
_HOW = {Aspect.PROCESS}
_OF_PEOPLE = {Aspect.SCOPE, Aspect.CONDITIONS}
"""Aspects that words for a person's situation may read like: 外地户口."""


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
        self._topics = TopicAnswers(
            catalog, self._evidence.text, self._spoken.days, self._memory.get("place")
        )
        self._meant = Meant(catalog, self._memory, self._evidence, self._topics, self._today)
        self._answers_us = False
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
        options = self._meant.options
        row = chosen(self._evidence.text, len(options))
        labels = self._memory.offered.get("labels") or ()
        if self._evidence.text in labels and len(labels) == len(options):
            row = labels.index(self._evidence.text)
        if row is None and len(options) == 1 and self._evidence.intent == "affirm":
            row = 0
        picked = options[row] if row is not None else self._meant.picked_by_words()
        if picked is not None:
            self._tell(picked, self._meant.asked_before())
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
        if self._meant.context:
            self._tell(self._meant.context, self._memory.asked)
        return self._memory.events

    def go_back(self) -> Events:
        """Back to the question before: the last answer about the situation is forgotten."""
        service_id = self._memory.pending.get("service") or self._meant.context
        aspects = aspects_of(self._memory.pending.get("aspects") or ()) or self._memory.asked
        if service_id and self._memory.take_back(service_id):
            self._tell(service_id, aspects)
        elif self._meant.options:
            self._ask_which(self._meant.options)
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
            self._memory.show_all(found.id)
            self._answer(found, aspects)
        else:
            self._memory.tell(found, question, answered.option)
            self._answers_us = True
            self._tell(found.id, aspects, says_more=not self._situation.is_a_choice(question))
        return True

    def _answer_question(self) -> None:
        meant, aspects = self._meant, self._meant.aspects
        if self._comes_first() or self._supposes_another_case():
            return
        item = meant.item()
        if item:
            self._tell(item, aspects or meant.asked_before())
        elif meant.still_to_choose:
            self._ask_which(meant.options)
        elif not meant.options and self._changes_situation():
            self._answers_us = True
            self._tell(meant.context or "", aspects or self._memory.asked)
        elif self._evidence.service in self._catalog.drafts:
            self._tell_by_name(self._evidence.service or "")
        elif meant.asks_of_the_hall:
            self._tell_of_hall(aspects)
        elif self._speaks_of_a_topic():
            pass  # said by the condition
        elif meant.candidates and not meant.elsewhere:
            self._ask_which(meant.candidates)
        elif meant.options and not aspects and self._evidence.intent != "out_of_scope":
            self._ask_which(meant.options)
        else:
            self._without_service(aspects)

    def _supposes_another_case(self) -> bool:
        """如果是外地户口呢: what was asked before, in another situation."""
        supposed = self._situation.supposes and not self._meant.options
        if not supposed or not self._changes_situation():
            return False
        self._answers_us = True
        asked = [one for one in self._meant.aspects if one not in _OF_PEOPLE]
        self._tell(self._meant.context or "", asked or self._memory.asked)
        return True

    def _comes_first(self) -> bool:
        """What is asked of a place named, or of the parking, whatever service went before."""
        if self._meant.asks_of_a_place:
            self._tell_of_hall(self._meant.aspects)
            return True
        asks_nothing_else = set(self._meant.aspects) <= {Aspect.PARKING}
        return not self._meant.candidates and asks_nothing_else and self._speaks_of_a_topic()

    def _changes_situation(self) -> bool:
        """那孩子呢, 如果是外省户口: the same question in another situation."""
        found = self._catalog.services.get(self._meant.context or "")
        if found is None or self._evidence.intent == "out_of_scope":
            return False
        others = self._meant.candidates and found.id not in self._meant.candidates
        if others and not (self._meant.few_words or self._situation.speaks_of(found)):
            return False
        return self._situation.note_what_is_said(found)

    def _speaks_of_a_topic(self) -> bool:
        """Answer about a place, a machine, help, or the hall's everyday questions."""
        text = self._topics.answer(self._evidence.aspects, sure=self._meant.faint)
        if text is None:
            return False
        self.outcome = Outcome.ANSWERED_FOR_TOPIC
        if self._topics.place:
            self._memory.set("place", self._topics.place.id)
        self._say(text)
        return True

    def _tell_of_hall(self, aspects: Sequence[Aspect]) -> None:
        self.outcome = Outcome.ANSWERED_FOR_HALL
        place = self._topics.place or self._catalog.place(self._catalog.hall.place)
        if self._evidence.english:
            self._say(english.about_place(place, self._spoken.days, self._catalog))
        else:
            self._say(hall.about_place(place, aspects, self._catalog, self._spoken.days))
        self._tell_unannounced(aspects)
        self._memory.set("place", place.id)
        self._memory.set("asked", [aspect.value for aspect in aspects])

    def _without_service(self, aspects: Sequence[Aspect]) -> None:
        evidence = self._evidence
        if evidence.intent == "out_of_scope":
            self.outcome = Outcome.OUT_OF_SCOPE
            self._say(
                english.out_of_scope(self._catalog)
                if evidence.english
                else hall.not_our_business(self._catalog)
            )
        elif evidence.aspects and self._meant.names_nothing:
            self.outcome = Outcome.SERVICE_WANTED
            self._say(hall.which_service(evidence.aspects, self._catalog, self._today))
            self._memory.set("offered", {"aspects": [a.value for a in evidence.aspects]})
        else:
            self._say(
                english.nothing_found(self._catalog)
                if evidence.english
                else hall.nothing_found(self._catalog)
            )

    def _tell(self, item: str, aspects: Iterable[Aspect], *, says_more: bool = True) -> None:
        """Answer for a service or bundle; ask for the situation first where it matters.

        Args:
            item: The service or bundle.
            aspects: What is asked of it.
            says_more: Whether the message may say something of the situation.
        """
        aspects = tuple(aspects)
        found = self._catalog.services.get(item)
        if found is None:
            self._tell_bundle(self._catalog.bundles[item], aspects)
            return
        if says_more:
            self._situation.note_what_is_said(found)
        question = None
        if not (self._evidence.english or self._in_form or self._asks_faq(found, aspects)):
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
                "labels": [*(option.label for option in question.options), guide.SHOW_ALL],
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
            found, self._catalog, self._spoken.days, known, self._topics.place, decided=decided
        )
        entry = self._asks_faq(found, aspects)
        if entry:
            self.outcome = Outcome.ANSWERED_BY_FAQ
            self._say(guide.faq(found, entry))
        elif self._evidence.english:
            self._say(english.answer(one, aspects))
        elif self._memory.plain:
            self._say(plain.answer(one, aspects))
        else:
            self._say(service.answer(one, aspects), card=ways.card(found, aspects))
        self._tell_unannounced(aspects)
        if found.booking and _WANTS_TO_BOOK.search(self._evidence.text) and not self._in_form:
            self._say(guide.booking_hint(found))
        asked = Aspect.AT_HOME in aspects
        if self._situation.for_an_old_person and not (self._in_form or asked):
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

    def _asks_faq(self, found: Service, aspects: Sequence[Aspect]) -> Faq | None:
        """One of the service's frequent questions; almost word for word when it asks an aspect.

        What answers a question of ours asks none.
        """
        if self._answers_us:
            return None
        least = ALMOST_THE_WORDS if aspects else SAME
        content = self._catalog.index.content
        return fitting(found.faq, self._evidence.text, content, least)

    def _tell_bundle(self, found: Bundle, aspects: tuple[Aspect, ...]) -> None:
        self.about, self.outcome = found.id, Outcome.ANSWERED_FOR_BUNDLE
        all_of_it = _WHAT_TO_DO.search(self._evidence.text)
        asks_how = set(aspects) <= ({Aspect.PROCESS, Aspect.MATERIALS} if all_of_it else _HOW)
        if self._memory.plain and set(aspects) <= {Aspect.PROCESS, Aspect.MATERIALS}:
            self._say(plain.bundle(found, self._catalog))
        elif asks_how:
            self._say(bundle.offer(found, self._catalog))
        else:
            self._say(bundle.answer(found, aspects, self._catalog))
        self._remember(found.id, () if asks_how else aspects)
        parts = [part.service for part in found.parts if self._meant.offered_today(part.service)]
        self._memory.set("offered", {"options": parts, "aspects": [], "bundle": found.id})

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
        aspects = self._evidence.aspects or self._meant.asked_before()
        offer = {
            "options": list(options),
            "labels": names,
            "aspects": [aspect.value for aspect in aspects],
        }
        self._memory.set("offered", offer)

    def _name(self, item: str) -> str:
        bundles = self._catalog.bundles
        return str(bundles[item].name if item in bundles else self._catalog.service(item).name)

    def _say(
        self, text: str, choices: Sequence[str] = (), card: dict[str, str] | None = None
    ) -> None:
        if choices:
            self._dispatcher.utter_message(text=text, buttons=buttons(choices))
        elif card:  # a channel that can show cards makes one of it
            self._dispatcher.utter_message(text=text, json_message={"card": card})
        else:
            self._dispatcher.utter_message(text=text)
