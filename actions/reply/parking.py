"""What the assistant says while a number plate is registered for parking."""

from __future__ import annotations

from datetime import date

from actions.reply import ways
from booking.values import PlateDay
from service_catalog.calendar import WEEKDAYS
from service_catalog.catalog import Catalog


def day(one: date) -> str:
    """12月2日(周三)."""
    return f"{one.month}月{one.day}日（{WEEKDAYS[one.weekday()]}）"


def ask_plate() -> str:
    """Which plate."""
    return "请发车牌号，例如“京A12345”，新能源车是8位。"


def bad_plate() -> str:
    """No plate in the words."""
    return "没认出车牌号，请写完整，省份简称开头，例如“京A12345”。"


def ask_day() -> str:
    """For which day."""
    return "哪天开车来？"


def bad_day() -> str:
    """No day in the words."""
    return "没听明白是哪天，请说日期，比如“明天”“12月3日”，或回复数字。"


def say_again() -> str:
    """The plate was wrong."""
    return "要重新登记，回复“登记车牌”加车牌号。"


def registered(kept: PlateDay, catalog: Catalog) -> str:
    """The plate is registered, with what the catalogue says of the parking."""
    lot = catalog.place(kept.place).parking
    return f"车牌登记好了：{kept.plate}，{day(kept.day)}，{kept.place_name}。" + (
        f"\n停车：{ways.spaces(lot)}" if lot else ""
    )
