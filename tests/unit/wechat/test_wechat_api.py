"""The client of Tencent's interface, against the strict simulator."""

from __future__ import annotations

import asyncio
from dataclasses import replace

import pytest
from aiohttp import web
from hand_clock import Clock

from wechat.account import Account
from wechat.api import WeChatApi
from wechat.errors import AccountError, ApiError, ApiUnreachable
from wechat.simulator import Sent, TencentApi

ACCOUNT = Account(token="token123", app_id="wx0123456789abcdef", app_secret="secret")


@pytest.fixture
async def tencent():
    async with TencentApi(ACCOUNT) as tencent:
        yield tencent


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
async def api(tencent, clock):
    async with WeChatApi(replace(ACCOUNT, api=tencent.url), clock=clock) as api:
        yield api


async def test_a_message_arrives_as_it_was_written(api, tencent):
    await api.send_text("oA", "好的👌\n“办事”")
    assert tencent.sent == [Sent("oA", "好的👌\n“办事”")]


async def test_callers_at_the_same_time_share_one_token(api, tencent):
    tokens = await asyncio.gather(*(api.stable_token() for _ in range(10)))
    assert len(set(tokens)) == 1
    assert tencent.token_calls == 1


async def test_a_token_is_kept_until_shortly_before_its_end(api, tencent, clock):
    await api.stable_token()
    clock.now = 7_000.0
    await api.stable_token()
    assert tencent.token_calls == 1
    clock.now = 7_150.0
    await api.stable_token()
    assert tencent.token_calls == 2


async def test_a_dead_token_is_replaced_and_the_message_sent_again(api, tencent):
    await api.stable_token()
    tencent.expire_token()
    await asyncio.gather(*(api.send_text("oA", str(number)) for number in range(5)))
    assert sorted(sent.text for sent in tencent.sent) == ["0", "1", "2", "3", "4"]
    assert tencent.token_calls == 2


@pytest.mark.parametrize("code", [40001, 40014, 42001])
async def test_a_refused_token_is_replaced_by_force_if_need_be(api, tencent, code):
    before = await api.stable_token()
    tencent.fail_next_send(code)
    await api.send_text("oA", "好")
    assert tencent.sent == [Sent("oA", "好")]
    assert await api.stable_token() != before


async def test_a_token_refused_twice_is_an_error(api, tencent):
    tencent.fail_next_send(40001)
    tencent.fail_next_send(40001)
    with pytest.raises(ApiError) as caught:
        await api.send_text("oA", "好")
    assert caught.value.code == 40001


@pytest.mark.parametrize("code", [43004, 45009, 45015, 45047, 48001, 12345])
async def test_other_codes_are_errors_with_a_meaning(api, tencent, code):
    tencent.fail_next_send(code)
    with pytest.raises(ApiError) as caught:
        await api.send_text("oA", "好")
    assert caught.value.code == code
    assert caught.value.meaning
    assert tencent.sent == []


async def test_too_long_a_text_is_refused(api):
    with pytest.raises(ApiError) as caught:
        await api.send_text("oA", "长" * 700)
    assert caught.value.code == 45002


async def test_a_wrong_secret(tencent):
    async with WeChatApi(replace(ACCOUNT, api=tencent.url, app_secret="wrong")) as api:
        with pytest.raises(ApiError) as caught:
            await api.stable_token()
    assert caught.value.code == 40125


async def test_no_secret():
    async with WeChatApi(replace(ACCOUNT, app_secret=None)) as api:
        with pytest.raises(AccountError, match="BANSHI_WECHAT_APP_SECRET"):
            await api.send_text("oA", "好")


@pytest.mark.parametrize("body", ["", "<html>", "[]", "{}", '{"access_token": 1}'])
async def test_an_answer_in_another_format(body, unused_tcp_port):
    async def answer(_: web.Request) -> web.Response:
        return web.Response(text=body)

    app = web.Application()
    app.router.add_post("/cgi-bin/stable_token", answer)
    runner = web.AppRunner(app)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", unused_tcp_port).start()
    try:
        account = replace(ACCOUNT, api=f"http://127.0.0.1:{unused_tcp_port}")
        async with WeChatApi(account) as api:
            with pytest.raises(ApiUnreachable):
                await api.stable_token()
    finally:
        await runner.cleanup()


async def test_nobody_there(unused_tcp_port):
    account = replace(ACCOUNT, api=f"http://127.0.0.1:{unused_tcp_port}")
    async with WeChatApi(account) as api:
        with pytest.raises(ApiUnreachable) as caught:
            await api.send_text("oA", "好")
    assert "secret" not in str(caught.value)
