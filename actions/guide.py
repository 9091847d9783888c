"""The actions of guidance: what Rasa calls for questions, choices, and the manner of speaking."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import Any

from rasa_sdk import Action, Tracker
from rasa_sdk.events import SlotSet
from rasa_sdk.executor import CollectingDispatcher

from actions.guidance import Guidance
from actions.memory import PLAIN, Events
from actions.outcome import Outcome, note
from actions.questions import keep_question
from actions.reply import guide, hall
from actions.resources import catalog as current_catalog
from service_catalog.clock import now

_KEPT = frozenset({Outcome.UNANSWERABLE, Outcome.NAMED_ONLY})
"""Outcomes after which the question is kept, so that staff see what to add."""


class _Guided(Action, ABC):
    """An action that goes one message's way through guidance."""

    async def run(
        self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]
    ) -> Events:
        """Answer, ask, or say that nothing fits; note how it ended."""
        guidance = Guidance(await current_catalog(), tracker, dispatcher)
        events = self.reply(guidance, dispatcher)
        note(guidance.outcome, service=guidance.about)
        if guidance.outcome in _KEPT:
            await keep_question(tracker, guidance.outcome)
        return events

    @abstractmethod
    def reply(self, guidance: Guidance, dispatcher: CollectingDispatcher) -> Events:
        """Say what there is to say."""


class ActionGuide(_Guided):
    """Answers what the citizen asks, from the catalogue alone."""

    def name(self) -> str:
        """The action's name in the domain."""
        return "action_guide"

    def reply(self, guidance: Guidance, dispatcher: CollectingDispatcher) -> Events:
        """Answer, ask which service is meant, or say that nothing fits."""
        return guidance.reply()


class ActionChoose(_Guided):
    """A number, a yes or a no: the option that was offered, or an answer about the situation."""

    def name(self) -> str:
        """The action's name in the domain."""
        return "action_choose"

    def reply(self, guidance: Guidance, dispatcher: CollectingDispatcher) -> Events:
        """Answer for what was picked what was asked when it was offered."""
        return guidance.reply_to_choice()


class _Manner(Action, ABC):
    """An action about how things are said, not about what; notes no outcome."""

    async def run(
        self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]
    ) -> Events:
        """Say it."""
        guidance = Guidance(await current_catalog(), tracker, dispatcher)
        return self.reply(guidance, dispatcher, tracker)

    @abstractmethod
    def reply(
        self, guidance: Guidance, dispatcher: CollectingDispatcher, tracker: Tracker
    ) -> Events:
        """Say what there is to say."""


class ActionWhy(_Manner):
    """Explains why a question was asked, and asks it again."""

    def name(self) -> str:
        """The action's name in the domain."""
        return "action_why"

    def reply(
        self, guidance: Guidance, dispatcher: CollectingDispatcher, tracker: Tracker
    ) -> Events:
        """Give the catalogue's reason, or that of the form's question."""
        form_slot = tracker.slots.get("requested_slot")
        if form_slot:
            dispatcher.utter_message(text=guide.why_the_form_asks(form_slot))
            return []
        dispatcher.utter_message(text=guidance.why() or guide.nothing_to_explain())
        guidance.ask_again()
        return []


class ActionGoBack(_Manner):
    """Back to the question before."""

    def name(self) -> str:
        """The action's name in the domain."""
        return "action_go_back"

    def reply(
        self, guidance: Guidance, dispatcher: CollectingDispatcher, tracker: Tracker
    ) -> Events:
        """Forget the last answer and ask again."""
        return guidance.go_back()


class ActionPlainer(_Manner):
    """Short sentences and the one next step, from now on."""

    def name(self) -> str:
        """The action's name in the domain."""
        return "action_plainer"

    def reply(
        self, guidance: Guidance, dispatcher: CollectingDispatcher, tracker: Tracker
    ) -> Events:
        """Say the last answer again, shorter."""
        dispatcher.utter_message(text=guide.plainer())
        guidance.memory.set("style", PLAIN)
        return _again(guidance, tracker)


class ActionFuller(_Manner):
    """Full answers again."""

    def name(self) -> str:
        """The action's name in the domain."""
        return "action_fuller"

    def reply(
        self, guidance: Guidance, dispatcher: CollectingDispatcher, tracker: Tracker
    ) -> Events:
        """Say the last answer again, in full."""
        dispatcher.utter_message(text=guide.fuller())
        guidance.memory.set("style", None)
        return _again(guidance, tracker)


def _again(guidance: Guidance, tracker: Tracker) -> Events:
    """The last answer in the new manner; in the middle of a form the form's question follows."""
    return guidance.memory.events if tracker.active_loop.get("name") else guidance.say_again()


class ActionRepeat(_Manner):
    """Says the last thing once more."""

    def name(self) -> str:
        """The action's name in the domain."""
        return "action_repeat"

    def reply(
        self, guidance: Guidance, dispatcher: CollectingDispatcher, tracker: Tracker
    ) -> Events:
        """Repeat everything that was said to the message before; a form asks by itself."""
        if tracker.active_loop.get("name"):
            return []
        said = _said_before(tracker.events)
        for text, buttons in said:
            dispatcher.utter_message(text=text, buttons=buttons)
        if not said:
            dispatcher.utter_message(text=guide.nothing_to_repeat())
        return []


def _said_before(events: list[dict[str, Any]]) -> list[tuple[str, list[dict[str, str]]]]:
    """What the assistant said to the message before the latest one, with its buttons."""
    said: list[tuple[str, list[dict[str, str]]]] = []
    users = 0
    for event in reversed(events):
        if event.get("event") == "user":
            users += 1
            if users > 1:
                break
        elif event.get("event") == "bot" and users == 1 and event.get("text"):
            said.append((event["text"], (event.get("data") or {}).get("buttons") or []))
    return said[::-1]


class ActionWelcome(Action):
    """Says who is speaking and what one can ask."""

    def name(self) -> str:
        """The action's name in the domain."""
        return "action_welcome"

    async def run(
        self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]
    ) -> Events:
        """Greet with examples from the catalogue."""
        dispatcher.utter_message(text=hall.welcome(await current_catalog(), now().date()))
        return []


class ActionCourtesy(Action):
    """Thanks and farewells; after an answer, a rating may be given, once."""

    def name(self) -> str:
        """The action's name in the domain."""
        return "action_courtesy"

    async def run(
        self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]
    ) -> Events:
        """Answer kindly; offer a rating when something was answered and none was offered yet."""
        intent = (tracker.latest_message.get("intent") or {}).get("name")
        farewell = hall.goodbye() if intent == "goodbye" else hall.welcome_back()
        answered = tracker.slots.get("service")
        asks_still = tracker.slots.get("pending")
        if (
            not answered
            or asks_still
            or tracker.slots.get("rating_offered")
            or tracker.active_loop.get("name")
        ):
            dispatcher.utter_message(text=farewell)
            return []
        dispatcher.utter_message(text=f"{farewell}\n{hall.rating_hint()}")
        return [SlotSet("rating_offered", {"service": answered})]
