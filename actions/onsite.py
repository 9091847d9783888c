"""Where the citizen is: a position that was sent, or a code that was scanned on the spot.

The channel brings both as entities. A code's scene reads `window:PLACE:NUMBER` or `terminal:ID`.
"""

from __future__ import annotations

from collections.abc import Iterable
from math import asin, cos, radians, sin, sqrt
from typing import Any

from rasa_sdk import Action, Tracker
from rasa_sdk.executor import CollectingDispatcher

from actions.memory import Events, Memory
from actions.outcome import Outcome, note
from actions.reply import buttons, hall
from actions.reply import place as say
from actions.resources import catalog as current_catalog
from service_catalog.catalog import Catalog
from service_catalog.clock import now
from service_catalog.model import Place, Position, Service, Terminal

NEAREST_PLACES, NEAREST_TERMINALS = 3, 2
_EARTH_KM = 6371.0
"""The earth's mean radius (IUGG)."""
_MOST_CHOICES = 9


class ActionLocated(Action):
    """Tells the nearest places and terminals, those that take the service spoken of if one was."""

    def name(self) -> str:
        """The action's name in the domain."""
        return "action_located"

    async def run(
        self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]
    ) -> Events:
        """Tell them, the nearest first."""
        catalog = await current_catalog()
        here = _position(tracker)
        if here is None:
            dispatcher.utter_message(text=hall.nothing_found(catalog))
            note(Outcome.UNANSWERABLE)
            return []
        service = catalog.services.get(tracker.slots.get("service") or "")
        places = _nearest(_taking(catalog, service), here, NEAREST_PLACES)
        machines = [
            one for one in catalog.terminals if service is None or service.id in one.services
        ]
        terminals = _nearest(machines, here, NEAREST_TERMINALS)
        today = now().date()
        dispatcher.utter_message(text=say.near(places, terminals, service, catalog, today))
        note(Outcome.LOCATED, service=service.id if service else None)
        return []


class ActionScanned(Action):
    """Opens what the scanned code stands for: a window's services, or a terminal."""

    def name(self) -> str:
        """The action's name in the domain."""
        return "action_scanned"

    async def run(
        self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]
    ) -> Events:
        """Say what it is, and put its services on the table."""
        catalog, memory = await current_catalog(), Memory(tracker.slots)
        what, _, where = (_entity(tracker, "scene") or "").partition(":")
        services: list[str] = []
        if what == "terminal":
            found = next((one for one in catalog.terminals if one.id == where), None)
            text = say.terminal(found, catalog) if found else None
            services = list(found.services) if found else []
        else:
            place, _, number = where.partition(":")
            text, services = _window(catalog, place, number) if what == "window" else (None, [])
        if text is None:
            dispatcher.utter_message(text=hall.welcome(catalog, now().date()))
            note(Outcome.UNANSWERABLE)
            return []
        services = services[:_MOST_CHOICES]
        labels = [str(catalog.service(one).name) for one in services]
        dispatcher.utter_message(text=text, buttons=buttons(labels))
        memory.set("offered", {"options": services, "labels": labels, "aspects": []})
        note(Outcome.SCANNED, code=what)
        return memory.events


def _window(catalog: Catalog, place_id: str, number: str) -> tuple[str | None, list[str]]:
    """What a window is called and where it is, and the services that it takes today."""
    place = catalog.places.get(place_id)
    window = place.window(number) if place else None
    if place is None or window is None:
        return None, []
    taken = [
        str(service.id)
        for service in catalog.in_force(now().date())
        if any(one.place == place.id and number in one.windows for one in service.channels.window)
    ]
    return say.window(place, window, bool(taken)), taken


def _taking(catalog: Catalog, service: Service | None) -> list[Place]:
    if service is None:
        return list(catalog.places.values())
    ids = {one.place for one in service.channels.window}
    return [catalog.places[one] for one in sorted(ids) if one in catalog.places]


def _nearest(
    things: Iterable[Place] | Iterable[Terminal], here: Position, count: int
) -> list[tuple[Any, float]]:
    """The nearest of those that have a position, with their distances in km."""
    far = [(one, distance(here, one.position)) for one in things if one.position is not None]
    return sorted(far, key=lambda pair: pair[1])[:count]


def distance(one: Position, other: Position) -> float:
    """The distance over the ground in km (haversine)."""
    lat, lat2 = radians(one.latitude), radians(other.latitude)
    rise = sin((lat2 - lat) / 2) ** 2
    turn = sin(radians(other.longitude - one.longitude) / 2) ** 2
    return 2 * _EARTH_KM * asin(sqrt(rise + cos(lat) * cos(lat2) * turn))


def _position(tracker: Tracker) -> Position | None:
    """Where the citizen is; None outside of China, and when it can't be read."""
    try:
        return Position.parse_obj(
            {name: _entity(tracker, name) for name in ("latitude", "longitude")}
        )
    except ValueError:
        return None


def _entity(tracker: Tracker, name: str) -> str | None:
    entities = tracker.latest_message.get("entities") or []
    return next((str(one["value"]) for one in entities if one["entity"] == name), None)
