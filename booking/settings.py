"""The backend's settings, read once from the environment.

Faults are reported all at once and name the variable, what is wrong with it and what it should be.
The two keys and the database's password never appear in a message or in the settings' `repr`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

from database.engine import read_address
from database.errors import WrongDatabase

MIN_KEY_LENGTH = 16
MIN_DATA_KEY_LENGTH = 32


class BadSettings(ValueError):
    """The environment does not describe a backend that could run."""


@dataclass(frozen=True)
class Settings:
    """What the backend needs to know before it starts.

    Attributes:
        catalog: Directory of the catalogue (`BANSHI_CATALOG`).
        database: Address of a SQLite file or a PostgreSQL database (`BANSHI_BOOKING_DB`; by
            default booking.db in `BANSHI_VAR`). A password may stand in it.
        key: The bearer key that callers present (`BANSHI_BOOKING_KEY`).
        data_key: Secret from which the keys for personal data are derived (`BANSHI_DATA_KEY`).
        host: Address to listen on (`BANSHI_HOST`).
        port: Port to listen on (`BANSHI_WEB_PORT`); 0 takes a free one.
        bot_url: Base address of the bot, which takes letters for the chat (`BANSHI_BOT_URL`; by
            default this machine at `BANSHI_BOT_PORT`); None sends no messages.
    """

    catalog: Path
    database: str = field(repr=False)
    key: str = field(repr=False)
    data_key: str = field(repr=False)
    host: str = "127.0.0.1"
    port: int = 8080
    bot_url: str | None = None

    @classmethod
    def from_environment(cls, environment: Mapping[str, str]) -> Settings:
        """Read the settings.

        Raises:
            BadSettings: One line for each variable that is missing or wrong.
        """
        faults: list[str] = []
        settings = cls(
            catalog=Path(environment.get("BANSHI_CATALOG") or "service_catalog/content"),
            database=environment.get("BANSHI_BOOKING_DB") or _database(environment),
            key=_required(environment, "BANSHI_BOOKING_KEY", MIN_KEY_LENGTH, faults),
            data_key=_required(environment, "BANSHI_DATA_KEY", MIN_DATA_KEY_LENGTH, faults),
            host=environment.get("BANSHI_HOST") or "127.0.0.1",
            port=_port(environment, faults),
            bot_url=_bot_url(environment, faults),
        )
        try:
            read_address(settings.database)
        except WrongDatabase as error:
            faults.append(str(error))
        if faults:
            raise BadSettings("\n".join(faults))
        return settings


def _database(environment: Mapping[str, str]) -> str:
    path = Path(environment.get("BANSHI_VAR") or "var").absolute() / "booking.db"
    return f"sqlite+aiosqlite:///{path}"


def _required(environment: Mapping[str, str], name: str, length: int, faults: list[str]) -> str:
    value = environment.get(name, "")
    if not value:
        faults.append(f"{name} is not set; it must be a secret of at least {length} characters")
    elif len(value) < length:
        faults.append(f"{name} is too short: {len(value)} characters, at least {length} needed")
    return value


def _bot_url(environment: Mapping[str, str], faults: list[str]) -> str:
    port = environment.get("BANSHI_BOT_PORT") or "5005"
    url = environment.get("BANSHI_BOT_URL") or f"http://127.0.0.1:{port}"
    if not _is_address(url):
        faults.append(f"BANSHI_BOT_URL={url!r} is no address; write it like http://127.0.0.1:5005")
    return url.rstrip("/")


def _is_address(url: str) -> bool:
    try:
        parts = urlsplit(url)
        return parts.scheme in {"http", "https"} and bool(parts.hostname) and parts.port != 0
    except ValueError:
        return False


def _port(environment: Mapping[str, str], faults: list[str]) -> int:
    text = environment.get("BANSHI_WEB_PORT") or "8080"
    if text.isascii() and text.isdigit() and int(text) < 65536:
        return int(text)
    faults.append(f"BANSHI_WEB_PORT={text!r} is no port; write a number from 0 to 65535")
    return 0
