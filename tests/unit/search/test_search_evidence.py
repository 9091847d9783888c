"""What speaks for an item and against it, and the decision, on catalogues that fit on one page."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from search_world import ITEMS, LEXICON, WORDS, draft, ids, index_of, service

from service_catalog.search import Decision, SearchIndex
from service_catalog.search.index import ANSWER_FROM, MAX_CHOICES

UNSAID = {part: value for part, value in LEXICON.items() if part not in {"entries", "outside"}}
"""The lexicon without what citizens said: names alone speak."""
AGAIN = index_of(**LEXICON)
OTHERS = tuple(
    service(f"other-{n}", "".join(chr(0x5000 + 23 * n + k) for k in range(6))) for n in range(80)
)
"""Items that nobody asks for, among which three of a kind are few."""

A, B, C, D = (
    service("a", "甲种风筝放飞备案"),
    service("b", "乙种轮渡停靠许可"),
    service("c", "丙类果园灌溉登记"),
    service("d", "丁级书画展览审批"),
)


# --- names ---


def test_a_name_and_nothing_else_is_answered(small: SearchIndex) -> None:
    for item in ITEMS:
        for words in (item.name, *item.aliases):
            found = small.search(words)
            assert (found.decision, found.hits[0].id) == (Decision.ANSWER, item.id), words


def test_a_name_and_nothing_else_beats_what_was_said_of_others() -> None:
    says = ["换身份证"]
    index = index_of(
        entries=[{"say": says, "mean": ["内地居民结婚登记"]}],
        outside=[{"name": "闲聊", "say": says}],
    )
    found = index.search("换身份证")
    assert (found.decision, found.hits[0].id) == (Decision.ANSWER, "id-renew")


@pytest.mark.parametrize("query", ["果园证", "请问果园证的", "我想办果园证"])
def test_a_bare_noun_asks_among_all_that_hold_it(query: str) -> None:
    deeds = [
        service(f"deed-{n}", f"果园证{done}") for n, done in enumerate(["换领", "补领", "注销"])
    ]
    found = index_of((*deeds, *OTHERS), **UNSAID).search(query)
    assert found.decision is Decision.ASK
    assert set(ids(found)) == {"deed-0", "deed-1", "deed-2"}


def test_in_a_small_catalogue_a_bare_noun_asks_too() -> None:
    deeds = [
        service(f"deed-{n}", f"果园证{done}") for n, done in enumerate(["换领", "补领", "注销"])
    ]
    assert index_of((*deeds, A, B, C, D)).search("果园证").decision is Decision.ASK


def test_a_name_within_a_sentence_is_found(small: SearchIndex) -> None:
    assert ids(small.search("下个月我和女朋友想办内地居民结婚登记要准备点啥"))[0] == "marriage"


def test_a_message_of_common_words_says_nothing() -> None:
    index = index_of([service(f"s{n}", f"{char}项登记") for n, char in enumerate("甲乙丙丁戊己")])
    assert index.search("登记").decision is Decision.NONE
    assert ids(index.search("丙项登记"))[0] == "s2"


# --- siblings ---


@pytest.mark.parametrize(
    ("query", "first"),
    [
        ("身份证丢了", "id-replace"),
        ("身份证丢失了", "id-replace"),
        ("身份证弄丢了要补办", "id-replace"),
        ("身份证到期了", "id-renew"),
        ("身份证换证", "id-renew"),
        ("临时身份证", "id-temporary"),
    ],
)
def test_what_is_to_be_done_tells_siblings_apart(query: str, first: str) -> None:
    assert ids(index_of(**UNSAID).search(query))[0] == first


@pytest.mark.parametrize(("query", "first"), [("果园证丢了", "lost"), ("果园证到期", "renewed")])
def test_a_facet_alone_decides_between_names_that_are_else_alike(query: str, first: str) -> None:
    items = (service("lost", "果园证补领"), service("renewed", "果园证换领"))
    index = index_of(items, operations=LEXICON["operations"])
    assert ids(index.search(query))[0] == first
    evidence = index_of(items).evidence(query)
    assert evidence.strength[0] == pytest.approx(evidence.strength[1])


def test_an_entry_s_second_name_ranks_below_its_first() -> None:
    says = ["呱呱叫的东西到哪里弄"]
    for first, second in ((A, B), (B, A)):
        index = index_of([A, B], entries=[{"say": says, "mean": [first.name, second.name]}])
        hits = index.search(says[0]).nearest
        assert [hit.id for hit in hits] == [first.id, second.id]
        assert hits[0].score > hits[1].score


def test_an_entry_s_name_that_no_item_has_is_passed_over() -> None:
    says = ["呱呱叫的东西到哪里弄"]
    index = index_of([A, B], entries=[{"say": says, "mean": ["没有这一项的名称", B.name]}])
    found = index.search(says[0])
    assert (found.decision, found.hits[0].id) == (Decision.ANSWER, "b")
    assert index.evidence(says[0]).absent is None


# --- what the message is not about ---


@pytest.mark.parametrize("query", ["养狗要登记吗", "给狗办个证", "我想给狗办个证"])
def test_what_only_other_halls_do_is_not_answered_with_a_neighbour(query: str) -> None:
    items = (*ITEMS, service("hound", "狗粮生产登记", "狗粮登记证"))
    index = index_of(items, **LEXICON)
    evidence = index.evidence(query)
    assert evidence.absent is not None
    found = index.decide(evidence)
    assert (found.decision, found.hits) == (Decision.NONE, ())
    with_it = index_of((*items, service("dog", "犬类准养证核发")), **LEXICON)
    assert ids(with_it.search(query))[0] == "dog"


def test_what_no_item_answers_is_not_answered_though_it_names_one(small: SearchIndex) -> None:
    said = "办身份证的窗口态度恶劣"
    assert small.search(said).decision is Decision.NONE
    assert small.evidence(said).outside is not None
    without = {part: value for part, value in LEXICON.items() if part != "outside"}
    assert index_of(**without).search(said).decision is not Decision.NONE


def test_none_has_no_hits_but_tells_the_nearest(small: SearchIndex) -> None:
    found = small.search("办身份证的窗口态度恶劣")
    assert found.hits == ()
    assert {hit.id for hit in found.nearest} & {"id-renew", "id-replace", "id-temporary"}


def test_what_speaks_for_something_else_raises_what_is_needed(small: SearchIndex) -> None:
    calm = small.evidence("内地居民结婚登记")
    doubtful = small.evidence("办身份证的窗口态度恶劣")
    assert doubtful.required(0) > calm.required(4)


@pytest.mark.parametrize(
    ("query", "decision"),
    [
        ("结婚证注销", Decision.ASK),
        ("内地居民结婚登记注销", Decision.ASK),
        ("我想办内地居民结婚登记", Decision.ANSWER),
    ],
)
def test_an_item_that_does_not_do_what_is_wanted_is_asked_about(
    small: SearchIndex, query: str, decision: Decision
) -> None:
    assert small.search(query).decision is decision


@pytest.mark.parametrize(
    ("query", "decision"),
    [
        ("在北京民办幼儿园设立许可", Decision.ASK),
        ("从北京来的，民办幼儿园设立许可", Decision.ANSWER),
        ("民办幼儿园设立许可要啥", Decision.ANSWER),
    ],
)
def test_what_is_done_elsewhere_is_asked_about(
    small: SearchIndex, query: str, decision: Decision
) -> None:
    assert small.search(query).decision is decision


# --- the decision ---


def test_ties_keep_the_order_of_the_catalogue() -> None:
    same = [service(f"t{n}", f"渔船检验（{level}级行使）") for n, level in enumerate("省市县")]
    for items in (same, same[::-1]):
        found = index_of((*items, *OTHERS)).search("渔船检验")
        assert found.decision is Decision.ASK
        assert ids(found) == [item.id for item in items]
        assert len({hit.score for hit in found.hits}) == 1


def test_no_more_is_offered_than_wanted_and_nothing_twice() -> None:
    items = [service(f"t{n}", f"渔船检验（{n}号，县级行使）") for n in range(9)]
    index = index_of((*items, *OTHERS))
    for top in (1, 2, MAX_CHOICES):
        assert len(index.search("渔船检验", top).hits) == top
    everything = index.search("渔船检验", 20)
    assert len(everything.nearest) == len({hit.id for hit in everything.nearest}) == 9


@given(query=WORDS, top=st.integers(1, 8))
def test_scores_are_ordered_and_within_0_and_1(small: SearchIndex, query: str, top: int) -> None:
    found = small.search(query, top)
    for hits in (found.hits, found.nearest):
        scores = [hit.score for hit in hits]
        assert scores == sorted(scores, reverse=True)
        assert all(0 < score <= 1 for score in scores)
        assert len({hit.id for hit in hits}) == len(hits) <= top
    assert bool(found.hits) is (found.decision is not Decision.NONE)
    assert set(found.hits) <= set(found.nearest) or top < len(found.nearest)


@given(query=WORDS)
def test_what_is_answered_is_likely(small: SearchIndex, query: str) -> None:
    found = small.search(query)
    if found.decision is Decision.ANSWER:
        assert found.hits[0].score >= ANSWER_FROM
        assert found.hits[0] == found.nearest[0]


@given(query=WORDS)
def test_the_same_words_find_the_same(small: SearchIndex, query: str) -> None:
    assert small.search(query) == AGAIN.search(query)


# --- small and empty catalogues ---


@pytest.mark.parametrize("parts", [{}, LEXICON], ids=["no lexicon", "a lexicon"])
@pytest.mark.parametrize("query", ["", "换身份证", "养狗要登记吗", "今天天气真好", "😀"])
def test_a_catalogue_of_nothing_finds_nothing(parts: dict, query: str) -> None:
    index = index_of((), **parts)
    found = index.search(query)
    assert (found.decision, found.hits, found.nearest) == (Decision.NONE, (), ())
    assert index.pick(query, ["a"]) is None


@pytest.mark.parametrize("parts", [{}, LEXICON], ids=["no lexicon", "a lexicon"])
def test_a_catalogue_of_one_item(parts: dict) -> None:
    index = index_of([A], **parts)
    assert ids(index.search(A.name)) == ["a"]
    assert index.search(A.name).decision is Decision.ANSWER
    assert ids(index.search("风筝放飞")) == ["a"]
    assert index.search("轮渡停靠").decision is Decision.NONE


def test_names_are_found_without_a_lexicon() -> None:
    index = index_of([A, B, C, D])
    assert [ids(index.search(item.name))[0] for item in (A, B, C, D)] == ["a", "b", "c", "d"]
    assert ids(index.search("请问轮渡停靠怎么办"))[0] == "b"


def test_an_item_is_found_by_its_alias_and_told_by_it() -> None:
    index = index_of([service("a", "甲种风筝放飞备案", "放纸鸢"), B, C])
    (hit,) = index.search("放纸鸢").hits[:1]
    assert (hit.id, hit.name, hit.phrase) == ("a", "甲种风筝放飞备案", "放纸鸢")


# --- drafts ---


def test_drafts_are_found_and_told_as_drafts() -> None:
    index = index_of([A], [draft("kite", "孔明灯放飞备案")])
    assert index.search("孔明灯放飞备案").hits[0].draft
    assert not index.search(A.name).hits[0].draft


@pytest.mark.parametrize("name", ["甲种风筝放飞备案", "放紙鳶"])
def test_a_draft_that_a_service_goes_by_the_name_of_is_left_out(name: str) -> None:
    index = index_of([service("a", A.name, "放纸鸢")], [draft("kite", name)])
    assert [item.id for item in index.items] == ["a"]
