"""How often citizens' questions find the right item, beside plain methods on the same list.

Imports a list of items as drafts into a temporary directory and asks it real, labelled questions.
"banshi" is what a citizen is shown; "banshi, ranking alone" is the order behind it, before the
search decides whether anything is close enough to be shown.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

import click

from benchmarks.material import Question, import_list, offered, present, read_questions, table
from benchmarks.rankers import Ranker, rankers
from service_catalog.loader import Loader
from service_catalog.search import Decision, SearchIndex

WITHIN = 3
RESAMPLES = 2000
SCOPES = ("item", "no_item", "other")
HEADINGS = (
    "method",
    "first",
    "within three",
    "primary within three",
    "none: item",
    "none: no_item",
    "none: other",
)
_path = click.Path(path_type=Path, dir_okay=False)


def first(question: Question, names: Sequence[str]) -> bool:
    """Whether the first result is a right first answer."""
    return bool(names) and names[0] in question.primary


def within(question: Question, names: Sequence[str]) -> bool:
    """Whether one of the first three is a right answer or an acceptable further one."""
    return any(name in question.primary | question.related for name in names[:WITHIN])


def primary_within(question: Question, names: Sequence[str]) -> bool:
    """Whether one of the first three is a right first answer: stricter than `within`."""
    return any(name in question.primary for name in names[:WITHIN])


def share(marks: Sequence[bool]) -> float:
    """How many of the marks are true, 0 to 1."""
    return sum(marks) / len(marks) if marks else float("nan")


def interval(marks: Sequence[bool], seed: int = 1) -> tuple[float, float]:
    """The 90 % bootstrap interval of a share: what other questions of the kind might have given."""
    if not marks:
        return float("nan"), float("nan")
    chance = random.Random(seed)  # noqa: S311 - repeatable, not secret
    shares = sorted(share(chance.choices(marks, k=len(marks))) for _ in range(RESAMPLES))
    return shares[RESAMPLES // 20], shares[-RESAMPLES // 20 - 1]


def _scored(rank: Ranker, questions: Iterable[Question]) -> list[list[bool]]:
    asked = [(one, rank(one.query)) for one in questions if one.scope == "item"]
    return [[rule(*pair) for pair in asked] for rule in (first, within, primary_within)]


def _with_interval(marks: Sequence[bool]) -> str:
    low, high = interval(marks)
    return f"{share(marks):.3f} ({low:.2f}–{high:.2f})"


def block(index: SearchIndex, others: dict[str, Ranker], questions: Sequence[Question]) -> str:
    """The table for one part of the questions."""
    ways: dict[str, Ranker] = {
        "banshi": lambda query: offered(index.search(query)),
        "banshi, ranking alone": lambda query: [hit.name for hit in index.search(query).nearest],
    }
    silent = [
        f"{share([index.search(one.query).decision is Decision.NONE for one in mine]):.3f}"
        for mine in ([one for one in questions if one.scope == scope] for scope in SCOPES)
    ]
    rows = []
    for name, rank in (ways | others).items():
        columns: Callable[[Sequence[bool]], str] = (
            _with_interval if name in ways else lambda marks: f"{share(marks):.3f}"
        )
        rows.append(
            (
                name,
                *map(columns, _scored(rank, questions)),
                *(silent if name == "banshi" else "---"),
            )
        )
    return table(HEADINGS, rows)


def errors(index: SearchIndex, questions: Iterable[Question]) -> Iterable[str]:
    """The item questions whose first result is wrong, with the words behind the wrong answer."""
    for one in questions:
        found = index.search(one.query)
        if one.scope == "item" and not first(one, offered(found)):
            yield f"\n{one.id} {one.query}\n  right:  {'、'.join(sorted(one.primary))}"
            yield f"  {found.decision.value}"
            yield from (
                f"    {hit.score:.2f} {hit.name} ← {hit.phrase}" for hit in found.nearest[:3]
            )
        elif one.scope != "item" and found.decision is Decision.ANSWER:
            hit = found.hits[0]
            yield f"\n{one.id} {one.query}\n  right:  nothing ({one.scope})"
            yield f"    {hit.score:.2f} {hit.name} ← {hit.phrase}"


@click.command()
@click.option("--items", required=True, type=_path, help="A list of items: .csv, .jsonl or .xlsx.")
@click.option("--questions", required=True, type=_path, help="Labelled questions: .jsonl.")
@click.option(
    "--part",
    type=click.Choice(["work", "aside", "all"]),
    default="work",
    show_default=True,
    help="Questions that were looked at, those kept aside, or both and the whole.",
)
@click.option("--errors", "with_errors", is_flag=True, help="List wrong answers (work part only).")
def main(items: Path, questions: Path, part: str, with_errors: bool) -> None:
    """Measure how often the right item is found."""
    present(items, "a list of items (.csv, .jsonl or .xlsx)")
    asked = read_questions(questions)
    parts = {
        "work": [one for one in asked if not one.aside],
        "aside": [one for one in asked if one.aside],
        "whole": asked,
    }
    with TemporaryDirectory() as directory:
        import_list(items, Path(directory))
        catalog = Loader(Path(directory)).load()
    others = rankers(list(dict.fromkeys(draft.name for draft in catalog.drafts.values())))
    for name in parts if part == "all" else (part,):
        mine = parts[name]
        counts = ", ".join(f"{sum(one.scope == s for one in mine)} {s}" for s in SCOPES)
        click.echo(f"\n{name}: {len(mine)} questions ({counts}), {len(catalog.drafts)} items")
        click.echo(block(catalog.index, others, mine))
    if with_errors:
        for line in errors(catalog.index, parts["work"]):
            click.echo(line)


if __name__ == "__main__":
    main()
