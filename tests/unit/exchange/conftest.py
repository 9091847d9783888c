from __future__ import annotations

from pathlib import Path

import pytest


@pytest.fixture(autouse=True)
def elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The sheet of rejected rows goes to the current directory: not the repository's."""
    (tmp_path / "here").mkdir()
    monkeypatch.chdir(tmp_path / "here")
