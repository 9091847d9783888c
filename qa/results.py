"""How cases came out: values that reports are made from, and that are kept as JSON."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from enum import Enum
from typing import Any

from qa.seen import Understood

FORMAT = 1
"""Of the files that `--save` writes."""


class Outcome(Enum):
    """How a case ended."""

    PASSED = "passed"
    FAILED = "failed"
    BROKEN = "broken"
    SKIPPED = "skipped"

    @property
    def title(self) -> str:
        """In Chinese."""
        return _TITLES[self.value]


_TITLES = {"passed": "通过", "failed": "不通过", "broken": "没跑成", "skipped": "不适用"}


@dataclass(frozen=True)
class Judged:
    """One check's verdict.

    Attributes:
        line: Where the check stands.
        passed: Whether it holds.
        expected: What was asked for.
        got: What came instead; "" when it holds.
        exact: Whether both are whole texts, to be compared line by line.
    """

    line: int
    passed: bool
    expected: str
    got: str = ""
    exact: bool = False


@dataclass(frozen=True)
class TurnResult:
    """One turn.

    Attributes:
        line: Where its message stands.
        said: What the citizen did, as a report tells it.
        answer: The whole answer.
        choices: What it offers to choose from.
        seconds: How long the citizen waited.
        judged: The verdicts, in the file's order.
        understood: What the message was taken for.
        slots: Slots with a value after it.
        actions: What ran.
    """

    line: int
    said: str
    answer: str = ""
    choices: tuple[str, ...] = ()
    seconds: float = 0.0
    judged: tuple[Judged, ...] = ()
    understood: Understood = field(default_factory=Understood)
    slots: Mapping[str, Any] = field(default_factory=dict)
    actions: tuple[str, ...] = ()

    @property
    def passed(self) -> bool:
        """Whether all its checks hold."""
        return all(one.passed for one in self.judged)


@dataclass(frozen=True)
class CaseResult:
    """One case.

    Attributes:
        name: Its name.
        file: Its file.
        line: Where it begins.
        topic: What it is about.
        outcome: How it ended.
        seconds: From its first message to its last answer.
        turns: The turns up to the first that failed.
        left: How many turns were not tried after that.
        reason: Why it was not run, in Chinese; "" when it was.
    """

    name: str
    file: str
    line: int
    topic: str
    outcome: Outcome
    seconds: float = 0.0
    turns: tuple[TurnResult, ...] = ()
    left: int = 0
    reason: str = ""

    @property
    def key(self) -> str:
        """By which two runs know the same case."""
        return f"{self.file}::{self.name}"


@dataclass(frozen=True)
class Run:
    """One run of the bench.

    Attributes:
        began: When, ISO 8601 with offset.
        seconds: How long it took, with the starting of copies.
        through: The channel.
        models: The models that answered.
        cases: All cases, in the files' order.
    """

    began: str
    seconds: float
    through: str
    models: tuple[str, ...]
    cases: tuple[CaseResult, ...]

    def count(self, outcome: Outcome) -> int:
        """How many cases ended so."""
        return sum(case.outcome is outcome for case in self.cases)

    @property
    def good(self) -> bool:
        """Whether no case failed or could not be run."""
        return not (self.count(Outcome.FAILED) or self.count(Outcome.BROKEN))


def as_json(run: Run) -> dict[str, Any]:
    """The run as it is kept."""
    data = asdict(run)
    for case in data["cases"]:
        case["outcome"] = case["outcome"].value
    return {"banshi_qa_run": FORMAT, **data}


def from_json(data: Mapping[str, Any]) -> Run:
    """The run that was kept.

    Raises:
        ValueError: It is no such file, or of another version.
    """
    if not isinstance(data, Mapping) or data.get("banshi_qa_run") != FORMAT:
        raise ValueError("不是 banshi qa run --save 存的文件")
    try:
        cases = tuple(_case(each) for each in data["cases"])
        known = {name: data[name] for name in ("began", "seconds", "through")}
        return Run(**known, models=tuple(data["models"]), cases=cases)
    except (KeyError, TypeError) as error:
        raise ValueError(f"文件不完整（{error}）") from error


def _case(data: Mapping[str, Any]) -> CaseResult:
    turns = tuple(_turn(each) for each in data["turns"])
    return CaseResult(**{**data, "outcome": Outcome(data["outcome"]), "turns": turns})


def _turn(data: Mapping[str, Any]) -> TurnResult:
    understood = data["understood"]
    entities = tuple((kind, value) for kind, value in understood["entities"])
    return TurnResult(
        **{
            **data,
            "choices": tuple(data["choices"]),
            "actions": tuple(data["actions"]),
            "judged": tuple(Judged(**one) for one in data["judged"]),
            "understood": Understood(**{**understood, "entities": entities}),
        }
    )
