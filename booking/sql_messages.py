"""The outbox on SQL: messages are written in the transaction that they are about.

Each function runs in a transaction of its caller.
"""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import update
from sqlalchemy.ext.asyncio import AsyncConnection

from booking.message_values import MessageKind, MessageState
from booking.records import Due, Record
from booking.schema import NOBODY, messages

_ANEW = ("id", "note", "due_at", "expires_at", "state", "next_at", "tries", "made_at")
"""What a later message of the same kind has of its own."""


async def add_messages(
    insert: Any,  # noqa: ANN401 - the dialect's own insert, untyped in SQLAlchemy 1.4
    connection: AsyncConnection,
    record: Record,
    due: Sequence[Due],
    now: datetime,
) -> None:
    """Put messages into the outbox, but none for nobody.

    What happens a second time (moved back and forth, affected once more) is told a second time: the
    later message takes the place of the earlier.
    """
    if not due or record.citizen == NOBODY:
        return
    rows = [
        {
            "id": uuid.uuid4().hex,
            "citizen": record.citizen,
            "code": record.code,
            "kind": one.kind.value,
            "about": one.about,
            "note": one.note,
            "due_at": one.due_at,
            "expires_at": one.expires_at,
            "state": MessageState.WAITING.value,
            "next_at": one.due_at,
            "tries": 0,
            "made_at": now,
        }
        for one in due
    ]
    fresh = insert(messages).values(rows)
    again = {name: fresh.excluded[name] for name in _ANEW}
    await connection.execute(
        fresh.on_conflict_do_update(
            index_elements=["code", "kind", "about"],
            set_={**again, "done_at": None, "why": None},
        )
    )


async def drop_messages(connection: AsyncConnection, code: str, now: datetime) -> None:
    """Take back what has not been sent yet, but what is about the citizen alone."""
    await connection.execute(
        update(messages)
        .where(
            messages.c.code == code,
            messages.c.state == MessageState.WAITING.value,
            messages.c.kind != MessageKind.LIFTED.value,
        )
        .values(state=MessageState.DROPPED.value, done_at=now)
    )
