from __future__ import annotations

from pathlib import Path

import pytest

import service_catalog
from service_catalog.catalog import Catalog
from service_catalog.loader import Loader


@pytest.fixture(scope="session")
def catalog() -> Catalog:
    """The catalogue as it is shipped."""
    return Loader(Path(service_catalog.__file__).parent / "content").load()
