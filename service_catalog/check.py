"""The whole check of a directory: every error and every warning at once.

`banshi catalog check` prints it. Errors are what the loader refuses a catalogue for; warnings are
what staff should look at again, and never stop anything.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from service_catalog.catalog import Catalog
from service_catalog.errors import Problem, ProblemsFound
from service_catalog.loader import Loader
from service_catalog.sense import doubts


@dataclass(frozen=True)
class Report:
    """What a check found.

    Attributes:
        errors: What stops the directory from becoming a catalogue, in the order of files and lines.
        warnings: What else looks wrong, in the same order.
        catalog: The catalogue, or None when there are errors.
    """

    errors: tuple[Problem, ...]
    warnings: tuple[Problem, ...]
    catalog: Catalog | None


def check(directory: Path, today: date) -> Report:
    """Check the catalogue in `directory` as it stands on `today`."""
    loader = Loader(directory)
    errors: tuple[Problem, ...] = ()
    catalog: Catalog | None = None
    try:
        catalog = loader.load()
    except ProblemsFound as found:
        errors = found.problems
    entries = loader.entries()
    complete = len(entries) == len(loader.fingerprint())
    warnings = doubts(entries, today, complete=complete)
    return Report(_in_order(errors), _in_order(warnings), catalog)


def _in_order(problems: Iterable[Problem]) -> tuple[Problem, ...]:
    return tuple(sorted(problems, key=lambda problem: (problem.file, problem.line)))
