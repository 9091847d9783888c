"""Who came, who was served, who didn't come, and what follows on that."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from booking_world import MONDAY, NO_SHOW, World, at, nov, refusal, windows

from booking.errors import RefusalCode
from booking.keeper import Keeper
from booking.privacy import Vault
from booking.sql_store import SqlStore
from booking.testing import DATA_KEY
from booking.values import Status
from service_catalog.catalog import Catalog

CODE = RefusalCode


async def sweep(world: World) -> None:
    """What the backend does every minute, at the world's time."""

    async def catalog() -> Catalog:
        return world.catalog

    store = SqlStore(world.settings.database)
    keeper = Keeper(catalog, store, Vault(DATA_KEY), lambda: world.now)
    await keeper.end_holds()
    await keeper.end_past()
    await store.close()


async def status(world: World, code: str) -> str:
    return dict(await world.rows("SELECT code, status FROM appointments"))[code]


async def miss(world: World, day: int, citizen: str = "citizen-1") -> str:
    """Book the day, let somebody else come and the citizen not."""
    world.now = at(day, 8) - timedelta(days=1)
    booked = await world.book(at(day, 9), citizen)
    other = await world.book(at(day, 9), f"good-{day}")
    world.now = at(day, 9)
    await world.staff.check_in(other.code)
    world.now = at(day, 10)
    await sweep(world)
    return booked.code


# --- arriving -----------------------------------------------------------------------------------


async def test_from_the_door_to_the_end(world: World) -> None:
    windows(world, "1", "2")
    booked = await world.book(at(24, 9))
    world.now = at(24, 8, 40)
    came = await world.client.arrive("citizen-1", booked.code)
    assert (came.status, came.arrived) == (Status.CHECKED_IN, world.now)
    assert await world.client.arrive("citizen-1", booked.code) == came
    world.now = at(24, 9, 5)
    await world.staff.call(booked.code, "2")
    world.now = at(24, 9, 20)
    served = await world.staff.serve(booked.code)
    assert served.status is Status.SERVED
    (line,) = await world.staff.day(nov(24), "district-hall")
    assert (line.windows, line.window) == (("1", "2"), "2")
    assert (line.called, line.served) == (at(24, 9, 5), at(24, 9, 20))
    (figure,) = await world.staff.figures(nov(24), nov(24))
    assert (figure.booked, figure.arrived, figure.served, figure.no_shows) == (1, 1, 1, 0)
    assert (figure.waited, figure.no_show_rate) == (300.0, 0.0)
    assert (await refusal(world.cancel(booked.code))).code is CODE.TOO_LATE_TO_CANCEL


async def test_a_citizen_arrives_neither_too_early_nor_too_late(world: World) -> None:
    booked = await world.book(at(24, 9))
    early = await refusal(world.client.arrive("citizen-1", booked.code))
    assert early.code is CODE.TOO_EARLY_TO_ARRIVE and "11月24日08:30" in early.sentence
    assert (await refusal(world.client.arrive("citizen-2", booked.code))).code is CODE.NOT_FOUND
    world.now = at(24, 9, 31)
    late = await refusal(world.client.arrive("citizen-1", booked.code))
    assert late.code is CODE.TOO_LATE_TO_ARRIVE
    assert (await world.staff.check_in(booked.code)).status is Status.CHECKED_IN


async def test_staff_change_only_what_can_be_so(world: World) -> None:
    booked = await world.book(at(24, 9))
    assert (await refusal(world.staff.check_in(booked.code))).code is CODE.NOT_THAT_DAY
    world.now = at(24, 9)
    assert (await refusal(world.staff.call(booked.code, "1"))).code is CODE.WRONG_STATE
    assert (await refusal(world.staff.call(booked.code, "99"))).code is CODE.UNKNOWN_WINDOW
    assert (await refusal(world.staff.check_in("22222222"))).code is CODE.NOT_FOUND
    await world.staff.serve(booked.code)
    for call in (world.staff.serve, world.staff.check_in, world.staff.no_show):
        refused = await refusal(call(booked.code))
        assert refused.code is CODE.WRONG_STATE and "已办理" in refused.sentence


async def test_whoever_has_arrived_is_served_for_as_long_as_the_day_lasts(world: World) -> None:
    booked = await world.book(at(24, 9))
    world.now = at(24, 9)
    await world.client.arrive("citizen-1", booked.code)
    world.now = at(24, 16)
    await sweep(world)
    assert await status(world, booked.code) == "checked_in"
    again = await refusal(world.book(at(26, 9)))
    assert again.code is CODE.ALREADY_BOOKED
    world.now = at(25, 0, 1)
    await sweep(world)
    assert await status(world, booked.code) == "ended"


# --- not coming ---------------------------------------------------------------------------------


async def test_two_are_warned_of_and_the_third_suspends(world: World) -> None:
    world.rule(no_show=NO_SHOW, per_week=5, per_month=None)
    for day in (24, 25, 26):
        assert await status(world, await miss(world, day)) == "no_show"
    assert await world.rows("SELECT kind, about FROM messages WHERE citizen IN "
                            "(SELECT citizen FROM suspensions) AND kind IN "
                            "('no_show', 'warned', 'suspended') ORDER BY about") == [
        ("no_show", "1"), ("warned", "2"), ("suspended", "3")
    ]  # fmt: skip
    for call in (world.book(at(27, 9)), world.hold(at(27, 9)), world.visit(date(2026, 12, 2))):
        refused = await refusal(call)
        assert refused.code is CODE.SUSPENDED and "12月6日" in refused.sentence
    assert await world.book(at(27, 9), "citizen-2")
    (suspended,) = await world.staff.suspensions()
    assert (suspended.no_shows, suspended.name) == (3, "张**")
    assert suspended.until == at(26, 10) + timedelta(days=10)

    await world.staff.lift(suspended.id)
    assert await world.staff.suspensions() == ()
    assert (await refusal(world.staff.lift(suspended.id))).code is CODE.NOT_SUSPENDED
    await world.book(at(27, 9))
    assert await world.rows("SELECT kind FROM messages WHERE kind = 'lifted'") == [("lifted",)]
    assert ("王窗口", "lift suspension") in await world.rows(
        "SELECT staff, what FROM booking_audit"
    )


async def test_after_a_suspension_one_begins_anew(world: World) -> None:
    world.rule(no_show=NO_SHOW.copy(update={"warn_after": 1, "suspend_after": 2}), per_week=5)
    for day in (24, 25):
        await miss(world, day)
    (suspended,) = await world.staff.suspensions()
    await world.staff.lift(suspended.id)
    await miss(world, 26)
    assert await world.staff.suspensions() == ()
    query = "SELECT about FROM messages WHERE kind = 'warned' ORDER BY made_at"
    assert await world.rows(query) == [("1",), ("1",)]


async def test_a_suspension_ends_by_itself_and_outlives_an_erasure(world: World) -> None:
    world.rule(no_show=NO_SHOW.copy(update={"warn_after": 1, "suspend_after": 2}), per_week=5)
    for day in (24, 25):
        await miss(world, day)
    await world.client.erase("citizen-1", cancel_open=True)
    assert (await refusal(world.book(at(26, 9)))).code is CODE.SUSPENDED
    world.now = at(25, 10) + timedelta(days=10)
    assert await world.book(world.now.replace(hour=9) + timedelta(days=2))


async def test_nobody_is_blamed_where_no_arrival_was_noted(world: World) -> None:
    world.rule(no_show=NO_SHOW)
    booked = await world.book(at(24, 9))
    world.now = at(24, 10)
    await sweep(world)
    assert await status(world, booked.code) == "ended"


async def test_the_grace_lasts_after_the_slot(world: World) -> None:
    world.rule(no_show=NO_SHOW)
    booked, other = await world.book(at(24, 9)), await world.book(at(24, 9), "other")
    world.now = at(24, 9, 59)
    await world.staff.check_in(other.code)
    await sweep(world)
    assert await status(world, booked.code) == "booked"
    assert (await world.staff.check_in(booked.code)).status is Status.CHECKED_IN


async def test_staff_note_and_take_back_a_no_show(world: World) -> None:
    world.rule(no_show=NO_SHOW)
    booked = await world.book(at(24, 9))
    world.now = at(24, 8)
    assert (await refusal(world.staff.no_show(booked.code))).code is CODE.WRONG_STATE
    world.now = at(24, 9, 10)
    assert (await world.staff.no_show(booked.code)).status is Status.NO_SHOW
    assert (await world.staff.check_in(booked.code)).status is Status.CHECKED_IN
    waiting = "SELECT kind FROM messages WHERE state = 'waiting'"
    assert await world.rows(waiting) == []


async def test_a_hall_without_the_rule_notes_and_does_no_more(world: World) -> None:
    booked = await world.book(at(24, 9))
    world.now = at(24, 9, 10)
    assert (await world.staff.no_show(booked.code)).status is Status.NO_SHOW
    assert await world.rows("SELECT id FROM suspensions") == []
    assert await world.rows("SELECT id FROM messages WHERE state = 'waiting'") == []


async def test_old_no_shows_do_not_count(world: World) -> None:
    world.rule(no_show=NO_SHOW.copy(update={"within_days": 1}), per_week=5)
    for day in (24, 25, 26):
        await miss(world, day)
    kinds = await world.rows("SELECT kind FROM messages WHERE state = 'waiting' ORDER BY made_at")
    assert [kind for (kind,) in kinds if kind in {"no_show", "warned", "suspended"}] == [
        "no_show"
    ] * 3


async def test_the_place_of_one_who_did_not_come_stays_counted(world: World) -> None:
    world.rule(no_show=NO_SHOW)
    await miss(world, 24)
    assert await world.rows("SELECT booked FROM slots") == [(2,)]


@pytest.mark.parametrize("days", [180, 30])
async def test_what_is_old_is_erased_by_itself(world: World, days: int) -> None:
    world.rule(keep_days=days)
    booked = await world.book(at(24, 9), id_number="11010519491231002X")
    await world.client.register_plate("citizen-1", "川A12345", nov(24))
    world.now = at(24, 10) + timedelta(days=days)
    async with world.running():  # the daily task runs at the start
        await world.client.appointments("citizen-1")
        await _until_erased(world)
    query = "SELECT code, citizen, name_sealed, phone_hash, id_sealed, id_hash FROM appointments"
    assert await world.rows(query) == [(booked.code, "nobody", "", "", None, None)]
    assert await world.rows("SELECT citizen FROM citizens") == [("nobody",)]
    assert await world.rows("SELECT key_hash FROM requests") == []
    assert await world.rows("SELECT id FROM messages") == []
    assert await world.rows("SELECT day FROM plates") == []
    assert await world.rows("SELECT booked FROM slots") == [(1,)]


async def _until_erased(world: World) -> None:
    for _ in range(200):
        if await world.rows("SELECT citizen FROM citizens") == [("nobody",)]:
            return
        await world.client.appointments("nobody-asks")
    raise AssertionError("nothing was erased")


async def test_what_is_not_old_enough_is_kept(world: World) -> None:
    await world.book(at(24, 9))
    world.now = at(24, 9, 30) + timedelta(days=180)
    async with world.running():
        for _ in range(20):
            await world.client.appointments("nobody-asks")
    assert await world.rows("SELECT name_sealed FROM appointments WHERE name_sealed = ''") == []
    assert world.now > MONDAY
