"""The booking form's reading side: what one message says about the appointment wanted.

Rasa calls `ValidateBookingForm` for each message while `booking_form` (domain.yml) is active;
the questions are in booking_questions.py, the booking itself in booking.py.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from rasa_sdk import Action, Tracker
from rasa_sdk.events import SlotSet
from rasa_sdk.executor import CollectingDispatcher

from actions.aside import step_aside
from actions.aspects import Aspect
from actions.booking import ANOTHER_TIME, another_time
from actions.evidence import Evidence, Span, chosen, read
from actions.free_slots import OFFERS, Finder, offer_of
from actions.holding import hold
from actions.outcome import Outcome, note
from actions.questions import request_key
from actions.reply import booking as say
from actions.reply import buttons
from actions.reply import service as service_reply
from actions.resources import booking_client
from actions.resources import catalog as current_catalog
from actions.said_names import (
    ANY_TIME,
    MOBILE,
    NAME,
    SPEAKS_OF_NAME,
    corrected_name,
    said_name,
)
from actions.slots import DIGRESSIONS, ERRANDS
from booking.errors import BackendUnavailable, RefusalCode, Refused
from service_catalog.catalog import Catalog
from service_catalog.clock import now
from service_catalog.model import Bundle, Service

Events = list[dict[str, Any]]

LEAVING = frozenset({"stop", "cancel_appointment"})
"""Intents that leave a booking: 取消, and 取消预约 said in the middle of one."""
TIME = "booking_time"
_INTRODUCED = re.compile(
    r"(?:我叫|姓名是?|名字是?叫?)[:\uff1a\s]*([\u4e00-\u9fff·]{2,4})(?=$|[\s,;。、\uff0c\uff1b]|电话|手机|1[3-9])"
)
"""A name in the sentence that begins the booking."""
_ONLY_DIGITS = re.compile(r"^[\d\s-]+$")
_DIGITS = re.compile(r"\d{5,}")
_FOR_OTHER = re.compile(
    r"[帮替给代](?:我|俺|咱)?们?(?:家|的)*(?:老?[妈爸爹娘]|父亲|母亲|爷爷|奶奶|外公|外婆|姥|公公|婆婆|岳|老公|老婆|丈夫"
    r"|妻子|爱人|孩子|小孩|儿子|女儿|闺女|孙|[哥姐弟妹]|家人|家里|亲戚|朋友|同事|邻居|别人|[他她](?!们办公)|老人)"
)
"""帮我妈约: the appointment is for another person."""


class ValidateBookingForm(Action):
    """Reads one message on behalf of the form."""

    def name(self) -> str:
        """The action's name in the domain."""
        return "validate_booking_form"

    async def run(
        self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]
    ) -> Events:
        """Fill what the message says; an empty result hands the message to the rules."""
        reader = _Reader(await current_catalog(), tracker, dispatcher)
        try:
            events = await reader.read()
        except BackendUnavailable:
            dispatcher.utter_message(text=say.backend_down(reader.catalog))
            note(Outcome.BACKEND_DOWN)
            return reader.ended()
        except Refused as refused:
            dispatcher.utter_message(text=refused.sentence)
            note(Outcome.REFUSED, code=refused.code.value)
            return reader.ended()
        if reader.wanted and not events and not reader.leaves:
            return await step_aside(dispatcher, tracker, domain)
        return events


class _Reader:
    """One message, read for the slot that the form asked for last."""

    def __init__(self, catalog: Catalog, tracker: Tracker, say_to: CollectingDispatcher) -> None:
        self.catalog = catalog
        self._slots: dict[str, Any] = dict(tracker.slots)
        self._evidence: Evidence = read(tracker.latest_message)
        self._tracker = tracker
        self._dispatcher = say_to
        self.wanted: str | None = tracker.slots.get("requested_slot")
        self._offer: dict[str, Any] = tracker.slots.get("form_offered") or {}
        self._events: Events = []

    async def read(self) -> Events:
        """The events that this message leads to."""
        evidence = self._evidence
        if evidence.intent in LEAVING or (self.wanted is None and self._slots["booking_service"]):
            return []
        if self.wanted is None or self.wanted == "booking_service" or self._names_another():
            await self._read_service()
        elif evidence.when and self._slots["booking_place"] and self._means_time():
            await self._read_time(self._on_the_day(evidence.when))  # or a change of mind
        elif self.wanted == "booking_place":
            await self._read_place()
        elif self.wanted == "booking_time":
            await self._read_choice_of_time()
        elif self.wanted == "booking_name":
            self._read_name()
        elif self.wanted == "booking_phone":
            self._read_phone()
        else:
            self._read_confirmation()
        return self._events

    @property
    def leaves(self) -> bool:
        """Whether the message leaves the booking; the rules see to it."""
        return self._evidence.intent in LEAVING

    def ended(self) -> Events:
        """The form is over. Rasa takes a reading that says no more for none: a slot goes along."""
        last = [SlotSet(self.wanted, None)] if self.wanted else []
        return [*last, SlotSet("requested_slot", None)]

    def _names_another(self) -> bool:
        """Whether the citizen wants to book something else after all; forgets place and time."""
        evidence = self._evidence
        changed = (
            evidence.sure
            and evidence.service != self._slots["booking_service"]
            and evidence.intent in {"book", "deny"}
        )
        if changed:
            for slot in ("booking_place", "booking_time", "booking_confirmed", "booking_hold"):
                self._set(slot, None)
            self.wanted = "booking_service"
        return changed

    def _on_the_day(self, span: Span) -> Span:
        """A bare 上午十点 means the day that is spoken of already, not today."""
        if span.day_said:
            return span
        known = self._slots["booking_time"] or None
        options = self._offer.get("options") or () if self._offer.get("for") == TIME else ()
        days = {datetime.fromisoformat(one).date() for one in ([known] if known else options)}
        return span.on(days.pop()) if len(days) == 1 else span

    def _means_time(self) -> bool:
        """Whether a message with a time in it is about the appointment's time."""
        if self._evidence.intent in DIGRESSIONS or self._evidence.aspects:
            return False
        only_time = not self._evidence.rest.strip()
        return self.wanted != "booking_name" or only_time or len(self._evidence.text) > 4

    def _set(self, slot: str, value: object) -> None:
        self._slots[slot] = value
        self._events.append(SlotSet(slot, value))

    def _again(self, text: str) -> None:
        """Say what was wrong and let the form ask once more, or step aside for a question."""
        elsewhere = self._evidence.intent in (DIGRESSIONS | ERRANDS) - {"book"}
        if elsewhere or self._evidence.aspects:
            return
        self._dispatcher.utter_message(text=text)
        if self.wanted:
            self._set(self.wanted, None)

    def _offered(self) -> Sequence[str]:
        return self._offer.get("options") or () if self._offer.get("for") == self.wanted else ()

    def _pick(self) -> str | None:
        options = self._offered()
        labels = self._offer.get("labels") or ()
        if options and self._evidence.text in labels:
            return options[labels.index(self._evidence.text)]
        row = chosen(self._evidence.text, len(options))
        return options[row] if row is not None else None

    async def _read_service(self) -> None:
        found = self._service_named()
        if self._evidence.when and self._evidence.intent not in DIGRESSIONS:
            self._set("booking_wish", self._evidence.when.as_json())
        if found is None:
            if self.wanted and not self._events:
                self._again(say.unknown_service())
            return
        if found.booking is None:
            self._dispatcher.utter_message(text=say.not_bookable(found))
            note(Outcome.REFUSED, code=RefusalCode.NOT_BOOKABLE.value, service=found.id)
            self._events = self.ended()
            return
        self._answer_too(found)
        self._set("booking_service", found.id)
        if isinstance(found, Service):
            self._set("service", found.id)
        self._note_for_whom(found)
        self._set("form_offered", None)
        self._note_mobile()
        introduced = _INTRODUCED.search(self._evidence.text)
        if introduced and NAME.match(introduced[1]):
            self._set("booking_name", introduced[1])
        named = self._places_named(found)
        if len(found.booking.places) == 1 or len(named) == 1:
            await self._settle_place((named or found.booking.places)[0])

    def _note_for_whom(self, found: Service | Bundle) -> None:
        """帮我妈约, 我是孕妇: for whom it is, and in which priority group's right."""
        text = self._evidence.text
        self._set("booking_for", bool(_FOR_OTHER.search(text)) or None)
        reserved = found.booking is not None and found.booking.reserved
        groups = self.catalog.priority if reserved else ()
        group = next((one for one in groups if any(word in text for word in one.words)), None)
        self._set("booking_priority", group.id if group else None)

    def _answer_too(self, found: Service | Bundle) -> None:
        """预约办护照，要带什么: what is asked in the same breath is answered first."""
        asked = tuple(a for a in self._evidence.aspects if a is not Aspect.APPOINTMENT)
        if self.wanted is None and asked and isinstance(found, Service):
            one = service_reply.about(found, self.catalog, (now().date(),))
            self._dispatcher.utter_message(text=service_reply.answer(one, asked))

    def _service_named(self) -> Service | Bundle | None:
        evidence, today = self._evidence, now().date()
        in_force = {service.id for service in self.catalog.in_force(today)}
        in_force |= {b.id for b in self.catalog.bundles.values() if b.booking and b.in_force(today)}
        candidates = [c.id for c in evidence.candidates if c.id in in_force]
        bookable = [c for c in candidates if self.catalog.item(c).booking]
        if candidates and not evidence.sure:  # what can't be booked is no choice here
            if not bookable:
                return self.catalog.item(candidates[0])
            candidates = bookable
        if self.wanted is None and not candidates:  # "预约", right after we asked which is meant
            pending = (self._slots.get("offered") or {}).get("options") or ()
            candidates = [option for option in pending if option in in_force]
        meant = evidence.service if evidence.service in in_force else None
        if evidence.sure and meant is None:
            candidates = []  # a draft, or not in force: what comes after it was not meant
        picked = self._pick() or meant
        if picked is None and self._offered():
            picked = self.catalog.index.pick(evidence.text, self._offered())
        if picked is None and self.wanted is None and self._slots["service"] in in_force:
            context: str = self._slots["service"]
            picked = context if not candidates or context in candidates else None
        if picked:
            return self.catalog.item(picked)
        if candidates and not (self.wanted and evidence.aspects):
            names = [self.catalog.item(candidate).name for candidate in candidates]
            offer = {"for": "booking_service", "options": candidates, "labels": names}
            self._set("form_offered", offer)
            self._set("booking_service", None)
        return None

    async def _read_place(self) -> None:
        service = self.catalog.item(self._slots["booking_service"])
        places = service.booking.places if service.booking else ()
        row = chosen(self._evidence.text, len(places))
        named = [places[row]] if row is not None else self._places_named(service)
        if len(named) == 1:
            await self._settle_place(named[0])
        else:
            self._again(say.unknown_place())

    def _places_named(self, service: Service | Bundle) -> list[str]:
        """The service's places that the words name, in full or by two characters (青石, 湖滨)."""
        places = service.booking.places if service.booking else ()
        text = self._evidence.text
        names = {place: self.catalog.place(place).name for place in places}
        return [place for place, name in names.items() if name in text or name[:2] in text]

    async def _settle_place(self, place: str) -> None:
        """The place is known; now look for the wished time, or for the earliest slots."""
        self._set("booking_place", place)
        wish = self._slots.get("booking_wish")
        if wish:
            self._set("booking_wish", None)
            await self._read_time(Span.from_json(wish))
            return
        free = await booking_client().nearest(
            self._slots["booking_service"],
            now(),
            place,
            OFFERS // 2,
            self._slots.get("booking_priority"),
        )
        self._set("form_offered", offer_of(free))

    async def _read_choice_of_time(self) -> None:
        picked = self._pick()
        if picked is None and self._offered() and ANY_TIME.search(self._evidence.text):
            picked = self._offered()[0]
        if picked:
            await self._settle_time(picked)
        else:
            self._again(say.unclear_time())

    async def _settle_time(self, start: str) -> None:
        """The time is chosen: hold the place, or say why it can't be had."""
        key = request_key(self._tracker, f"hold/{start}")
        try:
            held = await hold(self._tracker.sender_id, self._slots, start, key)
        except Refused as refused:
            if refused.code not in ANOTHER_TIME:
                raise
            self._events += another_time(self._dispatcher, refused)
            return
        self._set("booking_hold", held.code if held else None)
        self._set("booking_time", start)
        self._set("form_offered", None)

    async def _read_time(self, span: Span) -> None:
        finder = Finder(
            self._slots["booking_service"],
            self._slots["booking_place"],
            self._slots.get("booking_priority"),
        )
        free, reason = await finder.look(span)
        if len(free) == 1 and not reason:
            await self._settle_time(free[0].start.isoformat())
            return
        offer = offer_of(free, shown=True)
        self._dispatcher.utter_message(
            text=say.explained(reason, bool(free)) if reason else say.choose_time(),
            buttons=buttons(offer["labels"]),
        )
        self._set("form_offered", offer)
        self._set("booking_time", None)

    def _note_mobile(self) -> bool:
        mobile = MOBILE.search(self._evidence.text)
        if mobile:
            self._set("booking_phone", "".join(mobile.groups()))
        return bool(mobile)

    def _read_name(self) -> None:
        name = said_name(self._evidence)
        if name is None and _ONLY_DIGITS.match(self._evidence.text):
            self._dispatcher.utter_message(text=say.bad_name())
            self._set("booking_name", None)
            return
        if name is None:
            self._again(say.bad_name())
            return
        self._set("booking_name", name)
        self._note_mobile()

    def _read_phone(self) -> None:
        if self._note_mobile():
            return
        name = SPEAKS_OF_NAME.search(self._evidence.text) and said_name(self._evidence)
        if name:  # a correction of what was said before
            self._set("booking_name", name)
        elif _DIGITS.search(self._evidence.text):  # a mistyped number, whatever else it looks like
            self._dispatcher.utter_message(text=say.bad_phone())
            self._set("booking_phone", None)
        else:
            self._again(say.bad_phone())

    def _read_confirmation(self) -> None:
        """A yes, a no, or a correction of the name or the number."""
        evidence = self._evidence
        row = 1 if evidence.text == "取消" else chosen(evidence.text, 2)
        if self._note_mobile():
            self._set("booking_confirmed", None)
        elif name := corrected_name(evidence):
            self._set("booking_name", name)
            self._set("booking_confirmed", None)
        elif evidence.intent == "affirm" or row == 0 or "确认" in evidence.text:
            self._set("booking_confirmed", True)
        elif evidence.intent == "deny" or row == 1:
            self._set("booking_confirmed", False)
        else:
            self._again(say.yes_or_no())
