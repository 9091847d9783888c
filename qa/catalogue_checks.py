"""Checks that take their facts from the catalogue, so that no fact is copied into a case.

`banshi_about`, `banshi_asks`, `banshi_lists`: about what an answer is, which question about the
citizen's situation it puts, and which materials it lists.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from qa.checks import Verdict, World
from qa.seen import Seen
from service_catalog.errors import UnknownId
from service_catalog.merging import merged_materials
from service_catalog.model import Bundle, Service
from service_catalog.situations import outcome, question_of
from wechat.messages import CHOOSE

LIST_HEADS = ("需要的材料：", "需要的材料（合并后）：", "要带：")
"""What stands above the numbered list of materials."""
NO_MATERIALS = "不需要提交材料"
_NUMBERED = re.compile(r"^\d+\. (.+)$")


@dataclass(frozen=True)
class About:
    """`banshi_about`: the answer is about this item, and answers for no other."""

    line: int
    item: str

    def judge(self, seen: Seen, world: World) -> Verdict:
        """Whether the item is named, and no other one heads an answer."""
        catalog = world.catalog
        try:
            item = catalog.item(self.item)
        except UnknownId:
            return _unknown(self.item)
        names = {one.name for one in catalog.services.values()}
        names |= {one.name for one in catalog.bundles.values()}
        said = _without_choices(seen)
        heads = {name for name in names if f"【{name}】" in said}
        needed = f"【{item.name}】" if isinstance(item, Bundle) else item.name
        passed = needed in seen.text and heads <= {item.name}
        got = "回答的是：" + ("、".join(sorted(heads)) or "没有点明事项") + f"\n{seen.text}"
        return Verdict(passed, f"只回答“{item.name}”（{self.item}）", got)


@dataclass(frozen=True)
class Asks:
    """`banshi_asks`: the answer puts this question about the situation, with all its choices."""

    line: int
    service: str
    question: str

    def judge(self, seen: Seen, world: World) -> Verdict:
        """Whether the question and each of its choices are there, and the one for everything."""
        try:
            service = world.catalog.service(self.service)
        except UnknownId:
            return _unknown(self.service)
        question = question_of(service, self.question)
        if question is None:
            return Verdict(False, f"问 {self.question}", f"{self.service}没有这个情形问题")
        wanted = [question.ask, *(one.label for one in question.options), world.show_all]
        missing = [word for word in wanted if word not in seen.text]
        expected = f"问“{question.ask}”，选项：" + "、".join(wanted[1:])
        return Verdict(not missing, expected, f"缺少：{'、'.join(missing)}\n{seen.text}")


@dataclass(frozen=True)
class Lists:
    """`banshi_lists`: the answer lists the materials of one situation, all and no other.

    Attributes:
        line: Where it stands.
        item: A service or a bundle.
        situation: Questions and the options taken; empty when nothing is known.
    """

    line: int
    item: str
    situation: Mapping[str, str] = field(default_factory=dict)

    def judge(self, seen: Seen, world: World) -> Verdict:
        """Whether the list in the answer is that of the catalogue."""
        try:
            item = world.catalog.item(self.item)
        except UnknownId:
            return _unknown(self.item)
        names = self._names(item, world)
        told = listed(seen.text)
        if not names:
            return Verdict(NO_MATERIALS in seen.text, f"说明“{NO_MATERIALS}”", seen.text)
        passed = len(told) == len(names) and all(
            name in line for name, line in zip(names, told, strict=True)
        )
        got = "列出的材料：\n" + ("\n".join(told) or "没有")
        return Verdict(passed, "列出的材料：\n" + "\n".join(names), got, exact=True)

    def _names(self, item: Service | Bundle, world: World) -> list[str]:
        if isinstance(item, Bundle):
            merged = merged_materials(item, world.catalog.services)
            return [one.material.name for one in merged]
        return [one.name for one in outcome(item, self.situation).materials]


def listed(text: str) -> list[str]:
    """The materials that an answer lists, one line each."""
    lines = text.splitlines()
    heads = [row for row, line in enumerate(lines) if line in LIST_HEADS]
    found = []
    for line in lines[heads[0] + 1 :] if heads else ():
        entry = _NUMBERED.match(line)
        if entry is None:
            break
        found.append(entry[1])
    return found


def _without_choices(seen: Seen) -> str:
    """What the answer says, without what it offers to choose from."""
    offered = "\n".join(f"{row}. {one}" for row, one in enumerate(seen.choices, 1))
    return seen.text.replace(f"{offered}\n{CHOOSE}", "") if offered else seen.text


def _unknown(item: str) -> Verdict:
    return Verdict(False, f"事项或套餐 {item}", "目录里没有这个编号")
