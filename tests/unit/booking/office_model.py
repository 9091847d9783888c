"""The model of the appointment office: every operation in plain dictionaries and own arithmetic.

Each operation changes the model or raises `No` with the code of the refusal that is due; whoever
calls it puts the state back then, as a refusal changes nothing.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

from model_values import (
    BOOKED,
    CAME,
    CANCELLED,
    EARLY,
    ENDED,
    EXPIRED,
    GRACE,
    HALVES,
    HELD,
    HOLD,
    HOME,
    ITEMS,
    KEEP_DAYS,
    KEEP_REQUESTS,
    LAST_WORKDAY,
    NO_SHOW,
    OPEN,
    RATE_AFTER,
    SERVED,
    TAKES,
    TEAMS,
    TOWN,
    Ban,
    No,
    One,
    Span,
    workdays,
)
from rule_model import Rules

from booking.errors import RefusalCode
from service_catalog.clock import CHINA

CODE = RefusalCode


class Model(Rules):
    """Appointments, home visits, suspensions, closures."""

    # --- what citizens do ---------------------------------------------------------------------

    def take(self, wanted: One, *, announce: bool) -> None:
        """Hold or book; `wanted` has the code that it is to have."""
        self._check_slot(wanted.service, wanted.place, wanted.start)
        given_up = self._may_book(wanted)
        self._give_up(given_up)
        self.state.all[wanted.code] = wanted
        if wanted.status == HELD:
            wanted.expires = self.now + HOLD
        else:
            self._promise(wanted, "booked" if announce else "")

    def confirm(self, code: str, number: str | None, *, announce: bool) -> None:
        """Make a hold an appointment."""
        one = self.state.all[code]
        if one.status not in {HELD, EXPIRED}:
            raise No(CODE.NOT_HELD)
        self._check_slot(one.service, one.place, one.start)
        sure = replace(one, status=BOOKED, expires=None)
        if one.who == "self" and one.number is None:
            sure.number = number
        if one.status == EXPIRED:
            self._give_up(self._may_book(sure))
        else:
            self._check_suspended(str(one.citizen))
            rivals = self._rivals(sure)
            after = {**self.state.all, code: sure}
            self.state.all = after
            if code in self.affected(sure.slot):
                raise No(CODE.WINDOW_CLOSED)
            self._give_up(rivals)
        self.state.all[code] = sure
        self._promise(sure, "booked" if announce else "")

    def move(self, code: str, place: str, start: datetime, *, announce: bool) -> None:
        """Move an appointment."""
        one = self.state.all[code]
        if one.rule is not None:
            raise No(CODE.HOME_VISIT_NOT_MOVABLE)
        self._check_changeable(one, CODE.TOO_LATE_TO_MOVE)
        if (one.place, one.start) == (place, start):
            raise No(CODE.SAME_TIME)
        self._check_slot(one.service, place, start)
        there = replace(one, place=place, start=start, end=start + ITEMS[one.service].length)
        if not one.affected:
            self._settle_of(str(one.citizen))
            self._check_limits(there, {code})
        self._check_room(there, {code})
        there.affected = False
        self.state.all[code] = there
        self.take_back(code)
        self._promise(there, "moved" if announce else "")

    def cancel(self, code: str) -> None:
        """The citizen cancels, or gives up a hold."""
        one = self.state.all[code]
        if one.status == HELD:
            self._expire(one)
            return
        self._check_changeable(one, CODE.TOO_LATE_TO_CANCEL)
        self.take_back(code)
        one.status = CANCELLED

    def arrive(self, code: str) -> None:
        """The citizen says that they are there."""
        one = self.state.all[code]
        if one.status == CAME:
            return
        if one.status == HELD:
            raise No(CODE.CONFIRM_FIRST)
        if one.status != BOOKED or one.rule is not None:
            raise No(CODE.WRONG_STATE)
        if self.now < one.start - EARLY:
            raise No(CODE.TOO_EARLY_TO_ARRIVE)
        if self.now > one.end:
            raise No(CODE.TOO_LATE_TO_ARRIVE)
        self._came(one, CAME)

    def visit(self, wanted: One, half: str, *, announce: bool) -> None:
        """Book a home visit; `wanted` has its day as `start`."""
        per_day, ahead = TEAMS[str(wanted.rule)]
        day, (since, until) = wanted.start.date(), HALVES[half]
        distance = workdays(self.now.date(), day)
        if day < self.now.date():
            raise No(CODE.PAST)
        if distance < ahead:
            raise No(CODE.TOO_SOON)
        if distance > LAST_WORKDAY + ahead:
            raise No(CODE.TOO_FAR)
        wanted.start = datetime.combine(day, since, CHINA)
        wanted.end = datetime.combine(day, until, CHINA)
        if wanted.start <= self.now:
            raise No(CODE.PAST)
        self._check_suspended(str(wanted.citizen))
        for one in self._mine(str(wanted.citizen)):
            if one.rule is not None and one.service == wanted.service and one.status in OPEN:
                if not self.over(one):
                    raise No(CODE.HOME_VISIT_BOOKED)
                self._settle(one)
        same = [one for one in self.state.all.values() if one.rule == wanted.rule]
        if sum(one.status in TAKES and one.start.date() == day for one in same) >= per_day:
            raise No(CODE.HOME_VISITS_FULL)
        self.state.all[wanted.code] = wanted
        self._promise(wanted, "booked" if announce else "")

    def erase(self, citizen: str, *, cancel_open: bool) -> tuple[int, int]:
        """All that is known of a citizen goes; gives how many and how many were cancelled."""
        mine = self._mine(citizen)
        waiting = [one for one in mine if one.status in {BOOKED, CAME} and one.end > self.now]
        if waiting and not cancel_open:
            raise No(CODE.OPEN_APPOINTMENTS)
        cancelled = [one for one in waiting if one.status == BOOKED]
        for one in mine:
            self._end(one)
            self._to_nobody(one)
        for one in cancelled:
            one.status = CANCELLED
        return len(mine), len(cancelled)

    # --- what staff do ------------------------------------------------------------------------

    def check_in(self, code: str) -> None:
        """Staff see the citizen; a no-show, and what it led to, is taken back."""
        one = self._today(code, {BOOKED, NO_SHOW, ENDED})
        for other in list(self.state.all.values()):
            key = (other.citizen, other.service, other.who, other.rule is None)
            same = key == (one.citizen, one.service, one.who, one.rule is None)
            if other is one or one.citizen is None or other.status not in OPEN or not same:
                continue
            if other.status != HELD:
                raise No(CODE.ALREADY_BOOKED)
            self._expire(other)
        lifted = [
            ban
            for ban in self.state.bans
            if one.status == NO_SHOW and ban.code == code and self._in_force(ban)
        ]
        self._came(one, CAME)
        for ban in lifted:
            self.lift(ban)

    def call(self, code: str, window: str) -> None:
        """A window calls."""
        one = self.state.all[code]
        known = {"1", "2"} if one.place != TOWN else {"1"}
        if one.place == HOME or window not in known:
            raise No(CODE.UNKNOWN_WINDOW)
        self._today(code, {CAME})
        self.take_back(code)

    def serve(self, code: str) -> None:
        """The visit is over."""
        one = self._today(code, {BOOKED, CAME})
        self._came(one, SERVED)
        self.write(one, "rate", "served", self.now + RATE_AFTER)

    def miss(self, code: str) -> None:
        """Staff note that nobody came."""
        one = self._today(code, {BOOKED})
        if one.start > self.now or one.affected:
            raise No(CODE.WRONG_STATE)
        self._strike(one)

    def cancel_by_hall(self, code: str) -> None:
        """The hall cancels."""
        one = self.state.all[code]
        if one.status != BOOKED:
            raise No(CODE.WRONG_STATE)
        self.take_back(code)
        one.status = CANCELLED
        self.news(one, "cancelled")

    def close(self, closure: str, span: Span) -> None:
        """Shut a window of the hall, or the hall."""
        if span.until <= self.now:
            raise No(CODE.PAST)
        self.state.shut[closure] = span

    def open_again(self, closure: str) -> None:
        """Open what was shut."""
        if self.state.shut.pop(closure, None) is None:
            raise No(CODE.UNKNOWN_CLOSURE)

    def hit(self) -> set[str]:
        """Codes of what is to come and can't be kept."""
        slots = {
            one.slot
            for one in self.state.all.values()
            if one.status == BOOKED and one.rule is None and one.start > self.now
        }
        return {code for slot in slots for code in self.affected(slot)}

    def tell_affected(self) -> tuple[int, int]:
        """Tell those who are hit, and those who are no more; gives how many."""
        hit, told, restored = self.hit(), 0, 0
        for code, one in self.state.all.items():
            if code in hit:
                told += self.mark(one)
            elif one.affected and one.status == BOOKED and one.start > self.now:
                one.affected, restored = False, restored + 1
                self.news(one, "restored")
        return told, restored

    def lift(self, ban: Ban) -> None:
        """End a suspension; its citizen is told, unless that appointment was erased."""
        ban.lifted = True
        one = self.state.all[ban.code]
        if one.citizen == ban.citizen:
            self.write(one, "lifted", "", self.now)

    def banned(self) -> list[Ban]:
        """The suspensions of now."""
        return [ban for ban in self.state.bans if self._in_force(ban)]

    # --- what happens by itself ---------------------------------------------------------------

    def end_holds(self) -> None:
        """Holds whose time is up are given up."""
        for one in self.state.all.values():
            if self.stale(one):
                self._expire(one)

    def end_past(self) -> None:
        """What is over ends, the earliest first."""
        open_ones = [one for one in self.state.all.values() if one.status in OPEN]
        for one in sorted(open_ones, key=lambda each: (each.end, each.code)):
            if one.status == HELD and one.end + GRACE <= self.now:
                self._expire(one)
            elif self.over(one) and one.end + GRACE <= self.now:
                self._settle(one)

    def erase_old(self) -> int:
        """What ended long ago belongs to nobody; gives how many that were."""
        old = [
            one
            for one in self.state.all.values()
            if one.citizen is not None and one.end < self.now - timedelta(days=KEEP_DAYS)
        ]
        for one in old:
            self._end(one)
            self._to_nobody(one)
        requests = self.state.requests.items()
        before = self.now - KEEP_REQUESTS
        self.state.requests = {key: kept for key, kept in requests if kept[1] >= before}
        return len(old)
