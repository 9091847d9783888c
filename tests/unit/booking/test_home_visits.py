"""上门服务 through the front door. The sample's team for the old makes 2 visits a day, 3 ahead."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import date

import pytest
from booking_world import ADDRESS, World, at, nov, refusal

from booking.errors import RefusalCode, Refused
from booking.home_visits import PER_DAY, Team
from booking.privacy import clean_address, mask_address
from booking.testing import HOME_VISITS, sample_catalog
from booking.values import Appointment, Half, HomeVisitDay, Kind, Slot, Status
from service_catalog.model import CalendarNotes

BOTH = (Half.MORNING, Half.AFTERNOON)
REFUSED_DAYS = [
    (nov(22), RefusalCode.PAST, "已经过去"),
    (nov(25), RefusalCode.TOO_SOON, "最早可以约11月26日"),
    (nov(28), RefusalCode.NO_VISITS_THAT_DAY, "11月28日不安排上门（不是工作日）"),
    (nov(29), RefusalCode.NO_VISITS_THAT_DAY, "周日不办公"),
    (date(2026, 12, 4), RefusalCode.TOO_FAR, "8个工作日以内的号，目前最晚可以约到12月3日"),
]


async def test_a_citizen_books_sees_and_cancels_a_home_visit(world: World) -> None:
    booked = await world.visit(nov(26))

    assert (booked.kind, booked.place, booked.place_name) == (
        Kind.HOME,
        "home",
        "老年人上门服务",
    )
    assert (booked.start, booked.end) == (at(26, 9), at(26, 12))
    assert (booked.service_name, booked.name) == ("居民身份证换领", "张**")
    assert booked.address == "清禾区龙潭镇****"
    hall = await world.book(at(24, 9))
    assert await world.client.appointments("citizen-1") == (hall, booked)

    cancelled = await world.cancel(booked.code)
    assert cancelled == replace(booked, status=Status.CANCELLED)
    assert await world.rows("SELECT booked FROM home_days") == [(0,)]
    assert await world.rows("SELECT booked FROM slots") == [(1,)]


async def test_days_tell_what_is_left_and_leave_out_full_ones(world: World) -> None:
    await world.visit(nov(26), "a")
    await world.visit(nov(27), "b", half=Half.AFTERNOON)
    await world.visit(nov(27), "c")

    days = await world.client.home_visit_days("elderly")
    assert [day.day.day for day in days] == [26, 30, 1, 2, 3]
    assert days[0] == HomeVisitDay(nov(26), 1, BOTH)
    assert days[1].free == 2

    own = await world.client.home_visit_days("bedridden")  # no days ahead: today is still on
    assert own[0] == HomeVisitDay(nov(23), PER_DAY, (Half.AFTERNOON,))
    assert (await refusal(world.client.home_visit_days("x"))).code is RefusalCode.UNKNOWN_HOME_VISIT


@pytest.mark.parametrize(("day", "code", "words"), REFUSED_DAYS)
async def test_days_that_can_not_be_booked(
    world: World, day: date, code: RefusalCode, words: str
) -> None:
    refused = await refusal(world.visit(day))
    assert refused.code is code and words in refused.sentence
    assert len(refused.nearest) == 3
    assert {slot.place for slot in refused.nearest} == {"home"}


@pytest.mark.parametrize(
    ("changes", "code", "words"),
    [
        ({"rule": "x"}, RefusalCode.UNKNOWN_HOME_VISIT, "没有找到"),
        (
            {"service": "passport"},
            RefusalCode.HOME_VISIT_NOT_OFFERED,
            "“老年人上门服务”可以上门办的有：居民身份证换领、港澳通行证签发。",
        ),
        ({"service": "no-such"}, RefusalCode.HOME_VISIT_NOT_OFFERED, "可以上门办的有"),
        ({"age": None}, RefusalCode.AGE_NEEDED, "60周岁"),
        ({"age": 59}, RefusalCode.TOO_YOUNG, "60周岁"),
        ({"address": "3号"}, RefusalCode.BAD_ADDRESS, "5到100个字"),
        ({"name": "?"}, RefusalCode.BAD_NAME, "姓名"),
        ({"phone": "?"}, RefusalCode.BAD_PHONE, "手机号"),
        # The earlier fault in the order of the form is told first.
        ({"service": "passport", "age": 5}, RefusalCode.HOME_VISIT_NOT_OFFERED, ""),
        ({"address": "?", "name": "?"}, RefusalCode.BAD_ADDRESS, ""),
    ],
)
async def test_wishes_that_can_not_be_fulfilled(
    world: World, changes: dict[str, object], code: RefusalCode, words: str
) -> None:
    refused = await refusal(world.visit(nov(26), **changes))
    assert refused.code is code and words in refused.sentence
    assert await world.client.appointments("citizen-1") == ()


async def test_a_rule_without_an_age_asks_for_none(world: World) -> None:
    booked = await world.visit(nov(24), rule="bedridden", age=None)
    assert booked.start == at(24, 9)


async def test_a_full_team_offers_the_nearest_half_days(world: World) -> None:
    for citizen in "ab":
        await world.visit(nov(26), citizen)
    refused = await refusal(world.visit(nov(26)))
    assert (refused.code, "11月26日" in refused.sentence) == (RefusalCode.HOME_VISITS_FULL, True)
    assert refused.nearest[0] == Slot("home", at(27, 9), at(27, 12), 2)


async def test_sixteen_who_want_the_last_visit(world: World) -> None:
    await world.visit(nov(26), "someone")
    results = await asyncio.gather(
        *(world.visit(nov(26), f"c{number}") for number in range(16)), return_exceptions=True
    )
    assert sum(isinstance(one, Appointment) for one in results) == 1
    refused = [one.code for one in results if isinstance(one, Refused)]
    assert refused == [RefusalCode.HOME_VISITS_FULL] * 15
    assert await world.rows("SELECT booked, capacity FROM home_days") == [(2, 2)]


async def test_one_open_visit_for_each_service_apart_from_the_hall(world: World) -> None:
    await world.visit(nov(26))
    again = await refusal(world.visit(nov(27), rule="bedridden"))
    assert again.code is RefusalCode.HOME_VISIT_BOOKED
    await world.visit(nov(26), service="permit")
    await world.book(at(26, 9))  # neither the day's limit nor the service stands against it


async def test_the_same_request_again_and_another_under_its_key(world: World) -> None:
    first = await world.visit(nov(26), idempotency_key="again")
    assert await world.visit(nov(26), idempotency_key="again") == first
    other = await refusal(world.visit(nov(27), idempotency_key="again"))
    assert other.code is RefusalCode.IDEMPOTENCY_CONFLICT


async def test_it_can_not_be_moved_and_is_cancelled_in_time(world: World) -> None:
    booked = await world.visit(nov(26))
    fixed = await refusal(world.move(booked, at(27, 9)))
    assert fixed.code is RefusalCode.HOME_VISIT_NOT_MOVABLE
    world.now = at(26, 7, 1)
    late = await refusal(world.cancel(booked.code))
    assert late.code is RefusalCode.TOO_LATE_TO_CANCEL


async def test_halves_follow_the_halls_hours(world: World) -> None:
    notes = {"days": [{"day": "2026-11-26", "hours": ["08:00-10:00"], "reason": "学习"}]}
    world.catalog = sample_catalog(notes=CalendarNotes.parse_obj(notes))
    days = await world.client.home_visit_days("elderly")
    assert days[0] == HomeVisitDay(nov(26), 2, (Half.MORNING,))
    refused = await refusal(world.visit(nov(26), half=Half.AFTERNOON))
    assert (refused.code, "11月26日下午" in refused.sentence) == (
        RefusalCode.NO_VISITS_THAT_HALF,
        True,
    )
    assert (await world.visit(nov(26))).end == at(26, 10)

    world.now = at(23, 14)
    begun = await refusal(world.visit(nov(23), "b", rule="bedridden", half=Half.AFTERNOON))
    assert begun.code is RefusalCode.PAST


def test_a_hall_that_is_open_over_noon_and_a_closed_workday() -> None:
    through = {"day": "2026-11-24", "hours": ["08:30-16:30"], "reason": "延时"}
    closed = {"day": "2026-11-25", "hours": [], "reason": "系统升级"}
    notes = CalendarNotes.parse_obj({"days": [through, closed]})
    team = Team.at(sample_catalog(notes=notes), "bedridden", at(23, 10))
    assert team.span(nov(24), Half.MORNING) == (at(24, 8, 30), at(24, 12))
    assert team.span(nov(24), Half.AFTERNOON) == (at(24, 12), at(24, 16, 30))
    told = team.closed(nov(25), team.horizon)
    assert told is not None and "系统升级" in told.sentence


def test_a_year_that_is_not_announced_is_never_guessed() -> None:
    notes = CalendarNotes.parse_obj({"years": [{"year": 2095, "holidays": []}]})
    now = at(1, 9).replace(year=2095, month=12, day=29)
    team = Team.at(sample_catalog(notes=notes), "elderly", now)
    told = team.closed(date(2096, 1, 3), team.horizon)
    assert told is not None and told.code is RefusalCode.UNANNOUNCED
    assert list(team.bookable({})) == []


def test_a_rule_that_does_not_say_how_many_makes_six() -> None:
    assert [rule.per_day for rule in HOME_VISITS.rules] == [2, None] and PER_DAY == 6


async def test_the_address_is_sealed(world: World) -> None:
    await world.visit(nov(26))
    ((sealed,),) = await world.rows("SELECT address_sealed FROM appointments")
    assert "龙潭" not in sealed and len(sealed) > 100


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        (f"  {ADDRESS} ", ADDRESS),
        ("龙潭镇\n上岭村", "龙潭镇 上岭村"),
        ("村" * 100, "村" * 100),
        ("村" * 101, None),
        ("上岭村3", None),
        ("12345", None),
        ("上岭村3组\0", None),
        ("上岭村3组\ud800", None),
    ],
)
def test_addresses(typed: str, kept: str | None) -> None:
    assert clean_address(typed) == kept


@pytest.mark.parametrize(
    ("address", "shown"),
    [
        (ADDRESS, "清禾区龙潭镇****"),
        ("龙潭镇上岭村3组12号", "龙潭镇****"),
        ("浙江省湖州市清禾区城东街道幸福路5号", "浙江省湖州市清禾区城东街道****"),
        ("清禾区湖滨街道阳光社区老城区8栋", "清禾区湖滨街道****"),
        ("清禾区幸福小区3栋2单元", "清禾区****"),
        ("龙潭镇上岭村老区一巷", "龙潭镇****"),
        ("上岭村3组12号", "****"),
        ("阳光小区3栋", "****"),
        ("Room 5, Lake Road", "****"),
    ],
)
def test_masked_addresses(address: str, shown: str) -> None:
    assert mask_address(address) == shown
