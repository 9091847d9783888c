"""好差评: rating the answers or a visit on five levels; a low one asks why and opens a case."""

from __future__ import annotations

import re
from typing import Any

from rasa_sdk import Action, Tracker
from rasa_sdk.events import SlotSet
from rasa_sdk.executor import CollectingDispatcher

from actions.forms import Ask, Reader, ValidateForm
from actions.memory import Events
from actions.outcome import Outcome, note
from actions.questions import request_key
from actions.reply import desk as say
from actions.resources import catalog as current_catalog
from actions.resources import desk_client
from actions.slots import forget
from actions.transcript import transcript
from desk.errors import DeskRefused, DeskUnavailable
from desk.values import Case, CaseKind, RatingLevel
from service_catalog.catalog import Catalog

LEVELS = tuple(sorted(RatingLevel, reverse=True))
"""Best first, as they are offered."""
_WORDS = (
    (re.compile(r"非常不满|很不满|极差|太差|最差|一星|1星|差劲"), RatingLevel.VERY_BAD),
    (re.compile(r"不满意|差评|二星|两星|2星|不怎么样|不太好"), RatingLevel.BAD),
    (re.compile(r"基本满意|一般|还行|还可以|凑合|三星|3星|中评"), RatingLevel.FAIR),
    (re.compile(r"非常满意|很满意|十分满意|太好了|五星|5星|满分|最好"), RatingLevel.VERY_GOOD),
    (re.compile(r"满意|好评|四星|4星|不错|挺好"), RatingLevel.GOOD),
)
_SKIP = re.compile(r"^(跳过|没有|没什么|不说了?|不想说|算了|无)[。.!！]?$")
_NOTHING_SAID = frozenset({"deny", "thanks", "goodbye", "stop"})
_NONE = ""
"""No reason is asked for, or none was given."""


class _Rating(Reader):
    own = frozenset({"rate"})

    async def read(self) -> None:
        if self.wanted == "rating_reason":
            text = self.evidence.written
            skipped = _SKIP.match(text) or self.evidence.intent in _NOTHING_SAID
            self.set("rating_reason", _NONE if skipped else text[:2000])
            return
        level = self.picked() or self._level_said()
        if level is None:
            self.offer("rating_level", [int(one) for one in LEVELS], [one.label for one in LEVELS])
            if self.wanted:
                self.again(say.bad_level())
            return
        self.set("rating_level", level)
        self.set("form_offered", None)
        if not RatingLevel(level).is_low:
            self.set("rating_reason", _NONE)

    def _level_said(self) -> int | None:
        if self.wanted is None and self.evidence.intent != "rate":
            return None
        return next((int(one) for words, one in _WORDS if words.search(self.evidence.text)), None)


class ValidateRatingForm(ValidateForm):
    """Reads the level, and why it is low."""

    form = "rating_form"

    def reader(
        self, catalog: Catalog, tracker: Tracker, dispatcher: CollectingDispatcher
    ) -> Reader:
        """The form's reader of this message."""
        return _Rating(catalog, tracker, dispatcher)


class AskRatingLevel(Ask):
    """Which of five levels."""

    slot = "rating_level"

    def question(self, catalog: Catalog, slots: dict[str, Any]) -> str:
        """The question in words."""
        return say.ask_level()


class AskRatingReason(Ask):
    """Why so low."""

    slot = "rating_reason"

    def question(self, catalog: Catalog, slots: dict[str, Any]) -> str:
        """The question in words."""
        return say.ask_reason()


class ActionRate(Action):
    """Keeps the rating; a low one opens a case."""

    def name(self) -> str:
        """The action's name in the domain."""
        return "action_rate"

    async def run(
        self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]
    ) -> Events:
        """Keep it, and say what becomes of it."""
        value = tracker.slots.get("rating_level")
        if value is None:
            return forget("rating_form")
        level, catalog = RatingLevel(value), await current_catalog()
        about = (tracker.slots.get("rating_offered") or {}).get("service")
        about = about or tracker.slots.get("service")
        service = about if about in catalog.services else None
        try:
            await desk_client().rate(
                tracker.sender_id,
                level,
                service=service,
                idempotency_key=request_key(tracker, "rating"),
            )
            case = await _case(tracker, service) if level.is_low else None
        except DeskUnavailable:
            dispatcher.utter_message(text=say.backend_down(catalog))
            note(Outcome.BACKEND_DOWN)
        except DeskRefused as refused:
            dispatcher.utter_message(text=refused.sentence)
            note(Outcome.REFUSED, code=refused.code.value)
        else:
            dispatcher.utter_message(text=say.rated(level, case))
            note(Outcome.RATED, service=service)
        return [*forget("rating_form"), SlotSet("rating_offered", {"done": True})]


async def _case(tracker: Tracker, service: str | None) -> Case:
    return await desk_client().open_case(
        tracker.sender_id,
        CaseKind.LOW_RATING,
        tracker.slots.get("rating_reason") or say.no_reason(),
        transcript(tracker.events),
        service,
        idempotency_key=request_key(tracker, "low rating"),
    )
