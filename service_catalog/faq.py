"""常见问题: which of an item's questions a citizen asks, if any.

Both questions are compared without what only asks, by their pairs of characters. Called by the
chat once it is clear which item is meant.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable

from service_catalog.model import Faq
from service_catalog.search.text import grams, normalise

SAME = 0.55
"""Two questions that share so much (Dice's coefficient) ask the same: of the shipped questions, put
in other words, those that were meant lie above, others below."""


ALMOST_THE_WORDS = 0.75
"""From here on it is the question itself, whatever else the words may ask."""


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
    asked = _parts(text, content)
    best = max(
        entries, key=lambda entry: _alike(asked, _parts(entry.question, content)), default=None
    )
    if best is None or _alike(asked, _parts(best.question, content)) < least:
        return None
    return best


def _parts(text: str, content: Callable[[str], str]) -> set[str]:
    """Pairs of characters of the whole text and of what it is about."""
    return {
        part for key in (normalise(text), content(text)) for part in grams(key) if len(part) > 1
    }


def _alike(one: set[str], other: set[str]) -> float:
    if not one or not other:
        return 0.0
    return 2 * len(one & other) / (len(one) + len(other))
