"""Home visits on SQL: appointments whose counter is their team's day."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection

from booking.errors import RefusalCode, Refused
from booking.records import Order, Record, RequestId
from booking.schema import home_days
from booking.slots import chinese
from booking.sql_counters import SqlCounters
from booking.sql_limits import check_suspended, is_over, settle
from booking.sql_rows import open_for_item


class SqlHomeVisits(SqlCounters):
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
        self, order: Order, capacity: int, request: RequestId, new_code: Callable[[], str]
    ) -> Record:
        """See `HomeVisitStore`."""
        draft = order.draft

        async def take(connection: AsyncConnection) -> None:
            await check_suspended(connection, draft.citizen, order.now, order.limits.phone)
            for other in await open_for_item(connection, draft):
                strikes = order.limits.strikes
                if other.citizen != draft.citizen or not is_over(other, strikes, order.now):
                    raise Refused(RefusalCode.HOME_VISIT_BOOKED)
                await settle(connection, other, strikes, order.now)
            if not await self._count_in_day(connection, draft, capacity):
                day = chinese(draft.starts_at.date())
                raise Refused.because(RefusalCode.HOME_VISITS_FULL, day=day)

        return await self._book(order, request, new_code, take)
