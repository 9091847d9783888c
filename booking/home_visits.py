"""上门服务: which days a team visits, and booking one of its visits.

A rule of the catalogue says for whom, for which services and how many workdays ahead; the hall's
calendar says which days are workdays, and the main place's hours how a day falls into halves. A
visit is an appointment with another counter, so listing and cancelling are the office's.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, field
from datetime import date, datetime, time

from booking.counter import Counter, limits
from booking.errors import RefusalCode, Refused
from booking.message_values import MessageKind
from booking.privacy import clean_address
from booking.records import Order, Record
from booking.reminders import news, reminders
from booking.slots import DAY, Horizon, chinese, horizon, nearest
from booking.store import HomeVisitStore
from booking.tickets import new_code
from booking.values import Appointment, Half, HomeVisitDay, Kind, Slot, Status
from booking.wishes import sent
from service_catalog.catalog import Catalog
from service_catalog.clock import CHINA
from service_catalog.errors import Unannounced
from service_catalog.model import HomeVisitRule, Service

PLACE = "home"
"""What stands as the place of a home visit."""
PER_DAY = 6
"""How many visits a team makes a day when its rule doesn't say."""
OFFERS = 3
_NOON = time(12)
_OFFERING = {
    RefusalCode.PAST,
    RefusalCode.TOO_SOON,
    RefusalCode.TOO_FAR,
    RefusalCode.UNANNOUNCED,
    RefusalCode.NO_VISITS_THAT_DAY,
    RefusalCode.NO_VISITS_THAT_HALF,
    RefusalCode.HOME_VISITS_FULL,
}


@dataclass(frozen=True)
class VisitWish:
    """What a citizen asks for when booking a home visit, as it was sent.

    Attributes:
        citizen: The citizen's id in the channel.
        rule: Id of the home visit's rule.
        service: Service id.
        day: The wanted day.
        half: The wanted half of it.
        age: How old the one is who is visited, when known.
        address: Where to go.
        name: The citizen's name.
        phone: The citizen's mobile number.
        announce: Whether the office tells the citizen; a chat says it itself.
    """

    citizen: str = field(repr=False)
    rule: str
    service: str
    day: date
    half: Half
    age: int | None = field(repr=False)
    address: str = field(repr=False)
    name: str = field(repr=False)
    phone: str = field(repr=False)
    announce: bool = False


@dataclass(frozen=True)
class Team:
    """The days and halves of one rule, as the catalogue tells them at one moment."""

    catalog: Catalog
    rule: HomeVisitRule
    now: datetime

    @classmethod
    def at(cls, catalog: Catalog, rule_id: str, now: datetime) -> Team:
        """The team of a rule.

        Raises:
            Refused: UNKNOWN_HOME_VISIT.
        """
        for rule in catalog.home_visits:
            if rule.id == rule_id:
                return cls(catalog, rule, now)
        raise Refused(RefusalCode.UNKNOWN_HOME_VISIT)

    @property
    def capacity(self) -> int:
        """How many visits the team makes a day."""
        return PER_DAY if self.rule.per_day is None else self.rule.per_day

    @property
    def horizon(self) -> Horizon:
        """The days that can be booked from `now`; days off among them are told by `closed`."""
        rules, ahead = self.catalog.hall.booking, self.rule.days_ahead
        reach = {"first_workday": ahead, "last_workday": rules.last_workday + ahead}
        return horizon(self.catalog.calendar, rules.copy(update=reach), self.now.date())

    def service(self, service_id: str) -> Service:
        """A service that the rule offers at home.

        Raises:
            Refused: HOME_VISIT_NOT_OFFERED, with those that it offers.
        """
        services = self.catalog.services
        offered = [services[known] for known in self.rule.services if known in services]
        for service in offered:
            if service.id == service_id:
                return service
        names = "、".join(service.name for service in offered if service.in_force(self.now.date()))
        raise Refused.because(
            RefusalCode.HOME_VISIT_NOT_OFFERED, rule=self.rule.name, services=names
        )

    def check_age(self, age: int | None) -> None:
        """Hold the age against the rule.

        Raises:
            Refused: AGE_NEEDED or TOO_YOUNG.
        """
        least = self.rule.min_age
        if least is None:
            return
        if age is None:
            raise Refused.because(RefusalCode.AGE_NEEDED, rule=self.rule.name, age=least)
        if age < least:
            raise Refused.because(RefusalCode.TOO_YOUNG, rule=self.rule.name, age=least)

    def closed(self, day: date, bookable: Horizon) -> Refused | None:
        """Why no visit can be booked for `day`, or None; the reason that lasts goes first."""
        if day < self.now.date():
            return Refused(RefusalCode.PAST)
        try:
            reason = self.day_off(day)
        except Unannounced as unannounced:
            return self._beyond(day, bookable, str(unannounced))
        if reason is not None:
            return Refused.because(RefusalCode.NO_VISITS_THAT_DAY, day=chinese(day), reason=reason)
        if day < bookable.first:
            return Refused.because(
                RefusalCode.TOO_SOON,
                workdays=self.rule.days_ahead,
                day=chinese(self._first(bookable)),
            )
        return self._beyond(day, bookable, None) if day > bookable.last else None

    def slots(self, day: date, booked: Mapping[date, int]) -> tuple[Slot, ...]:
        """The halves of `day` that have not begun, whether or not the day can be booked."""
        free = max(0, self.capacity - booked.get(day, 0))
        spans = (self.span(day, half) for half in Half)
        return tuple(Slot(PLACE, *span, free) for span in spans if span and span[0] > self.now)

    def bookable(self, booked: Mapping[date, int]) -> Iterator[Slot]:
        """Every half day that could be booked now."""
        reach = self.horizon
        for day in reach.days():
            if self.closed(day, reach) is None:
                yield from (slot for slot in self.slots(day, booked) if slot.free)

    def span(self, day: date, half: Half) -> tuple[datetime, datetime] | None:
        """From when to when the half day lasts; None when the main place is closed then."""
        place = self.catalog.places[self.catalog.hall.place]
        periods = self.catalog.calendar.open_day(place, day).periods
        if half is Half.MORNING:
            parts = [(one.start, min(one.end, _NOON)) for one in periods if one.start < _NOON]
        else:
            parts = [(max(one.start, _NOON), one.end) for one in periods if one.end > _NOON]
        if not parts:
            return None
        first, last = parts[0][0], parts[-1][1]
        return datetime.combine(day, first, CHINA), datetime.combine(day, last, CHINA)

    def day_off(self, day: date) -> str | None:
        """Why the team doesn't go out on `day`: no workday, or the hall is closed.

        Raises:
            Unannounced: Nobody knows yet whether it is a workday.
        """
        place = self.catalog.places[self.catalog.hall.place]
        opening = self.catalog.calendar.open_day(place, day)
        if not self.catalog.calendar.is_workday(day):
            return opening.reason if not opening.periods and opening.reason else "不是工作日"
        return None if opening.periods else opening.reason

    def _first(self, bookable: Horizon) -> date:
        """The first day of the horizon on which the team goes out."""
        days = (day for day in bookable.days() if self.closed(day, bookable) is None)
        return next(days, bookable.first)

    def _beyond(self, day: date, bookable: Horizon, unannounced: str | None) -> Refused:
        if bookable.unannounced:
            reason = unannounced or str(Unannounced((bookable.last + DAY).year))
            return Refused.because(RefusalCode.UNANNOUNCED, day=chinese(day), reason=reason)
        workdays = self.catalog.hall.booking.last_workday + self.rule.days_ahead
        open_days = [one for one in bookable.days() if self.closed(one, bookable) is None]
        last = open_days[-1] if open_days else bookable.last
        return Refused.because(RefusalCode.TOO_FAR, workdays=workdays, day=chinese(last))


class HomeVisits(Counter[HomeVisitStore]):
    """Tells on which days a team still visits, and books a visit."""

    async def days(self, rule: str) -> tuple[HomeVisitDay, ...]:
        """The days on which a visit can be booked now, earliest first.

        Raises:
            Refused: UNKNOWN_HOME_VISIT.
        """
        team = Team.at(await self._catalog(), rule, self._clock())
        halves: dict[date, list[Slot]] = {}
        for slot in team.bookable(await self._booked(team)):
            halves.setdefault(slot.start.date(), []).append(slot)
        return tuple(
            HomeVisitDay(day, slots[0].free, tuple(_half(slot) for slot in slots))
            for day, slots in halves.items()
        )

    async def book(self, wish: VisitWish, key: str) -> Appointment:
        """Book a home visit; the same wish under the same `key` again gets the same answer.

        Raises:
            Refused: What the rule, the calendar, the citizen's data or the team don't allow.
        """
        body = {**asdict(wish), "day": wish.day.isoformat(), "half": wish.half.value}
        request = self._request(sent(body), key)
        earlier = await self._store.answered(request)
        if earlier is not None:
            return self._appointment(earlier)
        team = Team.at(await self._catalog(), wish.rule, self._clock())
        try:
            order = self._order(team, wish)
            record = await self._store.book_visit(order, team.capacity, request, new_code)
        except Refused as refused:
            if refused.code not in _OFFERING:
                raise
            noon = datetime.combine(wish.day, _NOON, CHINA)
            wanted = (team.span(wish.day, wish.half) or (noon,))[0]
            free = team.bookable(await self._booked(team))
            raise refused.near(nearest(free, wanted, OFFERS)) from None
        return self._appointment(record)

    async def _booked(self, team: Team) -> Mapping[date, int]:
        reach = team.horizon
        return await self._store.visits(team.rule.id, reach.first, reach.last)

    def _order(self, team: Team, wish: VisitWish) -> Order:
        draft = self._draft(team, wish)
        told = [news(MessageKind.BOOKED, draft, team.now)] if wish.announce else []
        due = [*told, *reminders(draft, team.catalog.hall.booking, team.now)]
        return Order(draft, limits(team.catalog), team.now, self._reach(wish.citizen), due)

    def _draft(self, team: Team, wish: VisitWish) -> Record:
        """Check everything that needs no database, and make the record to be kept."""
        service = team.service(wish.service)
        team.check_age(wish.age)
        start, end = _span(team, wish)
        if not service.in_force(wish.day):
            raise Refused.because(RefusalCode.NOT_BOOKABLE, service=service.name)
        address = clean_address(wish.address)
        if address is None:
            raise Refused(RefusalCode.BAD_ADDRESS)
        if team.rule.towns and not any(town in address for town in team.rule.towns):
            raise Refused.because(
                RefusalCode.OUT_OF_AREA,
                rule=team.rule.name,
                towns="、".join(team.rule.towns),
                phone=team.rule.phone,
            )
        draft = Record(
            code="",
            citizen=self._citizen(wish.citizen),
            service=service.id,
            service_name=service.name,
            place=PLACE,
            place_name=team.rule.name,
            starts_at=start,
            ends_at=end,
            status=Status.BOOKED,
            kind=Kind.HOME,
            rule=team.rule.id,
            address_sealed=self._vault.seal(address),
        )
        return self._named(draft, wish.name, wish.phone)


def _half(slot: Slot) -> Half:
    return Half.MORNING if slot.start.time() < _NOON else Half.AFTERNOON


def _span(team: Team, wish: VisitWish) -> tuple[datetime, datetime]:
    """The wanted half day, if the rules let it be booked."""
    closed = team.closed(wish.day, team.horizon)
    if closed is not None:
        raise closed
    span = team.span(wish.day, wish.half)
    if span is None:
        raise Refused.because(
            RefusalCode.NO_VISITS_THAT_HALF, day=chinese(wish.day), half=wish.half.chinese
        )
    if span[0] <= team.now:
        raise Refused(RefusalCode.PAST)
    return span
