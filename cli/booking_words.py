"""How appointments are worded for staff, in Chinese, and the names that ids of the catalogue have.

The commands of `banshi booking` and their workbook share it; it calls nobody.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:  # `banshi --help` stays quick
    from booking.staff_values import Affected, Line
    from booking.values import Appointment

_WEEKDAYS = "一二三四五六日"
NONE = "—"


@dataclass(frozen=True)
class Names:
    """The names of places and priority groups by id; an id that has none stands for itself."""

    places: Mapping[str, str] = field(default_factory=dict)
    priorities: Mapping[str, str] = field(default_factory=dict)

    def place(self, place: str) -> str:
        """A place's name."""
        return "上门" if place == "home" else self.places.get(place, place)

    def priority(self, group: str | None) -> str:
        """A priority group's name."""
        return NONE if group is None else self.priorities.get(group, group)


def names_of(catalog: Path) -> Names:
    """The names in a catalogue's directory, without loading and checking it whole (5 ms).

    What can't be read has no names: the backend may serve another copy of the catalogue.
    """
    places = [_yaml(file) for file in sorted((catalog / "places").glob("*.yml"))]
    groups = _yaml(catalog / "priority.yml").get("groups")
    return Names(_names(places), _names(groups if isinstance(groups, list) else []))


def names_in_use() -> Names:
    """The names in the catalogue that the settings name."""
    from cli import settings  # noqa: PLC0415

    try:
        return names_of(Path(settings.load()["BANSHI_CATALOG"]))
    except settings.SettingsError:  # the call itself says so
        return Names()


def _yaml(file: Path) -> Mapping[str, object]:
    import yaml  # noqa: PLC0415

    try:
        data = yaml.load(file.read_bytes(), yaml.CSafeLoader)
    except (OSError, ValueError, yaml.YAMLError):
        return {}
    return data if isinstance(data, dict) else {}


def _names(entries: list[Mapping[str, object]]) -> dict[str, str]:
    found = {}
    for entry in entries:
        match entry:
            case {"id": str(key), "name": str(name)}:
                found[key] = name
    return found


def day_words(day: date) -> str:
    """A day like 2026-11-24（周二）."""
    return f"{day}（周{_WEEKDAYS[day.weekday()]}）"


def hours(one: Appointment) -> str:
    """When on its day: 09:00–09:30, or 上午 of a home visit."""
    if one.kind.value == "home":
        return "上午" if one.start.hour < 12 else "下午"
    return f"{one.start:%H:%M}–{one.end:%H:%M}"


def short(moment: datetime | None) -> str:
    """A moment like 11-24 09:00."""
    return NONE if moment is None else f"{moment:%m-%d %H:%M}"


def party_words(one: Appointment, principal: str | None) -> str:
    """For whom it is: 本人, 代张**, or 单位：某**."""
    if one.party.value == "self":
        return "本人"
    return f"单位：{principal}" if one.party.value == "company" else f"代{principal}"


def state_words(line: Line) -> str:
    """What became of it, as staff need it: called where, or that it can't be kept."""
    one = line.appointment
    if one.status.value == "checked_in" and line.called is not None:
        return f"已叫号（{line.window} {line.called:%H:%M}）"
    if one.affected and one.status.value == "booked":
        return f"{one.status.chinese}（原时间办不了，已告知）"
    return one.status.chinese


def window_words(line: Line, most: int | None = None) -> str:
    """The window that called it, else those that take it, joined.

    Args:
        line: The appointment.
        most: How many to name at most.
    """
    if line.window is not None:
        return line.window
    if most is not None and len(line.windows) > most:
        return f"{'/'.join(line.windows[:most])}…等{len(line.windows)}个"
    return "/".join(line.windows)


def brief(one: Appointment) -> str:
    """An appointment in one line, after something was done to it."""
    return f"{one.code}　{one.service_name}　{one.name}　{one.start:%m-%d} {hours(one)}"


def affected_row(hit: Affected) -> tuple[str, ...]:
    """One row of a table of appointments that can't be kept."""
    one = hit.appointment
    return (
        one.code,
        f"{one.start:%m-%d} {hours(one)}",
        one.service_name,
        one.place_name,
        one.name,
        one.phone,
        hit.reason,
        "已告知" if hit.told else "未告知",
        _moments([slot.start for slot in hit.nearest]) or NONE,
    )


def _moments(moments: Sequence[datetime]) -> str:
    """Moments like 11-24 13:30、14:00、11-25 09:00: each day is named once."""
    days = [None, *(moment.date() for moment in moments)]
    return "、".join(
        f"{moment:%H:%M}" if moment.date() == before else short(moment)
        for before, moment in zip(days, moments, strict=False)
    )


AFFECTED_HEAD = (
    *("预约号", "时间", "事项", "地点", "姓名", "电话"),
    *("办不了的原因", "告知", "可改到"),
)
