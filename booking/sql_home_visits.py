"""Home visits on SQL: appointments whose counter is their team's day."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date, datetime

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection

from booking.errors import RefusalCode, Refused
from booking.schema import home_days
from booking.slots import chinese
from booking.sql_rows import SqlRows, day_key, open_for_service
from booking.store import Record, RequestId


class SqlHomeVisits(SqlRows):
    """Implements `booking.store.HomeVisitStore`."""

    async def visits(self, rule: str, first: date, last: date) -> Mapping[date, int]:
        """See `HomeVisitStore`."""
        statement = select(home_days.c.day, home_days.c.booked).where(
            home_days.c.rule == rule, home_days.c.day >= first, home_days.c.day <= last
        )

        async def work(connection: AsyncConnection) -> Mapping[date, int]:
            return {row.day: row.booked for row in await connection.execute(statement)}

        return await self.read(work)

    async def book_visit(
        self,
        draft: Record,
        request: RequestId,
        capacity: int,
        now: datetime,
        new_code: Callable[[], str],
    ) -> Record:
        """See `HomeVisitStore`."""

        async def take(connection: AsyncConnection) -> None:
            if await open_for_service(connection, draft):
                raise Refused(RefusalCode.HOME_VISIT_BOOKED)
            if not await self._count_in(connection, home_days, day_key(draft), capacity):
                day = chinese(draft.starts_at.date())
                raise Refused.because(RefusalCode.HOME_VISITS_FULL, day=day)

        return await self._book(draft, request, now, new_code, take)
