"""Why a message led to an item: the words, the saying or name behind it, and what spoke against it.

For staff who mend the lexicon or the aliases (`banshi catalog search --explain`). It repeats no
arithmetic: it looks at the same `Evidence` that the decision was made on.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from service_catalog.search.hits import Found, Hit
from service_catalog.search.index import (
    ASK_FROM,
    Evidence,
    Kind,
    Meaning,
    SearchIndex,
    sureness,
)
from service_catalog.search.reading import Reading
from service_catalog.search.sayings import Likeness
from service_catalog.search.text import grams, normalise


@dataclass(frozen=True)
class Facet:
    """One kind of facet as the message and an item name it."""

    kind: str
    wanted: tuple[str, ...]
    has: tuple[str, ...]


@dataclass(frozen=True)
class Reason:
    """Why one item is where it is.

    Attributes:
        hit: The item with its score.
        by_saying: Whether the nearest saying weighs more than the name.
        saying: The nearest saying of its entries, if any, and how alike it is, 0 to 1.
        name: Its best name or alias, and how well that fits, 0 to 1.
        saying_words: The words that the message and the saying share.
        name_words: The words that the message and the name share.
        facets: What is done, who asks, in which situation, where either side says so.
    """

    hit: Hit
    by_saying: bool
    saying: Likeness | None
    name: tuple[str, float]
    saying_words: tuple[str, ...]
    name_words: tuple[str, ...]
    facets: tuple[Facet, ...]


@dataclass(frozen=True)
class Explanation:
    """A search with its reasons.

    Attributes:
        found: The search's outcome.
        reading: The message as it was read.
        facets: The values that the message names.
        reasons: One a candidate, best first.
        needed: The score that the best candidate needs.
        outside: The nearest saying that asks for no item: its kind and the likeness.
        absent: The nearest saying for an item that this catalogue doesn't have: name and likeness.
        leaning: Above 0 when such words are said by people who ask for an item.
        against: The words that lean most to what no item answers.
        says_nothing: Whether the message holds no telling word at all.
        closest: The text that an embedding model finds closest in meaning, and how close, 0 to 1;
            None when no model took part.
    """

    found: Found
    reading: Reading
    facets: tuple[tuple[str, tuple[str, ...]], ...]
    reasons: tuple[Reason, ...]
    needed: float
    outside: tuple[str, Likeness] | None
    absent: tuple[str, Likeness] | None
    leaning: float
    against: tuple[str, ...]
    says_nothing: bool
    closest: tuple[str, float] | None = None


def explain(
    index: SearchIndex, query: str, top: int, meaning: Meaning | None = None
) -> Explanation:
    """Search, and tell why.

    Args:
        index: The catalogue's search.
        query: A citizen's message.
        top: How many candidates at the most.
        meaning: Closeness by an embedding model, when the hall has one.
    """
    close = meaning(index, query) if meaning else None
    evidence = index.evidence(query, lambda _index, _query: close)
    found = index.decide(evidence, top)
    numbers = {str(item.id): number for number, item in enumerate(index.items)}
    reasons = tuple(_reason(index, evidence, hit, numbers[hit.id]) for hit in found.nearest)
    lexicon = index.sayings.lexicon
    outside, absent = evidence.outside, evidence.absent
    kinds = [kind.name for kind in lexicon.outside]
    names = [entry.mean[0] for entry in lexicon.entries]
    leanings = index.sayings.leanings(grams(evidence.reading.official))
    against = sorted((part for part in leanings if leanings[part] < 0), key=leanings.__getitem__)
    return Explanation(
        found=found,
        reading=evidence.reading,
        facets=tuple(
            (kind.value, facets.names(bits))
            for kind, facets, bits in zip(Kind, index.facets, evidence.wanted, strict=True)
        ),
        reasons=reasons,
        needed=evidence.required(numbers[found.nearest[0].id]) if found.nearest else ASK_FROM,
        outside=(kinds[outside.entry - len(names)], outside) if outside else None,
        absent=(names[absent.entry], absent) if absent else None,
        leaning=evidence.leaning,
        against=tuple(part for part in against if len(part) > 1)[:6],
        says_nothing=not evidence.tells,
        closest=_closest(index, close),
    )


def _closest(index: SearchIndex, close: NDArray[np.float32] | None) -> tuple[str, float] | None:
    if close is None or not close.size:
        return None
    best = int(close.argmax())
    return index.texts[best], float(close[best])


def _reason(index: SearchIndex, evidence: Evidence, hit: Hit, number: int) -> Reason:
    reading = evidence.reading
    saying = evidence.likeness(number)
    name = index.names.texts[evidence.fits.phrase[number]]
    said = grams(index.sayings.reader.official(normalise(saying.saying))) if saying else {}
    return Reason(
        hit=hit,
        by_saying=bool(evidence.said[number] > evidence.named[number]),
        saying=saying,
        name=(name, sureness(float(evidence.named[number]))),
        saying_words=shared_words(reading.official, said),
        name_words=shared_words(reading.said, grams(normalise(name))),
        facets=tuple(
            Facet(kind.value, facets.names(bits), facets.names(int(masks[number])))
            for kind, facets, bits, masks in zip(
                Kind, index.facets, evidence.wanted, index.masks, strict=True
            )
            if bits or masks[number]
        ),
    )


def shared_words(text: str, parts: Collection[str]) -> tuple[str, ...]:
    """The longest runs of `text` whose pairs of characters all stand in `parts`."""
    words: list[str] = []
    for piece in text.split():
        if piece in parts:
            words.append(piece)
            continue
        run = ""
        for first, second in pairwise(piece):
            if first + second in parts:
                run = run + second if run else first + second
            elif run:
                words.append(run)
                run = ""
        if run:
            words.append(run)
    return tuple(dict.fromkeys(words))
