"""How understanding is scored: from labels and what was told to precision, recall and verdicts.

Pure counting, the same for every assistant that is measured. One utterance has one intent and any
number of aspects; both are sets of labels here.
"""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from enum import Enum
from statistics import fmean

RESAMPLES = 400

Labels = Sequence[Collection[str]]


@dataclass(frozen=True)
class ClassScore:
    """One class: how often it was told rightly.

    Attributes:
        name: The class.
        support: Utterances that have it.
        told: Utterances of which it was told.
        right: Utterances of which it was told and that have it.
    """

    name: str
    support: int
    told: int
    right: int

    @property
    def precision(self) -> float:
        """The part of what was told that is right; 0 when it was never told."""
        return self.right / self.told if self.told else 0.0

    @property
    def recall(self) -> float:
        """The part of what there is that was told; 0 when there is nothing."""
        return self.right / self.support if self.support else 0.0

    @property
    def f1(self) -> float:
        """The harmonic mean of both."""
        return 2 * self.right / (self.told + self.support) if self.right else 0.0


def by_class(labels: Labels, told: Labels) -> list[ClassScore]:
    """The score of every class that has utterances or was told, in the order of the names."""
    support = Counter(name for names in labels for name in set(names))
    claimed = Counter(name for names in told for name in set(names))
    right = Counter(
        name for has, says in zip(labels, told, strict=True) for name in set(has) & set(says)
    )
    return [
        ClassScore(name, support[name], claimed[name], right[name])
        for name in sorted(support | claimed)
    ]


def macro_f1(scores: Sequence[ClassScore]) -> float:
    """The mean F1 of the classes that have utterances, each class weighing the same."""
    values = [score.f1 for score in scores if score.support]
    return fmean(values) if values else float("nan")


def exact(labels: Labels, told: Labels) -> float:
    """The share of utterances of which exactly the right labels were told."""
    pairs = list(zip(labels, told, strict=True))
    return sum(set(has) == set(says) for has, says in pairs) / len(pairs) if pairs else float("nan")


def confusions(labels: Sequence[str], told: Sequence[str]) -> Counter[tuple[str, str]]:
    """How often one class was told in the place of another: (right, told) and the count."""
    return Counter(pair for pair in zip(labels, told, strict=True) if pair[0] != pair[1])


def interval(
    count: int, measure: Callable[[Sequence[int]], float], seed: int = 1
) -> tuple[float, float]:
    """The 90 % bootstrap interval of a measure of `count` utterances.

    Args:
        count: How many utterances there are.
        measure: The measure over the utterances of these numbers, from 0.
        seed: Makes the resamples repeatable.
    """
    if not count:
        return float("nan"), float("nan")
    chance = random.Random(seed)  # noqa: S311 - repeatable, not secret
    numbers = range(count)
    values = sorted(measure(chance.choices(numbers, k=count)) for _ in range(RESAMPLES))
    return values[RESAMPLES // 20], values[-RESAMPLES // 20 - 1]


class Way(str, Enum):
    """What an assistant does about services: answers for one, asks which is meant, or neither."""

    ANSWER = "answer"
    ASK = "ask"
    NONE = "none"


class Verdict(str, Enum):
    """How right that is."""

    RIGHT = "right answer"
    OFFERED = "right one offered"
    OTHERS = "only others offered"
    WRONG = "wrong answer"
    NOTHING = "no service"


def verdict(meant: Collection[str], way: Way, services: Sequence[str]) -> Verdict:
    """The verdict over one utterance.

    Args:
        meant: The services that are right; with none, every answer is wrong.
        way: What was done.
        services: The services it was done with, best first.
    """
    if way is Way.NONE:
        return Verdict.NOTHING
    if way is Way.ANSWER:
        return Verdict.RIGHT if services and services[0] in meant else Verdict.WRONG
    return Verdict.OFFERED if set(meant) & set(services) else Verdict.OTHERS
