"""Fixtures for tests of any kind."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
from browsers import browser_page
from databases import KINDS, Databases, Files, Postgres, postgres_running
from embedding_service import WORD, EmbeddingService, small_catalogue
from playwright.async_api import Page


@pytest.fixture
def model_service() -> Iterator[EmbeddingService]:
    """An embedding service to which WORD means what 本子 means."""
    with EmbeddingService(WORD, "本子") as service:
        yield service


@pytest.fixture
def small_content(tmp_path: Path) -> Path:
    """A small catalogue that finds nothing for WORD."""
    return small_catalogue(tmp_path)


@pytest.fixture
async def page() -> AsyncIterator[Page]:
    """An empty tab of a real browser."""
    async with browser_page() as page:
        yield page


@pytest.fixture(scope="session")
def postgres() -> Iterator[Postgres]:
    """A PostgreSQL server for all tests of the session."""
    with postgres_running() as postgres:
        yield postgres


@pytest.fixture(params=KINDS)
def databases(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Databases]:
    """Makes databases: the test runs on SQLite, then on PostgreSQL."""
    if request.param == "sqlite":
        yield Files(tmp_path)
        return
    postgres: Postgres = request.getfixturevalue("postgres")
    yield postgres
    postgres.drop()


@pytest.fixture
def database(databases: Databases) -> str:
    """The address of a database that was opened once and has no rows yet."""
    return databases.opened()


@pytest.fixture
def empty_database(databases: Databases) -> str:
    """The address of a database with nothing in it."""
    return databases.empty()
