"""A case's changes to the catalogue: merged over a copy of its files.

A merge patch (RFC 7396): keys are merged, lists and values replaced whole, null takes a key away.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import yaml

from service_catalog.errors import Problem, ProblemsFound
from service_catalog.files import read_document


def lay_over(overlay: str, content: Path) -> None:
    """Change the copy of a catalogue in `content` as the JSON in `overlay` says.

    A file that isn't there is made. Values stay the text that was typed.

    Raises:
        ProblemsFound: A file can't be read.
    """
    for name, patch in json.loads(overlay).items() if overlay else ():
        file = content / name
        document = read_document(file, name) if file.exists() else None
        if isinstance(document, Problem):
            raise ProblemsFound([document])
        merged = merge(document.data if document else {}, patch)
        file.parent.mkdir(parents=True, exist_ok=True)
        text = yaml.safe_dump(merged, allow_unicode=True, sort_keys=False)
        file.write_text(text, encoding="utf-8")


def merge(data: Any, patch: Any) -> Any:  # noqa: ANN401 - whatever YAML holds
    """`data` with `patch` applied to it; neither is changed."""
    if not isinstance(patch, Mapping):
        return patch
    merged = dict(data) if isinstance(data, Mapping) else {}
    for key, value in patch.items():
        if value is None:
            merged.pop(key, None)
        else:
            merged[key] = merge(merged.get(key), value)
    return merged
