"""Tables and bars in the terminal, where a Chinese character is two columns wide.

The staff's commands call this; it knows neither the backend nor what is in the cells.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass

import click

BAR = 40
"""Columns of the longest bar."""


@dataclass(frozen=True)
class Bar:
    """One bar of a chart.

    Attributes:
        label: What stands before it; "" continues the label above.
        series: What is counted, like 预约.
        value: How many; the length follows it.
        sign: The character that the bar is made of.
    """

    label: str
    series: str
    value: int
    sign: str


def print_table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
    """Print columns that line up, or that there is nothing."""
    if not rows:
        click.echo("没有。")
        return
    for line in table_lines(head, rows):
        click.echo(line)


def table_lines(head: Sequence[str], rows: Sequence[Sequence[str]]) -> list[str]:
    """The heading and the rows as lines whose columns line up."""
    widths = [max(map(width, column)) for column in zip(head, *rows, strict=True)]
    return [
        "  ".join(padded(cell, wide) for cell, wide in zip(row, widths, strict=True)).rstrip()
        for row in (head, *rows)
    ]


def bar_lines(bars: Sequence[Bar]) -> list[str]:
    """Bars as lines, the longest `BAR` columns long; whatever isn't 0 has at least one column."""
    most = max((bar.value for bar in bars), default=0)
    labels = max((width(bar.label) for bar in bars), default=0)
    series = max((width(bar.series) for bar in bars), default=0)
    return [
        f"{padded(bar.label, labels)}  {padded(bar.series, series)}  "
        + f"{bar.sign * _length(bar.value, most)} {bar.value}".lstrip()
        for bar in bars
    ]


def padded(text: str, wide: int) -> str:
    """The text with spaces behind it, `wide` columns in all."""
    return text + " " * (wide - width(text))


def width(text: str) -> int:
    """How many columns of a terminal the text takes."""
    return sum(_columns(one) for one in text)


def _columns(one: str) -> int:
    if unicodedata.combining(one):
        return 0
    return 2 if unicodedata.east_asian_width(one) in "WF" else 1


def _length(value: int, most: int) -> int:
    return max(1, round(value * BAR / most)) if value else 0
