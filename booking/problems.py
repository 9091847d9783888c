"""How answers are written: JSON, and problems as application/problem+json (RFC 9457).

The routes of this room use it, and those of any other room that adds a blueprint to the server:
such a room answers its own errors with `problem` under its own `room` name, and everything it does
not answer itself ends in the handlers that `install` adds.
"""

from __future__ import annotations

import json
import traceback
from collections.abc import Mapping

import structlog
from sanic import Sanic
from sanic.exceptions import SanicException
from sanic.request import Request
from sanic.response import HTTPResponse

from booking.errors import Refused
from booking.intake import bad_request

log = structlog.get_logger()


def install(app: Sanic) -> None:
    """Answer refusals, what Sanic turns down, and failures as problems."""
    app.error_handler.add(Refused, refused)
    app.error_handler.add(SanicException, _rejected)
    app.error_handler.add(Exception, _failed)


def json_answer(
    data: Mapping[str, object],
    status: int = 200,
    content_type: str = "application/json",
    headers: dict[str, str] | None = None,
) -> HTTPResponse:
    """A JSON body, Chinese as it is."""
    body = json.dumps(data, ensure_ascii=False, separators=(",", ":"))
    return HTTPResponse(body, status, headers, content_type)


def problem(
    request: Request,
    status: int,
    code: str,
    detail: str | None = None,
    room: str = "booking",
    **members: object,
) -> HTTPResponse:
    """A problem, whose code the access log names too.

    Args:
        request: The request that it answers.
        status: The HTTP status.
        code: Why, from the room's closed list.
        detail: What the citizen reads.
        room: Whose list the code is of.
        members: Whatever else the answer holds; what is None is left out.
    """
    request.ctx.refusal = code
    given = {"detail": detail, **members}
    body = {
        "type": f"urn:banshi:{room}:{code.lower().replace('_', '-')}",
        "title": code.replace("_", " ").capitalize(),
        "status": status,
        "code": code,
        **{name: value for name, value in given.items() if value is not None},
    }
    headers = {"WWW-Authenticate": "Bearer"} if status == 401 else None
    return json_answer(body, status, "application/problem+json", headers)


def refused(request: Request, refusal: Refused, status: int | None = None) -> HTTPResponse:
    """The problem of a refusal: its sentences, and free slots in `nearest`."""
    return problem(
        request,
        status or refusal.code.status,
        refusal.code.value,
        refusal.sentence,
        staff=refusal.code.staff,
        nearest=[slot.as_json() for slot in refusal.nearest],
        note=refusal.note or None,
    )


def _rejected(request: Request, error: SanicException) -> HTTPResponse:
    """What Sanic itself turns down: unknown paths, wrong methods, bodies too large, time-outs."""
    status = error.status_code or 500
    if 400 <= status < 500:
        return refused(request, bad_request(type(error).__name__), status)
    return _failed(request, error)


def _failed(request: Request, error: Exception) -> HTTPResponse:
    # Where, but not the error's message: it could hold personal data.
    where = traceback.format_tb(error.__traceback__)
    log.error("booking.failed", error=type(error).__name__, where=where)
    return problem(request, getattr(error, "status_code", None) or 500, "INTERNAL")
