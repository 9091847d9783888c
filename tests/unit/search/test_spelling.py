"""What is well spelled is left alone; each kind of slip is mended, into words that are known."""

from __future__ import annotations

from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service_catalog.search import SearchIndex, normalise
from service_catalog.search.spelling import Correction, Spelling, is_word, merged, sound

TEXTS = (
    *("住房公积金提取" for _ in range(20)),
    *("居民身份证丢了怎么补办" for _ in range(20)),
    *("领取失业保险金" for _ in range(20)),
    *("养老保险待遇投诉" for _ in range(20)),
    *("个体工商户营业执照" for _ in range(20)),
    *("换护照去派出所" for _ in range(20)),
)
NAMES = ("失业保险金申领", "个体工商户设立登记")
SPELLING = Spelling(TEXTS, NAMES)
EVERY = 8
"""One in so many of the shipped sayings is tried."""
MISTAKEN = 0.02
"""The largest share of them in which something may be mended: a word that is said only once is
taken for a slip."""


def mended(text: str, spelling: Spelling = SPELLING) -> list[tuple[str, str]]:
    return [(one.written, one.meant) for one in spelling.corrections(text)]


def meant(text: str) -> str:
    """The text with all corrections made."""
    for written, word in mended(text):
        text = text.replace(written, word, 1)
    return text


# --- what is well spelled ---


@pytest.mark.parametrize("text", sorted(set(TEXTS)))
def test_what_was_learned_is_left_alone(text: str) -> None:
    assert mended(text) == []


def test_no_name_of_the_shipped_catalogue_is_mended(shipped: SearchIndex) -> None:
    spelling, known = shipped.sayings.reader.spelling, shipped.names.rarity
    found = {
        text: corrections
        for item in shipped.items
        for text in (item.name, *item.aliases)
        if (corrections := list(spelling.corrections(normalise(text), known)))
    }
    assert found == {}


def test_hardly_a_saying_of_the_shipped_lexicon_is_mended(shipped: SearchIndex) -> None:
    reader, known = shipped.sayings.reader, shipped.names.rarity
    tried = shipped.sayings.texts[::EVERY]
    assert len(tried) > 300
    found = {
        text: corrections for text in tried if (corrections := reader.read(text, known).corrections)
    }
    assert len(found) <= MISTAKEN * len(tried), found


@pytest.mark.parametrize(
    "said", ["投诉养老", "投诉养老保险", "换护照投诉", "补办身份证", "丢了公积金", "失业投诉"]
)
def test_known_words_that_meet_for_the_first_time_are_left_alone(said: str) -> None:
    assert mended(said) == []


@pytest.mark.parametrize("said", ["投诉养老", "养老投诉", "护照公积金"])
def test_the_shipped_words_may_meet_too(shipped: SearchIndex, said: str) -> None:
    assert shipped.sayings.reader.read(said, shipped.names.rarity).corrections == ()


@pytest.mark.parametrize(
    "said", ["天气", "今天天气怎么样", "苹果手机", "我爱北京天安门", "公司", "老虎", "好", "囗", ""]
)
def test_words_of_another_world_are_left_alone(said: str) -> None:
    assert mended(said) == []


# --- each kind of slip ---


@pytest.mark.parametrize(
    ("said", "right"),
    [
        ("公机金", "公积金"),
        ("身份正", "身份证"),
        ("身份整丢了", "身份证丢了"),
        ("失夜保险金", "失业保险金"),
        ("赢业执照", "营业执照"),
        ("因业执照", "营业执照"),
        ("银业执照", "营业执照"),
        ("个体工桑户", "个体工商户"),
        ("派粗所", "派出所"),
    ],
)
def test_a_character_that_sounds_alike_is_mended(said: str, right: str) -> None:
    assert meant(said) == right


@pytest.mark.parametrize(
    ("said", "right"),
    [
        ("身证份", "身份证"),
        ("公金积", "公积金"),
        ("营执业照", "营业执照"),
        ("失业险保金", "失业保险金"),
        ("派所出", "派出所"),
    ],
)
def test_swapped_characters_are_put_right(said: str, right: str) -> None:
    assert meant(said) == right


@pytest.mark.parametrize(
    ("said", "right"),
    [("营业执召", "营业执照"), ("失业保检金", "失业保险金"), ("个体土商户", "个体工商户")],
)
def test_a_character_that_only_looks_alike_is_mended_in_a_long_word(said: str, right: str) -> None:
    assert meant(said) == right


@pytest.mark.parametrize("said", ["公土金", "公积他", "护他"])
def test_in_a_short_word_it_is_not(said: str) -> None:
    assert mended(said) == []


@pytest.mark.parametrize(
    ("said", "corrections"),
    [
        ("gongjijin", [("gongjijin", "公积金")]),
        ("huzhao", [("huzhao", "护照")]),
        ("shenfenzhengdiule", [("shenfenzhengdiule", "身份证丢了")]),
        ("我的shenfenzheng", [("shenfenzheng", "身份证")]),
        ("huan huzhao", [("huzhao", "护照")]),
        ("yingyezhizhao", [("yingyezhizhao", "营业执照")]),
        ("gjj提取", [("gjj", "公积金")]),
        ("sfz", [("sfz", "身份证")]),
    ],
)
def test_pinyin_and_initials_become_words(said: str, corrections: list[tuple[str, str]]) -> None:
    assert mended(said) == corrections


@pytest.mark.parametrize(
    "said",
    [
        *("hello", "app", "wifi", "id card", "passport", "xyz", "vip", "pdf", "abcdefgh", "iphone"),
        *("hu", "zh", "gj", "gjj2", "3gjj", "huzhaox", "xhuzhao", "nihao", "v", "a" * 40),
        *("20261122", "s3", "5g"),
    ],
)
def test_unknown_latin_words_are_left_alone(said: str) -> None:
    assert mended(said) == []


def test_what_the_caller_knows_is_left_alone() -> None:
    assert list(SPELLING.corrections("公机金", {"公机", "机金"})) == []
    assert list(SPELLING.corrections("gjj", {"gjj"})) == []
    assert list(SPELLING.corrections("huzhao", {"huzhao"})) == []


def test_each_slip_of_a_message_is_mended_in_its_place() -> None:
    assert mended("身份正和公机金，huzhao") == [
        ("身份正", "身份证"),
        ("公机金", "公积金"),
        ("huzhao", "护照"),
    ]


@pytest.mark.parametrize(
    ("said", "right"), [("huzao", "护照"), ("shengfenzheng", "身份证"), ("gongzufan", "公租房")]
)
def test_pinyin_may_be_written_as_it_is_spoken(shipped: SearchIndex, said: str, right: str) -> None:
    assert mended(said, shipped.sayings.reader.spelling) == [(said, right)]


@pytest.mark.parametrize("said", ["公基金", "公鸡金"])
def test_the_provident_fund_is_known_by_its_commonest_slips(
    shipped: SearchIndex, said: str
) -> None:
    found = shipped.sayings.reader.read(said, shipped.names.rarity).corrections
    assert found == (Correction(said, "公积金"),)


@pytest.mark.parametrize("said", ["shen fen zheng", "hu zhao", "gong ji jin ti qu"])
def test_pinyin_with_a_blank_after_every_syllable_becomes_words(said: str) -> None:
    assert mended(said)


def test_two_words_that_differ_by_the_order_alone_both_stay(shipped: SearchIndex) -> None:
    """农转非 is the opposite of 非转农, and farming again where a wood was of 退耕还林."""
    reader = shipped.sayings.reader
    assert reader.read("非转农").corrections == ()
    assert reader.read("退林还耕要赔多少").corrections == ()


def test_a_slip_is_mended_into_a_word_not_into_a_piece_of_a_sentence(shipped: SearchIndex) -> None:
    found = shipped.sayings.reader.read("烟革证怎么办").corrections
    assert not [one for one in found if "怎么" in one.meant]


# --- the dictionary ---


@pytest.mark.parametrize("texts", [(), ("",), ("abc 123",), ("证",), ("公积金",)])
def test_an_empty_dictionary_mends_nothing(texts: tuple[str, ...]) -> None:
    spelling = Spelling(texts)
    for said in ("公机金", "gongjijin", "gjj", "身证份", "", "证"):
        assert mended(said, spelling) == []


def test_what_was_said_once_is_no_dictionary() -> None:
    assert mended("公机金", Spelling(["公积金提取", *["住房补贴"] * 20])) == []


@given(
    text=st.text(
        st.sampled_from("公积金机基身份证正居民护照户营业执失夜保险丢了换 abghijnouz1"), max_size=20
    )
)
def test_only_what_stands_there_is_mended_and_only_into_known_words(text: str) -> None:
    said = normalise(text)
    dictionary = "\n".join(set(TEXTS))
    for written, word in mended(said):
        assert written in said
        assert written != word
        assert word in dictionary


@given(text=st.text(max_size=40))
def test_any_text_may_be_read(text: str) -> None:
    list(SPELLING.corrections(normalise(text)))
    list(SPELLING.corrections(text))


# --- sounds ---


@pytest.mark.parametrize(
    ("char", "syllable"), [("证", "zheng"), ("女", "nv"), ("㐀", "qiu"), ("业", "ye")]
)
def test_the_sound_of_a_character(char: str, syllable: str) -> None:
    assert sound(char) == syllable


@pytest.mark.parametrize(
    ("one", "other"),
    [("zheng", "zen"), ("chang", "can"), ("shi", "si"), ("lan", "nang"), ("xing", "xin")],
)
def test_sounds_that_speakers_confuse_are_the_same(one: str, other: str) -> None:
    assert merged(one) == merged(other)


def test_other_sounds_stay_apart() -> None:
    for one, other in product(["ba", "pa", "ma", "fa", "da", "ta", "na", "ga", "ka"], repeat=2):
        assert (merged(one) == merged(other)) is (one == other)


@pytest.mark.parametrize(
    ("text", "known"),
    [("公积金", True), ("身份证", True), ("护照", True), ("证丢", False)],
)
def test_a_word_is_what_jieba_knows(text: str, known: bool) -> None:
    assert is_word(text) is known
