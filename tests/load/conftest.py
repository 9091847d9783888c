from __future__ import annotations

from pathlib import Path

import pytest

from booking.testing import DATA_KEY, KEY, sample_catalog, write_catalog


@pytest.fixture
def environment(tmp_path: Path, empty_database: str) -> dict[str, str]:
    """Of any number of backends on one database, on Monday 23 November 2026 at ten."""
    write_catalog(sample_catalog(), tmp_path / "catalog")
    return {
        "BANSHI_BOOKING_KEY": KEY,
        "BANSHI_DATA_KEY": DATA_KEY,
        "BANSHI_CATALOG": str(tmp_path / "catalog"),
        "BANSHI_VAR": str(tmp_path),
        "BANSHI_BOOKING_DB": empty_database,
        "BANSHI_WEB_PORT": "0",
        "BANSHI_CLOCK": "2026-11-23T10:00:00",
    }
