"""The office's client for staff: what the command line calls.

Every call names the staff member, whom the backend notes beside what was read in clear or changed.
A call ends within the time-out in a value, `Refused` or `BackendUnavailable`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date, datetime
from typing import Any, TypeVar
from urllib.parse import quote

from booking.client import refused
from booking.errors import BackendUnavailable
from booking.message_values import MessageState
from booking.staff_values import Affected, Closure, Figure, Line, Message, Read, Suspension
from booking.transport import Transport, in_path
from booking.values import Appointment

Value = TypeVar("Value")
_ROOT = "/v1/staff"


class BookingStaffClient:
    """Talks to one backend in the name of one staff member; an async context manager."""

    def __init__(self, base_url: str, key: str, staff: str, timeout_seconds: float = 10.0) -> None:
        self._transport = Transport(
            base_url, key, timeout_seconds, refused=refused, unavailable=BackendUnavailable
        )
        self._name = {"X-Staff": quote(staff)}  # a header is ASCII, a name is not

    async def __aenter__(self) -> BookingStaffClient:
        return self

    async def __aexit__(self, *error: object) -> None:
        await self._transport.close()

    async def day(self, day: date, place: str | None = None) -> tuple[Line, ...]:
        """A day's appointments, those given up too, earliest first.

        Raises:
            Refused: UNKNOWN_PLACE.
            BackendUnavailable: No usable answer came.
        """
        where = {} if place is None else {"place": place}
        return await self._get(
            "appointments",
            lambda data: tuple(Line.from_json(one) for one in data["appointments"]),
            {"day": day.isoformat(), **where},
        )

    async def read(self, code: str) -> Read:
        """One appointment in clear; that it was read is noted.

        Raises:
            Refused: NOT_FOUND.
            BackendUnavailable: No usable answer came.
        """
        return await self._post(f"appointments/{in_path(code)}/read", Read.from_json)

    async def check_in(self, code: str) -> Appointment:
        """The citizen is there.

        Raises:
            Refused: NOT_FOUND, NOT_THAT_DAY or WRONG_STATE.
            BackendUnavailable: No usable answer came; it may have been noted or not.
        """
        return await self._change(code, "check-in")

    async def call(self, code: str, window: str) -> Appointment:
        """A window calls the citizen.

        Raises:
            Refused: NOT_FOUND, UNKNOWN_WINDOW, NOT_THAT_DAY or WRONG_STATE.
            BackendUnavailable: No usable answer came; repeating is safe.
        """
        return await self._change(code, "call", {"window": window})

    async def serve(self, code: str) -> Appointment:
        """The visit is over.

        Raises:
            Refused: NOT_FOUND, NOT_THAT_DAY or WRONG_STATE.
            BackendUnavailable: No usable answer came; it may have been noted or not.
        """
        return await self._change(code, "serve")

    async def no_show(self, code: str) -> Appointment:
        """The citizen did not come.

        Raises:
            Refused: NOT_FOUND, NOT_THAT_DAY or WRONG_STATE.
            BackendUnavailable: No usable answer came; it may have been noted or not.
        """
        return await self._change(code, "no-show")

    async def cancel(self, code: str, reason: str) -> Appointment:
        """Cancel in the hall's name; the citizen is told `reason`.

        Raises:
            Refused: NOT_FOUND or WRONG_STATE.
            BackendUnavailable: No usable answer came; it may have been cancelled or not.
        """
        return await self._change(code, "cancel", {"reason": reason})

    async def closures(self) -> tuple[Closure, ...]:
        """What is shut now or later, earliest first."""
        return await self._get(
            "closures", lambda data: tuple(Closure.from_json(one) for one in data["closures"])
        )

    async def shut(
        self,
        place: str,
        window: str | None,
        since: datetime,
        until: datetime,
        *,
        reason: str,
        idempotency_key: str,
    ) -> tuple[Closure, tuple[Affected, ...]]:
        """Shut a window, or with None a whole place; gives whom that hits, who are not told yet.

        Raises:
            Refused: UNKNOWN_PLACE, UNKNOWN_WINDOW, PAST or BAD_REQUEST.
            BackendUnavailable: No usable answer came; repeat it with the same key.
        """
        body = {
            "place": place,
            "window": window,
            "since": since.isoformat(),
            "until": until.isoformat(),
            "reason": reason,
        }

        def read(data: Mapping[str, Any]) -> tuple[Closure, tuple[Affected, ...]]:
            return Closure.from_json(data["closure"]), _affected(data)

        return await self._post("closures", read, body, {"Idempotency-Key": idempotency_key})

    async def open_again(self, closure: str) -> Closure:
        """Lift a closure.

        Raises:
            Refused: UNKNOWN_CLOSURE.
            BackendUnavailable: No usable answer came; it may have been lifted or not.
        """
        return await self._post(f"closures/{in_path(closure)}/open", Closure.from_json)

    async def affected(self) -> tuple[Affected, ...]:
        """The appointments that can't be kept as things stand now, earliest first."""
        return await self._get("affected", _affected)

    async def tell_affected(self) -> tuple[int, int]:
        """Tell them, and those whose time can be kept after all; gives how many of each."""
        return await self._post(
            "affected/tell", lambda data: (int(data["told"]), int(data["restored"]))
        )

    async def suspensions(self) -> tuple[Suspension, ...]:
        """Who may not book now, the soonest to end first."""
        return await self._get(
            "suspensions",
            lambda data: tuple(Suspension.from_json(one) for one in data["suspensions"]),
        )

    async def lift(self, suspension: str) -> Suspension:
        """End a suspension; the citizen is told.

        Raises:
            Refused: NOT_SUSPENDED.
            BackendUnavailable: No usable answer came; it may have been lifted or not.
        """
        path = f"suspensions/{in_path(suspension)}/lift"
        return await self._post(path, Suspension.from_json)

    async def messages(self, state: MessageState = MessageState.DEAD) -> tuple[Message, ...]:
        """Messages of this state, the latest due first, 500 at most."""
        return await self._get(
            "messages",
            lambda data: tuple(Message.from_json(one) for one in data["messages"]),
            {"state": state.value},
        )

    async def send_again(self, message: str) -> None:
        """Let a dead message be tried again.

        Raises:
            Refused: UNKNOWN_MESSAGE.
            BackendUnavailable: No usable answer came; it may wait again or not.
        """
        await self._post(f"messages/{in_path(message)}/again", lambda data: bool(data["again"]))

    async def figures(self, first: date, until: date) -> tuple[Figure, ...]:
        """Figures by place and item, of the appointments from `first` to `until`, both included.

        Raises:
            Refused: BAD_REQUEST, the span is longer than a year.
            BackendUnavailable: No usable answer came.
        """
        return await self._get(
            "figures",
            lambda data: tuple(Figure.from_json(one) for one in data["figures"]),
            {"from": first.isoformat(), "until": until.isoformat()},
        )

    async def _change(
        self, code: str, what: str, body: Mapping[str, Any] | None = None
    ) -> Appointment:
        path = f"appointments/{in_path(code)}/{what}"
        return await self._post(path, Appointment.from_json, body)

    async def _get(
        self,
        path: str,
        read: Callable[[Mapping[str, Any]], Value],
        query: Mapping[str, str] | None = None,
    ) -> Value:
        return await self._transport.call(
            "GET", f"{_ROOT}/{path}", read, params=query or {}, headers=self._name
        )

    async def _post(
        self,
        path: str,
        read: Callable[[Mapping[str, Any]], Value],
        body: Mapping[str, Any] | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> Value:
        return await self._transport.call(
            "POST",
            f"{_ROOT}/{path}",
            read,
            json=body or {},
            headers={**self._name, **(headers or {})},
        )


def _affected(data: Mapping[str, Any]) -> tuple[Affected, ...]:
    return tuple(Affected.from_json(one) for one in data["affected"])
