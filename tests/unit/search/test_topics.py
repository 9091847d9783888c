"""What citizens ask of the hall itself is told apart from services and from everything else."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest
from search_world import SHIPPED

from service_catalog.catalog import Catalog
from service_catalog.loader import Loader
from service_catalog.model import GeneralQuestion, Place
from service_catalog.search import TOPIC_FROM, TopicIndex, TopicKind
from service_catalog.search.topics import short_names

with Path(__file__).with_name("topics.csv").open(encoding="utf-8") as file:
    ROWS = [(row["say"], row["topic"]) for row in csv.DictReader(file)]
MEANT = [row for row in ROWS if row[1]]
NOTHING = [say for say, topic in ROWS if not topic]


@pytest.fixture(scope="module")
def catalog() -> Catalog:
    return Loader(SHIPPED).load()


def question(question_id: str, *words: str) -> GeneralQuestion:
    told = {"answer": "有。", "checked_on": "2026-11-18", "checked_by": "罗敏"}
    return GeneralQuestion.parse_obj({"id": question_id, "question": "？", "words": words, **told})


def place(catalog: Catalog, name: str, *aliases: str) -> Place:
    known = catalog.place("town-longtan")
    return known.copy(update={"name": name, "aliases": aliases})


@pytest.mark.parametrize(("say", "topic"), MEANT, ids=[say for say, _ in MEANT])
def test_a_topic_is_found_first(catalog: Catalog, say: str, topic: str) -> None:
    found = catalog.topics.find(say)
    assert found, "no topic"
    best = [f"{one.kind.value}:{one.id}" for one in found if one.score == found[0].score]
    assert topic in best


@pytest.mark.parametrize("say", NOTHING)
def test_what_asks_for_something_else_is_no_topic(catalog: Catalog, say: str) -> None:
    assert catalog.topics.find(say) == ()


def test_there_are_enough_messages_of_both_kinds() -> None:
    assert min(len(MEANT), len(NOTHING)) >= 80


def test_each_general_question_is_found_by_its_own_words(catalog: Catalog) -> None:
    for one in catalog.general:
        for phrase in (one.question, *one.words):
            ids = {(topic.kind, topic.id) for topic in catalog.topics.find(phrase)}
            assert (TopicKind.GENERAL, one.id) in ids, phrase


def test_a_blank_in_a_phrase_stands_for_a_few_characters() -> None:
    topics = TopicIndex(general=[question("lost", "落 大厅")])
    assert topics.find("包落在大厅了")
    assert topics.find("包落大厅")
    assert not topics.find("叶子落下来的时候我正在大厅", least=0.0)


def test_what_a_topic_does_not_explain_lowers_its_score() -> None:
    topics = TopicIndex(general=[question("wheelchair", "轮椅")])
    alone, more, most = (
        topics.find(say, least=0.0)[0].score
        for say in ("大厅有轮椅吗", "轮椅哪个牌子好", "轮椅哪个牌子好又便宜还结实")
    )
    assert alone > TOPIC_FROM > more > most


def test_the_longest_of_phrases_that_explain_as_much_comes_first() -> None:
    topics = TopicIndex(general=[question("a", "自助机"), question("b", "社保自助机")])
    assert topics.find("社保自助机", least=0.0)[0].id == "b"


def test_a_catalogue_without_such_parts_finds_nothing() -> None:
    assert TopicIndex().find("大厅有wifi吗") == ()
    assert TopicIndex().places("龙潭镇") == ()


@pytest.mark.parametrize("say", ["", " ", "！？", "😀", "吗", "\ud83c"])
def test_nothing_said_is_no_topic(catalog: Catalog, say: str) -> None:
    assert catalog.topics.find(say, least=0.0) == ()


@pytest.mark.parametrize(
    ("name", "short"),
    [
        ("龙潭镇便民服务中心", {"龙潭镇", "龙潭", "龙潭镇便民服务中心"}),
        ("湖滨街道南苑社区便民服务站", {"南苑社区", "南苑", "湖滨街道南苑社区"}),
        ("青石镇上塘村便民服务点", {"上塘村", "上塘", "青石镇上塘村"}),
    ],
)
def test_places_have_short_names(catalog: Catalog, name: str, short: set[str]) -> None:
    assert short <= set(short_names(place(catalog, name)))
    assert not {"湖滨街道", "青石镇"} & set(short_names(place(catalog, name)))


@pytest.mark.parametrize(
    ("say", "ids"),
    [
        ("龙潭镇能办身份证吗", ("town-longtan",)),
        ("我在龙潭镇下岭村，去哪里办医保", ("village-xialing",)),
        ("城东或者湖滨哪个近", ("street-chengdong", "street-hubin")),
        ("身份证怎么办", ()),
    ],
)
def test_places_are_found_in_any_message(catalog: Catalog, say: str, ids: tuple[str, ...]) -> None:
    assert set(catalog.topics.places(say)) == set(ids)
