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
    TicketFiles,
    texts,
)


class BookingClient:
    """Talks to one backend over one HTTP session, which opens on first use.

    Also an async context manager that closes itself.
    """

    def __init__(self, base_url: str, key: str, timeout_seconds: float = 2.0) -> None:
        self._transport = Transport(
            base_url, key, timeout_seconds, refused=refused, unavailable=BackendUnavailable
        )

    async def __aenter__(self) -> BookingClient:
        return self

    async def __aexit__(self, *error: object) -> None:
        await self.close()

    async def close(self) -> None:
        """Close the session; a later call opens a new one."""
        await self._transport.close()

    async def availability(
        self,
        service: str,
        first: date,
        until: date,
        place: str | None = None,
        priority: str | None = None,
    ) -> tuple[Day, ...]:
        """Every day from `first` to `until` (31 at most) at one place, or at each of the service.

        Raises:
            Refused: UNKNOWN_SERVICE, NOT_BOOKABLE, UNKNOWN_PLACE, UNKNOWN_PRIORITY or BAD_REQUEST.
            BackendUnavailable: No usable answer came.
        """
        query = {"service": service, "from": first.isoformat(), "until": until.isoformat()}
        return await self._transport.call(
            "GET",
            "/v1/availability",
            lambda data: tuple(Day.from_json(day) for day in data["days"]),
            params=_given(query, place=place, priority=priority),
        )

    async def nearest(
        self,
        service: str,
        wanted: datetime,
        place: str | None = None,
        limit: int = 3,
        priority: str | None = None,
    ) -> tuple[Slot, ...]:
        """Up to `limit` (1 to 20) free slots nearest to `wanted`, nearest first.

        Raises:
            Refused: UNKNOWN_SERVICE, NOT_BOOKABLE, UNKNOWN_PLACE, UNKNOWN_PRIORITY or BAD_REQUEST.
            BackendUnavailable: No usable answer came.
        """
        query = {"service": service, "wanted": wanted.isoformat(), "limit": str(limit)}
        return await self._transport.call(
            "GET",
            "/v1/nearest",
            lambda data: tuple(Slot.from_json(slot) for slot in data["slots"]),
            params=_given(query, place=place, priority=priority),
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
        **more: object,
    ) -> Appointment:
        """Book the slot that begins at `start`, of a service or a bundle.

        Safe to repeat after `BackendUnavailable` with the same `idempotency_key`: if the first try
        was booked after all, its appointment comes back.

        Args:
            citizen: The citizen's id in the channel.
            service: Id of the service or bundle.
            place: Place id.
            start: When the slot begins.
            name: The citizen's name.
            phone: The citizen's mobile number.
            idempotency_key: Names this wish.
            more: `priority`, `principal`, `id_number`, `announce`; see `booking.wishes.Wish`.

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
            **more,
        }
        return await self._appointment("/v1/appointments", body, idempotency_key)

    async def hold(
        self,
        *,
        citizen: str,
        service: str,
        place: str,
        start: datetime,
        idempotency_key: str,
        **more: object,
    ) -> Appointment:
        """Have the slot kept for some minutes (`expires`); an earlier hold for it is given up.

        Args:
            citizen: The citizen's id in the channel.
            service: Id of the service or bundle.
            place: Place id.
            start: When the slot begins.
            idempotency_key: Names this wish.
            more: `priority` and `principal`; see `booking.wishes.HoldWish`.

        Raises:
            Refused: As `book`.
            BackendUnavailable: No usable answer came; a hold that was made ends by itself.
        """
        body = {
            "citizen": citizen,
            "service": service,
            "place": place,
            "start": start.isoformat(),
            **more,
        }
        return await self._appointment("/v1/holds", body, idempotency_key)

    async def confirm(
        self,
        citizen: str,
        code: str,
        *,
        name: str,
        phone: str,
        idempotency_key: str,
        id_number: str | None = None,
    ) -> Appointment:
        """Make a hold an appointment; one that has expired is taken anew if there is room.

        Raises:
            Refused: NOT_FOUND, NOT_HELD, or as `book`.
            BackendUnavailable: No usable answer came; it may have been booked or not.
        """
        body = {"citizen": citizen, "name": name, "phone": phone, "id_number": id_number}
        path = f"/v1/holds/{in_path(code)}/confirm"
        return await self._appointment(path, body, idempotency_key)

    async def arrive(self, citizen: str, code: str) -> Appointment:
        """The citizen is at the hall; saying it again changes nothing.

        Raises:
            Refused: NOT_FOUND, CONFIRM_FIRST, WRONG_STATE, TOO_EARLY_TO_ARRIVE,
                TOO_LATE_TO_ARRIVE or BAD_REQUEST.
            BackendUnavailable: No usable answer came; repeating is safe.
        """
        path = f"/v1/appointments/{in_path(code)}/arrive"
        return await self._appointment(path, {"citizen": citizen})

    async def ticket(self, citizen: str, code: str) -> TicketFiles:
        """The QR code and the calendar file of a booked appointment.

        Raises:
            Refused: NOT_FOUND, WRONG_STATE or BAD_REQUEST.
            BackendUnavailable: No usable answer came.
        """
        return await self._transport.call(
            "POST",
            f"/v1/appointments/{in_path(code)}/ticket",
            TicketFiles.from_json,
            json={"citizen": citizen},
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

    async def cancel(self, citizen: str, code: str, *, idempotency_key: str) -> Appointment:
        """Cancel the citizen's own appointment or home visit, or give up a hold.

        `code` may be typed with blanks or in lower case. Safe to repeat with the same key.

        Raises:
            Refused: NOT_FOUND, ALREADY_CANCELLED, WRONG_STATE, TOO_LATE_TO_CANCEL or BAD_REQUEST.
            BackendUnavailable: No usable answer came; it may have been cancelled or not.
        """
        path = f"/v1/appointments/{in_path(code)}/cancel"
        return await self._appointment(path, {"citizen": citizen}, idempotency_key)

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
            Refused: NOT_FOUND, ALREADY_CANCELLED, CONFIRM_FIRST, WRONG_STATE, TOO_LATE_TO_MOVE,
                SAME_TIME, HOME_VISIT_NOT_MOVABLE, or what booking the new time would be refused
                with.
            BackendUnavailable: No usable answer came; it may have been moved or not.
        """
        body = _given({"citizen": citizen, "start": start.isoformat()}, place=place)
        path = f"/v1/appointments/{in_path(code)}/move"
        return await self._appointment(path, body, idempotency_key)

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
        return await self._appointment("/v1/home-visits", body, idempotency_key)

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

    async def _appointment(
        self, path: str, body: Mapping[str, Any], key: str | None = None
    ) -> Appointment:
        headers = {} if key is None else {"Idempotency-Key": key}
        return await self._transport.call(
            "POST", path, Appointment.from_json, json=body, headers=headers
        )


def _given(query: dict[str, str], **more: str | None) -> dict[str, str]:
    """The query with those of the others that are given."""
    return {**query, **{name: value for name, value in more.items() if value is not None}}


def _plates(data: Mapping[str, Any]) -> tuple[PlateDay, ...]:
    return tuple(PlateDay.from_json(one) for one in data["plates"])


def refused(problem: Problem) -> Refused:
    """What the backend refused, from its problem."""
    return Refused(
        RefusalCode[problem["code"]],
        str(problem["detail"]),
        tuple(Slot.from_json(slot) for slot in problem["nearest"]),
        str(problem.get("note", "")),
    )
