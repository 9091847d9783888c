"""Settings: where they come from, what is refused, and the secrets that nobody set."""

from __future__ import annotations

import json
import re
import stat
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from cli.settings import SETTINGS, SettingsError, load
from cli.up import programs

ACCOUNT = {"BANSHI_WECHAT_TOKEN": "token123", "BANSHI_WECHAT_APP_ID": "wx0123456789abcdef"}
KEYS = {
    "BANSHI_ACTIONS_KEY": "actions-key",
    "BANSHI_BOOKING_KEY": "booking-key",
    "BANSHI_DATA_KEY": "data-key",
}
ANY_HOST = "0.0.0.0"  # noqa: S104 - never listened on here
SECRETS = [*KEYS, *ACCOUNT, "BANSHI_WECHAT_APP_SECRET", "BANSHI_WECHAT_AES_KEY"]


def test_defaults_need_nothing(tmp_path: Path) -> None:
    settings = load({}, tmp_path)
    assert set(settings.values) == set(SETTINGS)
    assert settings.port("BANSHI_BOT_PORT") == 5005
    assert settings.url("BANSHI_WEB_PORT") == "http://127.0.0.1:8080"
    assert settings.var == tmp_path / "var"
    assert settings["BANSHI_CATALOG"] == str(tmp_path / "service_catalog" / "content")
    assert settings["BANSHI_BOOKING_URL"] == "http://127.0.0.1:8080"
    assert settings["BANSHI_ACTIONS_URL"] == "http://127.0.0.1:5055/webhook"
    assert settings["BANSHI_CONVERSATIONS_DB"] == f"sqlite:///{tmp_path}/var/conversations.db"
    assert settings["BANSHI_BOOKING_DB"] == f"sqlite+aiosqlite:///{tmp_path}/var/booking.db"
    assert settings["BANSHI_BOT_URL"] == "http://127.0.0.1:5005"
    assert settings["BANSHI_PROGRESS"] == f"{tmp_path}/var/progress.csv"
    assert settings["BANSHI_KEEP_CONVERSATIONS_DAYS"] == "180"
    assert settings["BANSHI_CLOCK"] == ""


def test_the_env_file_sets_and_the_environment_wins(tmp_path: Path) -> None:
    (tmp_path / ".env").write_text(
        "# ports\nBANSHI_BOT_PORT=6005\nBANSHI_WEB_PORT='6080'\nOTHER=1\nBANSHI_CLOCK=\n",
        encoding="utf-8",
    )
    settings = load({"BANSHI_BOT_PORT": "7005", "HOME": "/root"}, tmp_path)
    assert settings.port("BANSHI_BOT_PORT") == 7005
    assert settings.port("BANSHI_WEB_PORT") == 6080
    assert settings["BANSHI_BOOKING_URL"] == "http://127.0.0.1:6080"
    assert "OTHER" not in settings.values


def test_an_empty_value_is_the_default(tmp_path: Path) -> None:
    assert load({"BANSHI_BOT_PORT": ""}, tmp_path).port("BANSHI_BOT_PORT") == 5005


def test_what_is_set_is_not_derived(tmp_path: Path) -> None:
    given = {
        "BANSHI_BOOKING_URL": "http://10.0.0.2:80",
        "BANSHI_BOOKING_DB": "postgresql://x/y",
        "BANSHI_BOT_URL": "http://10.0.0.3:5005",
        "BANSHI_PROGRESS": "/srv/progress.csv",
    }
    settings = load(given, tmp_path)
    assert {name: settings[name] for name in given} == given


def test_unknown_settings_are_noted_and_go_nowhere(tmp_path: Path) -> None:
    (tmp_path / ".env").write_text("BANSHI_TYPO=1\n", encoding="utf-8")
    settings = load({"BANSHI_BOTPORT": "1", "PATH": "/bin"}, tmp_path)
    assert settings.unknown == ("BANSHI_BOTPORT", "BANSHI_TYPO")
    assert set(settings.values) == set(SETTINGS)
    assert load({"BANSHI_VAR": "other"}, tmp_path / "elsewhere").unknown == ()


PORTS = ["BANSHI_BOT_PORT", "BANSHI_ACTIONS_PORT", "BANSHI_WEB_PORT", "BANSHI_SIMULATOR_PORT"]


@pytest.mark.parametrize("name", PORTS)
@pytest.mark.parametrize("value", ["0", "65536", "-1", "http", "80 80", "8080.0", "²", "८०"])
def test_a_port_that_is_none_is_named(tmp_path: Path, name: str, value: str) -> None:
    with pytest.raises(SettingsError, match=f"{name}={re.escape(repr(value))} is no port"):
        load({name: value}, tmp_path)


@pytest.mark.parametrize("value", ["1", "65535"])
def test_the_first_and_the_last_port_are_ports(tmp_path: Path, value: str) -> None:
    assert load({"BANSHI_BOT_PORT": value}, tmp_path).port("BANSHI_BOT_PORT") == int(value)


@pytest.mark.parametrize(
    ("given", "missing"),
    [
        ({"BANSHI_WECHAT_TOKEN": "t"}, "BANSHI_WECHAT_APP_ID must"),
        ({"BANSHI_WECHAT_APP_ID": "wx1"}, "BANSHI_WECHAT_TOKEN must"),
        ({"BANSHI_WECHAT_APP_SECRET": "s"}, "BANSHI_WECHAT_TOKEN and BANSHI_WECHAT_APP_ID must"),
        ({"BANSHI_WECHAT_AES_KEY": "k"}, "BANSHI_WECHAT_TOKEN and BANSHI_WECHAT_APP_ID must"),
    ],
)
def test_half_an_account_is_refused(tmp_path: Path, given: dict[str, str], missing: str) -> None:
    with pytest.raises(SettingsError, match=missing):
        load(given, tmp_path)


def test_a_real_account_is_never_mixed_with_local_secrets(tmp_path: Path) -> None:
    settings = load(ACCOUNT, tmp_path)
    assert settings["BANSHI_WECHAT_TOKEN"] == "token123"
    assert settings["BANSHI_WECHAT_AES_KEY"] == "", "plain mode: no key was set"
    assert settings["BANSHI_BOOKING_KEY"]


def test_a_mode_or_an_address_alone_still_gives_a_local_account(tmp_path: Path) -> None:
    settings = load({"BANSHI_WECHAT_API": "http://127.0.0.1:1"}, tmp_path)
    assert settings["BANSHI_WECHAT_APP_ID"].startswith("wxlocal")


def test_a_local_account_meets_the_simulator(tmp_path: Path) -> None:
    settings = load({"BANSHI_SIMULATOR_PORT": "9090", "BANSHI_HOST": ANY_HOST}, tmp_path)
    assert settings.simulator == "http://127.0.0.1:9090"
    assert settings["BANSHI_WECHAT_API"] == "http://127.0.0.1:9090"
    assert settings["BANSHI_WECHAT_APP_SECRET"]
    elsewhere = load({"BANSHI_WECHAT_API": "http://127.0.0.1:1"}, tmp_path)
    assert elsewhere["BANSHI_WECHAT_API"] == "http://127.0.0.1:1"


def test_a_real_account_never_meets_it(tmp_path: Path) -> None:
    settings = load({**ACCOUNT, "BANSHI_SIMULATOR_PORT": "9090"}, tmp_path)
    assert settings.simulator is None
    assert settings["BANSHI_WECHAT_API"] == "https://api.weixin.qq.com"
    assert [one.name for one in programs(settings, tmp_path)] == ["booking", "actions", "bot"]
    *hall, simulator = programs(load({"BANSHI_SIMULATOR_PORT": "9090"}, tmp_path), tmp_path)
    assert [one.name for one in hall] == ["booking", "actions", "bot"]
    assert simulator.command[-2:] == ("--port", "9090")


def test_secrets_are_made_once_for_their_owner_alone(tmp_path: Path) -> None:
    first, second = load({}, tmp_path), load({}, tmp_path)
    assert {name: first[name] for name in SECRETS} == {name: second[name] for name in SECRETS}
    assert len({first[name] for name in SECRETS}) == len(SECRETS)
    assert all(len(first[name]) >= 18 for name in SECRETS)
    assert len(first["BANSHI_WECHAT_AES_KEY"]) == 43
    file = tmp_path / "var" / "secrets.json"
    assert stat.S_IMODE(file.stat().st_mode) == 0o600


def test_two_state_directories_have_secrets_of_their_own(tmp_path: Path) -> None:
    one = load({"BANSHI_VAR": "one"}, tmp_path)
    two = load({"BANSHI_VAR": str(tmp_path / "two")}, tmp_path)
    assert one.var == tmp_path / "one"
    assert all(one[name] != two[name] for name in SECRETS)


def test_secrets_that_are_set_are_used_and_no_file_is_made(tmp_path: Path) -> None:
    settings = load({**ACCOUNT, **KEYS}, tmp_path)
    assert {name: settings[name] for name in KEYS} == KEYS
    assert not (tmp_path / "var").exists()


def test_one_secret_that_is_set_leaves_the_kept_ones_alone(tmp_path: Path) -> None:
    kept = load({}, tmp_path)
    settings = load({"BANSHI_DATA_KEY": "mine"}, tmp_path)
    assert settings["BANSHI_DATA_KEY"] == "mine"
    assert settings["BANSHI_BOOKING_KEY"] == kept["BANSHI_BOOKING_KEY"]
    assert load({}, tmp_path)["BANSHI_DATA_KEY"] == kept["BANSHI_DATA_KEY"]


@pytest.mark.parametrize(
    "damaged",
    ["", "{", "[]", "null", '{"BANSHI_BOOKING_KEY": ["a"]}', "\udcff"]
    + [json.dumps(dict.fromkeys(SECRETS, value)) for value in (None, 1, "")],
)
def test_a_damaged_secrets_file_is_refused_and_never_replaced(tmp_path: Path, damaged: str) -> None:
    load({}, tmp_path)
    file = tmp_path / "var" / "secrets.json"
    file.write_bytes(damaged.encode("utf-8", "surrogateescape"))
    with pytest.raises(SettingsError, match=r"secrets\.json is damaged: restore it"):
        load({}, tmp_path)
    assert file.read_bytes() == damaged.encode("utf-8", "surrogateescape")


def test_a_state_directory_that_is_a_file_is_named(tmp_path: Path) -> None:
    (tmp_path / "var").write_text("", encoding="utf-8")
    with pytest.raises(SettingsError, match=r"BANSHI_VAR=.*/var can't hold the local secrets"):
        load({}, tmp_path)


def test_secrets_of_a_newer_version_are_added_to_the_kept_ones(tmp_path: Path) -> None:
    kept = load({}, tmp_path)
    file = tmp_path / "var" / "secrets.json"
    older = json.loads(file.read_text(encoding="utf-8"))
    del older["BANSHI_ACTIONS_KEY"]
    file.write_text(json.dumps(older), encoding="utf-8")
    newer = load({}, tmp_path)
    assert newer["BANSHI_DATA_KEY"] == kept["BANSHI_DATA_KEY"]
    assert newer["BANSHI_ACTIONS_KEY"] not in {"", kept["BANSHI_ACTIONS_KEY"]}
    assert stat.S_IMODE(file.stat().st_mode) == 0o600


def test_copies_that_start_at_once_agree_on_the_secrets(tmp_path: Path) -> None:
    with ThreadPoolExecutor(8) as pool:
        copies = [pool.submit(load, {}, tmp_path) for _ in range(16)]
    assert len({tuple(copy.result()[name] for name in SECRETS) for copy in copies}) == 1


@pytest.mark.parametrize(
    ("host", "reached"),
    [("127.0.0.1", "127.0.0.1"), (ANY_HOST, "127.0.0.1"), ("10.1.2.3", "10.1.2.3")],
)
def test_servers_are_reached_where_they_listen(tmp_path: Path, host: str, reached: str) -> None:
    settings = load({"BANSHI_HOST": host}, tmp_path)
    assert settings.url("BANSHI_BOT_PORT") == f"http://{reached}:5005"
    assert settings["BANSHI_ACTIONS_URL"] == f"http://{reached}:5055/webhook"


def test_processes_get_everything_and_rasa_is_told_to_keep_quiet(tmp_path: Path) -> None:
    settings = load({"BANSHI_HOST": ANY_HOST}, tmp_path)
    environment = settings.environment()
    assert settings.values.items() <= environment.items()
    assert environment["RASA_TELEMETRY_ENABLED"] == "false"
    assert "PATH" in environment
