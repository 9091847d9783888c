"""Personal data: what is let in, what is shown, and what stands in the file."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from booking_world import MONDAY, World, at

from booking.errors import WrongDatabase
from booking.privacy import Vault, clean_name, clean_phone, mask_name, mask_phone
from booking.sql_store import SqlStore
from booking.testing import DATA_KEY


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


def test_masks() -> None:
    assert (mask_name("张三丰"), mask_phone("13812345678")) == ("张**", "138****5678")


def test_a_vault_opens_only_what_the_same_secret_sealed() -> None:
    vault, other = Vault("one secret"), Vault("another secret")
    assert vault.open(vault.seal("张三")) == "张三"
    assert vault.seal("张三") != vault.seal("张三")
    assert Vault("one secret").digest("phone", "1") == vault.digest("phone", "1")
    assert other.digest("phone", "1") != vault.digest("phone", "1")
    assert vault.digest("citizen", "1") != vault.digest("phone", "1")


def content(directory: Path) -> bytes:
    """The bytes of all the database's files, the write-ahead log included."""
    return b"".join(path.read_bytes() for path in directory.glob("booking.db*"))


async def test_no_personal_data_stands_in_clear_in_the_files(world: World, tmp_path: Path) -> None:
    booked = await world.book(at(24, 9), citizen="openid-of-zhang")

    with closing(sqlite3.connect(tmp_path / "booking.db")) as database:
        dump = "\n".join(database.iterdump())
        (phone_hash,) = database.execute("SELECT phone_hash FROM appointments").fetchone()
    on_disk = content(tmp_path)
    assert booked.code in dump
    assert phone_hash == Vault(DATA_KEY).digest("phone", "13812345678")
    for secret in ("张三丰", "13812345678", "138 1234-5678", "openid-of-zhang", "key-1"):
        assert secret not in dump
        assert secret.encode() not in on_disk


async def test_the_file_itself_refuses_an_overbooked_slot(world: World, tmp_path: Path) -> None:
    await world.book(at(24, 9))
    with closing(sqlite3.connect(tmp_path / "booking.db")) as database:
        with pytest.raises(sqlite3.IntegrityError, match="slots_never_overbooked"):
            database.execute("UPDATE slots SET booked = 4")
        with pytest.raises(sqlite3.IntegrityError, match="slots_never_overbooked"):
            database.execute("UPDATE slots SET booked = -1")
        with pytest.raises(sqlite3.IntegrityError, match=r"UNIQUE.*citizen.*service"):
            database.execute(
                "INSERT INTO appointments SELECT 'OTHER', citizen, service, service_name, place, "
                "place_name, starts_at, ends_at, status, name_sealed, phone_sealed, phone_hash, "
                "created_at, cancelled_at, kind, rule, address_sealed FROM appointments"
            )


@pytest.mark.parametrize("changed", ["version", "data_key"])
async def test_a_database_of_another_version_or_key_is_refused(
    tmp_path: Path, changed: str
) -> None:
    url = f"sqlite+aiosqlite:///{tmp_path / 'new' / 'booking.db'}"
    for check, expected in (("check", None), ("check", None), ("other", WrongDatabase)):
        store = SqlStore(url)
        if expected and changed == "version":
            with closing(sqlite3.connect(tmp_path / "new" / "booking.db")) as database:
                database.execute("UPDATE meta SET value = '0' WHERE name = 'version'")
                database.commit()
        try:
            if expected is None:
                await store.open(check, MONDAY)
            else:
                with pytest.raises(expected, match=changed):
                    await store.open(check, MONDAY)
        finally:
            await store.close()
