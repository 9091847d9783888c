"""What the action server needs to know, from environment variables."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

_OWN_KEY = "BANSHI_ACTIONS_KEY"


@dataclass(frozen=True)
class Settings:
    """Settings of the action server.

    Attributes:
        catalog: The catalogue's content directory (`BANSHI_CATALOG`).
        booking_url: Base address of the booking backend (`BANSHI_BOOKING_URL`).
        booking_key: The key that opens the backend (`BANSHI_BOOKING_KEY`).
        key: The key that Rasa must show us (`BANSHI_ACTIONS_KEY`).
        host: Where to listen (`BANSHI_HOST`).
        port: And on which port (`BANSHI_ACTIONS_PORT`).
    """

    catalog: Path
    booking_url: str
    booking_key: str = field(repr=False)
    key: str = field(repr=False)
    host: str
    port: int

    @classmethod
    def from_env(cls, environ: Mapping[str, str] = os.environ) -> Settings:
        """Read the environment.

        Raises:
            ValueError: A key is missing or the port is no number.
        """
        keys = {name: environ.get(name) or "" for name in ("BANSHI_BOOKING_KEY", _OWN_KEY)}
        for name, key in keys.items():
            if not key:
                raise ValueError(
                    f"{name} is not set: start with `banshi up`, which makes one, or set it to "
                    "the key that the other process has"
                )
        port = environ.get("BANSHI_WEB_PORT") or "8080"
        return cls(
            catalog=Path(environ.get("BANSHI_CATALOG") or "service_catalog/content"),
            booking_url=environ.get("BANSHI_BOOKING_URL") or f"http://127.0.0.1:{port}",
            booking_key=keys["BANSHI_BOOKING_KEY"],
            key=keys[_OWN_KEY],
            host=environ.get("BANSHI_HOST") or "127.0.0.1",
            port=int(environ.get("BANSHI_ACTIONS_PORT") or "5055"),
        )
