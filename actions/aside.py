"""Something else in the middle of a form: answered here, then the form goes on where it was.

A form that finds nothing for itself in a message calls `step_aside`. Doing it here and not by rules
spares a rule for each form and each intent, and no message can fall between two of them.
"""

from __future__ import annotations

from typing import Any

from rasa_sdk import Action, Tracker
from rasa_sdk.events import SlotSet
from rasa_sdk.executor import CollectingDispatcher

from actions.arriving import ActionArrive
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
from actions.mine import ActionListAppointments, ActionMyCases
from actions.onsite import ActionLocated, ActionScanned
from actions.reply import desk as say
from actions.reply import hall
from actions.resources import catalog as current_catalog
from actions.slots import ERRANDS

_BY_INTENT: dict[str, type[Action]] = {
    "help": ActionWelcome,
    "greet": ActionWelcome,
    "thanks": ActionCourtesy,
    "goodbye": ActionCourtesy,
    "why": ActionWhy,
    "repeat": ActionRepeat,
    "plainer": ActionPlainer,
    "fuller": ActionFuller,
    "arrive": ActionArrive,
    "located": ActionLocated,
    "scanned": ActionScanned,
    "list_appointments": ActionListAppointments,
    "my_cases": ActionMyCases,
}


async def step_aside(
    dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]
) -> Events:
    """Answer something else; whatever is no errand of its own goes to guidance.

    Returns:
        The events of what was answered, and the slot asked for left empty: the form asks again.
    """
    intent = (tracker.latest_message.get("intent") or {}).get("name") or ""
    wanted = tracker.slots.get("requested_slot")
    again: Events = [SlotSet(wanted, None)] if wanted else []
    if intent == "human":
        dispatcher.utter_message(text=say.person_later(await current_catalog()))
        return again
    if intent in ERRANDS:
        dispatcher.utter_message(text=hall.one_at_a_time())
        return again
    action = _BY_INTENT.get(intent, ActionGuide)()
    events: Events = await action.run(dispatcher, tracker, domain)
    return [*events, *again]
