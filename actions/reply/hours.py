"""Opening hours in words."""

from __future__ import annotations

from collections.abc import Iterable

from service_catalog.calendar import WEEKDAYS, DayKind, OpenDay
from service_catalog.model import Hours, Period


def periods(spans: Iterable[Period]) -> str:
    """09:00-12:00、13:30-17:00."""
    return "、".join(spans)


def in_brief(hours: Hours) -> str:
    """The week's hours with what limits them, for answers that are about something else."""
    week = "；".join(_week(hours))
    return f"{week}。{hours.rota_note}。" if hours.rota_note else f"{week}。"


def weekly(hours: Hours) -> str:
    """The week's hours with everything there is to know about them."""
    parts = _week(hours)
    if hours.extended:
        parts.append(f"延时服务 {periods(hours.extended)}（{hours.extended_note or '工作日'}）")
    notes = [note for note in (hours.rota_note, hours.lunch_note, hours.note) if note]
    return "。".join(["；".join(parts), *notes]) + "。"


def _week(hours: Hours) -> list[str]:
    parts = [f"工作日 {periods(hours.workdays)}"]
    parts.extend(
        f"{name} {periods(spans) if spans else '不办公'}"
        for name, spans in (("周六", hours.saturday), ("周日", hours.sunday))
    )
    parts.append(f"法定节假日 {periods(hours.holidays) if hours.holidays else '不办公'}")
    return parts


def day_name(opening: OpenDay) -> str:
    """12月2日(周三)."""
    day = opening.day
    return f"{day.month}月{day.day}日（{WEEKDAYS[day.weekday()]}）"


def one_day(opening: OpenDay) -> str:
    """Whether and when a place is open on one day."""
    if opening.periods:
        why = f"（{opening.reason}）" if opening.reason else ""
        return f"{day_name(opening)}{why}开放：{periods(opening.periods)}。"
    if opening.kind is DayKind.UNANNOUNCED:
        return f"{day_name(opening)}：{opening.reason}，现在还不能确定。"
    return f"{day_name(opening)}{opening.reason}。"


def several_days(days: Iterable[OpenDay]) -> list[str]:
    """Whether a place is open on each of some days; days alike that follow each other as one."""
    runs: list[list[OpenDay]] = []
    for day in days:
        if runs and _alike(runs[-1][-1], day):
            runs[-1].append(day)
        else:
            runs.append([day])
    return [one_day(run[0]) if len(run) == 1 else _run(run) for run in runs]


def _alike(one: OpenDay, other: OpenDay) -> bool:
    return (one.periods, one.reason) == (other.periods, other.reason)


def _run(run: list[OpenDay]) -> str:
    first, last = run[0], run[-1]
    told = one_day(first).removeprefix(day_name(first))
    return f"{day_name(first)}至{day_name(last)}{told}"
