"""报到: a citizen with an appointment says that they are at the hall."""

from __future__ import annotations

from typing import Any

from rasa_sdk import Action, Tracker
from rasa_sdk.executor import CollectingDispatcher

from actions.memory import Events
from actions.outcome import Outcome, note
from actions.reply import booking as say
from actions.resources import booking_client
from actions.resources import catalog as current_catalog
from booking.errors import BackendUnavailable, Refused
from booking.values import Appointment, Kind
from service_catalog.clock import now


class ActionArrive(Action):
    """Notes that the citizen has come to the appointment of today."""

    def name(self) -> str:
        """The action's name in the domain."""
        return "action_arrive"

    async def run(
        self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]
    ) -> Events:
        """Note the arrival for each appointment whose time it is, or say why not."""
        catalog = await current_catalog()
        try:
            mine = await booking_client().appointments(tracker.sender_id)
            today = [one for one in mine if _today(one)]
            if not today:
                dispatcher.utter_message(text=say.nothing_today(bool(mine)))
                note(Outcome.REFUSED, code="NOTHING_TODAY")
                return []
            came = await _arrive(tracker.sender_id, today)
        except BackendUnavailable:
            dispatcher.utter_message(text=say.backend_down(catalog))
            note(Outcome.BACKEND_DOWN)
        except Refused as refused:
            dispatcher.utter_message(text=refused.sentence)
            note(Outcome.REFUSED, code=refused.code.value)
        else:
            dispatcher.utter_message(text=say.arrived(came, catalog))
            note(Outcome.ARRIVED, count=len(came))
        return []


async def _arrive(citizen: str, today: list[Appointment]) -> list[Appointment]:
    """The appointments whose arrival is noted by now.

    Raises:
        Refused: None could be noted; why the first one could not.
        BackendUnavailable: No answer came; saying it again changes nothing.
    """
    came, why = [], None
    for one in today:
        try:
            came.append(await booking_client().arrive(citizen, one.code))
        except Refused as refused:
            why = why or refused
    if not came and why is not None:
        raise why
    return came


def _today(appointment: Appointment) -> bool:
    return appointment.kind is Kind.HALL and appointment.start.date() == now().date()
