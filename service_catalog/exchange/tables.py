"""Reading XLSX, CSV and JSON Lines as rows of text that know where they stand.

Spreadsheets come as offices make them: GBK instead of UTF-8, merged cells, formulas, empty rows, a
title above the headings. What can't be read as a table at all is an `UnreadableTable`; what can't
be read in one row is that row's fault. Nothing here knows what a column means.
"""

from __future__ import annotations

import csv
import io
import json
import re
import sys
import warnings
import zipfile
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time
from decimal import Decimal
from pathlib import Path
from typing import Any, cast

import openpyxl
from openpyxl.utils import range_boundaries
from openpyxl.utils.exceptions import InvalidFileException

from service_catalog.exchange.faults import UnreadableTable

MAX_UNPACKED = 1024 * 1024 * 1024
"""A workbook that unpacks to more is no list of services."""
MAX_FILE = 256 * 1024 * 1024
HEADINGS_WITHIN = 10
"""So many rows of title and remarks may stand above the headings."""

Cell = str | tuple[str, ...]
_Grid = Iterator[tuple[int, list[Any]]]


@dataclass(frozen=True)
class Row:
    """One row.

    Attributes:
        number: Its line in the file, from 1, as the spreadsheet shows it.
        cells: Text by heading; lists of a JSON object stay lists. Empty cells are left out.
        fault: Why the row can't be read, or "".
    """

    number: int
    cells: dict[str, Cell]
    fault: str = ""


@dataclass(frozen=True)
class Table:
    """One sheet, or the one table of another kind of file."""

    name: str
    headings: tuple[str, ...]
    rows: tuple[Row, ...] = field(repr=False)


class _Formula:
    """A formula whose result the file doesn't hold."""


def read_tables(path: Path) -> list[Table]:
    """The tables of `path`; its name's ending says which kind it is.

    Raises:
        UnreadableTable: It is none that can be read.
    """
    kinds = {".xlsx": _read_xlsx, ".csv": _read_csv, ".jsonl": _read_jsonl, ".ndjson": _read_jsonl}
    read = kinds.get(path.suffix.lower())
    if read is None:
        raise UnreadableTable(f"{path.name}：不认识的文件类型，请用 .xlsx、.csv 或 .jsonl")
    try:
        if path.stat().st_size > MAX_FILE:
            raise UnreadableTable(f"{path.name}：文件太大，请拆成几份")
        tables = read(path)
    except OSError as error:
        raise UnreadableTable(f"{path.name}：文件读不出来（{error.strerror}）") from None
    if not any(table.headings for table in tables):
        raise UnreadableTable(f"{path.name}：文件是空的")
    return tables


def _table(name: str, grid: _Grid, merged: Sequence[tuple[int, int, int, int]] = ()) -> Table:
    """A grid whose headings stand in the first row that has two texts or more, near the top."""
    rows = _filled_down(grid, merged)
    ahead: list[tuple[int, list[Any]]] = []
    for number, values in rows:
        if any(value not in (None, "") for value in values):
            ahead.append((number, values))
        if len(ahead) >= HEADINGS_WITHIN:
            break
    if not ahead:
        return Table(name, (), ())
    width = max(_distinct(values) for _, values in ahead)
    least = min(2, width)
    start = next(at for at, (_, values) in enumerate(ahead) if _distinct(values) >= least)
    headings = [_text(value).strip() for value in ahead[start][1]]
    while headings and not headings[-1]:
        headings.pop()
    body = [*ahead[start + 1 :], *rows] if len(ahead) >= HEADINGS_WITHIN else ahead[start + 1 :]
    named = [title for title in headings if title]
    for title in named:
        if named.count(title) > 1:
            raise UnreadableTable(f"{name}：表头“{title}”有{named.count(title)}列，只留一列")
    return Table(name, tuple(named), tuple(_rows(headings, body)))


def _distinct(values: Sequence[Any]) -> int:
    return len({_text(value) for value in values if value not in (None, "")})


def _rows(headings: Sequence[str], body: Iterable[tuple[int, list[Any]]]) -> Iterator[Row]:
    for number, values in body:
        cells: dict[str, Cell] = {}
        fault = ""
        for place, value in enumerate(values):
            text = _text(value)
            if isinstance(value, _Formula):
                where = headings[place] if place < len(headings) else f"第{place + 1}列"
                fault = f"“{where}”是公式，没有算好的值：把它粘贴成数值"
            elif not text.strip():
                continue
            elif place >= len(headings) or not headings[place]:
                fault = fault or f"第{place + 1}列没有表头，却有内容“{text[:20]}”：补表头或删掉"
            else:
                cells[headings[place]] = text
        if cells or fault:
            yield Row(number, cells, fault)


def _text(value: object) -> str:
    """A cell's value as the text that staff see."""
    if value is None or isinstance(value, _Formula):
        return ""
    if isinstance(value, bool):
        return "是" if value else "否"
    if isinstance(value, datetime):
        return value.date().isoformat() if value.time() == time() else value.isoformat(" ")
    if isinstance(value, (date, time)):
        return value.isoformat()
    if isinstance(value, float):
        return str(int(value)) if value.is_integer() else f"{Decimal(repr(value)):f}"
    return str(value)


def _filled_down(grid: _Grid, merged: Sequence[tuple[int, int, int, int]]) -> _Grid:
    """A merged cell says the same in each row it spans; across columns it stands in the first."""
    spans = [one for one in merged if one[3] > one[1]]
    tops: dict[tuple[int, int], Any] = {}
    starts: dict[int, list[tuple[int, int]]] = {}
    for left, top, _, bottom in spans:
        starts.setdefault(top, []).append((left, bottom))
    active: list[tuple[int, int, Any]] = []
    for number, values in grid:
        active = [one for one in active if one[1] >= number]
        for column, _, value in active:
            values.extend([None] * (column - len(values)))
            if values[column - 1] in (None, ""):
                values[column - 1] = value
        for left, bottom in starts.get(number, ()):
            active.append((left, bottom, values[left - 1] if left <= len(values) else None))
        tops.clear()
        yield number, values


# XLSX


def _read_xlsx(path: Path) -> list[Table]:
    try:
        with zipfile.ZipFile(path) as packed:
            if sum(one.file_size for one in packed.infolist()) > MAX_UNPACKED:
                raise UnreadableTable(f"{path.name}：解压后太大，请拆成几份")
        return _sheets(path)
    except UnreadableTable:
        raise
    except (zipfile.BadZipFile, InvalidFileException, KeyError, ValueError, EOFError) as error:
        raise UnreadableTable(
            f"{path.name}：不是能读的Excel文件（{type(error).__name__}），请另存为 .xlsx"
        ) from None
    except SyntaxError:  # the XML within is broken
        raise UnreadableTable(f"{path.name}：Excel文件损坏，请另存一份再试") from None


def _open(path: Path) -> Any:  # noqa: ANN401 - openpyxl's
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # styles and extensions that nobody here needs
        return openpyxl.load_workbook(path, read_only=True, data_only=True)


def _sheets(path: Path) -> list[Table]:
    book = _open(path)
    try:
        formulas = _formula_cells(path)
        tables = []
        for sheet in book.worksheets:
            if sheet.sheet_state != "visible":
                continue
            sheet.reset_dimensions()
            part = str(getattr(sheet, "_worksheet_path", "")).lstrip("/")
            grid = _grid(sheet, formulas.get(part, frozenset()))
            tables.append(_table(sheet.title, grid, _merged(path, part)))
        return tables
    finally:
        book.close()


def _grid(
    sheet: Any,  # noqa: ANN401 - openpyxl's
    formulas: frozenset[tuple[int, int]],
) -> _Grid:
    for number, values in enumerate(sheet.iter_rows(values_only=True), start=1):
        row = list(values)
        if formulas:
            row = [
                _Formula() if value is None and (number, column) in formulas else value
                for column, value in enumerate(row, start=1)
            ]
        while row and row[-1] is None:
            row.pop()
        yield number, row


_CELL_WITH_FORMULA = re.compile(rb'<(?:\w+:)?c\b[^>]*?\br="([A-Z]+\d+)"[^>]*>\s*<(?:\w+:)?f[\s>/]')
_MERGED = re.compile(rb'<(?:\w+:)?mergeCell\b[^>]*?\bref="([A-Z]+\d+:[A-Z]+\d+)"')


def _formula_cells(path: Path) -> dict[str, frozenset[tuple[int, int]]]:
    """Where formulas stand, by the sheet's part in the package: row and column."""
    found = {}
    with zipfile.ZipFile(path) as packed:
        for name in packed.namelist():
            if name.startswith("xl/worksheets/") and name.endswith(".xml"):
                cells = _CELL_WITH_FORMULA.findall(packed.read(name))
                found[name] = frozenset(_place(cell.decode()) for cell in cells)
    return found


def _place(cell: str) -> tuple[int, int]:
    column, row, _, _ = cast("tuple[int, int, int, int]", range_boundaries(cell))
    return row, column


def _merged(path: Path, part: str) -> list[tuple[int, int, int, int]]:
    with zipfile.ZipFile(path) as packed:
        if part not in packed.namelist():
            return []
        spans = _MERGED.findall(packed.read(part))
    return [cast("tuple[int, int, int, int]", range_boundaries(span.decode())) for span in spans]


# CSV


def _decoded(path: Path) -> str:
    raw = path.read_bytes()
    if raw.startswith((b"\xff\xfe", b"\xfe\xff")):
        return raw.decode("utf-16", errors="replace")
    try:
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError:
        pass
    try:
        return raw.decode("gb18030")
    except UnicodeDecodeError:
        raise UnreadableTable(f"{path.name}：编码读不懂，请另存为UTF-8或GBK") from None


def _read_csv(path: Path) -> list[Table]:
    text = _decoded(path)
    if "\0" in text:
        raise UnreadableTable(f"{path.name}：不是文本文件，请另存为CSV")
    first = text.lstrip().partition("\n")[0]
    delimiter = max(",\t;", key=first.count)
    csv.field_size_limit(min(sys.maxsize, MAX_FILE))
    try:
        return [_table(path.stem, _lines(text, delimiter))]
    except csv.Error as error:
        raise UnreadableTable(f"{path.name}：CSV写法有误（{error}）") from None


def _lines(text: str, delimiter: str) -> _Grid:
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
    start = 1
    for values in reader:
        yield start, list(values)
        start = reader.line_num + 1


# JSON Lines


def _read_jsonl(path: Path) -> list[Table]:
    headings: dict[str, None] = {}
    rows = []
    for number, line in enumerate(_decoded(path).split("\n"), start=1):
        if not line.strip():
            continue
        row = _object(number, line)
        headings.update(dict.fromkeys(row.cells))
        rows.append(row)
    return [Table(path.stem, tuple(headings), tuple(rows))]


def _object(number: int, line: str) -> Row:
    try:
        data = json.loads(line)
    except (ValueError, RecursionError):
        return Row(number, {}, "这一行不是JSON：检查引号和逗号")
    if not isinstance(data, dict):
        return Row(number, {}, "这一行不是JSON对象：写成 {…}")
    cells: dict[str, Cell] = {}
    for title, value in data.items():
        if isinstance(value, list) and not any(isinstance(one, (list, dict)) for one in value):
            items = tuple(text for one in value if (text := _text(one)).strip())
            if items:
                cells[str(title).strip()] = items
        elif isinstance(value, (dict, list)):
            return Row(number, cells, f"“{title}”里还有一层：写成文字或一列文字")
        elif _text(value).strip():
            cells[str(title).strip()] = _text(value)
    return Row(number, cells)
