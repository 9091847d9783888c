"""Everything that can go wrong with the catalogue.

    CatalogError
    ├── ProblemsFound      a directory could not become a catalogue; carries every Problem
    ├── Unannounced        a day lies in a year whose holidays aren't published yet
    ├── UnknownId          something was asked for by an id that the catalogue does not have
    └── EmbeddingFailed    the embedding model gave no vectors; the search goes on without it

A `Problem` is written for staff: it names the file, the line and the field in Chinese, says what is
wrong and how to mend it. Logs get the same sentence.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Problem:
    """One fault in one file of the catalogue.

    Attributes:
        file: Path relative to the catalogue's directory.
        line: Line in that file, from 1; 0 when the fault has no line (a missing file).
        field: The field's Chinese name, with its position in a list, or "".
        what: What is wrong, in Chinese.
        mend: How to put it right, in Chinese.
    """

    file: str
    line: int
    field: str
    what: str
    mend: str

    def __str__(self) -> str:
        where = f"{self.file}:{self.line}" if self.line else self.file
        field = f"【{self.field}】" if self.field else ""
        return f"{where} {field}{self.what}。{self.mend}"


class CatalogError(Exception):
    """Root of the catalogue's errors."""


class ProblemsFound(CatalogError):
    """The directory holds faults, so no catalogue was made from it."""

    def __init__(self, problems: Sequence[Problem]) -> None:
        self.problems = tuple(problems)
        super().__init__("\n".join(str(problem) for problem in self.problems))


class UnknownId(CatalogError):
    """No service or place of this id stands in the catalogue."""


class Unannounced(CatalogError):
    """The State Council has not published this year's holidays yet: nobody knows the workdays."""

    def __init__(self, year: int) -> None:
        self.year = year
        super().__init__(f"{year}年放假安排尚未公布")


class EmbeddingFailed(CatalogError):
    """The embedding model gave no usable vectors. The message says why, without text or key."""
