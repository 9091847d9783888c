"""What is the citizen's own: their appointments, and what they left with the staff."""

from __future__ import annotations

from typing import Any

from rasa_sdk import Action, Tracker
from rasa_sdk.executor import CollectingDispatcher

from actions.memory import Events
from actions.outcome import Outcome, note
from actions.reply import booking as say
from actions.reply import desk as say_desk
from actions.resources import booking_client, desk_client
from actions.resources import catalog as current_catalog
from booking.errors import BackendUnavailable, Refused
from desk.errors import DeskRefused, DeskUnavailable


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


class ActionMyCases(Action):
    """How the citizen's complaints, messages and suggestions stand."""

    def name(self) -> str:
        """The action's name in the domain."""
        return "action_my_cases"

    async def run(
        self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]
    ) -> Events:
        """List them with their answers, or say that the desk can't be reached."""
        catalog = await current_catalog()
        try:
            cases = await desk_client().cases(tracker.sender_id)
        except (DeskUnavailable, DeskRefused):
            dispatcher.utter_message(text=say_desk.backend_down(catalog))
            note(Outcome.BACKEND_DOWN)
            return []
        dispatcher.utter_message(text=say_desk.cases(cases))
        note(Outcome.LISTED, count=len(cases))
        return []
