"""A ticket to show and to keep: a QR code by segno, a calendar file by icalendar."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone

import segno
from icalendar import Alarm, Calendar, Event

from booking.values import Appointment, Kind, TicketFiles
from service_catalog.catalog import Catalog

_UTC = timezone.utc
_SCALE = 6
"""Pixels a module: about 4 cm on a phone's screen."""


def ticket_files(appointment: Appointment, catalog: Catalog, now: datetime) -> TicketFiles:
    """The ticket's files; neither holds a name or a phone.

    Args:
        appointment: A booked appointment.
        catalog: Where the place's address and the hall's name stand.
        now: The moment, which the calendar file bears.
    """
    qr = segno.make_qr(appointment.code, error="m")
    return TicketFiles(
        code=appointment.code,
        qr=qr.svg_inline(scale=_SCALE),
        calendar=_calendar(appointment, catalog, now),
    )


def _calendar(appointment: Appointment, catalog: Catalog, now: datetime) -> str:
    """RFC 5545: one event with an alarm, in UTC, so that it needs no table of time zones."""
    place = catalog.places.get(appointment.place)
    event = Event()
    event.add("uid", f"{appointment.code}@banshi")
    event.add("dtstamp", now.astimezone(_UTC))
    event.add("dtstart", appointment.start.astimezone(_UTC))
    event.add("dtend", appointment.end.astimezone(_UTC))
    event.add("summary", f"{appointment.service_name}（预约号{appointment.code}）")
    if appointment.kind is Kind.HALL:
        address = f"，{place.address}" if place is not None else ""
        event.add("location", f"{appointment.place_name}{address}")
        event.add("description", f"请带{catalog.hall.booking.bring}。")
    alarm = Alarm()
    alarm.add("action", "DISPLAY")
    alarm.add("description", appointment.service_name)
    alarm.add("trigger", -timedelta(hours=catalog.hall.booking.reminders.hours_before))
    event.add_component(alarm)
    calendar = Calendar()
    calendar.add("prodid", "-//banshi//appointments//ZH")
    calendar.add("version", "2.0")
    calendar.add_component(event)
    text: str = calendar.to_ical().decode()
    return text
