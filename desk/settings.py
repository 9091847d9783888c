"""The desk's own settings, read once from the environment of the backend process."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from booking.settings import BadSettings


@dataclass(frozen=True)
class DeskSettings:
    """What the desk needs to know besides what the backend knows already.

    Attributes:
        bot_url: Base address of the bot, which takes letters for the chat (`BANSHI_BOT_URL`; by
            default this machine at `BANSHI_BOT_PORT`).
        progress: The CSV file with the progress of applications (`BANSHI_PROGRESS`; by default
            progress.csv in `BANSHI_VAR`).
    """

    bot_url: str
    progress: Path

    @classmethod
    def from_environment(cls, environment: Mapping[str, str]) -> DeskSettings:
        """Read the settings.

        Raises:
            BadSettings: The bot's address is none.
        """
        port = environment.get("BANSHI_BOT_PORT") or "5005"
        bot_url = environment.get("BANSHI_BOT_URL") or f"http://127.0.0.1:{port}"
        if not _is_address(bot_url):
            raise BadSettings(
                f"BANSHI_BOT_URL={bot_url!r} is no address; write it like http://127.0.0.1:5005"
            )
        var = Path(environment.get("BANSHI_VAR") or "var")
        return cls(
            bot_url=bot_url.rstrip("/"),
            progress=Path(environment.get("BANSHI_PROGRESS") or var / "progress.csv"),
        )


def _is_address(url: str) -> bool:
    try:
        parts = urlsplit(url)
        return parts.scheme in {"http", "https"} and bool(parts.hostname) and parts.port != 0
    except ValueError:
        return False
