"""The sheet of rejected rows: each with its reason, to mend and send in again.

It holds the other rows too unless they have been imported, so that sending it in imports all that
the first file held.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import openpyxl
from openpyxl.styles import PatternFill

from service_catalog.exchange.export_xlsx import save, text_cell, write_headings
from service_catalog.exchange.headings import LINE, REASON
from service_catalog.exchange.layout import GUIDE_SHEET, hide, split
from service_catalog.exchange.plan import Remark
from service_catalog.exchange.tables import Row, Table

_MARK = PatternFill("solid", fgColor="FFF2CC")


def write_rejected(
    tables: Sequence[Table], rejected: Sequence[Remark], target: Path, *, others: bool
) -> None:
    """Write the rejected rows, first in their sheets and marked.

    Args:
        tables: The tables as they were read.
        rejected: The rows and their reasons.
        target: The .xlsx to write.
        others: Whether to add the rows that were not rejected.
    """
    reasons: dict[tuple[str, int], str] = {}
    for one in rejected:
        key = one.place.table, one.place.row
        reasons[key] = "；".join(filter(None, (reasons.get(key), one.text)))
    book = openpyxl.Workbook(write_only=True)
    for table in tables:
        if table.name != GUIDE_SHEET:
            _sheet(book, table, reasons, others=others)
            continue
        page = book.create_sheet(GUIDE_SHEET)
        page.append([text_cell(page, title) for title in table.headings])
    save(book, target)


def _sheet(
    book: openpyxl.Workbook,
    table: Table,
    reasons: dict[tuple[str, int], str],
    *,
    others: bool,
) -> None:
    bad = [row for row in table.rows if (table.name, row.number) in reasons]
    good = [row for row in table.rows if (table.name, row.number) not in reasons] if others else []
    if not bad and not good and not others:
        return
    own = [title for title in table.headings if title not in (REASON, LINE)]
    rows = [(row, split(_texts(row))) for row in (*bad, *good)]
    more = dict.fromkeys(title for _, cells in rows for title in cells if title not in own)
    titles = [*own, *(title for title in more if title not in (REASON, LINE))]
    page = book.create_sheet(table.name)
    page.freeze_panes = "A2"
    write_headings(page, [REASON, LINE, *titles])
    for row, cells in rows:
        reason = reasons.get((table.name, row.number), "")
        line = [reason, str(row.number) if reason else "", *(cells.get(one, "") for one in titles)]
        made = [text_cell(page, hide(text)) if text else None for text in line]
        if reason and made[0] is not None:
            made[0].fill = _MARK
        page.append(made)


def _texts(row: Row) -> dict[str, str]:
    return {
        title: "\n".join(cell) if isinstance(cell, tuple) else cell
        for title, cell in row.cells.items()
    }
