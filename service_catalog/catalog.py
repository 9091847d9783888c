"""The catalogue as one immutable snapshot: what is known, and how it is found.

Made whole by the loader and never changed afterwards; readers keep a reference for as long as they
work on one question, so they never see half an edit.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Mapping
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property
from typing import Any

from service_catalog.calendar import HallCalendar
from service_catalog.errors import UnknownId
from service_catalog.model import (
    Bundle,
    Draft,
    GeneralQuestion,
    Hall,
    Helper,
    HomeVisitRule,
    Place,
    PriorityGroup,
    Service,
    Terminal,
)
from service_catalog.search import SearchIndex, TopicIndex


@dataclass(frozen=True)
class Catalog:
    """Everything the hall knows at one moment.

    Attributes:
        hall: The hall as a whole.
        services: Services in force or not, by id.
        places: Places by id.
        calendar: When places are open.
        make_index: Makes the search over names and everyday words; see `index`.
        version: A digest of the files' content, the same in every process that reads them.
        bundles: 一件事 bundles by id.
        terminals: Self-service terminals.
        priority: Who goes first.
        home_visits: Who is visited at home, for what.
        helpers: Help by staff.
        general: Questions about the hall itself.
        drafts: Items known by name, not complete or not checked, by id; never told as fact.
    """

    hall: Hall
    services: Mapping[str, Service]
    places: Mapping[str, Place]
    calendar: HallCalendar
    make_index: Callable[[], SearchIndex] = field(repr=False, compare=False)
    version: str
    bundles: Mapping[str, Bundle] = field(default_factory=dict)
    terminals: tuple[Terminal, ...] = ()
    priority: tuple[PriorityGroup, ...] = ()
    home_visits: tuple[HomeVisitRule, ...] = ()
    helpers: tuple[Helper, ...] = ()
    general: tuple[GeneralQuestion, ...] = ()
    drafts: Mapping[str, Draft] = field(default_factory=dict)

    @cached_property
    def index(self) -> SearchIndex:
        """The search, made when it is first asked for: the booking office never does."""
        return self.make_index()

    @cached_property
    def topics(self) -> TopicIndex:
        """What of the hall itself a message asks about: its help, its places, its terminals."""
        return TopicIndex(
            general=self.general,
            helpers=self.helpers,
            priority=self.priority,
            home_visits=self.home_visits,
            terminals=self.terminals,
            places=tuple(self.places.values()),
        )

    @cached_property
    def worked_out(self) -> dict[Hashable, Any]:
        """What readers have worked out from this snapshot and keep with it, by keys of their own.

        As nothing in the snapshot changes, it holds for as long as the snapshot is served.
        """
        return {}

    def service(self, service_id: str) -> Service:
        """The service of this id.

        Raises:
            UnknownId: There is none.
        """
        try:
            return self.services[service_id]
        except KeyError:
            raise UnknownId(service_id) from None

    def place(self, place_id: str) -> Place:
        """The place of this id.

        Raises:
            UnknownId: There is none.
        """
        try:
            return self.places[place_id]
        except KeyError:
            raise UnknownId(place_id) from None

    def item(self, item_id: str) -> Service | Bundle:
        """The service or the bundle of this id; the catalogue gives no id to both.

        Raises:
            UnknownId: There is neither.
        """
        found = self.services.get(item_id) or self.bundles.get(item_id)
        if found is None:
            raise UnknownId(item_id)
        return found

    def in_force(self, day: date) -> tuple[Service, ...]:
        """The services offered on `day`, in the order of their ids."""
        return tuple(service for service in self.services.values() if service.in_force(day))
