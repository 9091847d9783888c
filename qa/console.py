"""The run in the terminal: one line a case, then what was said in those that failed."""

from __future__ import annotations

from collections.abc import Iterator

import click

from qa.diffs import diff
from qa.results import CaseResult, Judged, Outcome, Run, TurnResult

_SIGNS = {
    Outcome.PASSED: ("✓", "green"),
    Outcome.FAILED: ("✗", "red"),
    Outcome.BROKEN: ("!", "red"),
    Outcome.SKIPPED: ("-", "yellow"),
}


_COLOURS = {"-": "green", "+": "red"}


def progress(result: CaseResult) -> str:
    """The line of one case that has just ended."""
    sign, colour = _SIGNS[result.outcome]
    took = f"（{result.seconds:.1f}秒）" if result.turns else ""
    return click.style(f"{sign} {result.topic} · {result.name}{took}", fg=colour)


def story(run: Run) -> Iterator[str]:
    """What went wrong, case by case, and the sums."""
    for outcome in (Outcome.BROKEN, Outcome.FAILED):
        for result in run.cases:
            if result.outcome is outcome:
                yield ""
                yield from case_story(result)
    yield ""
    yield "行首“-”是应当有的，“+”是实际出现的。" if run.count(Outcome.FAILED) else ""
    yield summary(run)


def summary(run: Run) -> str:
    """How many cases came out how."""
    counted = [(one, run.count(one)) for one in Outcome]
    told = "，".join(
        click.style(f"{count}个{one.title}", fg=_SIGNS[one][1]) for one, count in counted if count
    )
    return f"{len(run.cases)}个用例：{told or '没有用例'}。用时{run.seconds:.0f}秒。"


def case_story(result: CaseResult) -> Iterator[str]:
    """One case that did not pass: what was said, and what was wrong."""
    head = f"【{result.outcome.title}】{result.name}（{result.file}:{result.line}）"
    yield click.style(head, fg="red", bold=True)
    if result.reason:
        yield f"  {result.reason}"
    for turn in result.turns:
        yield from _turn(turn, result.file)
    if result.turns and result.left:
        yield f"  后面还有{result.left}步没有跑。"


def _turn(turn: TurnResult, file: str) -> Iterator[str]:
    yield click.style(f"  市民：{turn.said}", fg="cyan")
    yield from _indented("  办事：", turn.answer or "（没有回答）")
    for one in turn.judged:
        if not one.passed:
            yield click.style(f"  ✗ {file}:{one.line}", fg="red")
            yield from _compared(one, turn)
    if not turn.passed:
        yield from understanding(turn)


def understanding(turn: TurnResult) -> Iterator[str]:
    """What the assistant took the message for, and what it did."""
    understood = turn.understood
    if understood.intent:
        yield f"    意图：{understood.intent}（{understood.confidence:.2f}）"
        entities = "、".join(f"{kind}={value}" for kind, value in understood.entities)
        yield f"    实体：{entities or '没有'}"
    yield f"    动作：{' → '.join(turn.actions) or '没有'}"
    slots = "、".join(f"{name}={value}" for name, value in sorted(turn.slots.items()))
    yield f"    槽位：{slots or '没有'}"


def _compared(one: Judged, turn: TurnResult) -> Iterator[str]:
    """What was expected and what came, but not the whole answer a second time."""
    for sign, line in diff(one):
        if sign == "+" and not one.exact and one.got.strip() == turn.answer.strip():
            continue
        yield click.style(f"    {sign} {line}".rstrip(), fg=_COLOURS.get(sign))


def _indented(head: str, text: str) -> Iterator[str]:
    for row, line in enumerate(text.splitlines()):
        yield (head if row == 0 else "        ") + line
