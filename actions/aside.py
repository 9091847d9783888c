"""Something else in the middle of a form: answered here, then the form goes on where it was."""

from __future__ import annotations

from typing import Any

from rasa_sdk import Action, Tracker
from rasa_sdk.executor import CollectingDispatcher

from actions.appointments import ActionListAppointments
from actions.feedback import ActionMyCases
from actions.guide import (
    ActionCourtesy,
    ActionFuller,
    ActionGuide,
    ActionPlainer,
    ActionRepeat,
    ActionWelcome,
    ActionWhy,
)
from actions.memory import Events
from actions.reply import desk as say
from actions.resources import catalog as current_catalog

_BY_INTENT: dict[str, type[Action]] = {
    "help": ActionWelcome,
    "greet": ActionWelcome,
    "thanks": ActionCourtesy,
    "goodbye": ActionCourtesy,
    "why": ActionWhy,
    "repeat": ActionRepeat,
    "plainer": ActionPlainer,
    "fuller": ActionFuller,
    "list_appointments": ActionListAppointments,
    "my_cases": ActionMyCases,
}


class ActionAside(Action):
    """Steps aside from a form; the intent says for what."""

    def name(self) -> str:
        """The action's name in the domain."""
        return "action_aside"

    async def run(
        self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]
    ) -> Events:
        """Answer it; whatever is no errand of its own goes to guidance."""
        intent = (tracker.latest_message.get("intent") or {}).get("name") or ""
        if intent == "human":
            dispatcher.utter_message(text=say.person_later(await current_catalog()))
            return []
        action = _BY_INTENT.get(intent, ActionGuide)()
        events: Events = await action.run(dispatcher, tracker, domain)
        return events
