"""What citizens do in the random histories of `test_booking_machine.py`."""

from __future__ import annotations

from datetime import datetime, time

from hypothesis import strategies as some
from hypothesis.stateful import precondition, rule
from machine_base import Keyed, Machine
from model_values import (
    BOOKED,
    EXPIRED,
    HALL,
    HELD,
    HOME,
    ITEMS,
    TEAMS,
    TOWN,
    No,
    One,
    next_workday,
)

from booking.errors import RefusalCode
from booking.home_visits import VisitWish
from booking.identity import Principal
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
citizens = some.sampled_from(("a", "a", "b", "c"))
items = some.sampled_from(("id-card", "id-card", *ITEMS))
whos = some.sampled_from(("self", "self", "self", *WHO))
numbers = some.sampled_from((None, None, *NUMBERS))
places = some.sampled_from((None, None, None, None, None, None, HALL, TOWN))
"""None is one of the item's own places."""
ahead = some.sampled_from((0, 1, 1, 1, 1, 2, 2, 3, 6))
times = some.sampled_from((time(9), time(9), time(10), time(13, 30)))
picks = some.integers(0, 79)
yes = some.booleans()
somebody = precondition(lambda self: self.model.state.all)
held = precondition(lambda self: self.some_are(HELD, EXPIRED))
booked = precondition(lambda self: self.some_are(BOOKED))
seldom = some.sampled_from((False, False, False, True))


class Citizens(Machine):
    """Holds, books, confirms, moves, cancels, arrives, is visited, is erased; asks again."""

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
        self,
        citizen: str,
        item: str,
        place: str | None,
        days: int,
        clock: time,
        who: str,
        first: bool,
    ) -> None:
        """A citizen chooses a time."""
        place = place or self.usual(item, clock)
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
        place: str | None,
        days: int,
        clock: time,
        who: str,
        own: str | None,
        first: bool,
        announce: bool,
    ) -> None:
        """A citizen books at once."""
        place = place or self.usual(item, clock)
        start, (principal, number) = self.start(days, clock), WHO[who]
        group = "elderly" if first else None
        wish = Wish(citizen, item, place, start, group, principal, NAME, PHONE, own, announce)

        def then(code: str) -> None:
            one = self.wanted(code, citizen, item, place, start)
            one.who, one.priority = who, first
            one.number = own if who == "self" else number
            self.model.take(one, announce=announce)

        self.keyed(lambda key: self.office.book(wish, key), then)

    @rule(
        item=items,
        days=ahead,
        clock=times,
        orders=some.lists(some.tuples(citizens, whos, yes, seldom), min_size=3, max_size=6),
    )
    def rush(
        self, item: str, days: int, clock: time, orders: list[tuple[str, str, bool, bool]]
    ) -> None:
        """Several citizens want the same time."""
        for citizen, who, held, first in orders:
            if held:
                self.hold(citizen, item, None, days, clock, who, first)
            else:
                self.book(citizen, item, None, days, clock, who, None, first, announce=False)

    @held
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

    @booked
    @rule(pick=picks, place=places, days=ahead, clock=times, announce=yes)
    def move(self, pick: int, place: str | None, days: int, clock: time, announce: bool) -> None:
        """A citizen moves an appointment."""
        one = self.one(pick, BOOKED)
        if one is None:
            return
        start, place = self.start(days, clock), place or one.place
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

    @booked
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
        team=some.sampled_from(("elderly", "elderly", *TEAMS)),
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

    @somebody
    @rule(citizen=citizens, cancel_open=yes, sure=some.integers(0, 4))
    def erase(self, citizen: str, cancel_open: bool, sure: int) -> None:
        """A citizen has everything erased, which few do."""
        if sure:
            return
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

        self.expect(ways[how](key), conflict)

    # --- help ---------------------------------------------------------------------------------

    def usual(self, item: str, clock: time) -> str:
        """A place that takes the item."""
        return TOWN if item == "permit" and clock == time(10) else HALL

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


def conflict(_: object) -> None:
    """A key was used for another wish."""
    raise No(CODE.IDEMPOTENCY_CONFLICT)
