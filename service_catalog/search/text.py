"""Text as the search compares it: one script, one width, words without noise, character pairs.

Everything that is indexed and everything that is asked goes through `normalise`, so that 護照 and
护照, ＡＢＣ and abc are the same words. Nothing here knows of services or of the lexicon.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from itertools import pairwise

from opencc import OpenCC

_NOISE = re.compile(r"[^0-9a-z\u3400-\u9fff]+")
_HAN = re.compile(r"[\u3400-\u9fff]+")
_LONE = re.compile("[\ud800-\udfff]")
"""Halves of characters, as a phone sends them that cuts an emoji in two."""
_LATIN = re.compile(r"[0-9a-z]+")
_SIMPLIFIED = OpenCC("t2s")

WORD_MARK = "|"
"""Stands before an official word that is one thing, whatever its length."""
WORD, INSIDE = 1.2, 0.5
"""What such a word weighs as a whole, and the share that its characters and pairs keep: else a long
official name drowns what is to be done with it."""
SINGLE = 0.3
"""What one character weighs beside a pair: most characters are shared by unrelated words."""


def normalise(text: str) -> str:
    """Text as it is compared: simplified, one width, lower case, words and digits alone.

    Not remembered, as citizens' own words come here; it takes some microseconds.
    """
    plain = unicodedata.normalize("NFKC", _LONE.sub(" ", text))
    plain = _SIMPLIFIED.convert(_SIMPLIFIED.convert(plain)).lower()  # 薴 takes two steps
    return _NOISE.sub(" ", plain).strip()


def is_chinese(text: str) -> bool:
    """Whether there is a Chinese character in a text."""
    return _HAN.search(text) is not None


def grams(key: str) -> dict[str, float]:
    """The parts of a normalised text that are compared, each with its plain weight.

    Characters, pairs of characters, Latin words or numbers as a whole, and words marked with
    `WORD_MARK`. Pairs do what words would do, but survive wrong segmentation, unknown words and
    most typing errors.
    """
    found: dict[str, float] = {}
    for part in key.split():
        if part[0] == WORD_MARK:
            found[part] = WORD
            for inner, weight in grams(part[1:]).items():
                found[inner] = max(found.get(inner, 0.0), INSIDE * weight)
            continue
        for run in _HAN.findall(part):
            found.update(dict.fromkeys(run, SINGLE))
            for first, second in pairwise(run):
                found[first + second] = 1.0
        for word in _LATIN.findall(part):
            if len(word) > 1:
                found[word] = 1.0
    return found


def one_of(words: Iterable[str]) -> re.Pattern[str]:
    """A pattern that finds any of the words, the longest first; nothing when there are none."""
    longest_first = sorted({word for word in words if word}, key=len, reverse=True)
    return re.compile("|".join(map(re.escape, longest_first)) or "(?!)")
