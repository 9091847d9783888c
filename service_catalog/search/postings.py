"""An inverted index over weighted texts, in arrays: the arithmetic under every kind of evidence.

Ten thousand texts are scored in well under a millisecond, as a query touches only the texts that
hold one of its parts and NumPy adds them up.
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

Weights = Mapping[str, float]
Scores = NDArray[np.float64]
Numbers = NDArray[np.int64]
Flags = NDArray[np.bool_]


class Rarity(dict[str, float]):
    """How much each part tells, by how few owners use it (inverse document frequency)."""

    def __init__(self, owners: Iterable[Iterable[str]]) -> None:
        """Count the parts of each owner, such as one service's names together."""
        counts: defaultdict[str, int] = defaultdict(int)
        total = 0
        for parts in owners:
            total += 1
            for part in parts:
                counts[part] += 1
        super().__init__({part: math.log(1 + total / count) for part, count in counts.items()})
        self._total = total

    def tells(self, parts: Iterable[str], share: float) -> bool:
        """Whether one of the parts is used by at most this share of the owners, or by two."""
        few = max(2.0, share * self._total)
        least = math.log(1 + self._total / few)
        return any(self.get(part, -1.0) >= least for part in parts)


def weighed(parts: Weights, rarities: Mapping[str, float]) -> dict[str, float]:
    """The parts that are known, each with its plain weight times its rarity."""
    return {part: weight * rarities[part] for part, weight in parts.items() if part in rarities}


class Postings:
    """Which texts hold a part, and how much it weighs there."""

    def __init__(self, texts: Sequence[Weights]) -> None:
        """Index the texts; a text's number is its place in the sequence."""
        ids: dict[str, int] = {}
        parts: list[int] = []
        numbers: list[int] = []
        weights: list[float] = []
        for number, text in enumerate(texts):
            parts.extend(ids.setdefault(part, len(ids)) for part in text)
            weights.extend(text.values())
            numbers.extend([number] * len(text))
        part_ids = np.array(parts, np.int32)
        by_part = np.argsort(part_ids, kind="stable")
        self._size = len(texts)
        self._ids = ids
        self._numbers = np.array(numbers, np.int32)[by_part]
        self._weights = np.array(weights, np.float32)[by_part]
        self._ends = [0, *np.cumsum(np.bincount(part_ids, minlength=len(ids))).tolist()]

    def score(self, query: Weights) -> Scores:
        """The sum of products of shared parts, one number a text."""
        known = [(self._ids[part], weight) for part, weight in query.items() if part in self._ids]
        if not known:
            return np.zeros(self._size)
        spans = [slice(self._ends[part], self._ends[part + 1]) for part, _ in known]
        numbers = np.concatenate([self._numbers[span] for span in spans])
        products = np.concatenate(
            [self._weights[span] * weight for span, (_, weight) in zip(spans, known, strict=True)]
        )
        return np.bincount(numbers, products, minlength=self._size).astype(np.float64)
