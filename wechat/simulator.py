"""Plays Tencent, for tests and for the terminal chat: a citizen's side and the interface's.

Everything goes over real HTTP, correctly signed and encrypted, and is judged as WeChat judges it:
an answer after five seconds, a wrong signature or one field too few and the citizen would read
该公众号暂时无法提供服务. Imported by no code that runs in a hall.
"""

from __future__ import annotations

import asyncio
import itertools
import json
import secrets
import time
from collections.abc import Mapping
from dataclasses import dataclass
from types import TracebackType
from typing import Any

import aiohttp
from aiohttp import web

from wechat.account import Account
from wechat.api import MEANINGS
from wechat.crypto import Cipher, check_signature, signature
from wechat.envelope import SUCCESS
from wechat.errors import NobodyListens, Refused, ServiceUnavailable
from wechat.messages import fields, render

PATIENCE = 5.0  # seconds that WeChat waits for an answer
LONGEST_TEXT = 2_048  # bytes
FORCED_REFRESHES = 20  # a day

_message_ids = itertools.count(int(time.time() * 1_000_000))


@dataclass(frozen=True)
class Reply:
    """What the citizen reads."""

    text: str


class Citizen:
    """One citizen in WeChat, writing to one webhook; use it with ``async with``."""

    def __init__(
        self,
        url: str,
        account: Account,
        openid: str = "oCitizen0000000000000000001",
        *,
        official_id: str = "gh_0123456789ab",
        patience: float = PATIENCE,
    ) -> None:
        self.openid = openid
        self._url = url
        self._account = account
        self._official_id = official_id
        self._last_event = 0
        self._cipher = None
        if account.mode != "plain" and account.aes_key is not None:
            self._cipher = Cipher(account.aes_key, account.app_id)
        self._session = aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=patience))

    async def __aenter__(self) -> Citizen:
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
        await self._session.close()

    async def handshake(self) -> None:
        """Does what saving the address in the WeChat console does.

        Raises:
            ServiceUnavailable: The webhook didn't give the `echostr` back.
        """
        echo = secrets.token_hex(10)
        async with self._session.get(self._url, params=self._query() | {"echostr": echo}) as answer:
            if answer.status != 200 or await answer.text() != echo:
                raise ServiceUnavailable("the handshake failed", status=answer.status)

    async def say(self, text: str) -> Reply | None:
        """Writes a text and waits for the reply, which is None when the hall says nothing."""
        return await self.send(self.text(text))

    async def follow(self) -> Reply | None:
        """Follows the account 关注."""
        return await self.send(self.event("subscribe"))

    def text(self, text: str) -> str:
        """Composes a text message; sent twice, it is a repeat."""
        return self.message("text", {"Content": text, "MsgId": next(_message_ids)})

    def voice(self, recognition: str | None = None) -> str:
        """Composes a voice message, with the words that WeChat recognised or without."""
        heard = {} if recognition is None else {"Recognition": recognition}
        media = {"MediaId": "media", "Format": "amr"}
        return self.message("voice", {**media, **heard, "MsgId": next(_message_ids)})

    def picture(self) -> str:
        """Composes a picture message."""
        media = {"PicUrl": "https://mmbiz.qpic.cn/picture", "MediaId": "media"}
        return self.message("image", {**media, "MsgId": next(_message_ids)})

    def location(self, latitude: float, longitude: float, label: str = "") -> str:
        """Composes a position."""
        where = {"Location_X": f"{latitude:.6f}", "Location_Y": f"{longitude:.6f}"}
        more: dict[str, str | int] = {"Scale": 16, "Label": label, "MsgId": next(_message_ids)}
        return self.message("location", {**where, **more})

    def event(self, name: str, key: str = "") -> str:
        """Composes an event; no two happen in the same second, by which WeChat tells them apart."""
        self._last_event = max(int(time.time()), self._last_event + 1)
        when = {"CreateTime": self._last_event}
        return self.message("event", {**when, "Event": name, "EventKey": key})

    def message(self, kind: str, values: Mapping[str, str | int]) -> str:
        """Composes a message of any kind."""
        common: dict[str, str | int] = {
            "ToUserName": self._official_id,
            "FromUserName": self.openid,
            "CreateTime": int(time.time()),
            "MsgType": kind,
        }
        return render(common | dict(values))

    async def send(self, xml: str) -> Reply | None:
        """Posts a message and judges the answer the way WeChat does.

        Raises:
            NobodyListens: There is no server at the address.
            ServiceUnavailable: The answer was late, an error, or not a proper reply.
        """
        query, body = self.sealed(xml)
        try:
            async with self._session.post(self._url, params=query, data=body.encode()) as response:
                answer = await response.read()
        except aiohttp.ClientConnectorError as error:
            raise NobodyListens(f"nobody listens at {self._url}") from error
        except asyncio.TimeoutError as error:
            raise ServiceUnavailable("no answer in time") from error
        except aiohttp.ClientError as error:
            raise ServiceUnavailable(f"the connection broke: {error}") from error
        if response.status != 200:
            raise ServiceUnavailable(f"HTTP {response.status}", status=response.status)
        try:
            return self._judge(answer.decode())
        except (Refused, ValueError, KeyError) as error:
            raise ServiceUnavailable(f"a malformed reply: {error!r}") from error

    def sealed(self, xml: str) -> tuple[dict[str, str], str]:
        """Signs a message and, if the account's mode is so, encrypts it: the query and the body."""
        query = self._query()
        if self._cipher is None:
            return query, xml
        ciphertext = self._cipher.encrypt(xml)
        query["encrypt_type"] = "aes"
        query["msg_signature"] = signature(
            self._account.token, query["timestamp"], query["nonce"], ciphertext
        )
        plain: dict[str, str] = fields(xml) if self._account.mode == "compatible" else {}
        return query, render({"ToUserName": self._official_id, **plain, "Encrypt": ciphertext})

    def _query(self) -> dict[str, str]:
        timestamp, nonce = str(int(time.time())), str(secrets.randbelow(10**10))
        signed = signature(self._account.token, timestamp, nonce)
        return {
            "signature": signed,
            "timestamp": timestamp,
            "nonce": nonce,
            "openid": self.openid,
        }

    def _judge(self, body: str) -> Reply | None:
        if body in ("", SUCCESS):
            return None
        found = fields(body)
        if self._cipher is not None:
            check_signature(
                found["MsgSignature"],
                self._account.token,
                found["TimeStamp"],
                found["Nonce"],
                found["Encrypt"],
            )
            found = fields(self._cipher.decrypt(found["Encrypt"]))
        expected = {
            "ToUserName": self.openid,
            "FromUserName": self._official_id,
            "MsgType": "text",
        }
        for name, value in expected.items():
            if found.get(name) != value:
                raise ValueError(f"{name} is {found.get(name)!r}, not {value!r}")
        int(found.get("CreateTime", ""))
        content = found.get("Content", "")
        if not content or len(content.encode()) > LONGEST_TEXT:
            raise ValueError("Content is empty or too long")
        return Reply(content)


@dataclass(frozen=True)
class Sent:
    """A customer-service message that reached a citizen."""

    openid: str
    text: str


class TencentApi:
    """Plays api.weixin.qq.com on a free port of this machine; use it with ``async with``.

    Strict: wrong tokens, secrets and bodies get the codes that the real one gives.

    Attributes:
        url: Where it listens, once started.
        sent: The messages delivered so far.
        menu: The account's menu.
        token_calls: How often a token was asked for.
    """

    def __init__(self, account: Account) -> None:
        self._account = account
        self._token = ""
        self._forced = 0
        self._failures: list[int] = []
        self._arrived: asyncio.Queue[Sent] = asyncio.Queue()
        self.url = ""
        self.sent: list[Sent] = []
        self.menu: list[dict[str, Any]] = []
        self.token_calls = 0

    async def __aenter__(self) -> TencentApi:
        app = web.Application()
        app.router.add_post("/cgi-bin/stable_token", self._stable_token)
        app.router.add_post("/cgi-bin/message/custom/send", self._send)
        app.router.add_post("/cgi-bin/menu/create", self._create_menu)
        self._runner = web.AppRunner(app)
        await self._runner.setup()
        site = web.TCPSite(self._runner, "127.0.0.1", 0)
        await site.start()
        host, port = self._runner.addresses[0][:2]
        self.url = f"http://{host}:{port}"
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        await self._runner.cleanup()

    def expire_token(self) -> None:
        """Makes the token given so far invalid, as another program's forced refresh does."""
        self._token = ""

    def fail_next_send(self, code: int) -> None:
        """Answers the next message with an error code."""
        self._failures.append(code)

    async def next_message(self) -> Sent:
        """Waits for the next customer-service message."""
        return await self._arrived.get()

    async def _stable_token(self, request: web.Request) -> web.Response:
        self.token_calls += 1
        body = await _json(request)
        if body is None:
            return _error(47001)
        if body.get("grant_type") != "client_credential":
            return _error(40002)
        if body.get("appid") != self._account.app_id:
            return _error(40013)
        if body.get("secret") != self._account.app_secret:
            return _error(40125)
        if body.get("force_refresh", False):
            self._forced += 1
            if self._forced > FORCED_REFRESHES:
                return _error(45009)
            self._token = ""
        self._token = self._token or secrets.token_urlsafe(64)
        return web.json_response({"access_token": self._token, "expires_in": 7_200})

    async def _send(self, request: web.Request) -> web.Response:
        code = self._refusal(request.query.get("access_token"), body := await _json(request))
        if code or body is None:
            return _error(code)
        message = Sent(body["touser"], body["text"]["content"])
        self.sent.append(message)
        self._arrived.put_nowait(message)
        return web.json_response({"errcode": 0, "errmsg": "ok"})

    async def _create_menu(self, request: web.Request) -> web.Response:
        body = await _json(request)
        refused = self._token_refusal(request.query.get("access_token"))
        if refused or body is None:
            return _error(refused or 47001)
        buttons = body.get("button")
        if not isinstance(buttons, list) or not 1 <= len(buttons) <= 3:
            return _error(40016)
        if any(len(str(one.get("name", "")).encode()) not in range(1, 17) for one in buttons):
            return _error(40018)
        self.menu = buttons
        return web.json_response({"errcode": 0, "errmsg": "ok"})

    def _token_refusal(self, token: str | None) -> int:
        if not token:
            return 41001
        return 40001 if token != self._token else 0

    def _refusal(self, token: str | None, body: dict[str, Any] | None) -> int:
        if refused := self._token_refusal(token):
            return refused
        if self._failures:
            return self._failures.pop(0)
        if body is None:
            return 47001
        if not isinstance(body.get("touser"), str):
            return 40003
        if body.get("msgtype") != "text":
            return 40008
        content = body["text"].get("content") if isinstance(body.get("text"), dict) else None
        if not isinstance(content, str) or not content:
            return 44004
        return 45002 if len(content.encode()) > LONGEST_TEXT else 0


async def _json(request: web.Request) -> dict[str, Any] | None:
    raw = await request.read()
    if b"\\u" in raw:  # the real one would show the citizen \u4f60\u597d
        return None
    try:
        body = json.loads(raw)
    except ValueError:
        return None
    return body if isinstance(body, dict) else None


def _error(code: int) -> web.Response:
    return web.json_response({"errcode": code, "errmsg": MEANINGS.get(code, "refused")})
