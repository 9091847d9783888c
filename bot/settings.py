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


def letters_key() -> str | None:
    """The key with which the backend posts letters (`BANSHI_BOOKING_KEY`), if it is set."""
    return os.environ.get("BANSHI_BOOKING_KEY", "").strip() or None


def journal_file() -> Path:
    """The file of the channel's journal (channel.db in `BANSHI_VAR`)."""
    return Path(os.environ.get("BANSHI_VAR") or "var") / "channel.db"


def redis_url() -> str:
    """Where servers on several machines share what they must (`BANSHI_REDIS`); empty for none."""
    return os.environ.get("BANSHI_REDIS", "").strip()


KEEP_DAYS = "BANSHI_KEEP_CONVERSATIONS_DAYS"


@dataclass(frozen=True)
class Conversations:
    """The conversations' store.

    Attributes:
        url: Its SQLAlchemy address (`BANSHI_CONVERSATIONS_DB`), empty when there is none.
        keep_days: So long after its last event one is kept (`BANSHI_KEEP_CONVERSATIONS_DAYS`).
    """

    url: str
    keep_days: int


def conversations() -> Conversations:
    """The conversations' store that is set.

    Raises:
        ValueError: The days are no positive whole number.
    """
    days = os.environ.get(KEEP_DAYS, "").strip() or "180"
    if not days.isascii() or not days.isdigit() or not 0 < int(days) < 100_000:
        raise ValueError(f"{KEEP_DAYS} must be a number of days, at least 1; leave it out for 180.")
    return Conversations(os.environ.get("BANSHI_CONVERSATIONS_DB", "").strip(), int(days))
