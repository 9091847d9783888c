"""The conversations' store on a real SQLite file: encrypted, forgotten on demand, and when old."""

from __future__ import annotations

import asyncio
import sqlite3
import time
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from channel_world import domain, running
from rasa.core.tracker_store import FailSafeTrackerStore, SQLTrackerStore
from rasa.shared.core.events import SessionStarted, SlotSet, UserUttered
from rasa.shared.core.trackers import DialogueStateTracker
from rasa.shared.exceptions import InvalidConfigException
from sqlalchemy.exc import IntegrityError, StatementError
from structlog.testing import capture_logs

from bot.channels.wechat import WeChatInput
from bot.conversations import DAY, FORGOTTEN, PAGE, EncryptedTrackerStore, Retention
from bot.settings import conversations
from wechat.simulator import Reply

DOMAIN = domain()
ANNA, BERTA = "oAnna-1", "oBerta-2"


@pytest.fixture
def file(tmp_path, monkeypatch) -> Path:
    monkeypatch.setenv("BANSHI_DATA_KEY", "k" * 32)
    return tmp_path / "conversations.db"


@pytest.fixture
def store(file):
    store = EncryptedTrackerStore(DOMAIN, host=f"sqlite:///{file}")
    yield FailSafeTrackerStore(store)  # as Rasa's agent wraps it
    store.engine.dispose()


def rows(file: Path, sender: str) -> int:
    with closing(sqlite3.connect(file)) as connection:
        query = "SELECT count(*) FROM events WHERE sender_id = ?"
        return int(connection.execute(query, (sender,)).fetchone()[0])


async def talk(store: Any, sender: str, *events: Any) -> DialogueStateTracker:
    """One turn as Rasa's processor does it: fetch, update, save."""
    tracker = await store.get_or_create_tracker(sender, append_action_listen=False)
    for event in events:
        tracker.update(event, DOMAIN)
    await store.save(tracker)
    return tracker


async def two_sessions(store: Any, sender: str) -> None:
    for _ in range(2):
        await talk(
            store, sender, SessionStarted(), UserUttered("我叫张三"), SlotSet("name", "张三")
        )


# --- forgetting ---------------------------------------------------------------------------------


async def test_a_forgotten_conversation_is_gone_and_no_other(store, file):
    await two_sessions(store, ANNA)
    await two_sessions(store, BERTA)
    assert rows(file, ANNA) == rows(file, BERTA) == 6
    await talk(store, ANNA, UserUttered("忘掉我"), SlotSet(FORGOTTEN, True))
    assert rows(file, ANNA) == 0
    assert rows(file, BERTA) == 6
    assert await store.retrieve_full_tracker(ANNA) is None
    assert (await store.retrieve(BERTA)).get_slot("name") == "张三"


async def test_what_is_saved_later_in_the_same_turn_writes_nothing(store, file):
    await two_sessions(store, ANNA)
    tracker = await talk(store, ANNA, UserUttered("忘掉我"), SlotSet(FORGOTTEN, True))
    tracker.update(UserUttered("我叫张三"), DOMAIN)
    await store.save(tracker)
    await store.save(tracker)
    assert rows(file, ANNA) == 0
    assert await store.fallback_tracker_store.retrieve(ANNA) is None


async def test_the_next_message_begins_a_new_conversation(store, file):
    await two_sessions(store, ANNA)
    await talk(store, ANNA, SlotSet(FORGOTTEN, True))
    tracker = await talk(store, ANNA, SessionStarted(), UserUttered("你好"))
    assert tracker.get_slot(FORGOTTEN) is None
    assert tracker.get_slot("name") is None
    assert rows(file, ANNA) == 2
    again = await store.retrieve(ANNA)
    assert again.latest_message.text == "你好"


@pytest.mark.parametrize("value", [None, False, 0, ""])
async def test_only_a_true_value_forgets(store, file, value):
    await two_sessions(store, ANNA)
    await talk(store, ANNA, SlotSet(FORGOTTEN, value))
    assert rows(file, ANNA) == 7


async def test_what_is_deleted_cannot_be_read_from_the_file(store, file):
    await two_sessions(store, ANNA)
    await two_sessions(store, BERTA)
    with closing(sqlite3.connect(file)) as connection:
        query = "SELECT data FROM events WHERE sender_id = ?"
        secrets = [data.encode() for (data,) in connection.execute(query, (ANNA,))]
    assert all(secret[-60:] in on_disk(file) for secret in secrets)
    await talk(store, ANNA, SlotSet(FORGOTTEN, True))
    assert not any(secret[-60:] in on_disk(file) for secret in secrets)
    assert on_disk(file) == file.read_bytes()  # nothing waits in what is written ahead


def on_disk(file: Path) -> bytes:
    """All that is kept of the database, what was written ahead included."""
    kept = [one for one in sorted(file.parent.iterdir()) if not one.name.endswith("-shm")]
    return b"".join(one.read_bytes() for one in kept)


async def test_a_broken_database_forgets_as_soon_as_it_can(store, file):
    await two_sessions(store, ANNA)
    with closing(sqlite3.connect(file)) as other:
        other.execute(
            "CREATE TRIGGER refuse BEFORE DELETE ON events BEGIN SELECT RAISE(ABORT, 'no'); END"
        )
        other.commit()
        with capture_logs() as logs:
            await talk(store, ANNA, UserUttered("忘掉我"), SlotSet(FORGOTTEN, True))
            assert await store.retrieve(ANNA) is None
        assert {entry["event"] for entry in logs} == {"conversations.forget_failed"}
        assert rows(file, ANNA) == 6
        assert await store.fallback_tracker_store.retrieve(ANNA) is None
        other.execute("DROP TRIGGER refuse")
        other.commit()
    await talk(store, ANNA, UserUttered("你好"))
    assert rows(file, ANNA) == 1


async def test_database_errors_quote_no_values(store, monkeypatch):
    tables = store._tracker_store.SQLEvent.__table__
    with store._tracker_store.engine.begin() as connection:
        broken = tables.insert().values(sender_id=ANNA, type_name=None, data="张三")
        with pytest.raises(IntegrityError) as caught:
            connection.execute(broken)
        assert ANNA not in str(caught.value)
        monkeypatch.delenv("BANSHI_DATA_KEY")  # now it can't be encrypted: it is quoted as it is
        with pytest.raises(StatementError) as caught:
            connection.execute(tables.insert().values(sender_id=ANNA, data="张三"))
        assert "张三" not in str(caught.value)


# --- retention ----------------------------------------------------------------------------------


async def stays(check: Callable[[], bool]) -> None:
    async def look() -> None:
        while not check():  # noqa: ASYNC110  a file tells nobody
            await asyncio.sleep(0.005)

    await asyncio.wait_for(look(), 5)


def grow_old(file: Path, sender: str, days: float) -> None:
    with closing(sqlite3.connect(file)) as connection:
        query = "UPDATE events SET timestamp = ? WHERE sender_id = ?"
        connection.execute(query, (time.time() - days * DAY, sender))
        connection.commit()


async def test_old_conversations_are_deleted_with_the_start_of_the_server(store, file):
    await two_sessions(store, ANNA)
    await two_sessions(store, BERTA)
    grow_old(file, ANNA, 181)
    grow_old(file, BERTA, 181)
    await talk(store, BERTA, UserUttered("还在"))  # one new event keeps the whole
    retention = Retention(f"sqlite:///{file}", 180)
    with capture_logs() as logs:
        async with running(retention=retention) as hall:
            await stays(lambda: rows(file, ANNA) == 0)
            assert await hall.citizen().say("在吗") == Reply("答：在吗")
    assert rows(file, BERTA) == 7
    assert {"event": "conversations.retention", "deleted_events": 6, "log_level": "info"} in logs
    assert [task for task in asyncio.all_tasks() if "Retention" in repr(task)] == []


async def test_what_grows_old_later_is_deleted_by_a_later_round(store, file):
    await two_sessions(store, ANNA)
    now = time.time()
    retention = Retention(f"sqlite:///{file}", 180, clock=lambda: now, pause=0.01)
    await retention.open()
    await asyncio.sleep(0.05)
    assert rows(file, ANNA) == 6
    now += 181 * DAY
    await stays(lambda: rows(file, ANNA) == 0)
    await retention.close()


async def test_many_conversations_are_deleted_page_by_page(store, file):
    old = [(f"o{number}", "user", 1.0) for number in range(2 * PAGE + 1)]
    with closing(sqlite3.connect(file)) as connection:
        query = "INSERT INTO events (sender_id, type_name, timestamp) VALUES (?, ?, ?)"
        connection.executemany(query, old)
        connection.commit()
    await two_sessions(store, BERTA)
    retention = Retention(f"sqlite:///{file}", 1)
    await retention.open()
    await stays(lambda: not any(rows(file, sender) for sender, *_ in old))
    await retention.close()
    assert rows(file, BERTA) == 6


async def test_a_broken_database_does_not_end_the_rounds(tmp_path, monkeypatch):
    monkeypatch.setenv("BANSHI_DATA_KEY", "k" * 32)
    file = tmp_path / "later.db"
    retention = Retention(f"sqlite:///{file}", 180, pause=0.01)
    with capture_logs() as logs:
        await retention.open()
        await stays(lambda: bool(logs))
        store = EncryptedTrackerStore(DOMAIN, host=f"sqlite:///{file}")
        await two_sessions(store, ANNA)
        grow_old(file, ANNA, 181)
        await stays(lambda: rows(file, ANNA) == 0)
        await retention.close()
    assert logs[0]["event"] == "conversations.retention_failed"
    store.engine.dispose()


def test_the_days_come_from_the_environment(monkeypatch):
    monkeypatch.setenv("BANSHI_WECHAT_TOKEN", "token123")
    monkeypatch.setenv("BANSHI_WECHAT_APP_ID", "wx0123456789abcdef")
    assert conversations().keep_days == 180
    monkeypatch.setenv("BANSHI_KEEP_CONVERSATIONS_DAYS", "30")
    assert conversations().keep_days == 30
    for wrong in ("0", "-1", "1.5", "many", "一", "999999999"):
        monkeypatch.setenv("BANSHI_KEEP_CONVERSATIONS_DAYS", wrong)
        with pytest.raises(InvalidConfigException, match="BANSHI_KEEP_CONVERSATIONS_DAYS"):
            WeChatInput.from_credentials(None)


def test_rasa_s_own_table_is_the_one_that_is_read():
    assert EncryptedTrackerStore.SQLEvent is SQLTrackerStore.SQLEvent
