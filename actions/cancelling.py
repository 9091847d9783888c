"""Giving an appointment or a home visit back, by a form."""

from __future__ import annotations

from typing import Any

from rasa_sdk import Action, Tracker
from rasa_sdk.executor import CollectingDispatcher

from actions.forms import Ask, Reader, ValidateForm
from actions.memory import Events
from actions.outcome import Outcome, note
from actions.questions import request_key
from actions.reply import booking as say
from actions.resources import booking_client
from actions.resources import catalog as current_catalog
from actions.slots import forget
from booking.errors import BackendUnavailable, Refused
from booking.values import Appointment
from service_catalog.catalog import Catalog

_NONE = {"code": "", "label": ""}
"""What is to be cancelled when it turns out that nothing is."""


class _Cancel(Reader):
    own = frozenset({"cancel_appointment"})

    async def read(self) -> None:
        if self.wanted is None:
            await self._begin()
        elif self.wanted == "cancel_code":
            self._read_code()
        else:
            self._read_confirmation()

    async def _begin(self) -> None:
        mine = await booking_client().appointments(self.citizen)
        if not mine:
            self.say(say.nothing_to_cancel())
            self.end()
            return
        named = [one for one in mine if one.service == self.evidence.service]
        meant = named if len(named) == 1 else list(mine)
        choices = [{"code": one.code, "label": say.option(one)} for one in meant]
        if len(choices) == 1:
            self.set("cancel_code", choices[0])
        else:
            self.offer("cancel_code", choices, [one["label"] for one in choices])
            self.set("cancel_code", None)

    def _read_code(self) -> None:
        picked = self.picked()
        if picked is None and self.evidence.intent == "deny":
            self.set("cancel_code", _NONE)
            self.set("cancel_confirmed", False)
        elif picked is None:
            self.again(say.which_to_cancel())
        else:
            self.set("cancel_code", picked)
            self.set("form_offered", None)

    def _read_confirmation(self) -> None:
        sure = self.yes_or_no(surely=True)
        if self.evidence.text.startswith("不"):
            sure = False
        elif self.evidence.intent == "cancel_appointment":
            sure = True
        if sure is None:
            self.again(say.cancel_yes_or_no())
        else:
            self.set("cancel_confirmed", sure)


class ValidateCancelForm(ValidateForm):
    """Reads which appointment is to be cancelled, and whether really."""

    form = "cancel_form"

    def reader(
        self, catalog: Catalog, tracker: Tracker, dispatcher: CollectingDispatcher
    ) -> Reader:
        """The form's reader of this message."""
        return _Cancel(catalog, tracker, dispatcher)


class AskCancelCode(Ask):
    """Which of several appointments."""

    slot = "cancel_code"

    def question(self, catalog: Catalog, slots: dict[str, Any]) -> str:
        """The question in words."""
        return say.which_to_cancel()


class AskCancelConfirmed(Ask):
    """Whether really."""

    slot = "cancel_confirmed"
    choices = ("确认取消", "不取消")

    def question(self, catalog: Catalog, slots: dict[str, Any]) -> str:
        """The question in words."""
        return say.confirm_cancel(slots["cancel_code"]["label"])


class ActionCancel(Action):
    """Gives the appointment back, when that was confirmed."""

    def name(self) -> str:
        """The action's name in the domain."""
        return "action_cancel"

    async def run(
        self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]
    ) -> Events:
        """Cancel, or say why not."""
        what, sure = tracker.slots.get("cancel_code"), tracker.slots.get("cancel_confirmed")
        if not what or sure is None:
            return forget("cancel_form")
        if not sure:
            dispatcher.utter_message(text=say.kept())
            return forget("cancel_form")
        try:
            appointment = await _cancel(tracker, what["code"])
        except BackendUnavailable:
            dispatcher.utter_message(text=say.maybe_done(await current_catalog()))
            note(Outcome.BACKEND_DOWN)
        except Refused as refused:
            dispatcher.utter_message(text=refused.sentence)
            note(Outcome.REFUSED, code=refused.code.value)
        else:
            dispatcher.utter_message(text=say.cancelled(appointment))
            note(Outcome.CANCELLED, service=appointment.service)
        return forget("cancel_form")


async def _cancel(tracker: Tracker, code: str) -> Appointment:
    """Cancel; ask once more under the same key when no answer came."""
    key, client = request_key(tracker, "cancel"), booking_client()
    try:
        return await client.cancel(tracker.sender_id, code, idempotency_key=key)
    except BackendUnavailable:
        return await client.cancel(tracker.sender_id, code, idempotency_key=key)
