"""The simulator judges like WeChat, and the terminal chat shows what it says."""

from __future__ import annotations

import asyncio
import io
from dataclasses import replace

import pytest
from aiohttp import web

from cli.chat import chat
from wechat.account import Account
from wechat.envelope import SUCCESS, Opened, Webhook
from wechat.errors import NobodyListens, ServiceUnavailable
from wechat.messages import TextMessage
from wechat.simulator import Citizen, Reply

KEY = "abcdefghijklmnopqrstuvwxyz0123456789ABCDEFG"
PLAIN = Account(token="token123", app_id="wx0123456789abcdef")
SECURE = replace(PLAIN, aes_key=KEY, mode="secure")


class Hall:
    """A webhook that answers as the test says."""

    def __init__(self, account: Account) -> None:
        self._webhook = Webhook(account)
        self.url = ""
        self.answer = self.echo
        self.status = 200

    async def post(self, request: web.Request) -> web.Response:
        opened = self._webhook.open(dict(request.query), await request.read())
        return web.Response(status=self.status, text=await self.answer(opened))

    async def echo(self, opened: Opened) -> str:
        message = opened.message
        return opened.reply(message.text if isinstance(message, TextMessage) else "欢迎")


@pytest.fixture
async def hall(unused_tcp_port):
    hall = Hall(SECURE)
    app = web.Application()
    app.router.add_post("/webhook", hall.post)
    runner = web.AppRunner(app)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", unused_tcp_port).start()
    hall.url = f"http://127.0.0.1:{unused_tcp_port}/webhook"
    yield hall
    await runner.cleanup()


@pytest.fixture
async def citizen(hall):
    async with Citizen(hall.url, SECURE, patience=0.2) as citizen:
        yield citizen


async def test_a_proper_reply_is_read(citizen):
    assert await citizen.say("你好") == Reply("你好")
    assert await citizen.follow() == Reply("欢迎")


@pytest.mark.parametrize("body", ["", SUCCESS])
async def test_saying_nothing_is_no_error(hall, citizen, body):
    async def answer(_: Opened) -> str:
        return body

    hall.answer = answer
    assert await citizen.say("你好") is None


def replied(**changes):
    """Makes an answer with something wrong: another token, another key, another citizen …"""

    async def answer(opened: Opened) -> str:
        return replace(opened, **changes).reply("好")

    return answer


def said(body):
    async def answer(opened: Opened) -> str:
        return body(opened)

    return answer


@pytest.mark.parametrize(
    "answer",
    [
        pytest.param(replied(cipher=None), id="not encrypted"),
        pytest.param(replied(token="token456"), id="signed with another token"),
        pytest.param(said(lambda opened: opened.reply("")), id="no text"),
        pytest.param(said(lambda opened: opened.reply("长" * 700)), id="too long"),
        pytest.param(said(lambda opened: "好的"), id="not XML"),
        pytest.param(said(lambda opened: "<xml></xml>"), id="empty XML"),
        pytest.param(
            said(
                lambda opened: replace(
                    opened, message=replace(opened.message, from_user="oB")
                ).reply("好")
            ),
            id="to somebody else",
        ),
    ],
)
async def test_malformed_replies_are_told(hall, citizen, answer):
    hall.answer = answer
    with pytest.raises(ServiceUnavailable, match="malformed"):
        await citizen.say("你好")


async def test_a_late_reply_is_told(hall, citizen):
    never = asyncio.Event()

    async def answer(_: Opened) -> str:
        await never.wait()
        return SUCCESS

    hall.answer = answer
    with pytest.raises(ServiceUnavailable, match="no answer in time"):
        await citizen.say("你好")
    never.set()


async def test_an_error_status_is_told(hall, citizen):
    hall.status = 500
    with pytest.raises(ServiceUnavailable) as caught:
        await citizen.say("你好")
    assert caught.value.status == 500


async def test_nobody_listens(unused_tcp_port):
    async with Citizen(f"http://127.0.0.1:{unused_tcp_port}/", PLAIN) as citizen:
        with pytest.raises(NobodyListens):
            await citizen.say("你好")


async def test_the_terminal_chat(hall, monkeypatch, capsys):
    monkeypatch.setattr("sys.stdin", io.StringIO("你好\n\n/follow\n"))
    assert await chat(hall.url, SECURE, "oA") == 0
    assert capsys.readouterr().out.splitlines() == [
        "办事: 欢迎",
        "我: 你好",
        "办事: 你好",
        "我: /follow",
        "办事: 欢迎",
    ]


async def test_the_terminal_chat_survives_a_bad_answer(hall, monkeypatch, capsys):
    monkeypatch.setattr("sys.stdin", io.StringIO("你好\n"))
    hall.status = 502
    assert await chat(hall.url, SECURE, "oA") == 0
    assert capsys.readouterr().out.count("该公众号暂时无法提供服务") == 2


async def test_the_terminal_chat_without_a_hall(unused_tcp_port, monkeypatch, capsys):
    monkeypatch.setattr("sys.stdin", io.StringIO("你好\n"))
    url = f"http://127.0.0.1:{unused_tcp_port}/"
    assert await chat(url, PLAIN, "oA") == 1
    assert f"连不上 {url}：先运行 make up" in capsys.readouterr().err
