"""Booking what the form gathered: the one place where the chat changes something at the backend."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from rasa_sdk import Action, Tracker
from rasa_sdk.events import FollowupAction, SlotSet
from rasa_sdk.executor import CollectingDispatcher

from actions.free_slots import offer_of
from actions.holding import release
from actions.outcome import Outcome, note
from actions.questions import request_key
from actions.reply import booking as say
from actions.reply import buttons
from actions.resources import booking_client
from actions.resources import catalog as current_catalog
from actions.slots import forget
from booking.errors import BackendUnavailable, RefusalCode, Refused
from booking.values import Appointment

Events = list[dict[str, Any]]

ANOTHER_TIME = frozenset(
    {
        RefusalCode.SLOT_FULL,
        RefusalCode.WINDOW_CLOSED,
        RefusalCode.CLOSED_DAY,
        RefusalCode.OUTSIDE_HOURS,
        RefusalCode.PAST,
        RefusalCode.TOO_SOON,
        RefusalCode.TOO_FAR,
        RefusalCode.UNANNOUNCED,
        RefusalCode.DAY_LIMIT,
        RefusalCode.WEEK_LIMIT,
        RefusalCode.MONTH_LIMIT,
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
                await release(tracker.sender_id, slots.get("booking_hold"))
                dispatcher.utter_message(text=say.not_booked())
                note(Outcome.ABANDONED)
            return forget("booking_form")
        try:
            appointment = await _book(tracker)
        except BackendUnavailable:
            dispatcher.utter_message(text=say.maybe_done(catalog))
            note(Outcome.BACKEND_DOWN, service=slots["booking_service"])
            return forget("booking_form")
        except Refused as refused:
            note(Outcome.REFUSED, code=refused.code.value, service=slots["booking_service"])
            return _refused(dispatcher, refused)
        code = {"qr": appointment.code}  # a channel that can show pictures makes one of it
        dispatcher.utter_message(text=say.ticket(appointment, catalog), json_message=code)
        note(Outcome.BOOKED, service=appointment.service)
        return forget("booking_form")


async def _book(tracker: Tracker) -> Appointment:
    """Confirm the hold, or book; ask once more under the same key when no answer came."""
    slots, key = tracker.slots, request_key(tracker, "book")
    try:
        return await _send(tracker.sender_id, slots, key)
    except BackendUnavailable:
        return await _send(tracker.sender_id, slots, key)


async def _send(citizen: str, slots: dict[str, Any], key: str) -> Appointment:
    client, who = booking_client(), {"name": slots["booking_name"], "phone": slots["booking_phone"]}
    if slots.get("booking_hold"):
        return await client.confirm(citizen, slots["booking_hold"], **who, idempotency_key=key)
    principal = {"party": "person", "name": who["name"]} if slots.get("booking_for") else None
    return await client.book(
        citizen=citizen,
        service=slots["booking_service"],
        place=slots["booking_place"],
        start=datetime.fromisoformat(slots["booking_time"]),
        **who,
        idempotency_key=key,
        priority=slots.get("booking_priority"),
        principal=principal,
    )


def _refused(dispatcher: CollectingDispatcher, refused: Refused) -> Events:
    """Say why; where another time may do, go back to that question with the nearest slots."""
    if refused.code not in ANOTHER_TIME:
        dispatcher.utter_message(text=refused.sentence)
        return forget("booking_form")
    return [
        *another_time(dispatcher, refused),
        SlotSet("booking_confirmed", None),
        FollowupAction("booking_form"),
    ]


def another_time(dispatcher: CollectingDispatcher, refused: Refused) -> Events:
    """Say why the chosen time can't be had, and put the nearest ones on the table."""
    offer = offer_of(refused.nearest, shown=True)
    dispatcher.utter_message(
        text=say.explained(refused.sentence, bool(refused.nearest)),
        buttons=buttons(offer["labels"]),
    )
    return [
        SlotSet("booking_time", None),
        SlotSet("booking_hold", None),
        SlotSet("form_offered", offer),
    ]
