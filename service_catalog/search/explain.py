"""Why a message led to an item: the words, the saying or name behind it, and what spoke against it.

For staff who mend the lexicon or the aliases (`banshi catalog search --explain`). It repeats no
arithmetic: it looks at the same `Evidence` that the decision was made on.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from itertools import pairwise

from service_catalog.search.index import (
    ASK_FROM,
    Evidence,
    Found,
    Hit,
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


KINDS = ("operation", "audience", "situation")


def explain(index: SearchIndex, query: str, top: int) -> Explanation:
    """Search, and tell why.

    Args:
        index: The catalogue's search.
        query: A citizen's message.
        top: How many candidates at the most.
    """
    evidence = index.evidence(query)
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
            (kind, facets.names(bits))
            for kind, facets, bits in zip(KINDS, index.facets, evidence.wanted, strict=True)
        ),
        reasons=reasons,
        needed=evidence.required(numbers[found.nearest[0].id]) if found.nearest else ASK_FROM,
        outside=(kinds[outside.entry - len(names)], outside) if outside else None,
        absent=(names[absent.entry], absent) if absent else None,
        leaning=evidence.leaning,
        against=tuple(part for part in against if len(part) > 1)[:6],
        says_nothing=not evidence.tells,
    )


def _reason(index: SearchIndex, evidence: Evidence, hit: Hit, number: int) -> Reason:
    reading = evidence.reading
    saying = evidence.likeness.get(number)
    name = index.names.texts[evidence.phrases[number]]
    said = grams(index.sayings.reader.official(normalise(saying.saying))) if saying else {}
    return Reason(
        hit=hit,
        by_saying=bool(evidence.said[number] > evidence.named[number]),
        saying=saying,
        name=(name, sureness(float(evidence.named[number]))),
        saying_words=shared_words(reading.official, said),
        name_words=shared_words(reading.said, grams(normalise(name))),
        facets=tuple(
            Facet(kind, facets.names(bits), facets.names(int(masks[number])))
            for kind, facets, bits, masks in zip(
                KINDS, index.facets, evidence.wanted, index.masks, strict=True
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
