"""A window is shut, the hours change: whom that hits, and how they get another time."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from booking_world import MONDAY, World, at, booking_of, nov, refusal, windows
from letter_box import Channel

from booking import messenger
from booking.errors import RefusalCode
from booking.values import Status
from service_catalog.calendar import HallCalendar
from service_catalog.model import CalendarNotes

CODE = RefusalCode
HALL = "district-hall"


@pytest.fixture(autouse=True)
def _quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(messenger, "LOOK_EVERY", 0.02)


async def shut(world: World, window: str | None = "1", **changes: Any) -> Any:
    span = {"since": at(24, 9), "until": at(24, 12), "reason": "设备检修", **changes}
    key = {"idempotency_key": world.key()}
    return await world.staff.shut(HALL, window, **{**key, **span})


async def free(world: World, hour: int, minute: int = 0) -> int:
    days = await world.client.availability("id-card", nov(24), nov(24), HALL)
    return next(slot.free for slot in days[0].slots if slot.start == at(24, hour, minute))


def close_the_day(world: World, day: int) -> None:
    """What an edit of calendar.yml does."""
    special = {"day": f"2026-11-{day}", "hours": [], "reason": "系统升级"}
    calendar = HallCalendar(CalendarNotes.parse_obj({"days": [special]}))
    world.catalog = replace(world.catalog, calendar=calendar)


async def test_windows_share_the_places_of_a_slot(world: World) -> None:
    windows(world, "1", "2", "3")
    booking_of(world, "id-card", capacity=6)
    closure, hit = await shut(world, "1")
    assert (closure.place, closure.window, closure.staff, hit) == (HALL, "1", "王窗口", ())
    assert [await free(world, hour) for hour in (9, 11)] == [4, 4]
    assert await free(world, 13, 30) == 6
    await shut(world, "2", since=at(24, 10, 15))
    assert [await free(world, 9), await free(world, 10), await free(world, 10, 30)] == [4, 2, 2]
    await shut(world, "3")
    refused = await refusal(world.book(at(24, 10, 30)))
    assert refused.code is CODE.WINDOW_CLOSED and "设备检修" in refused.sentence
    assert refused.nearest[0].start == at(24, 9, 30)


async def test_a_whole_place_is_shut_and_opened_again(world: World) -> None:
    closure, _ = await shut(world, None)
    assert (await refusal(world.book(at(24, 9)))).code is CODE.WINDOW_CLOSED
    assert await world.staff.closures() == (closure,)
    await world.staff.open_again(closure.id)
    assert await world.staff.closures() == ()
    assert (await refusal(world.staff.open_again(closure.id))).code is CODE.UNKNOWN_CLOSURE
    assert await world.book(at(24, 9))
    audit = await world.rows("SELECT staff, what FROM booking_audit ORDER BY id")
    assert audit == [("王窗口", "shut"), ("王窗口", "open again")]


async def test_those_who_booked_last_are_hit(world: World) -> None:
    windows(world, "1", "2")
    booking_of(world, "id-card", capacity=2)
    await world.book(at(24, 9), "first")
    world.now = MONDAY + timedelta(seconds=1)
    second = await world.book(at(24, 9), "second")
    _, hit = await shut(world, "1")
    (only,) = hit
    assert (only.appointment.code, only.reason, only.told) == (second.code, "设备检修", False)
    assert [slot.start for slot in only.nearest] == [at(24, 9, 30), at(24, 10), at(24, 10, 30)]


async def test_an_edit_of_the_calendar_hits_all_of_that_day(world: World) -> None:
    booked = await world.book(at(24, 9))
    await world.book(at(25, 9), "citizen-2")
    visit = await world.visit(nov(27), "citizen-3")
    assert await world.staff.affected() == ()
    close_the_day(world, 24)
    (hit,) = await world.staff.affected()
    assert (hit.appointment.code, hit.reason) == (booked.code, "11月24日不办公（系统升级）")
    close_the_day(world, 27)
    (hit,) = await world.staff.affected()
    assert (hit.appointment.code, hit.nearest) == (visit.code, ())


async def test_an_item_that_is_no_more_hits_too(world: World) -> None:
    await world.book(at(24, 9))
    world.catalog = replace(world.catalog, services={})
    (hit,) = await world.staff.affected()
    assert (hit.reason, hit.nearest) == ("这个事项不再接受预约", ())


async def test_they_are_told_once_and_move_whenever_they_want(
    writing: World, channel: Channel
) -> None:
    world = writing
    world.rule(per_day=1, per_week=1)
    booked = await world.book(at(24, 9))
    close_the_day(world, 24)
    assert await world.staff.tell_affected() == (1, 0)
    (sorry,) = await channel.until(1)
    for fact in ("11月24日（周二）09:00", "系统升级", "11月25日（周三）09:00", "改期"):
        assert fact in sorry["text"]
    (told,) = await world.staff.affected()
    assert told.told
    assert await world.staff.tell_affected() == (0, 0)
    (shown,) = await world.client.appointments("citizen-1")
    assert shown.affected == "11月24日不办公（系统升级）"

    world.now = at(24, 8)  # past the cut-off of ordinary moves
    moved = await world.move(booked, at(25, 9))
    assert (moved.start, moved.affected) == (at(25, 9), None)
    assert await world.staff.affected() == ()
    world.now = at(24, 18)
    _, evening = await channel.until(2)
    assert "明天09:00" in evening["text"]


async def test_they_can_cancel_at_any_time_too(world: World) -> None:
    booked = await world.book(at(24, 9))
    close_the_day(world, 24)
    await world.staff.tell_affected()
    world.now = at(24, 8, 59)
    assert (await world.cancel(booked.code)).status is Status.CANCELLED


async def test_when_it_can_be_kept_after_all_they_are_told_so(
    writing: World, channel: Channel
) -> None:
    await writing.book(at(24, 9))
    usual = writing.catalog
    close_the_day(writing, 24)
    await writing.staff.tell_affected()
    await channel.until(1)
    writing.catalog = usual
    assert await writing.staff.tell_affected() == (0, 1)
    _, after_all = await channel.until(2)
    assert "可以按原来的时间" in after_all["text"]
    (kept,) = await writing.client.appointments("citizen-1")
    assert kept.affected is None


async def test_the_evening_before_nobody_is_reminded_of_what_was_called_off(
    writing: World, channel: Channel
) -> None:
    await writing.book(at(24, 9))
    close_the_day(writing, 24)
    writing.now = at(23, 18)
    (sorry,) = await channel.until(1)
    assert "办不了" in sorry["text"] and "系统升级" in sorry["text"]


async def test_whoever_was_told_is_never_blamed(world: World) -> None:
    booked = await world.book(at(24, 9))
    close_the_day(world, 24)
    await world.staff.tell_affected()
    world.now = at(24, 12)
    again = await world.book(at(25, 9))
    assert again.code != booked.code
    kept = dict(await world.rows("SELECT code, status FROM appointments"))
    assert kept == {booked.code: "cancelled", again.code: "booked"}


async def test_bad_closures(world: World) -> None:
    for changes, code in (
        ({"window": "99"}, CODE.UNKNOWN_WINDOW),
        ({"until": at(24, 9)}, CODE.BAD_REQUEST),
        ({"since": at(20, 9), "until": at(23, 9)}, CODE.PAST),
        ({"reason": ""}, CODE.BAD_REQUEST),
        ({"reason": "坏了\n" * 3}, CODE.BAD_REQUEST),
    ):
        assert (await refusal(shut(world, **changes))).code is code
    nowhere = world.staff.shut(
        "nowhere", None, at(24, 9), at(24, 10), reason="检修", idempotency_key="n"
    )
    assert (await refusal(nowhere)).code is CODE.UNKNOWN_PLACE
    assert await world.staff.closures() == ()


async def test_the_same_closure_again_is_one(world: World) -> None:
    first, _ = await shut(world, idempotency_key="once")
    second, _ = await shut(world, idempotency_key="once")
    assert first == second and len(await world.staff.closures()) == 1
    other = await refusal(shut(world, idempotency_key="once", reason="别的"))
    assert other.code is CODE.IDEMPOTENCY_CONFLICT
