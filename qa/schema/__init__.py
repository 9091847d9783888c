"""The JSON Schema of a file of cases, for editors and for the reader."""

from __future__ import annotations

import json
from functools import lru_cache
from pathlib import Path
from typing import Any

FILE = Path(__file__).with_name("test-cases.schema.json")


@lru_cache(maxsize=1)
def schema() -> dict[str, Any]:
    """The schema (draft 7); numbers and yes or no may be written as text everywhere."""
    loaded: dict[str, Any] = json.loads(FILE.read_text(encoding="utf-8"))
    return loaded
