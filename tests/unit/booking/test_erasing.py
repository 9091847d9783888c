"""Erasing a citizen: nothing is left that tells who it was, and the counters stay true."""

from __future__ import annotations

from booking_world import World, at, nov, refusal

from booking.errors import RefusalCode
from booking.privacy import Vault
from booking.testing import DATA_KEY
from booking.values import Erased


async def test_open_appointments_stop_it_until_they_are_to_be_cancelled(world: World) -> None:
    kept = await world.book(at(24, 9))
    visit = await world.visit(nov(26))
    refused = await refusal(world.client.erase("citizen-1"))
    assert (refused.code, "2个" in refused.sentence) == (RefusalCode.OPEN_APPOINTMENTS, True)
    assert await world.client.appointments("citizen-1") == (kept, visit)

    world.now = at(24, 8, 59)  # far too late to cancel it in the ordinary way
    erased = await world.client.erase("citizen-1", cancel_open=True)
    assert erased == Erased(appointments=2, cancelled=2, plates=0)
    assert await world.client.appointments("citizen-1") == ()
    for counter in ("slots", "home_days"):
        assert await world.rows(f"SELECT booked FROM {counter}") == [(0,)]  # noqa: S608
    assert await world.rows("SELECT DISTINCT status FROM appointments") == [("cancelled",)]


async def test_every_row_loses_what_is_personal(world: World) -> None:
    booked = await world.book(at(24, 9))
    await world.visit(nov(26))
    await world.client.register_plate("citizen-1", "川A12345", nov(24))
    await world.book(at(24, 9), "citizen-2", phone="13900000000")
    vault = Vault(DATA_KEY)
    requests = await world.rows("SELECT key_hash FROM requests ORDER BY created_at")
    known = {
        vault.digest("citizen", "citizen-1"),
        vault.digest("phone", "13812345678"),
        vault.digest("plate", "川A12345"),
        *(await world.rows("SELECT name_sealed, phone_sealed FROM appointments LIMIT 1"))[0],
        *(key for (key,) in requests[:2]),
    }

    world.now = at(27, 9)
    assert await world.client.erase("citizen-1") == Erased(2, 0, 1)

    everything = repr(
        [
            await world.rows(f"SELECT * FROM {table}")  # noqa: S608
            for table in ("citizens", "appointments", "requests", "plates", "slots", "home_days")
        ]
    )
    assert not [secret for secret in known if secret in everything]
    data = await world.rows(
        "SELECT DISTINCT name_sealed, phone_sealed, phone_hash, address_sealed FROM appointments"
    )
    assert len(data) == 2 and ("", "", "", None) in data
    assert await world.rows("SELECT booked FROM slots") == [(2,)]  # over, and so still counted
    gone = await refusal(world.cancel(booked.code))
    assert gone.code is RefusalCode.NOT_FOUND
    assert vault.digest("citizen", "citizen-2") in everything


async def test_erasing_again_or_a_stranger_changes_nothing(world: World) -> None:
    await world.book(at(24, 9))
    await world.client.erase("citizen-1", cancel_open=True)
    assert await world.client.erase("citizen-1", cancel_open=True) == Erased(0, 0, 0)
    assert await world.client.erase("nobody") == Erased(0, 0, 0)
    assert len(await world.rows("SELECT * FROM citizens")) == 1
    await world.book(at(24, 9))  # and the citizen is welcome again
