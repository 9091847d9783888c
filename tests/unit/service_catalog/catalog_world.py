"""A catalogue to break: a copy of the shipped content, edited the way staff edit it."""

from __future__ import annotations

import shutil
from collections.abc import Collection
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import service_catalog
from service_catalog.catalog import Catalog
from service_catalog.errors import Problem, ProblemsFound
from service_catalog.loader import Loader

SHIPPED = Path(service_catalog.__file__).parent / "content"
SAYINGS = "hall.yml"
"""The one file of sayings, and a short one, that a copy keeps."""
SOME = ("id-card-renew", "passport-first", "marriage-registration", "residence-permit")


@cache
def shipped_catalog() -> Catalog:
    """The catalogue as it is shipped, loaded once: its lexicon takes a second to compile."""
    return Loader(SHIPPED).load()


@dataclass(frozen=True)
class Copy:
    """A directory of content that a test may edit."""

    directory: Path

    @classmethod
    def of_shipped(cls, directory: Path, services: Collection[str] = SOME) -> Copy:
        """The shipped content with a few of its services and sayings: it loads in no time."""
        copy = cls(Path(shutil.copytree(SHIPPED, directory / "content")))
        for file in (copy.directory / "lexicon").iterdir():
            if file.name != SAYINGS:
                file.unlink()
        for file in (copy.directory / "services").iterdir():
            if file.stem not in services:
                file.unlink()
        shutil.rmtree(copy.directory / "bundles")  # they refer to services that are gone
        for name in ("terminals.yml", "home_visits.yml"):
            (copy.directory / name).unlink()
        return copy

    def text(self, name: str) -> str:
        return (self.directory / name).read_text(encoding="utf-8")

    def write(self, name: str, content: str | bytes) -> None:
        """Put the whole file in place at once, as editors do."""
        file = self.directory / name
        fresh = file.with_name(f".{file.name}.new")
        fresh.write_bytes(content.encode() if isinstance(content, str) else content)
        fresh.replace(file)

    def edit(self, name: str, old: str, new: str) -> str:
        """Replace the first `old`, which must be there; gives the new text."""
        before = self.text(name)
        assert old in before, f"{name} has no {old!r} any more: the test needs another place"
        after = before.replace(old, new, 1)
        self.write(name, after)
        return after

    def problems(self) -> tuple[Problem, ...]:
        """Everything that stands in the way of a catalogue; () when nothing does."""
        try:
            Loader(self.directory).load()
        except ProblemsFound as found:
            return found.problems
        return ()
