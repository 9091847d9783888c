"""Moving an appointment to another time, by a form."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from rasa_sdk import Action, Tracker
from rasa_sdk.executor import CollectingDispatcher

from actions.evidence import Span
from actions.forms import CONFIRM, Ask, Reader, ValidateForm
from actions.free_slots import Finder, offer_of
from actions.memory import Events
from actions.outcome import Outcome, note
from actions.questions import request_key
from actions.reply import booking as say
from actions.resources import booking_client
from actions.resources import catalog as current_catalog
from actions.slots import forget
from booking.errors import BackendUnavailable, Refused
from booking.values import Appointment, Kind
from service_catalog.catalog import Catalog
from service_catalog.clock import now


class _Move(Reader):
    own = frozenset({"move_appointment", "book"})

    async def read(self) -> None:
        if self.wanted is None:
            await self._begin()
        elif self.wanted == "move_code":
            self._read_code()
        elif self.evidence.when and self.get("move_code") and not self.digresses:
            await self._read_time(self._on_the_day(self.evidence.when))
        elif self.wanted == "move_time":
            picked = self.picked()
            if picked:
                self.set("move_time", picked)
            else:
                self.again(say.unclear_time())
        else:
            self._read_confirmation()
        if self.get("move_code") and not self.get("move_time") and not self.get("form_offered"):
            await self._first_offers()

    async def _begin(self) -> None:
        everything = await booking_client().appointments(self.citizen)
        mine = [one for one in everything if one.kind is Kind.HALL]
        if self.evidence.when:
            self.set("booking_wish", self.evidence.when.as_json())
        if not mine:
            self.say(say.home_visits_stay() if everything else say.nothing_to_move())
            self.end()
            return
        named = [one for one in mine if one.service == self.evidence.service]
        named = named or [one for one in mine if one.affected]  # which the hall can't keep
        meant = named if len(named) == 1 else mine
        if len(meant) == 1:
            await self._settle(_what(meant[0]))
        else:
            self.offer("move_code", [_what(one) for one in mine], [say.option(one) for one in mine])
            self.set("move_code", None)

    def _read_code(self) -> None:
        picked = self.picked()
        if picked is None:
            self.again(say.which_to_move())
            return
        self.set("move_code", picked)
        self.set("form_offered", None)

    async def _settle(self, what: dict[str, str]) -> None:
        self.set("move_code", what)
        self.set("form_offered", None)
        wish = self.get("booking_wish")
        if wish:
            await self._read_time(Span.from_json(wish))

    async def _first_offers(self) -> None:
        what = self.get("move_code")
        nearest = await booking_client().nearest(what["service"], now(), what["place"], 4)
        free = [one for one in nearest if one.start.isoformat() != what["start"]][:3]
        if free:
            self.set("form_offered", {**offer_of(free), "for": "move_time"})

    def _on_the_day(self, span: Span) -> Span:
        """A bare 上午十点 means the day that is spoken of already, not today."""
        offer = self.get("form_offered") or {}
        options = offer.get("options") or () if offer.get("for") == "move_time" else ()
        days = {datetime.fromisoformat(one).date() for one in options}
        return span if span.day_said or len(days) != 1 else span.on(days.pop())

    async def _read_time(self, span: Span) -> None:
        what = self.get("move_code")
        free, reason = await Finder(what["service"], what["place"]).look(span)
        self.set("booking_wish", None)
        if len(free) == 1 and not reason:
            self.set("move_time", free[0].start.isoformat())
            self.set("form_offered", None)
            return
        offer = {**offer_of(free), "for": "move_time"}
        self.set(
            "form_offered", {**offer, "said": say.explained(reason, bool(free)) if reason else ""}
        )
        self.set("move_time", None)

    def _read_confirmation(self) -> None:
        sure = self.yes_or_no()
        if sure is None:
            self.again(say.yes_or_no())
        else:
            self.set("move_confirmed", sure)


def _what(appointment: Appointment) -> dict[str, str]:
    return {
        "code": appointment.code,
        "service": appointment.service,
        "place": appointment.place,
        "start": appointment.start.isoformat(),
        "label": say.option(appointment),
    }


class ValidateMoveForm(ValidateForm):
    """Reads which appointment is to be moved, and when to."""

    form = "move_form"

    def reader(
        self, catalog: Catalog, tracker: Tracker, dispatcher: CollectingDispatcher
    ) -> Reader:
        """The form's reader of this message."""
        return _Move(catalog, tracker, dispatcher)


class AskMoveCode(Ask):
    """Which of several appointments."""

    slot = "move_code"

    def question(self, catalog: Catalog, slots: dict[str, Any]) -> str:
        """The question in words."""
        return say.which_to_move()


class AskMoveTime(Ask):
    """When to."""

    slot = "move_time"

    def question(self, catalog: Catalog, slots: dict[str, Any]) -> str:
        """The question, after why the wished time can't be had."""
        offer = slots.get("form_offered") or {}
        if offer.get("said"):
            return str(offer["said"])
        return say.move_when(slots["move_code"]["label"], bool(offer.get("options")))


class AskMoveConfirmed(Ask):
    """Whether really."""

    slot = "move_confirmed"
    choices = CONFIRM

    def question(self, catalog: Catalog, slots: dict[str, Any]) -> str:
        """The question in words."""
        start = datetime.fromisoformat(slots["move_time"])
        return say.confirm_move(slots["move_code"]["label"], start)


class ActionMove(Action):
    """Moves the appointment, when that was confirmed."""

    def name(self) -> str:
        """The action's name in the domain."""
        return "action_move"

    async def run(
        self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]
    ) -> Events:
        """Move, or say why not and offer other times."""
        what, sure = tracker.slots.get("move_code"), tracker.slots.get("move_confirmed")
        if not what or sure is None:
            return forget("move_form")
        if not sure:
            dispatcher.utter_message(text=say.kept())
            note(Outcome.ABANDONED)
            return forget("move_form")
        catalog = await current_catalog()
        try:
            moved = await _move(tracker, what)
        except BackendUnavailable:
            dispatcher.utter_message(text=say.maybe_done(catalog))
            note(Outcome.BACKEND_DOWN, service=what["service"])
        except Refused as refused:
            note(Outcome.REFUSED, code=refused.code.value)
            offers = [say.slot(one) for one in refused.nearest]
            dispatcher.utter_message(text=refused.sentence)
            if offers:
                dispatcher.utter_message(text=say.say_move_again(offers))
        else:
            dispatcher.utter_message(text=say.moved(moved, catalog))
            note(Outcome.MOVED, service=moved.service)
        return forget("move_form")


async def _move(tracker: Tracker, what: dict[str, str]) -> Appointment:
    """Move; ask once more under the same key when no answer came."""
    start = datetime.fromisoformat(tracker.slots["move_time"])
    key = request_key(tracker, "move")
    client = booking_client()
    try:
        return await client.move(tracker.sender_id, what["code"], start, idempotency_key=key)
    except BackendUnavailable:
        return await client.move(tracker.sender_id, what["code"], start, idempotency_key=key)
