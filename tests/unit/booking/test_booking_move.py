"""Moving an appointment: the same ticket, another time, and never two places at once."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import datetime

import pytest
from booking_world import MONDAY, World, at, refusal

from booking.errors import RefusalCode, Refused
from booking.testing import sample_catalog, sample_services
from booking.values import Appointment


async def free(world: World, start: datetime, place: str = "district-hall") -> int:
    """How many places the ID card's slot still has."""
    (day,) = await world.client.availability("id-card", start.date(), start.date(), place)
    return next(slot.free for slot in day.slots if slot.start == start)


async def test_a_moved_appointment_keeps_its_code_and_frees_its_old_place(world: World) -> None:
    booked = await world.book(at(24, 9))
    moved = await world.move(booked, at(25, 15))

    assert moved == replace(booked, start=at(25, 15), end=at(25, 15, 30))
    assert await world.client.appointments("citizen-1") == (moved,)
    assert (await free(world, at(24, 9)), await free(world, at(25, 15))) == (3, 2)


async def test_it_may_move_to_another_place_at_the_same_time(world: World) -> None:
    booked = await world.book(at(24, 9))
    moved = await world.move(booked, at(24, 9), place="town-centre")

    assert (moved.place, moved.place_name) == ("town-centre", "青石镇便民服务中心")
    assert await free(world, at(24, 9)) == 3
    assert await free(world, at(24, 9), "town-centre") == 2


async def test_an_appointment_does_not_stand_in_its_own_way(world: World) -> None:
    """One a day and two a week: the one that moves counts for neither."""
    booked = await world.book(at(24, 9))
    await world.book(at(26, 9), service="passport")

    booked = await world.move(booked, at(24, 9, 30))
    on_day = await refusal(world.move(booked, at(26, 15)))
    assert on_day.code is RefusalCode.DAY_LIMIT
    await world.book(at(30, 9), service="permit")  # the next week
    booked = await world.move(booked, at(27, 9))
    await world.cancel(booked.code)


@pytest.mark.parametrize(
    ("start", "code", "offers"),
    [
        (MONDAY, RefusalCode.PAST, True),
        (at(23, 15), RefusalCode.TOO_SOON, True),
        (at(29, 10), RefusalCode.CLOSED_DAY, True),
        (at(24, 12), RefusalCode.OUTSIDE_HOURS, True),
        (at(30, 9).replace(month=12), RefusalCode.TOO_FAR, True),
        (at(25, 9), RefusalCode.SLOT_FULL, True),
        (at(24, 9), RefusalCode.SAME_TIME, False),
    ],
)
async def test_the_new_time_is_held_to_the_rules_of_booking(
    world: World, start: datetime, code: RefusalCode, offers: bool
) -> None:
    for citizen in "abc":
        await world.book(at(25, 9), citizen)
    booked = await world.book(at(24, 9))

    refused = await refusal(world.move(booked, start))
    assert (refused.code, bool(refused.nearest)) == (code, offers)
    assert await world.client.appointments("citizen-1") == (booked,)
    assert await free(world, at(24, 9)) == 2


async def test_places_and_codes_that_are_not_the_citizens(world: World) -> None:
    booked = await world.book(at(24, 9))
    elsewhere = await refusal(world.move(booked, at(25, 9), place="nowhere"))
    assert elsewhere.code is RefusalCode.UNKNOWN_PLACE
    assert (await refusal(world.move(booked, at(25, 9), "b"))).code is RefusalCode.NOT_FOUND
    await world.cancel(booked.code)
    cancelled = await refusal(world.move(booked, at(25, 9)))
    assert cancelled.code is RefusalCode.ALREADY_CANCELLED


async def test_moving_ends_when_cancelling_does(world: World) -> None:
    booked = await world.book(at(24, 9))
    world.now = at(24, 7, 1)
    late = await refusal(world.move(booked, at(26, 9)))
    assert (late.code, "2小时" in late.sentence) == (RefusalCode.TOO_LATE_TO_MOVE, True)
    world.now = at(24, 7)
    moved = await world.move(booked, at(26, 9))
    world.now = at(24, 10)  # the old time is no matter any more
    assert (await world.move(moved, at(27, 9))).start == at(27, 9)


async def test_a_service_that_takes_no_appointments_any_more(world: World) -> None:
    booked = await world.book(at(24, 9))
    services = (sample_services()[3], sample_services()[0].copy(update={"booking": None}))
    world.catalog = sample_catalog(services)
    assert (await refusal(world.move(booked, at(25, 9)))).code is RefusalCode.NOT_BOOKABLE


async def test_the_same_request_again_gets_the_same_answer(world: World) -> None:
    booked = await world.book(at(24, 9), idempotency_key="book")
    moved = await world.move(booked, at(25, 9), idempotency_key="move")
    last = await world.move(booked, at(26, 9))

    assert await world.book(at(24, 9), idempotency_key="book") == booked
    assert await world.move(booked, at(25, 9), idempotency_key="move") == moved
    assert await world.client.appointments("citizen-1") == (last,)
    for conflict in (
        world.move(booked, at(27, 9), idempotency_key="move"),
        world.book(at(25, 9), idempotency_key="move"),
    ):
        assert (await refusal(conflict)).code is RefusalCode.IDEMPOTENCY_CONFLICT


async def test_sixteen_who_move_into_one_free_place(world: World) -> None:
    for citizen in "ab":
        await world.book(at(27, 15), citizen)
    halves = [at(day, hour) for day in (24, 25) for hour in (9, 10, 11, 14)]
    booked = [await world.book(halves[number // 2], f"c{number}") for number in range(16)]

    results = await asyncio.gather(
        *(world.move(one, at(27, 15), f"c{number}") for number, one in enumerate(booked)),
        return_exceptions=True,
    )
    refused = [one for one in results if isinstance(one, Refused)]
    assert [one.code for one in refused] == [RefusalCode.SLOT_FULL] * 15
    (moved,) = (one for one in results if isinstance(one, Appointment))
    assert await free(world, at(27, 15)) == 0
    assert await free(world, booked[results.index(moved)].start) == 2
    assert sum((await world.rows("SELECT sum(booked) FROM slots"))[0]) == 18


async def test_moves_that_cross_each_other_and_one_citizen_who_moves_everywhere(
    world: World,
) -> None:
    there, back = await world.book(at(24, 9), "a"), await world.book(at(25, 9), "b")
    starts = [at(26, 9), at(26, 10), at(27, 9), at(27, 10)]
    own = await world.book(at(28, 9))
    results = await asyncio.gather(
        world.move(there, at(25, 9), "a"),
        world.move(back, at(24, 9), "b"),
        *(world.move(own, start) for start in starts),
        world.cancel(own.code),
        return_exceptions=True,
    )
    assert not [one for one in results if not isinstance(one, Appointment | Refused)]
    kept = [one for who in ("a", "b", "citizen-1") for one in await world.client.appointments(who)]
    ((counted,),) = await world.rows("SELECT sum(booked) FROM slots")
    assert counted == len(kept) == 2
    assert (await free(world, at(24, 9)), await free(world, at(25, 9))) == (2, 2)
