"""How a message is read: everyday words made official, slips mended, what is wanted told apart.

Made once a lexicon; the result, a `Reading`, is all that the evidence is weighed on, and all that
`explain` shows of the words.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field

from service_catalog.model import Facet, Lexicon
from service_catalog.search.spelling import Correction, Spelling
from service_catalog.search.text import WORD_MARK, grams, normalise, one_of

MENDED = 0.8
"""What a mended word's parts weigh: less than words that were written so."""


@dataclass(frozen=True)
class Reading:
    """A message as the search understands it.

    Attributes:
        said: Its normalised words.
        official: The same with everyday words replaced by the official ones.
        content: `official` without the lexicon's fillers.
        said_content: `said` without them.
        parts: Official words, characters, pairs and Latin words, with those of mended words.
        plain: The same without units, of `said` and `official`: what names are made of.
        rewrites: Everyday word and official word, in the order of the message.
        corrections: Slips of the pen or of the ear that were mended.
    """

    said: str
    official: str
    content: str
    said_content: str
    parts: dict[str, float]
    plain: dict[str, float]
    rewrites: tuple[tuple[str, str], ...] = ()
    corrections: tuple[Correction, ...] = ()


class Facets:
    """One kind of facet, such as the operations: which of its values a text names."""

    def __init__(self, values: Sequence[Facet]) -> None:
        self._names = tuple(value.name for value in values)
        self._bit = {
            normalise(word): 1 << number
            for number, value in enumerate(values)
            for word in (value.name, *value.words)
        }
        self._words = one_of(self._bit)
        self.needed = sum(1 << number for number, value in enumerate(values) if value.needed)

    def mask(self, text: str) -> int:
        """The values that a normalised text names, one bit each."""
        found = 0
        for match in self._words.finditer(text):
            found |= self._bit[match[0]]
        return found

    def names(self, mask: int) -> tuple[str, ...]:
        """The names behind the bits."""
        return tuple(name for number, name in enumerate(self._names) if mask >> number & 1)


@dataclass
class Reader:
    """Reads messages with the help of a lexicon."""

    lexicon: Lexicon
    spelling: Spelling = field(init=False)

    def __post_init__(self) -> None:
        self._official = {
            normalise(word): normalise(synonym.mean)
            for synonym in self.lexicon.words
            for word in synonym.say
        }
        self._everyday = one_of(self._official)
        self._unit = self._official | {meaning: meaning for meaning in self._official.values()}
        self._units = one_of(self._unit)
        self._fillers = {normalise(word) for word in self.lexicon.fillers}
        # 办 is a filler, but not in 补办; nor is 去 in 去世, nor 会 in 社会保障卡
        facets = (self.lexicon.operations, self.lexicon.audiences, self.lexicon.situations)
        meant = {word for kind in facets for facet in kind for word in facet.words}
        meant |= {synonym.mean for synonym in self.lexicon.words}
        self._meant = set(map(normalise, meant)) - self._fillers
        self._filling = one_of(self._fillers | self._meant)
        self.spelling = Spelling(())

    def learn(self, texts: Iterable[str]) -> None:
        """Take the words of these normalised texts as well spelled."""
        self.spelling = Spelling(texts)

    def official(self, said: str) -> str:
        """A normalised text with everyday words replaced by the official ones."""
        return self._everyday.sub(lambda word: self._replaced(word[0], said), said)

    def parts(self, said: str) -> dict[str, float]:
        """The parts of a normalised text, its official words as units."""
        return grams(self._units.sub(lambda word: f" {WORD_MARK}{self._unit[word[0]]} ", said))

    def content(self, text: str) -> str:
        """What is left of a normalised text without fillers."""
        return self._filling.sub(lambda word: " " if word[0] in self._fillers else word[0], text)

    def read(self, message: str, known: Collection[str] = ()) -> Reading:
        """Read a citizen's message.

        Args:
            message: As it was written.
            known: More pairs of characters that are well spelled, such as those of the names.
        """
        said = normalise(message)
        rewrites = tuple(
            (word[0], self._official[word[0]])
            for word in self._everyday.finditer(said)
            if self._official[word[0]] not in said
        )
        official = self.official(said)
        parts = self.parts(said)
        plain = grams(said) | grams(official)
        corrections = tuple(self.spelling.corrections(official, known))
        content = self.content(official)
        for correction in corrections:
            meant = self.official(correction.meant)
            content = content.replace(correction.written, f" {meant} ")
            for known_parts, meant_parts in ((parts, self.parts(meant)), (plain, grams(meant))):
                for part, weight in meant_parts.items():
                    known_parts[part] = max(known_parts.get(part, 0.0), weight * MENDED)
        return Reading(
            said=said,
            official=official,
            content=content,
            said_content=self.content(said),
            parts=parts,
            plain=plain,
            rewrites=rewrites,
            corrections=corrections,
        )

    def _replaced(self, word: str, text: str) -> str:
        meaning = self._official[word]
        return word if meaning in text else f" {meaning} "
