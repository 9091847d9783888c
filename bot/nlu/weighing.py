"""Weighs how a message is worded, and named signs of it, for and against each of several classes.

What both trained components learn with: one logistic regression a class, over the runs of
characters of a text, which weigh by how rare they are and together the same in every text (tf-idf),
perhaps over pairs of characters that stand apart in one clause, weighed in the same way, and over
signs, which are there or not and have a weight of their own. Runs of characters need no tokenizer,
and bear the typing slips that a dictionary of words doesn't; pairs tell 户口…能办 (does it count
that I'm from elsewhere?) from 户口…带什么, whatever stands between.
"""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, replace
from itertools import chain, count
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix
from sklearn.linear_model import LogisticRegression

_GAP = re.compile(r"[\s,，。.、!！?？~～…;；:：]+")
_LONGEST = 3
_APART = range(2, 7)
"""How far apart the characters of a pair stand; next to each other they are a run."""

Numbers = NDArray[np.float32]
Columns = NDArray[np.int64]


def grams(text: str) -> set[str]:
    """The runs of one to three characters of a text, its ends marked."""
    plain = f"^{_GAP.sub('|', text.lower()).strip('|')}$"
    return {
        plain[start : start + length]
        for length in range(1, _LONGEST + 1)
        for start in range(len(plain) - length + 1)
    }


def pairs(text: str) -> set[str]:
    """The pairs of characters that stand near each other in one clause, but not side by side."""
    return {
        f"{clause[first]}_{clause[first + apart]}"
        for clause in _GAP.split(text.lower())
        for apart in _APART
        for first in range(len(clause) - apart)
    }


@dataclass(frozen=True)
class Example:
    """One text to learn from.

    Attributes:
        text: What was said.
        signs: Names of the signs it has.
        classes: The classes it belongs to; there may be none.
    """

    text: str
    signs: frozenset[str]
    classes: frozenset[str]


@dataclass(frozen=True)
class Weighing:
    """What was learned.

    Attributes:
        classes: The classes' names, one a row of the weights.
        runs: The column of each run of characters.
        pairs: The column of each pair of characters, behind those of the runs; may be none.
        signs: The column of each sign, behind all those.
        rarity: The weight of each column before anything is learned.
        weights: How much each column speaks for each class.
        bias: What speaks for each class before anything is said.
    """

    classes: tuple[str, ...]
    runs: dict[str, int]
    pairs: dict[str, int]
    signs: dict[str, int]
    rarity: Numbers
    weights: Numbers
    bias: Numbers

    @classmethod
    def fit(
        cls, examples: Sequence[Example], *, strength: float, sign: float, paired: bool = False
    ) -> Weighing:
        """Learn from examples.

        Args:
            examples: The examples; every class needs one that has it and one that hasn't.
            strength: The inverse of the regularisation.
            sign: What one sign weighs beside all of a text's runs together.
            paired: Whether to learn from pairs of characters too.
        """
        texts = {each.text for each in examples}
        runs, rarity = _shared([grams(text) for text in texts])
        apart, rare = _shared([pairs(text) for text in texts] if paired else [])
        names = sorted(set().union(*(each.signs for each in examples)))
        classes = tuple(sorted(set().union(*(each.classes for each in examples))))
        learned = np.concatenate([rarity, rare, np.full(len(names), sign, dtype=np.float32)])
        nothing = np.empty(0, dtype=np.float32)
        empty = cls(classes, *_columns(runs, apart, names), learned, nothing, nothing)
        rows = [empty._row(each.text, each.signs) for each in examples]
        matrix = csr_matrix(
            (
                np.concatenate([values for _, values in rows]),
                np.concatenate([columns for columns, _ in rows]),
                np.cumsum([0, *(len(columns) for columns, _ in rows)]),
            ),
            shape=(len(rows), len(learned)),
        )
        weights, bias = [], []
        for name in classes:
            one = LogisticRegression(
                C=strength, class_weight="balanced", solver="liblinear", random_state=42
            )
            one.fit(matrix, [name in each.classes for each in examples])
            weights.append(one.coef_[0])
            bias.append(one.intercept_[0])
        return replace(
            empty,
            weights=np.asarray(weights, dtype=np.float32),
            bias=np.asarray(bias, dtype=np.float32),
        )

    def chances(self, text: str, signs: Iterable[str]) -> dict[str, float]:
        """How likely a text has each class, 0 to 1, each told by itself."""
        columns, values = self._row(text, signs)
        chance = 1 / (1 + np.exp(-(self.weights[:, columns] @ values + self.bias)))
        return dict(zip(self.classes, chance.tolist(), strict=True))

    def save(self, directory: Path, name: str) -> None:
        """Write it as JSON and arrays, without pickles."""
        columns = {"runs": self.runs, "pairs": self.pairs, "signs": self.signs}
        said = {"classes": self.classes, **{kind: list(each) for kind, each in columns.items()}}
        (directory / f"{name}.json").write_text(
            json.dumps(said, ensure_ascii=False), encoding="utf-8"
        )
        np.savez(
            directory / f"{name}.npz", rarity=self.rarity, weights=self.weights, bias=self.bias
        )

    @classmethod
    def load(cls, directory: Path, name: str) -> Weighing:
        """Read what `save` wrote.

        Raises:
            OSError: Nothing was written there.
        """
        said = json.loads((directory / f"{name}.json").read_text(encoding="utf-8"))
        with np.load(directory / f"{name}.npz", allow_pickle=False) as arrays:
            learned = arrays["rarity"], arrays["weights"], arrays["bias"]
        columns = _columns(said["runs"], said["pairs"], said["signs"])
        return cls(tuple(said["classes"]), *columns, *learned)

    def _row(self, text: str, signs: Iterable[str]) -> tuple[Columns, Numbers]:
        """A text's columns and their values.

        All runs together have the length 1, all pairs too; each sign has its own.
        """
        apart = pairs(text) if self.pairs else ()
        kinds = ((self.runs, grams(text)), (self.pairs, apart), (self.signs, set(signs)))
        columns = [
            np.asarray(sorted(known[one] for one in seen if one in known), dtype=np.int64)
            for known, seen in kinds
        ]
        values = [self.rarity[each] for each in columns]
        values[:2] = [each / (np.linalg.norm(each) or 1.0) for each in values[:2]]
        return np.concatenate(columns), np.concatenate(values)


def _columns(
    runs: Iterable[str], apart: Iterable[str], signs: Iterable[str]
) -> tuple[dict[str, int], dict[str, int], dict[str, int]]:
    """The column of each name, those of one kind behind those of the kind before."""
    column = count()
    first, second, third = (
        {name: next(column) for name in names} for names in (runs, apart, signs)
    )
    return first, second, third


def _shared(texts: Collection[set[str]]) -> tuple[list[str], Numbers]:
    """The runs, or pairs, that at least two texts share, and how rare they are."""
    seen = Counter(chain.from_iterable(texts))
    shared = sorted(one for one, times in seen.items() if times > 1)
    counts = np.asarray([seen[one] for one in shared], dtype=np.float32)
    rarity = np.log((1 + len(texts)) / (1 + counts)) + 1
    return shared, rarity.astype(np.float32)
