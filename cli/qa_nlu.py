"""`banshi qa nlu`: how well the assistant understands labelled utterances.

The scores are those of `benchmarks.understanding_scores`, which the gates of the tests use, too.
"""

from __future__ import annotations

import asyncio
import csv
import json
import os
from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import click

from cli.qa_history import loaded_settings
from cli.settings import ROOT, Settings

LABELLED = ROOT / "tests" / "understanding" / "labelled.csv"
BLIND = frozenset({"blind.csv", "out_of_scope.csv"})
"""Files that nobody who works on the assistant reads: of them only totals are shown."""
_WORST = 20
_COLUMNS = ("text", "intent")
FILE = click.Path(path_type=Path, dir_okay=False)


@dataclass(frozen=True)
class Read:
    """One utterance and what it was taken for.

    Attributes:
        text: What was said.
        right: Its intent as it is labelled.
        told: The intent that the model gives.
        confidence: How sure it is, from 0 to 1.
    """

    text: str
    right: str
    told: str
    confidence: float


@click.command("nlu")
@click.argument("file", type=click.Path(path_type=Path, exists=True, dir_okay=False),
                default=LABELLED)  # fmt: skip
@click.option("--json", "kept", type=FILE, help="Write the report here.")
@click.option("--svg", "picture", type=FILE, help="Draw what was taken for what.")
def nlu(file: Path, kept: Path | None, picture: Path | None) -> None:
    """Parse the labelled utterances in FILE (a CSV with text and intent) and tell the scores."""
    from benchmarks.understanding_report import labelling  # noqa: PLC0415 - `--help` stays quick
    from benchmarks.understanding_tables import heat_map  # noqa: PLC0415

    utterances = _utterances(file)
    found = asyncio.run(_parsed(utterances))
    scores = labelling([[one.right] for one in found], [[one.told] for one in found])
    blind = file.name in BLIND
    for line in _report(found, blind=blind):
        click.echo(line)
    if picture:
        picture.write_text(heat_map(scores, file.stem), encoding="utf-8")
        click.echo(f"已画成 {picture}")
    if kept:
        errors = [] if blind else [asdict(one) for one in found if one.right != one.told]
        classes = [
            {**asdict(one), "precision": one.precision, "recall": one.recall, "f1": one.f1}
            for one in scores.classes
        ]
        report = {"macro_f1": scores.macro, "exact": scores.exact, "classes": classes}
        text = json.dumps({**report, "errors": errors}, ensure_ascii=False, indent=1)
        kept.write_text(text, encoding="utf-8")
        click.echo(f"已写入 {kept}")


def _utterances(file: Path) -> list[tuple[str, str]]:
    with file.open(encoding="utf-8-sig", newline="") as lines:
        rows = csv.DictReader(lines)
        missing = [name for name in _COLUMNS if name not in (rows.fieldnames or ())]
        if missing:
            raise click.ClickException(f"{file}：第一行要有列名 {'、'.join(missing)}")
        found = [(row["text"] or "", row["intent"] or "") for row in rows]
    for number, (text, intent) in enumerate(found, start=2):
        if not text.strip() or not intent.strip():
            raise click.ClickException(f"{file}，第{number}行：text 和 intent 都要填")
    if not found:
        raise click.ClickException(f"{file}：一句话也没有")
    return found


async def _parsed(utterances: Sequence[tuple[str, str]]) -> list[Read]:
    from cli.model import TrainingFailed, ready_model  # noqa: PLC0415

    settings: Settings = loaded_settings()
    os.environ.update(settings.environment())
    try:
        model = await ready_model(settings, click.echo)
    except TrainingFailed as error:
        raise click.ClickException(f"模型训练失败：{error}") from None
    from rasa.core.agent import Agent  # noqa: PLC0415 - takes seconds

    agent = Agent.load(str(model))
    found = []
    for text, intent in utterances:
        told = (await agent.parse_message(text))["intent"]
        found.append(Read(text, intent, told["name"] or "", round(told["confidence"], 3)))
    return found


def _report(found: Sequence[Read], *, blind: bool) -> list[str]:
    from benchmarks.understanding_scores import by_class, macro_f1  # noqa: PLC0415

    scores = by_class([[one.right] for one in found], [[one.told] for one in found])
    right = sum(one.right == one.told for one in found)
    lines = [
        f"{len(found)}句，意图全对的{right}句（{right / len(found):.1%}），"
        f"宏平均F1 {macro_f1(scores):.3f}",
        "",
        f"{'句数':>4} {'精确率':>5} {'召回率':>5} {'F1':>7}  意图",
    ]
    for one in scores:
        figures = f"{one.support:>6} {one.precision:>8.3f} {one.recall:>8.3f} {one.f1:>8.3f}"
        lines.append(f"{figures}  {one.name}")
    wrong = [one for one in found if one.right != one.told]
    taken = Counter((one.right, one.told) for one in wrong)
    if taken:
        lines += ["", "认错最多的："]
        lines += [
            f"{count:>6}  {right} 当成 {told}" for (right, told), count in taken.most_common()
        ]
    if wrong and blind:
        lines += ["", "这个文件不给做助手的人看，所以不列出句子。"]
    elif wrong:
        lines += ["", "错得最有把握的："]
        worst = sorted(wrong, key=lambda one: -one.confidence)[:_WORST]
        lines += [
            f"{one.confidence:>6.3f}  {one.text}（{one.right}，当成 {one.told}）" for one in worst
        ]
    return lines
