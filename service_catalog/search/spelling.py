"""Slips of the pen and of the ear: homophones, wrong or swapped characters, pinyin for characters.

The lexicon's own words are the dictionary, so nothing is ever mended into a word that the search
doesn't know. A character is only doubted when it makes a word with none of its neighbours, neither
by jieba's dictionary nor in any saying; what is well spelled is left alone.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Sequence
from copy import copy
from dataclasses import dataclass
from functools import cache, lru_cache
from importlib.util import find_spec
from itertools import pairwise
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from pypinyin import Style, lazy_pinyin

SHORTEST, LONGEST = 2, 5
"""Length of the words that are looked up, in characters."""
SEEN = 3
"""How often a run of characters must stand in the dictionary's texts to count as a word."""
IN_USE = 5
"""How often a word stands in the texts that jieba's dictionary was counted from, at the least."""
COMMON = 15
"""How often, for a word of two characters: so short a word sounds like many others."""
_HAN = re.compile(r"[\u3400-\u9fff]+")
_LATIN = re.compile("(?<![0-9a-z])[a-z]+(?: +[a-z]+)*(?![0-9a-z])")
_LETTERS = 3
"""A single Latin word shorter than this is no abbreviation worth a guess."""
_VOWEL = re.compile("[aeiouv]")
_MERGED = (("zh", "z"), ("ch", "c"), ("sh", "s"), ("l", "n"))
_SWAPS_FROM, _SLIPS_FROM = 3, 4
"""A word of this length may have two characters swapped, or one that doesn't even sound alike."""

Sounds = tuple[str, ...]


@dataclass(frozen=True)
class Correction:
    """What was written and what was meant."""

    written: str
    meant: str


@lru_cache(maxsize=32_768)
def sound(char: str) -> str:
    """A Chinese character's syllable without its tone."""
    known = lazy_pinyin(char, style=Style.NORMAL, errors="ignore", v_to_u=False)
    return known[0] if known else char  # pypinyin knows no sound of the rarest characters


@lru_cache(maxsize=2_048)
def merged(syllable: str) -> str:
    """A syllable with the sounds merged that speakers and voice input confuse.

    zh/z, ch/c, sh/s, l/n and final ng/n: the mergers that Chinese input methods offer as 模糊音.
    """
    for careful, careless in _MERGED:
        if syllable.startswith(careful):
            syllable = careless + syllable[len(careful) :]
            break
    return syllable[:-1] if syllable.endswith("ng") else syllable


def _sounds(word: str) -> Sounds:
    return tuple(merged(sound(char)) for char in word)


class Spelling:
    """The words of a set of texts, found again by sound, and by all but one character."""

    def __init__(self, texts: Iterable[str], official: Iterable[str] = ()) -> None:
        """Take the dictionary from normalised texts.

        Args:
            texts: What was said, well spelled for the most part.
            official: Official names; what they are made of are words, if jieba knows the pieces.
        """
        named = {
            run[start : start + size]
            for name in official
            for run in _HAN.findall(name)
            for size in range(_SLIPS_FROM, LONGEST + 1)
            for start in range(len(run) - size + 1)
        }
        runs = [run for text in texts for run in _HAN.findall(text)]
        counts: dict[str, int] = {}
        for size in range(SHORTEST, LONGEST + 1):  # one size at a time: most occur once
            counted = Counter(
                run[start : start + size] for run in runs for start in range(len(run) - size + 1)
            )
            if size == SHORTEST:
                # once may be a slip itself, or two words that happened to meet
                self._pairs = {pair for pair, count in counted.items() if count > 1}
            counts.update({word: count for word, count in counted.items() if count >= SEEN})
        listed = _listed(counts)
        self._by_sound: dict[Sounds, str] = {}
        self._by_pinyin: dict[Sounds, str] = {}
        self._by_rest: dict[str, str] = {}
        self._by_letters: dict[str, str] = {}
        self._by_initials: dict[str, str] = {}
        self._common = {word for word, count in counts.items() if count >= COMMON}
        for word, count in sorted(counts.items(), key=lambda pair: -pair[1]):
            if len(word) == SHORTEST and count < COMMON:
                continue
            self._by_pinyin.setdefault(_sounds(word), word)
            if word not in listed and not (word in named and is_words(word)):
                continue
            self._by_sound.setdefault(_sounds(word), word)
            if len(word) >= _SWAPS_FROM:
                self._by_letters.setdefault("".join(sorted(word)), word)
                if word in self._common:
                    initials = "".join(sound(char)[0] for char in word)
                    self._by_initials.setdefault(initials, word)
            if len(word) >= _SLIPS_FROM:
                for hole in _holes(word):
                    self._by_rest.setdefault(hole, word)
        self._syllables = {sound(char) for pair in self._pairs for char in pair}

    def more(self, texts: Iterable[str]) -> Spelling:
        """The same words, with these texts taken as well spelled."""
        grown = copy(self)
        grown._pairs = self._pairs | {
            first + second
            for text in texts
            for run in _HAN.findall(text)
            for first, second in pairwise(run)
        }
        return grown

    def corrections(self, text: str, known: Collection[str] = ()) -> Iterator[Correction]:
        """The words that were probably meant in a normalised text, at most one a place.

        Args:
            text: The message.
            known: More pairs and Latin words that are well spelled, such as those of the names.
        """
        if not self._pairs:
            return
        for run in _HAN.findall(text):
            yield from self._mended(run, known)
        for words in map(str.split, _LATIN.findall(text)):
            if len(words) > 1 and self._syllables.issuperset(words):
                yield from self._from_syllables(words, " ")
                continue
            for word in words:
                if len(word) >= _LETTERS and word not in known:
                    yield from self._from_pinyin(word)

    def _mended(self, run: str, known: Collection[str]) -> Iterator[Correction]:
        strange = [
            pair not in self._pairs and pair not in known for pair in map("".join, pairwise(run))
        ]
        singles = _singles(run)
        # a character that makes a known pair with a neighbour was meant: 投诉 in 投诉养老
        slips = [
            single and before and after
            for single, before, after in zip(
                singles, [True, *strange], [*strange, True], strict=True
            )
        ]
        start = 0
        while start < len(strange):
            for size in range(min(LONGEST, len(run) - start), SHORTEST - 1, -1):
                span = slice(start, start + size)
                meant = any(slips[span]) and self._meant(run[span], slips[span], singles[span])
                if meant:
                    yield Correction(run[span], meant)
                    start += size - 1
                    break
            start += 1

    def _meant(self, written: str, slips: Sequence[bool], singles: Sequence[bool]) -> str | None:
        """The word that was meant by `written`, which holds a character that makes no word."""
        alike = self._by_sound.get(_sounds(written))
        if _changes_only(alike, written, slips):
            return alike
        if alike and alike != written and alike in self._common:
            same = all(
                sound(one) == sound(other) for one, other in zip(alike, written, strict=True)
            )
            if same and len(written) > SHORTEST:  # 公基金: half of the slip is a word itself
                return alike
        swapped = self._by_letters.get("".join(sorted(written)))
        if _neighbours_swapped(swapped, written) and (
            len(written) > _SWAPS_FROM or _changes_only(swapped, written, singles)
        ):
            return swapped
        rests = (self._by_rest.get(hole) for hole in _holes(written))
        return next((word for word in rests if _changes_only(word, written, slips)), None)

    def _from_pinyin(self, word: str) -> Iterator[Correction]:
        if not _VOWEL.search(word):
            meant = self._by_initials.get(word)
            if meant:
                yield Correction(word, meant)
            return
        yield from self._from_syllables(self._split(word), "")

    def _from_syllables(self, syllables: Sequence[str], between: str) -> Iterator[Correction]:
        start = 0
        while start < len(syllables):
            for size in range(min(LONGEST, len(syllables) - start), SHORTEST - 1, -1):
                written = syllables[start : start + size]
                meant = self._by_pinyin.get(tuple(map(merged, written)))
                if meant:
                    yield Correction(between.join(written), meant)
                    start += size - 1
                    break
            start += 1

    def _split(self, word: str) -> Sequence[str]:
        """A Latin word as pinyin syllables, or nothing when it isn't pinyin all through."""
        ways: list[list[str] | None] = [[], *([None] * len(word))]
        for end in range(1, len(word) + 1):
            for start in range(max(0, end - 6), end):
                before = ways[start]
                if before is None or word[start:end] not in self._syllables:
                    continue
                way = [*before, word[start:end]]
                best = ways[end]
                if best is None or len(way) < len(best):
                    ways[end] = way
        return ways[-1] or []


def _dictionary() -> Iterator[tuple[str, int]]:
    """The words of jieba's dictionary with their frequencies.

    Its file alone: the segmenter around it would take another second and 80 MB.
    """
    package = find_spec("jieba")
    if package is None or package.origin is None:
        raise ImportError("jieba, whose dictionary the search reads, is not installed")
    with Path(package.origin).with_name("dict.txt").open(encoding="utf-8") as lines:
        for line in lines:
            word, frequency, _ = line.split(" ", 2)
            if SHORTEST <= len(word) <= LONGEST:
                yield word, int(frequency)


@cache
def _words() -> frozenset[str]:
    """The words that are in use."""
    return frozenset(word for word, frequency in _dictionary() if frequency >= IN_USE)


@cache
def _digests() -> NDArray[np.int64]:
    """A number for each word of the dictionary: 3 MB, where the words would take thirty."""
    return np.sort(np.fromiter((hash(word) for word, _ in _dictionary()), np.int64))


def _listed(words: Collection[str]) -> set[str]:
    """Those of the words that stand in the dictionary, in use or not."""
    if not words:
        return set()
    there = np.isin(np.fromiter(map(hash, words), np.int64, len(words)), _digests())
    return {word for word, found in zip(words, there.tolist(), strict=True) if found}


def is_word(text: str) -> bool:
    """Whether the text is a word that is in use."""
    return text in _words()


def is_words(text: str) -> bool:
    """Whether the text is two words, of two characters and more each."""
    ends = range(SHORTEST, len(text) - SHORTEST + 1)
    return any(is_word(text[:end]) and is_word(text[end:]) for end in ends)


def _changes_only(word: str | None, written: str, where: Sequence[bool]) -> bool:
    """Whether the word is another one, and differs only where it may."""
    changed = [one != other for one, other in zip(word or "", written, strict=False)]
    return any(changed) and not any(c and not may for c, may in zip(changed, where, strict=True))


def _neighbours_swapped(word: str | None, written: str) -> bool:
    """Whether two neighbours changed places; 非转农 is no slip for 农转非."""
    changed = [
        n for n, pair in enumerate(zip(word or "", written, strict=False)) if len({*pair}) > 1
    ]
    return len(changed) == 2 and changed[1] - changed[0] == 1


def _singles(run: str) -> list[bool]:
    """For each character, whether it makes a word with none of its neighbours."""
    words = _words()
    single = [True] * len(run)
    for start in range(len(run)):
        for end in range(start + SHORTEST, min(start + LONGEST, len(run)) + 1):
            if run[start:end] in words:
                single[start:end] = [False] * (end - start)
    return single


def _holes(word: str) -> Iterator[str]:
    """The word with each of its characters left out in turn."""
    for position in range(len(word)):
        yield f"{word[:position]}?{word[position + 1 :]}"
