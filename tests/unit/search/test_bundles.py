"""A whole matter of life finds its bundle; one thing asked for finds its service."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest
from search_world import SHIPPED, draft, ids, lexicon, service

from service_catalog.loader import Loader
from service_catalog.model import Bundle
from service_catalog.search import Decision, ItemKind, Sayings, SearchIndex

with Path(__file__).with_name("bundles.csv").open(encoding="utf-8") as file:
    ROWS = [(row["say"], row["first"]) for row in csv.DictReader(file)]

PARTS = (service("household", "新生儿户口登记"), service("insurance", "居民参保登记"))
SAID = {
    "entries": [
        {"mean": ["新生儿出生“一件事”"], "say": ["刚生了孩子要办哪些手续"]},
        {"mean": ["新生儿户口登记"], "say": ["刚生了孩子要上户口"]},
    ],
    "together": ["哪些手续"],
    "fillers": ["要", "办"],
}


def bundle(bundle_id: str = "newborn", name: str = "新生儿出生“一件事”") -> Bundle:
    catalog = Loader(SHIPPED).load()
    parts = [
        part.copy(update={"service": one.id})
        for part, one in zip(catalog.bundles["newborn"].parts, PARTS, strict=False)
    ]
    changed = {"id": bundle_id, "name": name, "aliases": (), "parts": tuple(parts)}
    return catalog.bundles["newborn"].copy(update=changed)


def index(**said: object) -> SearchIndex:
    return SearchIndex(PARTS, Sayings(lexicon(**said)), (), (bundle(),))


@pytest.mark.parametrize(("say", "first"), ROWS, ids=[say for say, _ in ROWS])
def test_the_shipped_catalogue_answers_with_it(shipped: SearchIndex, say: str, first: str) -> None:
    found = shipped.search(say)
    assert found.decision is Decision.ANSWER
    assert found.hits[0].id == first


def test_a_hit_says_what_it_is() -> None:
    items = SearchIndex(
        PARTS, Sayings(lexicon()), (draft("letter", "孔明灯放飞备案"),), (bundle(),)
    )
    kinds = [items.search(say).hits[0].kind for say in ("居民参保登记", "孔明灯放飞", "新生儿出生")]
    assert kinds == [ItemKind.SERVICE, ItemKind.DRAFT, ItemKind.BUNDLE]
    assert [kind.value for kind in kinds] == ["service", "draft", "bundle"]


def test_a_part_is_no_alternative_to_its_bundle_nor_the_bundle_to_its_part() -> None:
    found = index(**SAID).search("刚生了孩子要办哪些手续")
    assert (found.decision, ids(found)[0]) == (Decision.ANSWER, "newborn")
    found = index(**SAID).search("刚生了孩子要上户口")
    assert (found.decision, ids(found)[0]) == (Decision.ANSWER, "household")


def test_words_for_the_whole_matter_speak_for_the_bundle() -> None:
    without = {**SAID, "together": []}
    say = "生了个孩子哪些手续"
    hits = [
        next(hit.score for hit in index(**said).search(say).nearest if hit.id == "newborn")
        for said in (SAID, without)
    ]
    assert hits[0] > hits[1]


def test_a_draft_by_a_bundle_s_name_is_not_searched_for() -> None:
    items = SearchIndex((), Sayings(lexicon()), (draft("old", bundle().name),), (bundle(),))
    assert [item.id for item in items.items] == ["newborn"]


def test_a_reply_picks_a_bundle_among_what_was_offered() -> None:
    assert index(**SAID).pick("新生儿出生那个", ["household", "newborn"]) == "newborn"


def test_entries_of_several_files_for_one_item_count_as_one(tmp_path: Path) -> None:
    entries = Loader(SHIPPED).load().index.sayings.lexicon.entries
    assert len({entry.mean for entry in entries}) == len(entries)
