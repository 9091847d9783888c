"""The rules that the model of the office holds every wish to, and the end of what is over."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta

from letter_model import Letters
from model_values import (
    BOOKED,
    CAME,
    CANCELLED,
    CUT_OFF,
    ENDED,
    EXPIRED,
    GRACE,
    HELD,
    ITEMS,
    LAST_WORKDAY,
    MAX_OPEN,
    NO_SHOW,
    OPEN,
    PER_DAY,
    PER_WEEK,
    RELEASE,
    SUSPEND_AFTER,
    SUSPEND_FOR,
    TAKES,
    TOWN,
    WARN_AFTER,
    WITHIN,
    Ban,
    No,
    One,
    workdays,
)

from booking.errors import RefusalCode

CODE = RefusalCode


class Rules(Letters):
    """What may be booked, by whom; what becomes of it."""

    # --- what can be seen ---------------------------------------------------------------------

    def free(self, slot: tuple[str, str, datetime], *, priority: bool) -> int:
        """How many more fit into a slot, holds whose time is up still counted."""
        left, reserved = self.left(slot), self._reserved(slot)
        inside = [
            one for one in self.state.all.values() if one.slot == slot and one.status in TAKES
        ]
        ordinary = sum(not one.priority for one in inside)
        room = left - len(inside)
        return max(0, room if priority else min(room, left - reserved - ordinary))

    def shown(self, citizen: str) -> list[str]:
        """Codes of the open appointments that a citizen sees, earliest first."""
        found = [
            (one.start, one.code)
            for one in self._mine(citizen)
            if one.status in {BOOKED, CAME} and one.end > self.now
        ]
        return [code for _, code in sorted(found)]

    def over(self, one: One) -> bool:
        """Whether an open appointment is over."""
        if one.status == CAME:
            return one.start.date() < self.now.date()
        return one.status == BOOKED and one.end + GRACE <= self.now

    def stale(self, one: One) -> bool:
        """Whether it is a hold whose time is up."""
        return one.expires is not None and one.expires <= self.now

    # --- the rules ----------------------------------------------------------------------------

    def _mine(self, citizen: str) -> list[One]:
        return [one for one in self.state.all.values() if one.citizen == citizen]

    def _check_slot(self, service: str, place: str, start: datetime) -> None:
        if place not in ITEMS[service].places:
            raise No(CODE.UNKNOWN_PLACE)
        if start <= self.now:
            raise No(CODE.PAST)
        if workdays(self.now.date(), start.date()) > LAST_WORKDAY:
            raise No(CODE.TOO_FAR)
        if place == TOWN and start.time() >= time(12):
            raise No(CODE.OUTSIDE_HOURS)

    def _check_changeable(self, one: One, late: RefusalCode) -> None:
        if one.status == CANCELLED:
            raise No(CODE.ALREADY_CANCELLED)
        if one.status in {HELD, EXPIRED}:
            raise No(CODE.CONFIRM_FIRST)
        if one.status == CAME:
            raise No(CODE.WRONG_STATE)
        if one.status == BOOKED and one.affected:
            return
        if one.status != BOOKED or self.now > one.start - CUT_OFF:
            raise No(late)

    def _check_suspended(self, citizen: str) -> None:
        if any(ban.citizen == citizen for ban in self.banned()):
            raise No(CODE.SUSPENDED)

    def _may_book(self, wanted: One) -> set[str]:
        """Codes of what is given up for a new appointment."""
        self._check_suspended(str(wanted.citizen))
        self._settle_of(str(wanted.citizen))
        given_up = self._rivals(wanted)
        given_up |= {one.code for one in self._mine(str(wanted.citizen)) if self.stale(one)}
        self._check_limits(wanted, given_up | {wanted.code})
        self._check_room(wanted, given_up | {wanted.code})
        return given_up

    def _rivals(self, wanted: One) -> set[str]:
        """Codes of own holds that the wanted one stands for; anything else is in its way."""
        given_up = set()
        for one in self.state.all.values():
            own = one.citizen == wanted.citizen
            same = own and one.who == wanted.who
            same = same or (wanted.number is not None and one.number == wanted.number)
            if one.rule is not None or one.status not in OPEN or one.code == wanted.code:
                continue
            if one.service != wanted.service or not same:
                continue
            if own and one.status == HELD:
                given_up.add(one.code)
            elif not self.stale(one) and not self.over(one):
                raise No(CODE.ALREADY_BOOKED)
        return given_up

    def _check_limits(self, wanted: One, but: set[str]) -> None:
        mine = [
            one
            for one in self._mine(str(wanted.citizen))
            if one.code not in but and one.status in TAKES and not self.stale(one)
        ]
        if sum(one.status in OPEN and one.end > self.now for one in mine) >= MAX_OPEN:
            raise No(CODE.OPEN_LIMIT)
        counted = [one for one in mine if one.who == wanted.who and not one.affected]
        days = [one.start.date() for one in counted if one.rule is None]
        if days.count(wanted.start.date()) >= PER_DAY:
            raise No(CODE.DAY_LIMIT)
        if sum(_week(day) == _week(wanted.start.date()) for day in days) >= PER_WEEK:
            raise No(CODE.WEEK_LIMIT)

    def _check_room(self, wanted: One, but: set[str]) -> None:
        """Whether a slot has a place, not counting those that are given up for it."""
        left, reserved = self.left(wanted.slot), self._reserved(wanted.slot)
        if left == 0:
            raise No(CODE.WINDOW_CLOSED)
        inside = [
            one
            for one in self.state.all.values()
            if one.slot == wanted.slot and one.status in TAKES and one.code not in but
        ]
        stale = {one.code for one in inside if self.stale(one)}
        for gone in (set(), stale):  # holds whose time is up go only when they are in the way
            still = [one for one in inside if one.code not in gone]
            ordinary = sum(not one.priority for one in still)
            if len(still) < left and (wanted.priority or ordinary < left - reserved):
                self._give_up(gone)
                return
        raise No(CODE.SLOT_FULL)

    def _reserved(self, slot: tuple[str, str, datetime]) -> int:
        return 0 if slot[2] - self.now <= RELEASE else ITEMS[slot[0]].reserved

    def _give_up(self, codes: set[str]) -> None:
        for code in codes:
            self._expire(self.state.all[code])

    def _expire(self, one: One) -> None:
        one.status, one.expires = EXPIRED, None

    def _promise(self, one: One, kind: str) -> None:
        if kind:
            self.news(one, kind)
        self.remind(one)

    def _today(self, code: str, before: set[str]) -> One:
        one = self.state.all[code]
        if one.start.date() != self.now.date():
            raise No(CODE.NOT_THAT_DAY)
        if one.status not in before:
            raise No(CODE.WRONG_STATE)
        return one

    def _came(self, one: One, status: str) -> None:
        self.take_back(one.code)
        one.came, one.status = True, status

    def _settle_of(self, citizen: str) -> None:
        for one in sorted(self._mine(citizen), key=lambda each: (each.start, each.code)):
            if self.over(one):
                self._settle(one)

    def _settle(self, one: One) -> None:
        """What becomes of an appointment that is over."""
        self.take_back(one.code)
        noted = any(
            other.came and other.place == one.place and other.start.date() == one.start.date()
            for other in self.state.all.values()
        )
        if one.affected:
            one.status = CANCELLED
        elif one.status == BOOKED and one.rule is None and noted:
            self._strike(one)
        else:
            one.status = ENDED

    def _strike(self, one: One) -> None:
        self.take_back(one.code)
        one.status = NO_SHOW
        citizen = str(one.citizen)
        since = [ban.since for ban in self.state.bans if ban.citizen == citizen]
        begin = max([one.start - WITHIN, *since])
        missed = [other for other in self._mine(citizen) if other.status == NO_SHOW]
        count = sum(begin < other.start <= self.now for other in missed)
        kind = "no_show" if count < WARN_AFTER else "warned"
        if count >= SUSPEND_AFTER:
            kind = "suspended"
            self.state.bans.append(Ban(citizen, one.code, self.now, self.now + SUSPEND_FOR))
        self.write(one, kind, str(count), self.now)

    def _in_force(self, ban: Ban) -> bool:
        return ban.until > self.now and not ban.lifted

    def _end(self, one: One) -> None:
        if one.status == HELD:
            self._expire(one)
        elif one.status in OPEN:
            one.status = ENDED

    def _to_nobody(self, one: One) -> None:
        one.citizen, one.number, one.who = None, None, "self"
        letters, requests = self.state.letters, self.state.requests
        self.state.letters = {key: kept for key, kept in letters.items() if key[0] != one.code}
        self.state.requests = {key: kept for key, kept in requests.items() if kept[0] != one.code}


def _week(day: date) -> date:
    return day - timedelta(days=day.weekday())
