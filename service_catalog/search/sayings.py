"""What citizens said before, and which of it a message resembles: the nearest known sayings.

Every saying of the lexicon is a text of its own. A message is compared with all of them (cosine of
rarity-weighted characters and pairs); an entry counts by its best few sayings, so that one odd
likeness weighs less than several. Entries of items, and the kinds of what no item answers, compete
on the same scale.
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from service_catalog.model import Lexicon
from service_catalog.search.postings import (
    DENSE,
    Flags,
    Postings,
    Row,
    Table,
    Vocabulary,
    Weights,
    weighed,
)
from service_catalog.search.reading import Reader
from service_catalog.search.spelling import Spelling
from service_catalog.search.text import grams, is_chinese, normalise

BEST_FEW = (1.0, 0.6, 0.5, 0.4, 0.3)
"""How much the best, second best … saying of an entry counts."""
_ALL_FEW = sum(BEST_FEW)
ALIKE = 6
"""A saying that is the message almost word for word counts alone (cosine ** 6 of the rest)."""
EXACT = 0.2
"""Added for a saying that is the message word for word, fillers aside."""
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
        strength: 0 to 1, and `EXACT` more for the very words.
        saying: The nearest saying.
    """

    entry: int
    strength: float
    saying: str


@dataclass(frozen=True)
class _Saying:
    """What is worked out of one saying's words alone, and so kept while others change."""

    key: str
    row: Row
    whole: Row


class Sayings:
    """All sayings of a lexicon, ready to be compared with."""

    def __init__(self, lexicon: Lexicon, before: Sayings | None = None) -> None:
        """Index the sayings: about two seconds for twenty thousand, a fraction after an edit.

        Args:
            lexicon: All of a hall's lexicon.
            before: The same hall's earlier sayings. Slips are mended into their words still; when
                facets and fillers are the same, so is what is known of each saying without a
                word that changed its meaning.
        """
        self.lexicon = lexicon
        groups = [(*entry.say, entry.mean[0]) for entry in lexicon.entries]
        groups += [kind.say for kind in lexicon.outside]
        self.texts = [text for group in groups for text in group]
        owner = [number for number, group in enumerate(groups) for _ in group]
        earlier = before._known if before else {}
        new = [normalise(text) for text in self.texts if text not in earlier]
        official = [normalise(name) for entry in lexicon.entries for name in entry.mean]
        spelling = before.reader.spelling.more(new) if before else Spelling(new, official)
        self.reader: Reader = Reader(lexicon, spelling)
        known: dict[str, _Saying] = {}
        self._vocabulary: Vocabulary = Vocabulary()
        if before and _rules(before.lexicon) == _rules(lexicon):
            self._vocabulary = before._vocabulary
            changed = self.reader.changed(before.reader)
            known = {
                text: saying
                for text, saying in earlier.items()
                if not changed.search(normalise(text))
            }
        self._known: dict[str, _Saying] = {
            text: known.get(text) or self._read(text) for text in self.texts
        }
        sayings = [self._known[text] for text in self.texts]
        table = Table(self._vocabulary, [saying.row for saying in sayings], owner)
        self._owner = table.owner
        self.rarity = table.rarity()
        weights = table.weigh(self.rarity)
        lengths = np.sqrt(table.sums(weights * weights))
        lengths[lengths == 0] = 1.0
        self._postings = Postings(table, weights / lengths[table.numbers].astype(np.float32))
        self._exact: defaultdict[str, dict[int, int]] = defaultdict(dict)
        for number, saying in enumerate(sayings):
            self._exact[saying.key].setdefault(owner[number], number)
        whole = Table(self._vocabulary, [saying.whole for saying in sayings], owner)
        chinese = np.array([is_chinese(text) for text in self.texts], bool)
        self._leanings = _leanings(whole, whole.owner < len(lexicon.entries), chinese)

    def _read(self, text: str) -> _Saying:
        said = normalise(text)
        row = self._vocabulary.row(self.reader.parts(said))
        whole = self._vocabulary.row(grams(self.reader.marked(said)))
        return _Saying(self.reader.key(said), row, whole)

    def alike(
        self, parts: Weights, key: str = "", close: NDArray[np.float32] | None = None
    ) -> list[Likeness]:
        """The entries that a message resembles, the most alike first.

        Args:
            parts: The message's parts.
            key: What is left of the message without fillers.
            close: Closeness to each saying by an embedding model, 0 to 1.
        """
        if not self.texts:
            return []
        length = _length(weighed(parts, self.rarity)) or 1.0
        cosines = self._postings.score(weighed(parts, self.rarity)) / length
        if close is not None:
            cosines = (1 - DENSE) * cosines + DENSE * close
        few = min(NEIGHBOURS, len(cosines))
        nearest = np.argpartition(-cosines, few - 1)[:few]
        exact = self._exact.get(key, {}) if key else {}
        best = nearest[np.argsort(-cosines[nearest])]
        best = best[cosines[best] > 0]
        likes: defaultdict[int, list[float]] = defaultdict(list)
        first: dict[int, int] = {}
        owners, liking = self._owner[best].tolist(), cosines[best].tolist()
        for number, entry, cosine in zip(best.tolist(), owners, liking, strict=True):
            first.setdefault(entry, number)
            likes[entry].append(cosine)
        likenesses = [
            Likeness(entry, _together(cosines_), self.texts[first[entry]])
            for entry, cosines_ in likes.items()
            if entry not in exact
        ]
        likenesses += [
            Likeness(entry, 1.0 + EXACT, self.texts[number]) for entry, number in exact.items()
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
    together = sum(map(float.__mul__, BEST_FEW, cosines)) / _ALL_FEW
    return together + cosines[0] ** ALIKE * (1 - together)


def _rules(lexicon: Lexicon) -> tuple[object, ...]:
    """What decides how every saying is read: facets and fillers."""
    return tuple(
        getattr(lexicon, field)
        for field in Lexicon.__fields__
        if field not in {"entries", "outside", "elsewhere", "together", "words"}
    )


def _leanings(table: Table, asks: Flags, chinese: Flags) -> dict[str, float]:
    """How much more often a part is said for items than for what no item answers (logarithm).

    Each side's frequencies are those among its Chinese sayings: English ones, nearly all for items,
    would make every Chinese word lean away from them.
    """
    if asks.all():
        return {}
    items = table.counts(asks) / max(1, int((asks & chinese).sum()))
    outside = table.counts(~asks) / max(1, int((~asks & chinese).sum()))
    ratios = np.log((items + SELDOM) / (outside + SELDOM))
    leanings = np.clip(ratios, -LARGEST_LEANING, LARGEST_LEANING).tolist()
    return dict(zip(table.vocabulary, leanings, strict=True))


def _length(vector: Weights) -> float:
    return math.sqrt(sum(weight * weight for weight in vector.values()))
