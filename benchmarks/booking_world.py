"""What the booking benchmark books with: a hall with room for everybody, its citizens, its past.

The hall is the shipped catalogue with 100 places a slot (the most that the catalogue allows) and a
horizon of 22 workdays, read from a directory of files like any other. Its clock stands still on
Monday, 23 November 2026 at ten.
"""

from __future__ import annotations

import random
import re
import shutil
import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass
from datetime import date, datetime, timedelta, timezone
from itertools import count
from pathlib import Path

from booking.office import Office
from booking.privacy import Vault
from booking.seats import Load
from booking.slots import Desk, midnight
from booking.sql_store import SqlStore
from booking.testing import DATA_KEY
from booking.values import Slot, Status
from booking.wishes import Wish
from service_catalog.clock import CHINA
from service_catalog.loader import CONTENT
from service_catalog.store import LOOK, CatalogStore

NOW = datetime(2026, 11, 23, 10, tzinfo=CHINA)
_CAPACITY = re.compile(r"^(booking:\n(?:  .*\n)*?  capacity: )\d+$", re.MULTILINE)
_HORIZON = re.compile(r"^(  last_workday: )\d+$", re.MULTILINE)
_SURNAMES, _NAMES = "赵钱孙李周吴郑王冯陈褚卫", "伟芳娜敏静丽强磊军洋勇艳杰涛"
_BATCH = 10_000


def write_hall(directory: Path) -> Path:
    """The shipped catalogue as files in `directory`, with more room and a longer horizon."""
    shutil.copytree(CONTENT, directory)
    for file in [*directory.glob("services/*.yml"), *directory.glob("bundles/*.yml")]:
        text = file.read_text(encoding="utf-8")
        file.write_text(_CAPACITY.sub(r"\g<1>100", text), encoding="utf-8")
    rules = directory / "hall.yml"
    rules.write_text(_HORIZON.sub(r"\g<1>22", rules.read_text("utf-8")), encoding="utf-8")
    return directory


@dataclass(frozen=True)
class Offer:
    """A slot that can be booked, and for which item."""

    service: str
    slot: Slot


class World:
    """A hall from which any number of offices are opened, each on its own database."""

    def __init__(self, content: Path) -> None:
        self._store = CatalogStore(content, search=False, rest=LOOK)
        self.catalog = self._store.current()
        items = [*self.catalog.services, *self.catalog.bundles]
        self.desks = [
            Desk.at(self.catalog, one, NOW) for one in items if self.catalog.item(one).booking
        ]
        self.offers = [
            Offer(desk.item.id, slot)
            for desk in self.desks
            for slot in desk.bookable(desk.places(), Load())
        ]

    def office(self, url: str) -> Office:
        """An office as the backend has it, its database not opened yet."""
        return Office(self._store.fresh, SqlStore(url), Vault(DATA_KEY), lambda: NOW)

    def wishes(self, chance: random.Random) -> Iterator[Wish]:
        """What citizens want, without end: each once, a random slot of a random item."""
        for number in count(chance.randrange(10**9)):
            offer = chance.choice(self.offers)
            yield Wish(
                citizen=f"o{chance.getrandbits(96):024x}{number}",
                service=offer.service,
                place=offer.slot.place,
                start=offer.slot.start,
                name=chance.choice(_SURNAMES) + "".join(chance.choices(_NAMES, k=2)),
                phone=f"1{chance.randrange(3_000_000_000, 10_000_000_000)}",
            )


def fill(world: World, file: Path, appointments: int, chance: random.Random) -> str:
    """Write a past into an opened SQLite database: appointments that were kept, and their slots.

    Backwards from today, each workday every item's slots had 3 appointments; in the days to come
    each slot has 30 places taken. Says how much it is.
    """
    vault = Vault(DATA_KEY)
    sealed = [(vault.seal("张三丰"), vault.seal(f"138{number:08}")) for number in range(500)]
    with closing(sqlite3.connect(file)) as database:
        database.execute("PRAGMA synchronous = OFF")
        database.execute("PRAGMA cache_size = -400000")
        citizens = [vault.digest("citizen", str(number)) for number in range(appointments // 5)]
        database.executemany(
            "INSERT INTO citizens (citizen, bookings) VALUES (?, 5)", [(one,) for one in citizens]
        )
        codes, slots = count(), 0
        for batch in _batches(_past(world), appointments // 3):
            database.executemany("INSERT INTO slots VALUES (?, ?, ?, 3, 100, 0)", batch)
            rows = [
                (
                    f"P{next(codes):09}",
                    chance.choice(citizens),
                    *slot,
                    *chance.choice(sealed),
                )
                for slot in batch
                for _ in range(3)
            ]
            database.executemany(_INSERT, rows)
            slots += len(batch)
        ahead = [(one.service, one.slot.place, _utc(one.slot.start)) for one in world.offers]
        database.executemany("INSERT INTO slots VALUES (?, ?, ?, 30, 100, 0)", ahead)
        database.commit()
        database.execute("ANALYZE")
        database.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    size = file.stat().st_size >> 20
    return f"{appointments:,} past appointments, {slots + len(ahead):,} slots, {size:,} MiB"


_Key = tuple[str, str, str]
_INSERT = (
    "INSERT INTO appointments (code, citizen, service, place, starts_at, ends_at, name_sealed,"  # noqa: S608 - a constant
    " phone_sealed, service_name, place_name, status, phone_hash, created_at)"
    " VALUES (?1, ?2, ?3, ?4, ?5, ?5, ?6, ?7, '事项', '大厅',"
    f" '{Status.SERVED.value}', hex(randomblob(32)), ?5)"
)


def _past(world: World) -> Iterator[_Key]:
    """The keys of the slots that were, the latest day first, without end."""
    templates = [
        (desk.item.id, one.place, one.start - midnight(one.start.date()))
        for desk in world.desks
        for one in _busy_day(world, desk)
    ]
    day = NOW.date()
    while True:
        day -= timedelta(days=1)
        if day.weekday() < 5:
            yield from ((item, place, _utc(midnight(day) + at)) for item, place, at in templates)


def _busy_day(world: World, desk: Desk) -> Sequence[Slot]:
    day = date(2026, 11, 24)
    return [slot for place in desk.places() for slot in desk.slots(place, day, Load())]


def _utc(moment: datetime) -> str:
    """As the store writes it on SQLite."""
    return moment.astimezone(timezone.utc).strftime("%Y-%m-%d %H:%M:%S.%f")


def _batches(keys: Iterator[_Key], total: int) -> Iterator[list[_Key]]:
    while total > 0:
        size = min(_BATCH, total)
        yield [next(keys) for _ in range(size)]
        total -= size
