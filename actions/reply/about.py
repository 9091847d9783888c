"""What an answer about one service is made from, and the lines that every answer has."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from types import MappingProxyType

from service_catalog.catalog import Catalog
from service_catalog.model import Place, Service, WindowChannel
from service_catalog.situations import Answers, Outcome, option_of

UNKNOWN: Answers = MappingProxyType({})
"""Nothing is known of the citizen's situation."""


@dataclass(frozen=True)
class About:
    """What an answer is about.

    Attributes:
        service: The service.
        held: What holds of it in the citizen's situation.
        catalog: The snapshot that it is from.
        days: The days spoken of, or today.
        near: The place that the citizen named, or None.
        told: What the citizen said of their situation.
    """

    service: Service
    held: Outcome
    catalog: Catalog
    days: tuple[date, ...]
    near: Place | None = None
    told: Answers = UNKNOWN


def source(service: Service) -> str:
    """From which item the answer is and when that was last checked."""
    day = service.checked_on
    return f"（来源：办事指南“{service.name}”，{day.year}年{day.month}月{day.day}日核对）"


def situation(service: Service, answers: Answers) -> str:
    """For which situation the answer holds; "" when nothing was said of it."""
    labels = [
        _told(question.ask, option.label)
        for question in service.situations
        if (option := option_of(question, answers.get(question.id, "")))
    ]
    return f"（按您说的情况：{'、'.join(labels)}）" if labels else ""


def _told(ask: str, label: str) -> str:
    """The choice in words that stand alone: a bare 不是 says what is not."""
    return f"{ask.rstrip('？?吗')}：{label}" if label in {"是", "不是", "有", "没有"} else label


def at(channel: WindowChannel, catalog: Catalog) -> str:
    """A place with its windows in few words: 1楼B区B03、B04号窗口."""
    place = catalog.place(channel.place)
    first = place.window(channel.windows[0])
    where = f"{floor_name(first.floor)}{first.zone}" if first else ""
    return f"{place.name}{where}{'、'.join(channel.windows)}号窗口"


def floor_name(number: int) -> str:
    """2楼, 地下1层."""
    return f"{number}楼" if number > 0 else f"地下{-number}层"
