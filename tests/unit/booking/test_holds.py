"""A slot is kept while the citizen still writes name and phone, and not a minute longer."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import timedelta

from booking_world import MONDAY, World, at, booking_of, refusal

from booking.errors import RefusalCode
from booking.values import Status

CODE = RefusalCode


async def free_at_nine(world: World, citizen: str = "x") -> int:
    days = await world.client.availability("id-card", at(24, 9).date(), at(24, 9).date())
    return next(slot.free for slot in days[0].slots if slot.start == at(24, 9))


async def test_a_hold_is_confirmed_under_its_code(world: World) -> None:
    held = await world.hold(at(24, 9))
    assert (held.status, held.name, held.phone) == (Status.HELD, "", "")
    assert held.expires == MONDAY + timedelta(minutes=10)
    assert await free_at_nine(world) == 2
    assert await world.client.appointments("citizen-1") == ()

    booked = await world.confirm(held)
    assert (booked.code, booked.status, booked.expires) == (held.code, Status.BOOKED, None)
    assert (booked.name, booked.phone) == ("张**", "138****5678")
    assert await free_at_nine(world) == 2


async def test_a_hold_that_is_not_confirmed_frees_its_place(world: World) -> None:
    booking_of(world, "id-card", capacity=1)
    held = await world.hold(at(24, 9))
    full = await refusal(world.hold(at(24, 9), citizen="citizen-2"))
    assert full.code is CODE.SLOT_FULL and full.nearest[0].start == at(24, 9, 30)

    world.now = MONDAY + timedelta(minutes=10)
    assert await world.client.appointments("citizen-1") == ()
    other = await world.book(at(24, 9), citizen="citizen-2")
    assert other.status is Status.BOOKED
    gone = await refusal(world.confirm(held))
    assert gone.code is CODE.SLOT_FULL and gone.nearest


async def test_an_expired_hold_is_taken_anew_when_there_is_room(world: World) -> None:
    held = await world.hold(at(24, 9))
    world.now = MONDAY + timedelta(hours=2)
    await world.book(at(24, 9), citizen="citizen-2")
    booked = await world.confirm(held)
    assert (booked.code, booked.status) == (held.code, Status.BOOKED)
    assert await free_at_nine(world) == 1


async def test_another_hold_for_the_item_gives_the_first_one_up(world: World) -> None:
    first = await world.hold(at(24, 9))
    second = await world.hold(at(25, 9))
    assert await free_at_nine(world) == 3
    assert (await world.confirm(second)).start == at(25, 9)
    again = await refusal(world.confirm(first))
    assert again.code is CODE.ALREADY_BOOKED


async def test_a_hold_for_the_same_slot_again_takes_no_second_place(world: World) -> None:
    booking_of(world, "id-card", capacity=1)
    await world.hold(at(24, 9))
    second = await world.hold(at(24, 9))
    assert (await world.confirm(second)).status is Status.BOOKED
    assert await free_at_nine(world) == 0


async def test_a_hold_is_given_up_by_cancelling_at_any_time(world: World) -> None:
    world.rule(first_workday=0)
    held = await world.hold(at(23, 11))
    given_up = await world.cancel(held.code)
    assert given_up.status is Status.EXPIRED
    assert await world.rows("SELECT booked FROM slots") == [(0,)]
    assert (await refusal(world.move(held, at(24, 9)))).code is CODE.CONFIRM_FIRST


async def test_what_is_no_hold_is_not_confirmed(world: World) -> None:
    booked = await world.book(at(24, 9))
    assert (await refusal(world.confirm(booked))).code is CODE.NOT_HELD
    held = await world.hold(at(25, 9), citizen="citizen-2")
    assert (await refusal(world.confirm(held))).code is CODE.NOT_FOUND
    assert (await refusal(world.client.arrive("citizen-2", held.code))).code is CODE.CONFIRM_FIRST
    for changes, code in (({"name": "1"}, CODE.BAD_NAME), ({"phone": "1"}, CODE.BAD_PHONE)):
        wrong = await refusal(world.confirm(held, citizen="citizen-2", **changes))
        assert wrong.code is code
    assert (await world.confirm(held, citizen="citizen-2")).status is Status.BOOKED


async def test_the_same_request_again_gets_the_same_answer(world: World) -> None:
    held = await world.hold(at(24, 9), idempotency_key="hold")
    booked = await world.confirm(held, idempotency_key="confirm")
    again = await world.hold(at(24, 9), idempotency_key="hold")
    assert (again.code, again.status, again.expires) == (held.code, Status.HELD, held.expires)
    cancelled = await world.client.cancel("citizen-1", held.code, idempotency_key="cancel")
    assert await world.confirm(held, idempotency_key="confirm") == booked
    again = await world.client.cancel("citizen-1", held.code, idempotency_key="cancel")
    assert again == cancelled == replace(booked, status=Status.CANCELLED)
    other = await refusal(world.hold(at(24, 9, 30), idempotency_key="hold"))
    assert other.code is CODE.IDEMPOTENCY_CONFLICT


async def test_holds_count_for_the_limits_of_one_citizen(world: World) -> None:
    await world.hold(at(24, 9))
    assert (await refusal(world.hold(at(24, 10), service="permit"))).code is CODE.DAY_LIMIT
    world.now += timedelta(minutes=11)
    assert (await world.hold(at(24, 10), service="permit")).status is Status.HELD


async def test_many_hold_at_once_and_no_place_is_held_twice(world: World) -> None:
    calls = [world.hold(at(24, 9), citizen=f"c{number}") for number in range(20)]
    results = await asyncio.gather(*calls, return_exceptions=True)
    held = [one for one in results if not isinstance(one, BaseException)]
    assert len(held) == 3
    world.now += timedelta(minutes=11)
    calls = [world.book(at(24, 9), citizen=f"d{number}") for number in range(20)]
    confirms = [world.confirm(one, citizen=f"c{number}") for number, one in enumerate(held)]
    await asyncio.gather(*calls, *confirms, return_exceptions=True)
    assert await world.rows("SELECT booked, capacity FROM slots") == [(3, 3)]
    kept = await world.rows("SELECT count(*) FROM appointments WHERE status = 'booked'")
    assert kept == [(3,)]
