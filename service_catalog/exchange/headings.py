"""Which field a column is: by the standard's terms, their usual variants, or a mapping file.

A mapping (YAML) is for lists with headings of their own; see docs/import-export.md. Headings that
nobody knows are named: one that looks like a slip of a known one stops the import, others are told
and left out.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from dataclasses import field as dataclass_field
from pathlib import Path

import yaml

from service_catalog.exchange import values
from service_catalog.exchange.faults import UnknownHeadings, UnreadableMapping
from service_catalog.exchange.layout import CONTINUED, ROOTS, Column, value_of
from service_catalog.exchange.tables import Cell, Table
from service_catalog.exchange.values import Parsed

SHIPPED_MAPPINGS = Path(__file__).parent.parent / "mappings"
REASON = "退回原因"
LINE = "原文件行号"
OWN_HEADINGS = frozenset({REASON, LINE, "序号"})
"""Columns of the sheet of rejected rows, and of every office's numbering: nothing to take in."""
SLIP_FROM = 0.72
"""Headings this alike are taken for a slip of the pen."""

FieldPath = tuple[str, ...]


@dataclass(frozen=True)
class Field:
    """Something that a column can hold.

    Attributes:
        key: Its key in the YAML, as a mapping names it.
        title: The standard's term.
        parse: Reads a cell.
        variants: What else lists call it.
    """

    key: str
    title: str
    parse: Callable[[Cell], Parsed]
    variants: tuple[str, ...] = ()


FIELDS: tuple[Field, ...] = (
    Field("id", "事项编号", values.plain, ("编号",)),
    Field("status", "状态", values.plain, ()),
    Field(
        "name",
        "事项名称",
        values.plain,
        (
            "办理项名称",
            "业务办理项名称",
            "实施清单名称",
            "子项名称",
            "政务服务事项名称",
            "服务名称",
        ),
    ),
    Field("main_item", "主项名称", values.plain, ("目录名称", "基本目录名称", "主项", "大项名称")),
    Field("aliases", "日常用语", values.words, ("别名", "俗称", "事项简称", "常用说法")),
    Field(
        "department",
        "实施主体",
        values.plain,
        (
            "实施部门",
            "实施机关",
            "实施机构",
            "办理部门",
            "责任部门",
            "所属部门",
            "主管部门",
            "部门",
        ),
    ),
    Field("kind", "事项类型", values.kind, ("权力类型", "事项类别", "权责类型")),
    Field("audience", "服务对象", values.audience, ("办理对象", "面向对象", "服务对象类型")),
    Field("themes", "主题", values.words, ("面向自然人事项主题分类", "主题分类", "服务主题")),
    Field("basis", "设定依据", values.lines, ("法律依据", "实施依据", "办理依据", "政策依据")),
    Field("base_code", "基本编码", values.code, ("事项基本编码", "国家基本编码", "基本目录编码")),
    Field("task_code", "实施编码", values.code, ("事项实施编码", "实施清单编码", "事项编码")),
    Field("handling_code", "业务办理项编码", values.code, ("办理项编码",)),
    Field("conditions", "受理条件", values.conditions, ("申请条件", "办理条件")),
    Field("materials", "申请材料", values.materials, ("材料", "材料名称", "办理材料", "材料清单")),
    Field("handling", "办件类型", values.plain, ()),
    Field("legal_limit", "法定办结时限", values.time_limit, ("法定时限", "法定办理时限")),
    Field("promised_limit", "承诺办结时限", values.time_limit, ("承诺时限", "承诺办理时限")),
    Field(
        "visits",
        "到办事现场次数",
        values.visits,
        ("到现场次数", "跑动次数", "最多跑动次数", "到现场办理次数"),
    ),
    Field("results", "办理结果", values.lines, ("结果名称", "审批结果名称", "办理结果名称")),
    Field("process", "办理流程", values.lines, ("办事流程", "办理程序")),
    Field("where", "办理地点", values.plain, ("办理地址", "受理地点", "办公地址", "窗口地址")),
    Field("phones.enquiry", "咨询电话", values.phones, ("咨询方式", "联系电话", "咨询投诉电话")),
    Field(
        "phones.complaint",
        "监督投诉电话",
        values.phones,
        ("投诉电话", "监督电话", "监督投诉方式", "投诉监督电话"),
    ),
    Field("scope", "通办范围", values.plain, ()),
    Field("cautions", "注意事项", values.lines, ("温馨提示",)),
    Field("effective_from", "生效日期", values.plain, ("实施日期",)),
    Field("effective_until", "失效日期", values.plain, ()),
    Field("checked_on", "核对日期", values.plain, ()),
    Field("checked_by", "核对人", values.plain, ()),
)
_BY_KEY = {one.key: one for one in FIELDS}
_REQUIRED = ("name", "department")


def _key(title: str) -> str:
    """A heading as it is compared: without blanks, brackets and the star of required fields."""
    return re.sub(r"[\s*＊:：]|[(（][^)）]*[)）]$", "", title).lower()


def _spread_columns() -> Iterator[tuple[str, Column]]:
    """The export's columns of items (法定办结时限·时限数值) may stand in any list."""
    draft = next(root for root in ROOTS if root.folder == "drafts")
    for column in draft.columns:
        if len(column.path) > 1:
            yield column.title, column


_KNOWN: dict[str, Field] = {
    _key(title): one for one in FIELDS for title in (one.title, *one.variants)
} | {
    _key(title): Field(
        ".".join(column.path),
        title,
        lambda cell, shape=column.shape: Parsed(  # type: ignore[misc]
            value_of(cell if isinstance(cell, str) else "\n".join(cell), shape)
        ),
    )
    for title, column in _spread_columns()
    if ".".join(column.path) not in _BY_KEY
}


@dataclass(frozen=True)
class Use:
    """How one column is used.

    Attributes:
        field: What it holds.
        empty: Words that mean nothing in this column, besides the usual ones.
        replace: Words to read as others; "" drops them.
        drop_before: A phrase that every cell begins with, such as 办理地点：.
    """

    field: Field
    empty: frozenset[str] = frozenset()
    replace: Mapping[str, str] = dataclass_field(default_factory=dict)
    drop_before: str = ""

    def read(self, cell: Cell) -> Parsed:
        """What a cell of this column says."""
        if isinstance(cell, str) and self.replace and "\n" in cell:
            cell = tuple(cell.split("\n"))
        parts = cell if isinstance(cell, tuple) else (cell,)
        kept = []
        for part in parts:
            text = part.strip()
            text = self.replace.get(text, text).removeprefix(self.drop_before)
            if text and text not in self.empty:
                kept.append(text)
        if not kept:
            return Parsed(None)
        return self.field.parse(tuple(kept) if isinstance(cell, tuple) else kept[0])


@dataclass(frozen=True)
class HeadingMap:
    """A mapping file: what each heading of a list of its own means."""

    uses: Mapping[str, Use]
    ignore: frozenset[str]


NO_MAPPING = HeadingMap({}, frozenset())


def read_mapping(name: str | Path) -> HeadingMap:
    """A mapping file, or a shipped one by its bare name (guangdong).

    Raises:
        UnreadableMapping: It is none.
    """
    path = Path(name)
    shipped = SHIPPED_MAPPINGS / f"{name}.yml"
    if not path.exists() and shipped.exists():
        path = shipped
    try:
        data = yaml.safe_load(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise UnreadableMapping(f"映射文件{path}读不出来（{error.strerror}）") from None
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        raise UnreadableMapping(f"映射文件{path}不是YAML（{str(error).splitlines()[0]}）") from None
    if not isinstance(data, dict) or not isinstance(data.get("columns"), dict):
        raise UnreadableMapping(f"映射文件{path}缺少 columns：写成“columns: 表头: 字段”")
    unknown = data.keys() - {"columns", "ignore"}
    if unknown:
        raise UnreadableMapping(f"映射文件{path}里“{'、'.join(map(str, unknown))}”不认识")
    ignore = data.get("ignore") or []
    if not isinstance(ignore, list):
        raise UnreadableMapping(f"映射文件{path}的 ignore 要写成列表")
    uses = {str(title): _use(path, str(title), how) for title, how in data["columns"].items()}
    return HeadingMap(uses, frozenset(map(str, ignore)))


def _use(path: Path, title: str, how: object) -> Use:
    if isinstance(how, str):
        how = {"field": how}
    if not isinstance(how, dict) or not isinstance(how.get("field"), str):
        raise UnreadableMapping(f"映射文件{path}：“{title}”要写成字段名，或带 field 的一组")
    if how.keys() - {"field", "empty", "replace", "drop_before"}:
        raise UnreadableMapping(
            f"映射文件{path}：“{title}”只能有 field、empty、replace、drop_before"
        )
    found = _BY_KEY.get(how["field"]) or _KNOWN.get(_key(how["field"]))
    if found is None:
        near = _nearest(how["field"], [*_BY_KEY, *(one.title for one in FIELDS)])
        hint = f"，是不是“{near}”" if near else ""
        raise UnreadableMapping(f"映射文件{path}：没有字段“{how['field']}”{hint}")
    replace = {str(key): str(value or "") for key, value in (how.get("replace") or {}).items()}
    empty = frozenset(map(str, how.get("empty") or ()))
    return Use(found, empty, replace, str(how.get("drop_before") or ""))


def _nearest(word: str, known: Sequence[str]) -> str:
    near = difflib.get_close_matches(word, known, n=1, cutoff=SLIP_FROM)
    return near[0] if near else ""


def uses_of(table: Table, mapping: HeadingMap) -> tuple[dict[str, Use], list[str]]:
    """How the columns of a table are used, and remarks on headings that aren't.

    Raises:
        UnknownHeadings: The name or the department is missing, or a heading looks like a slip.
    """
    uses: dict[str, Use] = {}
    strange: list[str] = []
    for title in table.headings:
        if CONTINUED in title:
            continue
        use = mapping.uses.get(title)
        if use is None and title not in mapping.ignore and title not in OWN_HEADINGS:
            known = _KNOWN.get(_key(title))
            use = Use(known) if known else None
            if use is None:
                strange.append(title)
        if use is not None:
            uses[title] = use
    faults = [*_missing(table, uses, strange), *_twice(uses)]
    found = {use.field.key for use in uses.values()}
    left = [one.title for one in FIELDS if one.key not in found]
    slips = {title: _nearest(title, left) for title in strange}
    faults += [
        f"表头“{title}”不认识，是不是“{near}”？改好表头，或在映射的 ignore 里写明不要"
        for title, near in slips.items()
        if near
    ]
    if faults:
        raise UnknownHeadings("\n".join(f"{table.name}：{fault}" for fault in faults))
    return uses, [f"{table.name}：表头“{title}”不认识，这一列没有导入" for title in strange]


def looks_like_items(table: Table, mapping: HeadingMap) -> bool:
    """Whether a table has the columns without which it is no list of items."""
    known = (mapping.uses.get(title) or _KNOWN.get(_key(title)) for title in table.headings)
    keys = {one.field.key if isinstance(one, Use) else one.key for one in known if one}
    return keys >= set(_REQUIRED)


def _missing(table: Table, uses: Mapping[str, Use], strange: Sequence[str]) -> Iterator[str]:
    found = {use.field.key for use in uses.values()}
    for key in _REQUIRED:
        if key not in found:
            one = _BY_KEY[key]
            near = difflib.get_close_matches(one.title, strange, n=1, cutoff=0.4)
            hint = f"，“{near[0]}”是不是它" if near else ""
            has = "、".join(table.headings[:12])
            mend = "改好表头，或用 --columns 给出映射"
            yield f"没有“{one.title}”这一列{hint}；现有表头：{has}。{mend}"


def _twice(uses: Mapping[str, Use]) -> Iterator[str]:
    owner: dict[str, str] = {}
    for title, use in uses.items():
        first = owner.setdefault(use.field.key, title)
        if first != title:
            yield f"“{first}”和“{title}”都是{use.field.title}：只留一列，或在映射里写明"
