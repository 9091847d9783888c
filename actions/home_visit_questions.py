"""The home-visit form's asking side: one action a slot, called by Rasa while the slot is empty."""

from __future__ import annotations

from datetime import date
from typing import Any

from actions.forms import CONFIRM, Ask
from actions.reply import booking as say_booking
from actions.reply import visits as say
from booking.values import Half
from service_catalog.catalog import Catalog
from service_catalog.model import HomeVisitRule


def rule_of(catalog: Catalog, rule_id: str) -> HomeVisitRule:
    """The home-visit rule of this id."""
    return next(rule for rule in catalog.home_visits if rule.id == rule_id)


class AskVisitService(Ask):
    """What is to be done at home."""

    slot = "visit_service"

    def question(self, catalog: Catalog, slots: dict[str, Any]) -> str:
        """The question in words."""
        offer = slots.get("form_offered") or {}
        if offer.get("for") == self.slot:
            return say_booking.which_of_these()
        return say.which_service()


class AskVisitRule(Ask):
    """For whom it is."""

    slot = "visit_rule"

    def question(self, catalog: Catalog, slots: dict[str, Any]) -> str:
        """The question in words."""
        return say.which_rule()


class AskVisitAge(Ask):
    """How old the person is."""

    slot = "visit_age"

    def question(self, catalog: Catalog, slots: dict[str, Any]) -> str:
        """The question in words."""
        return say.ask_age(rule_of(catalog, slots["visit_rule"]))


class AskVisitDay(Ask):
    """On which day."""

    slot = "visit_day"

    def question(self, catalog: Catalog, slots: dict[str, Any]) -> str:
        """The question in words."""
        return say.ask_day(rule_of(catalog, slots["visit_rule"]))


class AskVisitAddress(Ask):
    """Where."""

    slot = "visit_address"

    def question(self, catalog: Catalog, slots: dict[str, Any]) -> str:
        """The question in words."""
        return say.ask_address(rule_of(catalog, slots["visit_rule"]))


class AskVisitName(Ask):
    """For whom."""

    slot = "visit_name"

    def question(self, catalog: Catalog, slots: dict[str, Any]) -> str:
        """The question in words."""
        return say_booking.ask_name()


class AskVisitPhone(Ask):
    """A number to reach them."""

    slot = "visit_phone"

    def question(self, catalog: Catalog, slots: dict[str, Any]) -> str:
        """The question in words."""
        return say_booking.ask_phone()


class AskVisitConfirmed(Ask):
    """Whether really."""

    slot = "visit_confirmed"
    choices = CONFIRM

    def question(self, catalog: Catalog, slots: dict[str, Any]) -> str:
        """The question in words."""
        return say.confirm(
            catalog.service(slots["visit_service"]),
            rule_of(catalog, slots["visit_rule"]),
            _half_day(slots["visit_day"]),
            (slots["visit_address"], slots["visit_name"], slots["visit_phone"]),
        )


def _half_day(value: dict[str, str]) -> str:
    return say.half_day(date.fromisoformat(value["day"]), Half(value["half"]))
