"""Booking in the chat: a form that understands what was said, asks what is missing, then books.

The form `booking_form` (domain.yml) holds what is known; `ValidateBookingForm` reads each message,
the `action_ask_…` actions ask for the next thing, `ActionBook` books at the end. All rules about
days, limits and free places are the backend's; here they are only asked for and passed on.
"""

from __future__ import annotations

import re
import uuid
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from rasa_sdk import Action, Tracker
from rasa_sdk.events import FollowupAction, SlotSet
from rasa_sdk.executor import CollectingDispatcher

from actions.evidence import Evidence, Span, chosen, read
from actions.outcome import Outcome, note
from actions.reply import booking as say
from actions.resources import booking_client
from actions.resources import catalog as current_catalog
from booking.errors import BackendUnavailable, RefusalCode, Refused
from booking.values import Appointment, Day, Slot
from service_catalog.catalog import Catalog
from service_catalog.clock import now
from service_catalog.model import Service

Events = list[dict[str, Any]]

FORM_SLOTS = (
    "booking_service",
    "booking_place",
    "booking_time",
    "booking_name",
    "booking_phone",
    "booking_confirmed",
)
DIGRESSIONS = frozenset({"ask", "help", "greet", "human", "thanks", "list_appointments"})
"""Intents that step aside from the form; data/rules/interruptions.yml answers them."""
ANOTHER_TIME = frozenset(
    {
        RefusalCode.SLOT_FULL,
        RefusalCode.CLOSED_DAY,
        RefusalCode.OUTSIDE_HOURS,
        RefusalCode.PAST,
        RefusalCode.TOO_SOON,
        RefusalCode.TOO_FAR,
        RefusalCode.UNANNOUNCED,
        RefusalCode.DAY_LIMIT,
        RefusalCode.WEEK_LIMIT,
    }
)
"""Refusals after which another time may do."""
NO_NAMES = frozenset({"affirm", "deny", "choose", "greet", "thanks", "goodbye", "help", "human"})
"""Intents whose words are no names when the classifier is quite sure (好的, 没有)."""
_QUITE_SURE = 0.6
OFFERS = 6
_HOUR_NAMED = timedelta(minutes=90)
_LONGEST_LOOK = timedelta(days=14)
_MOBILE = re.compile(r"(?<!\d)(?:\+?86)?[ -]?(1[3-9]\d)[ -]?(\d{4})[ -]?(\d{4})(?!\d)")
_NAME_PREFIX = re.compile(r"^(我叫|我是|我的名字是|名字是|名字叫|姓名是|姓名|叫我|叫)[::\s]*")
_NAME = re.compile(
    r"^(?:[\u4e00-\u9fff]{2,15}|[\u4e00-\u9fff]{1,14}(?:·[\u4e00-\u9fff]{1,14})+|[A-Za-z][A-Za-z .·'-]{1,29})$"
)
_ANY_TIME = re.compile(r"都行|随便|都可以|最早|最近|越快越好|尽快")


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
            return await reader.read()
        except BackendUnavailable:
            dispatcher.utter_message(text=say.backend_down(reader.catalog))
            note(Outcome.BACKEND_DOWN)
            return [SlotSet("requested_slot", None)]
        except Refused as refused:
            dispatcher.utter_message(text=refused.sentence)
            note(Outcome.REFUSED, code=refused.code.value)
            return [SlotSet("requested_slot", None)]


class _Reader:
    """One message, read for the slot that the form asked for last."""

    def __init__(self, catalog: Catalog, tracker: Tracker, say_to: CollectingDispatcher) -> None:
        self.catalog = catalog
        self._slots: dict[str, Any] = dict(tracker.slots)
        self._evidence: Evidence = read(tracker.latest_message)
        self._dispatcher = say_to
        self._wanted: str | None = tracker.slots.get("requested_slot")
        self._offer: dict[str, Any] = tracker.slots.get("form_offered") or {}
        self._events: Events = []

    async def read(self) -> Events:
        """The events that this message leads to."""
        evidence = self._evidence
        if evidence.intent == "stop" or (self._wanted is None and self._slots["booking_service"]):
            return []
        if self._wanted is None or self._wanted == "booking_service":
            await self._read_service()
        elif evidence.when and self._slots["booking_place"] and self._means_time():
            await self._read_time(evidence.when)  # also a change of mind about the time
        elif self._wanted == "booking_place":
            await self._read_place()
        elif self._wanted == "booking_time":
            await self._read_choice_of_time()
        elif self._wanted == "booking_name":
            self._read_name()
        elif self._wanted == "booking_phone":
            self._read_phone()
        else:
            self._read_confirmation()
        return self._events

    def _means_time(self) -> bool:
        """Whether a message with a time in it is about the appointment's time."""
        if self._evidence.intent in DIGRESSIONS or self._evidence.aspects:
            return False
        only_time = not self._evidence.rest.strip()
        return self._wanted != "booking_name" or only_time or len(self._evidence.text) > 4

    def _set(self, slot: str, value: object) -> None:
        self._slots[slot] = value
        self._events.append(SlotSet(slot, value))

    def _again(self, text: str) -> None:
        """Say what was wrong and let the form ask once more, or step aside for a question."""
        if self._evidence.intent in DIGRESSIONS or self._evidence.aspects:
            return
        self._dispatcher.utter_message(text=text)
        if self._wanted:
            self._set(self._wanted, None)

    def _offered(self) -> Sequence[str]:
        return self._offer.get("options") or () if self._offer.get("for") == self._wanted else ()

    def _pick(self) -> str | None:
        options = self._offered()
        row = chosen(self._evidence.text, len(options))
        return options[row] if row is not None else None

    async def _read_service(self) -> None:
        found = self._service_named()
        if found is None:
            if self._wanted and not self._events:
                self._again(say.unknown_service())
            return
        if found.booking is None:
            self._dispatcher.utter_message(text=say.not_bookable(found))
            note(Outcome.REFUSED, code=RefusalCode.NOT_BOOKABLE.value, service=found.id)
            self._events.append(SlotSet("requested_slot", None))
            return
        self._set("booking_service", found.id)
        self._set("service", found.id)
        self._set("form_offered", None)
        self._note_mobile()
        if self._evidence.when:
            wish = {end: getattr(self._evidence.when, end).isoformat() for end in ("start", "end")}
            self._set("booking_wish", wish)
        named = self._places_named(found)
        if len(found.booking.places) == 1 or len(named) == 1:
            await self._settle_place((named or found.booking.places)[0])

    def _service_named(self) -> Service | None:
        evidence, today = self._evidence, now().date()
        in_force = {service.id for service in self.catalog.in_force(today)}
        candidates = [c.id for c in evidence.candidates if c.id in in_force]
        picked = self._pick() or (candidates[0] if candidates and evidence.sure else None)
        if picked is None and self._offered():
            picked = self.catalog.index.pick(evidence.text, self._offered())
        if picked is None and self._wanted is None and self._slots["service"] in in_force:
            context: str = self._slots["service"]
            picked = context if not candidates or context in candidates else None
        if picked:
            return self.catalog.service(picked)
        if candidates and not (self._wanted and evidence.aspects):
            names = [self.catalog.service(candidate).name for candidate in candidates]
            offer = {"for": "booking_service", "options": candidates, "labels": names}
            self._set("form_offered", offer)
            self._set("booking_service", None)
        return None

    async def _read_place(self) -> None:
        service = self.catalog.service(self._slots["booking_service"])
        places = service.booking.places if service.booking else ()
        row = chosen(self._evidence.text, len(places))
        named = [places[row]] if row is not None else self._places_named(service)
        if len(named) == 1:
            await self._settle_place(named[0])
        else:
            self._again(say.unknown_place())

    def _places_named(self, service: Service) -> list[str]:
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
            await self._read_time(
                Span(datetime.fromisoformat(wish["start"]), datetime.fromisoformat(wish["end"]))
            )
            return
        service = self._slots["booking_service"]
        free = await booking_client().nearest(service, now(), place, OFFERS // 2)
        self._set("form_offered", offer_of(free))

    async def _read_choice_of_time(self) -> None:
        picked = self._pick()
        if picked is None and self._offered() and _ANY_TIME.search(self._evidence.text):
            picked = self._offered()[0]
        if picked:
            self._set("booking_time", picked)
            self._set("form_offered", None)
        else:
            self._again(say.unclear_time())

    async def _read_time(self, span: Span) -> None:
        finder = _Finder(self._slots["booking_service"], self._slots["booking_place"])
        free, reason = await finder.look(span)
        exact = next((one for one in free if one.start <= span.start < one.end), None)
        named_hour = span.end - span.start <= _HOUR_NAMED
        if not reason and ((named_hour and exact) or len(free) == 1):
            self._set("booking_time", (exact or free[0]).start.isoformat())
            self._set("form_offered", None)
            return
        offer = offer_of(free, shown=True)
        self._dispatcher.utter_message(
            text=say.explained(reason, bool(free)) if reason else say.choose_time(),
            buttons=_buttons(offer["labels"]),
        )
        self._set("form_offered", offer)
        self._set("booking_time", None)

    def _note_mobile(self) -> bool:
        mobile = _MOBILE.search(self._evidence.text)
        if mobile:
            self._set("booking_phone", "".join(mobile.groups()))
        return bool(mobile)

    def _read_name(self) -> None:
        name = self._name_said()
        if name is None:
            self._again(say.bad_name())
            return
        self._set("booking_name", name)
        self._note_mobile()

    def _name_said(self) -> str | None:
        evidence = self._evidence
        text = _MOBILE.sub("", evidence.text).strip(" ,,。;;、")
        text = _NAME_PREFIX.sub("", text).strip()
        courtesy = evidence.intent in NO_NAMES and evidence.confidence >= _QUITE_SURE
        if not _NAME.match(text) or evidence.aspects or evidence.sure or courtesy:
            return None
        return text

    def _read_phone(self) -> None:
        if not self._note_mobile():
            self._again(say.bad_phone())

    def _read_confirmation(self) -> None:
        """A yes, a no, or a correction of the name or the number."""
        evidence = self._evidence
        row = chosen(evidence.text, 2)
        if self._note_mobile():
            self._set("booking_confirmed", None)
        elif _NAME_PREFIX.match(evidence.text) and (name := self._name_said()):
            self._set("booking_name", name)
            self._set("booking_confirmed", None)
        elif evidence.intent == "affirm" or row == 0 or "确认" in evidence.text:
            self._set("booking_confirmed", True)
        elif evidence.intent == "deny" or row == 1:
            self._set("booking_confirmed", False)
        else:
            self._again(say.yes_or_no())


class _Finder:
    """Looks for free slots of one service at one place."""

    def __init__(self, service: str, place: str) -> None:
        self._service, self._place = service, place

    async def look(self, span: Span) -> tuple[list[Slot], str]:
        """Free slots in `span`; or, when there are none, why, and the nearest ones.

        Raises:
            Refused: The backend does not know or book the service.
            BackendUnavailable: It gives no answer.
        """
        last = min(span.end, span.start + _LONGEST_LOOK).date()
        client = booking_client()
        days = await client.availability(self._service, span.start.date(), last, self._place)
        free = [
            slot
            for day in days
            for slot in day.slots
            if slot.free and slot.end > span.start and slot.start <= span.end
        ]
        if free:
            return _spread(free), ""
        reason = _reason(days)
        nearest = await client.nearest(self._service, span.start, self._place, OFFERS // 2)
        return list(nearest), reason


def _reason(days: Sequence[Day]) -> str:
    if days and not any(day.open for day in days):
        return days[0].reason or say.span_full()
    return say.span_full()


def _spread(free: list[Slot]) -> list[Slot]:
    """At most `OFFERS` of the slots, spread over the span."""
    if len(free) <= OFFERS:
        return free
    step = (len(free) - 1) / (OFFERS - 1)
    return [free[round(row * step)] for row in range(OFFERS)]


def offer_of(free: Sequence[Slot], *, shown: bool = False) -> dict[str, Any]:
    """Free slots as the choices on the table; `shown` when they were said already."""
    return {
        "for": "booking_time",
        "options": [one.start.isoformat() for one in free],
        "labels": [say.slot(one) for one in free],
        "shown": shown,
    }


class _Ask(Action):
    """Asks for one slot of the form."""

    slot = ""

    def name(self) -> str:
        """The action's name in the domain."""
        return f"action_ask_{self.slot}"

    async def run(
        self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]
    ) -> Events:
        """Ask."""
        return await self.ask(dispatcher, await current_catalog(), dict(tracker.slots))

    async def ask(
        self, dispatcher: CollectingDispatcher, catalog: Catalog, slots: dict[str, Any]
    ) -> Events:
        """Say the question; return the choices on the table as events."""
        raise NotImplementedError


def _buttons(titles: Sequence[str]) -> list[dict[str, str]]:
    return [{"title": title, "payload": title} for title in titles]


class AskService(_Ask):
    """Which service is to be booked."""

    slot = "booking_service"

    async def ask(
        self, dispatcher: CollectingDispatcher, catalog: Catalog, slots: dict[str, Any]
    ) -> Events:
        """Offer the services that may be meant, or ask openly."""
        offer = slots.get("form_offered") or {}
        if offer.get("for") == self.slot:
            dispatcher.utter_message(text=say.which_of_these(), buttons=_buttons(offer["labels"]))
        else:
            dispatcher.utter_message(text=say.which_service())
        return []


class AskPlace(_Ask):
    """Where."""

    slot = "booking_place"

    async def ask(
        self, dispatcher: CollectingDispatcher, catalog: Catalog, slots: dict[str, Any]
    ) -> Events:
        """Offer the places where the service can be booked."""
        service = catalog.service(slots["booking_service"])
        places = service.booking.places if service.booking else ()
        names = [catalog.place(place).name for place in places]
        dispatcher.utter_message(text=say.which_place(service), buttons=_buttons(names))
        return []


class AskTime(_Ask):
    """When."""

    slot = "booking_time"

    async def ask(
        self, dispatcher: CollectingDispatcher, catalog: Catalog, slots: dict[str, Any]
    ) -> Events:
        """Show the free slots that the reader found, unless it has just shown them itself."""
        offer = slots.get("form_offered") or {}
        if offer.get("for") != self.slot:
            offer = {"for": self.slot, "options": [], "labels": []}
        if offer.get("shown"):
            return [SlotSet("form_offered", {**offer, "shown": False})]
        service = catalog.service(slots["booking_service"])
        place = catalog.place(slots["booking_place"])
        labels = offer["labels"]
        dispatcher.utter_message(
            text=say.when(service, place, bool(labels)), buttons=_buttons(labels)
        )
        return []


class AskName(_Ask):
    """Who."""

    slot = "booking_name"

    async def ask(
        self, dispatcher: CollectingDispatcher, catalog: Catalog, slots: dict[str, Any]
    ) -> Events:
        """Ask for the name."""
        chosen_time = say.moment(datetime.fromisoformat(slots["booking_time"]))
        dispatcher.utter_message(text=f"好的,{chosen_time}。{say.ask_name()}")
        return []


class AskPhone(_Ask):
    """How to reach them."""

    slot = "booking_phone"

    async def ask(
        self, dispatcher: CollectingDispatcher, catalog: Catalog, slots: dict[str, Any]
    ) -> Events:
        """Ask for the mobile number."""
        dispatcher.utter_message(text=say.ask_phone())
        return []


class AskConfirmed(_Ask):
    """Everything once more."""

    slot = "booking_confirmed"

    async def ask(
        self, dispatcher: CollectingDispatcher, catalog: Catalog, slots: dict[str, Any]
    ) -> Events:
        """Show the whole booking and ask for a yes."""
        dispatcher.utter_message(
            text=say.confirm(
                catalog.service(slots["booking_service"]),
                catalog.place(slots["booking_place"]),
                datetime.fromisoformat(slots["booking_time"]),
                slots["booking_name"],
                slots["booking_phone"],
            ),
            buttons=_buttons(["确认", "取消"]),
        )
        return []


class ActionBook(Action):
    """Books what the form gathered, when it was confirmed."""

    def name(self) -> str:
        """The action's name in the domain."""
        return "action_book"

    async def run(
        self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]
    ) -> Events:
        """Book, or say why not and offer another time."""
        catalog, slots = await current_catalog(), tracker.slots
        if not slots.get("booking_confirmed"):
            if slots.get("booking_confirmed") is False:
                dispatcher.utter_message(text=say.not_booked())
                note(Outcome.ABANDONED)
            return leave()
        try:
            appointment = await _book(tracker)
        except BackendUnavailable:
            dispatcher.utter_message(text=say.maybe_done(catalog))
            note(Outcome.BACKEND_DOWN, service=slots["booking_service"])
            return leave()
        except Refused as refused:
            note(Outcome.REFUSED, code=refused.code.value, service=slots["booking_service"])
            return _refused(dispatcher, refused)
        dispatcher.utter_message(text=say.ticket(appointment, catalog))
        note(Outcome.BOOKED, service=appointment.service)
        return leave()


async def _book(tracker: Tracker) -> Appointment:
    """Book; ask once more under the same key when no answer came, so that nothing is done twice."""
    slots = tracker.slots
    message = tracker.latest_message.get("message_id") or tracker.sender_id
    wish = {
        "citizen": tracker.sender_id,
        "service": slots["booking_service"],
        "place": slots["booking_place"],
        "name": slots["booking_name"],
        "phone": slots["booking_phone"],
    }
    start = datetime.fromisoformat(slots["booking_time"])
    key = str(uuid.uuid5(uuid.NAMESPACE_OID, f"{tracker.sender_id}/{message}"))
    client = booking_client()
    try:
        return await client.book(**wish, start=start, idempotency_key=key)
    except BackendUnavailable:
        return await client.book(**wish, start=start, idempotency_key=key)


def _refused(dispatcher: CollectingDispatcher, refused: Refused) -> Events:
    """Say why; where another time may do, go back to that question with the nearest slots."""
    if refused.code not in ANOTHER_TIME:
        dispatcher.utter_message(text=refused.sentence)
        return leave()
    offer = offer_of(refused.nearest, shown=True)
    dispatcher.utter_message(
        text=say.explained(refused.sentence, bool(refused.nearest)),
        buttons=_buttons(offer["labels"]),
    )
    return [
        SlotSet("booking_time", None),
        SlotSet("booking_confirmed", None),
        SlotSet("form_offered", offer),
        FollowupAction("booking_form"),
    ]


def leave() -> Events:
    """Forget what the form gathered."""
    return [SlotSet(slot, None) for slot in (*FORM_SLOTS, "booking_wish", "form_offered")]
