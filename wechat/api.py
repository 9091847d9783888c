"""The client of Tencent's interface: access token, messages outside of replies, media, the menu.

Used for what can't be said as a passive reply. The access token is Tencent's `stable_token`, which
is the same for all who ask until it ends, so any number of processes share it. Owns its HTTP
session and its token; logs nothing, and its errors never carry a token, for a token in a log is a
key under the mat.
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
from wechat.cards import Card
from wechat.errors import AccountError, ApiError, ApiUnreachable, Kind

MEANINGS: Mapping[int, str] = {
    -1: "WeChat is busy; try again later",
    40001: "the access token or the app secret is wrong",
    40003: "there is no such openid",
    40004: "there is no such type of media",
    40007: "there is no such media, or it has expired",
    40009: "the picture is too large",
    40037: "there is no such template",
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
    43101: "the citizen does not want such messages",
    45002: "the message is too long",
    45009: "the account's limit of calls is used up",
    45011: "too many calls in a minute",
    45015: "the citizen's last message is too old to be answered",
    45047: "too many messages to the citizen since the citizen's last one",
    47001: "WeChat could not read the request",
    47003: "the data does not fit the template",
    48001: "the account may not use this interface",
    48002: "the citizen takes no messages of the account",
    48004: "the interface is closed to the account; the WeChat console tells why",
    48008: "the account may not send this type of message",
    50002: "the account is restricted; the WeChat console tells why",
}
_PAUSE = 0.2  # seconds before the second try, when WeChat is busy
_EXPIRY_MARGIN = 60.0  # seconds before its end at which a token counts as expired

_Body = Mapping[str, Any] | Callable[[], aiohttp.FormData]
"""What becomes JSON, or what makes a form."""


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
        await self._send(openid, "text", {"content": text})

    async def send_image(self, openid: str, media: str) -> None:
        """Sends a picture that was uploaded before; raises like `send_text`."""
        await self._send(openid, "image", {"media_id": media})

    async def send_card(self, openid: str, card: Card) -> None:
        """Sends a card with a link; raises like `send_text`."""
        await self._send(openid, "news", {"articles": [card.as_article()]})

    async def show_typing(self, openid: str) -> None:
        """Shows the citizen that somebody is typing 客服输入状态; raises like `send_text`."""
        await self._call("/cgi-bin/message/custom/typing", {"touser": openid, "command": "Typing"})

    async def send_template(
        self, openid: str, template: str, data: Mapping[str, str], *, subscribed: bool = False
    ) -> None:
        """Sends a template message 模板消息, or a subscription message 订阅通知.

        Args:
            openid: The citizen.
            template: The template's ID, from the WeChat console.
            data: What stands in the template's fields, by name.
            subscribed: It is a subscription message: the citizen once agreed to get it.

        Raises:
            ApiError: WeChat didn't take it.
            AccountError: The account has no app secret.
        """
        way = "subscribe/bizsend" if subscribed else "template/send"
        filled = {name: {"value": value} for name, value in data.items()}
        message = {"touser": openid, "template_id": template, "data": filled}
        await self._call(f"/cgi-bin/message/{way}", message)

    async def upload_image(self, png: bytes) -> str:
        """Uploads a picture 新增临时素材 and returns its media ID, good for three days.

        Raises:
            ApiError: WeChat didn't take it.
            AccountError: The account has no app secret.
        """

        def form() -> aiohttp.FormData:  # made anew for each try: it can be read only once
            data = aiohttp.FormData()
            data.add_field("media", png, filename="picture.png", content_type="image/png")
            return data

        answer = await self._call("/cgi-bin/media/upload", form, {"type": "image"})
        media = answer.get("media_id")
        if not isinstance(media, str) or not media:
            raise ApiUnreachable("the answer has no media ID")
        return media

    async def create_menu(self, buttons: Sequence[Mapping[str, Any]]) -> None:
        """Makes these buttons the account's menu 自定义菜单; see `wechat.menu`.

        Raises:
            ApiError: WeChat didn't take it.
            AccountError: The account has no app secret.
        """
        await self._call("/cgi-bin/menu/create", {"button": list(buttons)})

    async def _send(self, openid: str, kind: str, content: Mapping[str, Any]) -> None:
        message = {"touser": openid, "msgtype": kind, kind: content}
        await self._call("/cgi-bin/message/custom/send", message)

    async def _call(
        self, path: str, body: _Body, query: Mapping[str, str] | None = None
    ) -> dict[str, Any]:
        """Calls with a token; what a second try may mend gets one, with another token if need be.

        A message that WeChat may have got is not sent again: only when it says that it was busy.
        """
        token = await self.stable_token()
        try:
            return await self._post(path, body, {**(query or {}), "access_token": token})
        except ApiUnreachable:
            raise
        except ApiError as error:
            if error.kind is Kind.TOKEN:
                token = await self._replace(token)
            elif error.kind is Kind.AGAIN:
                await asyncio.sleep(_PAUSE)
            else:
                raise
        return await self._post(path, body, {**(query or {}), "access_token": token})

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
        self, path: str, body: _Body, query: Mapping[str, str] | None = None
    ) -> dict[str, Any]:
        if self._session is None:
            self._session = aiohttp.ClientSession(timeout=self._timeout)
        headers = {}
        if callable(body):
            data: bytes | aiohttp.FormData = body()
        else:
            # WeChat shows \uXXXX as it stands: the text must go out as UTF-8.
            data = json.dumps(body, ensure_ascii=False).encode()
            headers["Content-Type"] = "application/json; charset=utf-8"
        address = self._account.api + path
        try:
            async with self._session.post(
                address, params=query, data=data, headers=headers
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
