"""When citizens are told of what: the hall's rules for reminders, as messages with their times.

Pure arithmetic; `booking.messenger` sends them, `booking.wording` has their words.
"""

from __future__ import annotations

from datetime import date, datetime, time, timedelta

from booking.message_values import MessageKind
from booking.records import Due, Record
from service_catalog.clock import CHINA
from service_catalog.model import BookingRules, ReminderRules

TOLD_FOR = timedelta(days=7)
"""How long there is a point in news of something that has happened."""
TIMED = (MessageKind.TOMORROW, MessageKind.SOON)
"""What reminds of a time to come."""
_DAY = timedelta(days=1)


def news(kind: MessageKind, record: Record, now: datetime, note: str = "") -> Due:
    """Something that has happened to an appointment; until it begins, or a week when it is over."""
    expires = record.starts_at if record.starts_at > now else now + TOLD_FOR
    return Due(kind, record.starts_at.isoformat(), now, expires, note)


def reminders(record: Record, rules: BookingRules, now: datetime) -> tuple[Due, ...]:
    """The reminders of an appointment: on the evening before, and some hours before.

    One whose time has passed already is left out: whoever books today needs none for today.
    """
    about = record.starts_at.isoformat()
    day = record.starts_at.date()
    midnight = datetime.combine(day, time.min, CHINA)
    evening = datetime.combine(day - _DAY, rules.reminders.day_before_at.time, CHINA)
    hours = timedelta(hours=rules.reminders.hours_before)
    soon = after_quiet(record.starts_at - hours, rules.reminders)
    found = [
        Due(MessageKind.TOMORROW, about, after_quiet(evening, rules.reminders), midnight),
        Due(MessageKind.SOON, about, soon, record.starts_at),
    ]
    return tuple(one for one in found if now < one.due_at < one.expires_at)


def rate_us(record: Record, rules: BookingRules, now: datetime) -> Due:
    """The question how it was, some time after the visit."""
    due = now + timedelta(minutes=rules.reminders.rate_after_minutes)
    return Due(MessageKind.RATE, "served", due, due + TOLD_FOR)


def after_quiet(moment: datetime, rules: ReminderRules) -> datetime:
    """The moment itself, or when the quiet hours (免打扰) that it lies in are over."""
    local = moment.astimezone(CHINA)
    since, until = rules.quiet_from.time, rules.quiet_until.time
    if since == until:
        return moment
    if since < until:
        quiet, day = since <= local.time() < until, local.date()
    else:  # over midnight
        quiet = local.time() >= since or local.time() < until
        day = local.date() + (_DAY if local.time() >= since else timedelta(0))
    return _at(day, until) if quiet else moment


def _at(day: date, moment: time) -> datetime:
    return datetime.combine(day, moment, CHINA)
