from __future__ import annotations

from pathlib import Path

import pytest
from small_world import SmallWorld


@pytest.fixture
def world(tmp_path: Path) -> SmallWorld:
    """A copy of the small catalogue."""
    return SmallWorld.within(tmp_path)
