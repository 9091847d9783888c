"""Cases through the front door: real server, real SQLite, the real clients."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable
from datetime import date, timedelta
from pathlib import Path

import pytest
from databases import stored
from desk_world import MONDAY, RULES, World, catalog_with

from booking.tickets import ALPHABET, LENGTH
from desk.errors import DeskCode, DeskRefused
from desk.office import MAX_OPEN
from desk.values import COMPLAINT_ON_FILE, Case, CaseKind, CaseStatus, Message, RatingLevel, Who

CHAT = (
    Message(Who.CITIZEN, MONDAY - timedelta(minutes=2), "转人工"),
    Message(Who.ASSISTANT, MONDAY - timedelta(minutes=1), "好的，请说明您的问题。"),
)


async def refusal(call: Awaitable[object]) -> DeskCode:
    with pytest.raises(DeskRefused) as caught:
        await call
    assert caught.value.sentence
    return caught.value.code


async def test_a_citizen_leaves_a_case_and_finds_it_with_its_chat(world: World) -> None:
    case = await world.open("我要找人问", CaseKind.HANDOVER, transcript=CHAT, service="id-card")

    assert len(case.number) == LENGTH and set(case.number) <= set(ALPHABET)
    assert (case.status, case.opened_at, case.service) == (CaseStatus.OPEN, MONDAY, "id-card")
    assert case.messages == CHAT
    assert await world.client.cases("citizen-1") == (case,)
    assert await world.client.cases("citizen-2") == ()


@pytest.mark.parametrize(
    ("kind", "day"),
    [
        (CaseKind.HANDOVER, date(2026, 11, 24)),
        (CaseKind.MESSAGE, date(2026, 11, 24)),
        (CaseKind.COMPLAINT, date(2026, 11, 30)),  # Monday: the weekend doesn't count
        (CaseKind.LOW_RATING, date(2026, 11, 30)),
        (CaseKind.PRAISE, None),
    ],
)
async def test_the_answer_is_promised_in_workdays(
    world: World, kind: CaseKind, day: date | None
) -> None:
    assert (await world.open(kind=kind)).answer_by == day


async def test_no_day_is_promised_without_rules_or_into_a_year_not_announced(world: World) -> None:
    world.catalog = catalog_with(None)
    assert (await world.open()).answer_by is None
    world.catalog = catalog_with()
    world.now = MONDAY.replace(month=12, day=30)
    assert (await world.open(kind=CaseKind.MESSAGE)).answer_by == date(2026, 12, 31)
    assert (await world.open(kind=CaseKind.COMPLAINT)).answer_by is None


async def test_a_reply_is_read_and_more_words_open_the_case_again_with_a_new_day(
    world: World,
) -> None:
    number = (await world.open()).number
    await world.staff.reply(number, "已经加开窗口", idempotency_key="r1")
    (answered,) = await world.client.cases("citizen-1")
    assert (answered.status, answered.messages[-1].who) == (CaseStatus.ANSWERED, Who.STAFF)

    world.now += timedelta(days=1)
    again = await world.say(f" {number[:4]} {number[4:].lower()}", "还是久")
    assert (again.status, again.answer_by) == (CaseStatus.OPEN, date(2026, 11, 25))
    world.now += timedelta(days=1)
    assert (await world.say(number, "快点")).answer_by == date(2026, 11, 25)  # still open


async def test_a_closed_case_takes_no_more_words_and_closing_twice_is_no_fault(
    world: World,
) -> None:
    number = (await world.open()).number
    closed = await world.client.close("citizen-1", number)
    assert closed.status is CaseStatus.CLOSED
    assert await world.client.close("citizen-1", number) == closed
    assert await refusal(world.say(number, "还有")) is DeskCode.CASE_CLOSED
    reply = world.staff.reply(number, "好", idempotency_key="r1")
    assert await refusal(reply) is DeskCode.CASE_CLOSED


async def test_anothers_case_is_not_found(world: World) -> None:
    number = (await world.open()).number
    assert await refusal(world.say(number, "我的", "citizen-2")) is DeskCode.CASE_NOT_FOUND
    assert await refusal(world.client.close("citizen-2", number)) is DeskCode.CASE_NOT_FOUND
    for typed in ("23456789", "../../x", "没有"):
        assert await refusal(world.say(typed, "我的")) is DeskCode.CASE_NOT_FOUND


async def test_the_same_request_again_is_done_once(world: World) -> None:
    first = await world.open(idempotency_key="same")
    again = await asyncio.gather(*(world.open(idempotency_key="same") for _ in range(5)))
    assert set(again) == {first}
    assert await refusal(world.open("别的话", idempotency_key="same")) is (
        DeskCode.IDEMPOTENCY_CONFLICT
    )
    for _ in range(2):
        case = await world.client.add_message(
            "citizen-1", first.number, "补充", idempotency_key="add"
        )
    assert [message.text for message in case.messages] == ["补充"]


async def test_a_citizen_has_so_many_open_cases_at_the_most(world: World) -> None:
    numbers = [(await world.open()).number for _ in range(MAX_OPEN)]
    assert await refusal(world.open()) is DeskCode.TOO_MANY_OPEN
    await world.open(citizen="citizen-2")
    await world.client.close("citizen-1", numbers[0])
    await world.open()


async def test_the_limit_holds_when_all_come_at_once(world: World) -> None:
    calls = (world.open() for _ in range(3 * MAX_OPEN))
    results = await asyncio.gather(*calls, return_exceptions=True)
    assert sum(isinstance(one, Case) for one in results) == MAX_OPEN
    refused = [one.code for one in results if isinstance(one, DeskRefused)]
    assert refused == [DeskCode.TOO_MANY_OPEN] * (2 * MAX_OPEN)


async def test_a_chat_too_long_loses_its_beginning(world: World) -> None:
    chat = [Message(Who.CITIZEN, MONDAY, f"{number}" + "长" * 1990) for number in range(300)]
    case = await world.open(transcript=[*chat, Message(Who.CITIZEN, MONDAY, "最后")])
    assert case.messages[-1].text == "最后"
    assert [one.text[:3] for one in case.messages[-3:-1]] == ["298", "299"]


async def test_nothing_stands_in_clear_in_the_database(world: World) -> None:
    number = (await world.open("我要投诉张主任", citizen="openid-of-zhang", transcript=CHAT)).number
    await world.staff.reply(number, "向您道歉", idempotency_key="secret-key")
    on_disk = await stored(world.settings.database)
    assert number.encode() in on_disk
    for secret in ("张主任", "openid-of-zhang", "请说明您的问题", "向您道歉", "secret-key"):
        assert secret.encode() not in on_disk


async def test_erasure_keeps_complaints_on_file_and_says_why(world: World, tmp_path: Path) -> None:
    for kind in CaseKind:
        await world.open(kind=kind)
    message = (await world.open()).number
    other = await world.open(citizen="citizen-2")
    await world.staff.reply(message, "好", idempotency_key="r1")
    rating = world.client.rate("citizen-1", RatingLevel.BAD, "id-card", idempotency_key="rate")
    await rating

    erased = await world.client.erase("citizen-1")

    assert erased.counts == {
        "handover": 1,
        "message": 2,
        "praise": 1,
        "suggestion": 1,
        "letters": 1,
        "ratings": 1,
    }
    assert {one.kind for one in erased.kept} == {CaseKind.COMPLAINT, CaseKind.LOW_RATING}
    assert {(one.code, one.reason) for one in erased.kept} == {
        (COMPLAINT_ON_FILE, RULES["kept_by_law"][0])
    }
    assert len(await world.client.cases("citizen-1")) == 2
    assert await world.client.cases("citizen-2") == (other,)
    assert (await world.staff.figures()).ratings[0].counts == {RatingLevel.BAD: 1}
    again = await world.client.erase("citizen-1")
    assert (again.counts, again.kept) == ({}, erased.kept)


async def test_a_closed_complaint_goes_when_it_has_been_kept_long_enough(world: World) -> None:
    number = (await world.open(kind=CaseKind.COMPLAINT)).number
    await world.client.close("citizen-1", number)
    world.now += timedelta(days=30, seconds=-1)
    assert len((await world.client.erase("citizen-1")).kept) == 1
    world.now += timedelta(seconds=1)
    assert (await world.client.erase("citizen-1")).counts == {"complaint": 1}


async def test_what_was_kept_long_enough_is_deleted_daily(world: World) -> None:
    closed, answered, waiting = [(await world.open(str(n))).number for n in range(3)]
    await world.client.close("citizen-1", closed)
    await world.staff.reply(answered, "好", idempotency_key="r1")

    world.now += timedelta(days=31)
    await world.room.clean_up()
    left = {case.number: case.status for case in await world.client.cases("citizen-1")}
    assert left == {answered: CaseStatus.CLOSED, waiting: CaseStatus.OPEN}
    world.now += timedelta(days=31)
    await world.room.clean_up()
    assert [case.number for case in await world.client.cases("citizen-1")] == [waiting]


async def test_everything_survives_a_restart(world: World) -> None:
    case = await world.open(transcript=CHAT)
    other = World(world.settings, world.desk)
    async with other.running():
        assert await other.client.cases("citizen-1") == (case,)
