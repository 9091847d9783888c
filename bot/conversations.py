"""Where conversations are kept: Rasa's SQL tracker store with what people said encrypted at rest.

Names, mobile numbers and whole sentences of citizens stand in Rasa's events. Their JSON is
encrypted with a key derived from `BANSHI_DATA_KEY` before it reaches the database. A conversation
is deleted as a whole when the citizen asks for it, and when it is old. The latest conversations are
kept in memory too (`bot.recent`); what the database holds goes before.
"""

from __future__ import annotations

import asyncio
import copy
import json
import os
import sqlite3
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from itertools import islice
from typing import Any

import structlog
from rasa.core.brokers.broker import EventBroker
from rasa.core.tracker_store import SQLTrackerStore
from rasa.shared.core.domain import Domain
from rasa.shared.core.events import Event, UserUttered, deserialise_events
from rasa.shared.core.trackers import DialogueStateTracker
from sqlalchemy import Text, bindparam, create_engine, delete, event, func, select
from sqlalchemy.engine import Connection, Engine
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import sessionmaker
from sqlalchemy.pool import NullPool, QueuePool
from sqlalchemy.types import TypeDecorator

from bot.json_text import written
from bot.recent import RecentConversations, Stamped, Standing, latest_session
from bot.sealing import ConversationCipher, conversation_cipher

FORGOTTEN = "forgotten"
"""The slot that an action sets to true when the conversation is to be deleted."""
DAY = 86_400.0
PAGE = 200
"""So many conversations are looked at in one transaction, so that nobody waits for it."""

log = structlog.get_logger(__name__)


class EncryptedText(TypeDecorator):
    """A text column whose content is ciphertext in the database."""

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: str | None, dialect: object) -> str | None:
        """Encrypt on the way in."""
        return None if value is None else _cipher().seal(value)

    def process_result_value(self, value: str | None, dialect: object) -> str | None:
        """Decrypt on the way out."""
        return None if value is None else _cipher().open(value)


def _cipher() -> ConversationCipher:
    secret = os.environ.get("BANSHI_DATA_KEY")
    if not secret:
        raise ValueError("BANSHI_DATA_KEY is not set: start with `banshi up`, which makes one")
    return conversation_cipher(secret)


_EVENTS = SQLTrackerStore.SQLEvent.__table__
_INSERT = _EVENTS.insert()
_STANDING = select(func.count(), func.max(_EVENTS.c.id), func.max(_EVENTS.c.timestamp)).where(
    _EVENTS.c.sender_id == bindparam("sender_id")
)


class EncryptedTrackerStore(SQLTrackerStore):
    """Rasa's SQL tracker store over `url`, its event data encrypted.

    The column's type is changed on Rasa's own event table, and how SQLite numbers the rows of a
    table that is made: the indexes and the rows stay Rasa's. What a message finds, and what is
    written, is what Rasa's own store would do; only the events of a conversation that nobody else
    has touched are not read back, but remembered.
    """

    engine: Engine
    sessionmaker: Any

    def __init__(
        self,
        domain: Domain | None = None,
        host: str = "sqlite://",
        event_broker: EventBroker | None = None,
        **kwargs: Any,  # noqa: ANN401 - Rasa's
    ) -> None:
        """Open the store; Rasa hands the endpoint's `url` over as `host`."""
        _EVENTS.c.data.type = EncryptedText()
        _EVENTS.dialect_options["sqlite"]["autoincrement"] = True  # no number is given away twice
        super().__init__(domain, host=host, event_broker=event_broker, **kwargs)
        if isinstance(self.engine.pool, NullPool):  # a SQLite file, opened anew for each query
            anywhere = {"check_same_thread": False}  # the pool gives a connection to one at a time
            self.engine = create_engine(self.engine.url, poolclass=QueuePool, connect_args=anywhere)
            self.sessionmaker = sessionmaker(bind=self.engine)
        _prepare(self.engine)
        self._owed: set[str] = set()  # asked for, but the database could not
        self._recent = RecentConversations()

    async def save(self, tracker: DialogueStateTracker) -> None:
        """Store the new events, or delete the whole conversation if it is to be forgotten.

        A tracker that is to be forgotten stays so until the end of its turn: however often it is
        saved, nothing of it is written. The next message gets a new one, for `retrieve` finds none.
        """
        sender_id = tracker.sender_id
        if _forgotten(tracker):
            self._owed.add(sender_id)
            self._settle(sender_id)
        elif self._settle(sender_id):
            await self.stream_events(tracker)
            self._write(tracker)

    def _write(self, tracker: DialogueStateTracker) -> None:
        """Write the events that the database doesn't hold yet, in one transaction."""
        sender_id = tracker.sender_id
        with self.engine.begin() as connection:
            before = _standing(connection, sender_id)
            known = self._recent.recall(sender_id, before)
            if known is None:
                held = self._held(connection, sender_id) if before.events else 0
            else:
                held = len(known)
            new = list(islice(tracker.events, held, None))
            rows = [_row(sender_id, each) for each in new]
            after = _insert(connection, rows, before)
        if known is not None or not before.events:
            self._remember(sender_id, after, [*(known or ()), *map(_as_read, new, rows)])

    def _remember(self, sender_id: str, standing: Standing, read: Sequence[Stamped | None]) -> None:
        """Keep what was read back, unless Rasa can't read an event: then it would be miscounted."""
        events = [each for each in read if each is not None]
        if events and len(events) == len(read):
            self._recent.remember(sender_id, standing, latest_session(events))
        else:
            self._recent.forget(sender_id)

    def _held(self, connection: Connection, sender_id: str) -> int:
        """How many events of the latest session the database holds."""
        with self.sessionmaker(bind=connection) as session:
            query = self._event_query(session, sender_id, fetch_events_from_all_sessions=False)
            return int(query.count())

    async def _retrieve(
        self, sender_id: str, fetch_events_from_all_sessions: bool
    ) -> DialogueStateTracker | None:
        if not self._settle(sender_id):
            return None
        if fetch_events_from_all_sessions:
            return await super()._retrieve(sender_id, fetch_events_from_all_sessions)
        events = self._latest_events(sender_id)
        if not events:
            return None
        return DialogueStateTracker.from_events(sender_id, events, self.domain.slots)

    def _latest_events(self, sender_id: str) -> list[Event]:
        """The events of the latest session, from memory or from the database."""
        with self.engine.connect() as connection:
            standing = _standing(connection, sender_id)
            known = self._recent.recall(sender_id, standing)
            if known is not None or not standing.events:
                return [_own(each.event) for each in known or ()]
            with self.sessionmaker(bind=connection) as session:
                query = self._event_query(session, sender_id, False)
                rows = [(row.timestamp, json.loads(row.data)) for row in query]
        events: list[Event] = deserialise_events([data for _, data in rows])
        if len(events) == len(rows):
            stamps = (stamp for stamp, _ in rows)
            self._remember(sender_id, standing, list(map(Stamped, stamps, events)))
        return [_own(each) for each in events]

    def _settle(self, sender_id: str) -> bool:
        """Delete the conversation if that is owed; tells whether nothing is owed any more.

        Rasa's stand-in for a broken store would keep what was to be forgotten: so no error leaves
        this, and the deletion is tried again before the conversation is touched the next time.
        """
        if sender_id not in self._owed:
            return True
        self._recent.forget(sender_id)
        try:
            with self.engine.begin() as connection:
                connection.execute(delete(_EVENTS).where(_EVENTS.c.sender_id == sender_id))
            _settled_on_disk(self.engine)
        except SQLAlchemyError as error:
            log.error("conversations.forget_failed", error=type(error).__name__)
            return False
        self._owed.discard(sender_id)
        log.info("conversations.forgotten")
        return True


def _standing(connection: Connection, sender_id: str) -> Standing:
    return Standing(*connection.execute(_STANDING, {"sender_id": sender_id}).one())


def _insert(connection: Connection, rows: list[dict[str, Any]], before: Standing) -> Standing:
    """Write rows, and tell where the database stands if nobody else wrote at the same time."""
    if not rows:
        return before
    if len(rows) > 1:
        connection.execute(_INSERT, rows[:-1])
    (last,) = connection.execute(_INSERT, rows[-1]).inserted_primary_key
    stamps = [row["timestamp"] for row in rows]
    latest = max(stamps if before.latest is None else [*stamps, before.latest])
    return Standing(before.events + len(rows), last, latest)


def _row(sender_id: str, event: Event) -> dict[str, Any]:
    """An event as Rasa's own store writes it."""
    data = event.as_dict()
    return {
        "sender_id": sender_id,
        "type_name": event.type_name,
        "timestamp": data.get("timestamp"),
        "intent_name": data.get("parse_data", {}).get("intent", {}).get("name"),
        "action_name": data.get("name"),
        "data": written(data),
    }


def _as_read(event: Event, row: dict[str, Any]) -> Stamped | None:
    """The event that a row of it is read back as, if Rasa can; JSON can't tell all.

    Rasa's own way takes longer to find the class of an event than to make the event.
    """
    read = type(event)._from_parameters(json.loads(row["data"]))
    return None if read is None else Stamped(row["timestamp"], read)


def _own(event: Event) -> Event:
    """The event for one tracker alone: those of what was said are changed by later events.

    When Rasa reads a message back, its entities and those of what was parsed are one list.
    """
    if not isinstance(event, UserUttered):
        return event
    own = copy.copy(event)
    own.entities, own.parse_data = list(event.entities), event.parse_data.copy()
    if event.parse_data.get("entities") is event.entities:
        own.parse_data["entities"] = own.entities
    return own


def _forgotten(tracker: DialogueStateTracker) -> bool:
    slot = tracker.slots.get(FORGOTTEN)
    return slot is not None and bool(slot.value)


class Retention:
    """Deletes the conversations whose last event is older than allowed, when opened and daily."""

    def __init__(
        self,
        url: str,
        days: int,
        *,
        clock: Callable[[], float] = time.time,
        pause: float = DAY,
    ) -> None:
        """Keep what is needed; the database is not touched before `open`.

        Args:
            url: The conversations' database, which Rasa has made.
            days: A conversation is kept for so many days after its last event.
            clock: Seconds since 1970, as Rasa stamps its events.
            pause: Seconds between two rounds.
        """
        self._engine = create_engine(url)
        _prepare(self._engine)
        self._seconds = days * DAY
        self._clock = clock
        self._pause = pause
        self._closing = asyncio.Event()
        self._task: asyncio.Task[None] | None = None

    async def open(self) -> None:
        """Begin the first round."""
        self._task = asyncio.create_task(self._run())

    async def close(self) -> None:
        """Wait for the transaction that is under way, if any, and end."""
        self._closing.set()
        if self._task is not None:
            await self._task
        self._engine.dispose()

    async def _run(self) -> None:
        while not self._closing.is_set():
            try:
                await self._round()
            except Exception as error:  # noqa: BLE001  nobody awaits this task: it must go on
                log.error("conversations.retention_failed", error=type(error).__name__)
            with suppress(asyncio.TimeoutError):
                await asyncio.wait_for(self._closing.wait(), self._pause)

    async def _round(self) -> None:
        oldest, last, deleted = self._clock() - self._seconds, "", 0
        while not self._closing.is_set():
            senders = await asyncio.to_thread(self._page, last)
            if not senders:
                break
            deleted += await asyncio.to_thread(self._delete, senders, oldest)
            last = senders[-1]
        await asyncio.to_thread(_settled_on_disk, self._engine)
        log.info("conversations.retention", deleted_events=deleted)

    def _page(self, last: str) -> list[str]:
        events = SQLTrackerStore.SQLEvent.__table__
        query = select(events.c.sender_id).where(events.c.sender_id > last).distinct()
        with self._engine.connect() as connection:
            found = connection.execute(query.order_by(events.c.sender_id).limit(PAGE))
            return [sender_id for (sender_id,) in found]

    def _delete(self, senders: list[str], oldest: float) -> int:
        """Delete those of the conversations that are old, in one statement: none has just begun."""
        events = SQLTrackerStore.SQLEvent.__table__
        alive = select(events.c.sender_id).where(
            events.c.sender_id.in_(senders), events.c.timestamp >= oldest
        )
        old = delete(events).where(
            events.c.sender_id.in_(senders), events.c.sender_id.not_in(alive)
        )
        with self._engine.begin() as connection:
            return int(connection.execute(old).rowcount)


def _prepare(engine: Engine) -> None:
    """No error quotes a statement's values, and SQLite overwrites what it deletes."""
    engine.hide_parameters = True
    if engine.dialect.name == "sqlite":
        event.listen(engine, "connect", _set_up)


def _set_up(connection: Any, _record: object) -> None:  # noqa: ANN401 - the driver's
    """Overwrite what is deleted; and write ahead, so that a message needn't wait for the disk.

    A crash of the server loses nothing so; when the power fails, the last messages before it may be
    missing from a conversation, and the conversation is whole up to there.
    """
    connection.execute("PRAGMA secure_delete = ON")
    with suppress(sqlite3.OperationalError):  # another one who opens it changes it for both
        (mode,) = connection.execute("PRAGMA journal_mode = WAL").fetchone()
        if mode == "wal":
            connection.execute("PRAGMA synchronous = NORMAL")


def _settled_on_disk(engine: Engine) -> None:
    """See to it that what was deleted is gone from the disk, also from what was written ahead."""
    if engine.dialect.name != "sqlite":
        return
    with engine.connect() as connection:
        busy, *_ = connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)").one()
    if busy:  # somebody reads an older state: the next round does it
        log.warning("conversations.deleted_but_not_overwritten")
