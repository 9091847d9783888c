"""Personal data: what is let in, what is shown, and what stands in the file."""

from __future__ import annotations

import pytest
from booking_world import World, at
from cryptography.exceptions import InvalidTag
from databases import change, stored
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy.exc import IntegrityError

from booking.privacy import Vault, clean_name, clean_phone, mask_name, mask_phone
from booking.sql_store import SqlStore
from booking.testing import DATA_KEY
from database.errors import WrongDatabase


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("张三", "张三"),
        (" 张三丰 ", "张三丰"),
        ("阿卜杜拉·买买提", "阿卜杜拉·买买提"),
        ("阿卜杜拉•买买提", "阿卜杜拉·买买提"),
        ("𠮷野", "𠮷野"),
        ("John  Smith", "John Smith"),
        ("张" * 30, "张" * 30),
        ("张" * 31, None),
        ("张", None),
        ("", None),
        ("··", None),
        ("· ·", None),
        ("张3", None),
        ("张三<b>", None),
        ("张三\n李四", "张三 李四"),
        ("张三😀", None),
    ],
)
def test_names(typed: str, kept: str | None) -> None:
    assert clean_name(typed) == kept


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("13812345678", "13812345678"),
        (" 138 1234-5678 ", "13812345678"),
        ("19912345678", "19912345678"),
        ("12812345678", None),
        ("1381234567", None),
        ("138123456789", None),
        ("+8613812345678", None),
        ("١٣٨١٢٣٤٥٦٧٨", None),
        ("", None),
    ],
)
def test_phones(typed: str, kept: str | None) -> None:
    assert clean_phone(typed) == kept


FIRST = (
    "gAAAAABrCJFa39VsQ3zQXsbGOTrXLh2kAjCcGHLBO2Sf8KBkpZeXjkWv9U59R_wfxRoBjv"
    "3gttLsldEt2qJPhoe0h6VutwbJkA=="
)
"""张三丰, as the first version sealed it under `DATA_KEY`."""


def test_sealing() -> None:
    vault = Vault(DATA_KEY)
    sealed = vault.seal("张三丰")
    assert vault.open(sealed) == "张三丰"
    assert sealed != vault.seal("张三丰")
    assert vault.open(FIRST) == "张三丰"


@pytest.mark.parametrize("at", [2, 20, -3])
def test_what_was_changed_is_not_opened(at: int) -> None:
    vault = Vault(DATA_KEY)
    sealed = vault.seal("张三丰")
    other = "B" if sealed[at] == "A" else "A"
    with pytest.raises(InvalidTag):
        vault.open(sealed[:at] + other + sealed[at + 1 :])


@given(st.text())
def test_whatever_is_sealed_can_be_opened(text: str) -> None:
    vault = Vault(DATA_KEY)
    assert vault.open(vault.seal(text)) == text


def test_a_sealed_name_does_not_show_its_length() -> None:
    vault = Vault(DATA_KEY)
    assert len(vault.seal("张三")) == len(vault.seal("阿卜杜拉·买买提"))


def test_another_secret_opens_nothing() -> None:
    with pytest.raises(InvalidTag):
        Vault("x" * 40).open(Vault(DATA_KEY).seal("张三丰"))


def test_masks() -> None:
    assert (mask_name("张三丰"), mask_phone("13812345678")) == ("张**", "138****5678")


def test_a_vault_opens_only_what_the_same_secret_sealed() -> None:
    vault, other = Vault("one secret"), Vault("another secret")
    assert vault.open(vault.seal("张三")) == "张三"
    assert vault.seal("张三") != vault.seal("张三")
    assert Vault("one secret").digest("phone", "1") == vault.digest("phone", "1")
    assert other.digest("phone", "1") != vault.digest("phone", "1")
    assert vault.digest("citizen", "1") != vault.digest("phone", "1")


async def test_no_personal_data_stands_in_clear_in_the_database(world: World) -> None:
    booked = await world.book(at(24, 9), citizen="openid-of-zhang")

    ((phone_hash,),) = await world.rows("SELECT phone_hash FROM appointments")
    assert phone_hash == Vault(DATA_KEY).digest("phone", "13812345678")
    on_disk = await stored(world.settings.database)
    assert booked.code.encode() in on_disk
    for secret in ("张三丰", "13812345678", "138 1234-5678", "openid-of-zhang", "key-1"):
        assert secret.encode() not in on_disk


@pytest.mark.parametrize(
    ("statement", "constraint"),
    [
        ("UPDATE slots SET booked = 4", "slots_never_overbooked"),
        ("UPDATE slots SET booked = -1", "slots_never_overbooked|slots_priority_among_booked"),
        ("UPDATE slots SET priority = 2", "slots_priority_among_booked"),
        ("UPDATE appointments SET status = 'held'", "appointments_holds_expire"),
        ("UPDATE appointments SET status = 'lost'", "appointments_status_known"),
        (
            "INSERT INTO appointments (code, citizen, service, service_name, place, place_name, "
            "starts_at, ends_at, status, name_sealed, phone_sealed, phone_hash, created_at) "
            "SELECT 'OTHER', citizen, service, service_name, place, place_name, starts_at, "
            "ends_at, status, name_sealed, phone_sealed, phone_hash, created_at FROM appointments",
            r"UNIQUE.*citizen.*service|appointments_one_open_per_service",
        ),
    ],
)
async def test_the_database_itself_refuses_an_overbooked_slot(
    world: World, statement: str, constraint: str
) -> None:
    await world.book(at(24, 9))
    with pytest.raises(IntegrityError, match=constraint):
        await change(world.settings.database, statement)


@pytest.mark.parametrize("changed", ["version", "data_key"])
async def test_a_database_of_another_version_or_key_is_refused(
    empty_database: str, changed: str
) -> None:
    for check, expected in (("check", None), ("check", None), ("other", WrongDatabase)):
        store = SqlStore(empty_database)
        if expected and changed == "version":
            await change(empty_database, "UPDATE alembic_version SET version_num = '9999'")
        try:
            if expected is None:
                await store.open(check)
            else:
                with pytest.raises(expected, match=changed):
                    await store.open(check)
        finally:
            await store.close()
