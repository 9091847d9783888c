"""An inverted index over weighted texts, in arrays: the arithmetic under every kind of evidence.

Ten thousand texts are scored in well under a millisecond, as a query touches only the texts that
hold one of its parts and NumPy adds them up.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

DENSE = 0.3
"""The share of an embedding model's opinion in a likeness, when the hall has such a model."""

Weights = Mapping[str, float]
Scores = NDArray[np.float64]
Numbers = NDArray[np.int64]
Flags = NDArray[np.bool_]


FEW = 5.0
"""So many owners may share a part that still tells: in a small catalogue, that is most of them."""


class Rarity(dict[str, float]):
    """How much each part tells, by how few owners use it (inverse document frequency)."""

    def __init__(self, counts: Mapping[str, int], owners: int) -> None:
        """Weigh the parts.

        Args:
            counts: How many owners use each part.
            owners: How many there are: services, or entries of the lexicon.
        """
        super().__init__({part: math.log(1 + owners / count) for part, count in counts.items()})
        self._owners = owners

    def tells(self, parts: Iterable[str], share: float) -> bool:
        """Whether one of the parts is used by at most this share of the owners, or by a few."""
        few = max(FEW, share * self._owners)
        least = math.log(1 + self._owners / few)
        return any(self.get(part, -1.0) >= least for part in parts)


def weighed(parts: Weights, rarities: Mapping[str, float]) -> dict[str, float]:
    """The parts that are known, each with its plain weight times its rarity."""
    return {part: weight * rarities[part] for part, weight in parts.items() if part in rarities}


@dataclass(frozen=True)
class Row:
    """One text: the numbers of its parts and their plain weights."""

    parts: NDArray[np.int32]
    weights: NDArray[np.float32]


class Vocabulary(dict[str, int]):
    """Parts and their numbers; grows as texts come in."""

    def row(self, parts: Weights) -> Row:
        """A text's parts as a row; new parts get the next numbers."""
        numbers = [self.setdefault(part, len(self)) for part in parts]
        return Row(np.array(numbers, np.int32), np.array(list(parts.values()), np.float32))


class Table:
    """The rows of many texts, each text with an owner: a service, or an entry of the lexicon."""

    def __init__(self, vocabulary: Vocabulary, rows: Sequence[Row], owners: Sequence[int]) -> None:
        """Put the rows together; a text's number is its place in the sequence."""
        self.vocabulary = vocabulary
        self.size = len(rows)
        self.owner = np.array(owners, np.int32)
        self.numbers = np.repeat(np.arange(self.size, dtype=np.int32), [len(r.parts) for r in rows])
        self.parts = np.concatenate([row.parts for row in rows] or [np.zeros(0, np.int32)])
        self.weights = np.concatenate([row.weights for row in rows] or [np.zeros(0, np.float32)])

    def counts(self, among: Flags | None = None) -> Numbers:
        """How many texts hold each part, by the part's number.

        Args:
            among: For each text, whether it counts.
        """
        parts = self.parts if among is None else self.parts[among[self.numbers]]
        return np.bincount(parts, minlength=len(self.vocabulary))

    def rarity(self) -> Rarity:
        """How much each part tells, by how few owners use it."""
        size = max(1, len(self.vocabulary))
        pairs = np.unique(self.owner[self.numbers].astype(np.int64) * size + self.parts)
        counts = np.bincount(pairs % size, minlength=size).tolist()
        used = {part: counts[number] for part, number in self.vocabulary.items() if counts[number]}
        return Rarity(used, len(set(self.owner.tolist())))

    def weigh(self, rarity: Rarity) -> NDArray[np.float32]:
        """The weight of each part of each text: its plain weight times its rarity."""
        values = np.array([rarity.get(part, 0.0) for part in self.vocabulary], np.float32)
        return self.weights * values[self.parts] if len(values) else self.weights

    def sums(self, weights: NDArray[np.float32]) -> Scores:
        """The sum of such weights, one a text."""
        return np.bincount(self.numbers, weights, minlength=self.size).astype(np.float64)


class Postings:
    """Which texts hold a part, and how much it weighs there."""

    def __init__(self, table: Table, weights: NDArray[np.float32]) -> None:
        """Index a table's texts with these weights of their parts."""
        by_part = np.argsort(table.parts, kind="stable")
        self._size = table.size
        self._ids = table.vocabulary
        self._numbers = table.numbers[by_part]
        self._weights = weights[by_part]
        self._ends = [0, *np.cumsum(table.counts()).tolist()]

    def score(self, query: Weights) -> Scores:
        """The sum of products of shared parts, one number a text."""
        last = len(self._ends) - 1  # the vocabulary may have grown for a later table
        known = [
            (number, weight)
            for part, weight in query.items()
            if (number := self._ids.get(part, last)) < last
        ]
        if not known:
            return np.zeros(self._size)
        spans = [slice(self._ends[number], self._ends[number + 1]) for number, _ in known]
        numbers = np.concatenate([self._numbers[span] for span in spans])
        products = np.concatenate(
            [self._weights[span] * weight for span, (_, weight) in zip(spans, known, strict=True)]
        )
        return np.bincount(numbers, products, minlength=self._size).astype(np.float64)
