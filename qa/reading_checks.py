"""From the assertions of a file to checks; names and patterns that can't be right are told."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from qa.cases import Vocabulary
from qa.catalogue_checks import About, Asks, Lists
from qa.checks import ANY, ActionRan, Answer, Check, Slots, WholeText
from service_catalog.files import Document

Place = list[str | int]
Fault = Callable[[Place, str, str], None]
_NOT = {"slot_was_not_set", "bot_did_not_utter", "bot_did_not_uttered"}


class CheckReader:
    """Reads the checks of one file whose form is right."""

    def __init__(self, document: Document, vocabulary: Vocabulary | None, fault: Fault) -> None:
        self._document = document
        self._vocabulary = vocabulary
        self._fault = fault

    def assertions(self, place: Place, entries: Sequence[Mapping[str, Any]]) -> list[Check]:
        """The checks under `assertions`."""
        checks = []
        for row, entry in enumerate(entries):
            ((kind, value),) = entry.items()
            where = [*place, row, kind]
            checks.append(self._assertion(where, kind, value, self._document.line(where)))
        return checks

    def step(self, place: Place, step: Mapping[str, Any]) -> list[Check]:
        """The check that is a step of its own."""
        ((kind, value),) = ((key, step[key]) for key in step if key != "metadata")
        where = [*place, kind]
        line = self._document.line(where)
        if kind == "bot":
            return [WholeText(line, value)]
        if kind == "utter":
            return [self._answer(where, {"utter_name": value}, line, wanted=True)]
        pairs = [(one, ANY) if isinstance(one, str) else next(iter(one.items())) for one in value]
        return [self._slots(where, pairs, line, wanted=kind not in _NOT)]

    def known_slot(self, place: Place, name: str) -> None:
        """Tells a slot that the assistant doesn't have."""
        if self._vocabulary and name not in self._vocabulary.slots:
            self._fault(place, f"没有槽位 {name}", "名字要和 domain.yml 的 slots 里一样")

    def _assertion(self, where: Place, kind: str, value: Any, line: int) -> Check:  # noqa: ANN401
        if kind == "action_executed":
            if self._vocabulary and value not in self._vocabulary.actions:
                self._fault(where, f"没有动作 {value}", "名字要和 domain.yml 的 actions 里一样")
            return ActionRan(line, value)
        if kind.startswith("slot_"):
            pairs = [(one["name"], one.get("value", ANY)) for one in value]
            return self._slots(where, pairs, line, wanted=kind not in _NOT)
        if kind == "banshi_about":
            return About(line, value)
        if kind == "banshi_asks":
            return Asks(line, value["service"], value["question"])
        if kind == "banshi_lists":
            return Lists(line, value["item"], value.get("situation") or {})
        return self._answer(where, value, line, wanted=kind not in _NOT)

    def _answer(self, where: Place, value: Mapping[str, Any], line: int, *, wanted: bool) -> Check:
        pattern, name = value.get("text_matches"), value.get("utter_name")
        if pattern is not None:
            try:
                re.compile(pattern)
            except re.error as error:
                self._fault(
                    [*where, "text_matches"],
                    f"“{pattern}”不是正则表达式（{error}）",
                    "括号、加号、问号、星号前面加两个反斜杠，例如 \\\\(1\\\\)",
                )
        if name is not None and self._vocabulary and name not in self._vocabulary.responses:
            self._fault(where, f"没有答复 {name}", "名字要和 domain.yml 的 responses 里一样")
        buttons = tuple((one["title"], one.get("payload", "")) for one in value.get("buttons", ()))
        return Answer(line, pattern, buttons, name, wanted)

    def _slots(
        self, where: Place, pairs: Sequence[tuple[str, Any]], line: int, *, wanted: bool
    ) -> Check:
        for name, _ in pairs:
            self.known_slot(where, name)
        return Slots(line, tuple(pairs), wanted)
