"""Lists of items with headings of any make: each row finds its entry, or makes a new one.

A row is matched by its codes, then by its id, then by department and name. An entry that exists
keeps what the row doesn't say; a new one is a draft unless the row has all that a service needs.
"""

from __future__ import annotations

import copy
import hashlib
import unicodedata
from collections import Counter, defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from pydantic import ValidationError

from service_catalog.exchange.headings import FieldPath, HeadingMap, Use, uses_of
from service_catalog.exchange.layout import CONTINUED, continued, put
from service_catalog.exchange.plan import Change, Place, Remark, change, findings
from service_catalog.exchange.tables import Cell, Row, Table
from service_catalog.exchange.yaml_text import Data, plain
from service_catalog.files import Entry
from service_catalog.model import Draft, Service

_CODES = ("task_code", "handling_code")
_PUBLISHED, _DRAFT = "正式", "草稿"
_NEEDED = {name for name, one in Service.__fields__.items() if one.required}
_ONLY_DRAFTS = ("main_item", "handling_code", "where")


def squeezed(text: str) -> str:
    """A name as it is compared: one width, no blanks."""
    return "".join(unicodedata.normalize("NFKC", text).split())


def id_for(department: str, name: str, code: str) -> str:
    """The id of an item that has none: the same for the same item, today and next year."""
    said = "\0".join((squeezed(department), squeezed(name), code))
    return f"item-{hashlib.sha256(said.encode()).hexdigest()[:12]}"


@dataclass
class _Known:
    """The catalogue's items by all that a row may call them."""

    items: dict[str, tuple[str, Entry]] = field(default_factory=dict)
    by_code: dict[tuple[str, str], str] = field(default_factory=dict)
    by_base: dict[str, list[str]] = field(default_factory=lambda: defaultdict(list))
    by_name: dict[tuple[str, str], list[str]] = field(default_factory=lambda: defaultdict(list))

    @classmethod
    def of(cls, entries: Mapping[str, Entry]) -> _Known:
        known = cls()
        for file, entry in entries.items():
            value = entry.value
            if not isinstance(value, (Service, Draft)):
                continue
            known.items[value.id] = (file, entry)
            for key in _CODES:
                code = getattr(value, key, None)
                if code:
                    known.by_code[key, str(code)] = value.id
            if value.base_code:
                known.by_base[str(value.base_code)].append(value.id)
            known.by_name[squeezed(value.department), squeezed(value.name)].append(value.id)
        return known

    def find(self, said: Mapping[str, Any], *, base_is_unique: bool) -> str | None:
        """The id of the item that a row is about, or None when it is a new one."""
        for key in _CODES:
            if (key, said.get(key)) in self.by_code:
                return self.by_code[key, str(said[key])]
        base = self.by_base.get(str(said.get("base_code")), [])
        if len(base) == 1 and base_is_unique and not self._other_code(base[0], said):
            return base[0]
        if said.get("id") in self.items:
            return str(said["id"])
        names = self.by_name.get((squeezed(said["department"]), squeezed(said["name"])), [])
        free = [one for one in names if not self._other_code(one, said)]
        return free[0] if len(free) == 1 else None

    def _other_code(self, item: str, said: Mapping[str, Any]) -> bool:
        """Whether an item has a code of its own, so that a row with another is another item."""
        value = self.items[item][1].value
        return any(
            getattr(value, key, None) and said.get(key) and getattr(value, key) != said[key]
            for key in _CODES
        )


@dataclass
class _Said:
    """What one row says: values by field, and the remarks on what it says badly."""

    place: Place
    values: dict[FieldPath, Any]
    remarks: list[Remark]

    def get(self, key: str) -> Any:  # noqa: ANN401 - as the field has it
        return self.values.get((key,))


class Importer:
    """Works through lists of items and collects what they would do."""

    def __init__(self, entries: Mapping[str, Entry]) -> None:
        self._known = _Known.of(entries)
        self._seen: dict[str, _Said] = {}
        self.changes: list[Change] = []
        self.rejected: list[Remark] = []
        self.remarks: list[Remark] = []
        self.general: list[str] = []
        self.merged = 0

    def take(self, table: Table, mapping: HeadingMap) -> None:
        """Plan all rows of a table.

        Raises:
            UnknownHeadings: Its columns can't be told.
        """
        uses, remarks = uses_of(table, mapping)
        self.general.extend(remarks)
        rows = [_said(table, row, uses) for row in table.rows]
        bases = Counter(str(row.get("base_code")) for row in rows if isinstance(row, _Said))
        for row in rows:
            if isinstance(row, Remark):
                self.rejected.append(row)
            else:
                self._row(row, bases[str(row.get("base_code"))] == 1)

    def _row(self, row: _Said, base_is_unique: bool) -> None:
        by_key = {path[0]: value for path, value in row.values.items() if len(path) == 1}
        code = str(by_key.get("task_code") or by_key.get("handling_code") or "")
        new_id = str(by_key.get("id") or id_for(by_key["department"], by_key["name"], code))
        found = self._known.find({**by_key, "id": new_id}, base_is_unique=base_is_unique)
        item = found or new_id
        earlier = self._seen.setdefault(item, row)
        if earlier is not row:
            self._repeated(row, earlier)
            return
        planned = self._planned(row, item)
        if isinstance(planned, Change):
            self.changes.append(planned)
            self.remarks.extend(row.remarks)
        else:
            self.rejected.append(Remark(row.place, planned))

    def _repeated(self, row: _Said, earlier: _Said) -> None:
        differing = [
            ".".join(path)
            for path in {**row.values, **earlier.values}
            if row.values.get(path) != earlier.values.get(path)
        ]
        if not differing:
            self.merged += 1
            return
        titles = "、".join(sorted({_title(key) for key in differing}))
        text = f"和{earlier.place}是同一个事项，但“{titles}”不同：留一行，或写上各自的实施编码"
        self.rejected.append(Remark(row.place, text))

    def _planned(self, row: _Said, item: str) -> Change | str:
        """The change a row makes, or the reason why it can't."""
        status = str(row.values.pop(("status",), ""))
        if status not in ("", _PUBLISHED, _DRAFT):
            return f"状态“{status}”不认识：写“{_PUBLISHED}”或“{_DRAFT}”"
        file, before = self._known.items.get(item, ("", None))
        said = {**row.values, ("id",): item}
        if before is not None and isinstance(before.value, Service):
            if status == _DRAFT:
                return f"“{item}”已经是正式事项，不能改回草稿：去掉状态，或先在services/里删掉它"
            return self._service(row, said, file, before)
        if status == _PUBLISHED:
            return self._service(row, said, f"services/{item}.yml", before, replaces=file)
        if before is None and not status and {path[0] for path in said} >= _NEEDED:
            whole = self._service(_Said(row.place, {}, []), said, f"services/{item}.yml", None)
            if isinstance(whole, Change):
                return whole
        return self._draft(row, said, file or f"drafts/{item}.yml", before)

    def _service(
        self,
        row: _Said,
        said: Mapping[FieldPath, Any],
        file: str,
        before: Entry | None,
        replaces: str = "",
    ) -> Change | str:
        kept = {}
        for path, value in said.items():
            if path[0] in _ONLY_DRAFTS or path == ("phones", "more"):
                row.remarks.append(Remark(row.place, f"正式事项没有“{_title(path[0])}”，没有写入"))
            else:
                kept[path] = value
        data = _merged(before, kept)
        for key in _ONLY_DRAFTS:
            data.pop(key, None)
        if isinstance(data.get("phones"), dict):
            data["phones"].pop("more", None)
        try:
            value = Service.parse_obj(data)
        except ValidationError as error:
            return "；".join(one.text for one in findings(error, Service, data))
        return change(value, file, None if replaces else before, [row.place], replaces)

    def _draft(
        self, row: _Said, said: Mapping[FieldPath, Any], file: str, before: Entry | None
    ) -> Change | str:
        kept = dict(said)
        while True:
            data = _merged(before, kept)
            try:
                value = Draft.parse_obj(data)
            except ValidationError as error:
                faults = list(findings(error, Draft, data))
            else:
                return change(value, file, before, [row.place])
            for fault in faults:
                path = _responsible(fault.path, kept)
                if path is None:
                    return "；".join(one.text for one in faults)
                if kept.pop(path, None) is not None:
                    row.remarks.append(Remark(row.place, f"{fault.text}；没有写入"))


def _responsible(loc: tuple[str | int, ...], said: Mapping[FieldPath, Any]) -> FieldPath | None:
    """The optional value of a row that a finding is about."""
    if loc[:1] and loc[0] in ("id", "name", "department"):
        return None
    steps = tuple(step for step in loc if isinstance(step, str))
    near = [path for path in said if path == steps[: len(path)] or steps == path[: len(steps)]]
    return max(near, key=len, default=None) if steps else None


def _said(table: Table, row: Row, uses: Mapping[str, Use]) -> _Said | Remark:
    place = Place(table.name, row.number)
    if row.fault:
        return Remark(place, row.fault)
    said = _Said(place, {}, [])
    for title, cell in _joined(row).items():
        use = uses.get(title)
        if use is None:
            continue
        parsed = use.read(cell)
        if parsed.left_out:
            said.remarks.append(Remark(place, f"“{title}”{parsed.left_out}"))
        if parsed.value is not None:
            said.values[tuple(use.field.key.split("."))] = parsed.value
    for key in ("name", "department"):
        if not said.get(key):
            return Remark(place, f"没有{_title(key)}：补上")
    _sort_phones(said)
    _sort_codes(said)
    return said


def _joined(row: Row) -> Mapping[str, Cell]:
    """The row's cells; those cut for a spreadsheet's sake are whole again."""
    if not any(CONTINUED in title for title in row.cells):
        return row.cells
    texts = {title: cell for title, cell in row.cells.items() if isinstance(cell, str)}
    return {**row.cells, **continued(texts)}


def _sort_phones(said: _Said) -> None:
    """The first phone of a cell is the one to call, the others come after."""
    more: dict[str, None] = {}
    for key in ("enquiry", "complaint"):
        numbers = said.values.get(("phones", key))
        if isinstance(numbers, list):
            said.values["phones", key] = numbers[0]
            more.update(dict.fromkeys(numbers[1:]))
    if more:
        said.values["phones", "more"] = list(more)


def _sort_codes(said: _Said) -> None:
    """33 characters are a handling item's code, whatever the column is called."""
    code = said.get("task_code")
    if code and len(code) == 33:
        del said.values["task_code",]
        said.values.setdefault(("handling_code",), code)
    lengths = {"task_code": 31, "handling_code": 33, "base_code": 12}
    for key, length in lengths.items():
        code = said.get(key)
        if code and (len(code) != length or not (code.isascii() and code.isalnum())):
            text = f"{_title(key)}“{code[:40]}”不是{length}位字母和数字，没有写入"
            said.remarks.append(Remark(said.place, text))
            del said.values[key,]


def _merged(before: Entry | None, said: Mapping[FieldPath, Any]) -> dict[str, Any]:
    """What the entry says, with what the row says in its place."""
    data = copy.deepcopy(plain(before.value)) if before else {}
    for path, value in said.items():
        old: Any = data
        for step in path:
            old = old.get(step) if isinstance(old, dict) else None
        put(data, path, _kept(path, old, value))
    return data


def _kept(path: FieldPath, old: Data, new: Data) -> Data:
    """A value from a list, with what only the catalogue knows of the same thing."""
    if path == ("aliases",) and isinstance(old, list):
        known = {squeezed(one) for one in old}
        return [*old, *(one for one in new if squeezed(one) not in known)]
    if path in (("materials",), ("conditions",)) and isinstance(old, list):
        kept = {_name(one): one for one in old}
        return [kept.get(_name(one), one) for one in new]
    if isinstance(old, dict) and isinstance(new, dict):
        same = all(str(old.get(key)) == str(one) for key, one in new.items())
        return old if same else new
    return new


def _name(one: Data) -> str:
    return squeezed(one.get("name") or one.get("text") or "") if isinstance(one, dict) else one


def _title(key: str) -> str:
    model_field = Draft.__fields__.get(key.partition(".")[0])
    return str(model_field.field_info.title) if model_field else {"status": "状态"}.get(key, key)
