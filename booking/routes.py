"""The routes: they read the request, ask an office and write JSON.

What names a citizen is sent by POST, so that it stands in no URL and hence in no proxy's log.
"""

from __future__ import annotations

from collections.abc import Mapping

from sanic import Sanic
from sanic.request import Request
from sanic.response import HTTPResponse

from booking.arrivals import Arrivals
from booking.erasing import Erasing
from booking.home_visits import HomeVisits, VisitWish
from booking.intake import (
    AvailabilityQuery,
    BookBody,
    CitizenBody,
    CitizenDayBody,
    ConfirmBody,
    DayQuery,
    EraseBody,
    HoldBody,
    HomeVisitBody,
    MoveBody,
    NearestQuery,
    PlateBody,
    RuleQuery,
    read_body,
    read_idempotency_key,
    read_query,
)
from booking.office import Office
from booking.openapi import document
from booking.parking import Parking
from booking.problems import json_answer
from booking.wishes import ConfirmWish, HoldWish, MoveWish, Wish


def add_appointments(app: Sanic, office: Office) -> None:
    """Add what is for appointments of either kind, and the health check."""

    @app.get("/health")
    async def health(request: Request) -> HTTPResponse:
        return json_answer({"status": "ok"})

    @app.get("/v1/openapi.json")
    async def described(request: Request) -> HTTPResponse:
        return json_answer(document())

    @app.get("/v1/availability")
    async def availability(request: Request) -> HTTPResponse:
        query = read_query(AvailabilityQuery, asked(request))
        days = await office.availability(
            query.service, query.first, query.until, query.place, query.priority
        )
        return json_answer({"days": [day.as_json() for day in days]})

    @app.get("/v1/nearest")
    async def nearest(request: Request) -> HTTPResponse:
        query = read_query(NearestQuery, asked(request))
        slots = await office.nearest(
            query.service, query.wanted, query.place, query.limit, query.priority
        )
        return json_answer({"slots": [slot.as_json() for slot in slots]})

    @app.post("/v1/appointments")
    async def book(request: Request) -> HTTPResponse:
        key = key_of(request)
        wish = Wish(**read_body(BookBody, request.body).wanted())
        return json_answer((await office.book(wish, key)).as_json(), status=201)

    @app.post("/v1/appointments/search")
    async def search(request: Request) -> HTTPResponse:
        body = read_body(CitizenBody, request.body)
        appointments = await office.appointments(body.citizen)
        return json_answer({"appointments": [one.as_json() for one in appointments]})

    @app.post("/v1/appointments/<code>/cancel")
    async def cancel(request: Request, code: str) -> HTTPResponse:
        key = key_of(request)
        body = read_body(CitizenBody, request.body)
        return json_answer((await office.cancel(body.citizen, code, key)).as_json())

    @app.post("/v1/appointments/<code>/move")
    async def move(request: Request, code: str) -> HTTPResponse:
        key = key_of(request)
        wish = MoveWish(code=code, **dict(read_body(MoveBody, request.body)))
        return json_answer((await office.move(wish, key)).as_json())

    @app.post("/v1/appointments/<code>/ticket")
    async def ticket(request: Request, code: str) -> HTTPResponse:
        body = read_body(CitizenBody, request.body)
        return json_answer((await office.ticket(body.citizen, code)).as_json())


def add_holds(app: Sanic, office: Office) -> None:
    """Add what is for slots that are kept for some minutes; giving one up is cancelling."""

    @app.post("/v1/holds")
    async def hold(request: Request) -> HTTPResponse:
        key = key_of(request)
        wish = HoldWish(**read_body(HoldBody, request.body).wanted())
        return json_answer((await office.hold(wish, key)).as_json(), status=201)

    @app.post("/v1/holds/<code>/confirm")
    async def confirm(request: Request, code: str) -> HTTPResponse:
        key = key_of(request)
        wish = ConfirmWish(code=code, **dict(read_body(ConfirmBody, request.body)))
        return json_answer((await office.confirm(wish, key)).as_json())


def add_arrivals(app: Sanic, arrivals: Arrivals) -> None:
    """Add what a citizen says at the hall."""

    @app.post("/v1/appointments/<code>/arrive")
    async def arrive(request: Request, code: str) -> HTTPResponse:
        body = read_body(CitizenBody, request.body)
        return json_answer((await arrivals.arrive(body.citizen, code)).as_json())


def add_home_visits(app: Sanic, visits: HomeVisits) -> None:
    """Add what is for home visits alone."""

    @app.get("/v1/home-visits/days")
    async def visit_days(request: Request) -> HTTPResponse:
        query = read_query(RuleQuery, asked(request))
        return json_answer({"days": [day.as_json() for day in await visits.days(query.rule)]})

    @app.post("/v1/home-visits")
    async def book_visit(request: Request) -> HTTPResponse:
        key = key_of(request)
        wish = VisitWish(**dict(read_body(HomeVisitBody, request.body)))
        return json_answer((await visits.book(wish, key)).as_json(), status=201)


def add_parking(app: Sanic, parking: Parking) -> None:
    """Add what is for number plates."""

    @app.post("/v1/parking")
    async def register(request: Request) -> HTTPResponse:
        body = read_body(PlateBody, request.body)
        plate = await parking.register(body.citizen, body.plate, body.day)
        return json_answer(plate.as_json(), status=201)

    @app.post("/v1/parking/search")
    async def plates(request: Request) -> HTTPResponse:
        body = read_body(CitizenBody, request.body)
        found = await parking.plates(body.citizen)
        return json_answer({"plates": [one.as_json() for one in found]})

    @app.post("/v1/parking/cancel")
    async def give_up(request: Request) -> HTTPResponse:
        body = read_body(CitizenDayBody, request.body)
        given_up = await parking.give_up(body.citizen, body.day)
        return json_answer({"plates": [one.as_json() for one in given_up]})

    @app.get("/v1/parking/day")
    async def plates_on(request: Request) -> HTTPResponse:
        query = read_query(DayQuery, asked(request))
        plates = await parking.plates_on(query.day)
        return json_answer({"day": query.day.isoformat(), "plates": list(plates)})


def add_erasing(app: Sanic, erasing: Erasing) -> None:
    """Add the erasing of a citizen's data."""

    @app.post("/v1/citizens/erase")
    async def erase(request: Request) -> HTTPResponse:
        body = read_body(EraseBody, request.body)
        return json_answer((await erasing.erase(body.citizen, body.cancel_open)).as_json())


def key_of(request: Request) -> str:
    """The request's idempotency key.

    Raises:
        Refused: BAD_REQUEST.
    """
    return read_idempotency_key(request.headers.get("Idempotency-Key"))


def asked(request: Request) -> Mapping[str, list[str]]:
    """The request's query, each parameter with all its values."""
    return dict(request.get_args(keep_blank_values=True))
