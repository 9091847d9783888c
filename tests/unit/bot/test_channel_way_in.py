"""What WeChat sends is verified, decrypted and parsed, or refused: the handshake and every mode."""

from __future__ import annotations

import time
from dataclasses import replace

import aiohttp
import pytest
from channel_world import (
    COMPATIBLE,
    KEY,
    OTHER_KEY,
    PLAIN,
    SECURE,
    post,
    running,
)
from structlog.testing import capture_logs

from bot.channels.requests import LARGEST_BODY
from wechat.crypto import signature
from wechat.errors import ServiceUnavailable
from wechat.simulator import Reply


def stamped(seconds: float = 0, **more: str) -> dict[str, str]:
    """A signed query, stamped so many seconds from now."""
    now = str(int(time.time() + seconds))
    return {"timestamp": now, "nonce": "2", "signature": signature(PLAIN.token, now, "2"), **more}


@pytest.mark.parametrize("account", [PLAIN, COMPATIBLE, SECURE], ids=lambda a: a.mode)
async def test_handshake_and_talk_in_every_mode(account):
    async with running(account) as hall:
        citizen = hall.citizen(account)
        await citizen.handshake()
        assert await citizen.say("你好👌") == Reply("答：你好👌")
        assert hall.bot.messages[0].sender_id == citizen.openid
        assert hall.bot.messages[0].input_channel == "wechat"


async def test_health(hall):
    async with aiohttp.ClientSession() as session:
        address = hall.url.removesuffix("webhook")
        async with session.get(address) as response:
            assert await response.json() == {"status": "ok"}


@pytest.mark.parametrize(
    "query",
    [
        {},
        {"echostr": "x"},
        stamped(),
        stamped(echostr="x", signature="0" * 40),
        stamped(echostr="x", signature="签"),
        stamped(echostr="x", nonce="3"),
    ],
)
async def test_a_wrong_handshake_is_refused(hall, query):
    async with (
        aiohttp.ClientSession() as session,
        session.get(hall.url, params=query) as response,
    ):
        assert response.status == 403
        assert await response.text() == ""


async def test_compatible_mode_answers_plain_messages_plainly():
    async with running(COMPATIBLE) as hall:
        assert await hall.citizen(PLAIN).say("你好") == Reply("答：你好")


async def test_secure_mode_refuses_plain_messages(hall):
    with pytest.raises(ServiceUnavailable) as caught:
        await hall.citizen(PLAIN).say("你好")
    assert caught.value.status == 403
    assert hall.bot.heard == []


async def test_the_previous_key_opens_and_seals():
    changing = replace(SECURE, aes_key=OTHER_KEY, previous_aes_key=KEY)
    async with running(changing) as hall:
        assert await hall.citizen(SECURE).say("旧") == Reply("答：旧")
        assert await hall.citizen(replace(SECURE, aes_key=OTHER_KEY)).say("新") == Reply("答：新")


async def test_an_unknown_key_is_refused(hall):
    with pytest.raises(ServiceUnavailable) as caught:
        await hall.citizen(replace(SECURE, aes_key=OTHER_KEY)).say("你好")
    assert caught.value.status == 400


async def test_what_was_sent_long_ago_is_refused_however_well_it_is_signed(hall, citizen):
    body = citizen.text("你好").encode()
    for seconds in (-400, 400, -1e9):
        with capture_logs() as logs:
            assert await post(hall.url, stamped(seconds), body) == 403
        assert logs[0]["reason"] == "signature"
    assert await post(hall.url, {**stamped(), "timestamp": "昨天"}, body) == 403
    async with aiohttp.ClientSession() as session:
        old = {**stamped(-400), "echostr": "echo"}
        async with session.get(hall.url, params=old) as response:
            assert response.status == 403
    assert hall.bot.heard == []


async def test_the_window_can_be_switched_off():
    async with running(replace(PLAIN, replay_window=0)) as hall:
        body = hall.citizen(PLAIN).text("你好").encode()
        assert await post(hall.url, stamped(-1e9), body) == 200


@pytest.mark.parametrize(
    "change",
    [
        {"signature": None, "msg_signature": None},
        {"signature": None, "msg_signature": "0" * 40},
        {"signature": "0" * 40},
        {"msg_signature": None},
        {"msg_signature": "0" * 40},
        {"timestamp": None},
        {"nonce": "1"},
        {"encrypt_type": "raw"},
    ],
    ids=str,
)
async def test_wrong_signatures_are_refused(hall, citizen, change):
    query, body = citizen.sealed(citizen.text("身份证丢了"))
    changed = {name: value for name, value in (query | change).items() if value is not None}
    with capture_logs() as logs:
        assert await post(hall.url, changed, body.encode()) == 403
    assert hall.bot.heard == []
    assert [entry["event"] for entry in logs] == ["wechat.refused"]


@pytest.mark.parametrize("left_out", ["signature", "encrypt_type"])
async def test_the_signature_over_the_ciphertext_is_enough(hall, citizen, left_out):
    query, body = citizen.sealed(citizen.text("身份证丢了"))
    del query[left_out]
    assert await post(hall.url, query, body.encode()) == 200
    assert len(hall.bot.heard) == 1


BOMB = '<!DOCTYPE xml [<!ENTITY a "哈"><!ENTITY b "&a;&a;">]><xml><Content>&b;</Content></xml>'


@pytest.mark.parametrize(
    "body",
    [
        pytest.param(b"", id="empty"),
        pytest.param(b"\xff\xfe\x00", id="not UTF-8"),
        pytest.param("身份证".encode(), id="not XML"),
        pytest.param(BOMB.encode(), id="DOCTYPE bomb"),
        pytest.param(b"<xml><MsgType>text</MsgType></xml>", id="fields missing"),
        pytest.param(b"<xml><Encrypt>abc</Encrypt></xml>", id="encrypted, but not said so"),
        pytest.param(b"<xml>" + b"<a>" * 9_000 + b"</a>" * 9_000 + b"</xml>", id="deep"),
    ],
)
async def test_malformed_bodies_are_refused(body):
    async with running(COMPATIBLE) as hall:
        with capture_logs() as logs:
            assert await post(hall.url, stamped(), body) == 400
        assert hall.bot.heard == []
        assert "身份证" not in str(logs)


@pytest.mark.parametrize("inner", ["你好", BOMB, "<xml></xml>"])
async def test_malformed_encrypted_messages_are_refused(hall, citizen, inner):
    query, body = citizen.sealed(inner)
    assert await post(hall.url, query, body.encode()) == 400
    assert hall.bot.heard == []


async def test_an_encrypted_message_without_ciphertext_is_refused(hall):
    query = stamped(encrypt_type="aes", msg_signature=signature(PLAIN.token, "1", "2"))
    assert await post(hall.url, query, b"<xml><Encrypt></Encrypt></xml>") == 400


async def test_a_ciphertext_that_is_none_is_refused(hall):
    query = stamped(encrypt_type="aes")
    query["msg_signature"] = signature(PLAIN.token, query["timestamp"], "2", "密文")
    assert await post(hall.url, query, "<xml><Encrypt>密文</Encrypt></xml>".encode()) == 400


async def pieces(size: int):
    for _ in range(0, size, 1024):
        yield b"x" * 1024


async def test_an_oversized_body_is_refused(hall):
    assert await post(hall.url, stamped(), b"x" * (LARGEST_BODY + 1)) == 413
    assert await post(hall.url, stamped(), pieces(LARGEST_BODY + 1024)) == 413
    assert await hall.citizen().say("还在吗") == Reply("答：还在吗")


async def test_a_long_body_within_the_limit_is_read(hall, citizen):
    assert await citizen.say("长" * 5_000)
    assert hall.bot.heard == ["长" * 5_000]
