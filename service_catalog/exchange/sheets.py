"""Workbooks that the export made: entries put together again from their sheets.

Such a workbook is whole: an empty cell means that there is nothing, and an entry's rows in a child
sheet are all there are. Entries that the workbook doesn't have stay as they are.
"""

from __future__ import annotations

import difflib
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from pydantic import ValidationError
from pydantic.fields import SHAPE_SINGLETON

from service_catalog.exchange.faults import UnknownHeadings
from service_catalog.exchange.headings import OWN_HEADINGS
from service_catalog.exchange.layout import (
    CONTINUED,
    FORMAT,
    GUIDE_SHEET,
    ROW,
    Path,
    Sheet,
    continued,
    put,
    roots_in,
    value_of,
)
from service_catalog.exchange.plan import Change, Place, Remark, change, findings
from service_catalog.exchange.tables import Row, Table
from service_catalog.files import Entry
from service_catalog.model import Draft, Part, Service

Owners = tuple[str, ...]


def is_export(tables: Sequence[Table]) -> bool:
    """Whether a workbook is one of the export's."""
    return any(table.name == GUIDE_SHEET and FORMAT in table.headings for table in tables)


@dataclass
class _Node:
    """One row with the rows beneath it, by the list they are in."""

    place: Place
    data: dict[str, Any]
    rows: dict[Path, list[_Node]] = field(default_factory=lambda: defaultdict(list))

    def whole(self, sheet: Sheet) -> dict[str, Any]:
        """The entry with its lists."""
        for child in sheet.children:
            rows = [row.whole(child) for row in self.rows.get(child.path, [])]
            if rows:
                put(self.data, child.path, rows)
        return self.data

    def place_of(self, loc: tuple[str | int, ...]) -> Place:
        """The row in which the value at `loc` stands."""
        for path, rows in self.rows.items():
            size = len(path)
            if loc[:size] == path and len(loc) > size and isinstance(loc[size], int):
                return rows[loc[size]].place_of(loc[size + 1 :])  # type: ignore[index]
        return self.place


@dataclass
class _Family:
    """The rows of one kind of entry, each under its owner.

    Attributes:
        root: The kind's first sheet.
        tops: The entries by id.
        nodes: Every row by its sheet (first sheet: "") and the numbers of its owners and its own.
        faulty: Ids of entries of which a row could not be placed.
    """

    root: Sheet
    tops: dict[str, _Node] = field(default_factory=dict)
    nodes: dict[tuple[str, Owners], _Node] = field(default_factory=dict)
    faulty: set[str] = field(default_factory=set)

    def take(self, sheet: Sheet, row: Row) -> Remark | None:
        """Put a row in its place, or say why it has none."""
        cells = continued({title: _flat(cell) for title, cell in row.cells.items()})
        node = _Node(Place(sheet.title, row.number), _data(sheet, cells))
        item = _owner(self.root, sheet, cells)
        missing = self._top(item, node) if sheet is self.root else self._below(sheet, cells, node)
        fault = row.fault or missing
        if not fault:
            return None
        self.faulty.add(item)
        return Remark(node.place, fault)

    def _top(self, item: str, node: _Node) -> str:
        if self.root.folder and not item:
            return f"没有{self.root.columns[0].title}：补上"
        if item in self.tops:
            return f"“{item}”在{self.tops[item].place}已经有了：只留一行"
        self.tops[item] = self.nodes["", (item,)] = node
        return ""

    def _below(self, sheet: Sheet, cells: Mapping[str, str], node: _Node) -> str:
        if not self.root.folder and "" not in self.tops:
            self._top("", _Node(node.place, {}))
        numbers = [cells.get(key, "") for key in sheet.keys if key.endswith(ROW)]
        owners = (_owner(self.root, sheet, cells), *numbers[:-1])
        owner = self.nodes.get((_parent_title(self.root, sheet), owners))
        if owner is None:
            return f"找不到它属于哪一项（{'、'.join(owners)}）：检查编号和序号"
        owner.rows[sheet.path].append(node)
        self.nodes[sheet.title, (*owners, numbers[-1])] = node
        return ""


class SheetImporter:
    """Works through an export's sheets and collects what they would do."""

    def __init__(self, entries: Mapping[str, Entry]) -> None:
        self._entries = entries
        self._files = {
            (name.partition("/")[0], str(getattr(entry.value, "id", ""))): name
            for name, entry in entries.items()
        }
        self.changes: list[Change] = []
        self.rejected: list[Remark] = []
        self.general: list[str] = []

    def take(self, tables: Sequence[Table]) -> None:
        """Plan all sheets.

        Raises:
            UnknownHeadings: A sheet or a column that the export makes has been renamed or removed.
        """
        by_name = {table.name: table for table in tables}
        roots = roots_in(by_name)
        known = {sheet.title: sheet for root in roots for sheet in root.family()}
        for table in tables:
            if table.name in known:
                _check_headings(table, known[table.name])
            elif table.name != GUIDE_SHEET:
                near = difflib.get_close_matches(table.name, known, n=1, cutoff=0.6)
                hint = f"，是不是“{near[0]}”" if near else ""
                self.general.append(f"工作表“{table.name}”不认识{hint}，没有导入")
        for root in roots:
            self._root(root, by_name)

    def _root(self, root: Sheet, tables: Mapping[str, Table]) -> None:
        family = _Family(root)
        for sheet in root.family():
            table = tables.get(sheet.title)
            for row in table.rows if table else ():
                fault = family.take(sheet, row)
                if fault is not None:
                    self.rejected.append(fault)
        for item, node in family.tops.items():
            if item not in family.faulty:
                self._entry(root, item, node, tables)

    def _entry(self, root: Sheet, item: str, node: _Node, tables: Mapping[str, Table]) -> None:
        file = root.file or self._files.get((root.folder, item), f"{root.folder}/{item}.yml")
        before = self._entries.get(file)
        data = node.whole(root)
        if before is not None:
            _keep_missing(root, before, data, tables)
        try:
            value = root.model.parse_obj(data)
        except ValidationError as error:
            for fault in findings(error, root.model, data):
                self.rejected.append(Remark(node.place_of(fault.path), fault.text))
            return
        replaces = self._files.get(("drafts", item), "") if root.model is Service else ""
        if root.model is Draft and ("services", item) in self._files:
            text = f"“{item}”已经是正式事项：从草稿表里删掉这一行"
            self.rejected.append(Remark(node.place, text))
            return
        self.changes.append(change(value, file, before, [node.place], replaces))


def _keep_missing(
    root: Sheet, before: Entry, data: dict[str, Any], tables: Mapping[str, Table]
) -> None:
    """A sheet that somebody took out says nothing of what it held."""
    for child in root.children:
        value: Any = before.value
        for step in child.path:
            value = getattr(value, step, None)
        if child.title not in tables and value:
            put(data, child.path, list(value))


def _flat(cell: str | tuple[str, ...]) -> str:
    return cell if isinstance(cell, str) else "\n".join(cell)


def _data(sheet: Sheet, cells: Mapping[str, str]) -> dict[str, Any]:
    data: dict[str, Any] = {}
    for column in sheet.columns:
        cell = cells.get(column.title, "")
        if cell.strip():
            put(data, column.path, value_of(cell, column.shape))
    _fill_required(sheet.model, data)
    return data


def _fill_required(model: type[Part], data: dict[str, Any]) -> None:
    """A part that must be there may have nothing to say: no fee is a fee without items."""
    for name, model_field in model.__fields__.items():
        inner = model_field.type_
        single = model_field.shape == SHAPE_SINGLETON and isinstance(inner, type)
        if single and model_field.required and issubclass(inner, Part):
            _fill_required(inner, data.setdefault(name, {}))


def _owner(root: Sheet, sheet: Sheet, cells: Mapping[str, str]) -> str:
    if not root.folder:
        return ""
    title = next(column.title for column in root.columns if column.path == ("id",))
    return cells.get(title if sheet is root else sheet.keys[0], "").strip()


def _parent_title(root: Sheet, sheet: Sheet) -> str:
    for one in root.family():
        if sheet in one.children:
            return "" if one is root else one.title
    return ""


def _check_headings(table: Table, sheet: Sheet) -> None:
    wanted = [*sheet.keys, *(column.title for column in sheet.columns)]
    if not table.headings:
        return
    strange = [
        title
        for title in table.headings
        if title.partition(CONTINUED)[0] not in wanted and title not in OWN_HEADINGS
    ]
    faults = list(_heading_faults(wanted, table.headings, strange))
    if faults:
        raise UnknownHeadings("\n".join(f"{table.name}：{fault}" for fault in faults))


def _heading_faults(
    wanted: Sequence[str], headings: Sequence[str], strange: Sequence[str]
) -> Iterator[str]:
    missing = [title for title in wanted if title not in headings]
    for title in missing:
        near = difflib.get_close_matches(title, strange, n=1, cutoff=0.5)
        hint = f"，“{near[0]}”是不是它" if near else ""
        yield f"没有“{title}”这一列{hint}：导出的表要保留每一列，空着就是没有"
    for title in strange:
        if not difflib.get_close_matches(title, missing, n=1, cutoff=0.5):
            yield f"表头“{title}”不认识：删掉这一列，或改成导出时的表头"
