from __future__ import annotations

from pathlib import Path

import pytest
from catalog_world import Copy, shipped_catalog

from service_catalog.catalog import Catalog


@pytest.fixture(scope="session")
def shipped() -> Catalog:
    """The catalogue as it is shipped."""
    return shipped_catalog()


@pytest.fixture
def content(tmp_path: Path) -> Copy:
    """A copy of the shipped content, with a few of its services."""
    return Copy.of_shipped(tmp_path)
