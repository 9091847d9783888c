"""What the action server needs to know, from environment variables."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path


@dataclass(frozen=True)
class Settings:
    """Settings of the action server.

    Attributes:
        catalog: The catalogue's content directory (`BANSHI_CATALOG`).
        booking_url: Base address of the booking backend (`BANSHI_BOOKING_URL`).
        booking_key: The key that opens the backend (`BANSHI_BOOKING_KEY`).
    """

    catalog: Path
    booking_url: str
    booking_key: str = field(repr=False)

    @classmethod
    def from_env(cls, environ: Mapping[str, str] = os.environ) -> Settings:
        """Read the environment.

        Raises:
            ValueError: The backend's key is missing.
        """
        key = environ.get("BANSHI_BOOKING_KEY")
        if not key:
            raise ValueError(
                "BANSHI_BOOKING_KEY is not set: start with `banshi up`, which makes one, "
                "or set it to the booking backend's key"
            )
        port = environ.get("BANSHI_WEB_PORT") or "8080"
        return cls(
            catalog=Path(environ.get("BANSHI_CATALOG") or "service_catalog/content"),
            booking_url=environ.get("BANSHI_BOOKING_URL") or f"http://127.0.0.1:{port}",
            booking_key=key,
        )
