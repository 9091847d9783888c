"""删除我的信息: everything that is kept about the citizen goes, and what must stay is said.

The right is that of 个人信息保护法 第四十七条. Rasa's own record of the conversation goes with the
slot `forgotten` (bot.conversations).
"""

from __future__ import annotations

from typing import Any

from rasa_sdk import Action, Tracker
from rasa_sdk.events import SlotSet
from rasa_sdk.executor import CollectingDispatcher

from actions.forms import CONFIRM, Ask, Reader, ValidateForm
from actions.memory import Events
from actions.outcome import Outcome, note
from actions.reply import desk as say
from actions.resources import booking_client, desk_client
from actions.resources import catalog as current_catalog
from actions.slots import forget
from booking.errors import BackendUnavailable, Refused
from desk.errors import DeskRefused, DeskUnavailable
from service_catalog.catalog import Catalog


class _Erase(Reader):
    own = frozenset({"forget_me"})

    async def read(self) -> None:
        if self.wanted is None:
            mine = await booking_client().appointments(self.citizen)
            self.set("form_offered", {"for": "", "options": [], "labels": [], "open": len(mine)})
            self.set("erase_confirmed", None)
            return
        sure = self.yes_or_no(surely=True)
        if sure is None:
            self.say(say.erase_yes_or_no())  # nothing else is answered here: it can't be undone
            self.set("erase_confirmed", None)
        else:
            self.set("erase_confirmed", sure)


class ValidateEraseForm(ValidateForm):
    """Reads whether really."""

    form = "erase_form"

    def reader(
        self, catalog: Catalog, tracker: Tracker, dispatcher: CollectingDispatcher
    ) -> Reader:
        """The form's reader of this message."""
        return _Erase(catalog, tracker, dispatcher)


class AskEraseConfirmed(Ask):
    """Whether really, with what goes and what stays."""

    slot = "erase_confirmed"
    choices = CONFIRM

    def question(self, catalog: Catalog, slots: dict[str, Any]) -> str:
        """The question in words."""
        return say.confirm_erase((slots.get("form_offered") or {}).get("open", 0), catalog)


class ActionErase(Action):
    """Deletes, when that was confirmed."""

    def name(self) -> str:
        """The action's name in the domain."""
        return "action_erase"

    async def run(
        self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]
    ) -> Events:
        """Delete at the backend first; the conversation goes last, as it could ask again."""
        if tracker.slots.get("erase_confirmed") is not True:
            if tracker.slots.get("erase_confirmed") is False:
                dispatcher.utter_message(text=say.not_erased())
                note(Outcome.ABANDONED)
            return forget("erase_form")
        catalog = await current_catalog()
        try:
            booked = await booking_client().erase(tracker.sender_id, cancel_open=True)
            left = await desk_client().erase(tracker.sender_id)
        except (BackendUnavailable, DeskUnavailable):
            dispatcher.utter_message(text=say.erase_failed(catalog))
            note(Outcome.BACKEND_DOWN)
            return forget("erase_form")
        except (Refused, DeskRefused) as refused:
            dispatcher.utter_message(text=refused.sentence)
            note(Outcome.REFUSED, code=refused.code.value)
            return forget("erase_form")
        dispatcher.utter_message(text=say.erased(booked, left, catalog))
        note(Outcome.ERASED)
        return [*forget("erase_form"), SlotSet("forgotten", True)]
