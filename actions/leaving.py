"""Leaving whatever is going on, at the citizen's word."""

from __future__ import annotations

from typing import Any

from rasa_sdk import Action, Tracker
from rasa_sdk.events import SlotSet
from rasa_sdk.executor import CollectingDispatcher

from actions.holding import release
from actions.memory import Events
from actions.outcome import Outcome, note
from actions.reply import booking as say
from actions.reply import hall
from actions.slots import SLOTS_OF

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
        await release(tracker.sender_id, tracker.slots.get("booking_hold"))
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
