"""The citizen's own appointments: seeing them and giving one back."""

from __future__ import annotations

from typing import Any

from rasa_sdk import Action, Tracker
from rasa_sdk.events import SlotSet
from rasa_sdk.executor import CollectingDispatcher

from actions.booking import leave
from actions.evidence import chosen, read
from actions.forms import DIGRESSIONS, SLOTS_OF
from actions.outcome import Outcome, note
from actions.reply import booking as say
from actions.reply import buttons, hall
from actions.resources import booking_client
from actions.resources import catalog as current_catalog
from booking.errors import BackendUnavailable, Refused

Events = list[dict[str, Any]]

_LEFT = {
    "booking_form": "已退出预约，没有提交",
    "cancel_form": "预约保留不变",
    "move_form": "预约保留不变",
    "visit_form": "已退出申请，没有提交",
    "plate_form": "没有登记车牌",
    "rating_form": "不评也没关系",
    "feedback_form": "没有提交",
    "erase_form": "没有删除",
}
"""What leaving a form means."""


class ActionListAppointments(Action):
    """Shows the citizen's open appointments."""

    def name(self) -> str:
        """The action's name in the domain."""
        return "action_list_appointments"

    async def run(
        self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]
    ) -> Events:
        """List them, or say that the backend is down."""
        catalog = await current_catalog()
        try:
            appointments = await booking_client().appointments(tracker.sender_id)
        except (BackendUnavailable, Refused):
            dispatcher.utter_message(text=say.backend_down(catalog))
            note(Outcome.BACKEND_DOWN)
            return []
        dispatcher.utter_message(text=say.listed(appointments, catalog))
        note(Outcome.LISTED, count=len(appointments))
        return []


class ValidateCancelForm(Action):
    """Reads which appointment is to be cancelled, and whether really."""

    def name(self) -> str:
        """The action's name in the domain."""
        return "validate_cancel_form"

    async def run(
        self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]
    ) -> Events:
        """Fill what the message says; an empty result hands the message to the rules."""
        evidence, wanted = read(tracker.latest_message), tracker.slots.get("requested_slot")
        offer = tracker.slots.get("form_offered") or {}
        if wanted is None:
            return await _choose_from_all(dispatcher, tracker)
        if evidence.intent == "stop" or evidence.intent in DIGRESSIONS or evidence.aspects:
            return []
        if wanted == "cancel_code":
            row = chosen(evidence.text, len(offer.get("options") or ()))
            return [SlotSet("cancel_code", offer["options"][row] if row is not None else None)]
        row = chosen(evidence.text, 2)
        if evidence.intent == "affirm" or row == 0 or evidence.intent == "cancel_appointment":
            return [SlotSet("cancel_confirmed", True)]
        if evidence.intent == "deny" or row == 1:
            return [SlotSet("cancel_confirmed", False)]
        return [SlotSet("cancel_confirmed", None)]


async def _choose_from_all(dispatcher: CollectingDispatcher, tracker: Tracker) -> Events:
    try:
        appointments = await booking_client().appointments(tracker.sender_id)
    except (BackendUnavailable, Refused):
        dispatcher.utter_message(text=say.backend_down(await current_catalog()))
        note(Outcome.BACKEND_DOWN)
        return [SlotSet("requested_slot", None)]
    if not appointments:
        dispatcher.utter_message(text=say.nothing_to_cancel())
        return [SlotSet("requested_slot", None)]
    offer = {
        "for": "cancel_code",
        "options": [appointment.code for appointment in appointments],
        "labels": [say.option(appointment) for appointment in appointments],
    }
    only = appointments[0].code if len(appointments) == 1 else None
    return [SlotSet("form_offered", offer), SlotSet("cancel_code", only)]


class AskCancelCode(Action):
    """Which of several appointments."""

    def name(self) -> str:
        """The action's name in the domain."""
        return "action_ask_cancel_code"

    async def run(
        self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]
    ) -> Events:
        """Offer them by number."""
        labels = (tracker.slots.get("form_offered") or {}).get("labels") or []
        dispatcher.utter_message(
            text=say.which_to_cancel(),
            buttons=buttons(labels),
        )
        return []


class AskCancelConfirmed(Action):
    """Whether really."""

    def name(self) -> str:
        """The action's name in the domain."""
        return "action_ask_cancel_confirmed"

    async def run(
        self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]
    ) -> Events:
        """Show the appointment and ask."""
        offer, code = tracker.slots.get("form_offered") or {}, tracker.slots.get("cancel_code")
        label = dict(zip(offer["options"], offer["labels"], strict=True))[code]
        dispatcher.utter_message(
            text=say.confirm_cancel(label),
            buttons=buttons(["确认取消", "不取消"]),
        )
        return []


class ActionCancel(Action):
    """Gives the appointment back, when that was confirmed."""

    def name(self) -> str:
        """The action's name in the domain."""
        return "action_cancel"

    async def run(
        self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]
    ) -> Events:
        """Cancel, or say why not."""
        code, confirmed = tracker.slots.get("cancel_code"), tracker.slots.get("cancel_confirmed")
        forget = [*leave(), SlotSet("cancel_code", None), SlotSet("cancel_confirmed", None)]
        if not code or confirmed is None:
            return forget
        if not confirmed:
            dispatcher.utter_message(text=say.kept())
            return forget
        try:
            appointment = await booking_client().cancel(tracker.sender_id, code)
        except BackendUnavailable:
            dispatcher.utter_message(text=say.maybe_done(await current_catalog()))
            note(Outcome.BACKEND_DOWN)
        except Refused as refused:
            dispatcher.utter_message(text=refused.sentence)
            note(Outcome.REFUSED, code=refused.code.value)
        else:
            dispatcher.utter_message(text=say.cancelled(appointment))
            note(Outcome.CANCELLED, service=appointment.service)
        return forget


class ActionStop(Action):
    """Leaves whatever is going on, at the citizen's word."""

    def name(self) -> str:
        """The action's name in the domain."""
        return "action_stop"

    async def run(
        self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]
    ) -> Events:
        """Say what was left and forget it."""
        form = (tracker.active_loop or {}).get("name")
        dispatcher.utter_message(text=hall.stopped(_LEFT.get(form or "", "不办了")))
        if (
            form
            and (tracker.latest_message.get("intent") or {}).get("name") == "cancel_appointment"
        ):
            dispatcher.utter_message(text=say.cancel_another())
        note(Outcome.ABANDONED)
        slots = {slot for gathered in SLOTS_OF.values() for slot in gathered}
        return [
            *(SlotSet(slot, None) for slot in sorted(slots)),
            *(SlotSet(slot, None) for slot in ("form_offered", "offered", "pending")),
        ]
