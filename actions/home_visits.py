"""Applying for a home visit 上门服务, by a form: for what, for whom, when and where.

The questions are in home_visit_questions.py.
"""

from __future__ import annotations

import re
from datetime import date
from typing import Any

from rasa_sdk import Action, Tracker
from rasa_sdk.executor import CollectingDispatcher

from actions.asking_words import without_asking
from actions.aspects import Aspect
from actions.forms import Reader, ValidateForm
from actions.home_visit_questions import rule_of
from actions.memory import Events
from actions.outcome import Outcome, note
from actions.questions import request_key
from actions.reply import booking as say_booking
from actions.reply import visits as say
from actions.resources import booking_client
from actions.resources import catalog as current_catalog
from actions.said_names import MOBILE, corrected_name, said_name
from actions.situation import OLD_PERSON
from actions.slots import DIGRESSIONS, ERRANDS, forget
from booking.errors import BackendUnavailable, Refused
from booking.values import Appointment, Half
from service_catalog.catalog import Catalog
from service_catalog.model import HomeVisitRule, Service

_FIGURES = r"(\d{1,3})|([一二三四五六七八九]?十[一二三四五六七八九]?|[一二三四五六七八九])"
_AGE = re.compile(rf"(?:{_FIGURES})\s*(?:周?岁|岁数)|^\D{{0,4}}?(?:{_FIGURES})[了吧。.\s]*$")
"""68岁, 今年六十八, 68; no number of a house."""
_OLDEST = 130
_DIGITS = "零一二三四五六七八九"
_NO_ADDRESS = (DIGRESSIONS | ERRANDS) - {"ask"}
"""Intents whose words are no address; an address may read like a question about a place."""
_MOST_DAYS = 6
_NOON = 12
_NO_AGE = -1
"""A rule without a least age asks for none."""


class _Visit(Reader):
    own = frozenset({"request_home_visit", "book"})

    async def read(self) -> None:
        step = {
            None: self._begin,
            "visit_service": self._read_service,
            "visit_rule": self._read_rule,
            "visit_age": self._read_age,
            "visit_day": self._read_day,
            "visit_address": self._read_address,
            "visit_name": self._read_name,
            "visit_phone": self._read_phone,
            "visit_confirmed": self._read_confirmation,
        }[self.wanted]
        await step()

    async def _begin(self) -> None:
        named = self.evidence.service or (self.get("service") if not self.evidence.asks else None)
        if named in self.catalog.services:
            await self._settle_service(self.catalog.service(str(named)))
        elif self.evidence.candidates and self._names_something():
            self._offer_services()

    def _names_something(self) -> bool:
        """Whether anything is named besides the visit itself."""
        asking = (Aspect.AT_HOME, Aspect.APPOINTMENT, *self.evidence.aspects)
        rest = without_asking(self.evidence.text.replace("服务", ""), asking)
        return len(self.catalog.index.content(rest)) > 1

    def _offer_services(self) -> None:
        known = [c.id for c in self.evidence.candidates if c.id in self.catalog.services]
        offered = [one for one in known if _rules(self.catalog, one)] or known
        self.offer("visit_service", offered, [self.catalog.service(one).name for one in offered])
        self.set("visit_service", None)

    async def _read_service(self) -> None:
        offer = self.get("form_offered") or {}
        offered = offer["options"] if offer.get("for") == "visit_service" else ()
        named = self.picked() or (self.evidence.service if not offered else None)
        if named is None and offered:
            named = self.catalog.index.pick(self.evidence.text, offered)
        if named in self.catalog.services:
            await self._settle_service(self.catalog.service(str(named)))
        elif self.evidence.candidates and not offered and self._names_something():
            self._offer_services()
        else:
            self.again(say.unclear_choice() if offered else say_booking.unknown_service())

    async def _settle_service(self, service: Service) -> None:
        rules = _rules(self.catalog, service.id)
        if not rules:
            self.say(say.not_at_home(service, self.catalog))
            note(Outcome.REFUSED, code="HOME_VISIT_NOT_OFFERED", service=service.id)
            self.end()
            return
        self.set("visit_service", service.id)
        self.set("service", service.id)
        for_old = [rule for rule in rules if rule.min_age]
        if OLD_PERSON.search(self.evidence.text) and for_old:
            rules = for_old[:1]
        if len(rules) == 1:
            await self._settle_rule(rules[0], _age(self.evidence.text))
        else:
            self.offer("visit_rule", [rule.id for rule in rules], [say.rule(one) for one in rules])
            self.set("visit_rule", None)

    async def _read_rule(self) -> None:
        by_number = self.picked()
        picked = by_number or self._rule_named()
        rule = next((one for one in self.catalog.home_visits if one.id == picked), None)
        if rule is None:
            self.again(say.unclear_choice())
        else:
            await self._settle_rule(rule, None if by_number else _age(self.evidence.text))

    def _rule_named(self) -> str | None:
        options = (self.get("form_offered") or {}).get("options") or ()
        text = self.evidence.text
        with_age = [r.id for r in self.catalog.home_visits if r.id in options and r.min_age]
        if len(with_age) == 1 and (_age(text) is not None or "老人" in text):
            return with_age[0]
        named = [
            rule.id
            for rule in self.catalog.home_visits
            if rule.id in options and any(word in rule.name + rule.who for word in _pairs(text))
        ]
        return named[0] if len(named) == 1 else None

    async def _settle_rule(self, rule: HomeVisitRule, age: int | None) -> None:
        self.set("visit_rule", rule.id)
        self.set("form_offered", None)
        if rule.min_age is None:
            self.set("visit_age", _NO_AGE)
            await self._offer_days(rule.id)
        elif age is not None:
            await self._settle_age(rule, age)

    async def _read_age(self) -> None:
        age = _age(self.evidence.text)
        rule = rule_of(self.catalog, self.get("visit_rule"))
        if age is None:
            self.again(say.bad_age())
        else:
            await self._settle_age(rule, age)

    async def _settle_age(self, rule: HomeVisitRule, age: int) -> None:
        if rule.min_age is not None and age < rule.min_age:
            self.say(say.too_young(rule, self.catalog))
            note(Outcome.REFUSED, code="TOO_YOUNG", service=self.get("visit_service"))
            self.end()
            return
        self.set("visit_age", age)
        await self._offer_days(rule.id)

    async def _offer_days(self, rule: str) -> None:
        days = await booking_client().home_visit_days(rule)
        free = [
            ({"day": one.day.isoformat(), "half": half.value}, say.half_day(one.day, half))
            for one in days
            for half in one.halves
        ][:_MOST_DAYS]
        if not free:
            self.say(say.no_days(rule_of(self.catalog, rule)))
            self.end()
            return
        self.offer("visit_day", [value for value, _ in free], [label for _, label in free])
        self.set("visit_day", None)

    async def _read_day(self) -> None:
        picked = self.picked() or self._day_said()
        if picked is None:
            self.again(say.bad_day())
            return
        self.set("visit_day", picked)
        self.set("form_offered", None)

    def _day_said(self) -> dict[str, str] | None:
        span = self.evidence.when
        if span is None or span.start.date() != span.end.date():
            return None
        whole = span.start.hour < _NOON <= span.end.hour
        half = Half.MORNING if span.start.hour < _NOON else Half.AFTERNOON
        if whole:
            options = (self.get("form_offered") or {}).get("options") or ()
            day = span.start.date().isoformat()
            return next((one for one in options if one["day"] == day), None) or {
                "day": day,
                "half": half.value,
            }
        return {"day": span.start.date().isoformat(), "half": half.value}

    async def _read_address(self) -> None:
        text = self.evidence.written.strip()
        if self.evidence.intent in _NO_ADDRESS or text.startswith("为什么"):
            return
        if len(text) < 5 or self.evidence.aspects:
            self.again(say.bad_address())
        else:
            self.set("visit_address", text[:100])

    async def _read_name(self) -> None:
        name = said_name(self.evidence)
        if name is None:
            self.again(say_booking.bad_name())
            return
        self.set("visit_name", name)
        self._note_mobile()

    def _note_mobile(self) -> bool:
        mobile = MOBILE.search(self.evidence.text)
        if mobile:
            self.set("visit_phone", "".join(mobile.groups()))
        return bool(mobile)

    async def _read_phone(self) -> None:
        if self._note_mobile():
            return
        other = corrected_name(self.evidence)
        if other:  # a correction of what was said before
            self.set("visit_name", other)
        else:
            self.again(say_booking.bad_phone())

    async def _read_confirmation(self) -> None:
        sure = self.yes_or_no()
        other = corrected_name(self.evidence)
        day = self._day_said()
        if self._note_mobile() or other or day:
            for slot, value in (("visit_name", other), ("visit_day", day)):
                if value:
                    self.set(slot, value)
            self.set("visit_confirmed", None)
        elif sure is None:
            self.again(say.yes_or_no())
        else:
            self.set("visit_confirmed", sure)


def _rules(catalog: Catalog, service: str) -> list[HomeVisitRule]:
    return [rule for rule in catalog.home_visits if service in rule.services]


def _pairs(text: str) -> list[str]:
    return [text[place : place + 2] for place in range(len(text) - 1)]


def _age(text: str) -> int | None:
    """Years, in Arabic or Chinese figures."""
    found = _AGE.search(text)
    if found is None:
        return None
    arabic, chinese = found[1] or found[3], found[2] or found[4]
    if arabic:
        return int(arabic) if int(arabic) <= _OLDEST else None
    tens, ten, ones = chinese.rpartition("十")
    return (_DIGITS.index(tens or "一") * 10 if ten else 0) + (_DIGITS.index(ones) if ones else 0)


class ValidateVisitForm(ValidateForm):
    """Reads what is wanted of a home visit."""

    form = "visit_form"

    def reader(
        self, catalog: Catalog, tracker: Tracker, dispatcher: CollectingDispatcher
    ) -> Reader:
        """The form's reader of this message."""
        return _Visit(catalog, tracker, dispatcher)


class ActionVisit(Action):
    """Applies for the visit, when that was confirmed."""

    def name(self) -> str:
        """The action's name in the domain."""
        return "action_visit"

    async def run(
        self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]
    ) -> Events:
        """Apply, or say why not."""
        slots = tracker.slots
        sure = slots.get("visit_confirmed")
        if sure is None:
            return forget("visit_form")
        if not sure:
            dispatcher.utter_message(text=say.not_applied())
            note(Outcome.ABANDONED)
            return forget("visit_form")
        catalog = await current_catalog()
        try:
            visit = await _apply(tracker)
        except BackendUnavailable:
            dispatcher.utter_message(text=say_booking.maybe_done(catalog))
            note(Outcome.BACKEND_DOWN, service=slots["visit_service"])
        except Refused as refused:
            dispatcher.utter_message(text=refused.sentence)
            note(Outcome.REFUSED, code=refused.code.value, service=slots["visit_service"])
        else:
            rule = rule_of(catalog, slots["visit_rule"])
            dispatcher.utter_message(text=say.applied(visit, rule))
            note(Outcome.BOOKED, service=visit.service)
        return forget("visit_form")


async def _apply(tracker: Tracker) -> Appointment:
    """Apply; ask once more under the same key when no answer came."""
    slots, key = tracker.slots, request_key(tracker, "visit")
    age = slots["visit_age"]
    wish: dict[str, Any] = {
        "citizen": tracker.sender_id,
        "rule": slots["visit_rule"],
        "service": slots["visit_service"],
        "day": date.fromisoformat(slots["visit_day"]["day"]),
        "half": Half(slots["visit_day"]["half"]),
        "age": None if age == _NO_AGE else age,
        "address": slots["visit_address"],
        "name": slots["visit_name"],
        "phone": slots["visit_phone"],
        "idempotency_key": key,
    }
    try:
        return await booking_client().book_home_visit(**wish)
    except BackendUnavailable:
        return await booking_client().book_home_visit(**wish)
