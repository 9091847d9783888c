"""Booking what the form gathered: the one place where the chat changes something at the backend."""

from __future__ import annotations

import uuid
from datetime import datetime
from typing import Any

from rasa_sdk import Action, Tracker
from rasa_sdk.events import FollowupAction, SlotSet
from rasa_sdk.executor import CollectingDispatcher

from actions.free_slots import offer_of
from actions.outcome import Outcome, note
from actions.reply import booking as say
from actions.reply import buttons
from actions.resources import booking_client
from actions.resources import catalog as current_catalog
from booking.errors import BackendUnavailable, RefusalCode, Refused
from booking.values import Appointment

Events = list[dict[str, Any]]

FORM_SLOTS = (
    "booking_service",
    "booking_place",
    "booking_time",
    "booking_name",
    "booking_phone",
    "booking_confirmed",
    "booking_wish",
    "form_offered",
)
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
        buttons=buttons(offer["labels"]),
    )
    return [
        SlotSet("booking_time", None),
        SlotSet("booking_confirmed", None),
        SlotSet("form_offered", offer),
        FollowupAction("booking_form"),
    ]


def leave() -> Events:
    """Forget what the form gathered."""
    return [SlotSet(slot, None) for slot in FORM_SLOTS]
