"""The citizen's situation: heard in a sentence, or asked one question at a time with choices.

Decides with `service_catalog.situations` and says nothing itself. Called by guidance once it is
clear which service is meant.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from actions.aspects import Aspect
from actions.evidence import Evidence, chosen
from actions.memory import Memory
from service_catalog.catalog import Catalog
from service_catalog.model import Option, Question, Service
from service_catalog.situations import (
    Outcome,
    View,
    deciding_question,
    heard,
    plain_words,
    question_of,
)

_SHOW_ALL = re.compile(r"不知道|不清楚|不确定|不好说|说不准|都列|全列|全部|都告诉|都要看|跳过|都说")
_NEGATIVE = re.compile(r"^(不|没|未|否|无)")
OLD_PERSON = re.compile(
    r"(?:我|帮|替|给|家里|家)[的老]*(?:妈|爸|父|母|爷|奶|外婆|外公|姥|公公|婆婆|岳|老人|老爷子|老太太)"
)
_CHILD = re.compile(r"(?:我|帮|替|给)[家的]*(?:娃|孩子|小孩|儿子|女儿|闺女|宝宝|孙子|孙女|小朋友)")
_OTHERS = re.compile(r"(?:帮|替)(?:我)?(?!我|忙|办|换)[\u4e00-\u9fff]{1,4}|代(?:我|他|她|替|别人)")
_IMPLIED = (
    (OLD_PERSON, "大人已满16周岁代办别人"),
    (_CHILD, "孩子代办别人"),
    (_OTHERS, "代办别人"),
)
"""Who is spoken of answers questions: 帮我妈换身份证 is for a grown-up, and someone else comes."""
_SUPPOSING = re.compile(r"^(?:如果|要是|假如|那|那么)")
_TELLING = 3
"""A word this long that stands for an option is no accident."""
_SHORT = 14
"""A message longer than this tells more than the answer to a question of ours."""

_VIEWS: dict[Aspect, View] = {
    Aspect.CONDITIONS: lambda held: held.conditions,
    Aspect.MATERIALS: lambda held: held.materials,
    Aspect.FORMS: lambda held: held.materials,
    Aspect.DEFERRABLE: lambda held: held.materials,
    Aspect.WINDOW: lambda held: held.windows,
    Aspect.NEARBY: lambda held: held.windows,
    Aspect.HOURS: lambda held: held.windows,
    Aspect.FEE: lambda held: held.fee_items,
    Aspect.TIME_LIMIT: lambda held: (held.legal_limit, held.promised_limit),
}
_OVERVIEW = (Aspect.MATERIALS, Aspect.WINDOW, Aspect.FEE, Aspect.TIME_LIMIT)


@dataclass(frozen=True)
class Answered:
    """How the question on the table was answered.

    Attributes:
        option: The choice, or None when everything is to be shown.
    """

    option: Option | None


class Situation:
    """One message, read for what it says of the citizen's situation."""

    def __init__(self, catalog: Catalog, memory: Memory, evidence: Evidence) -> None:
        self._catalog = catalog
        self._memory = memory
        self._evidence = evidence
        self._said = plain_words(evidence.text)
        self._implied = "".join(words for who, words in _IMPLIED if who.search(evidence.text))

    @property
    def for_an_old_person(self) -> bool:
        """Whether it is about an old person of the family."""
        return bool(OLD_PERSON.search(self._evidence.text))

    def pending(self) -> tuple[Service, Question] | None:
        """The question on the table."""
        table = self._memory.pending
        service = self._catalog.services.get(table.get("service", ""))
        question = question_of(service, table.get("question", "")) if service else None
        return (service, question) if service and question else None

    def reply(self, question: Question) -> Answered | None:
        """How the message answers the question on the table; None when it doesn't."""
        evidence, options = self._evidence, question.options
        for option in options:
            if plain_words(option.label) == self._said:
                return Answered(option)
        row = chosen(evidence.text, len(options) + 1)
        if row is not None:
            return Answered(options[row] if row < len(options) else None)
        if self._names_another():
            return None
        short = len(self._said) <= _SHORT
        said = self._hear(question, self._said) if short else None
        if said:
            return Answered(said)
        if evidence.aspects or (not short and evidence.sure):
            return None
        if _SHOW_ALL.search(evidence.text):
            return Answered(None)
        meant = self._hear(question, self._said) or self._yes_or_no(options)
        return Answered(meant) if meant else None

    def _names_another(self) -> bool:
        """Whether another service is named than the one that the question is about."""
        evidence, table = self._evidence, self._memory.pending.get("service")
        best = evidence.candidates[0] if evidence.sure else None
        return best is not None and best.id != table and best.phrase in evidence.text

    def is_a_choice(self, question: Question) -> bool:
        """Whether the message is a number or the very label of a choice, and says nothing else."""
        labels = {plain_words(option.label) for option in question.options}
        by_number = chosen(self._evidence.text, len(question.options) + 1) is not None
        return by_number or self._said in labels

    def note_what_is_said(self, service: Service) -> bool:
        """Remember every answer that stands in the message; whether there was a new one."""
        known = self._memory.answers(service, self._catalog)
        said = self._besides_the_name(service)
        news = False
        for question in service.situations:
            option = self._hear(question, said)
            if option and known.get(question.id) != option.id:
                self._memory.tell(service, question, option)
                news = True
        return news

    def open_question(self, service: Service, aspects: Sequence[Aspect]) -> Question | None:
        """The next question worth asking for what was asked; None when nothing depends on it."""
        if self._memory.shows_all(service.id):
            return None
        return self._deciding(service, aspects)

    def _deciding(self, service: Service, aspects: Sequence[Aspect]) -> Question | None:
        views = [_VIEWS[aspect] for aspect in aspects or _OVERVIEW if aspect in _VIEWS]
        if not views:
            return None

        def view(held: Outcome) -> object:
            return [one(held) for one in views]

        return deciding_question(service, self._memory.answers(service, self._catalog), view)

    def decides(self, service: Service, aspects: Sequence[Aspect]) -> bool:
        """Whether everything that was asked is decided by what is known of the situation."""
        asked = aspects or _OVERVIEW
        return all(one in _VIEWS for one in asked) and self._deciding(service, asked) is None

    @property
    def supposes(self) -> bool:
        """Whether another case is supposed: 如果是外地户口呢."""
        return bool(_SUPPOSING.match(self._evidence.text))

    def speaks_of(self, service: Service) -> bool:
        """Whether the words stand for an option of one of the service's questions by themselves."""
        return self.supposes or any(
            plain_words(word) in self._said
            for question in service.situations
            for option in question.options
            for word in (option.label, *option.words)
            if len(word) >= _TELLING
        )

    def _besides_the_name(self, service: Service) -> str:
        """What is said besides the service's name; nothing when it asks who has to come."""
        if Aspect.IN_PERSON in self._evidence.aspects:
            return ""
        return self._said.replace(plain_words(service.name), "")

    def _hear(self, question: Question, said: str) -> Option | None:
        return heard(question, said) or (heard(question, self._implied) if self._implied else None)

    def _yes_or_no(self, options: Sequence[Option]) -> Option | None:
        """是 and 不是, where one of two choices says no."""
        no = [option for option in options if _NEGATIVE.match(option.label)]
        if len(options) != 2 or len(no) != 1:
            return None
        if self._evidence.intent == "deny":
            return no[0]
        if self._evidence.intent == "affirm":
            return next(option for option in options if option is not no[0])
        return None
