"""What citizens said before, and which of it a message resembles: the nearest known sayings.

Every saying of the lexicon is a text of its own. A message is compared with all of them (cosine of
rarity-weighted characters and pairs); an entry counts by its best few sayings, so that one odd
likeness weighs less than several. Entries of items, and the kinds of what no item answers, compete
on the same scale.
"""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from service_catalog.model import Lexicon
from service_catalog.search.postings import Postings, Rarity, Weights, weighed
from service_catalog.search.reading import Reader
from service_catalog.search.text import normalise

BEST_FEW = (1.0, 0.6, 0.5, 0.4, 0.3)
"""How much the best, second best … saying of an entry counts."""
ALIKE = 6
"""A saying that is the message almost word for word counts alone (cosine ** 6 of the rest)."""
NEIGHBOURS = 250
"""So many of the nearest sayings are looked at."""


DOUBT = 3.0
"""So many parts without leaning are added to every message: few words are no proof."""
SELDOM = 0.0002
"""Added to each part's frequency on both sides, so that a part said once or twice leans little."""
LARGEST_LEANING = 3.0


@dataclass(frozen=True)
class Likeness:
    """How much a message resembles one entry.

    Attributes:
        entry: The entry's number; the kinds of what is outside come after the items' entries.
        strength: 0 to 1.
        saying: The nearest saying.
    """

    entry: int
    strength: float
    saying: str


class Sayings:
    """All sayings of a lexicon, ready to be compared with."""

    def __init__(self, lexicon: Lexicon) -> None:
        """Index the sayings. Takes a good half second for ten thousand of them."""
        self.lexicon = lexicon
        self.reader = Reader(lexicon)
        self.entries = lexicon.entries
        self.outside = lexicon.outside
        said: list[str] = []
        owner: list[int] = []
        texts = [(*entry.say, entry.mean[0]) for entry in lexicon.entries]
        texts += [kind.say for kind in lexicon.outside]
        for number, one in enumerate(texts):
            said.extend(one)
            owner.extend([number] * len(one))
        keys = [normalise(text) for text in said]
        self.reader.learn(keys)
        parts = [self.reader.parts(key) for key in keys]
        self._said = said
        self._owner = np.array(owner, np.int32)
        self.rarity = Rarity(_by_owner(parts, owner))
        self._leanings = _leanings(parts, [number < len(lexicon.entries) for number in owner])
        vectors = [weighed(one, self.rarity) for one in parts]
        self._postings = Postings([_unit(vector) for vector in vectors])

    def alike(self, parts: Weights) -> list[Likeness]:
        """The entries that a message's parts resemble, the most alike first."""
        if not self._said:
            return []
        length = _length(weighed(parts, self.rarity)) or 1.0
        cosines = self._postings.score(weighed(parts, self.rarity)) / length
        few = min(NEIGHBOURS, len(cosines))
        nearest = np.argpartition(-cosines, few - 1)[:few]
        found: defaultdict[int, list[int]] = defaultdict(list)
        for number in nearest[np.argsort(-cosines[nearest])]:
            if cosines[number] > 0:
                found[int(self._owner[number])].append(int(number))
        likenesses = [
            Likeness(entry, _together([float(cosines[n]) for n in numbers]), self._said[numbers[0]])
            for entry, numbers in found.items()
        ]
        return sorted(likenesses, key=lambda likeness: -likeness.strength)

    def leaning(self, parts: Weights) -> float:
        """Whether such words are said by people who ask for an item (above 0), or who don't.

        The mean log ratio of how often either side says each part (naive Bayes), drawn to 0 when
        few parts are known.
        """
        known = [
            (weight, self._leanings[part])
            for part, weight in parts.items()
            if part in self._leanings
        ]
        total = sum(weight for weight, _ in known)
        return sum(weight * leaning for weight, leaning in known) / (total + DOUBT)

    def leanings(self, parts: Weights) -> dict[str, float]:
        """The leaning of each known part of a message."""
        return {part: self._leanings[part] for part in parts if part in self._leanings}


def _together(cosines: Sequence[float]) -> float:
    together = sum(map(float.__mul__, BEST_FEW, cosines)) / sum(BEST_FEW)
    return together + cosines[0] ** ALIKE * (1 - together)


def _leanings(parts: Sequence[Weights], asks: Sequence[bool]) -> dict[str, float]:
    """How much more often a part is said for items than for what no item answers (logarithm)."""
    sides: tuple[Counter[str], Counter[str]] = Counter(), Counter()
    for one, for_item in zip(parts, asks, strict=True):
        sides[for_item].update(one.keys())
    outside, items = sides
    outsiders = max(1, len(asks) - sum(asks))
    askers = max(1, sum(asks))
    if not outside:
        return {}
    return {
        part: max(
            -LARGEST_LEANING,
            min(
                LARGEST_LEANING,
                math.log((items[part] / askers + SELDOM) / (outside[part] / outsiders + SELDOM)),
            ),
        )
        for part in outside.keys() | items.keys()
    }


def _by_owner(parts: Sequence[Weights], owner: Sequence[int]) -> list[set[str]]:
    together: defaultdict[int, set[str]] = defaultdict(set)
    for number, one in zip(owner, parts, strict=True):
        together[number].update(one)
    return list(together.values())


def _length(vector: Weights) -> float:
    return math.sqrt(sum(weight * weight for weight in vector.values()))


def _unit(vector: Weights) -> dict[str, float]:
    length = _length(vector) or 1.0
    return {part: weight / length for part, weight in vector.items()}
