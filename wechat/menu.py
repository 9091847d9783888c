"""The account's menu 自定义菜单: read from a YAML file, checked before Tencent is asked.

A button says something (`say`, which the channel reads as if the citizen had written it) or opens a
page (`url`). The limits are Tencent's (自定义菜单创建接口): three buttons with up to five below
each; 16 bytes of a name at the top and 60 below, 128 of what is said, 1,024 of an address.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from wechat.errors import MenuError
from wechat.yaml_files import read_yaml

TOP, BELOW = 3, 5
TOP_BYTES, BELOW_BYTES = 16, 60
SAY_BYTES, URL_BYTES = 128, 1024
_KEYS = {"name", "say", "url", "buttons"}

Menu = list[dict[str, Any]]


def read_menu(file: Path) -> Menu:
    """The menu in a file, as Tencent's interface takes it.

    Raises:
        MenuError: One line for each fault, which names the button, what is wrong and the limit.
    """
    found = read_yaml(file, MenuError)
    buttons = found.get("buttons") if isinstance(found, dict) else None
    if not isinstance(buttons, list) or not buttons or len(found) != 1:
        raise MenuError(f"{file}: write `buttons:` with 1 to {TOP} buttons below, and nothing else")
    faults = [f"{file}: {fault}" for fault in _faults(buttons, TOP, TOP_BYTES, "")]
    if faults:
        raise MenuError("\n".join(faults))
    return [_button(one) for one in buttons]


def _faults(buttons: list[Any], most: int, name_bytes: int, above: str) -> Iterator[str]:
    if len(buttons) > most:
        yield f"{above or 'the menu'} has {len(buttons)} buttons, at most {most} are allowed"
    for number, button in enumerate(buttons, 1):
        where = f"{above}button {number}"
        if not isinstance(button, dict) or not isinstance(button.get("name"), str):
            yield f"{where}: a button needs a `name`"
            continue
        where = f"{above}button {number} ({button['name']})"
        yield from _of_button(button, name_bytes, where, top=not above)


def _of_button(
    button: Mapping[str, Any], name_bytes: int, where: str, *, top: bool
) -> Iterator[str]:
    if not 0 < len(button["name"].encode()) <= name_bytes:
        yield f"{where}: the name must have 1 to {name_bytes} bytes, a Chinese character has 3"
    unknown = sorted(set(button) - _KEYS)
    if unknown:
        yield f"{where}: unknown {', '.join(map(str, unknown))}; known are name, say, url, buttons"
    does = [key for key in ("say", "url", "buttons") if key in button]
    if len(does) != 1:
        yield f"{where}: write exactly one of say, url and buttons"
        return
    value = button[does[0]]
    if does[0] == "buttons":
        if not top or not isinstance(value, list) or not value:
            yield f"{where}: `buttons` is a list, and only at the top"
        else:
            yield from _faults(value, BELOW, BELOW_BYTES, f"{where}, ")
        return
    most = SAY_BYTES if does[0] == "say" else URL_BYTES
    if not isinstance(value, str) or not 0 < len(value.encode()) <= most:
        yield f"{where}: `{does[0]}` must be a text of 1 to {most} bytes"
    elif does[0] == "url" and not value.startswith(("https://", "http://")):
        yield f"{where}: `url` must begin with https:// or http://"


def _button(button: Mapping[str, Any]) -> dict[str, Any]:
    name = button["name"]
    if "buttons" in button:
        return {"name": name, "sub_button": [_button(one) for one in button["buttons"]]}
    if "say" in button:
        return {"type": "click", "name": name, "key": button["say"]}
    return {"type": "view", "name": name, "url": button["url"]}
