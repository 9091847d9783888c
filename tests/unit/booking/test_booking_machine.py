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
from datetime import time

from databases import Databases
from hypothesis import HealthCheck, settings
from hypothesis import strategies as some
from hypothesis.stateful import precondition, rule, run_state_machine_as_test
from machine_base import STAFF
from machine_citizens import (
    Citizens,
    ahead,
    booked,
    citizens,
    conflict,
    items,
    picks,
    somebody,
    yes,
)
from model_values import (
    BOOKED,
    CAME,
    DAY,
    ENDED,
    HALL,
    HELD,
    MINUTE,
    NO_SHOW,
    OPEN,
    Span,
)

from booking.message_values import MessageState

deeds = some.sampled_from(("check_in", "serve", "miss", "call 1", "call 2", "call 9"))


class Histories(Citizens):
    """All that citizens, staff and the clock do."""

    # --- what staff do ------------------------------------------------------------------------

    @somebody
    @rule(pick=picks, what=deeds)
    def note(self, pick: int, what: str) -> None:
        """Staff note what has happened."""
        one = self.one(pick, BOOKED, CAME, NO_SHOW, ENDED, anybody=True)
        if one is None:
            return
        self.note_of(one.code, what)

    @booked
    @rule(
        pick=picks,
        minutes=some.sampled_from((-20, 0, 10, 10, 40, 75, 100)),
        done=some.lists(
            some.sampled_from((None, "check_in", "serve", "miss", "miss")), min_size=3, max_size=6
        ),
        night=yes,
    )
    def the_hour_comes(self, pick: int, minutes: int, done: list[str | None], night: bool) -> None:
        """A day's appointments are due: some come, some don't."""
        one = self.one(pick, BOOKED, CAME)
        if one is None:
            return
        self.until(one.start + minutes * MINUTE)
        day = [
            other.code
            for other in self.model.state.all.values()
            if other.start.date() == one.start.date() and other.status in OPEN
        ]
        for code, what in zip(day, done, strict=False):
            if what is not None:
                self.note_of(code, what)
        if night:
            self.until(self.model.now + 8 * 60 * MINUTE)
            self.sweep(holds=False, past=True)

    def note_of(self, code: str, what: str) -> None:
        """Staff note one thing about an appointment."""
        named, window = what.split() if " " in what else (what, None)
        words = (code,) if window is None else (code, window)
        call = getattr(self.arrivals, named)(*words, STAFF)
        self.expect(call, lambda _: getattr(self.model, named)(*words))

    @booked
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

    @rule(pick=picks, window=some.sampled_from((None, "1", "2")), days=ahead, tell=yes)
    def shut(self, pick: int, window: str | None, days: int, tell: bool) -> None:
        """A window, or the hall, is shut for a time; the same request again is the same closure."""
        one = self.one(pick, BOOKED, HELD)
        since = one.start if one else self.start(days, time(9))
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
            self.expect(self.staff.shut({**body, "reason": "停电"}, STAFF, key), conflict)
            if tell:
                self.tell_affected()

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

    @precondition(lambda self: self.model.state.shut or self.model.hit() or self.told())
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

    @precondition(lambda self: "dead" in {one.state for one in self.model.state.letters.values()})
    @rule(pick=picks)
    def resend(self, pick: int) -> None:
        """Staff let a dead message be tried again."""
        dead = sorted(
            self.run(self.staff.messages(MessageState.DEAD)),
            key=lambda one: (one.code, one.kind.value, one.due),
        )
        letters = self.model.state.letters
        kept = [key for key, letter in letters.items() if letter.state == "dead"]
        assert sorted((one.code, one.kind.value) for one in dead) == sorted(key[:2] for key in kept)
        if dead:
            message = dead[pick % len(dead)]
            self.run(self.staff.send_again(message.id, STAFF))
            self.model.resend(message.code, message.kind.value, message.due)

    # --- what happens by itself ---------------------------------------------------------------

    @rule(minutes=some.sampled_from((1, 5, 11, 30, 60, 180, 720, 1440)))
    def wait(self, minutes: int) -> None:
        """Time passes."""
        self.until(self.model.now + minutes * MINUTE)

    @booked
    @rule(pick=picks, minutes=some.sampled_from((-130, -100, -25, 0, 10, 40, 75, 100)))
    def wait_for(self, pick: int, minutes: int) -> None:
        """Time passes until an appointment is near, or just over."""
        one = self.one(pick, BOOKED, CAME)
        if one is not None:
            self.until(one.start + minutes * MINUTE)

    @somebody
    @rule(holds=yes, past=yes)
    def sweep(self, holds: bool, past: bool) -> None:
        """The keeper gives up holds, and ends what is over."""
        if holds:
            self.run(self.keeper.end_holds())
            self.model.end_holds()
        if past:
            self.run(self.keeper.end_past())
            self.model.end_past()

    @somebody
    @rule(days=some.sampled_from((0, 0, 0, 2, 5)))
    def erase_old(self, days: int) -> None:
        """The keeper erases what is old, seldom after days in which nothing was done."""
        self.until(self.model.now + days * DAY)
        assert self.run(self.erasing.erase_old()) == self.model.erase_old()

    @precondition(lambda self: self.model.state.letters)
    @rule(seen=some.sampled_from((True, True, True, False)))
    def send(self, seen: bool) -> None:
        """The messenger sends what is due; the citizens are there, or not yet."""
        self.door.seen = seen
        self.door.pushed.clear()
        while self.run(self.messenger.round(self.door)):
            pass
        assert self.door.pushed == self.model.send(seen=seen)

    # --- what can be seen ---------------------------------------------------------------------

    @rule(item=items, days=ahead, first=yes, citizen=citizens)
    def look_around(self, item: str, days: int, first: bool, citizen: str) -> None:
        """What is free, what a citizen has, whom the hall can't keep."""
        day = self.start(days, time(0)).date()
        group = "elderly" if first else None
        for found in self.run(self.office.availability(item, day, day, None, group)):
            for slot in found.slots:
                free = self.model.free((item, found.place, slot.start), priority=first)
                assert slot.free == free, slot
        own = self.run(self.office.appointments(citizen))
        assert [one.code for one in own] == self.model.shown(citizen)
        hit = self.run(self.staff.affected())
        assert {one.appointment.code for one in hit} == self.model.hit()

    def told(self) -> bool:
        """Whether somebody waits to hear that the hall can keep their time after all."""
        return any(one.affected for one in self.model.state.all.values())


def test_the_office(databases: Databases) -> None:
    """Random histories; see above for longer runs."""
    run_state_machine_as_test(
        lambda: Histories(databases),
        settings=settings(
            max_examples=int(os.environ.get("MACHINE_EXAMPLES", "12")),
            stateful_step_count=int(os.environ.get("MACHINE_STEPS", "80")),
            deadline=None,
            suppress_health_check=list(HealthCheck),
        ),
    )
