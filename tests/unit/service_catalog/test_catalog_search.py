"""Words find what they name, ask when they name several, find nothing when they name none."""

from __future__ import annotations

import pytest
from catalog_world import shipped_catalog
from hypothesis import example, given
from hypothesis import strategies as st

from service_catalog.catalog import Catalog
from service_catalog.model import Lexicon
from service_catalog.search import Decision, Sayings, SearchIndex, normalise
from service_catalog.search.index import MAX_CHOICES

SERVICES = tuple(shipped_catalog().services.values())
NAMES = [(service.id, name) for service in SERVICES for name in (service.name, *service.aliases)]
WORDS = st.one_of(
    st.text(max_size=60),
    st.text(
        st.sampled_from("身份证护照换补办社保卡公积金结婚离户口我想要\ud83c😀🀄👨‍👩‍👧 ,?1a"),
        max_size=40,
    ),
)


def ids(found) -> set[str]:
    return {hit.id for hit in found.hits}


@pytest.mark.parametrize(("service_id", "name"), NAMES, ids=[name for _, name in NAMES])
def test_a_service_is_found_first_by_each_of_its_words(
    shipped: Catalog, service_id: str, name: str
) -> None:
    found = shipped.index.search(name)
    assert found.decision is Decision.ANSWER
    assert found.hits[0].id == service_id


@pytest.mark.parametrize(
    "words", ["我想{}，要带什么材料", "请问{}去几号窗口", "{}多少钱？", "你好 {}"]
)
def test_words_around_a_name_do_not_hide_it(shipped: Catalog, words: str) -> None:
    missed = [
        (words.format(name), service_id)
        for service_id, name in NAMES
        if shipped.index.search(words.format(name)).hits[:1]
        and shipped.index.search(words.format(name)).hits[0].id != service_id
    ]
    assert missed == []


@pytest.mark.parametrize(
    ("noun", "candidates"),
    [
        ("身份证", {"id-card-renew", "id-card-replace", "id-card-first"}),
        ("身份证怎么办", {"id-card-renew", "id-card-replace", "id-card-first"}),
        ("护照", {"passport-first", "passport-renew"}),
        ("通行证", {"permit-hk-macao", "permit-taiwan"}),
        ("社保卡", {"social-card-first", "social-card-replace"}),
        ("公积金", {"housing-fund-rent", "housing-fund-purchase"}),
        ("营业执照", {"company-registration", "self-employed-registration"}),
    ],
)
def test_a_noun_that_services_share_is_asked_about(
    shipped: Catalog, noun: str, candidates: set[str]
) -> None:
    found = shipped.index.search(noun)
    assert found.decision is Decision.ASK
    assert candidates <= ids(found)


@pytest.mark.parametrize(
    "words",
    [
        *("今天天气怎么样", "明天会下雨吗", "给我讲个笑话", "哈哈哈哈", "你是谁", "你叫什么名字"),
        *("股票涨了吗", "世界杯谁赢了", "推荐一部电影", "帮我写作业", "附近有什么好吃的", "我饿了"),
        *("彩票中奖号码", "唱首歌", "1+1等于几", "asdf qwer", "!!!???", "😀😀", "登记", "证"),
        *("", " ", "\n", "。", "   "),
    ],
)
def test_words_that_name_no_service_find_none(shipped: Catalog, words: str) -> None:
    found = shipped.index.search(words)
    assert (found.decision, found.hits) == (Decision.NONE, ())


@pytest.mark.parametrize(
    ("said", "service_id"),
    [
        ("给娃上户口", "household-newborn"),
        ("身份证搞丢了", "id-card-replace"),
        ("身份证消磁了怎么办", "id-card-replace"),
        ("想去香港玩", "permit-hk-macao"),
        ("扯结婚证", "marriage-registration"),
        ("新农合怎么交", "medical-insurance-enrol"),
        ("被辞退了能领钱吗", "unemployment-benefit"),
        ("租房拿公积金", "housing-fund-rent"),
        ("餐饮证怎么办", "food-licence"),
        ("驾照要到期了", "driving-licence-renew"),
        ("免检贴怎么领", "vehicle-inspection-mark"),
        ("产假钱", "maternity-allowance"),
    ],
)
def test_the_lexicon_turns_everyday_words_into_services(
    shipped: Catalog, said: str, service_id: str
) -> None:
    assert shipped.index.search(said).hits[0].id == service_id


def knowing(**lexicon: list) -> SearchIndex:
    """The shipped services with a lexicon of the test's own."""
    return SearchIndex(SERVICES, Sayings(Lexicon.parse_obj(lexicon)))


@pytest.mark.parametrize(
    "lexicon",
    [
        {"entries": [{"say": ["呱呱叫"], "mean": ["居民身份证到期换领"]}]},
        {"words": [{"say": ["呱呱叫"], "mean": "换身份证"}]},
    ],
    ids=["entry", "synonym"],
)
def test_without_its_entry_the_lexicon_s_word_finds_nothing(lexicon: dict) -> None:
    assert knowing().search("呱呱叫").decision is Decision.NONE
    found = knowing(**lexicon).search("呱呱叫")
    assert (found.decision, found.hits[0].id) == (Decision.ANSWER, "id-card-renew")


@pytest.mark.parametrize("said", ["换身份証", "換身份证"])
def test_other_characters_for_the_same_word_are_at_least_asked_about(
    shipped: Catalog, said: str
) -> None:
    assert "id-card-renew" in ids(shipped.index.search(said))


def test_wide_letters_and_capitals_are_the_same_word() -> None:
    assert normalise("  Ｅ证通，ＡＰＰ ") == "e证通 app"


@pytest.mark.parametrize(
    ("text", "options", "picked"),
    [
        ("丢了的那个", ["id-card-renew", "id-card-replace", "id-card-first"], "id-card-replace"),
        ("到期了", ["id-card-renew", "id-card-replace", "id-card-first"], "id-card-renew"),
        ("第一次办", ["passport-first", "passport-renew"], "passport-first"),
        ("香港", ["permit-hk-macao", "permit-taiwan"], "permit-hk-macao"),
        ("租房", ["housing-fund-rent", "housing-fund-purchase"], "housing-fund-rent"),
        ("买房的", ["housing-fund-rent", "housing-fund-purchase"], "housing-fund-purchase"),
        ("身份证", ["id-card-renew", "id-card-replace"], None),
        ("不知道", ["passport-first", "passport-renew"], None),
        ("", ["passport-first", "passport-renew"], None),
        ("护照", [], None),
        ("护照", ["no-such-service"], None),
    ],
)
def test_pick(shipped: Catalog, text: str, options: list[str], picked: str | None) -> None:
    assert shipped.index.pick(text, options) == picked


@pytest.mark.parametrize(
    ("text", "rest"),
    [
        ("请问护照要带什么材料？", "护照"),
        ("要多少钱", ""),
        ("您好", ""),
        ("", ""),
        ("😀", ""),
        ("今天天气", "今天天气"),
    ],
)
def test_content_is_what_is_left_without_fillers(shipped: Catalog, text: str, rest: str) -> None:
    assert shipped.index.content(text) == rest


@given(query=WORDS)
@example(query="\x00")
@example(query="Ⅷ㊙️ﷺ")
def test_any_words_give_ordered_scores_between_0_and_1(query: str) -> None:
    index = shipped_catalog().index
    found = index.search(query)
    scores = [hit.score for hit in found.hits]
    assert all(0 <= score <= 1 for score in scores)
    assert scores == sorted(scores, reverse=True)
    assert len(scores) <= MAX_CHOICES
    assert bool(scores) is (found.decision is not Decision.NONE)
    assert index.pick(query, ["passport-first", "passport-renew"]) in {
        None,
        "passport-first",
        "passport-renew",
    }
    index.content(query)


@given(top=st.integers(1, 10))
def test_no_more_hits_than_wanted(top: int) -> None:
    assert len(shipped_catalog().index.search("换身份证", top).hits) <= top
    assert len(shipped_catalog().index.search("身份证", top).hits) <= top


def test_an_index_of_nothing_finds_nothing() -> None:
    assert SearchIndex((), Sayings(Lexicon())).search("换身份证").decision is Decision.NONE
