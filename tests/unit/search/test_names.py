"""Official names: what of them counts, and how well they stand in a message."""

from __future__ import annotations

import pytest
from hypothesis import given
from search_world import WORDS, lexicon

from service_catalog.search.names import Names, core_of, official_name
from service_catalog.search.reading import Reader


@pytest.mark.parametrize(
    ("name", "plain"),
    [
        ("渔船检验（县级行使）", "渔船检验"),
        ("渔船检验(省级权限)", "渔船检验"),
        ("渔船检验（设区的市级）登记", "渔船检验登记"),
        ("渔船检验（小型）", "渔船检验 小型"),
        ("漁船檢驗", "渔船检验"),
    ],
)
def test_an_official_name_is_without_notes_on_who_does_it(name: str, plain: str) -> None:
    assert official_name(name) == plain


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("失业保险金申领", "失业保险金申请"),
        ("失业保险金申领", "失业保险金发放"),
        ("渔船检验（县级行使）", "渔船检验审批"),
        ("驾驶证核发", "驾驶证首次申领"),
    ],
)
def test_the_same_core_in_other_words(one: str, other: str) -> None:
    assert core_of(one) == core_of(other)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("二级运动员认定", "三级运动员认定"),
        ("养老保险登记", "医疗保险登记"),
        ("企业注销登记", "企业变更登记"),
        ("驾驶证补领", "驾驶证换领"),
    ],
)
def test_another_thing_has_another_core(one: str, other: str) -> None:
    assert core_of(one) != core_of(other)


NAMES = Names(
    [
        ("失业保险金申领", "失业金"),
        ("二级运动员认定",),
        ("渔船检验（县级行使）",),
        ("渔船检验（省级行使）",),
        ("药品经营许可证核发（零售）",),
        ("补证",),
    ]
)


@pytest.mark.parametrize(
    ("name", "items"),
    [
        ("失业保险金申领", [0]),
        ("失業保險金申領", [0]),
        ("失业保险金申请", [0]),
        ("失业金", [0]),
        ("二级运动员审批认定", [1]),
        ("三级运动员认定", []),
        ("运动员认定", []),
        ("渔船检验", [2, 3]),
        ("药品经营许可证核发", [4]),
        ("药品经营许可证", [4]),
        ("药品经", []),
        ("补", []),
        ("失业保险金申领和发放以及其他", []),
        ("没有的事项", []),
        ("", []),
    ],
)
def test_the_items_that_go_by_an_official_name(name: str, items: list[int]) -> None:
    assert [item for item, _ in NAMES.called(name)] == items


def test_the_very_name_fits_better_than_its_core_and_that_better_than_a_longer_name() -> None:
    ((_, exact),) = NAMES.called("失业保险金申领")
    ((_, core),) = NAMES.called("失业保险金申请")
    ((_, longer),) = NAMES.called("药品经营许可证")
    assert exact == 1.0 > core > longer > 0.5


def test_names_of_nothing() -> None:
    nothing = Names([])
    assert nothing.called("护照") == []
    fits = nothing.score(Reader(lexicon()).read("护照"))
    assert len(fits.score) == len(fits.phrase) == len(fits.held) == len(fits.whole) == 0


@given(query=WORDS)
def test_a_fit_is_between_0_and_1(query: str) -> None:
    fits = NAMES.score(Reader(lexicon()).read(query))
    assert ((fits.score >= 0) & (fits.score <= 1 + 1e-6)).all()
    assert [NAMES.owner[phrase] for phrase in fits.phrase] == list(range(6))
    assert (fits.score[fits.whole] > 0.9).all()


@pytest.mark.parametrize(
    ("query", "held", "whole"),
    [
        ("失业金", True, True),
        ("失业金怎么领", True, False),
        ("失业保险金申领", True, True),
        ("失业的人领金条", False, False),
        ("", False, False),
    ],
)
def test_a_phrase_is_held_word_for_word_or_is_all_there_is(
    query: str, held: bool, whole: bool
) -> None:
    fits = NAMES.score(Reader(lexicon()).read(query))
    assert (fits.held[0], fits.whole[0]) == (held, whole)
