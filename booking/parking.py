"""停车: number plates that citizens register so that they park at the hall for free.

Plates follow GA 36-2018. The citizen sees a plate masked, the gate sees the day's plates in clear.
It knows neither HTTP nor SQL.
"""

from __future__ import annotations

import re
import unicodedata
from datetime import date, datetime

from booking.counter import Counter
from booking.errors import RefusalCode, Refused
from booking.records import PlateRecord
from booking.slots import DAY, chinese, horizon
from booking.store import PlateStore
from booking.values import PlateDay
from service_catalog.calendar import DayKind
from service_catalog.catalog import Catalog
from service_catalog.clock import CHINA
from service_catalog.errors import Unannounced
from service_catalog.model import Place

LIMIT = 2
"""How many plates a citizen may register for one day."""
_BETWEEN = re.compile(r"[\s·•・‧∙.。．\-]")
_REGION = "[京津冀晋蒙辽吉黑沪苏浙皖闽赣鲁豫鄂湘粤桂琼渝川贵云藏陕甘青宁新][A-HJ-NP-Z]"
_ANY = "[0-9A-HJ-NP-Z]"
_KIND = "[A-HJK]"  # of a new-energy car: D, A, B, C, E for electric ones, F, G, H, J, K for others
_PLATE = re.compile(
    rf"{_REGION}(?:{_ANY}{{4}}(?:{_ANY}|[学警挂港澳领])|{_KIND}{_ANY}[0-9]{{4}}|[0-9]{{5}}{_KIND})"
)


def clean_plate(text: str) -> str | None:
    """The plate as it is kept, like 川A12345, or None when it is none.

    Seven characters, eight on a new-energy car; the letters I and O are on no plate.
    """
    plate = _BETWEEN.sub("", unicodedata.normalize("NFKC", text)).upper()
    return plate if _PLATE.fullmatch(plate) else None


def mask_plate(plate: str) -> str:
    """川A12345 becomes 川A·**345."""
    return f"{plate[:2]}·{'*' * (len(plate) - 5)}{plate[-3:]}"


class Parking(Counter[PlateStore]):
    """Registers plates, lists them and gives them up."""

    async def register(self, citizen: str, plate: str, day: date) -> PlateDay:
        """Register a plate for `day`; the citizen's own again changes nothing.

        Raises:
            Refused: NO_PLATES, BAD_PLATE, PAST, CLOSED_DAY, UNANNOUNCED, PLATE_TOO_FAR,
                PLATE_TAKEN or PLATE_LIMIT.
        """
        catalog, now = await self._catalog(), self._clock()
        place = _place(catalog)
        if place.parking is None or not place.parking.bind_plate:
            raise Refused.because(RefusalCode.NO_PLATES, place=place.name)
        cleaned = clean_plate(plate)
        if cleaned is None:
            raise Refused(RefusalCode.BAD_PLATE)
        closed = _closed(catalog, place, day, now)
        if closed is not None:
            raise closed
        record = PlateRecord(
            day=day,
            plate_hash=self._vault.digest("plate", cleaned),
            citizen=self._citizen(citizen),
            plate_sealed=self._vault.seal(cleaned),
        )
        await self._store.register(record, LIMIT, now)
        return self._shown(record, place)

    async def plates(self, citizen: str) -> tuple[PlateDay, ...]:
        """The citizen's plates of today and later, earliest first."""
        place = _place(await self._catalog())
        records = await self._store.plates(self._citizen(citizen), self._clock().date())
        return tuple(self._shown(record, place) for record in records)

    async def plates_on(self, day: date) -> tuple[str, ...]:
        """All plates of `day` in clear, for the gate."""
        records = await self._store.plates_on(day)
        return tuple(sorted(self._vault.open(record.plate_sealed) for record in records))

    async def give_up(self, citizen: str, day: date) -> tuple[PlateDay, ...]:
        """Give up the citizen's plates of `day`, and tell which they were.

        Raises:
            Refused: PLATE_NOT_FOUND.
        """
        place = _place(await self._catalog())
        records = await self._store.give_up(self._citizen(citizen), day)
        if not records:
            raise Refused.because(RefusalCode.PLATE_NOT_FOUND, day=chinese(day))
        return tuple(self._shown(record, place) for record in records)

    def _shown(self, record: PlateRecord, place: Place) -> PlateDay:
        plate = mask_plate(self._vault.open(record.plate_sealed))
        return PlateDay(record.day, plate, place.id, place.name)


def _place(catalog: Catalog) -> Place:
    return catalog.places[catalog.hall.place]


def _closed(catalog: Catalog, place: Place, day: date, now: datetime) -> Refused | None:
    """Why no plate can be registered for `day`, or None when one can."""
    if day < now.date():
        return Refused(RefusalCode.PAST)
    opening = catalog.calendar.open_day(place, day)
    if not opening.periods and opening.kind is not DayKind.UNANNOUNCED:
        return Refused.because(RefusalCode.CLOSED_DAY, day=chinese(day), reason=opening.reason)
    rules = catalog.hall.booking
    reach = horizon(catalog.calendar, rules.copy(update={"first_workday": 0}), now.date())
    if day > reach.last:
        if reach.unannounced:
            reason = str(Unannounced((reach.last + DAY).year))
            return Refused.because(RefusalCode.UNANNOUNCED, day=chinese(day), reason=reason)
        last = chinese(reach.last)
        return Refused.because(RefusalCode.PLATE_TOO_FAR, workdays=rules.last_workday, day=last)
    over = datetime.combine(day, opening.periods[-1].end, CHINA) <= now
    return Refused(RefusalCode.PAST) if over else None
