"""All settings of the product in one place: what they mean, their defaults, and local secrets.

Settings come from the environment, then from `.env`. The rooms read their own few from the
environment of their process; this module fills in the rest for them, makes secrets that nobody set
(once, kept in the state directory) and hands the whole to the processes that `banshi up` starts.
"""

from __future__ import annotations

import json
import os
import secrets
import string
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import portalocker
from dotenv import dotenv_values

from bot.settings import Embeddings

ROOT = Path(__file__).resolve().parent.parent
"""The checkout: where config.yml, domain.yml and data/ are."""

SETTINGS: dict[str, str] = {
    "BANSHI_VAR": "var",
    "BANSHI_CATALOG": "service_catalog/content",
    "BANSHI_HOST": "127.0.0.1",
    "BANSHI_BOT_PORT": "5005",
    "BANSHI_ACTIONS_PORT": "5055",
    "BANSHI_WEB_PORT": "8080",
    "BANSHI_SIMULATOR_PORT": "8090",
    "BANSHI_WECHAT_TOKEN": "",
    "BANSHI_WECHAT_APP_ID": "",
    "BANSHI_WECHAT_APP_SECRET": "",
    "BANSHI_WECHAT_AES_KEY": "",
    "BANSHI_WECHAT_AES_KEY_PREVIOUS": "",
    "BANSHI_WECHAT_MODE": "",
    "BANSHI_WECHAT_API": "https://api.weixin.qq.com",
    "BANSHI_WECHAT_LATE": "keep",
    "BANSHI_WECHAT_NOTICES": "",
    "BANSHI_WECHAT_REPLAY_WINDOW": "300",
    "BANSHI_ACTIONS_KEY": "",
    "BANSHI_BOOKING_KEY": "",
    "BANSHI_BOOKING_DB": "",
    "BANSHI_BOOKING_URL": "",
    "BANSHI_ACTIONS_URL": "",
    "BANSHI_BOT_URL": "",
    "BANSHI_CONVERSATIONS_DB": "",
    "BANSHI_REDIS": "",
    "BANSHI_KEEP_CONVERSATIONS_DAYS": "180",
    "BANSHI_PROGRESS": "",
    "BANSHI_DATA_KEY": "",
    "BANSHI_EMBEDDINGS": "",
    "BANSHI_EMBEDDINGS_MODEL": "",
    "BANSHI_EMBEDDINGS_KEY": "",
    "BANSHI_CLOCK": "",
}
"""Every setting with its default; "" is made or derived by `load`. The README explains each."""

_PORTS = ("BANSHI_BOT_PORT", "BANSHI_ACTIONS_PORT", "BANSHI_WEB_PORT", "BANSHI_SIMULATOR_PORT")
_KEYS = ("BANSHI_ACTIONS_KEY", "BANSHI_BOOKING_KEY", "BANSHI_DATA_KEY")
_ACCOUNT = ("BANSHI_WECHAT_TOKEN", "BANSHI_WECHAT_APP_ID")
_LETTERS = string.ascii_letters + string.digits


class SettingsError(Exception):
    """A setting can't be used; the message names it and says how to mend it."""


@dataclass(frozen=True)
class Settings:
    """The settings of one running copy.

    Attributes:
        values: Every BANSHI_ variable with its final value.
        unknown: Variables that look like settings and are none, perhaps misspelt.
    """

    values: Mapping[str, str]
    unknown: tuple[str, ...] = ()

    def __getitem__(self, name: str) -> str:
        return self.values[name]

    @property
    def simulator(self) -> str | None:
        """Base address of the simulator of Tencent's side, which only a local account has."""
        port = self.values["BANSHI_SIMULATOR_PORT"]
        return f"http://127.0.0.1:{port}" if port else None

    def port(self, name: str) -> int:
        """A port setting as a number."""
        return int(self.values[name])

    @property
    def var(self) -> Path:
        """The state directory."""
        return Path(self.values["BANSHI_VAR"])

    @property
    def reachable_host(self) -> str:
        """The address at which this machine reaches its own servers."""
        host = self.values["BANSHI_HOST"]
        return {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(host, host)  # noqa: S104 - compared only

    def url(self, port_name: str) -> str:
        """Base address of one of the servers, as seen from this machine."""
        return f"http://{self.reachable_host}:{self.values[port_name]}"

    def environment(self) -> dict[str, str]:
        """The environment of the processes: ours on top of what is already there."""
        quiet = {
            "RASA_TELEMETRY_ENABLED": "false",
            "TF_CPP_MIN_LOG_LEVEL": "3",
            "SQLALCHEMY_SILENCE_UBER_WARNING": "1",
            "PYTHONWARNINGS": "ignore",
            "PYTHONUNBUFFERED": "1",
            # Rasa's 100 connections that wait to be taken overflow in a flood: then the system
            # drops them, and WeChat tries again after a second, three, seven.
            "SANIC_BACKLOG": "2048",
            # See bot/event_loop.py.
            "SANIC_USE_UVLOOP": "false",
        }
        return {**os.environ, **quiet, **self.values}


def load(environ: Mapping[str, str] = os.environ, root: Path = ROOT) -> Settings:
    """The settings of this copy, with local secrets made where none are set.

    Raises:
        SettingsError: A value can't be used.
    """
    given = _given(environ, root)
    values = _placed(given, root)
    for name in _PORTS:
        port = values[name]
        if not (port.isascii() and port.isdigit() and 0 < int(port) < 65536):
            raise SettingsError(f"{name}={port!r} is no port: set a number from 1 to 65535")
    local_account = _is_local(values)
    _fill_secrets(values, local_account=local_account)
    _fill_simulator(values, local_account=local_account)
    _fill_addresses(values)
    return Settings(values, tuple(sorted(set(given) - set(SETTINGS))))


def embeddings(environ: Mapping[str, str] = os.environ, root: Path = ROOT) -> Embeddings:
    """The embedding model that is set, for a command that needs no other setting and no secret.

    Raises:
        SettingsError: It can't be used.
    """
    values = _placed(_given(environ, root), root)
    return Embeddings(
        address=values["BANSHI_EMBEDDINGS"],
        model=values["BANSHI_EMBEDDINGS_MODEL"],
        key=values["BANSHI_EMBEDDINGS_KEY"],
        file=Path(values["BANSHI_VAR"]) / "embeddings.db",
    )


def _given(environ: Mapping[str, str], root: Path) -> dict[str, str | None]:
    given = {k: v for k, v in dotenv_values(root / ".env").items() if k.startswith("BANSHI_")}
    given.update({k: v for k, v in environ.items() if k.startswith("BANSHI_")})
    return given


def _placed(given: Mapping[str, str | None], root: Path) -> dict[str, str]:
    """Every setting with its value or default, and paths taken from the root."""
    values = {name: given.get(name) or default for name, default in SETTINGS.items()}
    for name in ("BANSHI_VAR", "BANSHI_CATALOG"):
        values[name] = str((root / values[name]).resolve())
    if values["BANSHI_WECHAT_NOTICES"]:
        values["BANSHI_WECHAT_NOTICES"] = str((root / values["BANSHI_WECHAT_NOTICES"]).resolve())
    _place_embeddings(values, root)
    return values


def _place_embeddings(values: dict[str, str], root: Path) -> None:
    wanted = values["BANSHI_EMBEDDINGS"]
    if wanted.startswith(("http://", "https://")):
        return
    if wanted.endswith(".onnx"):
        values["BANSHI_EMBEDDINGS"] = str((root / wanted).resolve())
    elif wanted:  # not shown: it may be the key, in the wrong place
        raise SettingsError(
            "BANSHI_EMBEDDINGS is neither a path that ends in .onnx nor an address that begins "
            "with http:// or https://: leave it empty to search without a model"
        )


def _fill_addresses(values: dict[str, str]) -> None:
    var = Path(values["BANSHI_VAR"])
    host = Settings(values).reachable_host
    derived = {
        "BANSHI_BOOKING_URL": f"http://{host}:{values['BANSHI_WEB_PORT']}",
        "BANSHI_ACTIONS_URL": f"http://{host}:{values['BANSHI_ACTIONS_PORT']}/webhook",
        "BANSHI_BOT_URL": f"http://{host}:{values['BANSHI_BOT_PORT']}",
        "BANSHI_PROGRESS": str(var / "progress.csv"),
        "BANSHI_CONVERSATIONS_DB": f"sqlite:///{var / 'conversations.db'}",
        "BANSHI_BOOKING_DB": f"sqlite+aiosqlite:///{var / 'booking.db'}",
    }
    values.update({name: value for name, value in derived.items() if not values[name]})


def _is_local(values: Mapping[str, str]) -> bool:
    """Whether no Official Account is set, so that one is made up for this machine."""
    return not any(
        value
        for name, value in values.items()
        if name.startswith("BANSHI_WECHAT_")
        and (name in _ACCOUNT or name.endswith(("SECRET", "AES_KEY")))
    )


def _fill_simulator(values: dict[str, str], *, local_account: bool) -> None:
    """A local account meets the simulator where others meet Tencent; a real one never does."""
    if not local_account:
        values["BANSHI_SIMULATOR_PORT"] = ""
    elif values["BANSHI_WECHAT_API"] == SETTINGS["BANSHI_WECHAT_API"]:
        values["BANSHI_WECHAT_API"] = f"http://127.0.0.1:{values['BANSHI_SIMULATOR_PORT']}"


def _fill_secrets(values: dict[str, str], *, local_account: bool) -> None:
    wanted = [name for name in _KEYS if not values[name]]
    if local_account:
        wanted.extend(_LOCAL)
    else:
        missing = [name for name in _ACCOUNT if not values[name]]
        if missing:
            raise SettingsError(
                f"{' and '.join(missing)} must be set together with the other BANSHI_WECHAT_ "
                "settings: copy them from the Official Account's console, or set none of them "
                "to get a local account"
            )
    if wanted:
        try:
            kept = _kept_secrets(Path(values["BANSHI_VAR"]))
        except OSError as error:
            raise SettingsError(
                f"BANSHI_VAR={values['BANSHI_VAR']} can't hold the local secrets "
                f"({error.strerror}): set it to a directory that can be written"
            ) from error
        values.update({name: kept[name] for name in wanted})


def _random(length: int) -> str:
    return "".join(secrets.choice(_LETTERS) for _ in range(length))


_LOCAL = (*_ACCOUNT, "BANSHI_WECHAT_APP_SECRET", "BANSHI_WECHAT_AES_KEY")


def _kept_secrets(var: Path) -> dict[str, str]:
    """The local secrets of one state directory: made once, readable by their owner alone.

    A lost data key makes the stored appointments unreadable, so what is there is never made anew;
    only secrets that are missing (those of a newer version) are added.
    """
    var.mkdir(parents=True, exist_ok=True)
    file = var / "secrets.json"
    with portalocker.Lock(var / ".secrets.lock", timeout=30):
        kept = _read_secrets(file) if file.exists() else {}
        made = {
            **{name: secrets.token_urlsafe(32) for name in _KEYS},
            "BANSHI_WECHAT_TOKEN": _random(32),
            "BANSHI_WECHAT_APP_ID": f"wxlocal{_random(11).lower()}",
            "BANSHI_WECHAT_APP_SECRET": _random(32),
            "BANSHI_WECHAT_AES_KEY": _random(42) + "A",  # 43 characters whose last bits are zero
        }
        if not made.keys() <= kept.keys():
            kept = {**made, **kept}
            fresh = var / ".secrets.new"
            descriptor = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
            with os.fdopen(descriptor, "w", encoding="utf-8") as out:
                json.dump(kept, out, indent=1)
            fresh.replace(file)
    return kept


def _read_secrets(file: Path) -> dict[str, str]:
    try:
        kept = json.loads(file.read_text(encoding="utf-8"))
    except ValueError as error:
        raise SettingsError(f"{file} is damaged: restore it from a backup") from error
    if not isinstance(kept, dict) or not all(isinstance(v, str) and v for v in kept.values()):
        raise SettingsError(f"{file} is damaged: restore it from a backup")
    return kept
