"""The channel made from the environment, or refused with the name of what is wrong."""

from __future__ import annotations

import pytest
from channel_world import (
    PLAIN,
)
from rasa.shared.exceptions import InvalidConfigException

from bot.channels.wechat import Late, WeChatInput
from wechat.errors import AccountError


def test_the_account_comes_from_the_environment(monkeypatch):
    monkeypatch.setenv("BANSHI_WECHAT_TOKEN", "token123")
    monkeypatch.setenv("BANSHI_WECHAT_APP_ID", "wx0123456789abcdef")
    assert WeChatInput.from_credentials(None).name() == "wechat"
    assert WeChatInput.from_credentials({}).url_prefix() == "wechat"


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("BANSHI_WECHAT_TOKEN", ""),
        ("BANSHI_WECHAT_LATE", "never"),
        ("BANSHI_WECHAT_APP_SECRET", ""),
    ],
)
def test_a_wrong_setting_is_named(monkeypatch, name, value):
    monkeypatch.setenv("BANSHI_WECHAT_TOKEN", "token123")
    monkeypatch.setenv("BANSHI_WECHAT_APP_ID", "wx0123456789abcdef")
    monkeypatch.setenv("BANSHI_WECHAT_APP_SECRET", "secret")
    monkeypatch.setenv("BANSHI_WECHAT_LATE", "customer-service")
    monkeypatch.setenv(name, value)
    with pytest.raises(InvalidConfigException, match=name):
        WeChatInput.from_credentials(None)


def test_keys_in_the_credentials_are_refused():
    with pytest.raises(InvalidConfigException, match="no keys"):
        WeChatInput.from_credentials({"token": "x"})


def test_customer_service_needs_a_secret():
    with pytest.raises(AccountError, match="BANSHI_WECHAT_APP_SECRET"):
        WeChatInput(PLAIN, late=Late.CUSTOMER_SERVICE)
