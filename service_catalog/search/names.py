"""What items are called: the names and aliases that a message holds, wholly or in part.

A phrase fits as far as its rarity-weighted parts stand in the message, a little more when the
message says not much else. This finds items that nobody has written a saying for yet.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import takewhile

import numpy as np
from numpy.typing import NDArray

from service_catalog.search.postings import (
    DENSE,
    Flags,
    Numbers,
    Postings,
    Scores,
    Table,
    Vocabulary,
    weighed,
)
from service_catalog.search.reading import Reading
from service_catalog.search.text import SINGLE, grams, normalise

COVERED = 0.55
"""A phrase that stands wholly in a long message gets this much; the rest is for a message that says
nothing else."""
WHOLE = 0.7
"""The same for a phrase that stands in it word for word."""
ALL = 0.97
"""From here on a phrase stands in a message wholly, or explains all of it."""
SAME_CORE, LONGER_NAME = 0.97, 0.85
"""How well another list's wording fits: the same but for handling words; the same and more."""
SHORTEST_CORE = 5
"""A shorter name begins too many others."""
_LEVEL = re.compile(
    r"[（(][^（）()]*(?:[省市县区]级|行使|权限|据省政府令|含中外合资|指引)[^（）()]*[)）]"
)


@lru_cache(maxsize=32_768)
def official_name(name: str) -> str:
    """A normalised item name without notes on who exercises the power, such as （县级行使）."""
    return normalise(_LEVEL.sub("", name))


_HANDLING = re.compile(
    "申请|办理|申领|领取|核发|审批|审核|给付|支付|发放|颁发|服务|事项|首次|新办|的"
)


@lru_cache(maxsize=32_768)
def core_of(name: str) -> str:
    """An official name without the words for its handling, which every list chooses anew."""
    return _HANDLING.sub("", official_name(name)).replace(" ", "")


@dataclass(frozen=True)
class Fits:
    """How well the phrases of each item fit a message; one value an item.

    Attributes:
        score: Of the best phrase, 0 to 1.
        phrase: That phrase's number.
        held: Whether the phrase stands in the message word for word.
        whole: Whether it is all there is in the message.
        explained: The share of the message that the phrase explains, 0 to 1.
    """

    score: Scores
    phrase: Numbers
    held: Flags
    whole: Flags
    explained: Scores


class Names:
    """The phrases of a catalogue's items."""

    def __init__(self, phrases: Sequence[Sequence[str]]) -> None:
        """Index the phrases of each item; the first is its name.

        Args:
            phrases: One sequence an item, at least its name.
        """
        self.texts = tuple(text for item in phrases for text in item)
        self.owner = np.repeat(np.arange(len(phrases)), [len(item) for item in phrases])
        self._first = np.cumsum([0, *(len(item) for item in phrases)])[:-1]
        self._keys = tuple(official_name(text) for text in self.texts)
        vocabulary = Vocabulary()
        rows = [vocabulary.row(grams(key)) for key in self._keys]
        table = Table(vocabulary, rows, self.owner.tolist())
        self.rarity = table.rarity()
        weights = table.weigh(self.rarity)
        self._weight = table.sums(weights)
        self._weight[self._weight == 0] = 1.0
        self._postings = Postings(table, weights)
        self._exact: dict[str, list[int]] = {}
        for number, key in enumerate(self._keys):
            self._exact.setdefault(key, []).append(int(self.owner[number]))
        self._cores: dict[str, list[int]] = {}
        for item, phrase in enumerate(self._first):
            self._cores.setdefault(core_of(self.texts[phrase]), []).append(item)
        self._sorted_cores = sorted(self._cores)

    def score(self, reading: Reading, close: NDArray[np.float32] | None = None) -> Fits:
        """How well each item's best phrase fits a message.

        Args:
            reading: The message.
            close: Closeness to each phrase by an embedding model, 0 to 1.
        """
        if not self.texts:
            nothing = np.zeros(0, bool)
            return Fits(np.zeros(0), np.zeros(0, np.int64), nothing, nothing, np.zeros(0))
        shared = self._postings.score(
            {
                part: weight / (SINGLE if len(part) == 1 else 1.0)
                for part, weight in reading.plain.items()
            }
        )
        told = min(
            sum(weighed(grams(words), self.rarity).values()) or 1.0
            for words in (reading.content, reading.said_content)
        )
        joined = reading.said.replace(" ", "")
        covered = shared / self._weight
        explained = np.minimum(1.0, shared / told)
        scores = covered * (COVERED + (1 - COVERED) * explained)
        held = np.zeros(len(scores), bool)
        for number in np.flatnonzero(covered > ALL):
            if self._keys[number].replace(" ", "") in joined:
                held[number] = True
                scores[number] = max(scores[number], WHOLE + (1 - WHOLE) * explained[number])
        if close is not None:
            scores = (1 - DENSE) * scores + DENSE * close
        best = np.maximum.reduceat(scores, self._first)
        phrase = self._first.copy()
        winners = np.flatnonzero(scores == best[self.owner])[::-1]  # the first of equals stays
        phrase[self.owner[winners]] = winners
        whole = (covered[phrase] > ALL) & (explained[phrase] > ALL)
        return Fits(best, phrase, held[phrase], whole, explained[phrase])

    def called(self, name: str) -> list[tuple[int, float]]:
        """The items that go by an official name: exactly, or in another list's wording of it.

        Likeness would be no guide here: 二级 and 三级运动员, 养老 and 医疗保险 are very much alike.

        Returns:
            Item numbers with a fit of 0 to 1; nothing when there is no such item.
        """
        key = official_name(name)
        if key in self._exact:
            return [(item, 1.0) for item in dict.fromkeys(self._exact[key])]
        core = core_of(name)
        if core in self._cores:
            return [(item, SAME_CORE) for item in self._cores[core]]
        if len(core) < SHORTEST_CORE:
            return []
        first = bisect_left(self._sorted_cores, core)
        longer = takewhile(lambda one: one.startswith(core), self._sorted_cores[first:])
        return [(item, LONGER_NAME) for one in longer for item in self._cores[one]]
