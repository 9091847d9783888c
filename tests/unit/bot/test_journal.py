"""Each message is answered once: over a restart, by one of several servers, or by the next one."""

from __future__ import annotations

import asyncio
import sqlite3
import threading

from channel_world import running
from structlog.testing import capture_logs

from bot.channels.journal import Journal
from wechat.simulator import Citizen, Reply


async def test_a_message_is_claimed_once(tmp_path):
    one, other = Journal(tmp_path / "channel.db"), Journal(tmp_path / "channel.db")
    claims = await asyncio.gather(*(each.claim("message:1") for each in (one, other) * 5))
    assert sorted(claims) == [False] * 9 + [True]
    assert await other.claim("message:2")
    await one.done("message:1")
    assert not await other.claim("message:1")
    for each in (one, other):
        await each.close()


async def test_what_a_server_began_and_never_ended_is_given_out_again(tmp_path):
    gone, next_one = Journal(tmp_path / "channel.db"), Journal(tmp_path / "channel.db", lease=0)
    assert await gone.claim("message:1")
    assert await next_one.claim("message:1")
    await next_one.done("message:1")
    assert not await next_one.claim("message:1")
    for each in (gone, next_one):
        await each.close()


async def test_no_openid_stands_in_the_file(tmp_path):
    journal = Journal(tmp_path / "channel.db")
    await journal.claim("event:oSecretCitizen:1764000000")
    await journal.close()
    content = b"".join(file.read_bytes() for file in tmp_path.iterdir())
    assert b"oSecretCitizen" not in content


async def test_a_message_is_not_answered_again_after_a_restart(tmp_path):
    file = tmp_path / "channel.db"
    async with running(journal=Journal(file)) as before:
        message = before.citizen().text("你好")
        assert await before.citizen().send(message) == Reply("答：你好")
        url = before.url
    async with running(journal=Journal(file)) as after:
        assert after.url != url
        assert await after.citizen().send(message) is None
        assert after.bot.heard == []
        assert await after.citizen().say("再来") == Reply("答：再来")


async def test_of_two_servers_one_answers(tmp_path):
    file = tmp_path / "channel.db"
    async with running(journal=Journal(file)) as one, running(journal=Journal(file)) as other:
        message = one.citizen().text("你好")
        async with Citizen(other.url, other.channel._webhook._account, "oFirst-1") as there:
            replies = await asyncio.gather(one.citizen().send(message), there.send(message))
        assert sorted(map(str, replies)) == sorted(map(str, [Reply("答：你好"), None]))
        assert one.bot.heard + other.bot.heard == ["你好"]


async def test_a_message_is_answered_even_if_the_file_can_not_be_used(tmp_path, monkeypatch):
    journal = Journal(tmp_path / "channel.db")

    async def broken():
        raise sqlite3.OperationalError("disk I/O error")

    monkeypatch.setattr(journal, "_open", broken)
    with capture_logs() as logs:
        async with running(journal=journal) as hall:
            assert await hall.citizen().say("你好") == Reply("答：你好")
    assert {entry["event"] for entry in logs} >= {"journal.failed"}


async def test_what_comes_after_the_end_opens_nothing(tmp_path):
    journal = Journal(tmp_path / "channel.db")
    assert await journal.claim("message:1")
    await journal.close()
    with capture_logs() as logs:
        await journal.done("message:1")
        assert await journal.claim("message:2")
    assert [entry["event"] for entry in logs] == ["journal.failed"] * 2
    assert not [one for one in threading.enumerate() if "aiosqlite" in repr(one)]
