"""Weighs how a message is worded, and named signs of it, for and against each of several classes.

What both trained components learn with: one logistic regression a class, over the runs of
characters of a text, which weigh by how rare they are and together the same in every text (tf-idf),
and over signs, which are there or not and have a weight of their own. Runs of characters need no
tokenizer, and bear the typing slips that a dictionary of words doesn't.
"""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix
from sklearn.linear_model import LogisticRegression

_GAP = re.compile(r"[\s,，。.、!！?？~～…;；:：]+")
_LONGEST = 3

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
        signs: The column of each sign, behind those of the runs.
        rarity: The weight of each column before anything is learned.
        weights: How much each column speaks for each class.
        bias: What speaks for each class before anything is said.
    """

    classes: tuple[str, ...]
    runs: dict[str, int]
    signs: dict[str, int]
    rarity: Numbers
    weights: Numbers
    bias: Numbers

    @classmethod
    def fit(cls, examples: Sequence[Example], *, strength: float, sign: float) -> Weighing:
        """Learn from examples.

        Args:
            examples: The examples; every class needs one that has it and one that hasn't.
            strength: The inverse of the regularisation.
            sign: What one sign weighs beside all of a text's runs together.
        """
        runs, rarity = _runs({each.text for each in examples})
        names = sorted(set().union(*(each.signs for each in examples)))
        signs = {name: len(runs) + number for number, name in enumerate(names)}
        classes = tuple(sorted(set().union(*(each.classes for each in examples))))
        learned = np.concatenate([rarity, np.full(len(signs), sign, dtype=np.float32)])
        nothing = np.empty(0, dtype=np.float32)
        empty = cls(classes, runs, signs, learned, nothing, nothing)
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
        return cls(
            classes,
            runs,
            signs,
            learned,
            np.asarray(weights, dtype=np.float32),
            np.asarray(bias, dtype=np.float32),
        )

    def chances(self, text: str, signs: Iterable[str]) -> dict[str, float]:
        """How likely a text has each class, 0 to 1, each told by itself."""
        columns, values = self._row(text, signs)
        chance = 1 / (1 + np.exp(-(self.weights[:, columns] @ values + self.bias)))
        return dict(zip(self.classes, chance.tolist(), strict=True))

    def save(self, directory: Path, name: str) -> None:
        """Write it as JSON and arrays, without pickles."""
        said = {"classes": self.classes, "runs": list(self.runs), "signs": list(self.signs)}
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
        runs = {run: column for column, run in enumerate(said["runs"])}
        signs = {sign: len(runs) + number for number, sign in enumerate(said["signs"])}
        return cls(tuple(said["classes"]), runs, signs, *learned)

    def _row(self, text: str, signs: Iterable[str]) -> tuple[Columns, Numbers]:
        """A text's columns and their values: its runs of length 1 together, each sign its own."""
        found = sorted(self.runs[run] for run in grams(text) if run in self.runs)
        known = np.asarray(found, dtype=np.int64)
        values = self.rarity[known]
        values = values / (np.linalg.norm(values) or 1.0)
        seen = sorted(self.signs[sign] for sign in set(signs) if sign in self.signs)
        there = np.asarray(seen, dtype=np.int64)
        return np.concatenate([known, there]), np.concatenate([values, self.rarity[there]])


def _runs(texts: Collection[str]) -> tuple[dict[str, int], Numbers]:
    """The runs that at least two texts share, each with its column, and how rare they are."""
    seen = Counter(run for text in texts for run in grams(text))
    shared = sorted(run for run, count in seen.items() if count > 1)
    counts = np.asarray([seen[run] for run in shared], dtype=np.float32)
    rarity = np.log((1 + len(texts)) / (1 + counts)) + 1
    return {run: column for column, run in enumerate(shared)}, rarity.astype(np.float32)
