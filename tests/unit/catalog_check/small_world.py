"""A small catalogue with every kind of file and nothing wrong with it, for tests to edit."""

from __future__ import annotations

import shutil
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from service_catalog.check import Report, check

SMALL = Path(__file__).with_name("small")
FILES = sorted(str(file.relative_to(SMALL)) for file in SMALL.rglob("*.yml"))
TODAY = date(2026, 11, 22)


@dataclass(frozen=True)
class SmallWorld:
    """A copy of the small catalogue."""

    directory: Path

    @classmethod
    def within(cls, directory: Path) -> SmallWorld:
        return cls(Path(shutil.copytree(SMALL, directory / "content")))

    def write(self, name: str, content: str | bytes) -> None:
        """Put the whole file in place at once, as editors do."""
        file = self.directory / name
        fresh = file.with_name(f".{file.name}.new")
        fresh.write_bytes(content.encode() if isinstance(content, str) else content)
        fresh.replace(file)

    def edit(self, name: str, old: str, new: str) -> None:
        """Replace the first `old`, which must be there."""
        text = (self.directory / name).read_text(encoding="utf-8")
        assert old in text, f"{name} has no {old!r}"
        self.write(name, text.replace(old, new, 1))

    def report(self, today: date = TODAY) -> Report:
        return check(self.directory, today)
