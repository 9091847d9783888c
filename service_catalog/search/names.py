"""What items are called: the names and aliases that a message holds, wholly or in part.

A phrase fits as far as its rarity-weighted parts stand in the message, a little more when the
message says not much else. This finds items that nobody has written a saying for yet.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Sequence
from functools import lru_cache
from itertools import takewhile

import numpy as np

from service_catalog.search.postings import Flags, Numbers, Postings, Rarity, Scores, weighed
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
        parts = [grams(key) for key in self._keys]
        owned = [
            set().union(*(parts[first + i] for i in range(len(item))))
            for first, item in zip(self._first, phrases, strict=True)
        ]
        self.rarity = Rarity(owned)
        vectors = [weighed(one, self.rarity) for one in parts]
        self._weight = np.array([sum(vector.values()) or 1.0 for vector in vectors])
        self._postings = Postings(vectors)
        self._exact: dict[str, list[int]] = {}
        for number, key in enumerate(self._keys):
            self._exact.setdefault(key, []).append(int(self.owner[number]))
        self._cores: dict[str, list[int]] = {}
        for item, phrase in enumerate(self._first):
            self._cores.setdefault(core_of(self.texts[phrase]), []).append(item)
        self._sorted_cores = sorted(self._cores)

    def score(self, reading: Reading) -> tuple[Scores, Numbers, Flags]:
        """How well each item's best phrase fits a message.

        Returns:
            Three arrays, one value an item: the fit, 0 to 1; the phrase's number; whether the
            phrase is all there is in the message.
        """
        if not self.texts:
            return np.zeros(0), np.zeros(0, np.int64), np.zeros(0, bool)
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
        for number in np.flatnonzero(covered > ALL):
            if self._keys[number].replace(" ", "") in joined:
                scores[number] = max(scores[number], WHOLE + (1 - WHOLE) * explained[number])
        best = np.maximum.reduceat(scores, self._first)
        phrase = self._first.copy()
        winners = np.flatnonzero(scores == best[self.owner])[::-1]  # the first of equals stays
        phrase[self.owner[winners]] = winners
        whole = (covered[phrase] > ALL) & (explained[phrase] > ALL)
        return best, phrase, whole

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
