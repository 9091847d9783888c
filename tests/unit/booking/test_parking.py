"""停车: plates are read, kept sealed, counted by day, and told to the gate."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import date

import pytest
from booking_world import World, at, nov, refusal

from booking.errors import RefusalCode, Refused
from booking.parking import clean_plate, mask_plate
from booking.testing import sample_catalog, sample_place
from booking.values import PlateDay


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("川A12345", "川A12345"),
        (" 川a·123 4b ", "川A1234B"),
        ("川Ａ－１２３４５", "川A12345"),
        ("川A•D1234", "川AD1234"),
        ("川AD12345", "川AD12345"),
        ("川AF0A234", None),
        ("京AFA1234", "京AFA1234"),
        ("沪B12345D", "沪B12345D"),
        ("粤Z1234港", "粤Z1234港"),
        ("川A1234学", "川A1234学"),
        ("川A123456", None),
        ("川A1234", None),
        ("川AI2345", None),
        ("川A1234O", None),
        ("川I12345", None),
        ("川112345", None),
        ("国A12345", None),
        ("A12345", None),
        ("川A12345；", None),
        ("", None),
    ],
)
def test_plates(typed: str, kept: str | None) -> None:
    assert clean_plate(typed) == kept


def test_masks() -> None:
    assert (mask_plate("川A12345"), mask_plate("川AD12345")) == ("川A·**345", "川A·***345")


async def test_a_citizen_registers_sees_and_gives_up_plates(world: World) -> None:
    later = await world.client.register_plate("citizen-1", "川ad 12345", nov(24))
    today = await world.client.register_plate("citizen-1", "川A·67890", nov(23))

    assert later == PlateDay(nov(24), "川A·***345", "district-hall", "区政务服务中心")
    assert await world.client.plates("citizen-1") == (today, later)
    assert await world.client.plates("citizen-2") == ()
    assert await world.client.plates_on(nov(24)) == ("川AD12345",)

    other = await refusal(world.client.cancel_plates("citizen-2", nov(24)))
    assert (other.code, "11月24日" in other.sentence) == (RefusalCode.PLATE_NOT_FOUND, True)
    assert await world.client.cancel_plates("citizen-1", nov(24)) == (later,)
    assert await world.client.plates_on(nov(24)) == ()
    world.now = at(24, 9)
    assert await world.client.plates("citizen-1") == ()


async def test_a_plate_once_a_day_and_two_a_citizen(world: World) -> None:
    register = world.client.register_plate
    first = await register("citizen-1", "川A12345", nov(24))
    assert await register("citizen-1", "川a 12345", nov(24)) == first
    taken = await refusal(register("citizen-2", "川A12345", nov(24)))
    assert taken.code is RefusalCode.PLATE_TAKEN

    await register("citizen-1", "川A22222", nov(24))
    assert (await register("citizen-1", "川A12345", nov(24))) == first
    third = await refusal(register("citizen-1", "川A33333", nov(24)))
    assert (third.code, "2个" in third.sentence) == (RefusalCode.PLATE_LIMIT, True)
    await register("citizen-1", "川A33333", nov(25))
    assert len(await world.client.plates_on(nov(24))) == 2


async def test_the_limit_holds_when_all_come_at_once(world: World) -> None:
    register = world.client.register_plate
    results = await asyncio.gather(
        *(register("citizen-1", f"川A1000{number}", nov(24)) for number in range(8)),
        *(register(f"c{number}", "川A99999", nov(24)) for number in range(8)),
        return_exceptions=True,
    )
    codes = [one.code for one in results if isinstance(one, Refused)]
    assert sorted(codes) == [RefusalCode.PLATE_LIMIT] * 6 + [RefusalCode.PLATE_TAKEN] * 7
    assert len(await world.client.plates_on(nov(24))) == 3


@pytest.mark.parametrize(
    ("day", "plate", "code"),
    [
        (nov(22), "川A12345", RefusalCode.PAST),
        (nov(29), "川A12345", RefusalCode.CLOSED_DAY),
        (date(2026, 12, 1), "川A12345", RefusalCode.PLATE_TOO_FAR),
        (date(2099, 1, 5), "川A12345", RefusalCode.PLATE_TOO_FAR),
        (nov(24), "川A1234", RefusalCode.BAD_PLATE),
        (nov(29), "?", RefusalCode.BAD_PLATE),
    ],
)
async def test_what_can_not_be_registered(
    world: World, day: date, plate: str, code: RefusalCode
) -> None:
    assert (await refusal(world.client.register_plate("citizen-1", plate, day))).code is code


async def test_today_until_the_hall_closes_and_a_hall_without_registration(world: World) -> None:
    world.now = at(23, 16, 59)
    await world.client.register_plate("citizen-1", "川A12345", nov(23))
    world.now = at(23, 17)
    over = await refusal(world.client.register_plate("citizen-2", "川A22222", nov(23)))
    assert over.code is RefusalCode.PAST

    plain = sample_place("district-hall", "区政务服务中心", {"workdays": ["09:00-12:00"]})
    catalog = sample_catalog()
    world.catalog = replace(catalog, places={**catalog.places, plain.id: plain})
    none = await refusal(world.client.register_plate("citizen-1", "川A12345", nov(24)))
    assert (none.code, "区政务服务中心" in none.sentence) == (RefusalCode.NO_PLATES, True)


async def test_no_plate_stands_in_clear_in_the_database(world: World) -> None:
    await world.client.register_plate("citizen-1", "川A12345", nov(24))
    ((row,),) = await world.rows("SELECT day || plate_hash || citizen || plate_sealed FROM plates")
    assert "12345" not in row.replace("2026-11-24", "") or "川" not in row
    assert "川A12345" not in row and "citizen-1" not in row
