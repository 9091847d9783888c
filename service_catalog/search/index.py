"""From a message to services: the evidence put together, and the decision it allows.

Two kinds of evidence speak for an item: sayings that the message resembles (`sayings`), and its own
name or aliases in the message (`names`). What is to be done, who asks and in which situation tell
siblings apart. Kinds of what no item answers, and items that this catalogue doesn't have, compete
with its items. Three bands: ANSWER when one item is clearly meant, ASK when several are, NONE when
there is no evidence, or better evidence for something else. docs/search.md tells why and how well.
"""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from service_catalog.model import Bundle, Draft, Service
from service_catalog.search.hits import Decision, Found, Hit, Item, kind_of
from service_catalog.search.names import Fits, Names, official_name
from service_catalog.search.postings import Numbers, Scores
from service_catalog.search.reading import Facets, Reading
from service_catalog.search.sayings import Likeness, Likenesses, Sayings
from service_catalog.search.text import grams, normalise, one_of

ANSWER_FROM = 0.62
"""A best score below this is asked about, never answered."""
ASK_FROM = 0.3
"""A best score below this is no evidence at all."""
NEAR = 0.85
"""Services whose evidence is at least this part of the best one's are alternatives."""
NEARER = 0.9
"""The same when a name or alias of the best one stands in the message, and none of the other's."""
SAME_WORDS = 0.55
"""The same for services whose names hold all that the message says: 护照, and 换护照 too."""
SURENESS = 3.6
"""A message in a citizen's own words shares few parts even with the saying it means, so evidence of
0.3 is as sure a sign as a score of two thirds says: score = 1 - exp(-3.6 · evidence)."""
NAMED = 0.6
"""What a name that stands in a message counts beside a saying. Of a long message, half a name
counts a quarter of that, as parts of names stand in many messages; of a message that says nothing
else, a half."""
BOTH = 0.1
"""How much the weaker kind of evidence adds to the stronger one."""
REQUEST, OUTSIDE, LEANING = 0.0, 2.0, 0.4
"""The least score of a request; how much likeness to what no item answers raises it, and how much a
leaning of the words to requests lowers it (logistic regression; docs/search.md)."""
ABSENT = 0.8
"""How much of its score an item of other halls has to be beaten by."""
COMMON = 0.12
"""A message whose every part is said by more than this share of entries and of items ("登记",
"办证") says nothing; what only a few say always tells."""
PICK_FROM = 0.12
PICK_RATIO = 1.25
"""Among offered choices: the least score that counts, and how far ahead of the next it must be."""
MAX_CHOICES = 5
STEP = 0.08
"""An entry's second item counts this much less than its first, and so on."""
AGREES, UNSAID, CLASHES = 1.08, 0.95, 0.8
"""What an item's facet makes of its name's evidence: the message names the same; none; another."""
SAID_CLASHES = 0.85
"""What another operation makes of a saying's evidence. Sayings tell siblings apart by themselves,
and a citizen's story names people and situations that decide nothing."""

TOGETHER = 1.25
"""What a bundle's evidence gains when the words ask for the whole matter: 都要办哪些手续."""


class Kind(Enum):
    """The kinds of facets, in the order of `SearchIndex.facets`."""

    OPERATION = "operation"
    AUDIENCE = "audience"
    SITUATION = "situation"


@dataclass(frozen=True)
class Evidence:
    """What in a message speaks for each item, and against all of them.

    Attributes:
        reading: The message as it was read.
        strength: The whole evidence for each item.
        said: Its part from sayings.
        named: Its part from names and aliases.
        fits: How well its names and aliases stand in the message.
        alike: What the message resembles.
        behind: The place in `alike` of what is behind an item's `said`, by the item's number.
        outside: The best likeness to what no item answers.
        absent: The best likeness to items that the catalogue doesn't have.
        wanted: The values of each facet that the message names, as bits.
        leaning: Whether such words are said by people who ask for an item, above 0, or not.
        tells: Whether the message holds a word that tells anything.
    """

    reading: Reading
    strength: Scores
    said: Scores
    named: Scores
    fits: Fits
    alike: Likenesses
    behind: dict[int, int]
    outside: Likeness | None
    absent: Likeness | None
    wanted: tuple[int, ...]
    leaning: float
    tells: bool

    def likeness(self, item: int) -> Likeness | None:
        """The likeness behind an item's `said`."""
        place = self.behind.get(item)
        return None if place is None else self.alike[place]

    def required(self, item: int) -> float:
        """The least score that an item needs: more when the words speak for something else.

        What is said of an item word for word is a request for it, whoever else says it too.
        """
        outside = self.outside.strength if self.outside else 0.0
        absent = self.absent.strength if self.absent else 0.0
        doubt = 1 - min(1.0, float(self.strength[item]))
        request = REQUEST + OUTSIDE * outside * doubt - LEANING * self.leaning
        return max(ASK_FROM, request, ABSENT * sureness(absent))


def _largest(values: Scores, count: int) -> Numbers:
    """The places of the largest values above 0, largest first, the first of equals first."""
    least = np.partition(values, -count)[-count] if len(values) > count else 0.0
    places = np.flatnonzero((values >= least) & (values > 0))
    largest: Numbers = places[np.argsort(-values[places], kind="stable")][:count]
    return largest


def sureness(strength: float) -> float:
    """Evidence as a score, 0 to 1."""
    return 1 - math.exp(-SURENESS * strength)


class Meaning(Protocol):
    """How close a message is to each of an index's texts by an embedding model."""

    def __call__(self, index: SearchIndex, query: str) -> NDArray[np.float32] | None:
        """0 to 1 for each of `index.texts`, or None when the model has nothing to say (yet)."""


class SearchIndex:
    """The search over one catalogue's services, bundles and drafts; immutable, safe to share."""

    def __init__(
        self,
        services: Sequence[Service],
        sayings: Sayings,
        drafts: Sequence[Draft] = (),
        bundles: Sequence[Bundle] = (),
    ) -> None:
        """Take in the services and bundles, and the drafts that neither goes by the name of."""
        known: tuple[Service | Bundle, ...] = (*services, *bundles)
        taken = {normalise(text) for one in known for text in (one.name, *one.aliases)}
        self.items: tuple[Item, ...] = (
            *known,
            *(draft for draft in drafts if normalise(draft.name) not in taken),
        )
        self._parts = {
            number: frozenset(part.service for part in item.parts)
            for number, item in enumerate(self.items)
            if isinstance(item, Bundle)
        }
        self.sayings = sayings
        self.names = Names([(item.name, *item.aliases) for item in self.items])
        lexicon = sayings.lexicon
        self.facets = tuple(
            Facets(kind) for kind in (lexicon.operations, lexicon.audiences, lexicon.situations)
        )
        self._words = [
            " ".join(normalise(text) for text in (item.name, *item.aliases)) for item in self.items
        ]
        self.masks = [
            np.array([kind.mask(words) for words in self._words], np.int64) for kind in self.facets
        ]
        self._targets = [self._resolved(entry.mean) for entry in lexicon.entries]
        # 到北京, 从上海: a way that begins or ends here; 北京的, 深圳办: something done there
        elsewhere = one_of(normalise(word) for word in lexicon.elsewhere)
        self._together = one_of(normalise(word) for word in lexicon.together)
        self._elsewhere = re.compile(f"(?<![到去往从回自])(?:{elsewhere.pattern})")

    def _resolved(self, names: Sequence[str]) -> list[tuple[int, float]]:
        """The items that an entry's official names mean here, each with its weight."""
        found: dict[int, float] = {}
        place = 0
        for name in names:
            operation = self.facets[0].mask(official_name(name))
            called = [
                (item, fit)
                for item, fit in self.names.called(name)
                if fit == 1.0 or operation == self.masks[0][item]
            ]
            for item, fit in called:
                found.setdefault(item, fit * (1 - STEP * place))
            place += bool(called)
        return list(found.items())

    @property
    def texts(self) -> tuple[str, ...]:
        """All that a message is compared with: sayings first, then names and aliases."""
        return (*self.sayings.texts, *self.names.texts)

    def search(self, query: str, top: int = MAX_CHOICES, meaning: Meaning | None = None) -> Found:
        """The services that `query` may mean.

        Args:
            query: A citizen's message.
            top: How many hits at the most.
            meaning: Closeness by an embedding model, when the hall has one.
        """
        return self.decide(self.evidence(query, meaning), top)

    def evidence(self, query: str, meaning: Meaning | None = None) -> Evidence:
        """All that speaks for the items and against them, before anything is decided."""
        close = meaning(self, query) if meaning else None
        sayings = len(self.sayings.texts)
        close_said = None if close is None else close[:sayings]
        close_named = None if close is None else close[sayings:]
        reading = self.sayings.reader.read(query, self.names.rarity)
        likely = [0.0] * len(self.items)
        behind: dict[int, int] = {}
        outside: Likeness | None = None
        absent: Likeness | None = None
        alike = self.sayings.alike(reading.parts, reading.key, close_said)
        for place, (entry, strength) in enumerate(zip(alike.entries, alike.strengths, strict=True)):
            if entry >= len(self._targets):
                outside = outside or alike[place]
                continue
            targets = self._targets[entry]
            if not targets:
                absent = absent or alike[place]
            for item, weight in targets:
                if strength * weight > likely[item]:
                    likely[item] = strength * weight
                    behind[item] = place
        said = np.array(likely)
        fits = self.names.score(reading, close_named)
        named = NAMED * fits.score ** (2 - fits.explained)
        wanted = tuple(kind.mask(reading.official) for kind in self.facets)
        for kind, masks, bits in zip(Kind, self.masks, wanted, strict=True):
            clashing = (masks != 0) & (masks & bits == 0)
            named *= np.where(
                clashing, CLASHES if bits else UNSAID, np.where(masks & bits != 0, AGREES, 1.0)
            )
            if bits and kind is Kind.OPERATION:
                said *= np.where(clashing, SAID_CLASHES, 1.0)
        if self._parts and self._together.search(reading.said):
            bundles = list(self._parts)
            said[bundles] = np.minimum(said[bundles] * TOGETHER, np.maximum(said[bundles], 1.0))
            named[bundles] *= TOGETHER
        strength = np.maximum(said, named) + BOTH * np.minimum(said, named) + fits.whole
        return Evidence(
            reading=reading,
            strength=strength,
            said=said,
            named=named,
            fits=fits,
            alike=alike,
            behind=behind,
            outside=outside,
            absent=absent,
            wanted=wanted,
            leaning=self.sayings.leaning(reading.whole),
            tells=self._tells(reading.content)
            or (close is not None and self._unheard_of(reading.content)),
        )

    def _tells(self, content: str) -> bool:
        parts = grams(content)
        return self.sayings.rarity.tells(parts, COMMON) or self.names.rarity.tells(parts, COMMON)

    def _unheard_of(self, content: str) -> bool:
        """Whether nobody ever said any part of it: only an embedding model can know it then."""
        parts = grams(content)
        known = (part in self.sayings.rarity or part in self.names.rarity for part in parts)
        return bool(parts) and not any(known)

    def decide(self, evidence: Evidence, top: int = MAX_CHOICES) -> Found:
        """The three bands; see the module's text."""
        strength = evidence.strength
        best = _largest(strength, max(top, MAX_CHOICES))
        nearest = tuple(self._hit(evidence, int(item)) for item in best)
        if not nearest or not self._is_request(evidence, nearest[0].score, int(best[0])):
            return Found(Decision.NONE, (), nearest[:top])
        first = best[0]
        likely = [
            hit
            for hit, item in zip(nearest, best, strict=True)
            if hit.score >= ASK_FROM and self._is_alternative(evidence, item, first)
        ]
        elsewhere = evidence.absent and (
            evidence.absent.strength >= strength[first]
            or (
                evidence.absent.strength >= NEAR * strength[first]
                and self._in_saying(evidence.reading, evidence.absent)
            )
        )
        sure = len(likely) == 1 and likely[0].score >= ANSWER_FROM and not elsewhere
        if evidence.fits.whole[first] and evidence.fits.whole.sum() == 1:
            sure, likely = True, likely[:1]
        if not sure:
            return Found(Decision.ASK, tuple(likely[:top]), nearest[:top])
        if self._speaks_against(evidence, int(best[0])):
            near = [hit for hit in nearest if hit.score >= ASK_FROM]
            return Found(Decision.ASK, tuple(near[:top]), nearest[:top])
        return Found(Decision.ANSWER, nearest[:top], nearest[:top])

    def _is_alternative(self, evidence: Evidence, item: int, first: int) -> bool:
        """Whether an item may be meant as well as the first."""
        if self._belong_together(item, first):
            return False
        part = evidence.strength[item] / evidence.strength[first]
        if evidence.fits.held[first] and not evidence.fits.held[item]:
            return bool(part >= NEARER)
        return bool(part >= NEAR or (part >= SAME_WORDS and self._holds(evidence, item)))

    def _belong_together(self, one: int, other: int) -> bool:
        """Whether one is a bundle and the other a part of it: the words say which of them."""
        return self.items[other].id in self._parts.get(one, ()) or (
            self.items[one].id in self._parts.get(other, ())
        )

    def _holds(self, evidence: Evidence, item: int) -> bool:
        """Whether a name of the item holds all that the message says: a bare noun."""
        name = normalise(self.names.texts[evidence.fits.phrase[item]])
        content = evidence.reading.content.replace(" ", "")
        return any(content in text for text in (name, self.sayings.reader.official(name)))

    def _in_saying(self, reading: Reading, likeness: Likeness) -> bool:
        return reading.key in self.sayings.reader.key(normalise(likeness.saying))

    def _is_request(self, evidence: Evidence, score: float, item: int) -> bool:
        """Whether the message asks for an item of this catalogue at all."""
        if evidence.fits.whole[item]:
            return evidence.tells
        return evidence.tells and score >= evidence.required(item)

    def _speaks_against(self, evidence: Evidence, item: int) -> bool:
        """Whether the words want another thing done, or somewhere else, than the item offers."""
        words = self._words[item]
        said = evidence.reading.said
        if any(found[0] not in words for found in self._elsewhere.finditer(said)):
            return True
        wanted, has = evidence.wanted[0], int(self.masks[0][item])
        return wanted & has == 0 and bool(wanted & self.facets[0].needed)

    def pick(self, text: str, options: Sequence[str]) -> str | None:
        """Which of a few offered services `text` singles out ("丢了的那个"), or None.

        Among a handful of services a single word is enough, as long as it speaks for one of them
        clearly more than for the next.
        """
        evidence = self.evidence(text)
        scores = {
            item.id: float(max(evidence.said[number], evidence.fits.score[number]))
            for number, item in enumerate(self.items)
            if item.id in options
        }
        best, second, *_ = [*sorted(scores.values(), reverse=True), 0.0, 0.0]
        if best < PICK_FROM or best < second * PICK_RATIO:
            return None
        return max(scores, key=lambda option: scores[option])

    def content(self, text: str) -> str:
        """What is left of `text` without the lexicon's fillers: the words that mean something."""
        return self.sayings.reader.content(normalise(text)).replace(" ", "")

    def _hit(self, evidence: Evidence, number: int) -> Hit:
        item = self.items[number]
        behind = evidence.likeness(number)
        by_saying = behind and evidence.said[number] > evidence.named[number]
        phrase = (
            behind.saying
            if behind and by_saying
            else self.names.texts[evidence.fits.phrase[number]]
        )
        return Hit(
            item.id,
            item.name,
            round(sureness(float(evidence.strength[number])), 4),
            phrase,
            kind_of(item),
        )
