"""Masking: what tells whose words they are is taken out, so that the words may be kept and read.

`mask_personal` is a pure function of the text: numbers of persons, phones, cars and cards, mail
addresses, ids of the chat, house numbers and names become a note in 〔〕 that says what stood
there. Numbers are found by their form, and rather too many than too few of them; names are found by
`desk.names`, which leaves a doubtful word alone: questions must stay readable.

Masking what is masked changes nothing: notes are left as they are, and it is repeated until there
is nothing more to find.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from functools import partial

from desk import names

_FORMS = str.maketrans(
    "０１２３４５６７８９＠．－—–　·•・"
    "ＡＢＣＤＥＦＧＨＩＪＫＬＭＮＯＰＱＲＳＴＵＶＷＸＹＺ"
    "ａｂｃｄｅｆｇｈｉｊｋｌｍｎｏｐｑｒｓｔｕｖｗｘｙｚ",
    "0123456789@.--- ···ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz",
)
"""Wide and odd forms as the plain ones, one character for one: places in the text stay the same."""
_SPOKEN = str.maketrans("〇零一幺二两三四五六七八九", "0011223456789")

_GAP = r"[ .\-]?"


def _number(pattern: str) -> re.Pattern[str]:
    return re.compile(rf"(?<!\d)(?:{pattern})(?![\dXx])")


_MONTH_DAY = rf"{_GAP}(?:0{_GAP}[1-9]|1{_GAP}[0-2]){_GAP}(?:0{_GAP}[1-9]|[12]{_GAP}\d|3{_GAP}[01])"
_PLATE_PLACE = "京津沪渝冀豫云辽黑湘皖鲁新苏浙赣鄂桂甘晋蒙陕吉闽贵粤青藏川宁琼"
_COUNT = r"[0-9一二三四五六七八九十百千零〇]{1,6}"
_PART = rf" ?{_COUNT} ?(?:号楼|号院|单元|幢|栋|室|弄|座|户|楼|层|号)"
_STREET = "|".join(f"(?<={end})" for end in ("路", "街", "巷", "大道", "弄", "村", "苑", "花园"))

_BY_FORM: tuple[tuple[str, re.Pattern[str]], ...] = (
    ("邮箱", re.compile(r"[A-Za-z0-9._%+\-]+@[A-Za-z0-9\-]+(?:\.[A-Za-z0-9\-]+)+")),
    ("微信号", re.compile(r"(?<![A-Za-z0-9_\-])o[A-Za-z0-9_\-]{20,31}(?![A-Za-z0-9_\-])")),
    (
        "微信号",
        re.compile(
            r"(?:(?<=微信)|(?<=微信号)|(?<=微信是)|(?<=微信号是)|(?<=QQ)|(?<=qq)|(?<=QQ号))"
            r"[:： ]{0,2}[A-Za-z0-9_\-]{5,20}"
        ),
    ),
    (
        "身份证号",
        _number(
            rf"[1-9](?:{_GAP}\d){{5}}{_GAP}(?:1{_GAP}[89]|2{_GAP}0)(?:{_GAP}\d){{2}}{_MONTH_DAY}"
            rf"(?:{_GAP}\d){{3}}{_GAP}[\dXx]"
        ),
    ),
    ("身份证号", _number(rf"[1-9](?:{_GAP}\d){{7}}{_MONTH_DAY}(?:{_GAP}\d){{3}}")),
    ("银行卡号", _number(r"[1-9]\d{3}(?:[ \-]?\d{4}){3}(?:[ \-]?\d{1,3})?")),
    ("手机号", _number(rf"(?:(?:\+|00)?86[ \-]?)?1{_GAP}[3-9](?:{_GAP}\d){{9}}")),
    ("电话", _number(r"\(?0\d{2,3}\)?[ \-]?\d{3,4}[ \-]?\d{4}(?:-\d{1,6})?")),
    ("电话", re.compile(r"(?:(?<=电话)|(?<=座机)|(?<=电话是)|(?<=固话))[:： ]{0,2}\d{7,8}(?!\d)")),
    ("证件号", re.compile(r"(?<![A-Za-z0-9])[A-Za-z]{1,2}\d{7,9}(?![A-Za-z0-9])")),
    ("号码", re.compile(rf"(?<!\d)\d(?:{_GAP}\d){{8,}}[Xx]?")),
    (
        "车牌号",
        re.compile(
            rf"[{_PLATE_PLACE}使领][A-Za-z][ ·.\-]?(?=[A-Za-z挂学警港澳]*\d)"
            r"[A-Za-z0-9]{4,5}[A-Za-z0-9挂学警港澳](?![A-Za-z0-9])"
        ),
    ),
    (
        "门牌号",
        re.compile(
            rf"(?:{_STREET}) ?{_COUNT}(?:-{_COUNT})?(?:号楼|号院|幢|栋|弄|号(?![线窗]))(?:{_PART})*"
            rf"|{_COUNT}(?:号楼|幢|栋)(?:{_PART})+|{_COUNT}单元 ?{_COUNT}室?"
        ),
    ),
)
_DEEPEST = 3
_NAME = "姓名"
_LABELS = dict.fromkeys([*(label for label, _ in _BY_FORM), _NAME])
NOTE = re.compile(f"〔(?:{'|'.join(_LABELS)})〕")
"""What stands in place of something personal; other text in such brackets is no note."""
_SPOKEN_MOBILE = re.compile(r"(?<!\d)1[3-9]\d{9}(?!\d)")


def mask_personal(text: str) -> str:
    """The text with what is personal replaced by notes such as 〔手机号〕."""
    return _outside_notes(text, _piece)


def warm() -> None:
    """Load jieba's dictionary now (about a second), so that no citizen's question waits for it."""
    names.tokenizer()


def _piece(text: str, depth: int = 0) -> str:
    """A piece without notes masked until nothing more is found in what is left of it.

    Pieces that were found clean are not looked at again. Where each look finds another name in the
    rest (names and nothing else, or somebody plays), the rest is taken for one.
    """
    masked = _once(text)
    if masked == text:
        return text
    if depth == _DEEPEST:
        return f"〔{_NAME}〕"
    return _outside_notes(masked, partial(_piece, depth=depth + 1))


def _once(text: str) -> str:
    for label, pattern in _BY_FORM:
        text = _outside_notes(text, partial(_by_form, pattern=pattern, label=label))
    text = _outside_notes(text, _spoken_mobile)
    return _outside_notes(text, _by_name)


def _outside_notes(text: str, mask: Callable[[str], str]) -> str:
    """Do `mask` with every piece of the text between the notes."""
    pieces, end = [], 0
    for note in NOTE.finditer(text):
        pieces += [mask(text[end : note.start()]), note[0]]
        end = note.end()
    return "".join([*pieces, mask(text[end:])])


def _by_form(text: str, pattern: re.Pattern[str], label: str) -> str:
    spans = (match.span() for match in pattern.finditer(text.translate(_FORMS)))
    return _replace(text, spans, label)


def _spoken_mobile(text: str) -> str:
    """A mobile number in Chinese numerals: 一三八 and so on."""
    plain = text.translate(_FORMS).translate(_SPOKEN)
    return _replace(text, (match.span() for match in _SPOKEN_MOBILE.finditer(plain)), "手机号")


def _by_name(text: str) -> str:
    return _replace(text, names.spans(text), _NAME)


def _replace(text: str, spans: Iterator[tuple[int, int]], label: str) -> str:
    pieces, end = [], 0
    for start, stop in spans:
        if start >= end and stop > start:
            pieces += [text[end:start], f"〔{label}〕"]
            end = stop
    return "".join([*pieces, text[end:]])
