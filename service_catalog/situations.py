"""情形: walking a service's questions, and what holds once they are answered.

`next_question` leads from answer to answer, as GOV.UK Smart Answers do; `outcome` gives the
materials, conditions, windows, fees and time limits that hold under the answers so far. `paths`
walks every way to the end, for checks, tests and coverage.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from service_catalog.model import (
    END,
    Condition,
    FeeItem,
    Material,
    Only,
    Option,
    Question,
    Service,
    TimeLimit,
    WindowChannel,
)

Answers = Mapping[Any, str]
"""Question id → option id."""

MAX_QUESTIONS = 12
"""More questions than this on one way are a form, not a conversation."""


@dataclass(frozen=True)
class Outcome:
    """What holds for one citizen's situation.

    Attributes:
        materials: Materials to bring, in the catalogue's order.
        conditions: Conditions to meet.
        windows: Windows that take it.
        fee_items: What is charged; empty when free.
        legal_limit: The legal time limit, or None.
        promised_limit: The promised one, or None for 即办件.
        open_questions: Questions on the way that aren't answered yet; empty when this is final.
    """

    materials: tuple[Material, ...]
    conditions: tuple[Condition, ...]
    windows: tuple[WindowChannel, ...]
    fee_items: tuple[FeeItem, ...]
    legal_limit: TimeLimit | None
    promised_limit: TimeLimit | None
    open_questions: tuple[Question, ...]


def question_of(service: Service, question_id: str) -> Question | None:
    """The service's question of this id."""
    return next((one for one in service.situations if one.id == question_id), None)


def option_of(question: Question, option_id: str) -> Option | None:
    """The question's option of this id."""
    return next((one for one in question.options if one.id == option_id), None)


def following(service: Service, question: Question, option: Option) -> Question | None:
    """The question that an option leads to; None at the end, or when it leads nowhere."""
    if option.next == END:
        return None
    if option.next is not None:
        return question_of(service, option.next)
    ids = [one.id for one in service.situations]  # whole questions take long to compare
    place = ids.index(question.id) + 1
    return service.situations[place] if place < len(service.situations) else None


def way(service: Service, answers: Answers) -> Iterator[Question]:
    """The questions on the way that `answers` lead, up to and with the first unanswered one."""
    question = service.situations[0] if service.situations else None
    for _ in range(MAX_QUESTIONS + 1):
        if question is None:
            return
        yield question
        option = option_of(question, answers.get(question.id, ""))
        if option is None:
            return
        question = following(service, question, option)


def next_question(service: Service, answers: Answers) -> Question | None:
    """The first question on the way that has no valid answer yet; None when all are answered."""
    for question in way(service, answers):
        if option_of(question, answers.get(question.id, "")) is None:
            return question
    return None


def outcome(service: Service, answers: Answers) -> Outcome:
    """What holds under `answers`; answers to questions that aren't on the way count for nothing.

    An entry that depends on a question not answered yet is left in, so that before the questions
    the citizen sees everything that may be asked for.
    """
    asked = list(way(service, answers))
    known = {q.id: answers[q.id] for q in asked if option_of(q, answers.get(q.id, ""))}
    still_open = next_question(service, answers)
    final = still_open is None

    def holds(only: Only) -> bool:
        return all(
            known[question] in options if question in known else not final
            for question, options in only.items()
        )

    limits = (
        [case for case in service.limit_cases if case.only and holds(case.only)] if final else []
    )
    return Outcome(
        materials=tuple(one for one in service.materials if holds(one.only)),
        conditions=tuple(one for one in service.conditions if holds(one.only)),
        windows=tuple(one for one in service.channels.window if holds(one.only)),
        fee_items=tuple(one for one in service.fee.items if holds(one.only)),
        legal_limit=limits[0].legal if limits else service.legal_limit,
        promised_limit=limits[0].promised if limits else service.promised_limit,
        open_questions=() if still_open is None else (still_open,),
    )


def paths(service: Service) -> Iterator[dict[str, str]]:
    """Every way through the questions, as the answers that lead it; one empty way without any.

    An endless way is cut off after `MAX_QUESTIONS`; the check of the catalogue refuses it.
    """
    if not service.situations:
        yield {}
        return
    yield from _walk(service, service.situations[0], {})


def _walk(service: Service, question: Question, so_far: dict[str, str]) -> Iterator[dict[str, str]]:
    for option in question.options:
        answers = {**so_far, question.id: option.id}
        after = following(service, question, option)
        if after is None or after.id in answers or len(answers) >= MAX_QUESTIONS:
            yield answers
        else:
            yield from _walk(service, after, answers)


_BARE = frozenset(("是", "不是", "有", "没有", "要", "不要", "会", "不会", "对", "不对", "否"))
"""A yes or a no answers the question that was asked, and tells nothing of any other."""

View = Callable[[Outcome], object]
"""The part of an outcome that a question is about: its materials, its fees."""


def ways_left(service: Service, answers: Answers) -> list[dict[str, str]]:
    """Every way through the questions that agrees with the answers given so far, in any order."""
    return [
        one
        for one in paths(service)
        if all(one.get(key, told) == told for key, told in answers.items())
    ]


def deciding_question(service: Service, answers: Answers, view: View) -> Question | None:
    """The first open question whose answer changes what `view` shows; None when none does.

    Questions that change nothing of what was asked are not worth a citizen's time: who asks for the
    fee need not say where their household is registered when the fee is the same everywhere.
    """
    left = ways_left(service, answers)
    seen = [(one, repr(view(outcome(service, one)))) for one in left]
    for question in service.situations:
        if question.id in answers:
            continue
        views: dict[str, set[str]] = {}
        for one, shown in seen:
            views.setdefault(one.get(question.id, ""), set()).add(shown)
        if len(views) > 1 and len({frozenset(shown) for shown in views.values()}) > 1:
            return question
    return _first_parting(service, answers, seen)


def _first_parting(
    service: Service, answers: Answers, seen: list[tuple[dict[str, str], str]]
) -> Question | None:
    """The first open question, where only several answers together decide."""
    if len({shown for _, shown in seen}) < 2:
        return None
    for question in service.situations:
        told = {one.get(question.id, "") for one, _ in seen}
        if question.id not in answers and len(told) > 1:
            return question
    return None


def settled(service: Service, answers: Answers) -> Answers:
    """A way to the end that agrees with the answers, for a view that no open question changes."""
    left = ways_left(service, answers)
    return left[0] if left else answers


def heard(question: Question, text: str) -> Option | None:
    """The option that a citizen's words speak of, when they speak of exactly one.

    A longer word counts before a shorter one inside it (未满16周岁 before 满16周岁), and a word
    that is denied speaks for the other option when there are just two.

    Args:
        question: The question.
        text: The message, normalised as the options' words are by `plain_words`.
    """
    found: dict[str, Option] = {}
    taken: list[tuple[int, int]] = []
    for word, option in _by_length(question):
        place = text.find(word)
        if place < 0 or any(first < place + len(word) and place < last for first, last in taken):
            continue
        taken.append((place, place + len(word)))
        denied = _denied(text[:place], word)
        meant = _other(question, option) if denied else option
        if meant is not None:
            found[meant.id] = meant
    return next(iter(found.values())) if len(found) == 1 else None


def plain_words(text: str) -> str:
    """Words as they are compared: without blanks and punctuation, in small letters."""
    return "".join(char for char in text.lower() if char.isalnum())


def _by_length(question: Question) -> list[tuple[str, Option]]:
    words = [
        (plain_words(word), option)
        for option in question.options
        for word in (option.label, *option.words)
    ]
    telling = (pair for pair in words if pair[0] and pair[0] not in _BARE)
    return sorted(telling, key=lambda pair: -len(pair[0]))


def _denied(before: str, word: str) -> bool:
    """Whether the word before denies it; 没 and 不 do where they are part of 没有 and 不是."""
    if word[0] in "有是会要" and before.endswith(("没", "不", "无")):
        return True
    return before.endswith(("不是", "并非", "没有", "不属于", "非"))


def _other(question: Question, option: Option) -> Option | None:
    others = [one for one in question.options if one.id != option.id]
    return others[0] if len(others) == 1 else None
