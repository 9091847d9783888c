"""What is asked of the hall itself, not of a service: Wi-Fi, a wheelchair, a place, a terminal.

Each topic (a general question, a kind of help, a priority group, a home-visit rule, a terminal, a
place) is known by its phrases. A phrase that stands in a message is evidence; how much of the
message's content the topic explains tells whether it is what the message is about: 孕妇能吃螃蟹吗
holds a phrase of a priority group and asks something else. Words that set the scene, such as 大厅,
explain themselves. Called through `Catalog.topics`; knows nothing of services.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import Enum

from service_catalog.model import (
    GeneralQuestion,
    Helper,
    HomeVisitRule,
    Place,
    PriorityGroup,
    Terminal,
)
from service_catalog.search.text import normalise, one_of

TOPIC_FROM = 0.57
"""A topic below this is not what a message is about."""
LONGEST = 5
"""More characters of a phrase don't make it say more."""
GAP = 4
"""So many characters may stand where a phrase has a blank: 落 大厅 is in 包落在你们大厅了."""
PLAIN, SINGLE = 2.0, 1.5
"""So many characters an unexplained word counts at the least; one of a single character."""
LONGER, MOST = 0.001, 20
"""Among topics that explain as much the longest phrase wins: what each character short of the
longest costs."""


class TopicKind(str, Enum):
    """What a topic is."""

    GENERAL = "general"
    HELPER = "helper"
    PRIORITY = "priority"
    HOME_VISIT = "home_visit"
    TERMINAL = "terminal"
    PLACE = "place"


_SCENE = (
    "怎么办 咋办 怎么弄 怎么搞 没得 我妈 我爸 我家 昨天 刚才 刚刚 上午 下午 那边 这边 "
    "也 都 还 就 很 太 里 处 谁 和 跟 点 后 "
    "大厅 政务大厅 办事大厅 服务大厅 政务中心 政务服务中心 便民中心 服务中心 你们这儿 你们那儿 "
    "你们这 你们那 你们 咱们 咱 这儿 那儿 这里 那里 里面 里头 窗口 办事 来办事 过来 请问 想问 "
    "问下 问一下 有没有 能不能 可不可以 可以 能否 是否 哪里 哪儿 哪边 哪 什么 怎么 如何 咋 啥 "
    "提供 你好 您好 谢谢 麻烦 地方 一个 一下 个 呢 吗 嘛 吧 啊 呀 么 的 了 不 没有 没 有 在 去 "
    "到 来 能 会 要 想 我 您 你 俺 是 得 让 给 被 把 那 这 请 问 知道 东西 今天 现在 待会 等会 "
    "等下 好像 可能 需要"
)
_CONTEXT: Mapping[TopicKind, str] = {
    TopicKind.GENERAL: (
        "密码 办 办好 接 交 人 多少钱 多少 收费 免费 要钱 几楼 位置 服务 用 使用 带 借 拿 "
        "找 做 放 进"
    ),
    TopicKind.HELPER: ("人 教 电话 多少 几点 上班 地址 服务 免费 收费 帮 帮忙 找"),
    TopicKind.PRIORITY: (
        "优先办 优先 先办 插队 排队 不用排 不排队 绿色通道 照顾 特殊通道 号 取号 先 政策 "
        "站久 等 办理 办 业务 走 享受 人 吗"
    ),
    TopicKind.HOME_VISIT: (
        "上门办理 上门 到家里 来家里 家里 我家 到家 预约 办理 办 老人 老人家 病人 行动不便 "
        "出不了门 下不了床 电话 服务"
    ),
    TopicKind.TERMINAL: (
        "自助服务 自助 机器 机子 机 终端 设备 24小时 几点 开放 开门 关门 办什么 能办 办 用 坏了 "
        "故障 电话 地址 怎么走 台 晚上 周末 服务"
    ),
    TopicKind.PLACE: (
        "走 中心 "
        "地址 位置 具体 怎么走 怎么去 路线 公交 坐车 导航 几点 上班 下班 开门 关门 开放 营业 "
        "时间 周末 周六 周日 星期六 星期天 中午 下午 上午 早上 晚上 明天 电话 号码 联系 "
        "联系方式 远不远 停车 办公 人 多少 开不开 开 上 办 几路车 到几点"
    ),
}
"""Words that explain themselves, by the kind of topic; they name none."""
_VISITS = ("上门服务", "上门办", "上门办理", "能上门", "来家里办", "到家里办", "来我家办", "上门")
_OFFICE = re.compile("(?:便民服务|政务服务)?(?:中心|站|点)$")
_LEVEL = re.compile("(?:[镇乡村]|街道|社区)$")
_PARENT = re.compile("^.+?(?:街道|镇|乡)(?=.)")
_SHORTEST_NAME = 2


@dataclass(frozen=True)
class Topic:
    """Something that a message is about.

    Attributes:
        kind: What it is.
        id: Its id among its kind.
        score: How much of the message it explains, 0 to 1.
        phrase: The name or phrase that stands in the message.
    """

    kind: TopicKind
    id: str
    score: float
    phrase: str


@dataclass(frozen=True)
class _Known:
    """A topic's phrases, normalised, each with the phrase as it is written."""

    kind: TopicKind
    id: str
    phrases: Sequence[tuple[re.Pattern[str], str]]
    pattern: re.Pattern[str]

    def phrase(self, found: str) -> str:
        """The phrase, as it is written, that stands in a piece of a message."""
        return next(phrase for pattern, phrase in self.phrases if pattern.fullmatch(found))


def short_names(place: Place) -> tuple[str, ...]:
    """What citizens call a place: 龙潭镇便民服务中心 is 龙潭镇 and 龙潭."""
    office = _OFFICE.sub("", place.name)
    own = _PARENT.sub("", office)
    names = (
        place.name,
        *place.aliases,
        office,
        own,
        _LEVEL.sub("", own),
        own + place.name[len(office) :],
    )
    return tuple(dict.fromkeys(name for name in names if len(name) >= _SHORTEST_NAME))


class TopicIndex:
    """Finds what of the hall itself a message asks about; immutable, safe to share."""

    def __init__(
        self,
        *,
        general: Sequence[GeneralQuestion] = (),
        helpers: Sequence[Helper] = (),
        priority: Sequence[PriorityGroup] = (),
        home_visits: Sequence[HomeVisitRule] = (),
        terminals: Sequence[Terminal] = (),
        places: Sequence[Place] = (),
    ) -> None:
        """Take in what a catalogue holds of each kind."""
        kind = TopicKind
        self._known = [
            *(_known(kind.GENERAL, one.id, (one.question, *one.words)) for one in general),
            *(_known(kind.HELPER, one.id, (one.name, *one.words)) for one in helpers),
            *(_known(kind.PRIORITY, one.id, (one.name, *one.words)) for one in priority),
            *(_known(kind.HOME_VISIT, one.id, (one.name, *_VISITS)) for one in home_visits),
            *(_known(kind.TERMINAL, one.id, (one.name, *one.aliases)) for one in terminals),
            *(_known(kind.PLACE, one.id, short_names(one)) for one in places),
        ]
        self._plain = {
            one: one_of(map(normalise, f"{_SCENE} {words}".split()))
            for one, words in _CONTEXT.items()
        }

    def find(self, text: str, least: float = TOPIC_FROM) -> tuple[Topic, ...]:
        """The topics that a message is about, best first.

        Args:
            text: A citizen's message.
            least: The score from which a topic counts.
        """
        said = normalise(text).replace(" ", "")
        found = [topic for topic in self._named(said) if topic.score >= least]
        return tuple(sorted(found, key=lambda topic: -topic.score))

    def places(self, text: str) -> tuple[str, ...]:
        """The ids of the places that a message names, whatever else it says; longest name first."""
        said = normalise(text).replace(" ", "")
        found = [topic for topic in self._named(said) if topic.kind is TopicKind.PLACE]
        inner = {one.phrase for one in found for other in found if _within(one, other)}
        found = [topic for topic in found if topic.phrase not in inner]
        return tuple(one.id for one in sorted(found, key=lambda topic: -len(topic.phrase)))

    def _named(self, said: str) -> Iterator[Topic]:
        for known in self._known:
            phrases = [known.phrase(match[0]) for match in known.pattern.finditer(said)]
            if phrases:
                longest = max(phrases, key=len)
                score = self._explained(known, said, phrases)
                score *= 1 - LONGER * max(0, MOST - len(longest))
                yield Topic(known.kind, known.id, round(score, 4), longest)

    def _explained(self, known: _Known, said: str, phrases: Sequence[str]) -> float:
        """The share of the message's content that a topic's phrases explain."""
        told = float(sum(min(len(phrase.replace(" ", "")), LONGEST) for phrase in phrases))
        rest = known.pattern.sub(lambda match: _between(known.phrase(match[0]), match[0]), said)
        left = self._plain[known.kind].sub(" ", rest).split()
        return told / (
            told + sum(max(PLAIN, len(word)) if len(word) > 1 else SINGLE for word in left)
        )


def _known(kind: TopicKind, topic_id: str, phrases: Sequence[str]) -> _Known:
    patterns = {
        f".{{0,{GAP}}}?".join(map(re.escape, words)): phrase
        for phrase in phrases
        if (words := normalise(phrase).split())
    }
    longest = sorted(patterns, key=lambda one: -len(patterns[one].replace(" ", "")))
    return _Known(
        kind,
        topic_id,
        tuple((re.compile(one), patterns[one]) for one in longest),
        re.compile("|".join(longest) or "(?!)"),
    )


def _between(phrase: str, found: str) -> str:
    """What stands in a piece of a message where the phrase has blanks."""
    for word in normalise(phrase).split():
        found = found.replace(word, " ", 1)
    return f" {found} "


def _within(one: Topic, other: Topic) -> bool:
    """Whether one's phrase is but a part of the other's, as 龙潭镇 is of 龙潭镇下岭村."""
    return one.id != other.id and one.phrase != other.phrase and one.phrase in other.phrase
