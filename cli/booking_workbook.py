"""The office's workbook: sheet 预约 with masked appointments, sheet 统计 with figures and a chart.

`banshi booking export` calls it. Days and times are real ones, so that they sort and filter; text
is text whatever it looks like, so that nobody's name becomes a formula.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from pathlib import Path
from typing import TYPE_CHECKING, Any

import openpyxl
from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE
from openpyxl.chart import BarChart, Reference
from openpyxl.styles import Alignment, Font, PatternFill
from openpyxl.utils import get_column_letter

from cli.booking_sums import HEAD, by_item, shortened, total
from cli.booking_words import Names, party_words
from cli.tables import width
from service_catalog.exchange.export_xlsx import save

if TYPE_CHECKING:
    from booking.staff_values import Figure, Line

CHARTED = 20
"""How many items the chart shows; the last stands for all the rest."""
_LINES = (
    *("日期", "开始", "结束", "预约号", "事项", "事项编号", "地点", "上门"),
    *("可办窗口", "叫号窗口", "姓名", "电话", "为谁办", "优先", "状态"),
    *("报到", "叫号", "办结", "办不了的原因"),
)
_ITEMS = ("事项", "预约", "爽约")
_DAY, _TIME, _MOMENT, _TEXT, _SHARE = "yyyy-mm-dd", "hh:mm", "yyyy-mm-dd hh:mm", "@", "0.0%"
_WIDEST = 40
_HEADING = Font(bold=True)
_TOP = Alignment(vertical="top")
_FILL = PatternFill("solid", fgColor="DDEBF7")


@dataclass(frozen=True)
class Share:
    """A number that is shown in per cent."""

    value: float


@dataclass(frozen=True)
class Minutes:
    """A number of minutes, shown with one decimal."""

    value: float


Value = str | int | date | time | datetime | Share | Minutes | None


def write_workbook(
    lines: Iterable[Line], figures: Sequence[Figure], names: Names, target: Path
) -> None:
    """Write both sheets to `target`; an older file is replaced once the new one is whole.

    Raises:
        OSError: It can't be written.
    """
    book = openpyxl.Workbook()
    appointments: Any = book.active
    appointments.title = "预约"
    _write(appointments, [_LINES, *(_line(line, names) for line in lines)])
    _heading(appointments, 1, len(_LINES))
    appointments.auto_filter.ref = appointments.dimensions
    _figures(book.create_sheet("统计"), figures, names)
    for page in book.worksheets:
        page.freeze_panes = "A2"
        _widen(page)
    save(book, target)


def _line(line: Line, names: Names) -> list[Value]:
    one = line.appointment
    return [
        one.start.date(),
        _clock(one.start),
        _clock(one.end),
        one.code,
        one.service_name,
        one.service,
        one.place_name,
        "是" if one.kind.value == "home" else None,
        "/".join(line.windows) or None,
        line.window,
        one.name,
        one.phone,
        party_words(one, one.principal),
        names.priority(one.priority) if one.priority else None,
        one.status.chinese,
        one.arrived,
        line.called,
        line.served,
        one.affected,
    ]


def _clock(moment: datetime) -> time:
    return moment.time().replace(second=0, microsecond=0)


def _figures(page: Any, figures: Sequence[Figure], names: Names) -> None:  # noqa: ANN401 - openpyxl's
    """The figures, their total, and beneath the items that the chart beside them draws."""
    rows: list[Sequence[Value]] = [HEAD, *(_figure(one, names) for one in figures)]
    if figures:
        rows.append(_figure(total(figures), names))
    _write(page, rows)
    _heading(page, 1, len(HEAD))
    if not figures:
        return
    _heading(page, len(rows), len(HEAD))
    first = len(rows) + 2
    items = shortened(by_item(figures), CHARTED)
    _write(page, [_ITEMS, *((one.name, one.booked, one.no_shows) for one in items)], first)
    _heading(page, first, len(_ITEMS))
    page.add_chart(_chart(page, first, len(items)), f"{get_column_letter(len(HEAD) + 2)}2")


def _figure(one: Figure, names: Names) -> list[Value]:
    rate, waited = one.no_show_rate, one.waited
    return [
        names.place(one.place),
        one.name or None,
        *(one.booked, one.cancelled, one.arrived, one.served, one.no_shows),
        None if rate is None else Share(rate),
        None if waited is None else Minutes(waited / 60),
    ]


def _chart(page: Any, first: int, items: int) -> BarChart:  # noqa: ANN401 - openpyxl's
    """Booked and missed by item; row `first` holds the headings of what is drawn."""
    chart = BarChart()
    chart.type, chart.style = "bar", 10
    chart.title, chart.y_axis.title = "预约和爽约，按事项", "人次"
    last = first + items
    series = Reference(page, min_col=2, max_col=3, min_row=first, max_row=last)
    chart.add_data(series, titles_from_data=True)
    chart.set_categories(Reference(page, min_col=1, min_row=first + 1, max_row=last))
    chart.x_axis.scaling.orientation = "maxMin"  # the most booked on top, as in the table
    chart.x_axis.delete = chart.y_axis.delete = False  # else newer Excel hides them
    chart.width, chart.height = 24, max(8, 2 + items)  # in cm
    return chart


def _write(page: Any, rows: Iterable[Sequence[Value]], first: int = 1) -> None:  # noqa: ANN401
    for number, row in enumerate(rows, start=first):
        for column, value in enumerate(row, start=1):
            if value is not None:
                _put(page.cell(number, column), value)


def _put(cell: Any, value: Value) -> None:  # noqa: ANN401 - openpyxl's
    match value:
        case str():
            cell.value, form = ILLEGAL_CHARACTERS_RE.sub("", value), _TEXT
            cell.data_type = "s"  # =1+1 stays what somebody wrote
        case datetime():
            cell.value, form = value.replace(tzinfo=None, microsecond=0), _MOMENT
        case date():
            cell.value, form = value, _DAY
        case time():
            cell.value, form = value, _TIME
        case Share():
            cell.value, form = value.value, _SHARE
        case Minutes():
            cell.value, form = round(value.value, 1), "0.0"
        case _:
            cell.value, form = value, "0"
    cell.number_format = form
    cell.alignment = _TOP


def _heading(page: Any, row: int, columns: int) -> None:  # noqa: ANN401 - openpyxl's
    for column in range(1, columns + 1):
        cell = page.cell(row, column)
        cell.font, cell.fill = _HEADING, _FILL


def _widen(page: Any) -> None:  # noqa: ANN401 - openpyxl's
    """Wide enough for the widest text of each column, a moment taking 16."""
    for column in page.iter_cols():
        shown = [
            len(cell.number_format) if cell.is_date else width(str(cell.value))
            for cell in column
            if cell.value is not None
        ]
        letter = get_column_letter(column[0].column)
        page.column_dimensions[letter].width = min(max(shown, default=0) + 3, _WIDEST)
