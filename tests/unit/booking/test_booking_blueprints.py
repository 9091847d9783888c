"""Another room's blueprint on the same server: key, problems and log are shared."""

from __future__ import annotations

from pathlib import Path

import aiohttp
from booking_world import MONDAY
from sanic import Blueprint
from sanic.request import Request
from sanic.response import HTTPResponse
from structlog.testing import capture_logs

from booking.errors import RefusalCode, Refused
from booking.problems import json_answer, problem
from booking.testing import KEY, sample_catalog, sample_settings, serving

AUTHORIZED = {"Authorization": f"Bearer {KEY}"}


class Busy(Exception):
    """An error of the other room."""


def other_room() -> Blueprint:
    room = Blueprint("other")

    @room.get("/v1/other/<what>")
    async def answer(request: Request, what: str) -> HTTPResponse:
        if what == "busy":
            raise Busy
        if what == "refused":
            raise Refused(RefusalCode.NOT_FOUND)
        if what == "broken":
            raise RuntimeError(what)
        return json_answer({"what": what})

    @room.exception(Busy)
    async def busy(request: Request, error: Busy) -> HTTPResponse:
        return problem(request, 409, "ALL_BUSY", "都在忙，请稍等。", room="other", waiting=3)

    return room


async def test_another_rooms_routes_share_key_problems_and_log(tmp_path: Path) -> None:
    with capture_logs() as logs:
        async with (
            serving(
                sample_settings(tmp_path), sample_catalog, lambda: MONDAY, [other_room()]
            ) as url,
            aiohttp.ClientSession(url) as session,
        ):
            async with session.get("/v1/other/free") as response:
                assert response.status == 401
            answers = {}
            for what in ("free", "busy", "refused", "broken"):
                async with session.get(f"/v1/other/{what}", headers=AUTHORIZED) as response:
                    answers[what] = await response.json(content_type=None)

    assert answers["free"] == {"what": "free"}
    assert answers["busy"] == {
        "type": "urn:banshi:other:all-busy",
        "title": "All busy",
        "status": 409,
        "code": "ALL_BUSY",
        "detail": "都在忙，请稍等。",
        "waiting": 3,
    }
    assert answers["refused"]["code"] == "NOT_FOUND"
    assert answers["broken"]["code"] == "INTERNAL" and "broken" not in repr(logs)
    told = [(one["status"], one["refusal"]) for one in logs if one["event"] == "booking.request"]
    assert told == [
        (401, "BAD_KEY"),
        (200, None),
        (409, "ALL_BUSY"),
        (404, "NOT_FOUND"),
        (500, "INTERNAL"),
    ]
