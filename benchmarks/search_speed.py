"""How the search grows: load, index, query, memory and an edit, from 1,000 to 10,000 items.

Every size is a catalogue of drafts in a temporary directory, measured by a process of its own on
one core: the one that asks while it holds the whole catalogue, as the running assistant does. The
lexicon's own size doesn't change with the items; what it takes stands in a column of its own.
"""

from __future__ import annotations

import gc
import json
import logging
import os
import resource
import subprocess
import sys
import time
import tracemalloc
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, fields
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory

import click
import structlog

from benchmarks.item_maker import item_names
from benchmarks.material import present, read_names, read_questions, table, write_drafts
from benchmarks.plot import Panel, svg
from service_catalog.loader import CONTENT, Loader, shipped_sayings
from service_catalog.search import Sayings, SearchIndex
from service_catalog.store import CatalogStore

SIZES = (1_000, 2_000, 5_000, 10_000)
PATIENCE = 10.0
"""Seconds after which an edit that doesn't show is an error."""
ROUNDS = 10
"""How often the whole set of questions is asked; the first time doesn't count."""
EDITS = 5
MB = 1024 * 1024
_path = click.Path(path_type=Path)


@dataclass(frozen=True)
class Measured:
    """What one size of catalogue takes; seconds, milliseconds and megabytes as the names say.

    Attributes:
        items: How many.
        lexicon_s: Making the lexicon ready, once a process; the items don't matter.
        load_s: Reading and checking every file, and the index.
        index_s: The index alone, of items that are loaded.
        p50_ms: One query, half of them.
        p99_ms: 99 of 100.
        max_ms: The slowest.
        unchanged_ms: Asking the store for the catalogue when no file changed.
        edit_s: From writing a file until a question finds what is new in it; the slowest of five.
        index_mb: What the index of the items adds at its peak.
        both_mb: What lexicon and index add together.
        process_mb: The most that the process ever held, before anything was traced.
    """

    items: int
    lexicon_s: float
    load_s: float
    index_s: float
    p50_ms: float
    p99_ms: float
    max_ms: float
    unchanged_ms: float
    edit_s: float
    index_mb: float
    both_mb: float
    process_mb: float


AIMS = {"index_s": 10.0, "p99_ms": 5.0, "edit_s": 1.0, "both_mb": 300.0}
"""What must hold at 10,000 items, on one core."""
TITLES = {
    "items": "items",
    "lexicon_s": "lexicon s",
    "load_s": "cold load s",
    "index_s": "index s",
    "p50_ms": "query p50 ms",
    "p99_ms": "p99 ms",
    "max_ms": "max ms",
    "unchanged_ms": "current() ms",
    "edit_s": "worst edit s",
    "index_mb": "index MB",
    "both_mb": "with lexicon MB",
    "process_mb": "process MB",
}


def timed(work: Callable[[], object]) -> float:
    """Seconds that `work` takes."""
    start = time.perf_counter()
    work()
    return time.perf_counter() - start


def percentile(values: Sequence[float], part: float) -> float:
    """The value that `part` (0 to 1) of the values don't exceed."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(len(ordered) * part))]


def measure(directory: Path, questions: Sequence[str]) -> Measured:
    """All figures of one catalogue; for a process that does nothing else."""
    os.sched_setaffinity(0, {max(os.sched_getaffinity(0))})
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.WARNING))
    lexicon_s = timed(shipped_sayings)
    load_s = timed(lambda: Loader(directory).load().index)
    gc.collect()
    store = CatalogStore(directory)
    drafts = list(store.current().drafts.values())
    index_s = min(timed(lambda: SearchIndex([], shipped_sayings(), drafts)) for _ in range(3))
    times = query_times(store.current().index, questions)
    process_mb = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    return Measured(
        items=len(drafts),
        lexicon_s=lexicon_s,
        load_s=load_s,
        index_s=index_s,
        p50_ms=percentile(times, 0.5) * 1e3,
        p99_ms=percentile(times, 0.99) * 1e3,
        max_ms=max(times) * 1e3,
        unchanged_ms=percentile([timed(store.current) for _ in range(50)], 0.5) * 1e3,
        edit_s=max(edit(store, directory, number) for number in range(EDITS)),
        index_mb=memory(lambda: SearchIndex([], shipped_sayings(), drafts)),
        both_mb=memory(lambda: SearchIndex([], Sayings(shipped_sayings().lexicon), drafts)),
        process_mb=process_mb,
    )


def query_times(index: SearchIndex, questions: Sequence[str]) -> list[float]:
    """Seconds of each single query, over several rounds, once everything is warm."""
    for question in questions:
        index.search(question)
    return [
        timed(partial(index.search, question)) for _ in range(ROUNDS - 1) for question in questions
    ]


def edit(store: CatalogStore, directory: Path, number: int) -> float:
    """Seconds from writing one file until the store answers by what is new in it."""
    file = sorted((directory / "drafts").iterdir())[number * 7]
    alias = f"龘靐{'甲乙丙丁戊己庚辛'[number]}齉爩证"
    text = file.read_text(encoding="utf-8") + f"aliases:\n- {alias}\n"
    start = time.perf_counter()
    file.write_text(text, encoding="utf-8")
    while (seconds := time.perf_counter() - start) < PATIENCE:
        found = store.current().index.search(alias)  # a large catalogue is looked at now and then
        if found.hits and found.hits[0].id == file.stem:
            return time.perf_counter() - start
    raise AssertionError(f"{alias} doesn't find {file.stem} after {seconds:.1f} s: {found}")


def memory(work: Callable[[], object]) -> float:
    """Megabytes that are in use at the most while `work` runs, beyond those before it."""
    gc.collect()
    tracemalloc.start()
    work()
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    return peak / MB


def in_own_process(directory: Path, questions: Path) -> Measured:
    """`measure` in a fresh process, so that no size inherits another's memory."""
    command = [sys.executable, "-m", "benchmarks.search_speed", "--measure", str(directory)]
    done = subprocess.run(  # noqa: S603 - our own module
        [*command, "--queries", str(questions)], stdout=subprocess.PIPE, check=True
    )
    return Measured(**json.loads(done.stdout.splitlines()[-1]))


def rows(results: Sequence[Measured]) -> list[list[str]]:
    """The table's lines: one a size, how much the last is of the first, and the aims."""
    names = [field.name for field in fields(Measured)]
    lines = [[_shown(getattr(one, name)) for name in names] for one in results]
    growth = [getattr(results[-1], name) / getattr(results[0], name) for name in names]
    lines.append([f"×{ratio:.1f}" for ratio in growth])
    lines.append([f"< {AIMS[name]:g}" if name in AIMS else "-" for name in names])
    lines[-1][0] = "aim"
    return lines


def _shown(value: float) -> str:
    return (
        f"{value:,}"
        if isinstance(value, int)
        else f"{value:.2f}"
        if value < 100
        else f"{value:.0f}"
    )


def panels(results: Sequence[Measured]) -> list[Panel]:
    """One plot for each figure with an aim."""
    return [
        Panel(TITLES[name], [(one.items, getattr(one, name)) for one in results], aim)
        for name, aim in AIMS.items()
    ]


@click.command()
@click.option("--items", multiple=True, type=_path, help="A list of items; may be given again.")
@click.option("--questions", type=_path, help="Real questions (.jsonl); without, shipped aliases.")
@click.option("--sizes", multiple=True, type=int, default=SIZES, show_default=True)
@click.option("--plot", type=_path, help="Draw the growth into this SVG file.")
@click.option("--measure", "directory", type=_path, hidden=True)
@click.option("--queries", type=_path, hidden=True)
def main(  # noqa: PLR0917 - click passes them by name
    items: tuple[Path, ...],
    questions: Path | None,
    sizes: tuple[int, ...],
    plot: Path | None,
    directory: Path | None,
    queries: Path | None,
) -> None:
    """Measure how load, index, query, memory and edits grow with the number of items."""
    if directory and queries:
        click.echo(json.dumps(asdict(measure(directory, json.loads(queries.read_text("utf-8"))))))
        return
    if not items:
        raise click.UsageError("absent: a list of items, expected as --items (.csv or .jsonl)")
    names = list(dict.fromkeys(name for file in items for name in read_names(file)))
    asked, source = _asked(questions)
    click.echo(f"{len(names)} real names, beyond them made ones; {len(asked)} {source}; one core")
    with TemporaryDirectory() as place:
        file = Path(place) / "queries.json"
        file.write_text(json.dumps(asked), encoding="utf-8")
        results = []
        for size in sorted(sizes):
            catalog = Path(place) / str(size)
            write_drafts(item_names(names, size), catalog)
            results.append(in_own_process(catalog, file))
    click.echo(table(list(TITLES.values()), rows(results)))
    if plot:
        plot.write_text(svg(panels(results)), encoding="utf-8")


def _asked(questions: Path | None) -> tuple[list[str], str]:
    if questions:
        present(questions, "citizens' questions (.jsonl)")
        return [one.query for one in read_questions(questions)], "questions of citizens"
    services = Loader(CONTENT).load().services.values()
    return [alias for one in services for alias in one.aliases], "aliases (no questions given)"


if __name__ == "__main__":
    main()
