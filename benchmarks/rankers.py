"""Plain methods to hold the search against: each ranks the same names for the same questions.

They know nothing but the names, as any of them would out of the box. None of them can say that
nothing fits.
"""

from __future__ import annotations

import logging
import math
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Sequence

import numpy as np

from benchmarks.material import chunks

Ranker = Callable[[str], list[str]]
"""From a question to names, best first."""
Cut = Callable[[str], Iterable[str]]
"""From a text to the parts that are compared."""
SHOWN = 3
K1, B = 1.5, 0.75
"""BM25's usual constants."""


class Bm25:
    """Okapi BM25 over any parts of a text."""

    def __init__(self, names: Sequence[str], cut: Cut) -> None:
        self._names, self._cut = list(names), cut
        counts = [Counter(cut(name)) for name in names]
        lengths = [sum(count.values()) for count in counts]
        mean = sum(lengths) / len(lengths)
        self._holding: defaultdict[str, list[tuple[int, float]]] = defaultdict(list)
        for number, (count, length) in enumerate(zip(counts, lengths, strict=True)):
            for part, times in count.items():
                weight = times * (K1 + 1) / (times + K1 * (1 - B + B * length / mean))
                self._holding[part].append((number, weight))

    def scores(self, query: str) -> list[float]:
        """One score a name."""
        scores = [0.0] * len(self._names)
        for part in self._cut(query):
            holding = self._holding.get(part, [])
            rare = math.log(1 + (len(self._names) - len(holding) + 0.5) / (len(holding) + 0.5))
            for number, weight in holding:
                scores[number] += rare * weight
        return scores

    def __call__(self, query: str) -> list[str]:
        """The best names."""
        return best(self._names, self.scores(query))


def best(names: Sequence[str], scores: Sequence[float]) -> list[str]:
    """The names with the highest scores, equals in order; what scores nothing is no result."""
    order = np.argsort(-np.asarray(scores), kind="stable")[:SHOWN]
    return [names[number] for number in order if scores[number] > 0]


def words(text: str) -> list[str]:
    """Words as jieba cuts them, with its own dictionary, not the project's."""
    return [word for word in _jieba_cut(text) if word.strip()]


def _jieba_cut(text: str) -> list[str]:
    import jieba  # noqa: PLC0415 - takes a second, and only this method needs it

    jieba.setLogLevel(logging.WARNING)
    return list(jieba.cut(text))


def pairs(text: str) -> list[str]:
    """Pairs of neighbouring characters."""
    return list(chunks(text, 2))


def tfidf(names: Sequence[str]) -> Ranker:
    """Cosine of TF-IDF vectors over runs of one to three characters."""
    from sklearn.feature_extraction.text import (  # noqa: PLC0415
        TfidfVectorizer,
    )

    vectors = TfidfVectorizer(analyzer="char", ngram_range=(1, 3))
    matrix = vectors.fit_transform(names)

    def rank(query: str) -> list[str]:
        return best(names, (matrix @ vectors.transform([query]).T).toarray().ravel())

    return rank


def fuzzy(names: Sequence[str]) -> Ranker:
    """How much of the shorter text stands in the longer one, letter by letter."""
    from rapidfuzz import fuzz, process  # noqa: PLC0415

    def rank(query: str) -> list[str]:
        found = process.extract(query, names, scorer=fuzz.partial_ratio, limit=SHOWN)
        return [name for name, _, _ in found]

    return rank


def rankers(names: Sequence[str]) -> dict[str, Ranker]:
    """Every method by the name it has in the table."""
    return {
        "BM25, jieba words": Bm25(names, words),
        "BM25, character pairs": Bm25(names, pairs),
        "TF-IDF, characters": tfidf(names),
        "fuzzy (rapidfuzz)": fuzzy(names),
    }
