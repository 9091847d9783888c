"""How well the search bears slips of the pen: a catalogue's names and aliases, spoilt on purpose.

Slips are made with a fixed seed, one a phrase and kind. Beside each kind stands what the same
phrases give unspoilt in the same run, and the ratio of the two. Needs no data from outside.
"""

from __future__ import annotations

import random
import re
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from functools import cache
from pathlib import Path

import click
from opencc import OpenCC
from pypinyin import Style, lazy_pinyin

from benchmarks.material import present, table
from service_catalog.loader import CONTENT, Loader
from service_catalog.search import Decision, Found, SearchIndex, normalise

WITHIN = 3
SHORTEST = 3
"""A phrase of two characters with one of them wrong could be anything."""
FRAMES = (
    "你好，请问{}怎么办理呀，谢谢",
    "麻烦问一下我想办{}要带些什么",
    "我家里人想咨询{}的事，在哪个窗口",
    "那个，就是{}，今天还能办吗",
)
_HAN = re.compile(r"[\u4e00-\u9fff]")
_TRADITIONAL = OpenCC("s2t")
Slip = Callable[[str, random.Random], "str | None"]
"""Spoils a phrase, or says None when it can't be spoilt so."""


@cache
def common_characters() -> tuple[str, ...]:
    """The 3,755 characters of GB 2312's first level: what people write."""
    found = []
    for row in range(0xB0, 0xD8):
        for cell in range(0xA1, 0xFF):
            try:
                found.append(bytes([row, cell]).decode("gb2312"))
            except UnicodeDecodeError:  # the last row isn't full
                break
    return tuple(found)


@cache
def _sounding_alike() -> Mapping[str, tuple[str, ...]]:
    alike: defaultdict[str, list[str]] = defaultdict(list)
    for char in common_characters():
        alike[sound(char)].append(char)
    return {syllable: tuple(chars) for syllable, chars in alike.items()}


def sounds(text: str) -> list[str]:
    """Each character's syllable without its tone, as it is read here: 行 in 银行 is hang."""
    return lazy_pinyin(text, style=Style.NORMAL, errors=list)  # type: ignore[arg-type]


def sound(text: str) -> str:
    """A text in pinyin without tones or spaces."""
    return "".join(sounds(text))


def _places(phrase: str, chance: random.Random) -> list[int]:
    places = [place for place, char in enumerate(phrase) if _HAN.fullmatch(char)]
    chance.shuffle(places)
    return places if len(places) >= SHORTEST else []


def homophone(phrase: str, chance: random.Random) -> str | None:
    """One character for another that sounds the same but for its tone."""
    read = sounds(phrase)
    for place in _places(phrase, chance):
        others = [char for char in _sounding_alike().get(read[place], ()) if char != phrase[place]]
        if others:
            return phrase[:place] + chance.choice(others) + phrase[place + 1 :]
    return None


def wrong(phrase: str, chance: random.Random) -> str | None:
    """One character for another that neither is it nor sounds like it."""
    read = sounds(phrase)
    for place in _places(phrase, chance):
        char = chance.choice(common_characters())
        if sound(char) != read[place] and char != phrase[place]:
            return phrase[:place] + char + phrase[place + 1 :]
    return None


def swapped(phrase: str, chance: random.Random) -> str | None:
    """Two neighbours that changed places."""
    for place in _places(phrase, chance):
        pair = phrase[place : place + 2]
        if len(pair) == 2 and pair[0] != pair[1] and _HAN.fullmatch(pair[1]):
            return phrase[:place] + pair[::-1] + phrase[place + 2 :]
    return None


def missing(phrase: str, chance: random.Random) -> str | None:
    """One character left out."""
    return next((phrase[:at] + phrase[at + 1 :] for at in _places(phrase, chance)), None)


def traditional(phrase: str, _: random.Random) -> str | None:
    """Traditional characters, where they differ."""
    text = _TRADITIONAL.convert(phrase)
    return text if text != phrase else None


def pinyin(phrase: str, _: random.Random) -> str | None:
    """All in pinyin, without tones or spaces."""
    return sound(phrase) if _HAN.search(phrase) else None


def fillers(phrase: str, chance: random.Random) -> str | None:
    """Polite words around it."""
    return chance.choice(FRAMES).format(phrase)


SLIPS: dict[str, Slip] = {
    "no slip": lambda phrase, _: phrase,
    "a homophone": homophone,
    "a wrong character": wrong,
    "two swapped": swapped,
    "one missing": missing,
    "traditional": traditional,
    "all in pinyin": pinyin,
    "fillers around": fillers,
}


def spoilt(phrases: Sequence[str], slip: Slip, seed: int) -> dict[str, str]:
    """Each phrase with its slip, where there can be one that is no other phrase."""
    known = {normalise(phrase) for phrase in phrases}
    made = {phrase: slip(phrase, random.Random(f"{seed} {phrase}")) for phrase in phrases}  # noqa: S311
    return {
        phrase: text
        for phrase, text in made.items()
        if text and (normalise(text) == normalise(phrase) or normalise(text) not in known)
    }


def figures(
    index: SearchIndex, asked: Mapping[str, str], owners: Mapping[str, set[str]]
) -> list[float]:
    """How often the right service is first, within three, and how often nothing is found."""
    found = {phrase: index.search(text) for phrase, text in asked.items()}
    firsts = sum(_is_right(one, owners[phrase], 1) for phrase, one in found.items())
    withins = sum(_is_right(one, owners[phrase], WITHIN) for phrase, one in found.items())
    nones = sum(one.decision is Decision.NONE for one in found.values())
    return [count / max(1, len(found)) for count in (firsts, withins, nones)]


def _is_right(found: Found, owners: set[str], among: int) -> bool:
    return any(hit.id in owners for hit in found.hits[:among])


@click.command()
@click.option(
    "--catalog",
    type=click.Path(path_type=Path, file_okay=False),
    default=CONTENT,
    help="A catalogue's directory (default: the one that comes with the project).",
)
@click.option("--seed", default=1, show_default=True, help="Other slips for another number.")
def main(catalog: Path, seed: int) -> None:
    """Measure how often a service is found by its spoilt names."""
    loaded = Loader(present(catalog, "a catalogue's directory")).load()
    owners: defaultdict[str, set[str]] = defaultdict(set)
    for service in loaded.services.values():
        for phrase in (service.name, *service.aliases):
            owners[phrase].add(service.id)
    rows = []
    for name, slip in SLIPS.items():
        asked = spoilt(list(owners), slip, seed)
        now = figures(loaded.index, asked, owners)
        plain = figures(loaded.index, {phrase: phrase for phrase in asked}, owners)
        ratio = now[0] / plain[0] if plain[0] else float("nan")
        cells = [f"{value:.3f}" for value in (*now, plain[0], ratio)]
        rows.append((name, str(len(asked)), *cells))
    click.echo(f"{len(loaded.services)} services, {len(owners)} names and aliases, seed {seed}")
    click.echo(
        table(("slip", "phrases", "first", "within three", "none", "first unspoilt", "ratio"), rows)
    )


if __name__ == "__main__":
    main()
