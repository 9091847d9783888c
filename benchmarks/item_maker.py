"""More item names than there are: the objects and operations of real ones, put together anew.

拖拉机转移 of 拖拉机转移登记 with another name's 注销 gives 拖拉机转移注销, and 新区拖拉机转移注销
with a district in front: they share words as names of a larger list would. The same names give the
same result.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

WORDS = (
    *("东城街道", "西城街道", "南关镇", "北关镇", "新区", "高新区", "经济开发区", "临港片区"),
    *("餐饮业", "旅馆业", "运输业", "建筑业", "养殖业", "零售业", "印刷业", "仓储业"),
)
_OPERATION = re.compile(
    "(?:登记|备案|许可|审批|核准|审核|认定|确认|办理|申领|换发|补发|注销|变更|延续|查询|咨询|缴纳|给付)+$"
)
_SHORTEST_OBJECT = 3


def taken_apart(names: Sequence[str]) -> tuple[list[str], list[str]]:
    """The objects and the operations of the names, each once; a name without either gives none."""
    cut = [
        (name[: found.start()], found[0]) for name in names if (found := _OPERATION.search(name))
    ]
    objects = dict.fromkeys(thing for thing, _ in cut if len(thing) >= _SHORTEST_OBJECT)
    return list(objects), list(dict.fromkeys(operation for _, operation in cut))


def _made(names: Sequence[str]) -> Iterator[str]:
    objects, operations = taken_apart(names)
    for word in ("", *WORDS):
        for shift in range(len(operations)):
            for number, thing in enumerate(objects):
                yield f"{word}{thing}{operations[(number + shift) % len(operations)]}"


def item_names(names: Sequence[str], count: int) -> list[str]:
    """The first `count` of the names and, after them, of made ones; no name twice.

    Raises:
        ValueError: So many can't be made of so few.
    """
    found = dict.fromkeys(names)
    made = _made(names)
    while len(found) < count:
        try:
            found.setdefault(next(made))
        except StopIteration:
            raise ValueError(f"{len(names)} names make {len(found)}, not {count}") from None
    return list(found)[:count]
