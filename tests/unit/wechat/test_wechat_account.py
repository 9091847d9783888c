"""The account's settings, and what is said when one is wrong."""

from __future__ import annotations

import pytest

from wechat.account import Account
from wechat.errors import AccountError

KEY = "abcdefghijklmnopqrstuvwxyz0123456789ABCDEFG"
NEEDED = {"BANSHI_WECHAT_TOKEN": "token123", "BANSHI_WECHAT_APP_ID": "wx0123456789abcdef"}


def test_what_is_needed_and_what_is_assumed():
    account = Account.from_env(NEEDED)
    assert account.mode == "plain"
    assert account.api == "https://api.weixin.qq.com"
    assert (account.app_secret, account.aes_key, account.previous_aes_key) == (None, None, None)


def test_a_key_makes_it_compatible():
    assert Account.from_env(NEEDED | {"BANSHI_WECHAT_AES_KEY": KEY}).mode == "compatible"


def test_everything_set():
    account = Account.from_env(
        NEEDED
        | {
            "BANSHI_WECHAT_APP_SECRET": "secret",
            "BANSHI_WECHAT_AES_KEY": KEY,
            "BANSHI_WECHAT_AES_KEY_PREVIOUS": KEY[::-1],
            "BANSHI_WECHAT_MODE": "secure",
            "BANSHI_WECHAT_API": "http://127.0.0.1:9000/",
        }
    )
    assert account == Account(
        token="token123",
        app_id="wx0123456789abcdef",
        app_secret="secret",
        aes_key=KEY,
        previous_aes_key=KEY[::-1],
        mode="secure",
        api="http://127.0.0.1:9000",
    )


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("BANSHI_WECHAT_TOKEN", ""),
        ("BANSHI_WECHAT_TOKEN", "ab"),
        ("BANSHI_WECHAT_TOKEN", "a" * 33),
        ("BANSHI_WECHAT_TOKEN", "有汉字"),
        ("BANSHI_WECHAT_APP_ID", ""),
        ("BANSHI_WECHAT_APP_ID", "wx 12"),
        ("BANSHI_WECHAT_AES_KEY", KEY[:-1]),
        ("BANSHI_WECHAT_AES_KEY", KEY + "="),
        ("BANSHI_WECHAT_AES_KEY", KEY[:-1] + "-"),
        ("BANSHI_WECHAT_AES_KEY_PREVIOUS", "old"),
        ("BANSHI_WECHAT_MODE", "encrypted"),
        ("BANSHI_WECHAT_MODE", "secure"),
        ("BANSHI_WECHAT_MODE", "compatible"),
        ("BANSHI_WECHAT_API", "api.weixin.qq.com"),
    ],
)
def test_the_error_names_the_variable(name, value):
    with pytest.raises(AccountError) as caught:
        Account.from_env(NEEDED | {name: value})
    assert caught.value.variable == name
    assert str(caught.value).startswith(name)


def test_repr_shows_no_secret():
    account = Account("token123", "wx0123456789abcdef", "secret", KEY, KEY[::-1])
    for secret in ("token123", "secret'", KEY, KEY[::-1]):
        assert secret not in repr(account)
