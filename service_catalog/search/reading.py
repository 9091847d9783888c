"""How a message is read: everyday words made official, slips mended, what is wanted told apart.

Made once a lexicon; the result, a `Reading`, is all that the evidence is weighed on, and all that
`explain` shows of the words.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field

from service_catalog.model import Facet, Lexicon
from service_catalog.search.spelling import Correction, Spelling
from service_catalog.search.text import WORD_MARK, grams, normalise, one_of

_DENIED = re.compile(r"(?<![是要办问])(?:不是|不要|不办|不问)(\S{1,10}) +(?=\S)")
"""不是护照，我要预约结婚登记: what was denied in the clause before is not what is meant."""
FILLING = 0.4
"""What the parts of fillers keep of their weight: 多少钱 is no evidence for what costs money."""
MENDED = 0.8
"""What a mended word's parts weigh: less than words that were written so."""


@dataclass(frozen=True)
class Reading:
    """A message as the search understands it.

    Attributes:
        said: Its normalised words, without what it denies.
        official: The same with everyday words replaced by the official ones.
        key: What is the same for the same thing said.
        content: `official` without the lexicon's fillers.
        said_content: `said` without them.
        parts: Official words, characters, pairs and Latin words, with those of mended words.
        whole: The same with fillers.
        plain: The same without units, of `said` and `official`: what names are made of.
        rewrites: Everyday word and official word, in the order of the message.
        corrections: Slips of the pen or of the ear that were mended.
        denied: What the message says that it is not.
    """

    said: str
    official: str
    key: str
    content: str
    said_content: str
    parts: dict[str, float]
    whole: dict[str, float]
    plain: dict[str, float]
    rewrites: tuple[tuple[str, str], ...] = ()
    corrections: tuple[Correction, ...] = ()
    denied: tuple[str, ...] = ()


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
    """Reads messages with the help of a lexicon.

    Attributes:
        lexicon: Its words, facets and fillers decide how a message is read.
        spelling: The words that slips are mended into.
    """

    lexicon: Lexicon
    spelling: Spelling = field(default_factory=lambda: Spelling(()))

    def __post_init__(self) -> None:
        lexicon = self.lexicon
        self._official = {
            normalise(word): normalise(synonym.mean)
            for synonym in lexicon.words
            for word in synonym.say
        }
        self._everyday = one_of(self._official)
        units = set(self._official.values())
        self._fillers = set(map(normalise, lexicon.fillers))
        # 办 is a filler, but not in 补办; nor is 去 in 去世, nor 会 in 社会保障卡
        facets = (lexicon.operations, lexicon.audiences, lexicon.situations)
        named = {normalise(word) for kind in facets for facet in kind for word in facet.words}
        meant = (named | units | self._official.keys()) - self._fillers
        self._filling = one_of(self._fillers | meant)
        self._phrases = one_of({word for word in self._fillers if len(word) > 1} | meant)
        self._unit = {
            word: unit
            for word, unit in (self._official | {unit: unit for unit in units}).items()
            if unit not in self._fillers
        }
        self._units = one_of(self._unit.keys() | named)

    def changed(self, before: Reader) -> re.Pattern[str]:
        """Finds the words that mean something else than to an earlier reader.

        A text without one of them is read as before, when facets and fillers are the same.
        """
        words: set[str] = set()
        for now, then in ((self._unit, before._unit), (self._official, before._official)):
            words |= {word for word in now.keys() | then.keys() if now.get(word) != then.get(word)}
        return one_of(words)

    def official(self, said: str) -> str:
        """A normalised text with everyday words replaced by the official ones."""
        return self._everyday.sub(lambda word: self._replaced(word[0], said), said)

    def marked(self, said: str) -> str:
        """A normalised text with its official words as units."""
        return self._units.sub(self._as_unit, said)

    def _as_unit(self, word: re.Match[str]) -> str:
        unit = self._unit.get(word[0])
        return f" {WORD_MARK}{unit} " if unit else word[0]

    def parts(self, said: str) -> dict[str, float]:
        """The parts of a normalised text, its official words as units, fillers weighing less."""
        parts = {part: FILLING * weight for part, weight in grams(self.marked(said)).items()}
        return parts | grams(self.marked(self._bare(said)))

    def _bare(self, said: str) -> str:
        return self._phrases.sub(self._kept, said)

    def key(self, said: str) -> str:
        """A normalised text without fillers and blanks: the same for the same thing said."""
        return self.marked(self._bare(said)).replace(" ", "")

    def _kept(self, word: re.Match[str]) -> str:
        return " " if word[0] in self._fillers else word[0]

    def content(self, text: str) -> str:
        """What is left of a normalised text without fillers."""
        return self._filling.sub(self._kept, text)

    def read(self, message: str, known: Collection[str] = ()) -> Reading:
        """Read a citizen's message.

        Args:
            message: As it was written.
            known: More pairs of characters that are well spelled, such as those of the names.
        """
        said = normalise(message)
        denied = tuple(_DENIED.findall(said))
        said = _DENIED.sub("", said)
        rewrites = tuple(
            (word[0], self._official[word[0]])
            for word in self._everyday.finditer(said)
            if self._official[word[0]] not in said
        )
        official = self.official(said)
        parts = self.parts(said)
        plain = grams(said) | grams(official)
        corrections = tuple(self.spelling.corrections(official, known))
        mended = official
        for correction in corrections:
            meant = self.official(correction.meant)
            mended = mended.replace(correction.written, f" {meant} ")
            for known_parts, meant_parts in ((parts, self.parts(meant)), (plain, grams(meant))):
                for part, weight in meant_parts.items():
                    known_parts[part] = max(known_parts.get(part, 0.0), weight * MENDED)
        return Reading(
            said=said,
            official=official,
            key=self.key(said),
            content=self.content(mended),
            said_content=self.content(said),
            parts=parts,
            whole=grams(self.marked(said)),
            plain=plain,
            rewrites=rewrites,
            corrections=corrections,
            denied=denied,
        )

    def _replaced(self, word: str, text: str) -> str:
        meaning = self._official[word]
        return word if meaning in text else f" {meaning} "
