"""How entries of the catalogue lie in sheets: derived from the model, the same way out and in.

One sheet a kind of entry, one row an entry; a field that is itself an entry is spread over columns
(收费·收费依据); a list of entries is a sheet of its own (事项-申请材料), each row keyed by its
owner. Nothing here reads or writes a file: the export fills the sheets, the import empties them.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import Enum
from typing import Any

from pydantic.fields import MAPPING_LIKE_SHAPES, SHAPE_TUPLE_ELLIPSIS, ModelField

from service_catalog.model import (
    Bundle,
    CalendarNotes,
    Draft,
    GeneralQuestions,
    Hall,
    Helpers,
    HomeVisits,
    Lexicon,
    Part,
    Place,
    Priority,
    Service,
    Terminals,
)

FORMAT = "办事目录导出 1"
"""Written on the first sheet: such a workbook is whole: an empty cell means nothing."""
GUIDE_SHEET = "说明"
ROW = "序号"
PRESENT = "有"
CONTINUED = "·续"
CELL_LIMIT = 32_000
"""Excel holds 32,767 characters in a cell and cuts the rest without a word."""
LINES_LIMIT = 250
"""Excel allows 253 line breaks in a cell."""

Path = tuple[str, ...]
Cells = dict[str, str]
_ESCAPE = "\u241b"
_PICTURES = range(0x2400, 0x2420)


class Shape(str, Enum):
    """How a column's value is written into its cell."""

    TEXT = "text"
    NUMBER = "number"
    YES_NO = "yes/no"
    LIST = "one a line"
    ONLY = "question: option, option"
    ANSWERS = "question: option"
    PRESENT = "whether there is such a part"


@dataclass(frozen=True)
class Column:
    """One column: a field, reached by `path` from the row's entry."""

    path: Path
    title: str
    shape: Shape


@dataclass(frozen=True)
class Sheet:
    """One sheet.

    Attributes:
        title: Its name.
        model: What a row is.
        path: From the owner to the list that this sheet holds; () for entries of their own.
        keys: Headings that name the row's owners and its place among them.
        columns: The row's own fields.
        children: Sheets for the lists within.
        file: The file's name for kinds of which a hall has one file, else "".
        folder: The folder for kinds with a file each, else "".
    """

    title: str
    model: type[Part]
    path: Path
    keys: tuple[str, ...]
    columns: tuple[Column, ...]
    children: tuple[Sheet, ...]
    file: str = ""
    folder: str = ""

    def family(self) -> Iterator[Sheet]:
        """This sheet and all beneath it."""
        yield self
        for child in self.children:
            yield from child.family()


def _shape(field: ModelField) -> Shape:
    if field.shape in MAPPING_LIKE_SHAPES:
        return Shape.ONLY if "uple" in str(field.outer_type_) else Shape.ANSWERS
    if field.shape == SHAPE_TUPLE_ELLIPSIS:
        return Shape.LIST
    if field.type_ is bool:
        return Shape.YES_NO
    whole = isinstance(field.type_, type) and issubclass(field.type_, int)
    return Shape.NUMBER if whole else Shape.TEXT


def _is_part(field: ModelField) -> bool:
    mapping = field.shape in MAPPING_LIKE_SHAPES
    return not mapping and isinstance(field.type_, type) and issubclass(field.type_, Part)


def _title(field: ModelField) -> str:
    return str(field.field_info.title or field.name)


def _walk(
    model: type[Part], path: Path, titles: Path
) -> Iterator[Column | tuple[ModelField, Path]]:
    """The model's columns, and its lists of entries with their paths."""
    for name, field in model.__fields__.items():
        here, named = (*path, name), (*titles, _title(field))
        if not _is_part(field):
            yield Column(here, "·".join(named), _shape(field))
        elif field.shape == SHAPE_TUPLE_ELLIPSIS:
            yield field, here
        else:
            inner: type[Part] = field.type_
            if field.allow_none and not any(one.required for one in inner.__fields__.values()):
                yield Column(here, "·".join(named), Shape.PRESENT)
            yield from _walk(inner, here, named)


def _sheet(title: str, model: type[Part], path: Path, keys: tuple[str, ...], **where: str) -> Sheet:
    found = list(_walk(model, (), ()))
    children = []
    for one in found:
        if isinstance(one, Column):
            continue
        field, there = one
        own_keys = keys
        if not keys and "folder" in where:
            own_keys = (_title(model.__fields__["id"]),)
        child = f"{title}-{_title(field)}"
        children.append(_sheet(child, field.type_, there, (*own_keys, f"{_title(field)}{ROW}")))
    columns = tuple(one for one in found if isinstance(one, Column))
    return Sheet(title, model, path, keys, columns, tuple(children), **where)


ROOTS: tuple[Sheet, ...] = (
    _sheet("事项", Service, (), (), folder="services"),
    _sheet("草稿", Draft, (), (), folder="drafts"),
    _sheet("场所", Place, (), (), folder="places"),
    _sheet("一件事", Bundle, (), (), folder="bundles"),
    _sheet("大厅", Hall, (), (), file="hall.yml"),
    _sheet("终端", Terminals, (), (), file="terminals.yml"),
    _sheet("优先", Priority, (), (), file="priority.yml"),
    _sheet("上门", HomeVisits, (), (), file="home_visits.yml"),
    _sheet("帮办", Helpers, (), (), file="helpers.yml"),
    _sheet("咨询", GeneralQuestions, (), (), file="general.yml"),
    _sheet("日历", CalendarNotes, (), (), file="calendar.yml"),
    _sheet("词库", Lexicon, (), (), file="lexicon.yml"),
)
LEXICON_FILE = "词库."
"""How the sheets of more lexicon files begin."""


def lexicon_root(stem: str) -> Sheet:
    """The sheets of one more lexicon file, lexicon/<stem>.yml."""
    return _sheet(f"{LEXICON_FILE}{stem}", Lexicon, (), (), file=f"lexicon/{stem}.yml")


def roots_in(titles: Iterable[str]) -> list[Sheet]:
    """The kinds of entries that a workbook with these sheets may hold."""
    stems = {_stem(title) for title in titles if title.startswith(LEXICON_FILE)}
    return [*ROOTS, *(lexicon_root(stem) for stem in sorted(stems))]


def _stem(title: str) -> str:
    """The lexicon file that a sheet such as 词库.civil-常问句 belongs to."""
    stem = title.removeprefix(LEXICON_FILE)
    for child in lexicon_root("").children:
        stem = stem.removesuffix(child.title.removeprefix(LEXICON_FILE))
    return stem


# Cells


def hide(text: str, *, breaks: bool = False) -> str:
    """Text as a spreadsheet can keep it: control characters as their pictures (␋)."""
    return "".join(
        _ESCAPE + char
        if ord(char) in _PICTURES
        else chr(0x2400 + ord(char))
        if ord(char) < 32 and (char not in "\n\t" or (breaks and char == "\n"))
        else char
        for char in text
    )


def reveal(text: str) -> str:
    """What `hide` hid."""
    out: list[str] = []
    chars = iter(text)
    for char in chars:
        if char == _ESCAPE:
            out.append(next(chars, char))
        else:
            out.append(chr(ord(char) - 0x2400) if ord(char) in _PICTURES else char)
    return "".join(out)


def text_of(value: object) -> str:
    """A single value as text."""
    if isinstance(value, Enum):
        return str(value.value)
    if isinstance(value, bool):
        return "是" if value else "否"
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, Decimal):
        return f"{value:f}"
    return str(value)


def cell_of(value: object, shape: Shape) -> str:
    """A field's value as its cell's text."""
    if value is None:
        return ""
    if shape is Shape.LIST and isinstance(value, (tuple, list)):
        return "\n".join(hide(text_of(one), breaks=True) for one in value)
    if isinstance(value, Mapping):
        pairs = (
            (key, ", ".join(one) if isinstance(one, (tuple, list)) else one)
            for key, one in value.items()
        )
        return "\n".join(f"{key}: {one}" for key, one in pairs)
    return hide(text_of(value))


def value_of(cell: str, shape: Shape) -> object:
    """A cell's text as the data that YAML would give."""
    if shape is Shape.LIST:
        return [reveal(line) for line in cell.split("\n") if line.strip()]
    if shape is Shape.YES_NO:
        return {"是": "true", "否": "false"}.get(cell, cell)
    if shape in (Shape.ONLY, Shape.ANSWERS):
        return dict(_pair(line, shape) for line in cell.split("\n") if line.strip())
    if shape is Shape.PRESENT:
        return {}
    return reveal(cell)


def _pair(line: str, shape: Shape) -> tuple[str, object]:
    key, _, rest = line.replace("：", ":").partition(":")
    if shape is Shape.ANSWERS:
        return key.strip(), rest.strip()
    return key.strip(), [one.strip() for one in rest.replace("，", ",").split(",") if one.strip()]


# Rows


def rows_of(
    sheet: Sheet, value: Part, owners: tuple[str, ...] = ()
) -> Iterator[tuple[Sheet, Cells]]:
    """An entry as rows: its own, then those of its lists."""
    cells = dict(zip(sheet.keys, owners, strict=True))
    for column in sheet.columns:
        cells[column.title] = cell_of(_at(value, column.path), column.shape)
        if column.shape is Shape.PRESENT:
            cells[column.title] = _presence(value, column)
    yield sheet, cells
    mine = owners or ((getattr(value, "id"),) if sheet.folder else ())  # noqa: B009 - by kind
    for child in sheet.children:
        for number, part in enumerate(_at(value, child.path) or (), start=1):
            yield from rows_of(child, part, (*mine, str(number)))


def _at(value: Any, path: Path) -> Any:  # noqa: ANN401 - any field's value
    for step in path:
        if value is None:
            return None
        value = getattr(value, step)
    return value


def _presence(value: Part, column: Column) -> str:
    part = _at(value, column.path)
    if part is None:
        return ""
    said = any(one not in (None, (), {}) for one in part.dict(exclude_defaults=True).values())
    spread = any(field.type_ is bool for field in part.__fields__.values())
    return "" if said or spread else PRESENT


def put(data: dict[str, Any], path: Path, value: object) -> None:
    """Set the value at `path`, making the dictionaries on the way."""
    for step in path[:-1]:
        data = data.setdefault(step, {})
    if value == {} and isinstance(data.get(path[-1]), dict):
        return
    data[path[-1]] = value


def continued(cells: Mapping[str, str]) -> Cells:
    """Cells with their continuations (办理流程·续2) joined to where they begin."""
    joined = {title: cell for title, cell in cells.items() if CONTINUED not in title}
    more = [title for title in cells if CONTINUED in title]
    for title in sorted(more, key=_place_of_continuation):
        owner = title.partition(CONTINUED)[0]
        joined[owner] = joined.get(owner, "") + cells[title]
    return joined


def _place_of_continuation(title: str) -> tuple[str, int]:
    owner, _, number = title.partition(CONTINUED)
    return owner, int(number) if number.isdigit() else 0


def split(cells: Mapping[str, str]) -> Cells:
    """Cells cut to what a spreadsheet holds, the rest in continuations."""
    out: Cells = {}
    for title, cell in cells.items():
        first, *more = _pieces(cell)
        out[title] = first
        for number, piece in enumerate(more, start=2):
            out[f"{title}{CONTINUED}{number}"] = piece
    return out


def _pieces(cell: str) -> Iterator[str]:
    """A cell's text in pieces that fit, cut at a line's end wherever there is one.

    The line break opens the next piece: at the end of a cell spreadsheet programs lose it.
    """
    while len(cell) > CELL_LIMIT or cell.count("\n") > LINES_LIMIT:
        cut = CELL_LIMIT
        ends = [at for at, char in enumerate(cell[: CELL_LIMIT + 1]) if char == "\n" and at]
        if ends:
            cut = ends[:LINES_LIMIT][-1]
        yield cell[:cut]
        cell = cell[cut:]
    yield cell
