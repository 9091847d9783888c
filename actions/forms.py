"""What every form has in common: reading one message, asking for one slot, leaving.

Rasa calls `validate_<form>` for each message while the form is active, then `action_ask_<slot>` for
the first empty slot, and the submit action (data/rules/forms.yml) when none is left. A message
that holds nothing for the form is answered aside (actions/aside.py), and the form asks again.
"""

from __future__ import annotations

import re
from abc import ABC, abstractmethod
from collections.abc import Sequence
from typing import Any

from rasa_sdk import Action, Tracker
from rasa_sdk.events import SlotSet
from rasa_sdk.executor import CollectingDispatcher

from actions.aside import step_aside
from actions.evidence import Evidence, chosen, read
from actions.memory import Events
from actions.outcome import Outcome, note
from actions.reply import booking as say_booking
from actions.reply import buttons
from actions.reply import desk as say_desk
from actions.resources import catalog as current_catalog
from actions.slots import DIGRESSIONS, ERRANDS
from booking.errors import BackendUnavailable, Refused
from desk.errors import DeskRefused, DeskUnavailable
from service_catalog.catalog import Catalog

_NO = frozenset({"取消", "不取消", "不", "否"})
_PLAIN_YES = re.compile(
    r"^(?:1|是|是的|对|对的|好|好的|可以|行|嗯+|确认|确定|同意|没错|确认取消|确认删除|取消吧|ok|yes)"
    r"[的吧了啊呀。.!！]*$",
    re.IGNORECASE,
)


class Reader(ABC):
    """One message, read for the slot that a form asked for last.

    Attributes:
        catalog: The snapshot to decide with.
        evidence: What the message says.
        wanted: The slot that was asked for; None when the form begins with this message.
        events: What the reading led to so far.
        own: The intents that begin this very form.
    """

    own: frozenset[str] = frozenset()

    def __init__(self, catalog: Catalog, tracker: Tracker, say_to: CollectingDispatcher) -> None:
        self.catalog = catalog
        self.tracker = tracker
        self.evidence: Evidence = read(tracker.latest_message)
        self.wanted: str | None = tracker.slots.get("requested_slot")
        self.events: Events = []
        self._slots: dict[str, Any] = dict(tracker.slots)
        self._dispatcher = say_to

    @property
    def citizen(self) -> str:
        """The citizen's id in the channel."""
        return str(self.tracker.sender_id)

    @property
    def digresses(self) -> bool:
        """Whether the message asks for something else."""
        elsewhere = self.evidence.intent in (DIGRESSIONS | ERRANDS) - self.own
        return bool(elsewhere or self.evidence.aspects)

    @abstractmethod
    async def read(self) -> None:
        """Fill what the message says, with `set`, `say` and `end`."""

    def get(self, slot: str) -> Any:  # noqa: ANN401 - whatever the slot holds
        """What a slot holds, with the changes made here."""
        return self._slots.get(slot)

    def set(self, slot: str, value: object) -> None:
        """Fill a slot."""
        self._slots[slot] = value
        self.events.append(SlotSet(slot, value))

    def say(self, text: str, choices: Sequence[dict[str, str]] = ()) -> None:
        """Say something before the form goes on."""
        if choices:
            self._dispatcher.utter_message(text=text, buttons=list(choices))
        else:
            self._dispatcher.utter_message(text=text)

    def again(self, text: str) -> None:
        """Say what was wrong and ask once more; a question of the citizen's goes first."""
        if self.digresses or self.wanted is None:
            return
        self.say(text)
        self.set(self.wanted, None)

    def end(self) -> None:
        """The form is over. Rasa takes a reading that says no more for none: a slot goes along."""
        if self.wanted:
            self.set(self.wanted, None)
        self.set("requested_slot", None)

    def offer(self, slot: str, options: Sequence[Any], labels: Sequence[str]) -> None:
        """Put choices on the table; the question that follows shows them."""
        self.set("form_offered", {"for": slot, "options": [*options], "labels": [*labels]})

    def picked(self) -> Any:  # noqa: ANN401 - one of the options
        """The option that was picked by its number, or None."""
        offer = self.get("form_offered") or {}
        if not self.wanted or offer.get("for") != self.wanted:
            return None
        if self.evidence.text in offer["labels"]:
            return offer["options"][offer["labels"].index(self.evidence.text)]
        row = chosen(self.evidence.text, len(offer["options"]))
        return offer["options"][row] if row is not None else None

    def yes_or_no(self, *, surely: bool = False) -> bool | None:
        """A yes, a no, or neither.

        Args:
            surely: Whether only a plain yes counts, as what follows is for good: 嗯那个 is none.
        """
        if self.evidence.text in _NO:
            return False
        row = chosen(self.evidence.text, 2)
        if surely and row is None and not _PLAIN_YES.match(self.evidence.text):
            return False if self.evidence.intent == "deny" else None
        if self.evidence.intent == "affirm" or row == 0 or self.evidence.text.startswith("确认"):
            return True
        if self.evidence.intent == "deny" or row == 1:
            return False
        return None


class ValidateForm(Action, ABC):
    """Reads one message on behalf of a form."""

    form = ""

    def name(self) -> str:
        """The action's name in the domain."""
        return f"validate_{self.form}"

    async def run(
        self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]
    ) -> Events:
        """Read; a backend that is down or says no ends the form with its sentence."""
        catalog = await current_catalog()
        if (tracker.latest_message.get("intent") or {}).get("name") == "stop":
            return await self.stopped(catalog, tracker, dispatcher)
        reader = self.reader(catalog, tracker, dispatcher)
        try:
            await reader.read()
        except (BackendUnavailable, DeskUnavailable) as error:
            down = say_desk if isinstance(error, DeskUnavailable) else say_booking
            reader.say(down.backend_down(catalog))
            note(Outcome.BACKEND_DOWN)
            reader.end()
        except (Refused, DeskRefused) as refused:
            reader.say(refused.sentence)
            note(Outcome.REFUSED, code=refused.code.value)
            reader.end()
        if reader.wanted and not reader.events:
            return await step_aside(dispatcher, tracker, domain)
        return reader.events

    async def stopped(
        self, catalog: Catalog, tracker: Tracker, dispatcher: CollectingDispatcher
    ) -> Events:
        """Someone leaves; by default the rules see to it."""
        return []

    @abstractmethod
    def reader(
        self, catalog: Catalog, tracker: Tracker, dispatcher: CollectingDispatcher
    ) -> Reader:
        """The form's reader of this message."""


class Ask(Action, ABC):
    """Asks for one slot of a form.

    Attributes:
        slot: The slot.
        choices: Fixed answers to choose from; else those on the table are shown.
    """

    slot = ""
    choices: tuple[str, ...] = ()

    def name(self) -> str:
        """The action's name in the domain."""
        return f"action_ask_{self.slot}"

    async def run(
        self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]
    ) -> Events:
        """Ask; choices on the table for this slot are shown with the question."""
        catalog, slots = await current_catalog(), dict(tracker.slots)
        offer = slots.get("form_offered") or {}
        labels = self.choices or (offer["labels"] if offer.get("for") == self.slot else ())
        text = self.question(catalog, slots)
        if labels:
            dispatcher.utter_message(text=text, buttons=buttons(labels))
        else:
            dispatcher.utter_message(text=text)
        return []

    @abstractmethod
    def question(self, catalog: Catalog, slots: dict[str, Any]) -> str:
        """The question in words."""


CONFIRM = ("确认", "取消")
"""The two answers to a last question."""
