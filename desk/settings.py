"""The desk's own settings, read once from the environment of the backend process."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class DeskSettings:
    """What the desk needs to know besides what the backend knows already.

    Attributes:
        progress: The CSV file with the progress of applications (`BANSHI_PROGRESS`; by default
            progress.csv in `BANSHI_VAR`).
    """

    progress: Path

    @classmethod
    def from_environment(cls, environment: Mapping[str, str]) -> DeskSettings:
        """Read the settings."""
        var = Path(environment.get("BANSHI_VAR") or "var")
        return cls(progress=Path(environment.get("BANSHI_PROGRESS") or var / "progress.csv"))
