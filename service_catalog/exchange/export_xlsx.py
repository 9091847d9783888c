"""The whole catalogue as a workbook that the import takes back without loss.

One sheet a kind of entry with a sheet for each list in it (`layout`); everything is text, so that
no spreadsheet program turns a code into a number or a sentence into a formula.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path, PurePosixPath
from typing import Any

import openpyxl
from openpyxl.cell import WriteOnlyCell
from openpyxl.styles import Alignment, Font, PatternFill
from openpyxl.utils import get_column_letter

from service_catalog.exchange.layout import (
    FORMAT,
    GUIDE_SHEET,
    LEXICON_FILE,
    ROOTS,
    Cells,
    Shape,
    Sheet,
    lexicon_root,
    rows_of,
    split,
)
from service_catalog.files import Entry
from service_catalog.model import Lexicon

GUIDE = (
    FORMAT,
    "这份表可以改好再导入：banshi catalog import 这份表.xlsx --into 目录",
    "每个事项在“事项”表里有一行；材料、情形、收费、窗口、常见问题各有一张表，用事项编号对应。",
    "空格表示没有这一项；子表里删掉一行，就是去掉这一项。不要改表头和工作表的名字。",
    "一格里有几项的，每项一行（在格子里按 Alt+回车）。",
    "适用情形条件写成“问题编号: 选项编号, 选项编号”，每个问题一行。",
    "“词库-常问句”表一行是事项名称和问它的说法；“词库.civil-常问句”是 lexicon/civil.yml 里的。",
    "“草稿”表是资料不全或没有核对过的事项：查得到名称，不会拿来回答。",
)
_HEADING = Font(bold=True)
_FILL = PatternFill("solid", fgColor="DDEBF7")
_WRAP = Alignment(vertical="top", wrap_text=True)
_AS_TEXT = "@"


def write_workbook(entries: Mapping[str, Entry], target: Path) -> None:
    """Write all entries to `target`.

    Args:
        entries: The catalogue's files by name.
        target: The .xlsx to write; an older one is replaced once the new one is whole.
    """
    book = openpyxl.Workbook(write_only=True)
    guide = book.create_sheet(GUIDE_SHEET)
    guide.column_dimensions["A"].width = 100
    for line in GUIDE:
        guide.append([text_cell(guide, line)])
    for root in _roots(entries):
        mine = [entry.value for name, entry in entries.items() if _belongs(root, name)]
        if not mine and root.folder not in ("services", "drafts"):
            continue
        rows: dict[str, list[Cells]] = {sheet.title: [] for sheet in root.family()}
        for value in mine:
            for sheet, cells in rows_of(root, value):
                rows[sheet.title].append(split(cells))
        for sheet in root.family():
            if sheet.columns and _is_worth_a_sheet(sheet, rows[sheet.title]):
                _fill(book, sheet, rows[sheet.title])
    save(book, target)


def _roots(entries: Mapping[str, Entry]) -> list[Sheet]:
    more = [
        lexicon_root(PurePosixPath(name).stem)
        for name, entry in entries.items()
        if isinstance(entry.value, Lexicon) and "/" in name
    ]
    return [*ROOTS, *more]


def _belongs(root: Sheet, name: str) -> bool:
    return name == root.file if root.file else name.startswith(f"{root.folder}/")


def _is_worth_a_sheet(sheet: Sheet, rows: Sequence[Cells]) -> bool:
    """A lexicon file on one topic has a few of the lists; empty sheets for the rest hide those."""
    said = any(any(cells.values()) for cells in rows)
    return said or not sheet.title.startswith(LEXICON_FILE)


def _fill(book: Any, sheet: Sheet, rows: Sequence[Cells]) -> None:  # noqa: ANN401 - openpyxl's
    numbers = {column.title for column in sheet.columns if column.shape is Shape.NUMBER}
    numbers |= set(sheet.keys[1:] if len(sheet.keys) > 1 else ())
    titles = [*sheet.keys, *(column.title for column in sheet.columns)]
    titles += list(dict.fromkeys(title for row in rows for title in row if title not in titles))
    page = book.create_sheet(sheet.title)
    page.freeze_panes = "B2"
    write_headings(page, titles)
    for row in rows:
        page.append([_cell(page, row.get(title, ""), title in numbers) for title in titles])


def write_headings(page: Any, titles: Iterable[str]) -> None:  # noqa: ANN401 - openpyxl's
    """The first row, bold and wide enough to read."""
    cells = []
    for number, title in enumerate(titles, start=1):
        letter = get_column_letter(number)
        page.column_dimensions[letter].width = min(max(len(title) * 2 + 4, 12), 40)
        cell = text_cell(page, title)
        cell.font, cell.fill = _HEADING, _FILL
        cells.append(cell)
    page.append(cells)


def text_cell(page: Any, text: str) -> Any:  # noqa: ANN401 - openpyxl's
    """A cell that is text whatever it looks like: =1+1 stays what somebody wrote."""
    cell = WriteOnlyCell(page, text)
    cell.data_type = "s"
    cell.number_format = _AS_TEXT
    cell.alignment = _WRAP
    return cell


def _cell(page: Any, text: str, number: bool) -> Any:  # noqa: ANN401 - openpyxl's
    if not text:
        return None
    return int(text) if number and text.isascii() and text.isdigit() else text_cell(page, text)


def save(book: Any, target: Path) -> None:  # noqa: ANN401 - openpyxl's
    """Put the whole workbook in place at once."""
    fresh = target.with_name(f".{target.name}.new")
    try:
        book.save(fresh)
        fresh.replace(target)
    finally:
        fresh.unlink(missing_ok=True)
