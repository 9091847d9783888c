"""What random histories (`test_booking_machine.py`) found, each as the shortest story of it."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from booking_world import ELDERLY, MONDAY, World, at, booking_of, refusal, windows
from databases import change

from booking.erasing import Erasing
from booking.errors import RefusalCode
from booking.privacy import Vault
from booking.sql_store import SqlStore
from booking.testing import DATA_KEY
from booking.values import Appointment, Status
from service_catalog.catalog import Catalog
from service_catalog.model import NoShowRules

CODE = RefusalCode
ID = "11010519491231002X"
MOTHER = {"party": "person", "name": "李老太"}
HALL = "district-hall"


async def shut(world: World, window: str | None = "1") -> str:
    """Shut a window on Tuesday morning; gives the closure's id."""
    span = {"since": at(24, 9), "until": at(24, 12), "reason": "设备检修"}
    closure, _ = await world.staff.shut(HALL, window, idempotency_key=world.key(), **span)
    return closure.id


async def waiting(world: World) -> list[str]:
    """The kinds of the messages that wait."""
    found = await world.rows("SELECT kind FROM messages WHERE state = 'waiting' ORDER BY kind")
    return [kind for (kind,) in found]


async def missed(world: World, day: int) -> Appointment:
    """Book a day at nine, and have staff note ten minutes later that nobody came."""
    world.now = at(day, 8)
    booked = await world.book(at(day, 9))
    world.now = at(day, 9, 10)
    return await world.staff.no_show(booked.code)


def suspending(world: World) -> None:
    """The second no-show suspends."""
    rules = {"warn_after": 1, "suspend_after": 2, "suspend_days": 10}
    world.rule(no_show=NoShowRules.parse_obj(rules), first_workday=0, per_week=5)


# --- what citizens are told ---------------------------------------------------------------------


async def test_what_can_not_be_kept_a_second_time_is_told_a_second_time(world: World) -> None:
    await world.book(at(24, 9))
    closure = await shut(world)
    assert await world.staff.tell_affected() == (1, 0)
    await change(world.settings.database, "UPDATE messages SET state = 'sent'")
    await world.staff.open_again(closure)
    assert await world.staff.tell_affected() == (0, 1)
    await change(world.settings.database, "UPDATE messages SET state = 'sent'")
    await shut(world)
    assert await world.staff.tell_affected() == (1, 0)
    assert await waiting(world) == ["affected"]


async def test_that_a_suspension_was_lifted_is_told_whatever_comes_of_the_visit(
    world: World,
) -> None:
    suspending(world)
    await missed(world, 24)
    last = await missed(world, 25)
    (suspension,) = await world.staff.suspensions()
    await world.staff.lift(suspension.id)
    await world.staff.check_in(last.code)
    assert "lifted" in await waiting(world)


# --- no-shows -----------------------------------------------------------------------------------


async def test_a_no_show_noted_at_once_counts_for_one_suspension_alone(world: World) -> None:
    suspending(world)
    await missed(world, 24)
    await missed(world, 25)
    (suspension,) = await world.staff.suspensions()
    assert suspension.no_shows == 2
    await world.staff.lift(suspension.id)
    await missed(world, 26)
    assert await world.staff.suspensions() == ()


async def test_a_no_show_taken_back_takes_back_the_suspension(world: World) -> None:
    suspending(world)
    await missed(world, 24)
    last = await missed(world, 25)
    await world.staff.check_in(last.code)
    assert await world.staff.suspensions() == ()
    assert await waiting(world) == ["lifted", "warned"]
    assert (await world.staff.serve(last.code)).status is Status.SERVED
    assert (await world.book(at(26, 9))).status is Status.BOOKED


async def test_whoever_comes_after_all_has_booked_anew(world: World) -> None:
    suspending(world)
    first = await missed(world, 24)
    second = await world.book(at(25, 9))
    assert (await refusal(world.staff.check_in(first.code))).code is CODE.ALREADY_BOOKED
    await world.staff.cancel(second.code, "今天已经来了")
    await world.hold(at(25, 9))
    assert (await world.staff.check_in(first.code)).status is Status.CHECKED_IN
    assert await world.rows("SELECT sum(booked) FROM slots") == [(1,)]


# --- shut windows -------------------------------------------------------------------------------


async def test_whoever_has_arrived_keeps_a_place_of_those_that_are_left(world: World) -> None:
    windows(world, "1", "2")
    booking_of(world, "id-card", capacity=2)
    first = await world.book(at(24, 9), "first")
    world.now = MONDAY + timedelta(minutes=1)
    second = await world.book(at(24, 9), "second")
    await shut(world)
    assert await world.staff.tell_affected() == (1, 0)
    world.now = at(24, 8, 40)
    await world.client.arrive("first", first.code)
    assert await world.staff.tell_affected() == (0, 0)
    (hit,) = await world.staff.affected()
    assert hit.appointment.code == second.code


async def test_a_hold_is_not_confirmed_at_a_window_that_was_shut_since(world: World) -> None:
    held = await world.hold(at(24, 9))
    await shut(world)
    refused = await refusal(world.confirm(held))
    assert refused.code is CODE.WINDOW_CLOSED and "设备检修" in refused.sentence
    assert refused.nearest[0].start == at(24, 13, 30)


async def test_a_hold_keeps_its_rank_when_some_windows_are_shut(world: World) -> None:
    windows(world, "1", "2")
    booking_of(world, "id-card", capacity=2)
    first = await world.hold(at(24, 9), "first")
    world.now = MONDAY + timedelta(minutes=1)
    second = await world.hold(at(24, 9), "second")
    await shut(world)
    assert (await world.confirm(first, "first")).status is Status.BOOKED
    assert (await refusal(world.confirm(second, "second"))).code is CODE.WINDOW_CLOSED


# --- holds and limits ---------------------------------------------------------------------------


async def test_own_holds_of_one_slot_are_freed_once(world: World) -> None:
    booking_of(world, "id-card", capacity=3, reserved=1)
    world.catalog = replace(world.catalog, priority=(ELDERLY,))
    world.rule(per_day=3)
    await world.book(at(25, 9), "other")
    await world.hold(at(25, 9), principal=MOTHER, priority="elderly")
    world.now = MONDAY + timedelta(minutes=6)
    await world.hold(at(25, 9))
    world.now = MONDAY + timedelta(minutes=11)
    assert (await world.hold(at(25, 9))).status is Status.HELD
    assert await world.rows("SELECT booked, priority FROM slots") == [(2, 0)]


async def test_a_hold_whose_time_is_up_is_no_limit_for_moving(world: World) -> None:
    booked = await world.book(at(24, 9))
    await world.hold(at(25, 9), service="permit")
    world.now = MONDAY + timedelta(minutes=11)
    assert (await world.move(booked, at(25, 10))).start == at(25, 10)


async def test_ones_own_number_is_not_taken_for_that_of_another_person(world: World) -> None:
    world.rule(per_week=5)
    held = await world.hold(at(24, 9), principal=MOTHER)
    await world.confirm(held, id_number=ID)
    assert (await world.staff.read(held.code)).id_number is None
    assert (await world.book(at(24, 9), id_number=ID)).status is Status.BOOKED


async def test_what_others_let_lapse_under_the_number_is_not_in_the_way(world: World) -> None:
    father = {"party": "person", "name": "李老汉", "number": ID}
    await world.hold(at(24, 9), "other", principal=father)
    world.now = MONDAY + timedelta(minutes=5)
    held = await world.hold(at(24, 9))
    world.now = MONDAY + timedelta(minutes=11)
    booked = await world.confirm(held, id_number=ID)
    assert booked.status is Status.BOOKED
    world.now = at(24, 10)  # it is over, though nobody has ended it yet
    later = await world.book(at(25, 9), "other", principal=father)
    assert later.status is Status.BOOKED


async def test_a_request_is_answered_word_for_word_alike(world: World) -> None:
    key = {"idempotency_key": "the-same-key"}
    held = await world.hold(at(24, 9), **key)
    booked = await world.confirm(held, idempotency_key="another")
    assert await world.hold(at(24, 9), **key) == held
    await shut(world)
    await world.staff.tell_affected()
    world.now = at(24, 8, 45)
    await world.client.arrive("citizen-1", booked.code)
    assert await world.confirm(held, idempotency_key="another") == booked


# --- what belongs to nobody ---------------------------------------------------------------------


async def test_those_who_were_erased_while_they_waited_can_still_be_served(world: World) -> None:
    codes = []
    for citizen in ("citizen-1", "citizen-2"):
        booked = await world.book(at(24, 9), citizen)
        codes.append(booked.code)
    world.now = at(24, 8, 50)
    for citizen, code in zip(("citizen-1", "citizen-2"), codes, strict=True):
        await world.client.arrive(citizen, code)
        await world.client.erase(citizen, cancel_open=True)
    for code in codes:
        assert (await world.staff.check_in(code)).status is Status.CHECKED_IN
        assert (await world.staff.serve(code)).status is Status.SERVED
    assert await world.rows("SELECT kind FROM messages") == []


async def test_what_is_old_is_erased_even_if_nobody_ended_it(world: World) -> None:
    world.rule(keep_days=1)
    for citizen in ("citizen-1", "citizen-2"):
        await world.book(at(24, 9), citizen)
    await world.hold(at(24, 9), "citizen-3")
    store = SqlStore(world.settings.database)

    async def catalog() -> Catalog:
        return world.catalog

    erasing = Erasing(catalog, store, Vault(DATA_KEY), lambda: at(26, 9))
    assert await erasing.erase_old() == 3
    await store.close()
    found = await world.rows("SELECT citizen, status FROM appointments ORDER BY status")
    assert found == [("nobody", "ended"), ("nobody", "ended"), ("nobody", "expired")]
    assert await world.rows("SELECT booked FROM slots") == [(2,)]
