"""Any sequence of booking, moving, cancelling and erasing, held against a simple model."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Coroutine
from datetime import datetime
from typing import Any, TypeVar

from booking_world import MONDAY, at
from databases import Databases, rows
from hypothesis import settings
from hypothesis import strategies as some
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from booking.erasing import Erasing
from booking.errors import RefusalCode, Refused
from booking.office import Office
from booking.privacy import Vault
from booking.sql_store import SqlStore
from booking.testing import DATA_KEY, sample_catalog, sample_services
from booking.values import Appointment
from booking.wishes import MoveWish, Wish
from service_catalog.catalog import Catalog

CAPACITY = 2
CATALOG = sample_catalog(sample_services(CAPACITY), per_day=2, per_week=2)
CITIZENS = ("a", "b", "c", "d")
STARTS = (at(24, 9), at(24, 9, 30), at(25, 9))
Value = TypeVar("Value")
Place = tuple[str, datetime]


async def catalog() -> Catalog:
    return CATALOG


class Bookings(RuleBasedStateMachine):
    """The ID card at three times; the model knows who holds which place."""

    def __init__(self, databases: Databases) -> None:
        super().__init__()
        self.databases = databases

    @initialize()
    def open(self) -> None:
        self.loop = asyncio.new_event_loop()
        self.database = self.databases.opened()
        self.store = SqlStore(self.database)
        parts = (catalog, self.store, Vault(DATA_KEY), lambda: MONDAY)
        self.office, self.erasing = Office(*parts), Erasing(*parts)
        self.keys = 0
        self.held: dict[str, Appointment] = {}
        self.run(self.office.open())

    def teardown(self) -> None:
        if hasattr(self, "loop"):
            self.run(self.office.close())
            self.loop.close()

    def run(self, call: Coroutine[Any, Any, Value]) -> Value:
        return self.loop.run_until_complete(call)

    def found(self, query: str) -> list[tuple[Any, ...]]:
        return self.run(rows(self.database, query))

    def key(self) -> str:
        self.keys += 1
        return f"key-{self.keys}"

    def full(self, start: datetime) -> bool:
        return sum(one.start == start for one in self.held.values()) == CAPACITY

    def expect(
        self, call: Coroutine[Any, Any, Appointment], code: RefusalCode | None
    ) -> Appointment | None:
        try:
            result = self.run(call)
        except Refused as refused:
            assert refused.code is code
            return None
        assert code is None
        return result

    @rule(citizen=some.sampled_from(CITIZENS), start=some.sampled_from(STARTS))
    def book(self, citizen: str, start: datetime) -> None:
        code = None
        if citizen in self.held:
            code = RefusalCode.ALREADY_BOOKED
        elif self.full(start):
            code = RefusalCode.SLOT_FULL
        wish = Wish(citizen, "id-card", "district-hall", start, name="张三丰", phone="13812345678")
        booked = self.expect(self.office.book(wish, self.key()), code)
        if booked is not None:
            self.held[citizen] = booked

    @precondition(lambda self: self.held)
    @rule(choice=some.integers(0, 3), start=some.sampled_from(STARTS))
    def move(self, choice: int, start: datetime) -> None:
        citizen, old = sorted(self.held.items())[choice % len(self.held)]
        code = None
        if old.start == start:
            code = RefusalCode.SAME_TIME
        elif self.full(start):
            code = RefusalCode.SLOT_FULL
        moved = self.expect(self.office.move(MoveWish(citizen, old.code, start), self.key()), code)
        if moved is not None:
            assert (moved.code, moved.start) == (old.code, start)
            self.held[citizen] = moved

    @precondition(lambda self: self.held)
    @rule(choice=some.integers(0, 3))
    def cancel(self, choice: int) -> None:
        citizen, old = sorted(self.held.items())[choice % len(self.held)]
        self.run(self.office.cancel(citizen, old.code, self.key()))
        del self.held[citizen]

    @rule(citizen=some.sampled_from(CITIZENS))
    def erase(self, citizen: str) -> None:
        erased = self.run(self.erasing.erase(citizen, cancel_open=True))
        assert erased.cancelled == (self.held.pop(citizen, None) is not None)

    @invariant()
    def counters_are_the_appointments_and_never_over_capacity(self) -> None:
        if not hasattr(self, "database"):
            return
        slots = self.found("SELECT starts_at, booked, capacity FROM slots")
        kept = self.found("SELECT starts_at FROM appointments WHERE status = 'booked'")
        assert all(booked <= capacity == CAPACITY for _, booked, capacity in slots)
        counted = {start: booked for start, booked, _ in slots if booked}
        assert counted == Counter(start for (start,) in kept)
        assert len(kept) == len(self.held)
        for citizen in CITIZENS:
            own = self.run(self.office.appointments(citizen))
            assert own == ((self.held[citizen],) if citizen in self.held else ())


def test_bookings(databases: Databases) -> None:
    run_state_machine_as_test(
        lambda: Bookings(databases),
        settings=settings(max_examples=12, stateful_step_count=20, deadline=None),
    )
