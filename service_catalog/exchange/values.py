"""What officials write in a cell, as values: "30(工作日)", "无", three phones in one sentence.

Each parser takes the cell and gives what it understood and, in Chinese, what it had to leave out.
They never guess: a number without an area code is no phone, an unknown word no kind of item.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass

from service_catalog.exchange.tables import Cell
from service_catalog.model import Audience, Kind, Phone, Unit

EMPTY = frozenset(
    {"无", "没有", "暂无", "空", "—", "——", "-", "--", "/", "\\", "null", "none", "n/a", "nan"}
)
"""Words that say a cell is empty."""


@dataclass(frozen=True)
class Parsed:
    """What a cell says.

    Attributes:
        value: Data as the YAML would give it; None when there is nothing.
        left_out: What was not understood, in Chinese; "" when all was.
    """

    value: object
    left_out: str = ""


def one_line(text: str) -> str:
    """Text without the blanks and line breaks that came with it."""
    return " ".join(text.replace("\u3000", " ").split())


def is_empty(text: str) -> bool:
    """Whether a cell's text says that there is nothing."""
    return unicodedata.normalize("NFKC", text).strip(" 。.;；").lower() in {"", *EMPTY}


def plain(cell: Cell) -> Parsed:
    """A sentence or a term."""
    text = one_line("；".join(cell) if isinstance(cell, tuple) else cell)
    return Parsed(None if is_empty(text) else text)


_BREAKS = re.compile(r"[\n;；]+")
_COMMAS = re.compile(r"[\n,，;；、/|]+")


def _items(cell: Cell, breaks: re.Pattern[str]) -> Parsed:
    parts = cell if isinstance(cell, tuple) else breaks.split(cell)
    texts = (one_line(part).strip("；; ") for part in parts)
    return Parsed(list(dict.fromkeys(text for text in texts if not is_empty(text))) or None)


def lines(cell: Cell) -> Parsed:
    """A list with one entry a line, or parted by semicolons."""
    return _items(cell, _BREAKS)


def words(cell: Cell) -> Parsed:
    """A list of short terms, parted by anything usual."""
    return _items(cell, _COMMAS)


def conditions(cell: Cell) -> Parsed:
    """受理条件, one a line."""
    return _items(cell, re.compile(r"\n+"))


def materials(cell: Cell) -> Parsed:
    """申请材料 of which only the names are known."""
    names = lines(cell).value
    return Parsed([{"name": name} for name in names] if isinstance(names, list) else None)


_UNITS = {
    "工作日": Unit.WORKDAY,
    "自然日": Unit.DAY,
    "日历日": Unit.DAY,
    "日": Unit.DAY,
    "天": Unit.DAY,
    "个月": Unit.MONTH,
    "月": Unit.MONTH,
    "小时": Unit.HOUR,
}
_LIMIT = re.compile(
    r"(\d{1,4})\s*[(（]?\s*个?\s*(工作日|自然日|日历日|小时|个月|月|日|天)\s*[)）]?"
)


def time_limit(cell: Cell) -> Parsed:
    """办结时限: 30(工作日), 20个工作日, 3个月, 24小时."""
    text = str(plain(cell).value or "")
    if not text:
        return Parsed(None)
    found = _LIMIT.fullmatch(unicodedata.normalize("NFKC", text).strip(" 内"))
    if found is None:
        return Parsed(None, f"“{text[:40]}”不是时限：写成“20个工作日”这样")
    return Parsed({"number": found[1], "unit": _UNITS[found[2]].value})


_NO_VISIT = ("全程网办", "不用到现场", "无需到现场", "零跑动", "不见面")
_COUNT = re.compile(r"(?:最多|至多|不超过|跑)?\s*(\d)\s*(?:次|次以内|趟)?")


def visits(cell: Cell) -> Parsed:
    """到办事现场次数: 1, 1次, 全程网办."""
    text = str(plain(cell).value or "")
    if not text:
        return Parsed(None)
    if text in _NO_VISIT:
        return Parsed({"count": "0"})
    found = _COUNT.fullmatch(text)
    if found is None:
        return Parsed(None, f"“{text[:40]}”不是次数：写成数字")
    return Parsed({"count": found[1]})


_AUDIENCE = {
    "个人": Audience.PERSON,
    "公民": Audience.PERSON,
    "企业": Audience.COMPANY,
    "事业单位": Audience.INSTITUTION,
    "社会组织": Audience.SOCIETY,
    "个体户": Audience.SELF_EMPLOYED,
} | {one.value: one for one in Audience}


def audience(cell: Cell) -> Parsed:
    """服务对象; what the standard doesn't know is left out."""
    said = words(cell).value
    names = said if isinstance(said, list) else []
    known = list(dict.fromkeys(_AUDIENCE[name].value for name in names if name in _AUDIENCE))
    unknown = [name for name in names if name not in _AUDIENCE]
    hint = f"“{'、'.join(unknown)[:60]}”不是标准的服务对象" if unknown else ""
    return Parsed(known or None, hint)


def kind(cell: Cell) -> Parsed:
    """事项类型."""
    text = str(plain(cell).value or "")
    known = {one.value for one in Kind}
    if not text or text in known:
        return Parsed(text or None)
    named = {"其他类": "其他行政权力", "其他权力": "其他行政权力", "其他类别": "其他行政权力"}
    if text in named:
        return Parsed(named[text])
    return Parsed(None, f"“{text[:40]}”不是标准的事项类型，可选：{'、'.join(sorted(known))}")


_NO_PHONE = re.compile(r"https?://[!-~]+|www\.[!-~]+|[\w.]+@[\w.]+|\d{1,2}:\d{2}", re.ASCII)
_NUMBER = re.compile(
    r"(?<![\dA-Za-z])(?:"
    r"(?P<mobile>1[3-9]\d{9})"
    r"|(?P<free>[48]00-?\d{3,4}-?\d{3,4})"
    r"|\(?(?:\+?86\)?[ -]?|\+?86)?\(?(?P<area>0?(?:10|2\d|[3-9]\d{2}))\)?[ -]{0,2}"
    r"(?P<line>\d{3,4} ?\d{4}|\d{7})(?:(?:转|-)(?P<extension>\d{1,6}))?"
    r"|\(?(?P<far>0\d{2,3})\)?-{1,2}(?P<service>1\d{2}|12\d{3}|9\d{4,5})(?P<menu>(?:-\d+)*)"
    r"|(?P<short>12\d{3}|9[56]\d{3,4})(?P<dialled>(?:-\d+)*)"
    r"|(?P<bare>[2-8]\d{7})"
    r")(?!\d)"
)


def phones(cell: Cell) -> Parsed:
    """Every phone of a cell, the first one first; the value is a list."""
    text = str(plain(cell).value or "")
    if not text:
        return Parsed(None)
    flat = unicodedata.normalize("NFKC", text).replace("–", "-").replace("—", "-")
    flat = _NO_PHONE.sub(" ", flat)
    found: dict[str, None] = {}
    hints: list[str] = []
    area = ""
    for match in _NUMBER.finditer(flat):
        number, area = _number(match, area)
        if not re.match(str(Phone.regex), number):
            hints.append(f"“{match[0]}”不是能用的电话")
            continue
        found.setdefault(number)
        if match["menu"] or match["dialled"] or match["far"]:
            hints.append(f"“{match[0]}”只留下“{number}”")
    if not found:
        return Parsed(None, f"“{text[:40]}”里没有能用的电话：写成“020-12345678”这样")
    return Parsed(list(found), "，".join(hints)[:120])


def _number(match: re.Match[str], area: str) -> tuple[str, str]:
    """One phone as the model writes it, and the area code that bare numbers after it share."""
    if match["area"] and match["line"]:
        if not match["area"].startswith("0") and "86" not in match[0][:4]:
            return "", area
        area = match["area"] if match["area"].startswith("0") else f"0{match['area']}"
        extension = f"-{match['extension']}" if match["extension"] else ""
        return f"{area}-{match['line'].replace(' ', '')}{extension}", area
    if match["bare"]:
        return f"{area}-{match['bare']}" if area else "", area
    if match["free"]:
        digits = match["free"].replace("-", "")
        return f"{digits[:3]}-{digits[3:6]}-{digits[6:]}", area
    return match["mobile"] or match["service"] or match["short"] or "", area


def code(cell: Cell) -> Parsed:
    """A code, without the blanks and the quote that keep spreadsheets from rounding it."""
    text = str(plain(cell).value or "").replace(" ", "").lstrip("'`").upper()
    return Parsed(text or None)
