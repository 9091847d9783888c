"""The account's menu 自定义菜单 as Tencent judges it when it is made (自定义菜单创建接口)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from wechat.simulator.codes import Refusal

_TOP, _BELOW = 3, 5
_NAME_BYTES, _NAME_BYTES_BELOW = 16, 60
_KEY_BYTES, _URL_BYTES = 128, 1_024
_WITH_KEY = frozenset(
    {
        *("click", "scancode_push", "scancode_waitmsg", "pic_sysphoto", "pic_photo_or_album"),
        *("pic_weixin", "location_select"),
    }
)


def check_menu(body: Mapping[str, Any]) -> list[dict[str, Any]]:
    """The buttons of a menu that may be.

    Raises:
        Refusal: 40016 to 40020 for what is wrong with a button at the top, 40023 to 40027 below,
            40055 for an address that is none.
    """
    buttons = body.get("button")
    if not isinstance(buttons, list) or not 1 <= len(buttons) <= _TOP:
        raise Refusal(40016)
    for button in buttons:
        if not isinstance(button, dict):
            raise Refusal(40016)
        _check_name(button, _NAME_BYTES, 40018)
        below = button.get("sub_button")
        if below:
            _check_below(below)
        else:
            _check_action(button, kind_code=40017, key_code=40019, url_code=40020)
    return buttons


def _check_below(below: object) -> None:
    if not isinstance(below, list) or len(below) > _BELOW:
        raise Refusal(40023)
    for button in below:
        if not isinstance(button, dict) or button.get("sub_button"):
            raise Refusal(40023)
        _check_name(button, _NAME_BYTES_BELOW, 40025)
        _check_action(button, kind_code=40024, key_code=40026, url_code=40027)


def _check_name(button: Mapping[str, Any], most: int, code: int) -> None:
    name = button.get("name")
    if not isinstance(name, str) or not 1 <= len(name.encode()) <= most:
        raise Refusal(code)


def _check_action(
    button: Mapping[str, Any], *, kind_code: int, key_code: int, url_code: int
) -> None:
    kind = button.get("type")
    if kind == "view":
        url = button.get("url")
        if not isinstance(url, str) or not 1 <= len(url.encode()) <= _URL_BYTES:
            raise Refusal(url_code)
        if not url.startswith(("https://", "http://")):
            raise Refusal(40055)
    elif kind in _WITH_KEY:
        key = button.get("key")
        if not isinstance(key, str) or not 1 <= len(key.encode()) <= _KEY_BYTES:
            raise Refusal(key_code)
    else:
        raise Refusal(kind_code)
