"""Conversations are read and begun as Rasa's own store keeps them."""

from __future__ import annotations

import pytest
from rasa.shared.core.domain import Domain
from rasa.shared.core.events import SlotSet, UserUttered
from rasa.shared.core.slots import AnySlot
from rasa.shared.core.trackers import DialogueStateTracker

from bot.conversations import EncryptedTrackerStore
from cli.trackers import StoredConversations, Unreadable

KEY = "k" * 32


@pytest.fixture
def url(tmp_path):
    return f"sqlite:///{tmp_path / 'conversations.db'}"


@pytest.fixture
def store(url, monkeypatch):
    monkeypatch.setenv("BANSHI_DATA_KEY", KEY)
    slots = [AnySlot("service", mappings=[{}])]
    domain = Domain([], [], slots, {}, [], {}, {})
    return EncryptedTrackerStore(domain, host=url)


@pytest.fixture
def stored(url):
    stored = StoredConversations(url, KEY)
    yield stored
    stored.close()


async def test_what_rasa_wrote_is_read(store, stored):
    tracker = DialogueStateTracker.from_events("甲", [UserUttered("你好"), SlotSet("service", "x")])
    await store.save(tracker)
    events = await stored.events("甲")
    assert [event["event"] for event in events] == ["user", "slot"]
    assert (events[0]["text"], events[1]["value"]) == ("你好", "x")
    assert await stored.events("乙") == []
    assert await stored.senders() == ["甲"]


async def test_rasa_reads_a_conversation_that_was_begun(store, stored):
    await stored.begin("甲", {"service": {"id": 3}})
    tracker = await store.retrieve("甲")
    assert tracker is not None
    assert tracker.get_slot("service") == {"id": 3}
    assert tracker.latest_action_name == "action_listen"


async def test_another_key(store, url):
    await store.save(DialogueStateTracker.from_events("甲", [UserUttered("你好")]))
    stored = StoredConversations(url, "x" * 32)
    with pytest.raises(Unreadable):
        await stored.events("甲")
    stored.close()


async def test_no_database(stored):
    with pytest.raises(Unreadable):
        await stored.events("甲")
