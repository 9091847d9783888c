"""The mailbox: which letters wait, which are on their way, and which were seen."""

from __future__ import annotations

from datetime import timedelta

import pytest
from structlog.testing import capture_logs

from bot.channels.journal import FileJournal, JournalDown
from bot.channels.letters import WAITING_LETTERS, Letter, Mailbox
from service_catalog.clock import now


async def test_a_mailbox_is_bounded():
    mailbox = Mailbox(citizens=2)
    for number in range(WAITING_LETTERS + 1):
        await mailbox.deliver(Letter(str(number), "oA", str(number)))
    async with mailbox.hand_out("oA") as letters:
        assert letters.texts == tuple(map(str, range(WAITING_LETTERS)))
    await mailbox.deliver(Letter("b", "oB", "b"))
    await mailbox.deliver(Letter("c", "oC", "c"))
    async with mailbox.hand_out("oA") as letters:
        assert letters.texts == ()


async def test_a_mailbox_forgets_after_its_time():
    mailbox = Mailbox(seconds=0)
    await mailbox.deliver(Letter("1", "oA", "办好了"))
    async with mailbox.hand_out("oA") as letters:
        assert letters.texts == ()


async def test_letters_that_were_not_given_go_on_waiting():
    mailbox = Mailbox()
    await mailbox.deliver(Letter("1", "oA", "办好了"))
    with pytest.raises(RuntimeError):
        async with mailbox.hand_out("oA") as letters:
            async with mailbox.hand_out("oA") as nothing:
                assert nothing.texts == ()
            raise RuntimeError
    async with mailbox.hand_out("oA") as letters:
        assert letters.texts == ("办好了",)
        letters.given = True
    assert await mailbox.deliver(Letter("1", "oA", "办好了"))


async def test_a_letter_that_waits_is_dropped_when_its_time_comes(monkeypatch):
    mailbox, until = Mailbox(), now() + timedelta(hours=1)
    await mailbox.deliver(Letter("1", "oA", "明天有预约", until))
    monkeypatch.setattr("bot.channels.letters.now", lambda: until)
    async with mailbox.hand_out("oA") as letters:
        assert letters.texts == ()
    assert not await mailbox.deliver(Letter("1", "oA", "明天有预约", until))


async def test_after_a_restart_it_is_known_what_was_seen(tmp_path):
    letter = Letter("1", "oA", "办好了")
    before = FileJournal(tmp_path / "var" / "channel.db")
    mailbox = Mailbox(journal=before)
    assert not await mailbox.deliver(letter)
    async with mailbox.hand_out("oA") as letters:
        letters.given = True
    await before.close()
    after = FileJournal(tmp_path / "var" / "channel.db")
    mailbox = Mailbox(journal=after)
    assert await mailbox.deliver(letter)
    assert not await mailbox.deliver(Letter("2", "oA", "再来一封"))
    async with mailbox.hand_out("oA") as letters:
        assert letters.texts == ("再来一封",)
    await after.close()


async def test_a_letter_is_given_even_if_that_can_not_be_noted(tmp_path, monkeypatch):
    seen = FileJournal(tmp_path / "channel.db")
    mailbox = Mailbox(journal=seen)
    await mailbox.deliver(Letter("1", "oA", "办好了"))

    async def full(_letters):
        raise JournalDown("OperationalError")

    monkeypatch.setattr(seen, "note_seen", full)
    with capture_logs() as logs:
        async with mailbox.hand_out("oA") as letters:
            letters.given = True
    assert [entry["event"] for entry in logs] == ["letters.not_noted"]
    assert await mailbox.deliver(Letter("1", "oA", "办好了"))
    await seen.close()
