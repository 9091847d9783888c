"""What the Rasa server's own code needs to know, from environment variables."""

from __future__ import annotations

import os
from dataclasses import dataclass, field
from pathlib import Path


def catalog_directory() -> Path:
    """The catalogue's content directory (`BANSHI_CATALOG`, default service_catalog/content)."""
    return Path(os.environ.get("BANSHI_CATALOG") or "service_catalog/content")


@dataclass(frozen=True)
class Embeddings:
    """The optional embedding model.

    Attributes:
        address: Nothing, a path to an .onnx file, or a service's address (`BANSHI_EMBEDDINGS`).
        model: The model's name at the service (`BANSHI_EMBEDDINGS_MODEL`).
        key: The key to the service (`BANSHI_EMBEDDINGS_KEY`).
        file: Where the catalogue's vectors are kept (embeddings.db in `BANSHI_VAR`).
    """

    address: str
    model: str
    key: str = field(repr=False)
    file: Path


def embeddings() -> Embeddings:
    """The embedding model that is set, if any."""
    return Embeddings(
        address=os.environ.get("BANSHI_EMBEDDINGS") or "",
        model=os.environ.get("BANSHI_EMBEDDINGS_MODEL") or "",
        key=os.environ.get("BANSHI_EMBEDDINGS_KEY") or "",
        file=Path(os.environ.get("BANSHI_VAR") or "var") / "embeddings.db",
    )
