"""What citizens said before: the nearest of it, and to which side words lean."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from search_world import ITEMS, LEXICON, lexicon

from service_catalog.loader import shipped_sayings
from service_catalog.search import Sayings, SearchIndex
from service_catalog.search.sayings import ALIKE, BEST_FEW, EXACT, NEIGHBOURS, Likeness


def nearest_of(sayings: Sayings, said: str) -> Likeness:
    reading = sayings.reader.read(said)
    return sayings.alike(reading.parts, reading.key)[0]


def test_the_saying_itself_is_the_nearest() -> None:
    sayings = Sayings(lexicon(**LEXICON))
    for number, entry in enumerate(sayings.lexicon.entries):
        for said in entry.say:
            nearest = nearest_of(sayings, said)
            assert (nearest.entry, nearest.saying) == (number, said)
            assert nearest.strength >= 0.9


@pytest.fixture(scope="module")
def many() -> Sayings:
    """Twenty thousand sayings, of which a message is like thousands."""
    return shipped_sayings()


@given(words=st.text("我要办理身份证护照的吗丢了abc", max_size=12), number=st.integers(0, 20_000))
def test_an_entry_s_strength_is_that_of_its_nearest_sayings(
    many: Sayings, words: str, number: int
) -> None:
    reading = many.reader.read(many.texts[number][: len(words)] + words)
    cosines = many._cosines(reading.parts, None)
    by_entry: dict[int, list[float]] = {}
    nearest = cosines.argsort()[::-1][:NEIGHBOURS].tolist()
    for saying in nearest:
        if cosines[saying] > 0:
            by_entry.setdefault(int(many._owner[saying]), []).append(float(cosines[saying]))
    strengths = {entry: 1 + EXACT for entry in many._exact.get(reading.key, {}) if reading.key}
    for entry, few in by_entry.items():
        part = sum(map(float.__mul__, BEST_FEW, few)) / sum(BEST_FEW)
        strengths.setdefault(entry, part + few[0] ** ALIKE * (1 - part))
    found = many.alike(reading.parts, reading.key)
    farthest = float(cosines[nearest[-1]])  # several may be so far, and not all be looked at
    told = {one.entry: one.strength for one in found if one.strength > farthest}
    expected = {entry: strength for entry, strength in strengths.items() if strength > farthest}
    assert {entry: strengths.get(entry) for entry in told} == pytest.approx(
        told, abs=farthest + 1e-9
    )
    assert {one.entry for one in found} >= {
        entry for entry in expected if max(by_entry.get(entry, [1.0])) > farthest
    }
    assert list(found.strengths) == sorted(found.strengths, reverse=True)


def test_kinds_of_what_is_outside_come_after_the_entries() -> None:
    sayings = Sayings(lexicon(**LEXICON))
    nearest = nearest_of(sayings, "你是机器人吗")
    assert nearest.entry == len(sayings.lexicon.entries) + 1


def test_an_entry_s_name_is_a_saying_too() -> None:
    sayings = Sayings(lexicon(**LEXICON))
    nearest = nearest_of(sayings, "犬类准养证核发")
    assert (nearest.entry, nearest.saying) == (2, "犬类准养证核发")


@pytest.mark.parametrize("query", [*LEXICON["entries"][2]["say"], "身份证丢了", "狗", "态度", ""])
def test_after_an_edit_the_sayings_are_what_they_would_be_anew(query: str) -> None:
    first, *rest = LEXICON["entries"]
    more = {"mean": ["民办幼儿园设立许可"], "say": ["想开个托儿所", "给狗办个证"]}
    edited = lexicon(**{**LEXICON, "entries": [more, *rest]})
    index = SearchIndex(ITEMS, Sayings(edited))
    grown = SearchIndex(ITEMS, Sayings(edited, Sayings(lexicon(**LEXICON))))
    assert grown.sayings.texts == index.sayings.texts
    assert grown.search(query) == index.search(query)
    assert grown.search("想开个托儿所").hits[0].id == "kindergarten"
    assert first["say"][0] not in grown.sayings.texts


def test_words_lean_to_the_side_that_says_them() -> None:
    sayings = Sayings(lexicon(**LEXICON))
    assert sayings.leaning(sayings.reader.read("态度恶劣").whole) < 0
    assert sayings.leaning(sayings.reader.read("刚参加工作").whole) > 0
    assert sayings.leaning(sayings.reader.read("囗").whole) == 0
    assert sayings.leaning({}) == 0


def test_without_what_is_outside_no_words_lean() -> None:
    sayings = Sayings(lexicon(entries=LEXICON["entries"]))
    assert sayings.leaning(sayings.reader.read("刚参加工作").whole) == 0
