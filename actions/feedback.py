"""Complaints, praise, suggestions and messages for the staff."""

from __future__ import annotations

import re
from typing import Any

from rasa_sdk import Action, Tracker
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
from desk.values import MAX_TEXT, CaseKind, case_kind
from service_catalog.catalog import Catalog

_KINDS = {
    "complain": CaseKind.COMPLAINT,
    "praise": CaseKind.PRAISE,
    "suggest": CaseKind.SUGGESTION,
    "leave_message": CaseKind.MESSAGE,
}
_OPENING = re.compile(
    r"^(你好|您好|那|请|麻烦|我|我们|想|要|想要|来|给|你们|的|帮|提|有|个|一|下|条|几|点|写|留|"
    r"投诉|举报|表扬|建议|意见|留言|留个言|反映|反馈|情况|问题|工作人员|带个话|话|言|好评|点赞|赞|,|，|。|：|:|!|！|\s)+"
)
"""Words that only say what follows; what is left tells something, or nothing yet."""
_FIRST_PAUSE = re.compile(r"^(.{1,16}?)([，,。：:！!\s]+)(.+)$", re.DOTALL)
_TELLS = 5
"""So many characters besides those words are the matter itself: 3号窗口态度太差."""
_ASIDE = frozenset({"why", "repeat", "human"})


class _Feedback(Reader):
    async def read(self) -> None:
        text = self.evidence.written
        if self.wanted is None:
            kind = _KINDS[self.evidence.intent]
            self.set("feedback_kind", kind.value)
            if _tells(text):
                self.set("feedback_text", text[:MAX_TEXT])
            return
        if self.evidence.intent in _ASIDE:
            return
        if not _OPENING.sub("", text):
            self.say(say.say_it_here())
            self.set("feedback_text", None)
            return
        self.set("feedback_text", text[:MAX_TEXT])


def _tells(text: str) -> bool:
    """Whether the message that begins it says the matter already: 投诉3号窗口态度太差."""
    paused = _FIRST_PAUSE.match(text)
    if paused and _OPENING.fullmatch(paused[1]):
        return len(paused[3]) >= _TELLS
    return len(_OPENING.sub("", text)) >= _TELLS


class ValidateFeedbackForm(ValidateForm):
    """Reads what is to be told to the staff."""

    form = "feedback_form"

    def reader(
        self, catalog: Catalog, tracker: Tracker, dispatcher: CollectingDispatcher
    ) -> Reader:
        """The form's reader of this message."""
        return _Feedback(catalog, tracker, dispatcher)


class AskFeedbackKind(Ask):
    """Never asked: the intent says it."""

    slot = "feedback_kind"

    def question(self, catalog: Catalog, slots: dict[str, Any]) -> str:
        """The question in words."""
        return say.ask_text(CaseKind.MESSAGE)


class AskFeedbackText(Ask):
    """What it is about."""

    slot = "feedback_text"

    def question(self, catalog: Catalog, slots: dict[str, Any]) -> str:
        """The question in words."""
        return say.ask_text(case_kind(slots["feedback_kind"]))


class ActionFeedback(Action):
    """Leaves it with the staff, and gives its number."""

    def name(self) -> str:
        """The action's name in the domain."""
        return "action_feedback"

    async def run(
        self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]
    ) -> Events:
        """Open the case, or say that it couldn't be left."""
        text, kind = tracker.slots.get("feedback_text"), tracker.slots.get("feedback_kind")
        if not text or not kind:
            return forget("feedback_form")
        catalog, about = await current_catalog(), tracker.slots.get("service")
        try:
            case = await desk_client().open_case(
                tracker.sender_id,
                case_kind(kind),
                text,
                transcript(tracker.events),
                about if about in catalog.services else None,
                idempotency_key=request_key(tracker, "feedback"),
            )
        except DeskUnavailable:
            dispatcher.utter_message(text=say.backend_down(catalog))
            note(Outcome.BACKEND_DOWN)
        except DeskRefused as refused:
            dispatcher.utter_message(text=refused.sentence)
            note(Outcome.REFUSED, code=refused.code.value)
        else:
            dispatcher.utter_message(text=say.left(case))
            note(Outcome.LEFT_FOR_STAFF, kind=case.kind.value)
        return forget("feedback_form")
