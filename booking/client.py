"""The backend's client: what actions call to see what is free, book, move, list and cancel.

Every call ends within the time-out, in one of three ways: a value, `Refused` (the backend's no,
with a sentence for the citizen) or `BackendUnavailable`. It imports neither Sanic nor SQLAlchemy.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from booking.errors import BackendUnavailable, RefusalCode, Refused
from booking.transport import Problem, Transport, in_path
from booking.values import (
    Appointment,
    Day,
    Erased,
    Half,
    HomeVisitDay,
    PlateDay,
    Slot,
    texts,
)


class BookingClient:
    """Talks to one backend over one HTTP session, which opens on first use.

    Also an async context manager that closes itself.
    """

    def __init__(self, base_url: str, key: str, timeout_seconds: float = 2.0) -> None:
        self._transport = Transport(
            base_url, key, timeout_seconds, refused=_refused, unavailable=BackendUnavailable
        )

    async def __aenter__(self) -> BookingClient:
        return self

    async def __aexit__(self, *error: object) -> None:
        await self.close()

    async def close(self) -> None:
        """Close the session; a later call opens a new one."""
        await self._transport.close()

    async def availability(
        self, service: str, first: date, until: date, place: str | None = None
    ) -> tuple[Day, ...]:
        """Every day from `first` to `until` (31 at most) at one place, or at each of the service.

        Raises:
            Refused: UNKNOWN_SERVICE, NOT_BOOKABLE, UNKNOWN_PLACE or BAD_REQUEST.
            BackendUnavailable: No usable answer came.
        """
        query = {"service": service, "from": first.isoformat(), "until": until.isoformat()}
        return await self._transport.call(
            "GET",
            "/v1/availability",
            lambda data: tuple(Day.from_json(day) for day in data["days"]),
            params=_with_place(query, place),
        )

    async def nearest(
        self, service: str, wanted: datetime, place: str | None = None, limit: int = 3
    ) -> tuple[Slot, ...]:
        """Up to `limit` (1 to 20) free slots nearest to `wanted`, nearest first.

        Raises:
            Refused: UNKNOWN_SERVICE, NOT_BOOKABLE, UNKNOWN_PLACE or BAD_REQUEST.
            BackendUnavailable: No usable answer came.
        """
        query = {"service": service, "wanted": wanted.isoformat(), "limit": str(limit)}
        return await self._transport.call(
            "GET",
            "/v1/nearest",
            lambda data: tuple(Slot.from_json(slot) for slot in data["slots"]),
            params=_with_place(query, place),
        )

    async def book(
        self,
        *,
        citizen: str,
        service: str,
        place: str,
        start: datetime,
        name: str,
        phone: str,
        idempotency_key: str,
    ) -> Appointment:
        """Book the slot that begins at `start`.

        Safe to repeat after `BackendUnavailable` with the same `idempotency_key`: if the first try
        was booked after all, its appointment comes back.

        Raises:
            Refused: The rules, the limits or the slot don't allow it, or a field is wrong.
            BackendUnavailable: No usable answer came; it may have been booked or not.
        """
        body = {
            "citizen": citizen,
            "service": service,
            "place": place,
            "start": start.isoformat(),
            "name": name,
            "phone": phone,
        }
        return await self._transport.call(
            "POST",
            "/v1/appointments",
            Appointment.from_json,
            json=body,
            headers={"Idempotency-Key": idempotency_key},
        )

    async def appointments(self, citizen: str) -> tuple[Appointment, ...]:
        """The citizen's open appointments and home visits, earliest first.

        Raises:
            Refused: BAD_REQUEST or BAD_KEY.
            BackendUnavailable: No usable answer came.
        """
        return await self._transport.call(
            "POST",
            "/v1/appointments/search",
            lambda data: tuple(Appointment.from_json(one) for one in data["appointments"]),
            json={"citizen": citizen},
        )

    async def cancel(self, citizen: str, code: str) -> Appointment:
        """Cancel the citizen's own appointment or home visit.

        `code` may be typed with blanks or in lower case.

        Raises:
            Refused: NOT_FOUND, ALREADY_CANCELLED, TOO_LATE_TO_CANCEL or BAD_REQUEST.
            BackendUnavailable: No usable answer came; it may have been cancelled or not.
        """
        return await self._transport.call(
            "POST",
            f"/v1/appointments/{in_path(code)}/cancel",
            Appointment.from_json,
            json={"citizen": citizen},
        )

    async def move(
        self,
        citizen: str,
        code: str,
        start: datetime,
        place: str | None = None,
        *,
        idempotency_key: str,
    ) -> Appointment:
        """Move the citizen's own appointment to `start`, and to another place when one is given.

        The ticket code stays. Safe to repeat with the same `idempotency_key`, as `book` is.

        Raises:
            Refused: NOT_FOUND, ALREADY_CANCELLED, TOO_LATE_TO_MOVE, SAME_TIME,
                HOME_VISIT_NOT_MOVABLE, or what booking the new time would be refused with.
            BackendUnavailable: No usable answer came; it may have been moved or not.
        """
        body = {"citizen": citizen, "start": start.isoformat()}
        return await self._transport.call(
            "POST",
            f"/v1/appointments/{in_path(code)}/move",
            Appointment.from_json,
            json=_with_place(body, place),
            headers={"Idempotency-Key": idempotency_key},
        )

    async def home_visit_days(self, rule: str) -> tuple[HomeVisitDay, ...]:
        """The days on which this kind of home visit can be booked now, earliest first.

        Raises:
            Refused: UNKNOWN_HOME_VISIT or BAD_REQUEST.
            BackendUnavailable: No usable answer came.
        """
        return await self._transport.call(
            "GET",
            "/v1/home-visits/days",
            lambda data: tuple(HomeVisitDay.from_json(day) for day in data["days"]),
            params={"rule": rule},
        )

    async def book_home_visit(
        self,
        *,
        citizen: str,
        rule: str,
        service: str,
        day: date,
        half: Half,
        age: int | None = None,
        address: str,
        name: str,
        phone: str,
        idempotency_key: str,
    ) -> Appointment:
        """Book a home visit; safe to repeat with the same `idempotency_key`, as `book` is.

        Raises:
            Refused: The rule, the team or the calendar don't allow it, or a field is wrong.
            BackendUnavailable: No usable answer came; it may have been booked or not.
        """
        body = {
            "citizen": citizen,
            "rule": rule,
            "service": service,
            "day": day.isoformat(),
            "half": half.value,
            "age": age,
            "address": address,
            "name": name,
            "phone": phone,
        }
        return await self._transport.call(
            "POST",
            "/v1/home-visits",
            Appointment.from_json,
            json=body,
            headers={"Idempotency-Key": idempotency_key},
        )

    async def register_plate(self, citizen: str, plate: str, day: date) -> PlateDay:
        """Register a number plate for parking at the hall on `day`; again changes nothing.

        Raises:
            Refused: NO_PLATES, BAD_PLATE, PAST, PLATE_TOO_FAR, CLOSED_DAY, UNANNOUNCED,
                PLATE_TAKEN, PLATE_LIMIT or BAD_REQUEST.
            BackendUnavailable: No usable answer came; it may have been registered or not.
        """
        return await self._transport.call(
            "POST",
            "/v1/parking",
            PlateDay.from_json,
            json={"citizen": citizen, "plate": plate, "day": day.isoformat()},
        )

    async def plates(self, citizen: str) -> tuple[PlateDay, ...]:
        """The citizen's plates of today and later, earliest first.

        Raises:
            Refused: BAD_REQUEST or BAD_KEY.
            BackendUnavailable: No usable answer came.
        """
        return await self._transport.call(
            "POST", "/v1/parking/search", _plates, json={"citizen": citizen}
        )

    async def cancel_plates(self, citizen: str, day: date) -> tuple[PlateDay, ...]:
        """Give up all of the citizen's plates of `day`; tells which they were.

        Raises:
            Refused: PLATE_NOT_FOUND or BAD_REQUEST.
            BackendUnavailable: No usable answer came; they may have been given up or not.
        """
        return await self._transport.call(
            "POST",
            "/v1/parking/cancel",
            _plates,
            json={"citizen": citizen, "day": day.isoformat()},
        )

    async def plates_on(self, day: date) -> tuple[str, ...]:
        """All plates of `day` in clear, for the gate and for staff; never for the chat.

        Raises:
            Refused: BAD_REQUEST or BAD_KEY.
            BackendUnavailable: No usable answer came.
        """
        return await self._transport.call(
            "GET",
            "/v1/parking/day",
            lambda data: texts(data["plates"]),
            params={"day": day.isoformat()},
        )

    async def erase(self, citizen: str, cancel_open: bool = False) -> Erased:
        """Erase the citizen's personal data; with `cancel_open` give up what is still booked.

        Raises:
            Refused: OPEN_APPOINTMENTS or BAD_REQUEST.
            BackendUnavailable: No usable answer came; it may have been erased or not.
        """
        return await self._transport.call(
            "POST",
            "/v1/citizens/erase",
            Erased.from_json,
            json={"citizen": citizen, "cancel_open": cancel_open},
        )


def _with_place(query: dict[str, str], place: str | None) -> dict[str, str]:
    return query if place is None else {**query, "place": place}


def _plates(data: Mapping[str, Any]) -> tuple[PlateDay, ...]:
    return tuple(PlateDay.from_json(one) for one in data["plates"])


def _refused(problem: Problem) -> Refused:
    return Refused(
        RefusalCode[problem["code"]],
        str(problem["detail"]),
        tuple(Slot.from_json(slot) for slot in problem["nearest"]),
        str(problem.get("note", "")),
    )
