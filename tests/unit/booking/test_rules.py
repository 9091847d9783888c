"""Who may book how much, for whom, in whose right, and at which windows."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest
from booking_world import ELDERLY, MONDAY, World, at, booking_of, nov, refusal, windows

from booking.errors import RefusalCode
from booking.identity import clean_credit_code, clean_id_number
from booking.seats import merged
from booking.values import Party, Status
from service_catalog.model import Bundle, Period

CODE = RefusalCode
PERSON = {"party": "person", "name": "李老太"}
COMPANY = {"party": "company", "name": "清禾小吃店", "number": "91350100M000100Y43"}
ID = "11010519491231002X"


async def free(world: World, moment: Any, **asked: Any) -> int | None:
    days = await world.client.availability(
        "id-card", moment.date(), moment.date(), "district-hall", **asked
    )
    return next((slot.free for slot in days[0].slots if slot.start == moment), None)


# --- for whom -----------------------------------------------------------------------------------


async def test_for_another_person_and_for_oneself(world: World) -> None:
    world.rule(per_day=1, per_week=5)
    own = await world.book(at(24, 9))
    mothers = await world.book(at(24, 9), principal=PERSON)
    assert (mothers.party, mothers.principal) == (Party.PERSON, "李**")
    assert (own.party, own.principal) == (Party.SELF, None)
    again = await refusal(world.book(at(25, 9), principal=PERSON))
    assert again.code is CODE.ALREADY_BOOKED
    other = await refusal(world.book(at(24, 13, 30), service="permit", principal=PERSON))
    assert other.code is CODE.DAY_LIMIT


async def test_for_a_company(world: World) -> None:
    booked = await world.book(at(24, 9), principal=COMPANY)
    assert (booked.party, booked.principal) == (Party.COMPANY, "清****")
    shown = await world.staff.read(booked.code)
    assert (shown.principal, shown.id_number) == ("清禾小吃店", "91350100M000100Y43")


@pytest.mark.parametrize(
    ("principal", "code"),
    [
        ({"party": "person", "name": "1"}, CODE.BAD_PRINCIPAL),
        ({"party": "company", "name": "清禾小吃店"}, CODE.BAD_PRINCIPAL),
        ({**COMPANY, "number": "91350100M000100Y44"}, CODE.BAD_PRINCIPAL),
        ({**COMPANY, "name": "店"}, CODE.BAD_PRINCIPAL),
        ({**PERSON, "number": "110105194912310021"}, CODE.BAD_ID_NUMBER),
        ({"party": "nobody", "name": "李老太"}, CODE.BAD_REQUEST),
    ],
)
async def test_for_nobody(world: World, principal: dict[str, str], code: RefusalCode) -> None:
    assert (await refusal(world.book(at(24, 9), principal=principal))).code is code
    assert await world.rows("SELECT code FROM appointments") == []


async def test_an_id_number_has_one_open_appointment_per_item(world: World) -> None:
    await world.book(at(24, 9), id_number=ID.lower())
    other = {"party": "person", "name": "张三丰", "number": ID}
    twice = await refusal(world.book(at(25, 9), citizen="citizen-2", principal=other))
    assert twice.code is CODE.ALREADY_BOOKED
    assert (await refusal(world.book(at(25, 9), "c3", id_number="x"))).code is CODE.BAD_ID_NUMBER


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        (ID, ID),
        ("110105 19491231 002x", ID),
        ("11010519491231002", None),
        ("110105194912310021", None),
        ("11010519491331002X", None),
        ("000000194912310024", None),
        ("", None),
        ("身份证", None),
    ],
)
def test_id_numbers(text: str, kept: str | None) -> None:
    assert clean_id_number(text) == kept


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        ("91350100M000100Y43", "91350100M000100Y43"),
        ("91350100m000100y43", "91350100M000100Y43"),
        ("91350100M000100Y44", None),
        ("9135", None),
        ("", None),
    ],
)
def test_credit_codes(text: str, kept: str | None) -> None:
    assert clean_credit_code(text) == kept


# --- limits -------------------------------------------------------------------------------------


async def test_so_many_a_month(world: World) -> None:
    world.rule(per_month=1, per_week=5, last_workday=20)
    await world.book(at(24, 9))
    assert (await refusal(world.book(at(30, 9), service="permit"))).code is CODE.MONTH_LIMIT
    december = await world.book(at(30, 9) + timedelta(days=1), service="permit")
    assert december.start.month == 12


async def test_so_many_open_at_once_for_whomever(world: World) -> None:
    world.rule(max_open=2, per_week=5)
    await world.book(at(24, 9))
    await world.book(at(25, 9), principal=PERSON)
    full = await refusal(world.book(at(26, 9), principal=COMPANY))
    assert full.code is CODE.OPEN_LIMIT and "2个" in full.sentence
    world.now = at(24, 12)
    assert await world.book(at(26, 9), principal=COMPANY)


# --- priority -----------------------------------------------------------------------------------


@pytest.fixture
def reserving(world: World) -> World:
    world.catalog = replace(world.catalog, priority=(ELDERLY,))
    booking_of(world, "id-card", capacity=2, reserved=1)
    world.rule(release_hours=24)
    return world


async def test_reserved_places_are_for_priority_groups(reserving: World) -> None:
    world, there = reserving, at(25, 9)
    assert (await free(world, there), await free(world, there, priority="elderly")) == (1, 2)
    await world.book(there, "a")
    assert (await free(world, there), await free(world, there, priority="elderly")) == (0, 1)
    full = await refusal(world.book(there, "b"))
    assert full.code is CODE.SLOT_FULL and full.nearest[0].start == at(25, 9, 30)
    old = await world.book(there, "c", priority="elderly")
    assert old.priority == "elderly"
    assert (await refusal(world.book(there, "d", priority="elderly"))).code is CODE.SLOT_FULL
    await world.cancel(old.code, "c")
    assert (await refusal(world.book(there, "b"))).code is CODE.SLOT_FULL


async def test_a_priority_booking_uses_the_reserved_place_first(reserving: World) -> None:
    await reserving.book(at(25, 9), "a", priority="elderly")
    assert await free(reserving, at(25, 9)) == 1
    await reserving.book(at(25, 9), "b")
    assert await free(reserving, at(25, 9), priority="elderly") == 0


async def test_reserved_places_are_let_go_shortly_before(reserving: World) -> None:
    await reserving.book(at(25, 10, 30), "a")
    assert await free(reserving, at(25, 10, 30)) == 0
    reserving.now = MONDAY + timedelta(days=1, minutes=30)
    assert await free(reserving, at(25, 10, 30)) == 1
    await reserving.book(at(25, 10, 30), "b")


async def test_an_unknown_group(reserving: World) -> None:
    unknown = await refusal(reserving.book(at(25, 9), priority="soldiers"))
    assert unknown.code is CODE.UNKNOWN_PRIORITY
    asked = reserving.client.availability("id-card", nov(25), nov(25), priority="soldiers")
    assert (await refusal(asked)).code is CODE.UNKNOWN_PRIORITY


async def test_a_move_keeps_the_right(reserving: World) -> None:
    await reserving.book(at(26, 9), "a")
    old = await reserving.book(at(25, 9), "b", priority="elderly")
    moved = await reserving.move(old, at(26, 9), "b")
    assert (moved.start, moved.priority) == (at(26, 9), "elderly")
    query = "SELECT booked, priority FROM slots ORDER BY starts_at"
    assert await reserving.rows(query) == [(0, 0), (2, 1)]


# --- bundles and windows ------------------------------------------------------------------------


BUNDLE = {
    "id": "travel",
    "name": "出国“一件事”",
    "audience": ["自然人"],
    "summary": "护照和通行证一次办",
    "parts": [{"service": "passport"}, {"service": "permit"}],
    "form": "一张表",
    "window": [{"place": "district-hall", "windows": ["1"]}],
    "booking": {"minutes": 90, "capacity": 1, "places": ["district-hall"]},
    "promised_limit": {"number": 5, "unit": "工作日"},
    "visits": {"count": 1, "reason": "拍照"},
    "phones": {"enquiry": "0571-88880001", "complaint": "0571-88880002"},
    "effective_from": "2020-01-01",
    "checked_on": "2026-01-01",
    "checked_by": "测试",
}


async def test_a_bundle_has_its_own_longer_slots(world: World) -> None:
    world.catalog = replace(world.catalog, bundles={"travel": Bundle.parse_obj(BUNDLE)})
    days = await world.client.availability("travel", nov(24), nov(24))
    starts = [f"{slot.start:%H:%M}" for slot in days[0].slots]
    assert starts == ["09:00", "10:30", "13:30", "15:00"]
    booked = await world.book(at(24, 9), service="travel")
    assert (booked.service_name, booked.end) == ("出国“一件事”", at(24, 10, 30))
    assert (await refusal(world.book(at(24, 9), "c2", service="travel"))).code is CODE.SLOT_FULL


async def test_a_window_with_hours_of_its_own_opens_slots_for_itself(world: World) -> None:
    hours = {"workdays": ["09:00-12:00", "13:30-17:00"], "saturday": ["09:00-10:00"]}
    hours["sunday"] = ["10:00-11:00"]
    windows(world, "1", "2", "3", hours=hours)
    booking_of(world, "id-card", capacity=3)
    assert await free(world, at(28, 9)) == 3  # Saturday: the hall's hours until 11, window 3's 10
    assert await free(world, at(28, 10)) == 2
    assert await free(world, at(29, 10)) == 1
    assert await free(world, at(29, 9)) is None


@pytest.mark.parametrize(
    ("periods", "together"),
    [
        ([], ()),
        (["09:00-12:00"], ("09:00-12:00",)),
        (["13:00-17:00", "09:00-12:00"], ("09:00-12:00", "13:00-17:00")),
        (["09:00-12:00", "12:00-17:00"], ("09:00-17:00",)),
        (["09:00-17:00", "10:00-11:00"], ("09:00-17:00",)),
    ],
)
def test_periods_are_merged(periods: list[str], together: tuple[str, ...]) -> None:
    assert merged(Period(one) for one in periods) == together


async def test_a_home_visit_goes_to_its_towns_alone(world: World) -> None:
    rule = world.catalog.home_visits[0].copy(update={"towns": ("龙潭镇", "青石镇")})
    world.catalog = replace(world.catalog, home_visits=(rule,))
    far = await refusal(world.visit(date(2026, 11, 27), address="清禾区城东街道1号"))
    assert far.code is CODE.OUT_OF_AREA and "龙潭镇、青石镇" in far.sentence
    assert (await world.visit(date(2026, 11, 27))).status is Status.BOOKED
