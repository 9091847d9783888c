"""A person: handed over in working hours with the whole conversation, else a message is taken.

While a person is in the conversation, what the citizen writes goes to the desk; what staff answer
comes into the chat as a letter, past the assistant. The citizen, or the staff, ends it.
"""

from __future__ import annotations

import re
from typing import Any

from rasa_sdk import Action, Tracker
from rasa_sdk.executor import CollectingDispatcher

from actions.forms import Ask, Reader, ValidateForm
from actions.memory import Events
from actions.outcome import Outcome, note
from actions.questions import request_key
from actions.reply import desk as say
from actions.resources import desk_client
from actions.slots import forget
from actions.transcript import transcript
from desk.errors import DeskCode, DeskRefused, DeskUnavailable
from desk.values import MAX_TEXT, CaseKind
from service_catalog.catalog import Catalog
from service_catalog.clock import now

_ENDS = re.compile(r"结束人工|退出人工|不用人工|回到?机器人|转回机器人|结束对话")


class _Person(Reader):
    async def read(self) -> None:
        if self.wanted is None:
            await self._begin()
        elif self.get("person_number"):
            await self._pass_on()
        else:
            await self._take_message()

    async def _begin(self) -> None:
        if not _on_duty(self.catalog):
            self.say(say.nobody_there(self.catalog))
            self.set("person_message", None)
            return
        case = await desk_client().open_case(
            self.citizen,
            CaseKind.HANDOVER,
            self.evidence.written[:MAX_TEXT],
            transcript(self.tracker.events),
            self._about(),
            idempotency_key=request_key(self.tracker, "person"),
        )
        self.set("person_number", case.number)
        self.set("person_message", None)
        self.say(say.handed_over(case, self.catalog))
        note(Outcome.HANDED_OVER)

    def _about(self) -> str | None:
        about = self.get("service")
        return about if about in self.catalog.services else None

    async def _pass_on(self) -> None:
        text = self.evidence.written[:MAX_TEXT]
        if _ENDS.search(text):
            await _close(self.citizen, self.get("person_number"))
            self.say(say.person_left())
            self.end()
            return
        try:
            await desk_client().add_message(
                self.citizen,
                self.get("person_number"),
                text,
                idempotency_key=request_key(self.tracker, "person message"),
            )
        except DeskRefused as refused:
            if refused.code is not DeskCode.CASE_CLOSED:
                raise
            self.say(say.staff_ended())
            self.end()
            return
        self.set("person_message", None)
        self.say(say.passed_on())

    async def _take_message(self) -> None:
        case = await desk_client().open_case(
            self.citizen,
            CaseKind.MESSAGE,
            self.evidence.written[:MAX_TEXT],
            transcript(self.tracker.events),
            self._about(),
            idempotency_key=request_key(self.tracker, "message"),
        )
        self.say(say.left(case))
        note(Outcome.LEFT_FOR_STAFF, kind=case.kind.value)
        self.end()


def _on_duty(catalog: Catalog) -> bool:
    """Whether the desk's window is open at this moment."""
    moment, place = now(), catalog.place(catalog.hall.place)
    number = catalog.hall.desk.window if catalog.hall.desk else ""
    opening = catalog.calendar.open_day(place, moment.date(), place.window(number))
    return any(span.start <= moment.time() < span.end for span in opening.periods)


async def _close(citizen: str, number: str) -> None:
    """Close the hand-over; one that staff closed already stays so."""
    await desk_client().close(citizen, number)


class ValidatePersonForm(ValidateForm):
    """Passes each message on to the desk."""

    form = "person_form"

    def reader(
        self, catalog: Catalog, tracker: Tracker, dispatcher: CollectingDispatcher
    ) -> Reader:
        """The form's reader of this message."""
        return _Person(catalog, tracker, dispatcher)

    async def stopped(
        self, catalog: Catalog, tracker: Tracker, dispatcher: CollectingDispatcher
    ) -> Events:
        """退出: the person is not needed any more."""
        reader = self.reader(catalog, tracker, dispatcher)
        number = tracker.slots.get("person_number")
        if number:
            try:
                await _close(tracker.sender_id, number)
            except (DeskUnavailable, DeskRefused):
                note(Outcome.BACKEND_DOWN)
        reader.say(say.person_left())
        reader.end()
        return reader.events


class AskPersonMessage(Ask):
    """Says nothing: the reading has answered already."""

    slot = "person_message"

    async def run(
        self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]
    ) -> Events:
        """Wait for the next message."""
        return []

    def question(self, catalog: Catalog, slots: dict[str, Any]) -> str:
        """The question in words."""
        return say.passed_on()


class ActionPersonLeft(Action):
    """The person is out of the conversation again."""

    def name(self) -> str:
        """The action's name in the domain."""
        return "action_person_left"

    async def run(
        self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]
    ) -> Events:
        """Forget the hand-over."""
        return forget("person_form")
