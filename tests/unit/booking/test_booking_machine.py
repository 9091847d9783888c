"""Random histories of all that can happen to appointments, held against a simple model.

The model is plain dictionaries and its own arithmetic; it never asks the code under test what
should come out. Run longer with `MACHINE_EXAMPLES=200`.
"""

from __future__ import annotations

import asyncio
import os
from collections import Counter
from collections.abc import Coroutine
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any, TypeVar

from booking_world import ELDERLY, at
from databases import Databases, rows
from hypothesis import settings
from hypothesis import strategies as some
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    rule,
    run_state_machine_as_test,
)

from booking.arrivals import Arrivals
from booking.channel import Channel
from booking.erasing import Erasing
from booking.errors import RefusalCode, Refused
from booking.identity import Principal
from booking.keeper import Keeper
from booking.messenger import Messenger
from booking.office import Office
from booking.privacy import Vault
from booking.sql_store import SqlStore
from booking.staff_office import StaffOffice
from booking.testing import DATA_KEY, sample_catalog, sample_services
from booking.values import Party
from booking.wishes import ConfirmWish, HoldWish, MoveWish, Wish
from service_catalog.catalog import Catalog
from service_catalog.model import NoShowRules

CODE = RefusalCode
CAPACITY, RESERVED = 3, 1
PER_DAY, MAX_OPEN = 2, 3
HOLD, GRACE, CUT_OFF = timedelta(minutes=10), timedelta(minutes=30), timedelta(hours=2)
RELEASE = timedelta(hours=24)
WITHIN, SUSPENDED_FOR = timedelta(days=30), timedelta(days=10)
WARN, SUSPEND = 1, 2
SERVICES = ("id-card", "permit")
CAPACITIES = {"id-card": (CAPACITY, RESERVED), "permit": (2, 0)}
LENGTH = {"id-card": timedelta(minutes=30), "permit": timedelta(minutes=60)}
STARTS = (at(24, 9), at(24, 10), at(25, 9), at(26, 9))
CITIZENS = ("a", "b", "c", "d")
FOR = ("self", "mother")
DAY = timedelta(days=1)
HELD, BOOKED, CAME, SERVED = "held", "booked", "checked_in", "served"
OPEN = {HELD, BOOKED, CAME}
TAKES = {HELD, BOOKED, CAME, SERVED, "no_show", "ended"}
Value = TypeVar("Value")


def hall() -> Catalog:
    """The small hall, with arrivals noted, reserved places and a priority group."""
    rules = NoShowRules.parse_obj(
        {
            "grace_minutes": 30,
            "within_days": WITHIN.days,
            "warn_after": WARN,
            "suspend_after": SUSPEND,
            "suspend_days": SUSPENDED_FOR.days,
        }
    )
    catalog = sample_catalog(sample_services(CAPACITY), per_day=PER_DAY, per_week=50)
    booking = catalog.hall.booking.copy(
        update={"no_show": rules, "max_open": MAX_OPEN, "first_workday": 0, "keep_days": 5}
    )
    card = catalog.services["id-card"]
    kept = card.booking.copy(update={"reserved": RESERVED}) if card.booking else None
    services = {**catalog.services, "id-card": card.copy(update={"booking": kept})}
    changed = catalog.hall.copy(update={"booking": booking})
    return replace(catalog, hall=changed, services=services, priority=(ELDERLY,))


@dataclass
class One:
    """An appointment as the model has it."""

    code: str
    citizen: str | None
    service: str
    start: datetime
    who: str
    priority: bool
    status: str
    expires: datetime | None = None
    came: bool = False
    affected: bool = False

    @property
    def end(self) -> datetime:
        return self.start + LENGTH[self.service]


class Door(Channel):
    """A channel that everything goes through at once."""

    def __init__(self) -> None:
        super().__init__("http://127.0.0.1:9", "key")
        self.letters: Counter[str] = Counter()

    async def push(
        self, letter: str, openid: str, text: str, until: datetime | None = None
    ) -> bool:
        self.letters[letter] += 1
        return True


class Histories(RuleBasedStateMachine):
    """The office with all its parts; the model knows what each history must have led to."""

    def __init__(self, databases: Databases) -> None:
        super().__init__()
        self.databases = databases

    @initialize()
    def open(self) -> None:
        self.loop = asyncio.new_event_loop()
        self.database = self.databases.opened()
        self.catalog, self.now, self.keys = hall(), at(23, 9), 0
        self.store, vault = SqlStore(self.database), Vault(DATA_KEY)

        async def catalog() -> Catalog:
            return self.catalog

        parts: Any = (catalog, self.store, vault, lambda: self.now)
        self.office, self.arrivals, self.staff = (
            Office(*parts),
            Arrivals(*parts),
            StaffOffice(*parts),
        )
        self.erasing, self.keeper = Erasing(*parts), Keeper(*parts)
        self.messenger = Messenger(
            self.office, self.staff, self.store, vault, catalog, lambda: self.now
        )
        self.door = Door()
        self.all: dict[str, One] = {}
        self.until: dict[str, datetime] = {}
        self.since: dict[str, datetime] = {}
        self.shut: dict[str, tuple[datetime, datetime]] = {}
        self.run(self.office.open())

    def teardown(self) -> None:
        if hasattr(self, "loop"):
            self.run(self.office.close())
            self.loop.close()

    # --- the ways to call ---------------------------------------------------------------------

    def run(self, call: Coroutine[Any, Any, Value]) -> Value:
        return self.loop.run_until_complete(call)

    def found(self, query: str) -> list[tuple[Any, ...]]:
        return self.run(rows(self.database, query))

    def key(self) -> str:
        self.keys += 1
        return f"key-{self.keys}"

    def expect(self, call: Coroutine[Any, Any, Value], code: RefusalCode | None) -> Value | None:
        try:
            result = self.run(call)
        except Refused as refused:
            assert refused.code is code, (refused.code, code)
            return None
        assert code is None, code
        return result

    # --- the model ----------------------------------------------------------------------------

    def mine(self, citizen: str) -> list[One]:
        return [one for one in self.all.values() if one.citizen == citizen]

    def over(self, one: One) -> bool:
        if one.status == CAME:
            return one.start.date() < self.now.date()
        return one.status == BOOKED and one.end + GRACE <= self.now

    def stale(self, one: One) -> bool:
        return one.expires is not None and one.expires <= self.now

    def settle(self, one: One) -> None:
        """What becomes of an appointment that is over."""
        if one.affected:
            one.status = "cancelled"
        elif one.status == BOOKED and any(
            other.came and other.start.date() == one.start.date() for other in self.all.values()
        ):
            self.strike(one)
        else:
            one.status = "ended"

    def strike(self, one: One) -> None:
        one.status = "no_show"
        missed = [
            other
            for other in self.mine(str(one.citizen))
            if other.status == "no_show"
            and one.start - WITHIN < other.start <= self.now
            and (one.citizen not in self.since or other.end > self.since[str(one.citizen)])
        ]
        if len(missed) >= SUSPEND:
            self.until[str(one.citizen)] = self.now + SUSPENDED_FOR
            self.since[str(one.citizen)] = self.now

    def settle_mine(self, citizen: str) -> None:
        for one in sorted(self.mine(citizen), key=lambda each: (each.start, each.code)):
            if self.over(one):
                self.settle(one)

    def room(
        self, service: str, start: datetime, *, first: bool, but: set[str]
    ) -> RefusalCode | None:
        """Why there is no place in a slot, not counting those that are given up for it."""
        capacity, reserved = CAPACITIES[service]
        end = start + LENGTH[service]
        if any(since < end and start < until for since, until in self.shut.values()):
            return CODE.WINDOW_CLOSED
        if start - self.now <= RELEASE:
            reserved = 0
        inside = [
            one
            for one in self.all.values()
            if (one.service, one.start) == (service, start)
            and one.status in TAKES
            and one.code not in but
            and not self.stale(one)
        ]
        ordinary = sum(not one.priority for one in inside)
        full = len(inside) >= capacity or (not first and ordinary >= capacity - reserved)
        return CODE.SLOT_FULL if full else None

    def why_not(
        self, citizen: str, wanted: One, *, moving: One | None = None
    ) -> RefusalCode | None:
        """Why a place can't be taken for the citizen; settles what is over, as taking does."""
        if wanted.start <= self.now:
            return CODE.PAST
        if moving is None and self.until.get(citizen, self.now) > self.now:
            return CODE.SUSPENDED
        before = {code: replace(one) for code, one in self.all.items()}
        marks = dict(self.until), dict(self.since)
        self.settle_mine(citizen)
        code = self.limits(citizen, wanted, moving)
        if code is not None:  # a refusal leaves everything as it was
            self.all, (self.until, self.since) = before, marks
        return code

    def limits(self, citizen: str, wanted: One, moving: One | None) -> RefusalCode | None:
        mine = [one for one in self.mine(citizen) if one is not moving and not self.stale(one)]
        same = [
            one
            for one in mine
            if (one.service, one.who) == (wanted.service, wanted.who) and one.status in OPEN
        ]
        if moving is None and any(one.status != HELD for one in same):
            return CODE.ALREADY_BOOKED
        gone = {one.code for one in same} if moving is None else {moving.code}
        others = [one for one in mine if one.code not in gone]
        if sum(one.status in OPEN and one.end > self.now for one in others) >= MAX_OPEN:
            return CODE.OPEN_LIMIT
        day = [
            one
            for one in others
            if one.status in TAKES
            and one.who == wanted.who
            and one.start.date() == wanted.start.date()
            and not one.affected
        ]
        if len(day) >= PER_DAY:
            return CODE.DAY_LIMIT
        full = self.room(wanted.service, wanted.start, first=wanted.priority, but=gone)
        if full is None and moving is None:
            for code in gone | {one.code for one in self.mine(citizen) if self.stale(one)}:
                self.all[code].status, self.all[code].expires = "expired", None
        return full

    # --- what citizens do ---------------------------------------------------------------------

    @rule(
        citizen=some.sampled_from(CITIZENS),
        service=some.sampled_from(SERVICES),
        start=some.sampled_from(STARTS),
        who=some.sampled_from(FOR),
        first=some.booleans(),
        held=some.booleans(),
    )
    def take(  # noqa: PLR0917 - hypothesis draws each
        self, citizen: str, service: str, start: datetime, who: str, first: bool, held: bool
    ) -> None:
        """Hold or book."""
        wanted = One("", citizen, service, start, who, first, HELD if held else BOOKED)
        other = Principal(Party.PERSON, "李老太") if who == "mother" else None
        common: Any = (
            citizen,
            service,
            "district-hall",
            start,
            "elderly" if first else None,
            other,
        )
        call = (
            self.office.hold(HoldWish(*common), self.key())
            if held
            else self.office.book(Wish(*common, name="张三丰", phone="13812345678"), self.key())
        )
        kept = self.expect(call, self.why_not(citizen, wanted))
        if kept is not None:
            self.all[kept.code] = replace(
                wanted, code=kept.code, expires=self.now + HOLD if held else None
            )
            assert kept.expires == self.all[kept.code].expires

    @rule(pick=some.integers(0, 30))
    def confirm(self, pick: int) -> None:
        one = self.one(pick)
        if one is None:
            return
        code: RefusalCode | None = None
        if one.status not in {HELD, "expired"}:
            code = CODE.NOT_HELD
        elif one.start <= self.now:
            code = CODE.PAST
        elif self.until.get(str(one.citizen), self.now) > self.now:
            code = CODE.SUSPENDED
        elif one.status == "expired":
            one.status = "new"  # counts for nothing while it is looked at
            code = self.why_not(str(one.citizen), one)
            self.all[one.code].status = "expired"
        elif any(
            other.status in OPEN - {HELD}
            for other in self.mine(str(one.citizen))
            if (other.service, other.who) == (one.service, one.who)
        ):
            code = CODE.ALREADY_BOOKED
        wish = ConfirmWish(str(one.citizen), one.code, "张三丰", "13812345678")
        if self.expect(self.office.confirm(wish, self.key()), code) is not None:
            kept = self.all[one.code]
            kept.status, kept.expires = BOOKED, None

    @rule(pick=some.integers(0, 30), start=some.sampled_from(STARTS))
    def move(self, pick: int, start: datetime) -> None:
        one = self.one(pick)
        if one is None:
            return
        code = self.closed(one, CODE.TOO_LATE_TO_MOVE)
        if code is None and one.start == start:
            code = CODE.SAME_TIME
        elif code is None and one.affected:
            code = CODE.PAST if start <= self.now else None
            code = code or self.room(one.service, start, first=one.priority, but={one.code})
        elif code is None:
            code = self.why_not(str(one.citizen), replace(one, start=start), moving=one)
        wish = MoveWish(str(one.citizen), one.code, start)
        if self.expect(self.office.move(wish, self.key()), code) is not None:
            kept = self.all[one.code]
            kept.start, kept.affected = start, False

    @rule(pick=some.integers(0, 30))
    def cancel(self, pick: int) -> None:
        one = self.one(pick)
        if one is None:
            return
        code = None if one.status == HELD else self.closed(one, CODE.TOO_LATE_TO_CANCEL)
        key = self.key()
        for _ in range(2):  # the same request again is answered alike
            self.expect(self.office.cancel(str(one.citizen), one.code, key), code)
        if code is None:
            one.status, one.expires = ("expired" if one.status == HELD else "cancelled"), None

    @rule(pick=some.integers(0, 30))
    def arrive(self, pick: int) -> None:
        one = self.one(pick)
        if one is None:
            return
        code: RefusalCode | None = None
        if one.status == HELD:
            code = CODE.CONFIRM_FIRST
        elif one.status not in {BOOKED, CAME}:
            code = CODE.WRONG_STATE
        elif one.status == BOOKED and self.now < one.start - timedelta(minutes=30):
            code = CODE.TOO_EARLY_TO_ARRIVE
        elif one.status == BOOKED and self.now > one.end:
            code = CODE.TOO_LATE_TO_ARRIVE
        if self.expect(self.arrivals.arrive(str(one.citizen), one.code), code) is not None:
            one.status, one.came = CAME, True

    @rule(citizen=some.sampled_from(CITIZENS))
    def erase(self, citizen: str) -> None:
        cancelled = 0
        for one in self.mine(citizen):
            if one.status == HELD:
                one.status, one.expires = "expired", None
            elif one.status == BOOKED and one.end > self.now:
                one.status, cancelled = "cancelled", cancelled + 1
            elif one.status in OPEN:
                one.status = "ended"
            one.citizen = None
        assert self.run(self.erasing.erase(citizen, cancel_open=True)).cancelled == cancelled

    # --- what staff do ------------------------------------------------------------------------

    @rule(pick=some.integers(0, 30), what=some.sampled_from(["check_in", "serve", "miss"]))
    def note(self, pick: int, what: str) -> None:
        one = self.one(pick, anybody=True)
        if one is None:
            return
        before = {
            "check_in": {BOOKED, "no_show", "ended"},
            "serve": {BOOKED, CAME},
            "miss": {BOOKED},
        }[what]
        code: RefusalCode | None = None
        if one.start.date() != self.now.date():
            code = CODE.NOT_THAT_DAY
        elif one.status not in before or (
            what == "miss" and (one.start > self.now or one.affected)
        ):
            code = CODE.WRONG_STATE
        elif one.citizen is None:
            return  # nobody's: what was erased is not looked up by its code again
        if self.expect(getattr(self.arrivals, what)(one.code, "王窗口"), code) is None:
            return
        if what == "miss":
            self.strike(one)
        else:
            one.came, one.status = True, (CAME if what == "check_in" else SERVED)

    @rule(pick=some.integers(0, 30))
    def cancel_by_hall(self, pick: int) -> None:
        one = self.one(pick)
        if one is None:
            return
        code = None if one.status == BOOKED else CODE.WRONG_STATE
        if self.expect(self.arrivals.cancel(one.code, "系统升级", "王窗口"), code) is not None:
            one.status = "cancelled"

    @rule(start=some.sampled_from(STARTS))
    def close(self, start: datetime) -> None:
        span = {
            "place": "district-hall",
            "window": None,
            "since": start,
            "until": start + timedelta(minutes=45),
            "reason": "设备检修",
        }
        code = CODE.PAST if span["until"] <= self.now else None  # type: ignore[operator]
        found = self.expect(self.staff.shut(span, "王窗口", self.key()), code)
        if found is not None:
            self.shut[found[0].id] = (start, start + timedelta(minutes=45))

    @rule()
    def open_again(self) -> None:
        for closure in list(self.shut):
            ended = self.shut[closure][1] <= self.now
            if not ended:
                self.run(self.staff.open_again(closure, "王窗口"))
            del self.shut[closure]

    @rule()
    def tell_affected(self) -> None:
        told = restored = 0
        for one in self.all.values():
            if one.status != BOOKED or one.start <= self.now or one.citizen is None:
                continue
            hit = any(since < one.end and one.start < until for since, until in self.shut.values())
            told += hit and not one.affected
            restored += one.affected and not hit
            one.affected = hit
        assert self.run(self.staff.tell_affected("王窗口")) == (told, restored)

    @rule()
    def lift(self) -> None:
        current = [citizen for citizen, until in self.until.items() if until > self.now]
        found = self.run(self.staff.suspensions())
        assert len({one.id for one in found}) == len(found)
        assert len(found) >= len(current)
        for one in found:
            self.run(self.staff.lift(one.id, "王窗口"))
        for citizen in current:
            del self.until[citizen]

    # --- what happens by itself ---------------------------------------------------------------

    @rule(minutes=some.sampled_from([5, 11, 30, 60, 180, 24 * 60]))
    def wait(self, minutes: int) -> None:
        self.now = min(self.now + timedelta(minutes=minutes), at(30, 12))

    @rule()
    def sweep(self) -> None:
        self.run(self.keeper.end_holds())
        for one in self.all.values():
            if self.stale(one):
                one.status, one.expires = "expired", None
        ended = [
            one.code for one in self.all.values() if one.citizen is not None and self.over(one)
        ]
        self.run(self.keeper.end_past())
        kept = dict(self.found("SELECT code, status FROM appointments"))
        # The order in which several that are over end is the database's; who is suspended by how
        # many doesn't depend on it.
        for code in ended:
            self.settle(self.all[code])
            assert kept[code] == self.all[code].status

    @rule()
    def send(self) -> None:
        while self.run(self.messenger.round(self.door)):
            pass
        assert not self.door.letters or max(self.door.letters.values()) == 1
        # Whoever would have been reminded of what can't be kept was told so instead.
        query = "SELECT code FROM appointments WHERE affected_at IS NOT NULL"
        marked = {code for (code,) in self.found(query)}
        for one in self.all.values():
            assert one.affected <= (one.code in marked)
            one.affected = one.code in marked

    @rule()
    def erase_old(self) -> None:
        self.run(self.erasing.erase_old())
        for one in self.all.values():
            if one.end < self.now - 5 * DAY:
                one.citizen = None

    # --- what must always hold ----------------------------------------------------------------

    @invariant()
    def counters_are_the_appointments_and_never_over_capacity(self) -> None:
        if not hasattr(self, "database"):
            return
        kept = self.found("SELECT code, service, starts_at, status, priority FROM appointments")
        assert {code: status for code, _, _, status, _ in kept} == {
            code: one.status for code, one in self.all.items()
        }
        taking = [row for row in kept if row[3] in TAKES]
        slots = self.found("SELECT service, starts_at, booked, priority FROM slots")
        assert {(service, start): (n, p) for service, start, n, p in slots if n} == {
            slot: (
                count,
                sum(row[4] is not None for row in taking if (row[1], row[2]) == slot),
            )
            for slot, count in Counter((row[1], row[2]) for row in taking).items()
        }
        assert all(booked <= CAPACITIES[service][0] for service, _, booked, _ in slots)

    @invariant()
    def nobody_has_two_open_for_the_same(self) -> None:
        if not hasattr(self, "database"):
            return
        query = (
            "SELECT count(*) FROM appointments WHERE status IN ('held', 'booked', 'checked_in') "
            "GROUP BY citizen, service, kind, principal HAVING count(*) > 1"
        )
        assert self.found(query) == []

    @invariant()
    def what_waits_is_about_what_is_to_come(self) -> None:
        if not hasattr(self, "database"):
            return
        query = (
            "SELECT m.kind, a.status FROM messages m JOIN appointments a ON a.code = m.code "
            "WHERE m.state = 'waiting' AND m.kind IN ('tomorrow', 'soon') AND a.status <> 'booked'"
        )
        assert self.found(query) == []

    @invariant()
    def nothing_is_left_of_who_was_erased(self) -> None:
        if not hasattr(self, "database"):
            return
        query = (
            "SELECT code FROM appointments WHERE citizen = 'nobody' AND "
            "(name_sealed <> '' OR phone_sealed <> '' OR phone_hash <> '' OR id_hash IS NOT NULL "
            "OR principal_sealed IS NOT NULL)"
        )
        assert self.found(query) == []
        nobodys = self.found("SELECT code FROM appointments WHERE citizen = 'nobody'")
        assert {code for (code,) in nobodys} == {
            code for code, one in self.all.items() if one.citizen is None
        }

    # --- help ---------------------------------------------------------------------------------

    def one(self, pick: int, *, anybody: bool = False) -> One | None:
        """Some appointment of a citizen who is still known."""
        known = [one for one in self.all.values() if anybody or one.citizen is not None]
        return known[pick % len(known)] if known else None

    def closed(self, one: One, late: RefusalCode) -> RefusalCode | None:
        """Why an appointment can't be changed by its citizen any more."""
        if one.status == "cancelled":
            return CODE.ALREADY_CANCELLED
        if one.status in {HELD, "expired"}:
            return CODE.CONFIRM_FIRST
        if one.status == CAME:
            return CODE.WRONG_STATE
        if one.status == BOOKED and one.affected:
            return None
        return late if one.status != BOOKED or self.now > one.start - CUT_OFF else None


def test_the_office(databases: Databases) -> None:
    run_state_machine_as_test(
        lambda: Histories(databases),
        settings=settings(
            max_examples=int(os.environ.get("MACHINE_EXAMPLES", "12")),
            stateful_step_count=40,
            deadline=None,
        ),
    )
