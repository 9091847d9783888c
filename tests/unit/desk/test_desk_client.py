"""The client when the backend is down or talks nonsense, and requests no client would send."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Awaitable
from datetime import date
from typing import Any

import aiohttp
import pytest
from desk_world import MONDAY, World

from booking.testing import KEY
from desk.client import DeskClient
from desk.errors import DeskCode, DeskRefused, DeskUnavailable
from desk.settings import DeskSettings
from desk.staff_client import StaffClient
from desk.staff_values import CaseFigure, CaseLine, Figures, Letter, RatingFigure, StaffCase
from desk.values import (
    Case,
    CaseKind,
    CaseStatus,
    Erased,
    Kept,
    Message,
    Progress,
    QuestionGroup,
    RatingLevel,
    Who,
)

CASE = Case(
    "23456789",
    CaseKind.LOW_RATING,
    CaseStatus.ANSWERED,
    MONDAY,
    date(2026, 11, 24),
    "话",
    "id-card",
    (Message(Who.STAFF, MONDAY, "答"),),
)
VALUES = (
    CASE,
    Progress("SL1", "事项", "制证", date(2026, 11, 20), None, done=False),
    Erased({"message": 1}, (Kept("23456789", CaseKind.COMPLAINT, "complaint_on_file", "原因"),)),
    QuestionGroup(1, "问", 2, MONDAY, MONDAY, {"unanswerable": 2}, ("tax",)),
    CaseLine("23456789", CaseKind.PRAISE, CaseStatus.OPEN, MONDAY, None, False, None, "话"),
    StaffCase(CASE, (Letter(MONDAY, None, MONDAY),)),
    Figures(
        (CaseFigure(CaseKind.MESSAGE, CaseStatus.OPEN, 2, 1),),
        (RatingFigure(None, {RatingLevel.VERY_BAD: 3}),),
    ),
)


def every_call(client: DeskClient, staff: StaffClient) -> list[Awaitable[object]]:
    return [
        client.open_case("citizen-1", CaseKind.MESSAGE, "话", idempotency_key="k"),
        client.add_message("citizen-1", "23456789", "话", idempotency_key="k"),
        client.cases("citizen-1"),
        client.close("citizen-1", "23456789"),
        client.rate("citizen-1", RatingLevel.GOOD, idempotency_key="k"),
        client.note_question("话", "unanswerable", idempotency_key="k"),
        client.progress("citizen-1", "SL1"),
        client.erase("citizen-1"),
        staff.cases(),
        staff.read("23456789"),
        staff.reply("23456789", "话", idempotency_key="k"),
        staff.close("23456789"),
        staff.questions(),
        staff.question_done(1),
        staff.figures(),
    ]


@pytest.mark.parametrize("value", VALUES, ids=lambda value: type(value).__name__)
def test_values_survive_the_wire(value: Any) -> None:
    assert type(value).from_json(json.loads(json.dumps(value.as_json()))) == value


async def test_nobody_listens(unused_tcp_port: int) -> None:
    url = f"http://127.0.0.1:{unused_tcp_port}"
    async with DeskClient(url, KEY) as client, StaffClient(url, KEY, "王") as staff:
        for call in every_call(client, staff):
            with pytest.raises(DeskUnavailable) as caught:
                await call
            assert "请稍后再试" in caught.value.sentence


async def test_a_wrong_key_is_refused_in_the_desks_words(world: World) -> None:
    async with (
        DeskClient(world.url, "another key") as client,
        StaffClient(world.url, "another key", "王") as staff,
    ):
        for call in every_call(client, staff):
            with pytest.raises(DeskRefused) as caught:
                await call
            assert caught.value.code is DeskCode.BAD_KEY
            assert caught.value.sentence == DeskCode.BAD_KEY.sentence


GOOD = {"citizen": "citizen-1", "kind": "message", "text": "话"}
LINE = {"who": "citizen", "at": "2026-11-23T10:00:00+08:00", "text": "话"}


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("cases", {**GOOD, "text": ""}),
        ("cases", {**GOOD, "text": "  "}),
        ("cases", {**GOOD, "text": "长" * 2001}),
        ("cases", {**GOOD, "text": "\ud800"}),
        ("cases", {**GOOD, "kind": "gossip"}),
        ("cases", {**GOOD, "kind": ["message"]}),
        ("cases", {**GOOD, "service": "../x"}),
        ("cases", {**GOOD, "extra": 1}),
        ("cases", {**GOOD, "transcript": [LINE] * 201}),
        ("cases", {**GOOD, "transcript": [{**LINE, "who": "staff"}]}),
        ("cases", {**GOOD, "transcript": [{**LINE, "at": "2026-11-23T10:00:00"}]}),
        ("ratings", {"citizen": "citizen-1", "level": 6}),
        ("ratings", {"citizen": "citizen-1", "level": True}),
        ("ratings", {"citizen": "citizen-1", "level": 5, "about": {"appointment": "x"}}),
        ("questions", {"text": "话", "outcome": "Some thing"}),
        ("questions", {"text": "话", "outcome": "x", "nearest": ["tax"] * 11}),
        ("progress", {"citizen": "citizen-1", "number": " "}),
        ("erase", {"citizen": "a b"}),
        ("staff/cases", {"limit": 0}),
        ("staff/questions", {"since": 20261123}),
    ],
)
async def test_bad_requests_name_the_field_and_nothing_more(
    world: World, path: str, body: dict[str, Any]
) -> None:
    headers = {"Authorization": f"Bearer {KEY}", "Idempotency-Key": "k", "X-Staff": "wang"}
    async with (
        aiohttp.ClientSession(world.url, headers=headers) as session,
        session.post(f"/v1/desk/{path}", data=json.dumps(body).encode()) as response,
    ):
        problem = await response.json(content_type=None)
    assert (response.status, problem["code"]) == (400, "BAD_REQUEST")
    assert problem["note"].startswith("faults in: ") and "话" not in problem["note"]


async def test_a_change_needs_its_key(world: World) -> None:
    headers = {"Authorization": f"Bearer {KEY}"}
    async with (
        aiohttp.ClientSession(world.url, headers=headers) as session,
        session.post("/v1/desk/cases", data=json.dumps(GOOD).encode()) as response,
    ):
        assert "Idempotency-Key" in (await response.json(content_type=None))["note"]


def test_every_refusal_has_its_status_and_a_sentence() -> None:
    for code in DeskCode:
        assert code.value == code.name
        assert 400 <= code.status < 500
        assert code.sentence.endswith("。")


def test_settings() -> None:
    settings = DeskSettings.from_environment({"BANSHI_VAR": "/srv"})
    assert str(settings.progress) == "/srv/progress.csv"


def test_the_client_needs_neither_server_nor_database() -> None:
    check = (
        "import sys, desk.client, desk.errors, desk.values, desk.staff_client; "
        "sys.exit(bool({'sanic', 'sqlalchemy', 'cryptography', 'jieba'} & set(sys.modules)))"
    )
    assert subprocess.run([sys.executable, "-c", check], check=False).returncode == 0  # noqa: S603
