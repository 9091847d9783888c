"""The routes of the office that are for staff: each call names who makes it in X-Staff.

They read the request, ask the office and write JSON. Every change, and every reading in clear, ends
in the audit.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from sanic import Sanic
from sanic.request import Request
from sanic.response import HTTPResponse

from booking.arrivals import Arrivals
from booking.intake import (
    ClosureBody,
    FiguresQuery,
    MessagesQuery,
    NothingBody,
    ReasonBody,
    StaffDayQuery,
    WindowBody,
    read_body,
    read_query,
    read_staff,
)
from booking.problems import json_answer
from booking.routes import asked, key_of
from booking.staff_office import StaffOffice
from booking.values import Appointment

_ROOT = "/v1/staff"
_ONE = f"{_ROOT}/appointments/<code>"


def add_staff(app: Sanic, office: StaffOffice, arrivals: Arrivals) -> None:
    """Add all that is for staff."""
    _add_day(app, office)
    _add_arrivals(app, arrivals)
    _add_closures(app, office)
    _add_citizens(app, office)
    _add_overview(app, office)


def _add_day(app: Sanic, office: StaffOffice) -> None:
    @app.get(f"{_ROOT}/appointments")
    async def staff_day(request: Request) -> HTTPResponse:
        read_staff(request.headers.get("X-Staff"))
        query = read_query(StaffDayQuery, asked(request))
        lines = await office.day(query.day, query.place)
        return json_answer({"appointments": [line.as_json() for line in lines]})

    @app.post(f"{_ONE}/read")
    async def staff_read(request: Request, code: str) -> HTTPResponse:
        staff = _staff(request)
        return json_answer((await office.read(code, staff)).as_json())


def _add_arrivals(app: Sanic, arrivals: Arrivals) -> None:
    def add(what: str, do: Callable[[str, str], Awaitable[Appointment]]) -> None:
        async def change(request: Request, code: str) -> HTTPResponse:
            return json_answer((await do(code, _staff(request))).as_json())

        name = f"staff_{what.replace('-', '_')}"
        app.add_route(change, f"{_ONE}/{what}", methods=["POST"], name=name)

    add("check-in", arrivals.check_in)
    add("serve", arrivals.serve)
    add("no-show", arrivals.miss)

    @app.post(f"{_ONE}/call")
    async def staff_call(request: Request, code: str) -> HTTPResponse:
        staff = read_staff(request.headers.get("X-Staff"))
        window = read_body(WindowBody, request.body).window
        return json_answer((await arrivals.call(code, window, staff)).as_json())

    @app.post(f"{_ONE}/cancel")
    async def staff_cancel(request: Request, code: str) -> HTTPResponse:
        staff = read_staff(request.headers.get("X-Staff"))
        reason = read_body(ReasonBody, request.body).reason
        return json_answer((await arrivals.cancel(code, reason, staff)).as_json())


def _add_closures(app: Sanic, office: StaffOffice) -> None:
    @app.get(f"{_ROOT}/closures")
    async def closures(request: Request) -> HTTPResponse:
        read_staff(request.headers.get("X-Staff"))
        return json_answer({"closures": [one.as_json() for one in await office.closures()]})

    @app.post(f"{_ROOT}/closures")
    async def shut(request: Request) -> HTTPResponse:
        staff, key = read_staff(request.headers.get("X-Staff")), key_of(request)
        body = read_body(ClosureBody, request.body)
        kept, hit = await office.shut(dict(body), staff, key)
        found = {"closure": kept.as_json(), "affected": [one.as_json() for one in hit]}
        return json_answer(found, status=201)

    @app.post(f"{_ROOT}/closures/<closure>/open")
    async def open_again(request: Request, closure: str) -> HTTPResponse:
        return json_answer((await office.open_again(closure, _staff(request))).as_json())

    @app.get(f"{_ROOT}/affected")
    async def hit(request: Request) -> HTTPResponse:
        read_staff(request.headers.get("X-Staff"))
        return json_answer({"affected": [one.as_json() for one in await office.affected()]})

    @app.post(f"{_ROOT}/affected/tell")
    async def tell(request: Request) -> HTTPResponse:
        told, restored = await office.tell_affected(_staff(request))
        return json_answer({"told": told, "restored": restored})


def _add_citizens(app: Sanic, office: StaffOffice) -> None:
    @app.get(f"{_ROOT}/suspensions")
    async def suspensions(request: Request) -> HTTPResponse:
        read_staff(request.headers.get("X-Staff"))
        return json_answer({"suspensions": [one.as_json() for one in await office.suspensions()]})

    @app.post(f"{_ROOT}/suspensions/<suspension>/lift")
    async def lift(request: Request, suspension: str) -> HTTPResponse:
        return json_answer((await office.lift(suspension, _staff(request))).as_json())


def _add_overview(app: Sanic, office: StaffOffice) -> None:
    @app.get(f"{_ROOT}/messages")
    async def messages(request: Request) -> HTTPResponse:
        read_staff(request.headers.get("X-Staff"))
        query = read_query(MessagesQuery, asked(request))
        found = await office.messages(query.state)
        return json_answer({"messages": [one.as_json() for one in found]})

    @app.post(f"{_ROOT}/messages/<message>/again")
    async def again(request: Request, message: str) -> HTTPResponse:
        await office.send_again(message, _staff(request))
        return json_answer({"again": True})

    @app.get(f"{_ROOT}/figures")
    async def figures(request: Request) -> HTTPResponse:
        read_staff(request.headers.get("X-Staff"))
        query = read_query(FiguresQuery, asked(request))
        found = await office.figures(query.first, query.until)
        return json_answer({"figures": [one.as_json() for one in found]})


def _staff(request: Request) -> str:
    """Who calls, of a request whose body says nothing."""
    staff = read_staff(request.headers.get("X-Staff"))
    read_body(NothingBody, request.body)
    return staff
