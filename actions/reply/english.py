"""Answers for those who write English: English around facts that stay as the windows know them.

Names of documents and places are left in Chinese, as that is what the forms and signs say.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from datetime import date

from actions.aspects import Aspect
from actions.reply import hours
from actions.reply.about import About, at
from service_catalog.calendar import OpenDay
from service_catalog.catalog import Catalog
from service_catalog.model import Handling, Hours, Place, RemoteChannel, Service, Unit

_UNITS = {Unit.WORKDAY: "working days", Unit.DAY: "days", Unit.MONTH: "months", Unit.HOUR: "hours"}
_WHOLE = (Aspect.MATERIALS, Aspect.WINDOW, Aspect.FEE, Aspect.TIME_LIMIT)


def answer(one: About, aspects: Sequence[Aspect]) -> str:
    """What was asked, or the overview, in English; what has no English form names the phone."""
    parts = dict.fromkeys(_SPEAKERS.get(aspect, _by_phone)(one) for aspect in aspects or _WHOLE)
    day = one.service.checked_on
    source = f"(Source: service guide “{one.service.name}”, checked on {day.isoformat()})"
    return "\n\n".join([f"【{one.service.name}】", *parts, source])


def about_place(at_place: Place, days: Iterable[date], catalog: Catalog) -> str:
    """Where a place is and when it is open."""
    lines = [
        f"【{at_place.name}】",
        f"Address: {at_place.address}",
        *_week(at_place.hours),
        *(_one_day(catalog.calendar.open_day(at_place, day)) for day in days),
        f"Tel: {at_place.phone}",
    ]
    return "\n".join(lines)


def _week(week: Hours) -> list[str]:
    return [
        f"Working days {hours.periods(week.workdays)}",
        f"Saturday {hours.periods(week.saturday) or 'closed'}; "
        f"Sunday {hours.periods(week.sunday) or 'closed'}; "
        f"public holidays {hours.periods(week.holidays) or 'closed'}",
    ]


def _one_day(opening: OpenDay) -> str:
    return f"{opening.day.isoformat()}: {hours.periods(opening.periods) or 'closed'}"


def which_of(names: Sequence[str]) -> str:
    """Several services fit, or one may be meant."""
    return "Did you mean this service?" if len(names) == 1 else "Which of these do you mean?"


def nothing_found(catalog: Catalog) -> str:
    """No evidence, no answer."""
    return (
        "Sorry, I found no service that fits, so I would rather not guess. Please name the "
        f"document or service in other words, or call {catalog.hall.phones.enquiry}."
    )


def out_of_scope(catalog: Catalog) -> str:
    """Not the business of a service hall."""
    return (
        f"I can only help with the services of {catalog.hall.name}: documents, windows, opening "
        f"hours, fees, appointments. Enquiries: {catalog.hall.phones.enquiry}"
    )


def _materials(one: About) -> str:
    if not one.held.materials:
        return "Documents: none needed."
    lines = [
        f"{row}. {item.name}{f'（{item.when}）' if item.when else ''}"
        f" (original {item.original}, copies {item.copies})"
        for row, item in enumerate(one.held.materials, 1)
    ]
    return "\n".join(["Documents to bring (show this list at the window):", *lines])


def _window(one: About) -> str:
    if not one.held.windows:
        return "Window: none; " + _online(one)
    lines = []
    for channel in one.held.windows[:2]:
        place = one.catalog.place(channel.place)
        lines.append(
            f"▪ {at(channel, one.catalog)}\n  Address: {place.address}  Tel: {place.phone}"
        )
    return "\n".join(["Where:", *lines])


def _hours(one: About) -> str:
    if not one.held.windows:
        return "Opening hours: no window; " + _online(one)
    place = one.catalog.place(one.held.windows[0].place)
    lines = [
        f"Opening hours of {place.name}:",
        *_week(place.hours),
        *(_one_day(one.catalog.calendar.open_day(place, day)) for day in one.days),
    ]
    return "\n".join(lines)


def _fee(one: About) -> str:
    items = one.held.fee_items
    if not items:
        note = one.service.fee.note
        return f"Fee: {note}" if note else "Fee: none."
    lines = [f"CNY {item.amount.normalize():f} per {item.unit} ({item.name})" for item in items]
    return "Fee: " + "; ".join(lines)


def _time(one: About) -> str:
    limit = one.held.promised_limit
    if one.service.handling is Handling.IMMEDIATE and not (limit and limit.number):
        return "Time: done on the spot when the documents are complete."
    return f"Time: within {limit.number} {_UNITS[limit.unit]}." if limit else "Time: ask by phone."


def _online(one: About) -> str:
    channels: list[RemoteChannel] = [
        channel for channel in (one.service.channels.online, one.service.channels.app) if channel
    ]
    told = "; ".join(f"{one.name} {one.url or ''}".strip() for one in channels)
    return f"Online: {told}" if told else "Online: not available."


def _appointment(one: About) -> str:
    if one.service.booking is None:
        return "Appointments: none needed, come during opening hours."
    return "Appointments: can be made here, reply 预约."


def _phone(one: About) -> str:
    phones = one.service.phones
    return f"Enquiries: {phones.enquiry}; complaints: {phones.complaint}"


def _by_phone(one: About) -> str:
    """What the guide tells in Chinese alone."""
    service: Service = one.service
    return f"For this question please call {service.phones.enquiry}."


_SPEAKERS: dict[Aspect, Callable[[About], str]] = {
    Aspect.MATERIALS: _materials,
    Aspect.WINDOW: _window,
    Aspect.NEARBY: _window,
    Aspect.HOURS: _hours,
    Aspect.FEE: _fee,
    Aspect.TIME_LIMIT: _time,
    Aspect.PROCESS: lambda one: "\n\n".join([_materials(one), _window(one)]),
    Aspect.ONLINE: _online,
    Aspect.APP: _online,
    Aspect.APPOINTMENT: _appointment,
    Aspect.PHONE: _phone,
}
