"""The figures of understanding for people to read: tables, the confusion matrix, wrong answers.

Our assistant's figures stand beside the plain pipeline's wherever that one has any.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from html import escape
from typing import TypeVar

from benchmarks.material import table
from benchmarks.understanding_report import Estimate, Labelling, Scores
from benchmarks.understanding_scores import Verdict, Way

CELL, MARGIN, LEGEND = 20, 150, 40
LEGEND_TEXT = "rows are right, columns were told"
NONE = "-"
Kind = TypeVar("Kind", Verdict, Way)
Both = Mapping[str, Scores]
"""The assistants by name, ours first."""


def _estimate(value: Estimate | None) -> str:
    return NONE if value is None else f"{value[0]:.3f} ({value[1]:.2f}–{value[2]:.2f})"


def summary(both: Both) -> str:
    """The figures one looks at first, with 90 % bootstrap intervals."""
    rows = [
        ("intents: macro F1", *(_estimate(one.intents.macro) for one in both.values())),
        ("intents: accuracy", *(_estimate(one.intents.exact) for one in both.values())),
        ("aspects: macro F1", *(_estimate(one.aspects.macro) for one in both.values())),
        ("aspects: exactly right", *(_estimate(one.aspects.exact) for one in both.values())),
        ("strays: refused by the classifier", *(_estimate(one.refused) for one in both.values())),
        ("strays: no answer about a service", *(_estimate(one.silent) for one in both.values())),
    ]
    return table(("", *both), rows)


def by_part(both: Both) -> str:
    """The same of the part of the set that may be read and of the blind one."""
    rows = [
        (
            f"{kind}: {measure}, {part}",
            *(_estimate(getattr(getattr(one.parts[part], kind), field)) for one in both.values()),
        )
        for part in next(iter(both.values())).parts
        for kind in ("intents", "aspects")
        for measure, field in (("macro F1", "macro"), ("exactly right", "exact"))
    ]
    return table(("", *both), rows)


def costs(both: Both) -> str:
    """Time and memory: median and 95 of 100 messages."""
    speeds = [one.speed for one in both.values()]
    rows = [
        ("NLU, ms a message", *(f"{one.nlu_ms[0]:.1f} / {one.nlu_ms[1]:.1f}" for one in speeds)),
        (
            "whole message without actions, ms",
            *(
                f"{one.whole_ms[0]:.1f} / {one.whole_ms[1]:.1f}" if one.whole_ms else NONE
                for one in speeds
            ),
        ),
        ("loading the model, s", *(f"{one.load_s:.1f}" for one in speeds)),
        ("memory of the process, MB", *(f"{one.memory_mb:.0f}" for one in speeds)),
        (
            "training, s",
            *(
                NONE
                if one.training_s is None
                else f"{one.training_s:.0f}" + ("" if one.trained_now else " (an earlier run)")
                for one in speeds
            ),
        ),
    ]
    return table(("median / 95 of 100", *both), rows)


def classes(labellings: Mapping[str, Labelling]) -> str:
    """Precision, recall and F1 of each class, and the others' F1 beside it."""
    ours, *others = labellings.values()
    beside = [{score.name: score.f1 for score in one.classes} for one in others]
    rows = [
        (
            score.name,
            str(score.support),
            f"{score.precision:.3f}",
            f"{score.recall:.3f}",
            f"{score.f1:.3f}",
            *(f"{one.get(score.name, 0.0):.3f}" for one in beside),
        )
        for score in ours.classes
    ]
    macro = [f"{one.macro[0]:.3f}" for one in labellings.values()]
    rows.append(("macro F1", str(sum(score.support for score in ours.classes)), "", "", *macro))
    headings = ("class", "support", "precision", "recall", "F1")
    return table((*headings, *(f"F1, {name}" for name in [*labellings][1:])), rows)


def confused(labelling: Labelling) -> str:
    """The confusion matrix in words: a line for each intent that was taken for another."""
    right = {score.name: score for score in labelling.classes}
    lines: dict[str, list[str]] = {}
    for (label, told), count in labelling.confused.most_common():
        lines.setdefault(label, []).append(f"{told} {count}")
    rows = [
        (name, f"{right[name].right} of {right[name].support}", ", ".join(lines[name]))
        for name in sorted(lines)
    ]
    return table(("intent", "right", "taken for"), rows)


def services(ours: Scores) -> str:
    """What is found and done where services are meant, and what is done where none is."""
    rows = [(kind.value, _part(ours.linked, kind), _part(ours.acted, kind)) for kind in Verdict]
    text = table(("a service is meant", "search", "assistant (asked)"), rows)
    unasked = [("asked, no service meant", *(_part(ours.unasked, way) for way in Way))]
    total = sum(ours.strays.values(), Counter[Way]())
    kinds = [
        (kind, *(_part(ours.strays[kind], way) for way in Way)) for kind in sorted(ours.strays)
    ]
    rows_of_ways = [*unasked, ("strays", *(_part(total, way) for way in Way)), *kinds]
    headings = ("no service is meant", "answered for one", "asked which", "neither")
    outcomes = (f"{name or 'none noted'} {count}" for name, count in ours.outcomes.most_common())
    return f"{text}\n\n{table(headings, rows_of_ways)}\n\nOutcomes of strays: {', '.join(outcomes)}"


def _part(counts: Mapping[Kind, int], kind: Kind) -> str:
    total, count = sum(counts.values()), counts.get(kind, 0)
    return f"{count} ({count / total:.1%})" if total else NONE


def report(both: Both) -> str:
    """Everything, under headings."""
    ours = next(iter(both.values()))
    parts = {
        "Summary": summary(both),
        **({"By part of the set": by_part(both)} if ours.parts else {}),
        "Intents": classes({name: one.intents for name, one in both.items()}),
        **{f"Confused intents, {name}": confused(one.intents) for name, one in both.items()},
        "Aspects (utterances that ask)": classes({name: one.aspects for name, one in both.items()}),
        **{
            f"Aspects, {part}": classes(
                {name: one.parts[part].aspects for name, one in both.items()}
            )
            for part in ours.parts
        },
        "Services": services(ours),
        "Time and memory": costs(both),
    }
    return "\n\n".join(f"{title}\n\n{text}" for title, text in parts.items())


def heat_map(labelling: Labelling, title: str, legend: str = LEGEND_TEXT) -> str:
    """The confusion matrix as SVG: rows are what is right, columns what was told.

    A cell is as dark as its share of the row; what is off the diagonal is red. The title and the
    legend stand below.
    """
    scores = [score for score in labelling.classes if score.support or score.told]
    names = [score.name for score in scores]
    counts = dict(labelling.confused) | {(one.name, one.name): one.right for one in scores}
    side = MARGIN + CELL * len(names)
    body: list[str] = []
    for row, score in enumerate(scores):
        y = MARGIN + CELL * row
        body.append(_label(MARGIN - 6, y + 14, f"{score.name} ({score.support})"))
        for column, told in enumerate(names):
            count = counts.get((score.name, told), 0)
            x = MARGIN + CELL * column
            body.extend(_cell(x, y, count, score.support, diagonal=row == column))
    for column, name in enumerate(names):
        x = MARGIN + CELL * column + 14
        turn = f' transform="rotate(-90 {x} {MARGIN - 6})"'
        body.append(_label(x, MARGIN - 6, name, "start", turn))
    body.append(_label(MARGIN, side + 20, f"{title}: {legend}", "start"))
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{side + 10}" height="{side + LEGEND}"'
        ' font-family="sans-serif" font-size="11">\n'
        f'<rect width="100%" height="100%" fill="#fff"/>\n{chr(10).join(body)}\n</svg>\n'
    )


def _cell(x: int, y: int, count: int, support: int, *, diagonal: bool) -> Iterable[str]:
    share = count / support if support else float(count > 0)
    paint = "#26c" if diagonal else "#c33"
    depth = round(0.15 + 0.85 * share, 2) if count else 0
    yield (
        f'<rect x="{x}" y="{y}" width="{CELL}" height="{CELL}" stroke="#ddd" fill="{paint}"'
        f' fill-opacity="{depth}"/>'
    )
    if count:
        ink = ' fill="#fff"' if depth > 0.6 else ""
        yield _label(x + CELL // 2, y + 14, str(count), "middle", ink)


def _label(x: float, y: float, text: str, anchor: str = "end", more: str = "") -> str:
    return f'<text x="{x}" y="{y}" text-anchor="{anchor}"{more}>{escape(text)}</text>'


def cut(lines: Sequence[str], count: int) -> list[str]:
    """The first `count` lines, and how many were left out."""
    rest = len(lines) - count
    return [*lines[:count], *([f"… and {rest} more"] if rest > 0 else [])]
