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
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from service_catalog.model import Lexicon
from service_catalog.search.postings import (
    DENSE,
    Flags,
    Numbers,
    Postings,
    Row,
    Scores,
    Table,
    Vocabulary,
    Weights,
    weighed,
)
from service_catalog.search.reading import Reader
from service_catalog.search.spelling import Spelling
from service_catalog.search.text import grams, is_chinese, normalise

BEST_FEW = (1.0, 0.6, 0.5, 0.4, 0.3)
"""How much the best, second best … saying of an entry counts; those after them don't."""
_COUNTS = np.array([*BEST_FEW, 0.0])
ALIKE = 6
"""A saying that is the message almost word for word counts alone (cosine ** 6 of the rest)."""
EXACT = 0.2
"""Added for a saying that is the message word for word, fillers aside."""
NEIGHBOURS = 250
"""So many of the nearest sayings are looked at."""
NEAR_ENOUGH = 0.01
"""The nearest are looked for first among those at least so near, beside the nearest one: most share
but a frequent character with the message. Changes what it costs, not what is found."""

DOUBT = 3.0
"""So many parts without leaning are added to every message: few words are no proof."""
SELDOM = 0.0002
"""Added to each part's frequency on both sides, so that a part said once or twice leans little."""
LARGEST_LEANING = 3.0


class Likeness(NamedTuple):
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
class Likenesses:
    """How much a message resembles each entry, the most alike first.

    A hundred entries share a character with a message, and few of them matter: a likeness is made
    when it is asked for.

    Attributes:
        entries: The entries' numbers.
        strengths: How much it resembles each.
        sayings: The number of the nearest saying of each.
        texts: All sayings.
    """

    entries: Sequence[int]
    strengths: Sequence[float]
    sayings: Sequence[int]
    texts: Sequence[str]

    def __len__(self) -> int:
        return len(self.entries)

    def __getitem__(self, place: int) -> Likeness:
        """The likeness at a place of the order."""
        saying = self.texts[self.sayings[place]]
        return Likeness(self.entries[place], self.strengths[place], saying)


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
    ) -> Likenesses:
        """The entries that a message resembles, the most alike first.

        Args:
            parts: The message's parts.
            key: What is left of the message without fillers.
            close: Closeness to each saying by an embedding model, 0 to 1.
        """
        exact = self._exact.get(key, {}) if key else {}
        entries, strengths, sayings = [*exact], [1.0 + EXACT] * len(exact), [*exact.values()]
        cosines = self._cosines(parts, close)
        near = _nearest(cosines)
        if exact:
            near = near[~np.isin(self._owner[near], entries)]
        if len(near):
            near = near[np.argsort(self._owner[near], kind="stable")]
            owners = self._owner[near]
            begins = np.ones(len(near), bool)
            np.not_equal(owners[1:], owners[:-1], out=begins[1:])
            firsts = np.flatnonzero(begins)
            together = _together(cosines[near], begins, firsts)
            order = np.argsort(-together, kind="stable")
            entries += owners[firsts[order]].tolist()
            strengths += together[order].tolist()
            sayings += near[firsts[order]].tolist()
        return Likenesses(entries, strengths, sayings, self.texts)

    def _cosines(self, parts: Weights, close: NDArray[np.float32] | None) -> Scores:
        """How near each saying is."""
        said = weighed(parts, self.rarity)
        cosines = self._postings.score(said) / (_length(said) or 1.0)
        return cosines if close is None else (1 - DENSE) * cosines + DENSE * close

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


def _nearest(cosines: Scores) -> Numbers:
    """The numbers of the nearest sayings, the nearest first; only such as are alike at all."""
    near: Numbers = np.flatnonzero(cosines > NEAR_ENOUGH * cosines.max(initial=0.0))
    if len(near) < NEIGHBOURS:
        near = np.flatnonzero(cosines > 0)
    if len(near) > NEIGHBOURS:
        near = near[np.argpartition(-cosines[near], NEIGHBOURS - 1)[:NEIGHBOURS]]
    nearest: Numbers = near[np.argsort(-cosines[near], kind="stable")]
    return nearest


def _together(cosines: Scores, begins: Flags, firsts: Numbers) -> Scores:
    """The strength of each entry.

    Args:
        cosines: Those of each entry's sayings, one entry after the other, the nearest first.
        begins: For each of them, whether an entry begins there.
        firsts: Where the entries begin.
    """
    ranks = np.arange(len(cosines)) - firsts[np.cumsum(begins) - 1]
    counts = _COUNTS[np.minimum(ranks, len(BEST_FEW))]
    together = np.add.reduceat(cosines * counts, firsts) / _COUNTS.sum()
    strengths: Scores = together + cosines[firsts] ** ALIKE * (1 - together)
    return strengths


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
