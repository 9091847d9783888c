"""What the commands of `banshi booking` share: calling the office; days and times as staff type.

Also what a refusal says to staff where its own sentence is meant for a citizen.
"""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING, TypeVar

import click

from cli.staff import Room

if TYPE_CHECKING:  # `banshi --help` stays quick
    from booking.errors import Refused
    from booking.staff_client import BookingStaffClient

Value = TypeVar("Value")
SECONDS = 60.0
"""Figures of a year are counted when they are asked."""
LONGEST = 366
"""Days that figures, an export and a closure may span, as the backend has it."""
USUAL = 7
"""Days that figures and an export span unless they are told."""
_MOMENT = re.compile(r"(?:(\d{4}-\d\d-\d\d)[ T])?(\d{1,2}):(\d\d)", re.ASCII)
_FOR_STAFF = {
    "BAD_REQUEST": "请求不对",
    "BAD_KEY": "接口密钥不对，核对BANSHI_BOOKING_KEY。",
    "UNKNOWN_PLACE": "目录里没有这个地点编号（编号就是places里的文件名）。",
    "UNKNOWN_WINDOW": "这个地点没有这个窗口号。",
    "PAST": "这段时间已经过去了。",
    "UNKNOWN_CLOSURE": "没有这个停办编号，或已经恢复：用banshi booking closures查。",
    "NOT_SUSPENDED": "没有这个暂停编号，或已经恢复、到期：用banshi booking suspensions查。",
    "UNKNOWN_MESSAGE": "没有这个消息编号，或它不是没送到的：用banshi booking messages查。",
}
"""Codes whose sentence speaks to a citizen, or says less than staff can use."""


def ask(staff: str | None, call: Callable[[BookingStaffClient], Awaitable[Value]]) -> Value:
    """Call the office in the name of `staff`; one that gives no answer is asked once more.

    Raises:
        click.ClickException: It refused or gave no answer, or the settings can't be used.
    """
    from booking.errors import BackendUnavailable, Refused  # noqa: PLC0415
    from booking.staff_client import BookingStaffClient  # noqa: PLC0415

    room = Room(BookingStaffClient, Refused, BackendUnavailable, _sentence, SECONDS)
    return room.ask(staff, call)


def _sentence(refused: Refused) -> str:
    sentence = _FOR_STAFF.get(refused.code.value, refused.sentence)
    return f"{sentence}（{refused.note}）" if refused.note else sentence


def today() -> date:
    """The hall's day."""
    from service_catalog.clock import now  # noqa: PLC0415

    return now().date()


def read_day(_context: click.Context, _option: click.Parameter, text: str | None) -> date | None:
    """A day as it was typed, like 2026-11-27; a callback of click.

    Raises:
        click.BadParameter: It is no day.
    """
    if text is None:
        return None
    day = _day(text.strip())
    if day is None:
        raise click.BadParameter(f"“{text}”不是日期，写成2026-11-27这样")
    return day


def read_time(_context: click.Context, _option: click.Parameter, text: str) -> datetime:
    """A moment at the hall as it was typed, like 2026-11-27 09:00; 09:00 is today's.

    Raises:
        click.BadParameter: It is no moment.
    """
    form = _MOMENT.fullmatch(text.strip().replace("：", ":"))
    moment = _moment(*form.groups()) if form else None
    if moment is None:
        raise click.BadParameter(f"“{text}”不是时间，写成“2026-11-27 09:00”，或“09:00”（今天）")
    return moment


def read_reason(_context: click.Context, _option: click.Parameter, text: str) -> str:
    """A reason that citizens are going to read.

    Raises:
        click.BadParameter: The backend would not take it.
    """
    from booking.intake import Reason  # noqa: PLC0415

    reason = text.strip()
    if not re.fullmatch(str(Reason.regex), reason):
        raise click.BadParameter("原因写2到100个字，用汉字、字母、数字和标点，不换行：群众会看到")
    return reason


def span_of(first: date | None, until: date | None) -> tuple[date, date]:
    """The days from `first` to `until`, by default the last 7 up to today.

    Raises:
        click.UsageError: They stand the wrong way round, or more than a year apart.
    """
    last = until or max(today(), first or date.min)
    since = first or last - timedelta(days=USUAL - 1)
    if since > last:
        raise click.UsageError(f"--from（{since}）晚于--until（{last}）")
    if (last - since).days >= LONGEST:
        raise click.UsageError(f"一次最多{LONGEST}天，缩短--from到--until")
    return since, last


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None


def _moment(day_text: str | None, hour: str, minute: str) -> datetime | None:
    from service_catalog.clock import CHINA  # noqa: PLC0415

    day = today() if day_text is None else _day(day_text)
    if day is None or int(hour) > 23 or int(minute) > 59:
        return None
    return datetime(day.year, day.month, day.day, int(hour), int(minute), tzinfo=CHINA)
