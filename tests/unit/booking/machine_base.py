"""An office on a real database beside its model, and what must hold after every step."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Callable, Coroutine, Mapping
from copy import deepcopy
from datetime import datetime
from random import Random
from typing import Any, TypeVar

from databases import Databases
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant
from model_values import CAME, ITEMS, NO_SHOW, OPEN, RULES, TAKES, No, One
from office_model import Model
from sqlalchemy import Table, select
from sqlalchemy.ext.asyncio import AsyncConnection

from booking.arrivals import Arrivals
from booking.channel import Channel
from booking.erasing import Erasing
from booking.errors import Refused
from booking.home_visits import HomeVisits
from booking.keeper import Keeper
from booking.messenger import Messenger
from booking.office import Office
from booking.privacy import Vault
from booking.records import Order, Record
from booking.schema import (
    NOBODY,
    appointments,
    citizens,
    closures,
    home_days,
    messages,
    requests,
    slots,
    suspensions,
)
from booking.sql_store import SqlStore
from booking.staff_office import StaffOffice
from booking.testing import DATA_KEY, busy_catalog
from booking.tickets import ALPHABET, LENGTH
from booking.values import Appointment
from service_catalog.catalog import Catalog
from service_catalog.clock import CHINA

Value = TypeVar("Value")
Keyed = Callable[[str], Coroutine[Any, Any, Appointment]]
STAFF = "王窗口"
BEGIN = datetime(2026, 10, 12, 9, tzinfo=CHINA)
_TABLES = (appointments, slots, home_days, messages, suspensions, requests, closures, citizens)
_SEALED = ("name_sealed", "phone_sealed", "phone_hash", "address_sealed", "principal_sealed")
_PERSONAL = (*_SEALED, "id_sealed", "id_hash")


class Door(Channel):
    """The bot's door, in this process: the citizens see what comes through it, or not yet."""

    def __init__(self) -> None:
        super().__init__("http://127.0.0.1:9", "key")
        self.seen = True
        self.pushed: Counter[str] = Counter()
        self.delivered: Counter[str] = Counter()

    async def push(
        self,
        letter: str,
        openid: str,
        text: str,
        until: datetime | None = None,
        notice: Mapping[str, str] | None = None,
    ) -> bool:
        """See `Channel`."""
        self.pushed[openid] += 1
        self.delivered[letter] += self.seen
        return self.seen


class NumberedStore(SqlStore):
    """The store, with ticket codes that are the same in each run of one history."""

    _codes = 0

    async def _keep(
        self, connection: AsyncConnection, order: Order, new_code: Callable[[], str]
    ) -> Record:
        def code() -> str:
            self._codes += 1
            return "".join(Random(self._codes).choices(ALPHABET, k=LENGTH))

        return await super()._keep(connection, order, code)


class Machine(RuleBasedStateMachine):
    """The office with all its parts; the model knows what each history must have led to."""

    def __init__(self, databases: Databases) -> None:
        super().__init__()
        self.databases = databases

    @initialize()
    def open(self) -> None:
        """Open an empty office on a Monday morning with ten weeks without a holiday to come."""
        self.loop = asyncio.new_event_loop()
        self.catalog, self.keys = busy_catalog(**RULES), 0
        self.model = Model(BEGIN)
        self.answers: dict[str, tuple[Keyed, Appointment]] = {}
        self.store, self.vault, self.door = (
            NumberedStore(self.databases.opened()),
            Vault(DATA_KEY),
            Door(),
        )

        async def catalog() -> Catalog:
            return self.catalog

        parts: Any = (catalog, self.store, self.vault, lambda: self.model.now)
        self.office, self.visits = Office(*parts), HomeVisits(*parts)
        self.arrivals, self.staff = Arrivals(*parts), StaffOffice(*parts)
        self.erasing, self.keeper = Erasing(*parts), Keeper(*parts)
        self.messenger = Messenger(
            self.office, self.staff, self.store, self.vault, catalog, parts[-1]
        )
        self.run(self.office.open())

    def teardown(self) -> None:
        """Close the office."""
        if hasattr(self, "loop"):
            self.run(self.office.close())
            self.loop.close()

    # --- the ways to call ---------------------------------------------------------------------

    def run(self, call: Coroutine[Any, Any, Value]) -> Value:
        """Run one call of the office to its end."""
        return self.loop.run_until_complete(call)

    def expect(
        self, call: Coroutine[Any, Any, Value], then: Callable[[Value | None], object]
    ) -> Value | None:
        """Run a call and the model's part of it: both refuse with the same code, or neither."""
        answer, refused, wanted = None, None, None
        try:
            answer = self.run(call)
        except Refused as no:
            refused = no.code
        before = deepcopy(self.model.state)
        try:
            then(answer)
        except No as no_of_model:
            wanted, self.model.state = no_of_model.code, before
        assert refused is wanted, f"refused with {refused}, the model says {wanted}"
        return answer

    def keyed(self, make: Keyed, then: Callable[[str], object]) -> None:
        """Run a call under a fresh idempotency key; `then` gets the appointment's code."""
        self.keys += 1
        key = f"key-{self.keys}"
        answer = self.expect(make(key), lambda kept: then(kept.code if kept else "?"))
        if answer is not None:
            self.answers[key] = (make, answer)
            self.model.state.requests[key] = (answer.code, self.model.now)
            one = self.model.state.all[answer.code]
            shown = (answer.status.value, answer.start, answer.expires, answer.affected)
            assert shown == (one.status, one.start, one.expires, None) or one.affected

    def one(self, pick: int, *likely: str, anybody: bool = False) -> One | None:
        """Some appointment, rather one of these states; of a citizen who is still known."""
        known = [one for one in self.model.state.all.values() if anybody or one.citizen]
        apt = [one for one in known if one.status in likely]
        chosen = apt if apt and pick % 4 else known
        return chosen[pick // 4 % len(chosen)] if chosen else None

    def some_are(self, *states: str) -> bool:
        """Whether some appointment of a citizen who is known is in one of these states."""
        return any(one.status in states and one.citizen for one in self.model.state.all.values())

    # --- what must always hold ----------------------------------------------------------------

    def look(self) -> dict[Table, list[Any]]:
        """All rows of the office's tables."""

        async def work(connection: AsyncConnection) -> dict[Table, list[Any]]:
            found = {}
            for table in _TABLES:
                found[table] = list(await connection.execute(select(table)))
            return found

        return self.run(self.store.read(work))

    @invariant()
    def the_office_is_as_the_model(self) -> None:
        """Look at every table once, and hold it against the model."""
        found = self.look()
        self._appointments(found[appointments])
        self._counters(found[appointments], found[slots], found[home_days])
        self._outbox(found[messages])
        self._suspensions(found[suspensions])
        self._nobody(found)
        requests_kept = {row.key_hash for row in found[requests]}
        assert requests_kept == {self.vault.digest("key", key) for key in self.model.state.requests}
        open_now = {row.id for row in found[closures] if row.lifted_at is None}
        assert open_now == set(self.model.state.shut)

    def _appointments(self, rows: list[Any]) -> None:
        digest = {None: NOBODY}
        for one in self.model.state.all.values():
            digest.setdefault(one.citizen, self.vault.digest("citizen", str(one.citizen)))
        kept = {
            row.code: (
                row.citizen,
                row.place,
                row.starts_at,
                row.ends_at,
                row.status,
                row.expires_at,
                row.priority is not None,
                row.checked_in_at is not None,
                row.affected_at is not None and row.status == "booked",
            )
            for row in rows
        }
        wanted = {
            code: (
                digest[one.citizen],
                one.place,
                one.start,
                one.end,
                one.status,
                one.expires,
                one.priority,
                one.came,
                one.affected and one.status == "booked",
            )
            for code, one in self.model.state.all.items()
        }
        assert kept == wanted, difference(kept, wanted)
        unfinished = [row for row in rows if row.status in OPEN and row.citizen != NOBODY]
        whose = Counter((row.citizen, row.service, row.kind, row.principal) for row in unfinished)
        assert not whose or max(whose.values()) == 1

    def _counters(self, rows: list[Any], halls: list[Any], homes: list[Any]) -> None:
        """Counters are the appointments that hold a place, and never more than there are places."""
        taking = [row for row in rows if row.status in TAKES]
        here = [row for row in taking if row.kind == "hall"]
        visits = Counter((row.rule, row.starts_at.date()) for row in taking if row.kind == "home")
        booked = Counter((row.service, row.place, row.starts_at) for row in here)
        first = Counter((row.service, row.place, row.starts_at) for row in here if row.priority)
        for row in halls:
            key = (row.service, row.place, row.starts_at)
            assert (row.booked, row.priority) == (booked.pop(key, 0), first[key]), key
            assert row.booked <= ITEMS[row.service].capacity
        assert not booked
        assert {(row.rule, row.day): row.booked for row in homes if row.booked} == visits

    def _outbox(self, rows: list[Any]) -> None:
        kept = {
            (row.code, row.kind, "" if row.kind == "lifted" else row.about): (
                row.state,
                row.due_at,
                row.expires_at,
                row.next_at if row.state == "waiting" else None,
                row.tries,
            )
            for row in rows
        }
        wanted = {
            key: (
                letter.state,
                letter.due,
                letter.expires,
                letter.next if letter.state == "waiting" else None,
                letter.tries,
            )
            for key, letter in self.model.state.letters.items()
        }
        assert kept == wanted, difference(kept, wanted)
        assert not self.door.delivered or max(self.door.delivered.values()) <= 1

    def _suspensions(self, rows: list[Any]) -> None:
        kept = {
            (row.citizen, row.code, row.since, row.until, row.lifted_at is None) for row in rows
        }
        assert kept == {
            (
                self.vault.digest("citizen", one.citizen),
                one.code,
                one.since,
                one.until,
                not one.lifted,
            )
            for one in self.model.state.bans
        }

    def _nobody(self, found: dict[Table, list[Any]]) -> None:
        """Nothing is left of those whose appointments belong to nobody."""
        nobodys = {row.code for row in found[appointments] if row.citizen == NOBODY}
        for row in found[appointments]:
            if row.citizen == NOBODY:
                assert not any(getattr(row, name) for name in _PERSONAL)
                assert row.status not in OPEN or row.status == CAME
                assert row.status != NO_SHOW or row.name_sealed == ""
        assert not nobodys & {row.code for row in (*found[messages], *found[requests])}


def difference(found: dict[Any, Any], wanted: dict[Any, Any]) -> str:
    """What the office and the model see differently, one a line."""
    keys = [key for key in {**found, **wanted} if found.get(key) != wanted.get(key)]
    lines = [f"{key}: {found.get(key)}, the model says {wanted.get(key)}" for key in keys]
    return "\n".join(lines)
