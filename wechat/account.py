"""The Official Account's settings: what the WeChat console shows, checked before anything starts.

The channel, the API client and the simulator are given an `Account`; none reads the environment.
"""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal, cast, get_args

from wechat.errors import AccountError

Mode = Literal["plain", "compatible", "secure"]

DEFAULT_API = "https://api.weixin.qq.com"

TOKEN = "BANSHI_WECHAT_TOKEN"  # noqa: S105
APP_ID = "BANSHI_WECHAT_APP_ID"
APP_SECRET = "BANSHI_WECHAT_APP_SECRET"  # noqa: S105
AES_KEY = "BANSHI_WECHAT_AES_KEY"
PREVIOUS_AES_KEY = "BANSHI_WECHAT_AES_KEY_PREVIOUS"
MODE = "BANSHI_WECHAT_MODE"
API = "BANSHI_WECHAT_API"
REPLAY_WINDOW = "BANSHI_WECHAT_REPLAY_WINDOW"
DEFAULT_REPLAY_WINDOW = 300
"""Seconds: WeChat stamps a request when it sends it, so only clocks and queues need room."""


@dataclass(frozen=True)
class Account:
    """One Official Account 公众号.

    Attributes:
        token: The token 令牌 that signs every request.
        app_id: The developer ID, "wx" and 16 more characters.
        app_secret: The developer secret; without it nothing can be sent outside of replies.
        aes_key: The 43 characters of EncodingAESKey 消息加解密密钥.
        previous_aes_key: The key before, accepted while WeChat still uses it.
        mode: How messages may come in. "compatible" answers each in the mode it came in, "secure"
            refuses those that aren't encrypted, "plain" knows no encryption.
        api: Where Tencent's interface is.
        replay_window: How many seconds a request's time stamp may be off, either way; 0 is any.
    """

    token: str = field(repr=False)
    app_id: str
    app_secret: str | None = field(default=None, repr=False)
    aes_key: str | None = field(default=None, repr=False)
    previous_aes_key: str | None = field(default=None, repr=False)
    mode: Mode = "plain"
    api: str = DEFAULT_API
    replay_window: int = DEFAULT_REPLAY_WINDOW

    def __post_init__(self) -> None:
        _check_token(self.token)
        _check_app_id(self.app_id)
        for variable, key in ((AES_KEY, self.aes_key), (PREVIOUS_AES_KEY, self.previous_aes_key)):
            if key is not None:
                _check_aes_key(variable, key)
        _check_mode(self.mode, has_key=self.aes_key is not None)
        _check_api(self.api)

    @classmethod
    def from_env(cls, environ: Mapping[str, str]) -> Account:
        """Reads the account from the BANSHI_WECHAT_… variables; an empty one counts as absent.

        Raises:
            AccountError: A variable is missing or wrong.
        """

        def read(name: str) -> str | None:
            return environ.get(name, "").strip() or None

        aes_key = read(AES_KEY)
        return cls(
            token=read(TOKEN) or "",
            app_id=read(APP_ID) or "",
            app_secret=read(APP_SECRET),
            aes_key=aes_key,
            previous_aes_key=read(PREVIOUS_AES_KEY),
            mode=cast("Mode", read(MODE) or ("compatible" if aes_key else "plain")),
            api=(read(API) or DEFAULT_API).rstrip("/"),
            replay_window=_seconds(read(REPLAY_WINDOW)),
        )


def _seconds(text: str | None) -> int:
    if text is None:
        return DEFAULT_REPLAY_WINDOW
    if not re.fullmatch(r"[0-9]{1,5}", text):
        remedy = f"Write seconds, like {DEFAULT_REPLAY_WINDOW}; 0 switches the window off."
        raise AccountError(REPLAY_WINDOW, "must be a whole number", remedy)
    return int(text)


def _check_token(token: str) -> None:
    remedy = "Set it to the Token 令牌 of the WeChat console (基本配置 → 服务器配置)."
    if not token:
        raise AccountError(TOKEN, "is not set", remedy)
    if not re.fullmatch(r"[A-Za-z0-9]{3,32}", token):
        raise AccountError(TOKEN, "must be 3 to 32 letters or digits", remedy)


def _check_app_id(app_id: str) -> None:
    remedy = "Set it to the developer ID (AppID) of the WeChat console, as in wx0123456789abcdef."
    if not app_id:
        raise AccountError(APP_ID, "is not set", remedy)
    if not re.fullmatch(r"[A-Za-z0-9_-]{1,64}", app_id):
        raise AccountError(APP_ID, "must be letters and digits", remedy)


def _check_aes_key(variable: str, key: str) -> None:
    remedy = (
        "Copy all 43 characters of EncodingAESKey from the WeChat console, without a final '='."
    )
    if not re.fullmatch(r"[A-Za-z0-9+/]{43}", key):
        raise AccountError(variable, f"must be 43 base64 characters, but has {len(key)}", remedy)
    try:
        decoded = base64.b64decode(key + "=")
    except binascii.Error as error:
        raise AccountError(variable, "is not base64", remedy) from error
    if len(decoded) != 32:
        raise AccountError(variable, "must decode to 32 bytes", remedy)


def _check_mode(mode: str, *, has_key: bool) -> None:
    if mode not in get_args(Mode):
        remedy = "Use plain 明文模式, compatible 兼容模式 or secure 安全模式."
        raise AccountError(MODE, "is not a mode of WeChat's", remedy)
    if mode != "plain" and not has_key:
        remedy = f"Set {AES_KEY} as well, or use plain."
        raise AccountError(MODE, f"is {mode}, which needs a key", remedy)


def _check_api(api: str) -> None:
    if not re.fullmatch(r"https?://[^\s/?#]+(/[^\s?#]*)?", api):
        raise AccountError(API, "is not a web address", f"Leave it out to use {DEFAULT_API}.")
