"""The labelled sets that understanding is measured on: citizens' utterances and strays.

CSV files in one directory. `labelled.csv` has `text,intent,aspects,services`, several aspects or
services of one utterance joined by `|`; whoever improves the assistant may read it. `blind.csv` has
the same columns and may be absent: nobody reads its texts, so its figures tell what is understood
of words that no author had in mind. `out_of_scope.csv` has `text,kind` and is blind as well.
Nothing of them may stand in the training data: `key` is how two texts are compared for that.
"""

from __future__ import annotations

import csv
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import click

from benchmarks.material import present
from service_catalog.search.text import normalise

LABELLED, BLIND, STRAYS = "labelled.csv", "blind.csv", "out_of_scope.csv"


@dataclass(frozen=True)
class Utterance:
    """One labelled utterance.

    Attributes:
        line: Its line in the file, to speak of it without quoting it.
        text: What the citizen wrote.
        intent: What is wanted.
        aspects: What is asked; empty when the intent asks nothing.
        services: Ids of services or bundles that are meant; any of them is a right answer.
        blind: Whether its text is read by nobody.
    """

    line: int
    text: str
    intent: str
    aspects: frozenset[str]
    services: frozenset[str]
    blind: bool = False


@dataclass(frozen=True)
class Stray:
    """One utterance that is no business of the hall.

    Attributes:
        line: Its line in the file.
        text: What was written.
        kind: What sort of message it is, such as chatter.
    """

    line: int
    text: str
    kind: str


def key(text: str) -> str:
    """A text as it is compared with training examples: width, script, case and signs don't count.

    What is made of signs alone, such as a row of emoji, stays as it is.
    """
    return "".join(normalise(text).split()) or "".join(text.split())


def read_utterances(directory: Path, ids: Mapping[str, str]) -> list[Utterance]:
    """The labelled utterances, the blind ones last.

    Args:
        directory: Where the files are.
        ids: Names and ids of services and bundles, each with its id.

    Raises:
        click.UsageError: `labelled.csv` is absent or a label is none of the catalogue's.
    """
    files = [LABELLED, *([BLIND] if (directory / BLIND).exists() else [])]
    return [
        Utterance(
            line,
            row["text"],
            row["intent"],
            _several(row["aspects"]),
            frozenset(_id(name, f"{file}:{line}", ids) for name in _several(row["services"])),
            blind=file == BLIND,
        )
        for file in files
        for line, row in _rows(directory / file, ("text", "intent", "aspects", "services"))
    ]


def read_strays(directory: Path) -> list[Stray]:
    """The utterances that are no business of the hall.

    Raises:
        click.UsageError: The file is absent or has other columns.
    """
    return [
        Stray(line, row["text"], row["kind"])
        for line, row in _rows(directory / STRAYS, ("text", "kind"))
    ]


def _id(name: str, where: str, ids: Mapping[str, str]) -> str:
    if name not in ids:
        raise click.UsageError(f"{where}: {name} is no service or bundle")
    return ids[name]


def _several(cell: str) -> frozenset[str]:
    return frozenset(filter(None, (part.strip() for part in cell.split("|"))))


def _rows(path: Path, columns: tuple[str, ...]) -> Iterator[tuple[int, dict[str, str]]]:
    with present(path, f"utterances ({', '.join(columns)})").open(
        encoding="utf-8-sig", newline=""
    ) as file:
        reader = csv.DictReader(file)
        missing = [column for column in columns if column not in (reader.fieldnames or ())]
        if missing:
            raise click.UsageError(f"{path}: no column {', '.join(missing)}")
        for row in reader:
            cells = {column: (row[column] or "").strip() for column in columns}
            if cells["text"]:
                yield reader.line_num, cells
