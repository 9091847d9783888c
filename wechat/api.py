"""The client of Tencent's interface: access token, customer-service messages, the menu.

Used for what can't be said as a passive reply. Owns its HTTP session and its token; logs nothing,
and its errors never carry a token, for a token in a log is a key under the mat.
"""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from types import TracebackType
from typing import Any

import aiohttp

from wechat.account import APP_SECRET, Account
from wechat.errors import AccountError, ApiError, ApiUnreachable

MEANINGS: Mapping[int, str] = {
    -1: "WeChat is busy; try again later",
    40001: "the access token or the app secret is wrong",
    40003: "there is no such openid",
    40008: "there is no such type of message",
    40016: "the menu has too many buttons, or none",
    40018: "a button's name is too long",
    40013: "there is no such app ID",
    40014: "the access token is wrong",
    40125: "the app secret is wrong",
    40164: "this server's address is not on the account's list of IP addresses",
    41001: "the access token is missing",
    42001: "the access token has expired",
    43004: "the citizen does not follow the account",
    45002: "the message is too long",
    45009: "the account's limit of calls is used up",
    45015: "the citizen's last message is too old to be answered",
    45047: "too many messages to the citizen since the citizen's last one",
    47001: "WeChat could not read the request",
    48001: "the account may not use this interface",
}
_TOKEN_ERRORS = frozenset({40001, 40014, 42001})
_EXPIRY_MARGIN = 60.0  # seconds before its end at which a token counts as expired


@dataclass(frozen=True)
class _Token:
    value: str
    expires: float


class WeChatApi:
    """Calls Tencent's interface for one account; close it, or use it with ``async with``."""

    def __init__(
        self,
        account: Account,
        *,
        timeout: float = 5.0,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._account = account
        self._timeout = aiohttp.ClientTimeout(total=timeout)
        self._clock = clock
        self._session: aiohttp.ClientSession | None = None
        self._token: _Token | None = None
        self._refreshing = asyncio.Lock()

    async def __aenter__(self) -> WeChatApi:
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        await self.close()

    async def close(self) -> None:
        """Closes the HTTP session."""
        if self._session is not None:
            await self._session.close()
            self._session = None

    async def stable_token(self) -> str:
        """Returns an access token that holds a while yet; callers at the same time share one call.

        Raises:
            ApiError: WeChat gave none.
            AccountError: The account has no app secret.
        """
        async with self._refreshing:
            if self._token is None or self._token.expires - _EXPIRY_MARGIN <= self._clock():
                self._token = await self._fetch_token(force=False)
            return self._token.value

    async def send_text(self, openid: str, text: str) -> None:
        """Sends a customer-service message 客服消息.

        Raises:
            ApiError: WeChat didn't take it.
            AccountError: The account has no app secret.
        """
        message = {"touser": openid, "msgtype": "text", "text": {"content": text}}
        await self._call("/cgi-bin/message/custom/send", message)

    async def create_menu(self, buttons: Sequence[Mapping[str, Any]]) -> None:
        """Makes these buttons the account's menu 自定义菜单; see `wechat.menu`.

        Raises:
            ApiError: WeChat didn't take it.
            AccountError: The account has no app secret.
        """
        await self._call("/cgi-bin/menu/create", {"button": list(buttons)})

    async def _call(self, path: str, body: Mapping[str, Any]) -> None:
        """Calls with a token; one that WeChat refuses is replaced, and the call made once more."""
        token = await self.stable_token()
        try:
            await self._post(path, body, token)
        except ApiError as error:
            if error.code not in _TOKEN_ERRORS:
                raise
            await self._post(path, body, await self._replace(token))

    async def _replace(self, refused: str) -> str:
        """Gets a token other than the refused one, by force only if WeChat insists on it."""
        async with self._refreshing:
            if self._token is None or self._token.value == refused:
                self._token = None
                token = await self._fetch_token(force=False)
                if token.value == refused:
                    token = await self._fetch_token(force=True)
                self._token = token
            return self._token.value

    async def _fetch_token(self, *, force: bool) -> _Token:
        if self._account.app_secret is None:
            remedy = "Set it to the developer secret of the WeChat console."
            raise AccountError(APP_SECRET, "is not set", remedy)
        request = {
            "grant_type": "client_credential",
            "appid": self._account.app_id,
            "secret": self._account.app_secret,
            "force_refresh": force,
        }
        answer = await self._post("/cgi-bin/stable_token", request)
        value, lifetime = answer.get("access_token"), answer.get("expires_in")
        if not isinstance(value, str) or not isinstance(lifetime, int):
            raise ApiUnreachable("the answer has no access token")
        return _Token(value, self._clock() + lifetime)

    async def _post(
        self, path: str, body: Mapping[str, Any], token: str | None = None
    ) -> dict[str, Any]:
        if self._session is None:
            self._session = aiohttp.ClientSession(timeout=self._timeout)
        # WeChat shows \uXXXX as it stands: the text must go out as UTF-8.
        data = json.dumps(body, ensure_ascii=False).encode()
        parameters = {} if token is None else {"access_token": token}
        try:
            async with self._session.post(
                self._account.api + path,
                params=parameters,
                data=data,
                headers={"Content-Type": "application/json; charset=utf-8"},
            ) as response:
                answer = json.loads(await response.read())
        except (aiohttp.ClientError, asyncio.TimeoutError, ValueError) as error:
            # Not chained: the text of aiohttp's errors may hold the address with the token.
            raise ApiUnreachable(f"no answer from WeChat ({type(error).__name__})") from None
        if not isinstance(answer, dict):
            raise ApiUnreachable("the answer is not an object")
        code = answer.get("errcode", 0)
        if code != 0:
            raise ApiError(code, MEANINGS.get(code, "see WeChat's list of return codes"))
        return answer
