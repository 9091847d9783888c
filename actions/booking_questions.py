"""The booking form's asking side: one action a slot, called by Rasa while the slot is empty."""

from __future__ import annotations

from abc import ABC, abstractmethod
from datetime import datetime
from typing import Any

from rasa_sdk import Action, Tracker
from rasa_sdk.events import SlotSet
from rasa_sdk.executor import CollectingDispatcher

from actions.reply import booking as say
from actions.reply import buttons
from actions.resources import catalog as current_catalog
from service_catalog.catalog import Catalog

Events = list[dict[str, Any]]


class _Ask(Action, ABC):
    """Asks for one slot of the form."""

    slot = ""

    def name(self) -> str:
        """The action's name in the domain."""
        return f"action_ask_{self.slot}"

    async def run(
        self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]
    ) -> Events:
        """Ask."""
        return await self.ask(dispatcher, await current_catalog(), dict(tracker.slots))

    @abstractmethod
    async def ask(
        self, dispatcher: CollectingDispatcher, catalog: Catalog, slots: dict[str, Any]
    ) -> Events:
        """Say the question; return the choices on the table as events."""


class AskService(_Ask):
    """Which service is to be booked."""

    slot = "booking_service"

    async def ask(
        self, dispatcher: CollectingDispatcher, catalog: Catalog, slots: dict[str, Any]
    ) -> Events:
        """Offer the services that may be meant, or ask openly."""
        offer = slots.get("form_offered") or {}
        if offer.get("for") == self.slot:
            dispatcher.utter_message(text=say.which_of_these(), buttons=buttons(offer["labels"]))
        else:
            dispatcher.utter_message(text=say.which_service())
        return []


class AskPlace(_Ask):
    """Where."""

    slot = "booking_place"

    async def ask(
        self, dispatcher: CollectingDispatcher, catalog: Catalog, slots: dict[str, Any]
    ) -> Events:
        """Offer the places where the service can be booked."""
        service = catalog.item(slots["booking_service"])
        places = service.booking.places if service.booking else ()
        names = [catalog.place(place).name for place in places]
        dispatcher.utter_message(text=say.which_place(service), buttons=buttons(names))
        return []


class AskTime(_Ask):
    """When."""

    slot = "booking_time"

    async def ask(
        self, dispatcher: CollectingDispatcher, catalog: Catalog, slots: dict[str, Any]
    ) -> Events:
        """Show the free slots that the reader found, unless it has just shown them itself."""
        offer = slots.get("form_offered") or {}
        if offer.get("for") != self.slot:
            offer = {"for": self.slot, "options": [], "labels": []}
        if offer.get("shown"):
            return [SlotSet("form_offered", {**offer, "shown": False})]
        service = catalog.item(slots["booking_service"])
        place = catalog.place(slots["booking_place"])
        labels = offer["labels"]
        dispatcher.utter_message(
            text=say.when(service, place, bool(labels)), buttons=buttons(labels)
        )
        return []


class AskName(_Ask):
    """Who."""

    slot = "booking_name"

    async def ask(
        self, dispatcher: CollectingDispatcher, catalog: Catalog, slots: dict[str, Any]
    ) -> Events:
        """Ask for the name."""
        chosen_time = say.moment(datetime.fromisoformat(slots["booking_time"]))
        held = say.held(catalog) if slots.get("booking_hold") else ""
        dispatcher.utter_message(text=f"好的，{chosen_time}。{held}{say.ask_name()}")
        return []


class AskPhone(_Ask):
    """How to reach them."""

    slot = "booking_phone"

    async def ask(
        self, dispatcher: CollectingDispatcher, catalog: Catalog, slots: dict[str, Any]
    ) -> Events:
        """Ask for the mobile number."""
        dispatcher.utter_message(text=say.ask_phone())
        return []


class AskConfirmed(_Ask):
    """Everything once more."""

    slot = "booking_confirmed"

    async def ask(
        self, dispatcher: CollectingDispatcher, catalog: Catalog, slots: dict[str, Any]
    ) -> Events:
        """Show the whole booking and ask for a yes."""
        group = next(
            (one for one in catalog.priority if one.id == slots.get("booking_priority")), None
        )
        told = say.confirm(
            catalog.item(slots["booking_service"]),
            catalog.place(slots["booking_place"]),
            datetime.fromisoformat(slots["booking_time"]),
            (slots["booking_name"], slots["booking_phone"]),
            group,
        )
        dispatcher.utter_message(text=told, buttons=buttons(["确认", "取消"]))
        return []
