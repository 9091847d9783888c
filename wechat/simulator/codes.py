"""Tencent's return codes with its own words (全局返回码), and how requests and answers look.

Knows nothing of what is asked: the judges of the interface raise `Refusal` with a code.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from aiohttp import web

WORDS: Mapping[int, str] = {
    -1: "system error",
    0: "ok",
    40001: "invalid credential, access_token is invalid or not latest",
    40002: "invalid grant_type",
    40003: "invalid openid",
    40004: "invalid media type",
    40007: "invalid media_id",
    40008: "invalid message type",
    40009: "invalid image size",
    40013: "invalid appid",
    40016: "invalid button size",
    40017: "invalid button type",
    40018: "invalid button name size",
    40019: "invalid button key size",
    40020: "invalid button url size",
    40023: "invalid sub button size",
    40024: "invalid sub button type",
    40025: "invalid sub button name size",
    40026: "invalid sub button key size",
    40027: "invalid sub button url size",
    40037: "invalid template_id",
    40055: "invalid button url domain",
    40125: "invalid appsecret",
    41001: "access_token missing",
    41005: "media data missing",
    41006: "media_id missing",
    42001: "access_token expired",
    43002: "require POST method",
    43004: "require subscribe",
    43101: "user refuse to accept the msg",
    44003: "empty news data",
    44004: "empty content",
    45002: "content size out of limit",
    45003: "title size out of limit",
    45004: "description size out of limit",
    45008: "article count out of limit",
    45009: "reach max api daily quota limit",
    45015: "response out of time limit or subscription is canceled",
    45047: "out of response count limit",
    45072: "invalid command",
    45080: "no message from the user within 30 seconds",
    45081: "already typing",
    46003: "menu no exist",
    47001: "data format error",
    47003: "argument invalid!",
    48001: "api unauthorized",
}


class Refusal(Exception):
    """Tencent says no.

    Attributes:
        code: One of `WORDS`, or any other that a test asks for.
        detail: What Tencent puts behind its words, as "data.thing1.value invalid".
    """

    def __init__(self, code: int, detail: str = "") -> None:
        super().__init__(f"{code} {detail}".strip())
        self.code = code
        self.detail = detail


def answered(more: Mapping[str, Any] | None = None) -> web.Response:
    """The answer to a call that went well."""
    return _json_response({"errcode": 0, "errmsg": "ok", **(more or {})})


def given(found: Mapping[str, Any]) -> web.Response:
    """The answer that consists of what was asked for, without a code."""
    return _json_response(found)


def refused(refusal: Refusal) -> web.Response:
    """The answer to a call that is refused; its status is 200 as well."""
    words = WORDS.get(refusal.code, "refused")
    return _json_response({"errcode": refusal.code, "errmsg": f"{words} {refusal.detail}".rstrip()})


async def read_json(request: web.Request) -> dict[str, Any]:
    r"""The body of a call.

    Raises:
        Refusal: 47001, it is no JSON object, or writes characters as \u4f60: the real one takes
            them, but shows citizens the escapes.
    """
    raw = await request.read()
    if b"\\u" in raw:
        raise Refusal(47001)
    try:
        body = json.loads(raw)
    except ValueError:
        raise Refusal(47001) from None
    if not isinstance(body, dict):
        raise Refusal(47001)
    return body


def _json_response(found: Mapping[str, Any]) -> web.Response:
    text = json.dumps(found, ensure_ascii=False)
    return web.Response(text=text, content_type="application/json", charset="utf-8")
