"""The appointment office through its front door: real server, real SQLite, the real client."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import date, timedelta

import pytest
from booking_world import MONDAY, World, at, refusal

from booking.errors import RefusalCode, Refused
from booking.testing import sample_catalog, sample_services
from booking.tickets import ALPHABET, LENGTH
from booking.values import Status


async def test_a_citizen_books_sees_and_cancels_an_appointment(world: World) -> None:
    booked = await world.book(at(24, 9))

    assert (booked.service_name, booked.place_name) == ("居民身份证换领", "区政务服务中心")
    assert (booked.start, booked.end) == (at(24, 9), at(24, 9, 30))
    assert (booked.name, booked.phone) == ("张**", "138****5678")
    assert booked.status is Status.BOOKED
    assert len(booked.code) == LENGTH and set(booked.code) <= set(ALPHABET)
    assert await world.client.appointments("citizen-1") == (booked,)

    cancelled = await world.cancel(booked.code)
    assert cancelled == replace(booked, status=Status.CANCELLED)
    assert await world.client.appointments("citizen-1") == ()


async def test_appointments_come_earliest_first_and_only_ones_own(world: World) -> None:
    late = await world.book(at(26, 9))
    early = await world.book(at(24, 9), service="passport")
    await world.book(at(25, 9), citizen="citizen-2")

    assert await world.client.appointments("citizen-1") == (early, late)


async def test_an_appointment_that_is_over_leaves_the_list_and_its_service_is_free_again(
    world: World,
) -> None:
    await world.book(at(24, 9))
    world.now = at(24, 9, 30)

    assert await world.client.appointments("citizen-1") == ()
    again = await world.book(at(26, 9))
    assert await world.client.appointments("citizen-1") == (again,)


async def test_availability_tells_open_days_with_slots_and_closed_days_with_reasons(
    world: World,
) -> None:
    await world.book(at(24, 9))

    days = await world.client.availability(
        "id-card", date(2026, 11, 22), date(2026, 12, 1), "district-hall"
    )

    by_day = {day.day.day: day for day in days}
    assert {number: day.code for number, day in by_day.items() if not day.open} == {
        22: RefusalCode.PAST,
        23: RefusalCode.TOO_SOON,
        29: RefusalCode.CLOSED_DAY,
        1: RefusalCode.TOO_FAR,
    }
    assert by_day[29].reason == "11月29日不办公（周日不办公），请换一个日期。"
    assert [slot.start.hour for slot in by_day[28].slots] == [9, 9, 10, 10]  # Saturday
    first, second, *_ = by_day[24].slots
    assert (first.start, first.free, second.free) == (at(24, 9), 2, 3)
    assert len(by_day[24].slots) == 13


async def test_without_a_place_every_place_of_the_service_is_told(world: World) -> None:
    day = date(2026, 11, 24)
    days = await world.client.availability("id-card", day, day)
    assert [(day.place, len(day.slots)) for day in days] == [
        ("district-hall", 13),
        ("town-centre", 6),
    ]


async def test_nearest_goes_by_the_wanted_day_then_by_the_time_of_day(world: World) -> None:
    for citizen in ("a", "b", "c"):
        await world.book(at(25, 10), citizen)

    offers = await world.client.nearest("id-card", at(25, 10), "district-hall", limit=4)
    assert [slot.start for slot in offers] == [at(25, 9, 30), at(25, 10, 30), at(25, 9), at(25, 11)]

    sunday = await world.client.nearest("id-card", at(29, 10), "district-hall")
    assert [slot.start for slot in sunday] == [at(30, 10), at(30, 9, 30), at(30, 10, 30)]


async def test_a_full_slot_is_refused_with_the_nearest_free_ones(world: World) -> None:
    await world.book(at(24, 9), "someone", service="passport")

    refused = await refusal(world.book(at(24, 9), service="passport"))

    assert refused.code is RefusalCode.SLOT_FULL
    assert "约满" in refused.sentence
    assert [slot.start for slot in refused.nearest] == [at(24, 9, 15), at(24, 9, 30), at(24, 9, 45)]


async def test_cancelling_frees_the_place_for_another(world: World) -> None:
    booked = await world.book(at(24, 9), "someone", service="passport")
    await world.cancel(booked.code, "someone")

    assert (await world.book(at(24, 9), service="passport")).start == at(24, 9)


@pytest.mark.parametrize(
    ("start", "code", "offers"),
    [
        (MONDAY, RefusalCode.PAST, True),
        (at(23, 15), RefusalCode.TOO_SOON, True),
        (at(29, 10), RefusalCode.CLOSED_DAY, True),
        (at(24, 12), RefusalCode.OUTSIDE_HOURS, True),
        (at(24, 9, 10), RefusalCode.OUTSIDE_HOURS, True),
        (at(24, 9) + timedelta(seconds=1), RefusalCode.OUTSIDE_HOURS, True),
        (at(24, 9) + timedelta(days=7), RefusalCode.TOO_FAR, True),
        (at(24, 9) + timedelta(days=365 * 50), RefusalCode.TOO_FAR, True),
    ],
)
async def test_days_and_times_that_can_not_be_booked(
    world: World, start: object, code: RefusalCode, offers: bool
) -> None:
    refused = await refusal(world.book(start))  # type: ignore[arg-type]
    assert (refused.code, bool(refused.nearest)) == (code, offers)
    assert "{" not in refused.sentence


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"service": "no-such"}, RefusalCode.UNKNOWN_SERVICE),
        ({"service": "tax"}, RefusalCode.NOT_BOOKABLE),
        ({"place": "no-such"}, RefusalCode.UNKNOWN_PLACE),
        ({"service": "passport", "place": "town-centre"}, RefusalCode.UNKNOWN_PLACE),
        ({"name": "张"}, RefusalCode.BAD_NAME),
        ({"name": "13812345678"}, RefusalCode.BAD_NAME),
        ({"phone": "12345678901"}, RefusalCode.BAD_PHONE),
        ({"phone": "1381234567"}, RefusalCode.BAD_PHONE),
        # The earlier fault in the order of the form is told first.
        ({"service": "tax", "name": "?", "phone": "?"}, RefusalCode.NOT_BOOKABLE),
        ({"name": "?", "phone": "?"}, RefusalCode.BAD_NAME),
    ],
)
async def test_wishes_that_can_not_be_fulfilled(
    world: World, changes: dict[str, str], code: RefusalCode
) -> None:
    assert (await refusal(world.book(at(24, 9), **changes))).code is code
    assert await world.client.appointments("citizen-1") == ()


async def test_a_service_that_ends_is_not_booked_past_its_end(world: World) -> None:
    services = tuple(
        service.copy(update={"effective_until": date(2026, 11, 24)})
        for service in sample_services()
    )
    world.catalog = sample_catalog(services)
    await world.book(at(24, 9))
    assert (await refusal(world.book(at(25, 9), "b"))).code is RefusalCode.NOT_BOOKABLE


async def test_one_open_appointment_for_each_service(world: World) -> None:
    await world.book(at(24, 9))
    assert (await refusal(world.book(at(26, 9)))).code is RefusalCode.ALREADY_BOOKED


async def test_day_and_week_limits(world: World) -> None:
    await world.book(at(24, 9))
    on_day = await refusal(world.book(at(24, 15), service="passport"))
    assert (on_day.code, on_day.sentence[:9]) == (RefusalCode.DAY_LIMIT, "每人每天最多预约1")

    permit = await world.book(at(26, 15, 30), service="permit")
    in_week = await refusal(world.book(at(28, 9), service="passport"))
    assert (in_week.code, in_week.sentence[:9]) == (RefusalCode.WEEK_LIMIT, "每人每周最多预约2")
    await world.book(at(30, 9), service="passport")  # the next week begins on Monday

    await world.cancel(permit.code)
    await world.book(at(27, 9), service="permit")  # a cancelled one does not count


async def test_an_appointment_that_is_over_still_counts_for_its_week(world: World) -> None:
    await world.book(at(24, 9))
    await world.book(at(25, 9), service="passport")
    world.now = at(25, 18)
    assert (await refusal(world.book(at(26, 9)))).code is RefusalCode.WEEK_LIMIT


async def test_limits_hold_when_one_citizen_books_everything_at_once(world: World) -> None:
    wishes = [
        world.book(at(day, 9), service=service)
        for day in (24, 25, 26, 27)
        for service in ("id-card", "passport", "permit")
    ]
    results = await asyncio.gather(*wishes, return_exceptions=True)

    refused = [result for result in results if isinstance(result, Refused)]
    assert len(results) - len(refused) == 2
    assert {one.code for one in refused} <= {
        RefusalCode.ALREADY_BOOKED,
        RefusalCode.DAY_LIMIT,
        RefusalCode.WEEK_LIMIT,
    }
    kept = await world.client.appointments("citizen-1")
    assert len({one.start.date() for one in kept}) == len({one.service for one in kept}) == 2


async def test_cancelling_ends_two_hours_before(world: World) -> None:
    booked = await world.book(at(24, 9))
    world.now = at(24, 7, 1)
    late = await refusal(world.cancel(booked.code))
    assert late.code is RefusalCode.TOO_LATE_TO_CANCEL
    assert "2小时" in late.sentence

    world.now = at(24, 7)
    assert (await world.cancel(booked.code)).status is Status.CANCELLED


async def test_an_appointment_that_is_over_can_not_be_cancelled(world: World) -> None:
    booked = await world.book(at(24, 9))
    world.now = at(24, 10)
    await world.book(at(25, 9), service="passport")  # closes what is over
    late = await refusal(world.cancel(booked.code))
    assert late.code is RefusalCode.TOO_LATE_TO_CANCEL


async def test_only_ones_own_code_can_be_cancelled_and_only_once(world: World) -> None:
    booked = await world.book(at(24, 9))
    typed = f" {booked.code[:4].lower()}-{booked.code[4:]} "
    for code in (booked.code, "no such", "", "../search", "23456789"):
        refused = await refusal(world.cancel(code, "citizen-2"))
        assert refused.code is RefusalCode.NOT_FOUND

    await world.cancel(typed)
    again = await refusal(world.cancel(typed))
    assert again.code is RefusalCode.ALREADY_CANCELLED


async def test_cancelling_many_times_at_once_frees_one_place(world: World) -> None:
    await world.book(at(24, 9), "someone")
    booked = await world.book(at(24, 9))
    calls = [world.cancel(booked.code) for _ in range(8)]
    results = await asyncio.gather(*calls, return_exceptions=True)

    codes = [result.code for result in results if isinstance(result, Refused)]
    assert codes == [RefusalCode.ALREADY_CANCELLED] * 7
    day = date(2026, 11, 24)
    (told,) = await world.client.availability("id-card", day, day, "district-hall")
    assert told.slots[0].free == 2


async def test_the_same_request_again_gets_the_same_appointment(world: World) -> None:
    first = await world.book(at(24, 9), idempotency_key="again")
    assert await world.book(at(24, 9), idempotency_key="again") == first

    await world.cancel(first.code)
    world.now = at(26, 9)
    assert await world.book(at(24, 9), idempotency_key="again") == first


async def test_the_same_request_many_times_at_once_books_once(world: World) -> None:
    calls = [world.book(at(24, 9), idempotency_key="again") for _ in range(16)]
    assert len(set(await asyncio.gather(*calls))) == 1


async def test_a_key_with_another_body_is_a_conflict(world: World) -> None:
    await world.book(at(24, 9), idempotency_key="again")
    other = await refusal(world.book(at(25, 9), "citizen-2", idempotency_key="again"))
    assert other.code is RefusalCode.IDEMPOTENCY_CONFLICT


async def test_a_refused_request_does_not_use_up_its_key(world: World) -> None:
    await refusal(world.book(at(24, 9), idempotency_key="again", name="?"))
    await world.book(at(24, 9), idempotency_key="again")


async def test_edits_of_the_catalogue_show_at_once(world: World) -> None:
    world.rule(last_workday=1)
    assert (await refusal(world.book(at(25, 9)))).code is RefusalCode.TOO_FAR
    world.rule(last_workday=2)
    await world.book(at(25, 9))


async def test_a_capacity_lowered_below_what_is_booked_harms_nothing(world: World) -> None:
    booked = [await world.book(at(24, 9), citizen) for citizen in "abc"]
    world.catalog = sample_catalog(sample_services(capacity=1))

    assert (await refusal(world.book(at(24, 9)))).code is RefusalCode.SLOT_FULL
    for one, citizen in zip(booked[:2], "ab", strict=True):
        await world.cancel(one.code, citizen)
        assert (await refusal(world.book(at(24, 9)))).code is RefusalCode.SLOT_FULL
    await world.cancel(booked[2].code, "c")
    await world.book(at(24, 9))
