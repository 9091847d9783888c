"""The backend's client: what actions call to see free slots, book, list and cancel.

Every call ends within the time-out, in one of three ways: a value, `Refused` (the backend's no,
with a sentence for the citizen) or `BackendUnavailable`. It imports neither Sanic nor SQLAlchemy.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable, Mapping
from datetime import date, datetime
from typing import Any, TypeVar
from urllib.parse import quote

import aiohttp

from booking.errors import BackendUnavailable, RefusalCode, Refused
from booking.values import Appointment, Day, Slot

Value = TypeVar("Value")


class BookingClient:
    """Talks to one backend over one HTTP session, which opens on first use.

    Also an async context manager that closes itself.
    """

    def __init__(self, base_url: str, key: str, timeout_seconds: float = 2.0) -> None:
        self._base_url = base_url.rstrip("/")
        self._headers = {"Authorization": f"Bearer {key}"}
        self._timeout = aiohttp.ClientTimeout(total=timeout_seconds)
        self._session: aiohttp.ClientSession | None = None

    async def __aenter__(self) -> BookingClient:
        return self

    async def __aexit__(self, *error: object) -> None:
        await self.close()

    async def close(self) -> None:
        """Close the session; a later call opens a new one."""
        if self._session is not None:
            await self._session.close()
            self._session = None

    async def availability(
        self, service: str, first: date, until: date, place: str | None = None
    ) -> tuple[Day, ...]:
        """Every day from `first` to `until` (31 at most) at one place, or at each of the service.

        Raises:
            Refused: UNKNOWN_SERVICE, NOT_BOOKABLE, UNKNOWN_PLACE or BAD_REQUEST.
            BackendUnavailable: No usable answer came.
        """
        query = {"service": service, "from": first.isoformat(), "until": until.isoformat()}
        return await self._call(
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
        return await self._call(
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
        return await self._call(
            "POST",
            "/v1/appointments",
            Appointment.from_json,
            json=body,
            headers={"Idempotency-Key": idempotency_key},
        )

    async def appointments(self, citizen: str) -> tuple[Appointment, ...]:
        """The citizen's open appointments, earliest first.

        Raises:
            Refused: BAD_REQUEST or BAD_KEY.
            BackendUnavailable: No usable answer came.
        """
        return await self._call(
            "POST",
            "/v1/appointments/search",
            lambda data: tuple(Appointment.from_json(one) for one in data["appointments"]),
            json={"citizen": citizen},
        )

    async def cancel(self, citizen: str, code: str) -> Appointment:
        """Cancel the citizen's own appointment; `code` may be typed with blanks or in lower case.

        Raises:
            Refused: NOT_FOUND, ALREADY_CANCELLED, TOO_LATE_TO_CANCEL or BAD_REQUEST.
            BackendUnavailable: No usable answer came; it may have been cancelled or not.
        """
        ticket = quote("".join(code.split()), safe="") or "-"
        return await self._call(
            "POST",
            f"/v1/appointments/{ticket}/cancel",
            Appointment.from_json,
            json={"citizen": citizen},
        )

    async def _call(
        self,
        method: str,
        path: str,
        read: Callable[[Mapping[str, Any]], Value],
        **request: Any,  # noqa: ANN401 - handed through to aiohttp
    ) -> Value:
        url = self._base_url + path
        try:
            async with self._open().request(
                method, url, allow_redirects=False, **request
            ) as response:
                status, body = response.status, await response.read()
        except (aiohttp.ClientError, asyncio.TimeoutError, OSError) as error:
            raise BackendUnavailable(f"{method} {type(error).__name__}") from error
        if status >= 500:
            raise BackendUnavailable(f"{method} answered {status}")
        try:
            data = json.loads(body)
            if status < 300:
                return read(data)
            refused = _refused(data)
        except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
            # Not chained: the message could hold a piece of the body.
            raise BackendUnavailable(f"{method} answered {status} with a broken body") from None
        raise refused

    def _open(self) -> aiohttp.ClientSession:
        if self._session is None:
            self._session = aiohttp.ClientSession(headers=self._headers, timeout=self._timeout)
        return self._session


def _with_place(query: dict[str, str], place: str | None) -> dict[str, str]:
    return query if place is None else {**query, "place": place}


def _refused(problem: Mapping[str, Any]) -> Refused:
    return Refused(
        RefusalCode[problem["code"]],
        str(problem["detail"]),
        tuple(Slot.from_json(slot) for slot in problem["nearest"]),
        str(problem.get("note", "")),
    )
