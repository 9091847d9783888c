"""报到: who came and who was served, told by the citizen in the chat or by staff at the hall.

It knows neither HTTP nor SQL.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

from booking.counter import Counter, strikes
from booking.errors import RefusalCode, Refused
from booking.message_values import MessageKind
from booking.records import Check, Deed, Due, Record
from booking.reminders import news, rate_us
from booking.slots import chinese
from booking.store import ArrivalStore
from booking.tickets import read_code
from booking.values import Appointment, Kind, Status

_CAME_AFTER_ALL = {Status.BOOKED, Status.NO_SHOW, Status.ENDED}
"""What staff may still turn into an arrival on the same day."""


class Arrivals(Counter[ArrivalStore]):
    """Notes arrivals, calls and visits; cancels in the hall's name."""

    async def arrive(self, citizen: str, code: str) -> Appointment:
        """The citizen says that they are there; saying it again changes nothing.

        Raises:
            Refused: NOT_FOUND, CONFIRM_FIRST, WRONG_STATE, TOO_EARLY_TO_ARRIVE or
                TOO_LATE_TO_ARRIVE.
        """
        record = await self._find(code)
        if record.citizen != self._citizen(citizen):
            raise Refused(RefusalCode.NOT_FOUND)
        if record.status is Status.CHECKED_IN:
            return self._appointment(record)
        now, rules = self._clock(), (await self._catalog()).hall.booking
        earliest = timedelta(minutes=rules.arrive_minutes)

        def check(current: Record) -> None:
            if current.status is Status.HELD:
                raise Refused(RefusalCode.CONFIRM_FIRST)
            if current.status is not Status.BOOKED or current.kind is Kind.HOME:
                raise _wrong(current)
            if now < current.starts_at - earliest:
                since = current.starts_at - earliest
                when = f"{chinese(since.date())}{since:%H:%M}"
                raise Refused.because(RefusalCode.TOO_EARLY_TO_ARRIVE, time=when)
            if now > current.ends_at:
                raise Refused(RefusalCode.TOO_LATE_TO_ARRIVE)

        def change(current: Record) -> Record:
            return replace(current, status=Status.CHECKED_IN, checked_in_at=now)

        check(record)
        return self._appointment(await self._store.arrive(record, change, now, check=check))

    async def check_in(self, code: str, staff: str) -> Appointment:
        """Staff note that the citizen is there, late or early, on the day itself.

        Whoever counted as a no-show is none, nor suspended for it.

        Raises:
            Refused: NOT_FOUND, NOT_THAT_DAY, WRONG_STATE, or ALREADY_BOOKED when the citizen has
                booked the item anew since.
        """
        now = self._clock()

        def change(current: Record) -> Record:
            return replace(current, status=Status.CHECKED_IN, checked_in_at=now)

        return await self._staff(code, Deed(staff, "check in"), _CAME_AFTER_ALL, change)

    async def call(self, code: str, window: str, staff: str) -> Appointment:
        """A window calls a citizen who has arrived.

        Raises:
            Refused: NOT_FOUND, UNKNOWN_WINDOW, NOT_THAT_DAY or WRONG_STATE.
        """
        catalog, record, now = await self._catalog(), await self._find(code), self._clock()
        place = catalog.places.get(record.place)
        if place is None or place.window(window) is None:
            raise Refused(RefusalCode.UNKNOWN_WINDOW)

        def change(current: Record) -> Record:
            return replace(current, window=window, called_at=now)

        return await self._staff(code, Deed(staff, "call"), {Status.CHECKED_IN}, change)

    async def serve(self, code: str, staff: str) -> Appointment:
        """The visit is over; the citizen is asked how it was.

        Raises:
            Refused: NOT_FOUND, NOT_THAT_DAY or WRONG_STATE.
        """
        now, rules = self._clock(), (await self._catalog()).hall.booking

        def change(current: Record) -> Record:
            came = current.checked_in_at or now
            return replace(current, status=Status.SERVED, checked_in_at=came, served_at=now)

        def message(current: Record) -> Due:
            return rate_us(current, rules, now)

        came = {Status.BOOKED, Status.CHECKED_IN}
        return await self._staff(code, Deed(staff, "serve"), came, change, message)

    async def miss(self, code: str, staff: str) -> Appointment:
        """Staff note that the citizen did not come, with what the hall's rules say to that.

        Raises:
            Refused: NOT_FOUND, NOT_THAT_DAY or WRONG_STATE.
        """
        record, now = await self._find(code), self._clock()
        deed, rules = Deed(staff, "no-show"), strikes(await self._catalog())
        day_check = self._check({Status.BOOKED})

        def check(current: Record) -> None:
            day_check(current)
            if current.starts_at > now or current.affected_at is not None:
                raise _wrong(current)

        check(record)
        if rules is not None:
            return self._appointment(await self._store.miss(record, rules, now, check, deed))

        def change(current: Record) -> Record:
            return replace(current, status=Status.NO_SHOW)

        missed = await self._store.arrive(record, change, now, check=check, deed=deed)
        return self._appointment(missed)

    async def cancel(self, code: str, reason: str, staff: str) -> Appointment:
        """Cancel an appointment in the hall's name; the citizen is told why.

        Raises:
            Refused: NOT_FOUND or WRONG_STATE.
        """
        record, now = await self._find(code), self._clock()
        message = news(MessageKind.CANCELLED, record, now, reason)
        deed = Deed(staff, "cancel")
        return self._appointment(await self._store.cancel_by_hall(record, message, now, deed))

    async def _staff(
        self,
        code: str,
        deed: Deed,
        before: set[Status],
        change: Callable[[Record], Record],
        message: Callable[[Record], Due] | None = None,
    ) -> Appointment:
        record, check = await self._find(code), self._check(before)
        check(record)
        told = [] if message is None else [message(record)]
        kept = await self._store.arrive(
            record, change, self._clock(), check=check, messages=told, deed=deed
        )
        return self._appointment(kept)

    def _check(self, before: set[Status]) -> Check:
        """Whether staff may change an appointment: of today, and in one of these states."""
        today = self._clock().date()

        def check(current: Record) -> None:
            if current.starts_at.date() != today:
                raise Refused.because(
                    RefusalCode.NOT_THAT_DAY, day=chinese(current.starts_at.date())
                )
            if current.status not in before:
                raise _wrong(current)

        return check

    async def _find(self, code: str) -> Record:
        ticket = read_code(code)
        record = await self._store.by_code(ticket) if ticket else None
        if record is None:
            raise Refused(RefusalCode.NOT_FOUND)
        return record


def _wrong(record: Record) -> Refused:
    return Refused.because(RefusalCode.WRONG_STATE, state=record.status.chinese)
