"""The audit on SQL: who of the staff read or changed what.

Each function runs in a transaction of its caller, so what was done is noted or not done.
"""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncConnection

from booking.records import Deed
from booking.schema import audit


async def note_deed(
    connection: AsyncConnection, deed: Deed | None, about: str, now: datetime
) -> None:
    """Note what was done to `about`; nothing when it was the citizen who did it."""
    if deed is not None:
        await connection.execute(audit.insert().values(**vars(deed), about=about, at=now))
