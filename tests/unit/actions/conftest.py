from __future__ import annotations

from collections.abc import AsyncIterator

import pytest
from action_world import Backend, backend_running
from answers_world import CATALOG

from service_catalog.catalog import Catalog


@pytest.fixture(scope="session")
def catalog() -> Catalog:
    """The catalogue as it is shipped."""
    return CATALOG


@pytest.fixture
async def backend(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Backend]:
    """A backend that the actions call."""
    async with backend_running(monkeypatch.setenv) as running:
        yield running
