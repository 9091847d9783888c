"""Conversations as Rasa stored them, read with the key of the settings.

Rasa's HTTP API is off, so its trackers are read where they are kept: the events of the database,
each sealed (`bot.conversations`). Rasa itself is not loaded for it.
"""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import Callable, Iterable, Mapping
from functools import partial
from typing import Any, TypeVar

from sqlalchemy import create_engine, text
from sqlalchemy.exc import SQLAlchemyError

from bot.sealing import CannotOpen, conversation_cipher

Found = TypeVar("Found")

_OF_ONE = text("SELECT data FROM events WHERE sender_id = :sender ORDER BY id")
_WHO = text("SELECT DISTINCT sender_id FROM events")
_ADD = text(
    "INSERT INTO events (sender_id, type_name, timestamp, action_name, data)"
    " VALUES (:sender, :type, :timestamp, :action, :data)"
)


class Unreadable(Exception):
    """The conversations can't be read: no such database, or another key."""


class StoredConversations:
    """The conversations of one running copy; every method may raise `Unreadable`."""

    def __init__(self, url: str, key: str) -> None:
        """Open nothing yet.

        Args:
            url: The database (`BANSHI_CONVERSATIONS_DB`).
            key: What it is sealed with (`BANSHI_DATA_KEY`).
        """
        self._engine = create_engine(url, hide_parameters=True)
        self._cipher = conversation_cipher(key)

    async def events(self, sender: str) -> list[Mapping[str, Any]]:
        """All events of a citizen's conversation, oldest first; none when there is none."""
        return await self._safely(partial(self._events, sender))

    async def senders(self) -> list[str]:
        """Whose conversations are kept."""
        return await self._safely(self._senders)

    async def begin(self, sender: str, slots: Mapping[str, Any]) -> None:
        """Begin a conversation with these slots set, as a session of Rasa's begins."""
        opening: list[dict[str, Any]] = [
            {"event": "action", "name": "action_session_start", "policy": None, "confidence": 1.0},
            {"event": "session_started"},
            *({"event": "slot", "name": name, "value": value} for name, value in slots.items()),
            {"event": "action", "name": "action_listen", "policy": None, "confidence": None},
        ]
        await self._safely(partial(self._add, sender, opening))

    def close(self) -> None:
        """Give the connections back."""
        self._engine.dispose()

    @staticmethod
    async def _safely(work: Callable[[], Found]) -> Found:
        try:
            return await asyncio.to_thread(work)
        except (SQLAlchemyError, CannotOpen) as error:
            raise Unreadable(type(error).__name__) from error

    def _events(self, sender: str) -> list[Mapping[str, Any]]:
        with self._engine.connect() as connection:
            rows = connection.execute(_OF_ONE, {"sender": sender}).scalars().all()
        return [json.loads(self._cipher.open(sealed)) for sealed in rows]

    def _senders(self) -> list[str]:
        with self._engine.connect() as connection:
            return [str(sender) for sender in connection.execute(_WHO).scalars()]

    def _add(self, sender: str, events: Iterable[Mapping[str, Any]]) -> None:
        stamp = time.time()
        rows = [
            {
                "sender": sender,
                "type": event["event"],
                "timestamp": stamp,
                "action": event.get("name"),
                "data": self._cipher.seal(json.dumps({**event, "timestamp": stamp})),
            }
            for event in events
        ]
        with self._engine.begin() as connection:
            connection.execute(_ADD, rows)
