"""The figures of the webhook benchmark: medians of the rounds, ratios, the aims."""

from __future__ import annotations

import os
import platform
from collections.abc import Callable
from dataclasses import dataclass
from statistics import median
from typing import Any

from benchmarks.search_speed import percentile
from benchmarks.webhook_load import Told

TIMES_STOCK = 5.0
"""Aim: so many times the messages of the stock bot, at the most citizens."""
P99_MS = 500.0
"""Aim: milliseconds, at the most citizens."""


@dataclass(frozen=True)
class Run:
    """One phase.

    Attributes:
        name: Who was asked.
        citizens: How many waited for an answer at once.
        told: What came of it.
        load: The machine's load average (of a minute) at its end.
    """

    name: str
    citizens: int
    told: Told
    load: float

    @property
    def rate(self) -> float:
        """Right answers a second."""
        return self.told.messages / self.told.wall_s

    def ms(self, part: float) -> float:
        """Milliseconds that `part` of the messages didn't exceed."""
        return percentile(self.told.ms, part) if self.told.ms else float("inf")

    @property
    def generator(self) -> float:
        """Of one processor's time, the part that the citizens themselves took."""
        return self.told.cpu_s / self.told.wall_s

    def __str__(self) -> str:
        """For the terminal."""
        return (
            f"{self.name}, {self.citizens} citizens: {self.rate:.1f}/s, p50 {self.ms(0.5):.1f} ms, "
            f"p99 {self.ms(0.99):.1f} ms (load {self.load:.1f})"
        )


@dataclass(frozen=True)
class Plan:
    """How much is measured.

    Attributes:
        citizens: How many wait for an answer at once; one phase each.
        rounds: How often everything is measured.
        seconds: How long a phase takes.
    """

    citizens: tuple[int, ...]
    rounds: int
    seconds: float


@dataclass(frozen=True)
class Measured:
    """All phases of a run of the benchmark.

    Attributes:
        runs: The phases, in the order in which they ran.
        names: Who was asked, ours first.
        plan: How much was measured.
        questions: How many questions the mix has.
    """

    runs: tuple[Run, ...]
    names: tuple[str, ...]
    plan: Plan
    questions: int

    def of(self, name: str, citizens: int, figure: Callable[[Run], float]) -> float:
        """The median of a figure over the rounds."""
        found = [run for run in self.runs if (run.name, run.citizens) == (name, citizens)]
        return median(figure(run) for run in found)

    def ratio(self, name: str, other: str, citizens: int) -> float:
        """Of the messages a second: the median of the rounds' ratios."""
        first, second = (
            [run.rate for run in self.runs if (run.name, run.citizens) == (who, citizens)]
            for who in (name, other)
        )
        return median(a / b if b else float("inf") for a, b in zip(first, second, strict=True))


def aims(found: Measured) -> list[tuple[str, float, bool]]:
    """Each aim with what was measured and whether it is met."""
    ours, most = found.names[0], max(found.plan.citizens)
    p99 = found.of(ours, most, lambda run: run.ms(0.99))
    told = [(f"p99 at {most} citizens under {P99_MS:.0f} ms", p99, p99 < P99_MS)]
    if "stock Rasa" in found.names:
        times = found.ratio(ours, "stock Rasa", most)
        aim = f"at least {TIMES_STOCK:.0f} times the stock bot's messages at {most} citizens"
        told.insert(0, (aim, times, times >= TIMES_STOCK))
    wrong = sum(sum(run.told.wrong.values()) for run in found.runs)
    return [*told, ("messages without a right answer in time: none", wrong, not wrong)]


def _rows(found: Measured) -> list[dict[str, Any]]:
    ours = found.names[0]
    return [
        {
            "who": name,
            "citizens": many,
            "messages_per_s": round(found.of(name, many, lambda run: run.rate), 1),
            "p50_ms": round(found.of(name, many, lambda run: run.ms(0.5)), 1),
            "p99_ms": round(found.of(name, many, lambda run: run.ms(0.99)), 1),
            "banshi_is_times": round(found.ratio(ours, name, many), 3),
            "generator_share_of_a_core": round(found.of(name, many, lambda run: run.generator), 2),
            "load_average": round(found.of(name, many, lambda run: run.load), 1),
        }
        for many in found.plan.citizens
        for name in found.names
    ]


def as_json(found: Measured) -> dict[str, Any]:
    """For a file."""
    return {
        "machine": _machine(),
        "rounds": found.plan.rounds,
        "seconds_a_phase": found.plan.seconds,
        "questions": found.questions,
        "figures": _rows(found),
        "aims": [
            {"aim": aim, "measured": round(is_, 3), "met": met} for aim, is_, met in aims(found)
        ],
        "rounds_measured": [
            {
                "who": run.name,
                "citizens": run.citizens,
                "messages_per_s": round(run.rate, 1),
                "p99_ms": round(run.ms(0.99), 1),
                "load_average": round(run.load, 1),
            }
            for run in found.runs
        ],
    }


def markdown(found: Measured) -> str:
    """For people."""
    lines = [
        "| citizens at once | | messages a second | p50 ms | p99 ms | banshi's rate is |"
        " the load itself, of a core | load average |",
        "|---|---|---|---|---|---|---|---|",
    ]
    for row in _rows(found):
        lines.append(
            f"| {row['citizens']} | {row['who']} | {row['messages_per_s']:,.1f} | "
            f"{row['p50_ms']:,.1f} | {row['p99_ms']:,.1f} | {row['banshi_is_times']:.2f} x | "
            f"{row['generator_share_of_a_core']:.2f} | {row['load_average']:.1f} |"
        )
    lines += [
        "",
        f"Medians of {found.plan.rounds} rounds of {found.plan.seconds:g} s each; "
        f"{found.questions:,} questions in the mix; {_machine()}.",
        "",
    ]
    lines += [f"- {'met' if met else 'MISSED'}: {aim} ({is_:.2f})" for aim, is_, met in aims(found)]
    return "\n".join([*lines, ""])


def _machine() -> str:
    return f"{os.cpu_count()} cores, {platform.system()}, Python {platform.python_version()}"
