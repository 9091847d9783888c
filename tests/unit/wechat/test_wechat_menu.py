"""The account's menu: read strictly, sent to a strict Tencent, or refused with the fault."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from click.testing import CliRunner

from cli.main import main
from cli.wechat import MENU
from wechat.account import Account
from wechat.api import WeChatApi
from wechat.errors import ApiError, MenuError
from wechat.menu import read_menu
from wechat.simulator import TencentApi

ACCOUNT = Account(token="token123", app_id="wx0123456789abcdef", app_secret="secret")


def written(folder: Path, text: str) -> Path:
    file = folder / "menu.yml"
    file.write_text(text, encoding="utf-8")
    return file


async def test_the_menu_that_comes_along_is_taken_by_tencent() -> None:
    buttons = read_menu(MENU)
    async with TencentApi(ACCOUNT) as tencent:
        async with WeChatApi(replace(ACCOUNT, api=tencent.url)) as api:
            await api.create_menu(buttons)
            tencent.expire_token()
            await api.create_menu(buttons)
        assert tencent.menu == buttons
        assert [len(one["sub_button"]) for one in buttons] == [4, 5, 5]


def test_buttons_say_something_or_open_a_page(tmp_path: Path) -> None:
    file = written(
        tmp_path, "buttons: [{name: 预约, say: 我要预约}, {name: 官网, url: 'https://example.org'}]"
    )
    assert read_menu(file) == [
        {"type": "click", "name": "预约", "key": "我要预约"},
        {"type": "view", "name": "官网", "url": "https://example.org"},
    ]


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("", "write `buttons:`"),
        ("buttons: []", "write `buttons:`"),
        ("buttons: [}", "line 1: it is no YAML"),
        ("buttons: [{say: 预约}]", "button 1: a button needs a `name`"),
        ("buttons: [{name: 我要预约办事, say: 预约}]", "1 to 16 bytes"),
        ("buttons: [{name: 预约}]", "exactly one of say, url and buttons"),
        ("buttons: [{name: 预约, say: 预约, url: 'https://a.b'}]", "exactly one of"),
        ("buttons: [{name: 预约, say: 预约, key: k}]", "unknown key"),
        ("buttons: [{name: 预约, url: 'ftp://a.b'}]", "must begin with https://"),
        ("buttons: [{name: 预约, say: ''}]", "1 to 128 bytes"),
        ("buttons: [{name: 一, say: 1}]", "must be a text"),
        ("buttons: [{name: 一, buttons: []}]", "`buttons` is a list"),
        (
            "buttons: [{name: 一, buttons: [{name: 二, buttons: [{name: 三, say: 四}]}]}]",
            "button 1 (一), button 1 (二): `buttons` is a list, and only at the top",
        ),
        (f"buttons: [{', '.join(['{name: 一, say: 一}'] * 4)}]", "has 4 buttons, at most 3"),
    ],
)
def test_a_faulty_menu_says_where_and_what(tmp_path: Path, text: str, told: str) -> None:
    with pytest.raises(MenuError) as caught:
        read_menu(written(tmp_path, text))
    assert told in str(caught.value)
    assert "menu.yml" in str(caught.value)


async def test_tencent_says_no() -> None:
    async with (
        TencentApi(ACCOUNT) as tencent,
        WeChatApi(replace(ACCOUNT, api=tencent.url)) as api,
    ):
        with pytest.raises(ApiError, match="too many buttons"):
            await api.create_menu([])


def test_the_command_shows_what_would_be_sent(tmp_path: Path) -> None:
    result = CliRunner().invoke(main, ["wechat", "menu", "--dry-run"])
    assert result.exit_code == 0 and "我的预约" in result.output
    faulty = CliRunner().invoke(main, ["wechat", "menu", str(tmp_path / "none.yml")])
    assert faulty.exit_code == 1 and "can't be read" in faulty.output
