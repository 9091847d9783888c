"""What staff see and do, what is noted about them, ratings and questions."""

from __future__ import annotations

from datetime import timedelta

import aiohttp
import pytest
from databases import rows, stored
from desk_world import MONDAY, World

from booking.testing import KEY
from desk.errors import DeskCode, DeskRefused
from desk.values import CaseKind, CaseStatus, RatingLevel


async def test_the_list_is_masked_and_the_most_urgent_come_first(world: World) -> None:
    text = "我叫张三丰，电话13812345678，你们的窗口要排两个小时的队，实在是太慢了，请改进"
    complaint = await world.open(text, CaseKind.COMPLAINT)
    message = await world.open("几点开门")
    praise = await world.open("很好", CaseKind.PRAISE)
    await world.client.close("citizen-1", praise.number)

    lines = await world.staff.cases()
    assert [line.number for line in lines] == [message.number, complaint.number, praise.number]
    assert (
        lines[1].preview.startswith("我叫〔姓名〕，电话〔手机号〕") and len(lines[1].preview) == 30
    )
    (only,) = await world.staff.cases(CaseStatus.OPEN, CaseKind.COMPLAINT)
    assert (only.number, only.overdue) == (complaint.number, False)
    world.now += timedelta(days=8)
    assert [line.overdue for line in await world.staff.cases()] == [True, True, False]


async def test_who_reads_answers_and_closes_is_noted(world: World) -> None:
    number = (await world.open("原话")).number
    assert (await world.staff.read(number)).case.text == "原话"
    await world.staff.reply(number, "答复", idempotency_key="r1")
    await world.staff.reply(number, "答复", idempotency_key="r1")
    await world.staff.close(number)
    await world.staff.close(number)
    with pytest.raises(DeskRefused):
        await world.staff.read("23456789")
    noted = await rows(
        world.settings.database, "SELECT staff, what, about FROM desk_audit ORDER BY id"
    )
    assert noted == [("王窗口", what, number) for what in ("read", "reply", "close")]


@pytest.mark.parametrize("name", [None, "", " ", "%20", "a" * 41, "a%0Ab"])
async def test_staff_must_say_who_they_are(world: World, name: str | None) -> None:
    headers = {"Authorization": f"Bearer {KEY}", **({} if name is None else {"X-Staff": name})}
    async with (
        aiohttp.ClientSession(world.url, headers=headers) as session,
        session.post("/v1/desk/staff/figures", data=b"{}") as response,
    ):
        problem = await response.json(content_type=None)
    assert (response.status, problem["code"]) == (400, "BAD_REQUEST")
    assert problem["type"] == "urn:banshi:desk:bad-request"


async def test_a_later_rating_of_the_day_replaces_the_earlier(world: World) -> None:
    async def rate(level: RatingLevel, **about: str) -> None:
        await world.client.rate("citizen-1", level, idempotency_key=world.key(), **about)

    await rate(RatingLevel.BAD, service="id-card")
    await rate(RatingLevel.VERY_GOOD, service="id-card")
    await rate(RatingLevel.FAIR)
    await rate(RatingLevel.GOOD, service="passport", appointment="abcd-efgh")
    world.now += timedelta(days=1)
    await rate(RatingLevel.BAD, service="id-card")

    figures = await world.staff.figures()
    assert {one.service: dict(one.counts) for one in figures.ratings} == {
        None: {RatingLevel.FAIR: 1},
        "id-card": {RatingLevel.VERY_GOOD: 1, RatingLevel.BAD: 1},
        "passport": {RatingLevel.GOOD: 1},
    }


async def test_a_late_repeat_of_an_earlier_rating_changes_nothing(world: World) -> None:
    await world.client.rate("citizen-1", RatingLevel.BAD, idempotency_key="one")
    await world.client.rate("citizen-1", RatingLevel.GOOD, idempotency_key="two")
    await world.client.rate("citizen-1", RatingLevel.BAD, idempotency_key="one")
    assert (await world.staff.figures()).ratings[0].counts == {RatingLevel.GOOD: 1}


async def test_figures_count_cases_and_what_is_overdue(world: World) -> None:
    await world.open()
    await world.client.close("citizen-1", (await world.open()).number)
    world.now += timedelta(days=2)
    await world.open()
    figures = await world.staff.figures()
    assert [(one.kind, one.status, one.count, one.overdue) for one in figures.cases] == [
        (CaseKind.MESSAGE, CaseStatus.CLOSED, 1, 0),
        (CaseKind.MESSAGE, CaseStatus.OPEN, 2, 1),
    ]


async def test_questions_are_masked_grouped_and_marked_as_done(world: World) -> None:
    async def note(text: str, outcome: str = "unanswerable", *nearest: str) -> None:
        await world.client.note_question(text, outcome, nearest, idempotency_key=world.key())

    await note("养宠物猪要办证吗13812345678", "unanswerable", "permit")
    await note("养宠物猪要办证吗")
    world.now += timedelta(days=1)
    await note("养宠物猪需要办证吗？", "out_of_scope", "permit", "tax")
    await note("无人机在公园能飞吗")

    first, second = await world.staff.questions()
    assert (first.count, first.outcomes) == (3, {"unanswerable": 2, "out_of_scope": 1})
    assert (first.first_seen, first.last_seen) == (MONDAY, world.now)
    assert first.nearest == ("permit", "tax")
    assert second.text == "无人机在公园能飞吗"
    assert b"13812345678" not in await stored(world.settings.database)
    assert [one.id for one in await world.staff.questions(outcome="out_of_scope")] == [first.id]
    assert await world.staff.questions(since=(world.now + timedelta(days=1)).date()) == ()

    assert await world.staff.question_done(first.id + 1) == 3
    assert [one.id for one in await world.staff.questions()] == [second.id]
    with pytest.raises(DeskRefused) as caught:
        await world.staff.question_done(first.id)
    assert caught.value.code is DeskCode.UNKNOWN_QUESTION
