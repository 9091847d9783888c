"""How well citizens are understood: intents, aspects, services, and what is no business of a hall.

Our own trained model answers the labelled sets beside Rasa's plain pipeline trained on the same
examples, each in a process of its own. What counts about services is what the assistant would do:
every utterance that asks and every stray is handled as a whole message, with our actions.
"""

from __future__ import annotations

import json
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import click

from benchmarks.understanding_models import Model, Tell, our_model, plain_model, settings_in
from benchmarks.understanding_report import (
    Labelling,
    Part,
    Run,
    Scores,
    acted,
    score,
    speed,
    with_services,
)
from benchmarks.understanding_scores import Verdict, Way, verdict
from benchmarks.understanding_sets import (
    STRAYS,
    Stray,
    Utterance,
    key,
    read_strays,
    read_utterances,
)
from benchmarks.understanding_tables import cut, heat_map, report
from cli.settings import ROOT, Settings
from service_catalog.catalog import Catalog
from service_catalog.loader import CONTENT, Loader

SETS = ROOT / "tests" / "understanding"
OURS, PLAIN = "banshi", "plain Rasa"
TIMED = 300
"""So many utterances are timed as whole messages."""
RUN_SECONDS = 1800
_path = click.Path(path_type=Path)


@dataclass(frozen=True)
class Evaluation:
    """Everything that was measured.

    Attributes:
        utterances: The labelled set.
        strays: The set that is no business of the hall.
        examples: How many training examples there are.
        shared: Lines of both files whose text is a training example, with the file's first word.
        scores: The scores of each assistant, ours first.
        run: What our assistant made of every utterance, the strays after the others.
        ids: Names and ids of services and bundles, each with its id.
    """

    utterances: Sequence[Utterance]
    strays: Sequence[Stray]
    examples: int
    shared: Sequence[str]
    scores: Mapping[str, Scores]
    run: Run
    ids: Mapping[str, str]


def known_ids(catalog: Catalog) -> dict[str, str]:
    """Names and ids of services and bundles, each with its id."""
    names: dict[str, str] = {one.id: one.name for one in catalog.services.values()}
    names |= {one.id: one.name for one in catalog.bundles.values()}
    return {name: known for known in names for name in (known, names[known])}


def evaluate(directory: Path, *, plain: bool, tell: Tell) -> Evaluation:
    """Train what has to be trained, and measure; `tell` hears each step.

    Raises:
        click.UsageError: A set is absent or wrongly labelled.
    """
    ids = known_ids(Loader(CONTENT).load())
    utterances, strays = read_utterances(directory, ids), read_strays(directory)
    texts = [one.text for one in utterances] + [one.text for one in strays]
    whole = [number for number, one in enumerate(utterances) if one.intent == "ask"]
    whole += range(len(utterances), len(texts))
    scores = {}
    with TemporaryDirectory() as place:
        settings = settings_in(Path(place) / "var")
        models = {OURS: our_model(settings, tell)}
        if plain:
            models[PLAIN] = plain_model(settings, tell)
        runs = {}
        for name, model in models.items():
            tell(f"{name}: {len(texts)} utterances ...")
            more = {"whole": whole, "timed": TIMED} if name == OURS else {"whole": []}
            job = {"model": str(model.path), "texts": texts, **more}
            runs[name] = in_own_process(job, settings, Path(place))
            scores[name] = _scored(runs[name], model, utterances, strays)
    scores[OURS] = with_services(scores[OURS], runs[OURS], utterances, strays, ids)
    return Evaluation(
        utterances=utterances,
        strays=strays,
        examples=len(runs[OURS]["training"]),
        shared=_shared(utterances, strays, frozenset(runs[OURS]["training"])),
        scores=scores,
        run=runs[OURS],
        ids=ids,
    )


def _scored(
    run: Run, model: Model, utterances: Sequence[Utterance], strays: Sequence[Stray]
) -> Scores:
    return score(run, utterances, strays, speed(run, model.training_s, model.fresh))


def _shared(
    utterances: Sequence[Utterance], strays: Sequence[Stray], training: frozenset[str]
) -> list[str]:
    files: dict[str, Sequence[Utterance] | Sequence[Stray]] = {
        "labelled": [one for one in utterances if not one.blind],
        "blind": [one for one in utterances if one.blind],
        "out_of_scope": strays,
    }
    return [
        f"{name}:{one.line}"
        for name, rows in files.items()
        for one in rows
        if key(one.text) in training
    ]


def in_own_process(job: Mapping[str, object], settings: Settings, place: Path) -> dict[str, Any]:
    """Run a job in a fresh process, so that its memory and its time are its own.

    Args:
        job: What `understanding_run.Job` holds.
        settings: The assistant's settings in that process.
        place: A directory for the two files between the processes.

    Raises:
        RuntimeError: The process failed; the end of its output is told.
        subprocess.TimeoutExpired: It took longer than `RUN_SECONDS`.
    """
    asked, told = place / "job.json", place / "result.json"
    asked.write_text(json.dumps(job, ensure_ascii=False), encoding="utf-8")
    command = [sys.executable, "-m", "benchmarks.understanding_run", str(asked), str(told)]
    done = subprocess.run(  # noqa: S603 - our own module
        command,
        cwd=ROOT,
        env=settings.environment(),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        timeout=RUN_SECONDS,
        check=False,  # told below, with its output
    )
    if done.returncode:
        output = done.stdout.decode("utf-8", "replace")[-3000:]
        raise RuntimeError(f"the run ended with exit code {done.returncode}:\n{output}")
    result: dict[str, Any] = json.loads(told.read_text("utf-8"))
    return result


def errors(evaluation: Evaluation) -> Iterator[tuple[str, list[str]]]:
    """Wrong answers of our assistant, by what is wrong; nothing that is blind is quoted."""
    rows, parsed = evaluation.utterances, evaluation.run["parsed"]
    names = {one.name for one in evaluation.scores[OURS].aspects.classes}
    asking = [(one, told) for one, told in zip(rows, parsed, strict=False) if one.intent == "ask"]
    yield (
        "Intents",
        [
            f"{one.text}  right: {one.intent}, told: {told['best']} {told['confidence']:.2f}"
            for one, told in zip(rows, parsed, strict=False)
            if one.intent != told["best"] and not one.blind
        ],
    )
    yield (
        "Aspects",
        [
            f"{one.text}  right: {_names(one.aspects)}, told: {_names(told)}"
            for one, told in ((one, names & set(told["entities"])) for one, told in asking)
            if one.aspects != told and not one.blind
        ],
    )
    deeds = [acted(one, evaluation.ids) for one in evaluation.run["done"]]
    good = (Verdict.RIGHT, Verdict.OFFERED)
    yield (
        "Services",
        [
            f"{one.text}  right: {_names(one.services)}, {deed.way.value}: {_names(deed.services)}"
            for (one, _), deed in zip(asking, deeds, strict=False)
            if one.services
            and not one.blind
            and verdict(one.services, deed.way, deed.services) not in good
        ],
    )
    yield (
        "Strays that got an answer about a service",
        [
            f"{STRAYS}:{one.line}  {one.kind}: {_names(deed.services)}"
            for one, deed in zip(evaluation.strays, deeds[len(asking) :], strict=True)
            if deed.way is Way.ANSWER
        ],
    )


def _names(names: Sequence[str] | frozenset[str] | set[str]) -> str:
    return "、".join(sorted(names)) or "nothing"


def as_json(evaluation: Evaluation) -> dict[str, Any]:
    """All figures; no utterance."""
    kinds = ("linked", "acted", "unasked")
    scores = {}
    for name, one in evaluation.scores.items():
        plain = {field: value for field, value in asdict(one).items() if field not in kinds}
        plain |= _labellings(one)
        plain["parts"] = {part: _labellings(scored) for part, scored in one.parts.items()}
        plain |= {kind: _counts(getattr(one, kind)) for kind in kinds}
        plain["outcomes"] = dict(one.outcomes)  # asdict counts the pairs of a Counter instead
        plain["strays"] = {kind: _counts(ways) for kind, ways in one.strays.items()}
        scores[name] = plain
    return {
        "utterances": len(evaluation.utterances),
        "strays": len(evaluation.strays),
        "training_examples": evaluation.examples,
        "shared_with_training": list(evaluation.shared),
        "scores": scores,
    }


def _labellings(scored: Scores | Part) -> dict[str, Any]:
    return {kind: figures_of(getattr(scored, kind)) for kind in ("intents", "aspects")}


def figures_of(found: Labelling) -> dict[str, Any]:
    """The figures of one labelling as JSON values; no utterance."""
    classes = {
        item.name: {
            "support": item.support,
            "precision": item.precision,
            "recall": item.recall,
            "f1": item.f1,
        }
        for item in found.classes
    }
    return {
        "macro_f1": found.macro,
        "exact": found.exact,
        "classes": classes,
        "confused": [[*pair, count] for pair, count in found.confused.most_common()],
    }


def _counts(counts: Mapping[Verdict, int] | Mapping[Way, int]) -> dict[str, int]:
    return {kind.value: count for kind, count in counts.items()}


def said(evaluation: Evaluation) -> str:
    """The tables with what they were measured on."""
    lines = [
        f"{len(evaluation.utterances)} utterances, {len(evaluation.strays)} strays, "
        f"{evaluation.examples} training examples",
        f"{len(evaluation.shared)} of them stand in the training data too"
        + f": {', '.join(evaluation.shared)}" * bool(evaluation.shared),
        *(
            f"failed {count} times: {what}"
            for what, count in Counter(evaluation.scores[OURS].failures).most_common()
        ),
    ]
    return "\n".join(lines) + f"\n\n{report(evaluation.scores)}"


@click.command()
@click.option("--set", "directory", type=_path, default=SETS, help="Where the two CSV files are.")
@click.option(
    "--plain/--no-plain", default=True, show_default=True, help="Rasa's own pipeline too."
)
@click.option("--show-errors", type=int, default=0, help="So many wrong answers of each sort.")
@click.option("--json", "figures", type=_path, help="Write all figures into this file.")
@click.option("--confusion", type=_path, help="Draw our confusion matrix into this SVG file.")
def main(
    directory: Path, plain: bool, show_errors: int, figures: Path | None, confusion: Path | None
) -> None:
    """Measure how well citizens are understood."""
    found = evaluate(directory, plain=plain, tell=partial(click.echo, err=True))
    click.echo(said(found))
    if show_errors:
        for title, lines in errors(found):
            click.echo("\n".join([f"\n{title}: {len(lines)}", *cut(lines, show_errors)]))
    if figures:
        text = json.dumps(as_json(found), ensure_ascii=False, indent=1)
        figures.write_text(text + "\n", encoding="utf-8")
    if confusion:
        picture = heat_map(found.scores[OURS].intents, "Intents")
        confusion.write_text(picture, encoding="utf-8")


if __name__ == "__main__":
    main()
