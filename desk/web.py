"""The desk's routes: they read the request, ask the offices and write JSON.

The backend's app adds this blueprint and guards it with its key. Citizens' calls come from the
chat's actions, staff's calls from the command line and name the staff member in X-Staff. Every call
is a POST: a citizen's id and a case's words stand in no URL.
"""

from __future__ import annotations

from sanic import Blueprint, Sanic
from sanic.request import Request
from sanic.response import HTTPResponse

from booking.problems import json_answer, problem
from desk.errors import DeskRefused
from desk.intake import (
    CitizenBody,
    ListBody,
    NothingBody,
    OpenBody,
    ProgressBody,
    QuestionBody,
    QuestionsBody,
    RateBody,
    ReplyBody,
    SaidBody,
    read_body,
    read_idempotency_key,
    read_staff,
)
from desk.office import Left, Office
from desk.room import Room
from desk.staff_office import StaffOffice
from desk.values import Message, RatingLevel


def make_blueprint(room: Room) -> Blueprint:
    """The desk's part of the backend's server, which starts and stops the room with it."""
    desk = Blueprint("desk", url_prefix="/v1/desk")
    _add_cases(desk, room.office)
    _add_records(desk, room.office)
    _add_staff_cases(desk, room.staff)
    _add_staff_overview(desk, room.staff)

    async def open_room(app: Sanic, loop: object) -> None:
        await room.open()

    async def start(app: Sanic, loop: object) -> None:
        room.start()

    async def stop(app: Sanic, loop: object) -> None:
        await room.stop()

    async def close_room(app: Sanic, loop: object) -> None:
        await room.close()

    desk.listener("before_server_start")(open_room)
    desk.listener("after_server_start")(start)
    desk.listener("before_server_stop")(stop)
    desk.listener("after_server_stop")(close_room)
    desk.exception(DeskRefused)(_refused)
    return desk


def _add_cases(desk: Blueprint, office: Office) -> None:
    @desk.post("/cases")
    async def open_case(request: Request) -> HTTPResponse:
        key, body = _key(request), read_body(OpenBody, request.body)
        transcript = tuple(Message(line.who, line.at, line.text) for line in body.transcript)
        left = Left(body.kind, body.text, transcript, body.service)
        case = await office.open_case(body.citizen, left, key)
        return json_answer(case.as_json(), status=201)

    @desk.post("/cases/<number>/messages")
    async def add_message(request: Request, number: str) -> HTTPResponse:
        key, body = _key(request), read_body(SaidBody, request.body)
        case = await office.add_message(body.citizen, number, body.text, key)
        return json_answer(case.as_json())

    @desk.post("/cases/search")
    async def cases(request: Request) -> HTTPResponse:
        body = read_body(CitizenBody, request.body)
        found = await office.cases(body.citizen)
        return json_answer({"cases": [case.as_json() for case in found]})

    @desk.post("/cases/<number>/close")
    async def close(request: Request, number: str) -> HTTPResponse:
        body = read_body(CitizenBody, request.body)
        return json_answer((await office.close(body.citizen, number)).as_json())


def _add_records(desk: Blueprint, office: Office) -> None:
    @desk.post("/ratings")
    async def rate(request: Request) -> HTTPResponse:
        key, body = _key(request), read_body(RateBody, request.body)
        about, level = body.about, RatingLevel(body.level)
        await office.rate(body.citizen, level, about.service, about.appointment, key)
        return json_answer({"kept": True})

    @desk.post("/questions")
    async def note_question(request: Request) -> HTTPResponse:
        key, body = _key(request), read_body(QuestionBody, request.body)
        await office.note_question(body.text, body.outcome, tuple(body.nearest), key)
        return json_answer({"kept": True})

    @desk.post("/progress")
    async def progress(request: Request) -> HTTPResponse:
        body = read_body(ProgressBody, request.body)
        found = await office.progress(body.citizen, body.number, body.check)
        return json_answer(found.as_json())

    @desk.post("/erase")
    async def erase(request: Request) -> HTTPResponse:
        body = read_body(CitizenBody, request.body)
        return json_answer((await office.erase(body.citizen)).as_json())


def _add_staff_cases(desk: Blueprint, office: StaffOffice) -> None:
    @desk.post("/staff/cases")
    async def staff_cases(request: Request) -> HTTPResponse:
        _staff(request)
        body = read_body(ListBody, request.body)
        lines = await office.cases(body.status, body.kind, body.limit)
        return json_answer({"cases": [line.as_json() for line in lines]})

    @desk.post("/staff/cases/<number>")
    async def staff_read(request: Request, number: str) -> HTTPResponse:
        read_body(NothingBody, request.body)
        return json_answer((await office.read(number, _staff(request))).as_json())

    @desk.post("/staff/cases/<number>/reply")
    async def staff_reply(request: Request, number: str) -> HTTPResponse:
        staff, key = _staff(request), _key(request)
        body = read_body(ReplyBody, request.body)
        return json_answer((await office.reply(number, body.text, staff, key)).as_json())

    @desk.post("/staff/cases/<number>/close")
    async def staff_close(request: Request, number: str) -> HTTPResponse:
        read_body(NothingBody, request.body)
        return json_answer((await office.close(number, _staff(request))).as_json())


def _add_staff_overview(desk: Blueprint, office: StaffOffice) -> None:
    @desk.post("/staff/questions")
    async def staff_questions(request: Request) -> HTTPResponse:
        _staff(request)
        body = read_body(QuestionsBody, request.body)
        groups = await office.questions(body.since, body.outcome)
        return json_answer({"groups": [group.as_json() for group in groups]})

    @desk.post("/staff/questions/<question:int>/done")
    async def staff_question_done(request: Request, question: int) -> HTTPResponse:
        read_body(NothingBody, request.body)
        return json_answer({"done": await office.question_done(question, _staff(request))})

    @desk.post("/staff/figures")
    async def staff_figures(request: Request) -> HTTPResponse:
        _staff(request)
        read_body(NothingBody, request.body)
        return json_answer((await office.figures()).as_json())


async def _refused(request: Request, refusal: DeskRefused) -> HTTPResponse:
    code = refusal.code
    members = {"note": refusal.note} if refusal.note else {}
    return problem(request, code.status, code.value, refusal.sentence, room="desk", **members)


def _key(request: Request) -> str:
    return read_idempotency_key(request.headers.get("Idempotency-Key"))


def _staff(request: Request) -> str:
    return read_staff(request.headers.get("X-Staff"))
