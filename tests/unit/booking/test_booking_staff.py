"""What staff see: masked lists, one in clear with a note, figures; and a citizen's ticket."""

from __future__ import annotations

import aiohttp
import pytest
from booking_world import MONDAY, World, at, nov, refusal
from icalendar import Calendar

from booking.errors import RefusalCode
from booking.openapi_operations import STAFF_OPERATIONS
from booking.testing import KEY
from booking.values import Status

CODE = RefusalCode
SECRETS = ("张三丰", "13812345678", "11010519491231002X", "龙潭镇上岭村")


async def test_lists_are_masked_and_reading_one_is_noted(world: World) -> None:
    booked = await world.book(at(24, 9), id_number="11010519491231002X")
    visit = await world.visit(nov(27), "citizen-2")
    listed = [*await world.staff.day(nov(24)), *await world.staff.day(nov(27))]
    assert [line.appointment.code for line in listed] == [booked.code, visit.code]
    assert not any(secret in repr(listed) for secret in SECRETS)
    assert await world.rows("SELECT what FROM booking_audit") == []

    shown = await world.staff.read(booked.code.lower())
    assert (shown.name, shown.phone) == ("张三丰", "13812345678")
    assert shown.id_number == "11010519491231002X"
    assert not any(secret in repr(shown) for secret in SECRETS)
    home = await world.staff.read(visit.code)
    assert home.address == "清禾区龙潭镇上岭村3组12号"
    audit = await world.rows("SELECT staff, what, about FROM booking_audit ORDER BY id")
    assert audit == [("王窗口", "read", booked.code), ("王窗口", "read", visit.code)]
    assert (await refusal(world.staff.read("22222222"))).code is CODE.NOT_FOUND


async def test_a_day_of_one_place(world: World) -> None:
    await world.book(at(24, 9))
    town = await world.book(at(24, 9), "citizen-2", place="town-centre")
    (line,) = await world.staff.day(nov(24), "town-centre")
    assert line.appointment.code == town.code
    assert (await refusal(world.staff.day(nov(24), "nowhere"))).code is CODE.UNKNOWN_PLACE


@pytest.mark.parametrize("name", ["", " ", "%00", "x" * 41, "%E7%8E%8B%00%E7%8E%8B"])
async def test_nothing_without_a_name(world: World, name: str) -> None:
    headers = {"Authorization": f"Bearer {KEY}", "X-Staff": name}
    async with aiohttp.ClientSession(headers=headers) as session:
        for one in STAFF_OPERATIONS:
            path = one.path.replace("{", "").replace("}", "")
            async with session.request(one.method, world.url + path, json={}) as response:
                assert response.status == 400, path
                assert (await response.json())["code"] == "BAD_REQUEST"


async def test_figures_by_place_and_item(world: World) -> None:
    world.rule(per_day=3)
    came = await world.book(at(24, 9))
    cancelled = await world.book(at(24, 9), "citizen-2")
    await world.cancel(cancelled.code, "citizen-2")
    missed = await world.book(at(24, 9), "citizen-3")
    await world.hold(at(24, 9), "citizen-4")
    await world.book(at(24, 11), "citizen-5", service="permit")
    world.now = at(24, 9, 10)
    await world.staff.check_in(came.code)
    world.now = at(24, 9, 12)
    await world.staff.call(came.code, "1")
    await world.staff.no_show(missed.code)
    cards, permits = await world.staff.figures(nov(23), nov(24))
    assert (cards.name, cards.booked, cards.cancelled) == ("居民身份证换领", 2, 1)
    assert (cards.arrived, cards.served, cards.no_shows) == (1, 0, 1)
    assert (cards.waited, cards.no_show_rate) == (120.0, 0.5)
    assert (permits.booked, permits.waited, permits.no_show_rate) == (1, None, None)
    assert await world.staff.figures(nov(25), nov(30)) == ()


async def test_a_ticket_to_show_and_to_keep(world: World) -> None:
    booked = await world.book(at(24, 9))
    files = await world.client.ticket("citizen-1", booked.code)
    assert files.code == booked.code
    assert files.qr.startswith("<svg") and "</svg>" in files.qr
    (event,) = Calendar.from_ical(files.calendar).walk("VEVENT")
    assert (event.start, event.end) == (at(24, 9), at(24, 9, 30))
    assert "居民身份证换领" in event["SUMMARY"] and booked.code in event["SUMMARY"]
    assert event["LOCATION"] == "区政务服务中心，办事路1号"
    assert not any(secret in files.calendar for secret in SECRETS)
    stranger = await refusal(world.client.ticket("citizen-2", booked.code))
    assert stranger.code is CODE.NOT_FOUND
    await world.cancel(booked.code)
    gone = await refusal(world.client.ticket("citizen-1", booked.code))
    assert gone.code is CODE.WRONG_STATE


async def test_the_hall_cancels_what_is_booked_alone(world: World) -> None:
    booked = await world.book(at(24, 9))
    assert (await world.staff.cancel(booked.code, "系统升级")).status is Status.CANCELLED
    assert (await refusal(world.staff.cancel(booked.code, "系统升级"))).code is CODE.WRONG_STATE
    again = await world.book(at(24, 9))
    assert again.code != booked.code
    held = await world.hold(at(25, 9), "citizen-2")
    assert (await refusal(world.staff.cancel(held.code, "系统升级"))).code is CODE.WRONG_STATE
    assert world.now == MONDAY
