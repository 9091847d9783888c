"""Random histories of all that can happen at the appointment office, held against a model.

Everything goes through offices and store, on SQLite and on PostgreSQL, with a clock that only the
history moves. The model (`office_model.py`, `rule_model.py`, `letter_model.py`) is plain
dictionaries and its own arithmetic; it never asks the code under test what should come out. After
every step all tables are held against it (`machine_base.py`): states, counters, the outbox,
suspensions, idempotency keys, and what must be gone of who was erased. Every refusal must have the
code that the model foretells.

A short run by default. For a long one: `MACHINE_EXAMPLES=200 MACHINE_STEPS=150 pytest -s` this
file; each example is one history of so many steps.
"""

from __future__ import annotations

import os
from datetime import datetime, time

from databases import Databases
from hypothesis import HealthCheck, settings
from hypothesis import strategies as some
from hypothesis.stateful import precondition, rule, run_state_machine_as_test
from machine_base import STAFF, Keyed, Machine
from model_values import (
    BOOKED,
    CAME,
    ENDED,
    EXPIRED,
    HALL,
    HELD,
    HOME,
    ITEMS,
    MINUTE,
    NO_SHOW,
    TEAMS,
    TOWN,
    No,
    One,
    Span,
    next_workday,
)

from booking.errors import RefusalCode
from booking.home_visits import VisitWish
from booking.identity import Principal
from booking.message_values import MessageState
from booking.values import Half, Party
from booking.wishes import ConfirmWish, HoldWish, MoveWish, Wish
from service_catalog.clock import CHINA

CODE = RefusalCode
NAME, PHONE, ADDRESS = "张三丰", "13812345678", "清禾区龙潭镇上岭村3组12号"
NUMBERS = ("11010519491231002X", "110105195307150018")
COMPANY = "91350100M000100Y43"
WHO: dict[str, tuple[Principal | None, str | None]] = {
    "self": (None, None),
    "mother": (Principal(Party.PERSON, "李老太"), None),
    "father": (Principal(Party.PERSON, "李老汉", NUMBERS[0]), NUMBERS[0]),
    "company": (Principal(Party.COMPANY, "清禾小吃店", COMPANY), COMPANY),
}
citizens = some.sampled_from(("a", "b", "c", "d"))
items = some.sampled_from(("id-card", "id-card", *ITEMS))
whos = some.sampled_from(("self", "self", "self", *WHO))
numbers = some.sampled_from((None, None, *NUMBERS))
places = some.sampled_from((HALL, HALL, HALL, TOWN))
ahead = some.sampled_from((0, 1, 1, 1, 2, 2, 3, 5, 6))
times = some.sampled_from((time(9), time(9), time(10), time(13, 30)))
picks = some.integers(0, 79)
yes = some.booleans()
somebody = precondition(lambda self: self.model.state.all)
seldom = some.sampled_from((False, False, False, True))


class Histories(Machine):
    """All that citizens, staff and the clock do."""

    # --- what citizens do ---------------------------------------------------------------------

    @rule(
        citizen=citizens,
        item=items,
        place=places,
        days=ahead,
        clock=times,
        who=whos,
        first=seldom,
    )
    def hold(  # noqa: PLR0917 - hypothesis draws each
        self, citizen: str, item: str, place: str, days: int, clock: time, who: str, first: bool
    ) -> None:
        """A citizen chooses a time."""
        start, (principal, number) = self.start(days, clock), WHO[who]
        group = "elderly" if first else None
        wish = HoldWish(citizen, item, place, start, group, principal)

        def then(code: str) -> None:
            one = self.wanted(code, citizen, item, place, start)
            one.who, one.number, one.priority, one.status = who, number, first, HELD
            self.model.take(one, announce=False)

        self.keyed(lambda key: self.office.hold(wish, key), then)

    @rule(
        citizen=citizens,
        item=items,
        place=places,
        days=ahead,
        clock=times,
        who=whos,
        own=numbers,
        first=seldom,
        announce=yes,
    )
    def book(  # noqa: PLR0917
        self,
        citizen: str,
        item: str,
        place: str,
        days: int,
        clock: time,
        who: str,
        own: str | None,
        first: bool,
        announce: bool,
    ) -> None:
        """A citizen books at once."""
        start, (principal, number) = self.start(days, clock), WHO[who]
        group = "elderly" if first else None
        wish = Wish(citizen, item, place, start, group, principal, NAME, PHONE, own, announce)

        def then(code: str) -> None:
            one = self.wanted(code, citizen, item, place, start)
            one.who, one.priority = who, first
            one.number = own if who == "self" else number
            self.model.take(one, announce=announce)

        self.keyed(lambda key: self.office.book(wish, key), then)

    @somebody
    @rule(pick=picks, own=numbers, announce=yes)
    def confirm(self, pick: int, own: str | None, announce: bool) -> None:
        """A citizen tells name and phone to a hold."""
        one = self.one(pick, HELD, EXPIRED)
        if one is None:
            return
        wish = ConfirmWish(str(one.citizen), one.code, NAME, PHONE, own, announce)
        self.keyed(
            lambda key: self.office.confirm(wish, key),
            lambda _: self.model.confirm(wish.code, own, announce=announce),
        )

    @somebody
    @rule(pick=picks, place=places, days=ahead, clock=times, announce=yes)
    def move(self, pick: int, place: str, days: int, clock: time, announce: bool) -> None:
        """A citizen moves an appointment."""
        one = self.one(pick, BOOKED)
        if one is None:
            return
        start = self.start(days, clock)
        wish = MoveWish(str(one.citizen), one.code, start, place, announce)
        self.keyed(
            lambda key: self.office.move(wish, key),
            lambda _: self.model.move(wish.code, place, start, announce=announce),
        )

    @somebody
    @rule(pick=picks)
    def cancel(self, pick: int) -> None:
        """A citizen cancels, or gives up a hold."""
        one = self.one(pick, BOOKED, HELD)
        if one is None:
            return
        citizen, code = str(one.citizen), one.code
        self.keyed(
            lambda key: self.office.cancel(citizen, code, key),
            lambda _: self.model.cancel(code),
        )

    @somebody
    @rule(pick=picks, citizen=some.sampled_from((None, None, None, "a", "b")))
    def arrive(self, pick: int, citizen: str | None) -> None:
        """A citizen says that they are there, seldom with somebody else's code."""
        one = self.one(pick, BOOKED)
        if one is None:
            return
        code, owner = one.code, str(one.citizen)

        def then(_: object) -> None:
            if citizen not in {None, owner}:
                raise No(CODE.NOT_FOUND)
            self.model.arrive(code)

        self.expect(self.arrivals.arrive(citizen or owner, code), then)

    @rule(
        citizen=citizens,
        team=some.sampled_from(tuple(TEAMS)),
        item=some.sampled_from(("id-card", "permit")),
        days=some.sampled_from((0, 2, 3, 3, 4)),
        half=some.sampled_from(tuple(Half)),
        announce=yes,
    )
    def visit(  # noqa: PLR0917
        self, citizen: str, team: str, item: str, days: int, half: Half, announce: bool
    ) -> None:
        """A citizen books a home visit."""
        item = "id-card" if team == "bedridden" else item
        start = self.start(days, time(0))
        wish = VisitWish(
            citizen, team, item, start.date(), half, 70, ADDRESS, NAME, PHONE, announce
        )

        def then(code: str) -> None:
            one = One(code, citizen, item, HOME, start, start, rule=team, made=self.model.now)
            self.model.visit(one, half.value, announce=announce)

        self.keyed(lambda key: self.visits.book(wish, key), then)

    @rule(citizen=citizens, cancel_open=yes)
    def erase(self, citizen: str, cancel_open: bool) -> None:
        """A citizen has everything erased."""
        counts: list[tuple[int, int]] = []
        erased = self.expect(
            self.erasing.erase(citizen, cancel_open),
            lambda _: counts.append(self.model.erase(citizen, cancel_open=cancel_open)),
        )
        if erased is not None:
            assert (erased.appointments, erased.cancelled) == counts[0]
            digest = self.vault.digest("citizen", citizen)
            for table, found in self.look().items():
                if table.name != "suspensions":
                    assert not any(digest in row for row in found), table.name

    # --- the same again -----------------------------------------------------------------------

    @precondition(lambda self: self.model.state.requests)
    @rule(pick=picks)
    def again(self, pick: int) -> None:
        """The same wish under the same key: the same answer, and nothing changes."""
        keys = list(self.model.state.requests)
        key = keys[-1 - pick % len(keys)]
        make, answer = self.answers[key]
        assert self.run(make(key)) == answer

    @precondition(lambda self: self.model.state.requests)
    @rule(pick=picks, how=some.integers(0, 4))
    def another_wish_under_the_key(self, pick: int, how: int) -> None:
        """Another wish under a key that was used is refused, whatever it is."""
        keys = list(self.model.state.requests)
        key = keys[-1 - pick % len(keys)]
        soon, late = self.start(2, time(9)), self.start(30, time(9))
        ways: tuple[Keyed, ...] = (
            lambda key: self.office.cancel("z", "23456789", key),
            lambda key: self.office.hold(HoldWish("z", "id-card", HALL, soon), key),
            lambda key: self.office.book(Wish("z", "permit", HALL, late), key),
            lambda key: self.office.move(MoveWish("z", "23456789", soon), key),
            lambda key: self.visits.book(
                VisitWish(
                    "z", "elderly", "permit", late.date(), Half.MORNING, 70, ADDRESS, NAME, PHONE
                ),
                key,
            ),
        )

        self.expect(ways[how](key), _conflict)

    # --- what staff do ------------------------------------------------------------------------

    @somebody
    @rule(pick=picks, what=some.sampled_from(("check_in", "serve", "miss")))
    def note(self, pick: int, what: str) -> None:
        """Staff note what has happened."""
        one = self.one(pick, BOOKED, CAME, NO_SHOW, ENDED, anybody=True)
        if one is None:
            return
        code = one.code
        call = getattr(self.arrivals, what)(code, STAFF)
        self.expect(call, lambda _: getattr(self.model, what)(code))

    @somebody
    @rule(pick=picks, window=some.sampled_from(("1", "2", "9")))
    def call(self, pick: int, window: str) -> None:
        """A window calls."""
        one = self.one(pick, CAME, anybody=True)
        if one is not None:
            code = one.code
            self.expect(
                self.arrivals.call(code, window, STAFF), lambda _: self.model.call(code, window)
            )

    @somebody
    @rule(pick=picks)
    def cancel_by_hall(self, pick: int) -> None:
        """The hall cancels."""
        one = self.one(pick, BOOKED, anybody=True)
        if one is not None:
            code = one.code
            self.expect(
                self.arrivals.cancel(code, "系统升级", STAFF),
                lambda _: self.model.cancel_by_hall(code),
            )

    @rule(window=some.sampled_from((None, "1", "2")), days=ahead, clock=times)
    def shut(self, window: str | None, days: int, clock: time) -> None:
        """A window, or the hall, is shut for a time; the same request again is the same closure."""
        since = self.start(days, clock)
        span = Span(window, since, since + 45 * MINUTE)
        body = {**span._asdict(), "place": HALL, "reason": "设备检修"}
        self.keys += 1
        key = f"shut-{self.keys}"
        closure = self.vault.digest("key", key)[:32]
        found = self.expect(
            self.staff.shut(body, STAFF, key), lambda _: self.model.close(closure, span)
        )
        if found is not None:
            assert {one.appointment.code for one in found[1]} == self.model.hit()
            assert self.run(self.staff.shut(body, STAFF, key))[0] == found[0]
            self.expect(self.staff.shut({**body, "reason": "停电"}, STAFF, key), _conflict)

    @precondition(lambda self: self.model.state.shut)
    @rule(pick=picks)
    def open_again(self, pick: int) -> None:
        """What was shut is opened again, once."""
        known = list(self.model.state.shut)
        closure = known[pick % len(known)]
        for _ in range(2):
            self.expect(
                self.staff.open_again(closure, STAFF), lambda _: self.model.open_again(closure)
            )

    @rule()
    def tell_affected(self) -> None:
        """Staff tell those whom the hall can't keep, and those whom it can after all."""
        assert self.run(self.staff.tell_affected(STAFF)) == self.model.tell_affected()

    @precondition(lambda self: self.model.banned())
    @rule(pick=picks)
    def lift(self, pick: int) -> None:
        """Staff end a suspension."""
        found = {one.code: one for one in self.run(self.staff.suspensions())}
        banned = self.model.banned()
        assert set(found) == {ban.code for ban in banned}
        ban = banned[pick % len(banned)]
        self.run(self.staff.lift(found[ban.code].id, STAFF))
        self.model.lift(ban)

    @rule(pick=picks)
    def resend(self, pick: int) -> None:
        """Staff let a dead message be tried again."""
        dead = sorted(
            self.run(self.staff.messages(MessageState.DEAD)), key=lambda one: (one.code, one.kind)
        )
        letters = self.model.state.letters
        kept = [key for key, letter in letters.items() if letter.state == "dead"]
        assert sorted((one.code, one.kind.value) for one in dead) == sorted(key[:2] for key in kept)
        if dead:
            message = dead[pick % len(dead)]
            self.run(self.staff.send_again(message.id, STAFF))
            self.model.resend(message.code, message.kind.value, message.due)

    # --- what happens by itself ---------------------------------------------------------------

    @rule(minutes=some.sampled_from((1, 5, 11, 30, 60, 180, 720, 1440, 4320)))
    def wait(self, minutes: int) -> None:
        """Time passes."""
        self.until(self.model.now + minutes * MINUTE)

    @somebody
    @rule(pick=picks, minutes=some.sampled_from((-130, -100, -25, 0, 10, 40, 75, 100)))
    def wait_for(self, pick: int, minutes: int) -> None:
        """Time passes until an appointment is near, or just over."""
        one = self.one(pick, BOOKED, CAME)
        if one is not None:
            self.until(one.start + minutes * MINUTE)

    @rule()
    def end_holds(self) -> None:
        """The keeper gives up holds."""
        self.run(self.keeper.end_holds())
        self.model.end_holds()

    @rule()
    def end_past(self) -> None:
        """The keeper ends what is over."""
        self.run(self.keeper.end_past())
        self.model.end_past()

    @rule()
    def erase_old(self) -> None:
        """The keeper erases what is old."""
        assert self.run(self.erasing.erase_old()) == self.model.erase_old()

    @rule(seen=some.sampled_from((True, True, True, False)))
    def send(self, seen: bool) -> None:
        """The messenger sends what is due; the citizens are there, or not yet."""
        self.door.seen = seen
        self.door.pushed.clear()
        while self.run(self.messenger.round(self.door)):
            pass
        assert self.door.pushed == self.model.send(seen=seen)

    # --- what can be seen ---------------------------------------------------------------------

    @rule(item=items, days=ahead, first=yes)
    def look_for_times(self, item: str, days: int, first: bool) -> None:
        """What is free is what the model leaves free."""
        day = self.start(days, time(0)).date()
        group = "elderly" if first else None
        for found in self.run(self.office.availability(item, day, day, None, group)):
            for slot in found.slots:
                free = self.model.free((item, found.place, slot.start), priority=first)
                assert slot.free == free, slot

    @rule(citizen=citizens)
    def look_at_ones_own(self, citizen: str) -> None:
        """A citizen sees what is open, and staff whom the hall can't keep."""
        found = self.run(self.office.appointments(citizen))
        assert [one.code for one in found] == self.model.shown(citizen)
        hit = self.run(self.staff.affected())
        assert {one.appointment.code for one in hit} == self.model.hit()

    # --- help ---------------------------------------------------------------------------------

    def start(self, days: int, clock: time) -> datetime:
        """The time on the workday that is so many ahead."""
        return datetime.combine(next_workday(self.model.now.date(), days), clock, CHINA)

    def until(self, moment: datetime) -> None:
        """Move the clock, never back, nor into the weeks before holidays."""
        last = datetime(2026, 12, 18, 12, tzinfo=CHINA)
        self.model.now = min(max(self.model.now, moment), last)

    def wanted(self, code: str, citizen: str, item: str, place: str, start: datetime) -> One:
        """An appointment as it is wished for."""
        end = start + ITEMS[item].length
        return One(code, citizen, item, place, start, end, made=self.model.now)


def _conflict(_: object) -> None:
    raise No(CODE.IDEMPOTENCY_CONFLICT)


def test_the_office(databases: Databases) -> None:
    """Random histories; see above for longer runs."""
    run_state_machine_as_test(
        lambda: Histories(databases),
        settings=settings(
            max_examples=int(os.environ.get("MACHINE_EXAMPLES", "8")),
            stateful_step_count=int(os.environ.get("MACHINE_STEPS", "60")),
            deadline=None,
            suppress_health_check=list(HealthCheck),
        ),
    )
