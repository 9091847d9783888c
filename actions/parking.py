"""Registering a number plate for parking on the day of the visit, by a form."""

from __future__ import annotations

import re
from datetime import date, timedelta
from typing import Any

from rasa_sdk import Action, Tracker
from rasa_sdk.executor import CollectingDispatcher

from actions.forms import Ask, Reader, ValidateForm
from actions.memory import Events
from actions.outcome import Outcome, note
from actions.reply import booking as say_booking
from actions.reply import parking as say
from actions.resources import booking_client
from actions.resources import catalog as current_catalog
from actions.slots import forget
from booking.errors import BackendUnavailable, RefusalCode, Refused
from booking.values import Kind
from service_catalog.catalog import Catalog
from service_catalog.clock import now

_PLATE = re.compile(
    r"[京津沪渝冀豫云辽黑湘皖鲁新苏浙赣鄂桂甘晋蒙陕吉闽贵粤青藏川宁琼][\s·.-]*[A-Za-z][\s·.-]*[A-Za-z0-9学警港澳]{5,6}(?![A-Za-z0-9])"
)
"""A plate as it is typed; the backend checks it by GA 36."""
_LIKE_A_PLATE = re.compile(r"[\u4e00-\u9fff]\s*[A-Za-z][\s·.-]*[A-Za-z0-9]{3,}")
_DAYS = 3


class _Plate(Reader):
    own = frozenset({"register_plate", "book"})

    async def read(self) -> None:
        plate = _PLATE.search(self.evidence.text)
        if plate:
            self.set("plate_number", plate[0])
        elif self.wanted == "plate_number":
            self.again(say.bad_plate())
        elif self.wanted is None and _LIKE_A_PLATE.search(self.evidence.text):
            self.say(say.bad_plate())
        if self.evidence.when:
            self.set("plate_day", self.evidence.when.start.date().isoformat())
        elif self.wanted == "plate_day":
            picked = self.picked()
            if picked:
                self.set("plate_day", picked)
            elif not plate:
                self.again(say.bad_day())
        if not self.get("plate_day") and not self.get("form_offered"):
            await self._offer_days()

    async def _offer_days(self) -> None:
        """The days of the citizen's appointments; else the next days on which the hall is open."""
        mine = await booking_client().appointments(self.citizen)
        days = {one.start.date() for one in mine if one.kind is Kind.HALL}
        place, today = self.catalog.place(self.catalog.hall.place), now().date()
        step = 0
        while len(days) < _DAYS and step < _DAYS * _DAYS:
            day = today + timedelta(days=step)
            if self.catalog.calendar.open_day(place, day).periods:
                days.add(day)
            step += 1
        ordered = sorted(days)[:_DAYS]
        self.offer("plate_day", [one.isoformat() for one in ordered], [say.day(o) for o in ordered])


class ValidatePlateForm(ValidateForm):
    """Reads the plate and the day."""

    form = "plate_form"

    def reader(
        self, catalog: Catalog, tracker: Tracker, dispatcher: CollectingDispatcher
    ) -> Reader:
        """The form's reader of this message."""
        return _Plate(catalog, tracker, dispatcher)


class AskPlateNumber(Ask):
    """Which plate."""

    slot = "plate_number"

    def question(self, catalog: Catalog, slots: dict[str, Any]) -> str:
        """The question in words."""
        return say.ask_plate()


class AskPlateDay(Ask):
    """For which day."""

    slot = "plate_day"

    def question(self, catalog: Catalog, slots: dict[str, Any]) -> str:
        """The question in words."""
        return say.ask_day()


class ActionPlate(Action):
    """Registers the plate."""

    def name(self) -> str:
        """The action's name in the domain."""
        return "action_plate"

    async def run(
        self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]
    ) -> Events:
        """Register, or say why not."""
        plate, day = tracker.slots.get("plate_number"), tracker.slots.get("plate_day")
        if not plate or not day:
            return forget("plate_form")
        catalog = await current_catalog()
        try:
            kept = await booking_client().register_plate(
                tracker.sender_id, plate, date.fromisoformat(day)
            )
        except BackendUnavailable:
            dispatcher.utter_message(text=say_booking.maybe_done(catalog))
            note(Outcome.BACKEND_DOWN)
        except Refused as refused:
            hint = say.say_again() if refused.code is RefusalCode.BAD_PLATE else ""
            dispatcher.utter_message(text=f"{refused.sentence}{hint}")
            note(Outcome.REFUSED, code=refused.code.value)
        else:
            dispatcher.utter_message(text=say.registered(kept, catalog))
            note(Outcome.PLATE_REGISTERED)
        return forget("plate_form")
