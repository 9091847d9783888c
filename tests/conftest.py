"""Fixtures for tests of any kind."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import count
from pathlib import Path

import pytest
from databases import KINDS, Postgres, postgres_running
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


@pytest.fixture(scope="session")
def postgres() -> Iterator[Postgres]:
    """A PostgreSQL server for all tests of the session."""
    with postgres_running() as postgres:
        yield postgres


@pytest.fixture(params=KINDS)
def new_database(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Callable[[], str]]:
    """Gives the address of another empty database; on SQLite, then on PostgreSQL."""
    if request.param == "sqlite":
        numbers = count(1)
        yield lambda: f"sqlite+aiosqlite:///{tmp_path / f'database-{next(numbers)}.db'}"
        return
    postgres: Postgres = request.getfixturevalue("postgres")
    with postgres.databases() as create:
        yield create


@pytest.fixture
def database(new_database: Callable[[], str]) -> str:
    """The address of an empty database: the test runs on SQLite, then on PostgreSQL."""
    return new_database()
