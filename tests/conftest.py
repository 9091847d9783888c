"""Fixtures for tests of any kind."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from embedding_service import WORD, EmbeddingService, small_catalogue


@pytest.fixture
def model_service() -> Iterator[EmbeddingService]:
    """An embedding service to which WORD means what 本子 means."""
    with EmbeddingService(WORD, "本子") as service:
        yield service


@pytest.fixture
def small_content(tmp_path: Path) -> Path:
    """A small catalogue that finds nothing for WORD."""
    return small_catalogue(tmp_path)
