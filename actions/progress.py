"""How far an application has come, by its number."""

from __future__ import annotations

import re
from typing import Any

from rasa_sdk import Action, Tracker
from rasa_sdk.executor import CollectingDispatcher

from actions.forms import Ask, Reader, ValidateForm
from actions.guide import ActionGuide
from actions.memory import Events
from actions.outcome import Outcome, note
from actions.reply import desk as say
from actions.resources import desk_client
from actions.slots import forget
from desk.errors import DeskCode, DeskRefused
from service_catalog.catalog import Catalog

_NUMBER = re.compile(r"(?<![A-Za-z0-9])(?=[A-Za-z-]*\d)[A-Za-z0-9-]{6,40}(?![A-Za-z0-9])")
_CHECK = re.compile(r"(?<![0-9A-Za-z])\d{3}[0-9Xx](?![0-9A-Za-z])")
_ASKS_HOW_FAR = re.compile(
    r"进度|进展|办好|办下来|批|到哪|哪一步|审核|结果|编号|单号|查|好了|没有$|没$"
)
_UNKNOWN = re.compile(r"不记得|忘了|不知道|没有编号|找不到|丢了|哪里看|在哪")
_ASK_CHECK = {DeskCode.CHECK_NEEDED, DeskCode.CHECK_WRONG}


class _Progress(Reader):
    own = frozenset({"progress"})

    async def read(self) -> None:
        if self.wanted == "progress_check":
            check = _CHECK.search(self.evidence.text)
            if check:
                await self._look(self.get("progress_number"), check[0].upper())
            else:
                self.again(say.bad_check())
            return
        number = _NUMBER.search(self.evidence.text)
        named = self.evidence.asks and not _ASKS_HOW_FAR.search(self.evidence.text)
        if self.wanted is None and number is None and named:
            self.events = await ActionGuide().run(self._dispatcher, self.tracker, {})
            self.end()  # 我的钱包丢了 tells of a matter, and of no application
            return
        if number:
            await self._look(number[0].upper(), None)
        elif _UNKNOWN.search(self.evidence.text) and self.wanted:
            self.say(say.where_the_number_is(self.catalog))
            self.set(self.wanted, None)
        else:
            self.again(say.bad_number())

    async def _look(self, number: str, check: str | None) -> None:
        try:
            found = await desk_client().progress(self.citizen, number, check)
        except DeskRefused as refused:
            if refused.code is DeskCode.UNKNOWN_NUMBER:
                self.say(refused.sentence)
                self.end()
                return
            if refused.code not in _ASK_CHECK:
                raise
            self.set("progress_number", number)
            self.set("progress_check", None)
            if refused.code is DeskCode.CHECK_WRONG:
                self.say(refused.sentence)
            return
        self.say(say.progress(found))
        note(Outcome.PROGRESS_TOLD)
        self.end()


class ValidateProgressForm(ValidateForm):
    """Reads the number, and the characters that prove whose it is."""

    form = "progress_form"

    def reader(
        self, catalog: Catalog, tracker: Tracker, dispatcher: CollectingDispatcher
    ) -> Reader:
        """The form's reader of this message."""
        return _Progress(catalog, tracker, dispatcher)


class AskProgressNumber(Ask):
    """Which application."""

    slot = "progress_number"

    def question(self, catalog: Catalog, slots: dict[str, Any]) -> str:
        """The question in words."""
        return say.ask_number()


class AskProgressCheck(Ask):
    """Proof that it is the citizen's own."""

    slot = "progress_check"

    def question(self, catalog: Catalog, slots: dict[str, Any]) -> str:
        """The question in words."""
        return say.ask_check()


class ActionProgress(Action):
    """Forgets the number: the form has said what there is to say."""

    def name(self) -> str:
        """The action's name in the domain."""
        return "action_progress"

    async def run(
        self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]
    ) -> Events:
        """Forget."""
        return forget("progress_form")
