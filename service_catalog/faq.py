"""常见问题: which of an item's questions a citizen asks, if any.

Both questions are compared without what only asks, by their characters and pairs of characters,
after the many ways of asking whether (可不可以, 能不能) were made one. Called by the chat once
it is clear which item is meant.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable

from service_catalog.model import Faq
from service_catalog.search.text import grams, normalise

SAME = 0.61
"""Two questions that share so much (Dice's coefficient) ask the same. Found with
tests/unit/situations/faq.csv: shipped questions in other words lie above, others below."""


ALMOST_THE_WORDS = 0.75
"""From here on it is the question itself, whatever else the words may ask."""

_ONE_WAY = (
    *(("可不可以", "能"), ("能不能", "能"), ("要不要", "要"), ("会不会", "会"), ("是不是", "")),
    *(("行不行", ""), ("可以", "能"), ("需要", "要"), ("没有", "没"), ("不能", "不")),
    *(("多长时间", "多久"), ("啥", "什么")),
)
"""Ways of asking that mean the same, each as one of them."""
_PARTICLES = str.maketrans("", "", "的了还也吗呢啊呀吧就都先")
_WANTED = re.compile("(几|多[少久大长])|(什么)|(哪)")
"""How many, what, where: a question that wants one of these is none that only wants a yes."""


def fitting(
    entries: Iterable[Faq], text: str, content: Callable[[str], str], least: float = SAME
) -> Faq | None:
    """The entry whose question the text asks, or None.

    Args:
        entries: The item's 常见问题.
        text: The citizen's message.
        content: What is left of a text without the lexicon's fillers (`SearchIndex.content`).
        least: How much the two questions must share.
    """
    asked, wanted = _parts(text, content), _wanted(text)
    scored = [
        (_alike(asked, _parts(entry.question, content)), entry)
        for entry in entries
        if wanted <= _wanted(entry.question)
    ]
    score, best = max(scored, key=lambda pair: pair[0], default=(0.0, None))
    return best if score >= least else None


def _parts(text: str, content: Callable[[str], str]) -> set[str]:
    """Characters and pairs of characters of the whole text and of what it is about."""
    return {part for key in (normalise(text), content(text)) for part in grams(_one_way(key))}


def _one_way(text: str) -> str:
    for way, same in _ONE_WAY:
        text = text.replace(way, same)
    return text.translate(_PARTICLES)


def _wanted(text: str) -> set[int | None]:
    return {found.lastindex for found in _WANTED.finditer(_one_way(normalise(text)))}


def _alike(one: set[str], other: set[str]) -> float:
    if not one or not other:
        return 0.0
    return 2 * len(one & other) / (len(one) + len(other))
