"""Whatever happens to a conversation, it is the same with and without the memory.

Two stores with memories on one database, as two Rasa servers have them, stand beside two on another
database that read everything back. On SQLite and on PostgreSQL.
"""

from __future__ import annotations

import asyncio
import json
from dataclasses import dataclass, field
from functools import partial
from typing import Any

import pytest
from channel_world import domain
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from rasa.core.tracker_store import SQLTrackerStore
from rasa.shared.core import events as rasa_events
from rasa.shared.core.events import (
    ActionExecuted,
    DefinePrevUserUtteredFeaturization,
    EntitiesAdded,
    Event,
    SessionStarted,
    SlotSet,
    UserUttered,
)
from rasa.shared.core.trackers import DialogueStateTracker, EventVerbosity
from sqlalchemy import delete, event, select, update
from sqlalchemy.exc import OperationalError

from bot.conversations import FORGOTTEN, EncryptedTrackerStore, _forgotten

FORM, ACTION = "name_form", "action_guide"
DOMAIN = domain(ACTION, FORM)
ANNA, BERTA = "oAnna-1", "oBerta-2"
EVENTS = SQLTrackerStore.SQLEvent.__table__
START = 1_790_000_000.0
"""When the conversations begin; each event is a little later, or earlier when a clock is set."""


class ReadsBack(EncryptedTrackerStore):
    """The store without a memory: what it reads and writes is Rasa's own doing."""

    async def save(self, tracker: DialogueStateTracker) -> None:
        if not _forgotten(tracker) and self._settle(tracker.sender_id):
            await SQLTrackerStore.save(self, tracker)
        else:
            await super().save(tracker)

    async def _retrieve(self, sender_id: str, fetch_events_from_all_sessions: bool) -> Any:
        if not self._settle(sender_id):
            return None
        return await SQLTrackerStore._retrieve(self, sender_id, fetch_events_from_all_sessions)


# --- what can happen ----------------------------------------------------------------------------

words = st.text("我要办证你好1", max_size=4)
entities = st.lists(
    st.fixed_dictionaries({"entity": st.sampled_from(["service", "when"]), "value": words}),
    max_size=2,
)
values = st.one_of(
    st.none(), words, st.integers(0, 3), st.lists(words, max_size=2), st.just(("一", "二")),
    st.sampled_from(["\ud83d", 2**70]),
    st.dictionaries(words, st.lists(words, max_size=1), max_size=2),
)  # fmt: skip


def said(text: str, found: list[dict[str, str]]) -> UserUttered:
    found = [dict(one) for one in found]  # Rasa adds to it what is found later
    intent = {"name": "ask", "confidence": 0.5}
    parsed: Any = {"intent": intent, "entities": found, "text": text, "intent_ranking": [intent]}
    return UserUttered(text, intent, found, parsed, input_channel="wechat", message_id=text)


def made(kind: str, *arguments: Any) -> partial[Event]:
    return partial(getattr(rasa_events, kind), *arguments)


happenings: st.SearchStrategy[Any] = st.one_of(
    st.builds(partial, st.just(said), words, entities),
    st.builds(made, st.just("SlotSet"), st.just("name"), values),
    st.builds(made, st.just("ActionExecuted"), st.sampled_from(["action_listen", ACTION, FORM])),
    st.builds(made, st.just("ActiveLoop"), st.sampled_from([FORM, None])),
    st.builds(made, st.just("DefinePrevUserUtteredFeaturization"), st.booleans()),
    st.builds(made, st.just("EntitiesAdded"), entities),
    st.builds(made, st.just("BotUttered"), words, st.just({"buttons": [{"title": "一"}]})),
    st.builds(made, st.just("FollowupAction"), st.just(ACTION)),
    st.builds(made, st.just("ActionExecutionRejected"), st.just(FORM)),
    st.builds(made, st.just("LoopInterrupted"), st.booleans()),
    st.sampled_from(
        [
            made(kind)
            for kind in (
                "SessionStarted", "Restarted", "AllSlotsReset", "UserUtteranceReverted",
                "ActionReverted", "ConversationPaused", "ConversationResumed", "StoryExported",
            )
        ]
    ),
)  # fmt: skip


@dataclass(frozen=True)
class Turn:
    """One thing that happens: `what` is done to `sender` at the server with the number `server`."""

    what: str
    server: int
    sender: str
    events: list[partial[Event]]
    later: float


turns = st.lists(
    st.builds(
        Turn,
        st.sampled_from(
            ["talk"] * 6 + ["saved twice", "failed", "overlapping", "forget", "deleted", "older"]
        ),
        st.integers(0, 1),
        st.sampled_from([ANNA, BERTA]),
        st.lists(happenings, max_size=5),
        st.sampled_from([1.0, 1.0, 60.0, 0.0, -5.0]),
    ),
    min_size=1,
    max_size=14,
)


# --- two servers on one database ----------------------------------------------------------------


@dataclass
class World:
    """Two servers on one database, and everything that a turn read."""

    servers: list[EncryptedTrackerStore]
    now: float = START
    seen: list[Any] = field(default_factory=list)

    @classmethod
    def open(cls, kind: type[EncryptedTrackerStore], url: str) -> World:
        world = cls([kind(DOMAIN, host=url) for _ in range(2)])
        with world.servers[0].engine.begin() as connection:
            connection.execute(delete(EVENTS))
        return world

    def close(self) -> None:
        for server in self.servers:
            server.engine.dispose()

    async def begin(self, turn: Turn) -> DialogueStateTracker:
        tracker = await self.servers[turn.server].get_or_create_tracker(
            turn.sender, append_action_listen=False
        )
        self.seen.append(state(tracker))
        return tracker

    def add(self, tracker: DialogueStateTracker, turn: Turn) -> None:
        for make in turn.events:
            self.now += turn.later
            happened = make()
            happened.timestamp = self.now
            tracker.update(happened, DOMAIN)

    async def take(self, turn: Turn) -> None:
        """One turn, as Rasa's processor and others do it."""
        server = self.servers[turn.server]
        if turn.what in ("deleted", "older"):
            await self.others(turn)
            return
        tracker = await self.begin(turn)
        if turn.what == "forget":
            tracker.update(SlotSet(FORGOTTEN, True, timestamp=self.now), DOMAIN)
        if turn.what == "overlapping":
            other = await self.begin(turn)
            self.add(other, turn)
            await server.save(other)
        self.add(tracker, turn)
        if turn.what != "failed":
            await server.save(tracker)
        if turn.what == "saved twice":
            self.add(tracker, turn)
            await server.save(tracker)

    async def others(self, turn: Turn) -> None:
        """What happens to a conversation outside of both servers."""
        mine = EVENTS.c.sender_id == turn.sender
        change = (
            delete(EVENTS).where(mine)
            if turn.what == "deleted"
            else update(EVENTS).where(mine).values(timestamp=EVENTS.c.timestamp - 1)
        )
        with self.servers[0].engine.begin() as connection:
            connection.execute(change)

    async def end(self) -> list[Any]:
        """All that was seen, what every server sees now, and what the database holds."""
        for sender in (ANNA, BERTA):
            for server in self.servers:
                for tracker in (
                    await server.retrieve(sender),
                    await server.retrieve_full_tracker(sender),
                ):
                    self.seen.append(tracker and state(tracker))
        columns = [column for column in EVENTS.c if column.name != "id"]
        with self.servers[0].engine.connect() as connection:
            rows = connection.execute(select(*columns).order_by(EVENTS.c.id)).all()
        # a store may write its JSON as it likes, so long as the same is read
        told = [{**row._mapping, "data": json.loads(row.data)} for row in rows]
        return [*self.seen, told]


def state(tracker: DialogueStateTracker) -> Any:
    """All that Rasa knows of a conversation, and what its policies are shown."""
    latest, uttered = tracker.latest_message, tracker.latest_bot_utterance
    return (
        tracker.current_state(EventVerbosity.ALL),
        [each.as_dict() for each in tracker.applied_events()],
        tracker.past_states(DOMAIN),
        latest and (latest.use_text_for_featurization, latest.entities),
        [
            (each.use_text_for_featurization, each.entities)
            for each in tracker.events
            if isinstance(each, UserUttered)
        ],
        uttered and (uttered.text, uttered.data),
        {name: slot.has_been_set for name, slot in tracker.slots.items()},
    )


async def outcome(kind: type[EncryptedTrackerStore], url: str, happened: list[Turn]) -> list[Any]:
    world = World.open(kind, url)
    try:
        for turn in happened:
            await world.take(turn)
        return await world.end()
    finally:
        world.close()


def address(url: str) -> str:
    """The same database for a driver that isn't asynchronous, as Rasa's store is none."""
    return url.replace("sqlite+aiosqlite:", "sqlite:")


@pytest.fixture
def urls(databases, monkeypatch) -> tuple[str, str]:
    monkeypatch.setenv("BANSHI_DATA_KEY", "k" * 32)
    return address(databases.empty()), address(databases.empty())


@given(happened=turns)
@settings(
    deadline=None, max_examples=150, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
def test_a_conversation_is_the_same_with_and_without_the_memory(urls, happened):
    remembering, reading_back = urls
    expected = asyncio.run(outcome(ReadsBack, reading_back, happened))
    assert asyncio.run(outcome(EncryptedTrackerStore, remembering, happened)) == expected


# --- what is remembered, and how long -----------------------------------------------------------


@pytest.fixture
def store(urls):
    store = EncryptedTrackerStore(DOMAIN, host=urls[0])
    yield store
    store.engine.dispose()


@pytest.fixture
def decrypted(store, monkeypatch) -> list[str]:
    """What is read of the database from now on, event by event."""
    read: list[str] = []
    column = type(EVENTS.c.data.type)
    opened = column.process_result_value

    def keep(self: Any, value: str | None, dialect: object) -> str | None:
        read.append(opened(self, value, dialect))
        return read[-1]

    monkeypatch.setattr(column, "process_result_value", keep)
    return read


async def talk(store: EncryptedTrackerStore, *events: Event) -> DialogueStateTracker:
    tracker = await store.get_or_create_tracker(ANNA, append_action_listen=False)
    for each in events:
        tracker.update(each, DOMAIN)
    await store.save(tracker)
    return tracker


async def test_what_this_server_wrote_is_not_read_back(store, decrypted):
    await talk(store, SessionStarted(), UserUttered("你好"))
    await talk(store, SlotSet("name", "张三"), UserUttered("在吗"))
    again = await store.retrieve(ANNA)
    assert [each.type_name for each in again.events] == ["session_started", "user", "slot", "user"]
    assert again.get_slot("name") == "张三"
    assert decrypted == []


async def test_what_was_read_once_is_not_read_again(store, urls, decrypted):
    other = EncryptedTrackerStore(DOMAIN, host=urls[0])
    await talk(other, SessionStarted(), UserUttered("你好"))
    for _ in range(2):
        assert (await store.retrieve(ANNA)).latest_message.text == "你好"
        assert len(decrypted) == 2
    await talk(other, UserUttered("在吗"))
    assert (await store.retrieve(ANNA)).latest_message.text == "在吗"
    other.engine.dispose()


async def test_a_message_that_failed_leaves_no_trace_in_the_next(store):
    await talk(store, SessionStarted(), UserUttered("你好"))
    failed = await store.retrieve(ANNA)
    failed.update(SlotSet("name", "张三"), DOMAIN)
    again = await store.retrieve(ANNA)
    assert again.get_slot("name") is None
    assert len(again.events) == 2


async def test_what_a_failed_message_said_of_an_earlier_one_is_not_remembered(store):
    await talk(store, ActionExecuted("action_listen"), UserUttered("你好", {"name": "ask"}))
    failed = await store.retrieve(ANNA)
    failed.update(DefinePrevUserUtteredFeaturization(True), DOMAIN)
    failed.update(EntitiesAdded([{"entity": "when", "value": "明天"}]), DOMAIN)
    assert failed.latest_message.use_text_for_featurization
    assert failed.latest_message.entities
    again = await store.retrieve(ANNA)
    assert again.latest_message.use_text_for_featurization is None
    assert again.latest_message.entities == []


async def test_two_messages_at_once_have_a_conversation_each(store):
    await talk(store, SessionStarted(), UserUttered("你好"))
    one, other = await store.retrieve(ANNA), await store.retrieve(ANNA)
    one.update(SlotSet("name", "张三"), DOMAIN)
    assert other.get_slot("name") is None
    assert one.events is not other.events


async def test_who_is_forgotten_is_not_remembered(store):
    await talk(store, SessionStarted(), SlotSet("name", "张三"))
    assert ANNA in store._recent._kept
    await talk(store, SlotSet(FORGOTTEN, True))
    assert not store._recent._kept
    assert await store.retrieve(ANNA) is None


async def test_who_is_forgotten_is_not_remembered_while_the_database_cannot_delete(store):
    await talk(store, SessionStarted(), SlotSet("name", "张三"))

    def refuse(_: Any, __: Any, statement: str, *___: Any) -> None:
        if statement.startswith("DELETE"):
            raise OperationalError(statement, {}, Exception("no"))

    event.listen(store.engine, "before_cursor_execute", refuse)
    await talk(store, SlotSet(FORGOTTEN, True))
    assert not store._recent._kept
    assert await store.retrieve(ANNA) is None


async def test_a_conversation_that_began_anew_is_not_taken_for_the_one_before(store, urls):
    """Also where as many events came in the same microsecond as before, by a clock set back."""
    await talk(store, SessionStarted(START), UserUttered("你好", timestamp=START))
    other = EncryptedTrackerStore(DOMAIN, host=urls[0])
    await talk(other, SlotSet(FORGOTTEN, True))
    await talk(other, SessionStarted(START), UserUttered("再来", timestamp=START))
    assert (await store.retrieve(ANNA)).latest_message.text == "再来"
    other.engine.dispose()
