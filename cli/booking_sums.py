"""Sums over the office's figures, for the terminal and for the workbook alike.

Medians can't be added up, so no sum has a waiting time.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:  # `banshi --help` stays quick
    from booking.staff_values import Figure

HEAD = (
    *("地点", "事项", "预约", "取消", "到场", "办结"),
    *("爽约", "爽约率", "等候（分钟，中位数）"),
)


@dataclass(frozen=True)
class ItemSum:
    """One item at all places: how many booked, and how many of them did not come."""

    name: str
    booked: int
    no_shows: int


def total(figures: Sequence[Figure]) -> Figure:
    """All figures in one, without a waiting time."""
    from booking.staff_values import Figure  # noqa: PLC0415

    return Figure(
        place="合计",
        item="",
        name="",
        booked=sum(one.booked for one in figures),
        cancelled=sum(one.cancelled for one in figures),
        arrived=sum(one.arrived for one in figures),
        served=sum(one.served for one in figures),
        no_shows=sum(one.no_shows for one in figures),
        waited=None,
    )


def by_item(figures: Iterable[Figure]) -> list[ItemSum]:
    """Figures by item, at all places together, the most booked first."""
    sums: dict[str, ItemSum] = {}
    for one in figures:
        old = sums.get(one.item, ItemSum(one.name, 0, 0))
        sums[one.item] = ItemSum(one.name, old.booked + one.booked, old.no_shows + one.no_shows)
    return sorted(sums.values(), key=lambda item: (-item.booked, item.name))


def shortened(items: Sequence[ItemSum], most: int) -> list[ItemSum]:
    """At most `most` items, the last of which then stands for all the rest."""
    if len(items) <= most:
        return list(items)
    rest = items[most - 1 :]
    others = ItemSum(
        f"其余{len(rest)}个事项",
        sum(one.booked for one in rest),
        sum(one.no_shows for one in rest),
    )
    return [*items[: most - 1], others]
