"""What the measured figures say: one assistant's scores, made of its run over the labelled sets.

Turns the answers of `understanding_run` into scores by the rules of `understanding_scores`. Knows
neither Rasa nor how anything is printed.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from statistics import fmean, median
from typing import Any

from actions.aspects import Aspect
from benchmarks.understanding_scores import (
    ClassScore,
    Labels,
    Verdict,
    Way,
    by_class,
    confusions,
    exact,
    interval,
    macro_f1,
    verdict,
)
from benchmarks.understanding_sets import Stray, Utterance

NO_BUSINESS = frozenset({"out_of_scope", "nlu_fallback"})
"""What a Rasa assistant says of a message that is not for it."""
ANSWERED, CLARIFICATION = "answered", "clarification"
READ, UNREAD = "development", "blind"
"""The part of the labelled set that may be read, and the one that nobody reads."""
_TITLE = re.compile(r"【([^】]+)】")

Run = Mapping[str, Any]
Estimate = tuple[float, float, float]
"""A measure and its 90 % bootstrap interval."""


@dataclass(frozen=True)
class Labelling:
    """Intents or aspects: what was told beside what is right.

    Attributes:
        classes: The score of each class.
        macro: The mean F1 of the classes with utterances.
        exact: The share of utterances with exactly the right labels.
        confused: (right, told) and how often, of single labels.
    """

    classes: Sequence[ClassScore]
    macro: Estimate
    exact: Estimate
    confused: Counter[tuple[str, str]] = field(default_factory=Counter)


@dataclass(frozen=True)
class Part:
    """One part of the labelled set: the one that may be read, or the blind one.

    Attributes:
        intents: Over its utterances.
        aspects: Over those that ask.
    """

    intents: Labelling
    aspects: Labelling


@dataclass(frozen=True)
class Speed:
    """What a message takes.

    Attributes:
        nlu_ms: Half of the messages are understood within this; and 95 of 100.
        whole_ms: The same for whole messages; None when they weren't measured.
        load_s: Seconds until the model was loaded.
        memory_mb: What the process holds after all messages.
        training_s: Seconds of training; None when nobody saw it.
        trained_now: Whether that was in this run.
    """

    nlu_ms: tuple[float, float]
    whole_ms: tuple[float, float] | None
    load_s: float
    memory_mb: float
    training_s: float | None
    trained_now: bool


@dataclass(frozen=True)
class Scores:
    """All figures of one assistant.

    Attributes:
        intents: Over all labelled utterances.
        aspects: Over the utterances that ask.
        refused: The share of strays that the classifier takes for no business of the hall.
        speed: Time and memory.
        parts: The same of the part that may be read and of the blind one, where there is one.
        linked: Verdicts on the services that the search names, where some are meant.
        acted: Verdicts on what the assistant does, where some are meant and it is asked.
        unasked: What it does where it is asked and no service is meant.
        strays: What it does about strays, by kind.
        outcomes: The outcomes that actions noted for strays; "" where none did.
        silent: The share of strays that get no answer about a service.
        failures: Messages that could not be read and actions that failed.
    """

    intents: Labelling
    aspects: Labelling
    refused: Estimate
    speed: Speed
    parts: Mapping[str, Part] = field(default_factory=dict)
    linked: Counter[Verdict] = field(default_factory=Counter)
    acted: Counter[Verdict] = field(default_factory=Counter)
    unasked: Counter[Way] = field(default_factory=Counter)
    strays: Mapping[str, Counter[Way]] = field(default_factory=dict)
    outcomes: Counter[str] = field(default_factory=Counter)
    silent: Estimate | None = None
    failures: Sequence[str] = ()


@dataclass(frozen=True)
class Acted:
    """What the assistant did about one utterance: the way and the services it did it with."""

    way: Way
    services: tuple[str, ...]


def acted(done: Mapping[str, Any], ids: Mapping[str, str]) -> Acted:
    """What was done, by the noted outcome; by what was said where the outcome tells nothing.

    Whatever shows the title of a service's or a bundle's answer counts as an answer about it.
    """
    titles = [ids[title] for title in _TITLE.findall(done["text"]) if title in ids]
    if done["outcome"] == CLARIFICATION:
        choices = [name for name in ids if name in done["choices"] or name in done["text"]]
        return Acted(Way.ASK, tuple(dict.fromkeys(ids[name] for name in choices)))
    if done["outcome"] == ANSWERED or titles:
        noted = ids.get(done["service"])
        return Acted(Way.ANSWER, tuple(dict.fromkeys([*([noted] if noted else []), *titles])))
    return Acted(Way.NONE, ())


def score(
    run: Run, utterances: Sequence[Utterance], strays: Sequence[Stray], speed: Speed
) -> Scores:
    """The figures of the classifier alone; `run` holds the utterances first, then the strays.

    The intent is taken from beneath Rasa's fallback, which can't name any; of strays the fallback
    counts as a refusal.
    """
    parsed = run["parsed"]
    mine, theirs = parsed[: len(utterances)], parsed[len(utterances) :]
    pairs, names = list(zip(utterances, mine, strict=True)), _aspects(utterances)
    whole = _part(pairs, names)
    blind = [pair for pair in pairs if pair[0].blind]
    read = [pair for pair in pairs if not pair[0].blind]
    refused = [bool({one["intent"], one["best"]} & NO_BUSINESS) for one in theirs]
    return Scores(
        intents=whole.intents,
        aspects=whole.aspects,
        refused=_share(refused),
        speed=speed,
        parts={READ: _part(read, names), UNREAD: _part(blind, names)} if blind else {},
        failures=run["failures"],
    )


def _part(pairs: Sequence[tuple[Utterance, Run]], names: frozenset[str]) -> Part:
    """The scores of some utterances with what was made of them; `names` are those of aspects."""
    asking = [(one, told) for one, told in pairs if one.intent == "ask"]
    return Part(
        labelling([{one.intent} for one, _ in pairs], [{told["best"]} for _, told in pairs]),
        labelling(
            [one.aspects for one, _ in asking],
            [names & set(told["entities"]) for _, told in asking],
        ),
    )


def with_services(
    scores: Scores,
    run: Run,
    utterances: Sequence[Utterance],
    strays: Sequence[Stray],
    ids: Mapping[str, str],
) -> Scores:
    """The same with what the assistant does about services; `run` must have handled whole messages.

    It handled the utterances that ask, in their order, then the strays.
    """
    asking = [one for one in utterances if one.intent == "ask"]
    deeds = [acted(one, ids) for one in run["done"]]
    mine, theirs = deeds[: len(asking)], deeds[len(asking) :]
    pairs = list(zip(asking, mine, strict=True))
    kinds: dict[str, Counter[Way]] = {}
    for stray, deed in zip(strays, theirs, strict=True):
        kinds.setdefault(stray.kind, Counter())[deed.way] += 1
    return replace(
        scores,
        linked=Counter(
            verdict(one.services, Way(told["decision"] or "none"), told["services"])
            for one, told in zip(utterances, run["parsed"], strict=False)  # strays come after
            if one.services
        ),
        acted=Counter(
            verdict(one.services, deed.way, deed.services) for one, deed in pairs if one.services
        ),
        unasked=Counter(deed.way for one, deed in pairs if not one.services),
        strays=kinds,
        outcomes=Counter(one["outcome"] for one in run["done"][len(asking) :]),
        silent=_share([deed.way is not Way.ANSWER for deed in theirs]),
    )


def speed(run: Run, training_s: float | None, fresh: bool) -> Speed:
    """Time and memory of a run."""
    whole = run.get("whole_ms")
    return Speed(
        nlu_ms=spread([one["ms"] for one in run["parsed"]]),
        whole_ms=spread(whole) if whole else None,
        load_s=run["load_s"],
        memory_mb=run["memory_mb"],
        training_s=training_s,
        trained_now=fresh,
    )


def spread(values: Sequence[float]) -> tuple[float, float]:
    """The median, and what 95 of 100 values don't exceed."""
    return median(values), sorted(values)[min(len(values) - 1, int(len(values) * 0.95))]


def labelling(labels: Labels, told: Labels) -> Labelling:
    """Scores of every class, their mean, and what was confused when each has one label."""

    def macro(numbers: Sequence[int]) -> float:
        return macro_f1(by_class([labels[n] for n in numbers], [told[n] for n in numbers]))

    def exactly(numbers: Sequence[int]) -> float:
        return exact([labels[n] for n in numbers], [told[n] for n in numbers])

    count, classes = len(labels), by_class(labels, told)
    single = all(len(one) == 1 for one in (*labels, *told))
    return Labelling(
        classes=classes,
        macro=(macro_f1(classes), *interval(count, macro)),
        exact=(exact(labels, told), *interval(count, exactly)),
        confused=confusions(*([next(iter(one)) for one in side] for side in (labels, told)))
        if single
        else Counter(),
    )


def _aspects(utterances: Sequence[Utterance]) -> frozenset[str]:
    """Every aspect there is: those of the assistant and those that were labelled."""
    return frozenset(one.value for one in Aspect).union(*(one.aspects for one in utterances))


def _share(marks: Sequence[bool]) -> Estimate:
    def share(numbers: Sequence[int]) -> float:
        return fmean(marks[number] for number in numbers)

    if not marks:
        return float("nan"), float("nan"), float("nan")
    return (share(range(len(marks))), *interval(len(marks), share))
