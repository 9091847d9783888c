"""Tencent's interface called as a program calls it, without our own client in between."""

from __future__ import annotations

import io
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import aiohttp

from wechat.account import Account
from wechat.simulator import Contacts, Template, TencentApi

ACCOUNT = Account(token="token123", app_id="wx0123456789abcdef", app_secret="secret")
CREDENTIAL = {"grant_type": "client_credential", "appid": ACCOUNT.app_id, "secret": "secret"}
SEND = "/cgi-bin/message/custom/send"
PNG = b"\x89PNG\r\n\x1a\n" + b"0" * 100
REMINDER = Template("预约提醒", {"thing1": "事项", "time2": "时间", "character_string3": "取号码"})
DATA = {"thing1": "办护照", "time2": "2026年11月26日 09:00", "character_string3": "A-012"}


class Clock:
    now = 1_764_000_000.0

    def __call__(self) -> float:
        return self.now


class Program:
    """A caller with a token."""

    def __init__(self, session: aiohttp.ClientSession, url: str) -> None:
        self._session = session
        self._url = url
        self.token = ""

    async def post(self, path: str, body: object, **query: str) -> dict[str, Any]:
        url, query = self._url + path, {"access_token": self.token, **query}
        async with self._session.post(url, params=query, json=body) as response:
            return await response.json()

    async def get(self, path: str) -> dict[str, Any]:
        async with self._session.get(
            self._url + path, params={"access_token": self.token}
        ) as response:
            return await response.json()

    async def code(self, path: str, body: object) -> int:
        return (await self.post(path, body))["errcode"]

    async def log_in(self, **changes: object) -> dict[str, Any]:
        answer = await self.post("/cgi-bin/stable_token", {**CREDENTIAL, **changes})
        self.token = answer.get("access_token", "")
        return answer

    async def say(self, openid: str, text: str = "good") -> int:
        return await self.code(
            SEND, {"touser": openid, "msgtype": "text", "text": {"content": text}}
        )

    async def upload(self, content: bytes, kind: str = "image") -> dict[str, Any]:
        form = aiohttp.FormData()
        form.add_field(
            "media", io.BytesIO(content), filename="picture.png", content_type="image/png"
        )
        async with self._session.post(
            f"{self._url}/cgi-bin/media/upload",
            params={"access_token": self.token, "type": kind},
            data=form,
        ) as response:
            return await response.json()


@asynccontextmanager
async def tencent_and_program(
    clock: Clock, webhook: str | None = None
) -> AsyncIterator[tuple[TencentApi, Program]]:
    contacts = Contacts(clock)
    async with (
        TencentApi(
            ACCOUNT,
            webhook=webhook,
            contacts=contacts,
            templates={"T1": REMINDER},
            clock=clock,
        ) as tencent,
        aiohttp.ClientSession(json_serialize=_as_utf8) as session,
    ):
        program = Program(session, tencent.url)
        await program.log_in()
        yield tencent, program


def _as_utf8(body: object) -> str:
    return json.dumps(body, ensure_ascii=False)
