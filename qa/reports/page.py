"""The run as a page for people: chats as on a phone, what failed first, one file for everything."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from statistics import quantiles

from jinja2 import Environment, PackageLoader, StrictUndefined

from qa.diffs import diff
from qa.results import CaseResult, Outcome, Run

_ORDER = (Outcome.BROKEN, Outcome.FAILED, Outcome.SKIPPED, Outcome.PASSED)
_SLOWEST = 5


def write_page(run: Run, file: Path) -> None:
    """Write the run to `file`."""
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(page(run), encoding="utf-8")


def page(run: Run) -> str:
    """The page's HTML, which needs nothing beside itself."""
    environment = Environment(
        loader=PackageLoader("qa.reports"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    return environment.get_template("page.html.j2").render(
        run=run,
        began=datetime.fromisoformat(run.began).strftime("%Y年%m月%d日 %H:%M"),
        cases=sorted(run.cases, key=lambda case: _ORDER.index(case.outcome)),
        topics=sorted({case.topic for case in run.cases}),
        outcomes=[(one, run.count(one)) for one in _ORDER if run.count(one)],
        waits=waits(run.cases),
        slowest=slowest(run.cases),
        diff=diff,
    )


def waits(cases: tuple[CaseResult, ...]) -> tuple[float, float, float]:
    """How long citizens waited for an answer: the middle, the 95th percentile, the longest (s)."""
    took = sorted(turn.seconds for case in cases for turn in case.turns if turn.answer)
    if len(took) < 2:
        return (took[0],) * 3 if took else (0.0, 0.0, 0.0)
    parts = quantiles(took, n=20, method="inclusive")
    return parts[9], parts[18], took[-1]


def slowest(cases: tuple[CaseResult, ...]) -> list[tuple[float, str, str]]:
    """The answers that took longest: seconds, case, what was said."""
    took = [(turn.seconds, case.name, turn.said) for case in cases for turn in case.turns]
    return sorted(took, reverse=True)[:_SLOWEST]
