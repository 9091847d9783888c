"""What the Rasa server's own code needs to know, from environment variables."""

from __future__ import annotations

import os
from pathlib import Path


def catalog_directory() -> Path:
    """The catalogue's content directory (`BANSHI_CATALOG`, default service_catalog/content)."""
    return Path(os.environ.get("BANSHI_CATALOG") or "service_catalog/content")
