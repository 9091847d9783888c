"""From the citizen's words to services: lexical, explainable, honest when there is nothing.

Each service is known by its name and aliases. Their characters and character pairs are weighted by
how few services use them (inverse document frequency); a phrase fits a message as far as its weight
stands in the message. The lexicon rewrites everyday words into official ones first. Three bands:
ANSWER when one service is clearly meant, ASK when several are, NONE when the words name no service.
"""

from __future__ import annotations

import math
import re
import unicodedata
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import Enum

from service_catalog.model import Draft, Lexicon, Service

ANSWER_FROM = 0.62
"""A best score below this is asked about, never answered."""
ASK_FROM = 0.34
"""A best score below this is no evidence at all."""
MARGIN = 0.12
"""Services this near to the best one are alternatives."""
PICK_FROM = 0.12
PICK_RATIO = 1.25
"""Among offered choices: the least score that counts, and how far ahead of the next it must be."""
MAX_CHOICES = 5
_SINGLE_WEIGHT = 0.35
"""One character says much less than a pair: most are shared by unrelated words."""

_NOISE = re.compile(r"[^0-9a-z\u3400-\u9fff]+")


class Decision(str, Enum):
    """What to do with a search's results."""

    ANSWER = "answer"
    ASK = "ask"
    NONE = "none"


@dataclass(frozen=True)
class Hit:
    """One service that fits.

    Attributes:
        id: The service.
        name: Its official name.
        score: How well it fits, 0 to 1.
        phrase: The name or alias that fitted best: the evidence.
        draft: Whether it is a draft, of which only the name and where to ask may be told.
    """

    id: str
    name: str
    score: float
    phrase: str
    draft: bool = False


@dataclass(frozen=True)
class Found:
    """A search's outcome: the decision and the hits, best first."""

    decision: Decision
    hits: tuple[Hit, ...]


@dataclass(frozen=True)
class _Phrase:
    service: int
    text: str
    key: str
    weight: float


def normalise(text: str) -> str:
    """Text as it is compared: one width, lower case, words and digits alone."""
    return _NOISE.sub(" ", unicodedata.normalize("NFKC", text).lower()).strip()


def _grams(key: str) -> set[str]:
    parts = key.split()
    pairs = {part[i : i + 2] for part in parts for i in range(len(part) - 1)}
    return pairs | {char for part in parts for char in part}


class SearchIndex:
    """An inverted index over the names and aliases of one catalogue's services."""

    def __init__(
        self, services: Sequence[Service], lexicon: Lexicon, drafts: Sequence[Draft] = ()
    ) -> None:
        """Take in the services, and the drafts that no service goes by the name of."""
        taken = {normalise(text) for one in services for text in (one.name, *one.aliases)}
        self._services: tuple[Service | Draft, ...] = (
            *services,
            *(draft for draft in drafts if normalise(draft.name) not in taken),
        )
        self._rewrites = {normalise(w): normalise(e.mean) for e in lexicon.entries for w in e.say}
        longest_first = sorted(self._rewrites, key=len, reverse=True)  # 公司执照变更, then 公司执照
        self._everyday = re.compile("|".join(map(re.escape, longest_first)) or "(?!)")
        elsewhere = "|".join(re.escape(normalise(word)) for word in lexicon.elsewhere)
        # 到北京, 从上海: a way that begins or ends here; 北京的, 深圳办: something done there
        self._elsewhere = re.compile(f"(?<![到去往从回自])(?:{elsewhere or '(?!)'})")
        self._operations = [[normalise(word) for word in one.words] for one in lexicon.operations]
        self._words: dict[str, str] = {
            service.id: " ".join(normalise(text) for text in (service.name, *service.aliases))
            for service in self._services
        }
        fillers = sorted((normalise(word) for word in lexicon.fillers), key=len, reverse=True)
        self._fillers = re.compile("|".join(map(re.escape, fillers))) if fillers else None
        self._weights = self._weigh(self._services)
        self._phrases: list[_Phrase] = []
        self._postings: dict[str, list[int]] = defaultdict(list)
        for number, service in enumerate(self._services):
            for text in (service.name, *service.aliases):
                key = normalise(text)
                grams = _grams(key)
                weight = sum(self._weights[gram] for gram in grams)
                for gram in grams:
                    self._postings[gram].append(len(self._phrases))
                self._phrases.append(_Phrase(number, text, key, weight))

    @staticmethod
    def _weigh(services: Iterable[Service | Draft]) -> dict[str, float]:
        owners: Counter[str] = Counter()
        total = 0
        for service in services:
            total += 1
            owners.update(
                set().union(*(_grams(normalise(t)) for t in (service.name, *service.aliases)))
            )
        return {
            gram: math.log(1 + total / count) * (1.0 if len(gram) > 1 else _SINGLE_WEIGHT)
            for gram, count in owners.items()
        }

    def search(self, query: str, top: int = MAX_CHOICES) -> Found:
        """The services that `query` may mean.

        Args:
            query: A citizen's message.
            top: How many hits at the most.
        """
        best: dict[int, tuple[float, _Phrase]] = {}
        said = normalise(query)
        for variant in self._variants(said):
            for number, score, phrase in self._score(variant):
                if number not in best or score > best[number][0]:
                    best[number] = (score, phrase)
        hits = sorted(
            (self._hit(score, phrase) for score, phrase in best.values()),
            key=lambda hit: (-hit.score, hit.id),
        )
        found = _decide(hits, top)
        if found.decision is Decision.ANSWER and self._speaks_against(said, found.hits[0]):
            near = [hit for hit in found.hits if hit.score >= ASK_FROM]
            return Found(Decision.ASK, tuple(near))
        return found

    def _speaks_against(self, said: str, hit: Hit) -> bool:
        """Whether the words want another thing done, or somewhere else, than the service offers."""
        words = self._words[hit.id]
        if any(found[0] not in words for found in self._elsewhere.finditer(said)):
            return True
        wanted = [group for group in self._operations if any(word in said for word in group)]
        return bool(wanted) and not any(word in words for group in wanted for word in group)

    def pick(self, text: str, options: Sequence[str]) -> str | None:
        """Which of a few offered services `text` singles out ("丢了的那个"), or None.

        Among a handful of services a single word is enough, as long as it speaks for one of them
        clearly more than for the next.
        """
        scores: dict[str, float] = dict.fromkeys(options, 0.0)
        for variant in self._variants(normalise(text)):
            for number, score, _ in self._score(variant):
                service_id = self._services[number].id
                if service_id in scores:
                    scores[service_id] = max(scores[service_id], score)
        best, second, *_ = [*sorted(scores.values(), reverse=True), 0.0, 0.0]
        if best < PICK_FROM or best < second * PICK_RATIO:
            return None
        return max(scores, key=lambda option: scores[option])

    def content(self, text: str) -> str:
        """What is left of `text` without the lexicon's fillers: the words that mean something."""
        text = normalise(text)
        return (self._fillers.sub("", text) if self._fillers else text).replace(" ", "")

    def _variants(self, text: str) -> list[str]:
        """The words as said and as the lexicon rewrites them."""

        def official(word: re.Match[str]) -> str:
            meaning = self._rewrites[word[0]]
            return word[0] if meaning in text else f" {meaning} "

        rewritten = self._everyday.sub(official, text)
        return [text] if rewritten == text else [text, rewritten]

    def _score(self, text: str) -> Iterable[tuple[int, float, _Phrase]]:
        content = self._fillers.sub(" ", text) if self._fillers else text
        grams = _grams(content) | _grams(text)
        told = sum(self._weights.get(gram, 0.0) for gram in _grams(content)) or 1.0
        shared: dict[int, float] = defaultdict(float)
        for gram in grams & self._weights.keys():
            for number in self._postings[gram]:
                shared[number] += self._weights[gram]
        joined = text.replace(" ", "")
        for number, weight in shared.items():
            phrase = self._phrases[number]
            coverage = weight / phrase.weight
            explained = min(1.0, weight / told)
            score = coverage * (0.55 + 0.45 * explained)
            if phrase.key.replace(" ", "") in joined:
                score = max(score, 0.7 + 0.3 * explained)
            yield phrase.service, score, phrase

    def _hit(self, score: float, phrase: _Phrase) -> Hit:
        service = self._services[phrase.service]
        return Hit(
            service.id,
            service.name,
            round(min(score, 1.0), 4),
            phrase.text,
            draft=isinstance(service, Draft),
        )


def _decide(hits: Sequence[Hit], top: int) -> Found:
    if not hits or hits[0].score < ASK_FROM:
        return Found(Decision.NONE, ())
    near = [hit for hit in hits if hit.score >= max(hits[0].score - MARGIN, ASK_FROM)]
    if hits[0].score >= ANSWER_FROM and len(near) == 1:
        return Found(Decision.ANSWER, tuple(hits[:top]))
    return Found(Decision.ASK, tuple(near[:top]))
