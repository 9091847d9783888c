"""The forms' slots, and which intents are no business of a form."""

from __future__ import annotations

from rasa_sdk.events import SlotSet

from actions.memory import Events

DIGRESSIONS = frozenset(
    {
        *("ask", "help", "greet", "human", "thanks", "goodbye", "list_appointments", "my_cases"),
        *("arrive", "located", "scanned"),
        *("why", "repeat", "plainer", "fuller"),
    }
)
"""Intents that step aside from a form; actions/aside.py answers them."""

ERRANDS = frozenset(
    {
        *("book", "move_appointment", "cancel_appointment", "request_home_visit"),
        *("register_plate", "progress", "rate", "complain", "praise", "suggest"),
        *("leave_message", "forget_me"),
    }
)
"""Intents with a form of their own: one at a time."""

SLOTS_OF = {
    "booking_form": (
        *("booking_service", "booking_place", "booking_time", "booking_name", "booking_phone"),
        *("booking_confirmed", "booking_wish", "booking_hold", "booking_for", "booking_priority"),
    ),
    "cancel_form": ("cancel_code", "cancel_confirmed"),
    "move_form": ("move_code", "move_time", "move_confirmed", "booking_wish"),
    "visit_form": (
        *("visit_service", "visit_rule", "visit_age", "visit_day", "visit_address"),
        *("visit_name", "visit_phone", "visit_confirmed"),
    ),
    "plate_form": ("plate_number", "plate_day"),
    "progress_form": ("progress_number", "progress_check"),
    "rating_form": ("rating_level", "rating_reason"),
    "feedback_form": ("feedback_kind", "feedback_text"),
    "person_form": ("person_message", "person_number"),
    "erase_form": ("erase_confirmed",),
}
"""What each form gathers, and forgets when it is over."""


def forget(form: str) -> Events:
    """Forget what a form gathered."""
    return [SlotSet(slot, None) for slot in (*SLOTS_OF[form], "form_offered")]
