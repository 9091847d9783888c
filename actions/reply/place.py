"""Answers about places, self-service terminals and the hall's everyday questions."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

from actions.reply import hours
from service_catalog.catalog import Catalog
from service_catalog.model import GeneralQuestion, Parking, Place, Terminal


def place(place: Place, catalog: Catalog, days: Iterable[date]) -> str:
    """Where a place is, when it is open, and what one finds there."""
    lines = [
        f"【{place.name}】",
        f"地址：{place.address}",
        *([f"交通：{place.transport}"] if place.transport else []),
        f"办公时间：{hours.weekly(place.hours)}",
        *(hours.one_day(catalog.calendar.open_day(place, day)) for day in days),
        f"电话：{place.phone}",
        *([f"停车：{_parking(place.parking)}"] if place.parking else []),
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


def _parking(parking: Parking) -> str:
    parts = [
        *([f"{parking.spaces}个车位"] if parking.spaces is not None else []),
        *([f"免费{parking.free_minutes}分钟"] if parking.free_minutes else []),
        *(["绑定车牌免费"] if parking.bind_plate else []),
        *([str(parking.note)] if parking.note else []),
    ]
    return "，".join(parts)


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
