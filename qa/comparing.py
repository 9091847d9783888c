"""What changed between two runs of the same cases: in understanding, and in the answers.

Turns are compared where both runs have them. What is different in every run (the codes of
appointments and cases) is no change.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from difflib import unified_diff
from pathlib import PurePath

from qa.results import CaseResult, Run, TurnResult

SIDES = ("结果", "意图", "实体", "问的方面", "动作", "回答")
"""What is compared, in the order in which it is told."""
_CODE = re.compile(r"(?<![A-Za-z0-9])(?:[A-Z0-9]{8}|(?=[A-Z0-9]*\d)[A-Z0-9]{9,20})(?![A-Za-z0-9])")
_SECONDS = re.compile(r"(T\d\d:\d\d):\d\d")
"""In the times that were understood: the clock runs while the cases do."""


@dataclass(frozen=True)
class Change:
    """One difference.

    Attributes:
        side: One of `SIDES`.
        turn: Which turn, from 1; 0 for the case as a whole.
        said: What the citizen did there.
        lines: What was ("-") and what is ("+"), as signed lines.
    """

    side: str
    turn: int
    said: str
    lines: tuple[str, ...]


@dataclass(frozen=True)
class Compared:
    """One case in both runs."""

    before: CaseResult
    after: CaseResult
    changes: tuple[Change, ...]


@dataclass(frozen=True)
class Comparison:
    """Two runs beside each other.

    Attributes:
        cases: Those that both have, in the order of the second run.
        gone: Those that the first alone has.
        new: Those that the second alone has.
    """

    cases: tuple[Compared, ...]
    gone: tuple[CaseResult, ...]
    new: tuple[CaseResult, ...]

    @property
    def changed(self) -> tuple[Compared, ...]:
        """Those in which anything changed."""
        return tuple(one for one in self.cases if one.changes)

    def counts(self) -> list[tuple[str, int, int]]:
        """For each side: how many changes, and in how many cases."""
        return [
            (
                side,
                sum(change.side == side for one in self.cases for change in one.changes),
                sum(any(change.side == side for change in one.changes) for one in self.cases),
            )
            for side in SIDES
        ]


def compare(before: Run, after: Run, aspects: Collection[str]) -> Comparison:
    """Lay two runs beside each other.

    Args:
        before: The first.
        after: The second.
        aspects: The kinds of entities that are aspects of a service, such as fee.
    """
    old = {_key(case): case for case in before.cases}
    new = {_key(case): case for case in after.cases}
    both = [key for key in new if key in old]
    return Comparison(
        tuple(
            Compared(old[key], new[key], tuple(_changes(old[key], new[key], aspects)))
            for key in both
        ),
        tuple(case for key, case in old.items() if key not in new),
        tuple(case for key, case in new.items() if key not in old),
    )


def _key(case: CaseResult) -> tuple[str, str]:
    """The same case, from whatever folder it was run."""
    return PurePath(case.file).name, case.name


def _changes(old: CaseResult, new: CaseResult, aspects: Collection[str]) -> Iterator[Change]:
    if old.outcome is not new.outcome:
        yield Change(SIDES[0], 0, "", (f"- {old.outcome.title}", f"+ {new.outcome.title}"))
    for row, (one, other) in enumerate(zip(old.turns, new.turns), start=1):  # noqa: B905
        if one.said != other.said:
            return  # the case was rewritten from here on
        before, after = _sides(one, aspects), _sides(other, aspects)
        for side, was, now in zip(SIDES[1:], before, after, strict=True):
            if was != now:
                yield Change(side, row, one.said, tuple(_diff(was, now)))


def _sides(turn: TurnResult, aspects: Collection[str]) -> tuple[str, str, str, str, str]:
    entities = turn.understood.entities
    others = sorted({f"{kind}={value}" for kind, value in entities if kind not in aspects})
    return (
        turn.understood.intent,
        _SECONDS.sub(r"\1", "、".join(others)),
        "、".join(sorted({kind for kind, _ in entities if kind in aspects})),
        " → ".join(turn.actions),
        _CODE.sub("〔编号〕", turn.answer),
    )


def _diff(was: str, now: str) -> Iterator[str]:
    """Signed lines, without those far from any change."""
    lines = list(unified_diff(was.splitlines(), now.splitlines(), lineterm="", n=1))[2:]
    for line in lines:
        yield "…" if line.startswith("@@") else f"{line[0]} {line[1:]}"
