"""`banshi qa nlu`: how well the assistant understands labelled utterances.

The model reads them in a process of its own, and the scores are made as the gates of the tests make
them: both come from `benchmarks`. Whatever Rasa logs about a message stays in that process, for
some texts must not be shown.
"""

from __future__ import annotations

import asyncio
import csv
import json
import subprocess
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

import click

from cli.qa_history import loaded_settings
from cli.settings import ROOT
from cli.tables import table_lines

if TYPE_CHECKING:  # `banshi --help` stays quick
    from benchmarks.understanding_report import Labelling

SETS = ROOT / "tests" / "understanding"
LABELLED = SETS / "labelled.csv"
BLIND = ("blind.csv", "out_of_scope.csv")
"""Files that nobody who works on the assistant reads: of them only totals are shown."""
STRAY = "out_of_scope"
"""The right intent where a file has kinds of strays instead of intents."""
LEGEND = "行是正确的意图（括号里是句数），列是听成的意图"
_WORST = 20
FILE = click.Path(path_type=Path, dir_okay=False)


@dataclass(frozen=True)
class Read:
    """One utterance and what it was taken for.

    Attributes:
        text: What was said.
        right: Its intent as it is labelled.
        told: The intent that the model gives.
        confidence: How sure it is, from 0 to 1.
        hidden: Whether the text must not be shown.
    """

    text: str
    right: str
    told: str
    confidence: float
    hidden: bool = False

    @property
    def wrong(self) -> bool:
        """Whether it was taken for something else."""
        return self.right != self.told


@dataclass(frozen=True)
class Report:
    """What came out.

    Attributes:
        found: The utterances in the order of the file.
        scores: Their scores.
        failures: Why utterances could not be read, without their texts.
        blind: Whether only totals may be shown.
    """

    found: Sequence[Read]
    scores: Labelling
    failures: Sequence[str]
    blind: bool

    @property
    def worst(self) -> list[Read]:
        """The wrong ones that may be shown, the surest first."""
        shown = [] if self.blind else [one for one in self.found if one.wrong and not one.hidden]
        return sorted(shown, key=lambda one: -one.confidence)


@click.command("nlu")
@click.argument("file", type=click.Path(path_type=Path, exists=True, dir_okay=False),
                default=LABELLED)  # fmt: skip
@click.option("--json", "kept", type=FILE, help="Write the report here.")
@click.option("--svg", "picture", type=FILE, help="Draw what was taken for what.")
def nlu(file: Path, kept: Path | None, picture: Path | None) -> None:
    """Let the model read the labelled utterances in FILE (a CSV with text and intent); tell scores.

    Of the blind sets in tests/understanding, and of copies of them, only totals are told.
    """
    from benchmarks.understanding_tables import heat_map  # noqa: PLC0415 - `--help` stays quick

    utterances = read_labelled(file)
    hidden = _hidden([text for text, _ in utterances])
    blind = is_blind(file, hidden)
    if blind and picture:
        raise click.ClickException(f"{file.name} 是考题，只给总数，不画图")
    report = _report(utterances, hidden, blind=blind)
    for line in lines_of(report):
        click.echo(line)
    if picture:
        _write(picture, heat_map(report.scores, file.stem, LEGEND))
    if kept:
        _write(kept, json.dumps(as_json(report), ensure_ascii=False, indent=1) + "\n")


def read_labelled(file: Path) -> list[tuple[str, str]]:
    """The utterances of a file with their intents; a file of strays has kinds instead.

    Raises:
        click.ClickException: The file can't be read, a column or a cell is absent, or it is empty.
    """
    try:
        with file.open(encoding="utf-8-sig", newline="") as lines:
            reader = csv.DictReader(lines)
            names = reader.fieldnames or ()
            rows = [(reader.line_num, row) for row in reader]
    except UnicodeDecodeError:
        raise click.ClickException(f"{file}：不是UTF-8编码，请另存为“CSV UTF-8”") from None
    except (OSError, csv.Error) as error:
        raise click.ClickException(f"{file}：读不了（{error}）") from None
    label = "kind" if "kind" in names and "intent" not in names else "intent"
    if missing := [name for name in ("text", label) if name not in names]:
        raise click.ClickException(f"{file}：第一行要有列名 {'、'.join(missing)}")
    found = []
    for number, row in rows:
        text, intent = (row["text"] or "").strip(), (row[label] or "").strip()
        if not text or not intent:
            raise click.ClickException(f"{file}，第{number}行：text 和 {label} 都要填")
        found.append((text, intent if label == "intent" else STRAY))
    if not found:
        raise click.ClickException(f"{file}：一句话也没有")
    return found


def _hidden(texts: Sequence[str]) -> list[bool]:
    """Of each text whether it stands in a blind set, whatever file it comes from."""
    from benchmarks.understanding_sets import key  # noqa: PLC0415

    secret = {
        key(text)
        for name in BLIND
        if (SETS / name).exists()  # they may be absent from a copy of the project
        for text, _ in read_labelled(SETS / name)
    }
    return [key(text) in secret for text in texts]


def is_blind(file: Path, hidden: Sequence[bool]) -> bool:
    """Whether it is a blind set: by its name, by the file it points to, or by half of its texts."""
    return bool({file.name, file.resolve().name} & {*BLIND}) or 2 * sum(hidden) >= len(hidden)


def _report(
    utterances: Sequence[tuple[str, str]], hidden: Sequence[bool], *, blind: bool
) -> Report:
    from benchmarks.understanding_report import labelling  # noqa: PLC0415

    run = _run([text for text, _ in utterances], quiet=blind or any(hidden))
    found = [
        Read(text, intent, told["best"], told["confidence"], secret)
        for (text, intent), told, secret in zip(utterances, run["parsed"], hidden, strict=True)
    ]
    scores = labelling([[one.right] for one in found], [[one.told] for one in found])
    return Report(found, scores, run["failures"], blind)


def _run(texts: Sequence[str], *, quiet: bool) -> dict[str, Any]:
    """What the hall's model makes of the texts; `quiet` keeps the process's output back."""
    from benchmarks.understanding import in_own_process  # noqa: PLC0415
    from cli.model import TrainingFailed, ready_model  # noqa: PLC0415

    settings = loaded_settings()
    try:
        model = asyncio.run(ready_model(settings, click.echo))
    except TrainingFailed as error:
        raise click.ClickException(f"模型训练失败：{error}") from None
    job = {"model": str(model), "texts": list(texts), "whole": []}
    try:
        with TemporaryDirectory() as place:
            return in_own_process(job, settings, Path(place))
    except subprocess.TimeoutExpired as error:
        raise click.ClickException(f"模型没有在{error.timeout:.0f}秒内听完") from None
    except RuntimeError as error:
        raise click.ClickException("模型没能听完" + (f"：{error}" if not quiet else "")) from None


def lines_of(report: Report) -> list[str]:
    """The report for people; of a blind set the totals alone."""
    found, scores = report.found, report.scores
    right = sum(not one.wrong for one in found)
    share, macro = scores.exact, scores.macro
    lines = [
        f"{len(found)}句，听对意图{right}句：{share[0]:.1%}（90%区间{share[1]:.1%}–{share[2]:.1%}）；"
        f"宏平均F1 {macro[0]:.3f}（90%区间{macro[1]:.3f}–{macro[2]:.3f}）"
    ]
    if report.failures:
        causes = Counter(report.failures).most_common()
        told = "；".join(f"{cause}，{count}次" for cause, count in causes)
        lines.append(f"有{len(report.failures)}句程序出错，算听错：{told}")
    if report.blind:
        return [*lines, "这是考题，做助手的人不看：只给总数。"]
    return [*lines, *_classes(scores), *_confused(scores), *_worst(report)]


def _classes(scores: Labelling) -> list[str]:
    rows = [
        (one.name, str(one.support), *(f"{x:.3f}" for x in (one.precision, one.recall, one.f1)))
        for one in scores.classes
    ]
    return ["", *table_lines(("意图", "句数", "精确率", "召回率", "F1"), rows)]


def _confused(scores: Labelling) -> list[str]:
    rows = [(right, told, str(count)) for (right, told), count in scores.confused.most_common()]
    return ["", "什么听成了什么：", *table_lines(("应当是", "听成", "句数"), rows)] if rows else []


def _worst(report: Report) -> list[str]:
    worst = report.worst
    secret = sum(one.wrong for one in report.found) - len(worst)
    rows = [
        (f"{one.confidence:.3f}", one.right, one.told, " ".join(one.text.split()))
        for one in worst[:_WORST]
    ]
    lines = []
    if rows:
        title = f"错得最有把握的（听错{len(worst)}句，列出{len(rows)}句）："
        lines = ["", title, *table_lines(("把握", "应当是", "听成", "句子"), rows)]
    return [*lines, *([f"另有{secret}句听错的在考题里，不列出。"] if secret else [])]


def as_json(report: Report) -> dict[str, Any]:
    """The report for programs; of a blind set the totals alone."""
    from benchmarks.understanding import figures_of  # noqa: PLC0415

    figures = figures_of(report.scores)
    totals = {
        "utterances": len(report.found),
        "right": sum(not one.wrong for one in report.found),
        "failures": list(report.failures),
        **{name: figures.pop(name) for name in ("macro_f1", "exact")},
    }
    if report.blind:
        return totals
    errors = [
        {"text": one.text, "right": one.right, "told": one.told, "confidence": one.confidence}
        for one in report.worst
    ]
    return {**totals, **figures, "errors": errors}


def _write(file: Path, text: str) -> None:
    try:
        file.write_text(text, encoding="utf-8")
    except OSError as error:
        raise click.ClickException(f"写不了 {file}（{error.strerror}）") from None
    click.echo(f"已写入 {file}")
