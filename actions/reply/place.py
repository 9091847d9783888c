"""Answers about places, self-service terminals and the hall's everyday questions."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date

from actions.reply import hours, ways
from service_catalog.catalog import Catalog
from service_catalog.model import (
    GeneralQuestion,
    Helper,
    Place,
    PriorityGroup,
    Service,
    Terminal,
    Window,
)


def place(place: Place, catalog: Catalog, days: Iterable[date]) -> str:
    """Where a place is, when it is open, and what one finds there."""
    lines = [
        f"【{place.name}】",
        f"地址：{place.address}",
        *([f"交通：{place.transport}"] if place.transport else []),
        f"办公时间：{hours.weekly(place.hours)}",
        *(hours.one_day(catalog.calendar.open_day(place, day)) for day in days),
        f"电话：{place.phone}",
        *([f"停车：{ways.spaces(place.parking)}"] if place.parking else []),
    ]
    if place.windows:
        lines.append("窗口：")
        lines.extend(
            f"▪ {one.number} {one.name}（{one.floor}楼{one.zone}）" for one in place.windows
        )
    terminals = [one.name for one in catalog.terminals if one.place == place.id]
    for title, things in (
        ("自助终端", terminals),
        ("便民设施", place.facilities),
        ("无障碍设施", place.accessibility),
    ):
        if things:
            lines.append(f"{title}：{'、'.join(things)}")
    return "\n".join(lines)


def terminal(terminal: Terminal, catalog: Catalog) -> str:
    """Where a terminal stands, when it can be used, and for what."""
    names = [catalog.service(one).name for one in terminal.services]
    return "\n".join(
        [
            f"【{terminal.name}】",
            f"地址：{terminal.address}",
            f"开放时间：{terminal.hours}",
            *([f"可办事项：{'、'.join(names)}"] if names else []),
            *([f"其他功能：{'；'.join(terminal.more)}"] if terminal.more else []),
            f"故障电话：{terminal.phone}",
        ]
    )


def general(question: GeneralQuestion) -> str:
    """The answer to an everyday question about the hall, with its source."""
    day = question.checked_on
    return (
        f"{question.answer}\n"
        f"（来源：常见咨询“{question.question}”，{day.year}年{day.month}月{day.day}日核对）"
    )


def places(found: Iterable[Place]) -> str:
    """All places on a line each, for those who look for one near them."""
    lines = [f"▪ {one.name}（{one.address}），电话{one.phone}" for one in found]
    return "\n".join(["各镇街、村社区的办事点：", *lines])


def terminals(found: Iterable[Terminal]) -> str:
    """Terminals on a line each."""
    return "\n".join(["自助终端：", *(ways.machine(one) for one in found)])


def priority(group: PriorityGroup) -> str:
    """Who goes first, with what proof, and what they get."""
    return "\n".join(
        [f"【{group.name}优先】", f"凭证：{group.proof}", *(f"▪ {one}" for one in group.offers)]
    )


def helper(found: Helper) -> str:
    """A kind of help by staff, for whom and where."""
    phone = [f"电话：{found.phone}"] if found.phone else []
    return "\n".join(
        [
            f"【{found.name}】",
            found.what,
            f"对象：{found.who}",
            f"地点：{found.where}",
            f"时间：{found.hours}",
            *phone,
        ]
    )


def near(
    places: Sequence[tuple[Place, float]],
    terminals: Sequence[tuple[Terminal, float]],
    service: Service | None,
    catalog: Catalog,
    today: date,
) -> str:
    """The nearest places and terminals with their distances, for a service or for anything."""
    what = f"能办“{service.name}”的地方" if service else "办事点"
    lines = [f"离您最近的{what}："]
    for found, km in places:
        lines += [
            f"▪ {found.name}，约{_km(km)}（{found.address}），电话{found.phone}",
            f"  {hours.one_day(catalog.calendar.open_day(found, today))}",
        ]
    if terminals:
        lines.append("自助终端：")
        lines += [f"{ways.machine(one)}，约{_km(km)}" for one, km in terminals]
    return "\n".join(lines)


def window(place: Place, window: Window, takes: bool) -> str:
    """A window whose code was scanned; `takes` when the services that it takes follow."""
    where = f"{window.number} {window.name}（{place.name}{window.floor}楼{window.zone}）"
    return f"您在{where}。要办哪一个？" if takes else f"您在{where}。要办什么，告诉我就行。"


def _km(distance: float) -> str:
    return f"{distance:.1f}公里" if distance >= 1 else f"{round(distance * 1000, -2):.0f}米"
