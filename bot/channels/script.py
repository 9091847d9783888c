"""Simplified or traditional characters: which a citizen writes, and answers in the same.

The whole project speaks simplified Chinese; what leaves the channel is converted at the last
moment, after it was cut into pages. Of OpenCC's conversions Taiwan's standard is taken: its forms
(說, 稅, 戶, 裡, 為, 核對, 參加) are those that every traditional input method writes. Plain s2t
makes 覈對 of 核对 and 喫 of 吃; Hong Kong's makes 蔘加 of 参加, and 説, which Big5 lacks. What it
still gets wrong in a hall's sentences (換髮 for 换发, 籤合同 for 签合同) is corrected here.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import lru_cache

from opencc import OpenCC

from bot.channels.inbox import ShortMemory

_TO_TRADITIONAL = OpenCC("s2tw")
_TO_HONG_KONG = OpenCC("s2hk")
_TO_SIMPLIFIED = OpenCC("t2s")

DAY = 86_400.0

_NEVER_SIMPLIFIED = frozenset("後於菸摺")
"""GB 2312 has them besides 后, 于, 烟 and 折, but nobody who writes simplified uses them."""

_ADDRESS = re.compile(r"""[a-zA-Z][a-zA-Z0-9+.-]*://[^\s"'<>，。；、（）“”《》【】]+""")

# Single characters say what a character becomes unless a longer entry holds; an entry is as long
# as what it becomes.
_CORRECTIONS = {
    # 发 is 發 but for hair
    "发": "發",
    **{word: word.replace("发", "髮") for word in ("理发", "毛发", "染发", "洗发", "白发")},
    **{"头发": "頭髮", "美发": "美髮", "烫发": "燙髮", "假发": "假髮"},
    **{"发型": "髮型", "发廊": "髮廊", "发屋": "髮屋"},
    **{"头发生": "頭發生", "头发票": "頭發票", "假发票": "假發票"},
    # 签 is 簽 but for slips and sticks
    "签": "簽",
    "签注": "簽注",  # so printed on the document itself
    **{"标签": "標籤", "抽签": "抽籤", "中签": "中籤", "棉签": "棉籤", "牙签": "牙籤"},
    # 面 is 面 but for flour
    "面": "面",
    **{
        "面包": "麵包",
        "面粉": "麵粉",
        "面条": "麵條",
        "面食": "麵食",
        "面点": "麵點",
        "面馆": "麵館",
    },
    **{"挂面": "掛麵", "米面": "米麵", "方便面": "方便麵", "面制品": "麵製品"},
    **{"表面粉": "表面粉", "方面包": "方面包", "书面条": "書面條"},
    # 范 is a surname but in these words
    "范": "范",
    **{"范围": "範圍", "规范": "規範", "示范": "示範", "模范": "模範", "防范": "防範"},
    **{
        "师范": "師範",
        "典范": "典範",
        "范本": "範本",
        "范例": "範例",
        "范文": "範文",
        "范畴": "範疇",
    },
    # 致 is 致 but in these words
    "致": "致",
    **{"细致": "細緻", "精致": "精緻", "别致": "別緻"},
    # 后 is 後 but for empresses
    "后": "後",
    **{"皇后": "皇后", "太后": "太后"},
    # words that OpenCC cuts in the wrong place, or does not know
    **{"出": "出", "合": "合", "毁": "毀"},
    **{"采集": "採集", "采购": "採購", "采用": "採用", "采样": "採樣", "开采": "開採"},
    **{"采纳": "採納", "采矿": "採礦", "制度": "制度", "干部": "幹部", "历史": "歷史"},
    **{"是只": "是只", "只需": "只需", "汇算": "匯算", "工资表": "工資表"},
    **{"冲印": "沖印", "制证": "製證", "制卡": "製卡", "只为": "只為", "只能": "只能"},
    **{"卡里": "卡裡", "指南里": "指南裡", "证里": "證裡", "系统里": "系統裡"},
}
_CORRECTED = re.compile("|".join(sorted(map(re.escape, _CORRECTIONS), key=len, reverse=True)))


def is_traditional(text: str) -> bool | None:
    """Tells whether a text is written in traditional characters; None when nothing in it tells.

    Characters that both scripts use (后, 里, 干, 乾, 著 …) tell nothing. Of a mixture the more
    frequent script counts, and simplified when they are equal.
    """
    traditional_only, simplified_only = _telling()
    traditional = sum(character in traditional_only for character in text)
    simplified = sum(character in simplified_only for character in text)
    return traditional > simplified if traditional or simplified else None


def to_traditional(text: str) -> str:
    """Writes a text in traditional characters; web addresses stay as they are."""
    parts, end = [], 0
    for address in _ADDRESS.finditer(text):
        parts += [_convert(text[end : address.start()]), address.group()]
        end = address.end()
    return "".join((*parts, _convert(text[end:])))


def _convert(text: str) -> str:
    converted = str(_TO_TRADITIONAL.convert(text))
    if len(converted) != len(text):  # then positions tell nothing, and nothing is corrected
        return converted
    characters = list(converted)
    for match in _CORRECTED.finditer(text):
        characters[match.start() : match.end()] = _CORRECTIONS[match.group()]
    return "".join(characters)


@lru_cache(maxsize=1)
def _telling() -> tuple[frozenset[str], frozenset[str]]:
    """The characters that only one of the scripts has: traditional, simplified.

    The national character sets say it: GB 2312 is what simplified texts are written with, Big5
    (its first level: common characters) what traditional ones are written with. A variant that
    stands in names of both sides (昇, 峯) is neither: its plain form stays as it is. Nor is 着,
    which Hong Kong writes so too.
    """
    han = [chr(code) for code in range(0x3400, 0xA000)]
    mainland = {character for character in han if _encoded(character, "gb2312")}
    taiwan = {character for character in han if _encoded(character, "big5")}
    common = {character for character in taiwan if _encoded(character, "big5") <= b"\xc6\x7e"}
    simpler = _each(_TO_SIMPLIFIED.convert, mainland | taiwan)
    fuller = _each(_convert, {*simpler, *simpler.values()})
    in_hong_kong = _each(_TO_HONG_KONG.convert, mainland)
    traditional = {
        character
        for character in taiwan - mainland | _NEVER_SIMPLIFIED
        if fuller[simpler[character]] != simpler[character] != character
    }
    simplified = {
        character
        for character in mainland - common
        if fuller[character] != character != in_hong_kong[character]
    }
    return frozenset(traditional), frozenset(simplified)


def _encoded(character: str, encoding: str) -> bytes:
    return character.encode(encoding, errors="ignore")


def _each(convert: Callable[[str], str], characters: set[str]) -> dict[str, str]:
    """What each character becomes where no other stands beside it."""
    every = sorted(characters)
    return dict(zip(every, convert("\n".join(every)).split("\n"), strict=True))


class Scripts:
    """Which script each citizen writes, for a day."""

    def __init__(self, *, size: int, seconds: float = DAY) -> None:
        self._traditional: ShortMemory[bool] = ShortMemory(size=size, seconds=seconds)

    def hear(self, openid: str, text: str) -> None:
        """Notes the script of a message; one that doesn't tell changes nothing."""
        traditional = is_traditional(text)
        if traditional:
            self._traditional.put(openid, True)
        elif traditional is not None:
            self._traditional.pop(openid)

    def speak(self, openid: str, text: str) -> str:
        """Writes a text the way the citizen writes."""
        return to_traditional(text) if self._traditional.get(openid) else text
