"""Number plates on SQL: one row a plate and day; the primary key keeps it at one."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime

from sqlalchemy import and_, func, select
from sqlalchemy.ext.asyncio import AsyncConnection

from booking.errors import RefusalCode, Refused
from booking.records import PlateRecord
from booking.schema import plates
from booking.sql_rows import SqlRows

_PLATE = [column for column in plates.c if column.name != "created_at"]


class SqlPlates(SqlRows):
    """Implements `booking.store.PlateStore`."""

    async def register(self, plate: PlateRecord, limit: int, now: datetime) -> None:
        """See `PlateStore`."""
        on_day = plates.c.day == plate.day
        same = and_(on_day, plates.c.plate_hash == plate.plate_hash)
        owner = select(plates.c.citizen).where(same)
        mine = and_(on_day, plates.c.citizen == plate.citizen)
        count = select(func.count()).select_from(plates).where(mine)
        row = {**vars(plate), "created_at": now}
        fresh = self.insert(plates).values(row).on_conflict_do_nothing()

        async def work(connection: AsyncConnection) -> None:
            await self._line_up(connection, plate.citizen)
            known = await connection.scalar(owner)
            if known == plate.citizen:
                return
            if known is not None:
                raise Refused(RefusalCode.PLATE_TAKEN)
            if await connection.scalar(count) >= limit:
                raise Refused.because(RefusalCode.PLATE_LIMIT, limit=limit)
            if (await connection.execute(fresh)).rowcount != 1:
                raise Refused(RefusalCode.PLATE_TAKEN)  # by another citizen, in between

        await self.write(work)

    async def plates(self, citizen: str, first: date) -> tuple[PlateRecord, ...]:
        """See `PlateStore`."""
        return await self._plates(plates.c.citizen == citizen, plates.c.day >= first)

    async def plates_on(self, day: date) -> tuple[PlateRecord, ...]:
        """See `PlateStore`."""
        return await self._plates(plates.c.day == day)

    async def give_up(self, citizen: str, day: date) -> tuple[PlateRecord, ...]:
        """See `PlateStore`."""
        mine = and_(plates.c.citizen == citizen, plates.c.day == day)

        async def work(connection: AsyncConnection) -> tuple[PlateRecord, ...]:
            found = await _selected(connection, [mine])
            await connection.execute(plates.delete().where(mine))
            return found

        return await self.write(work)

    async def _plates(self, *conditions: object) -> tuple[PlateRecord, ...]:
        return await self.read(lambda connection: _selected(connection, conditions))


async def _selected(
    connection: AsyncConnection, conditions: Sequence[object]
) -> tuple[PlateRecord, ...]:
    statement = select(*_PLATE).where(*conditions).order_by(plates.c.day, plates.c.created_at)
    rows = await connection.execute(statement)
    return tuple(PlateRecord(**row._mapping) for row in rows)
