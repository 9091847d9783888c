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
from database.statements import Statement


def _add(insert: Any) -> Any:  # noqa: ANN401 - untyped in SQLAlchemy 1.4
    fresh = insert(messages)
    names = ("id", "note", "due_at", "expires_at", "state", "next_at", "tries", "made_at")
    again = {name: fresh.excluded[name] for name in names}
    return fresh.on_conflict_do_update(
        index_elements=["code", "kind", "about"],
        set_={**again, "done_at": None, "why": None},
    )


_COLUMNS = (
    *("id", "citizen", "code", "kind", "about", "note", "due_at", "expires_at"),
    *("state", "next_at", "tries", "made_at"),
)
_ADD = Statement(_add, _COLUMNS)


async def add_messages(
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
    await _ADD.run(connection, rows)


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
