"""What the benchmarks are made of: lists of items, citizens' questions, catalogues, tables.

Real lists and questions are not part of the repository. They are given as paths; one that is absent
ends the command with exit code 2 and says what was expected there.
"""

from __future__ import annotations

import csv
import hashlib
import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import click

from service_catalog.exchange.importing import carry_out, prepare
from service_catalog.exchange.yaml_text import render
from service_catalog.search import Decision, Found

NAME_HEADINGS = ("事项名称", "TASK_NAME")
ASIDE_FIFTHS = 2
"""Two of five questions are kept aside: nobody reads them while the search is worked on."""


@dataclass(frozen=True)
class Question:
    """One question of a citizen with its labels.

    Attributes:
        id: Its number in the source.
        query: The citizen's words.
        scope: `item` (an item of the list answers it), `no_item` or `other`.
        primary: Names of items that are right at the first place.
        related: Names of items that may stand beside them.
    """

    id: str
    query: str
    scope: str
    primary: frozenset[str]
    related: frozenset[str]

    @property
    def aside(self) -> bool:
        """Whether it is of the part kept aside: told by its id alone, so it never moves."""
        digest = hashlib.sha256(self.id.encode()).hexdigest()
        return int(digest, 16) % 5 < ASIDE_FIFTHS


def present(path: Path, what: str) -> Path:
    """The path itself.

    Raises:
        click.UsageError: Nothing is there; ends the command with exit code 2.
    """
    if not path.exists():
        raise click.UsageError(f"absent: {what}, expected at {path}")
    return path


def read_questions(path: Path) -> list[Question]:
    """Labelled questions, one JSON object a line."""
    text = present(path, "citizens' questions (.jsonl)").read_text(encoding="utf-8")
    return [
        Question(
            str(row["id"]),
            row["query"],
            row["scope"],
            frozenset(row["primary"]),
            frozenset(row["related"]),
        )
        for row in map(json.loads, filter(None, text.split("\n")))
    ]


def read_names(path: Path) -> list[str]:
    """The names of a list of items (.csv or .jsonl), each once, in the list's order."""
    with present(path, "a list of items (.csv or .jsonl)").open(encoding="utf-8-sig") as file:
        rows: Iterable[dict[str, str]] = (
            csv.DictReader(file) if path.suffix == ".csv" else [json.loads(line) for line in file]
        )
        return list(dict.fromkeys(filter(None, map(_name, rows))))


def _name(row: dict[str, str]) -> str:
    return next((row[heading].strip() for heading in NAME_HEADINGS if row.get(heading)), "")


def import_list(path: Path, directory: Path) -> None:
    """What `banshi catalog import` does with a list: a catalogue of drafts in `directory`."""
    carry_out(prepare(present(path, "a list of items (.csv, .jsonl or .xlsx)"), directory))


def write_drafts(names: Sequence[str], directory: Path) -> None:
    """A catalogue that knows its items by name alone."""
    folder = directory / "drafts"
    folder.mkdir(parents=True)
    for number, name in enumerate(names, 1):
        draft = {"id": f"item-{number:05}", "name": name, "department": "政务服务中心"}
        (folder / f"{draft['id']}.yml").write_text(render(draft), encoding="utf-8")


def offered(found: Found) -> list[str]:
    """The names that a citizen is shown, best first; none when the search finds nothing."""
    return [] if found.decision is Decision.NONE else [hit.name for hit in found.hits]


def table(headings: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """Rows as a Markdown table, the columns in line."""
    lines = [list(headings), *map(list, rows)]
    widths = [max(_width(line[column]) for line in lines) for column in range(len(headings))]
    rule = ["-" * width for width in widths]
    return "\n".join(_row(line, widths) for line in (lines[0], rule, *lines[1:]))


def _row(cells: Sequence[str], widths: Sequence[int]) -> str:
    padded = (
        cell + " " * (width - _width(cell)) for cell, width in zip(cells, widths, strict=True)
    )
    return "| " + " | ".join(padded) + " |"


def _width(text: str) -> int:
    return sum(2 if "\u2e80" <= char <= "\uffef" else 1 for char in text)


def chunks(values: Sequence[str], size: int) -> Iterator[str]:
    """Every run of `size` neighbours, such as the pairs of a name's characters."""
    return ("".join(values[start : start + size]) for start in range(len(values) - size + 1))
