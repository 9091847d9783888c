"""Each message is answered once: over a restart, by one of several servers, or by the next one."""

from __future__ import annotations

import asyncio
import sqlite3
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from channel_world import running
from redis import Redis
from redis_server import redis_running
from structlog.testing import capture_logs

from bot.channels.journal import Claim, FileJournal, Journal, JournalDown
from bot.channels.redis_journal import RedisJournal
from wechat.simulator import Citizen, Reply

MakeJournal = Callable[..., Journal]


@pytest.fixture(scope="session")
def redis() -> Iterator[str]:
    with redis_running() as url:
        yield url


@pytest.fixture(params=["sqlite", "redis"])
def journal(request, tmp_path: Path) -> MakeJournal:
    """Makes journals that share one memory."""
    if request.param == "sqlite":
        return lambda **more: FileJournal(tmp_path / "channel.db", **more)
    url = request.getfixturevalue("redis")
    Redis.from_url(url).flushall()
    return lambda **more: RedisJournal(url, **more)


async def test_a_message_is_claimed_once(journal):
    one, other = journal(), journal()
    claims = await asyncio.gather(*(each.claim("message:1") for each in (one, other) * 5))
    assert Counter(claims) == {Claim.ELSEWHERE: 9, Claim.OURS: 1}
    assert await other.claim("message:2") is Claim.OURS
    await one.done("message:1")
    assert await other.claim("message:1") is Claim.DONE
    for each in (one, other):
        await each.close()


async def test_what_a_server_began_and_never_ended_is_given_out_again(journal):
    gone, next_one = journal(lease=0.001), journal(lease=0.001)
    assert await gone.claim("message:1") is Claim.OURS
    await asyncio.sleep(0.01)  # ten times the lease
    assert await next_one.claim("message:1") is Claim.OURS
    await next_one.done("message:1")
    await asyncio.sleep(0.01)
    assert await next_one.claim("message:1") is Claim.DONE
    for each in (gone, next_one):
        await each.close()


async def test_a_claim_that_is_renewed_lasts_and_an_answer_is_kept_longer(journal):
    one, other = journal(lease=1.5), journal(lease=1.5)
    await one.claim("message:1")
    await one.claim("message:2")
    await one.done("message:2")
    for _ in range(6):
        await asyncio.sleep(0.3)
        await one.renew(["message:1", "message:2", "message:3"])
    assert await other.claim("message:1") is Claim.ELSEWHERE
    assert await other.claim("message:2") is Claim.DONE
    assert await other.claim("message:3") is Claim.OURS
    for each in (one, other):
        await each.close()


async def test_letters_that_were_seen_stay_so(journal):
    one, other = journal(), journal()
    assert not await one.has_seen("a")
    await one.note_seen(["a", "b"])
    await one.note_seen(["a"])
    assert [await other.has_seen(letter) for letter in "abc"] == [True, True, False]
    for each in (one, other):
        await each.close()


async def test_no_openid_stands_in_the_file(tmp_path):
    journal = FileJournal(tmp_path / "channel.db")
    await journal.claim("event:oSecretCitizen:1764000000")
    await journal.close()
    content = b"".join(file.read_bytes() for file in tmp_path.iterdir())
    assert b"oSecretCitizen" not in content


async def test_no_openid_stands_in_redis(redis):
    journal = RedisJournal(redis)
    await journal.claim("event:oSecretCitizen:1764000000")
    await journal.close()
    assert not [key for key in Redis.from_url(redis).scan_iter() if b"oSecretCitizen" in key]


async def test_a_message_is_not_answered_again_after_a_restart(journal):
    async with running(journal=journal()) as before:
        message = before.citizen().text("你好")
        assert await before.citizen().send(message) == Reply("答：你好")
        url = before.url
    async with running(journal=journal()) as after:
        assert after.url != url
        assert await after.citizen().send(message) is None
        assert after.bot.heard == []
        assert await after.citizen().say("再来") == Reply("答：再来")


async def test_of_two_servers_one_answers(journal):
    async with running(journal=journal()) as one, running(journal=journal()) as other:
        message = one.citizen().text("你好")
        async with Citizen(other.url, other.channel._webhook._account, "oFirst-1") as there:
            replies = await asyncio.gather(one.citizen().send(message), there.send(message))
        assert sorted(map(str, replies)) == sorted(map(str, [Reply("答：你好"), None]))
        assert one.bot.heard + other.bot.heard == ["你好"]


async def test_what_a_server_leaves_that_goes_down_is_answered_by_the_next(journal):
    """WeChat takes any answer for the end, so the repeat is held until the claim has lapsed."""
    async with running(journal=journal(lease=0.3)) as other:
        other.channel._claims._look = 0.05
        async with running(journal=journal(lease=0.3), shutdown_grace=0.01) as down:
            down.bot.hold("你好")
            message = down.citizen().text("你好")
            asked = asyncio.create_task(down.citizen().send(message))
            await down.bot.begins("你好")
            asked.cancel()
        assert await other.citizen().send(message) == Reply("答：你好")
        assert await other.citizen().send(message) is None
        assert other.bot.heard == ["你好"]


async def test_what_another_server_works_on_is_left_to_it(journal):
    """However long it takes."""
    async with running(journal=journal()) as one, running(journal=journal()) as other:
        one.channel.deadline, other.channel._claims._look = 20, 0.02
        gate = one.bot.hold("慢")
        message = one.citizen().text("慢")
        asked = asyncio.create_task(one.citizen().send(message))
        await one.bot.begins("慢")
        assert await other.citizen().send(message) is None
        gate.set()
        assert await asked == Reply("答：慢")
        assert await other.citizen().send(message) is None
        assert other.bot.heard == []


async def test_a_repeat_of_what_was_answered_elsewhere_waits_for_nothing(journal):
    async with running(journal=journal()) as one, running(journal=journal()) as other:
        message = one.citizen().text("一")
        assert await one.citizen().send(message) == Reply("答：一")
        gate = other.bot.hold("二")
        asked = asyncio.create_task(other.citizen().say("二"))
        await other.bot.begins("二")
        assert await other.citizen().send(message) is None
        gate.set()
        assert await asked == Reply("答：二")


async def test_many_at_once_share_transactions(tmp_path, monkeypatch):
    journal = FileJournal(tmp_path / "channel.db")
    rounds = []
    run = journal._run
    monkeypatch.setattr(journal, "_run", lambda works: (rounds.append(len(works)), run(works))[1])
    claims = await asyncio.gather(*(journal.claim(f"message:{n}") for n in range(200)))
    assert set(claims) == {Claim.OURS}
    assert sum(rounds) == 200 and len(rounds) < 20
    await journal.close()


async def test_a_message_is_answered_even_if_the_memory_can_not_be_used(tmp_path, monkeypatch):
    file = FileJournal(tmp_path / "channel.db")

    def broken():
        raise sqlite3.OperationalError("disk I/O error")

    monkeypatch.setattr(file, "_open", broken)
    for journal in (file, RedisJournal("redis://127.0.0.1:1/0")):
        with capture_logs() as logs:
            async with running(journal=journal) as hall:
                assert await hall.citizen().say("你好") == Reply("答：你好")
        assert {entry["event"] for entry in logs} >= {"journal.failed"}


async def test_what_comes_after_the_end_opens_nothing(journal):
    ended = journal()
    assert await ended.claim("message:1") is Claim.OURS
    await ended.close()
    with capture_logs() as logs:
        await ended.done("message:1")
        await ended.renew(["message:1"])
        assert await ended.claim("message:2") is Claim.OURS
    assert [entry["event"] for entry in logs] == ["journal.failed"] * 3
    with pytest.raises(JournalDown):
        await ended.has_seen("a")


async def test_what_is_old_is_forgotten(tmp_path):
    journal = FileJournal(tmp_path / "channel.db")
    await journal.claim("message:1")
    with sqlite3.connect(tmp_path / "channel.db") as file:
        file.execute("UPDATE messages SET at = at - 4000")
    journal._cleaned = 0.0
    await journal.claim("message:2")
    await journal.close()
    with sqlite3.connect(tmp_path / "channel.db") as file:
        assert file.execute("SELECT count(*) FROM messages").fetchone() == (1,)


def test_an_address_that_is_none_is_not_quoted():
    with pytest.raises(ValueError, match="BANSHI_REDIS") as caught:
        RedisJournal("http://:secret@redis/0")
    assert "secret" not in str(caught.value)
