"""How a message is read: normalised, made official, mended, freed of fillers, its facets told."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st
from search_world import LEXICON, lexicon, reader_of

from service_catalog.model import Facet
from service_catalog.search import SearchIndex, normalise
from service_catalog.search.reading import MENDED, Facets, Reader
from service_catalog.search.spelling import Correction
from service_catalog.search.text import INSIDE, SINGLE, WORD, WORD_MARK, grams, one_of

READER = Reader(lexicon(**LEXICON))
MESSAGES = st.one_of(
    st.text(max_size=60),
    st.text(
        st.sampled_from(
            "身份证社保卡丢了我想请问补办去世会要的吗護遺失shenfzg ,?1Ａ\ud83c😀\x00|\n"
        ),
        max_size=40,
    ),
)


# --- normalise ---


@pytest.mark.parametrize(
    ("text", "plain"),
    [
        ("身份证\ud83d", "身份证"),
        ("身份\ude00证", "身份 证"),
        ("\udfff\ud800", ""),
        ("身份证😀丢了👨‍👩‍👧", "身份证 丢了"),
        ("㊙️", "秘"),
        ("ＳＦＺ　１２３", "sfz 123"),
        ("ＡＰＰ，Ⅷ①", "app viii1"),
        ("護照遺失補辦", "护照遗失补办"),
        ("臺灣通行證", "台湾通行证"),
        ("后来", "后来"),
        ("身份证,丢了!!", "身份证 丢了"),
        ("a|b_c", "a b c"),
        ("\x00\t\n", ""),
        ("", ""),
    ],
)
def test_normalise(text: str, plain: str) -> None:
    assert normalise(text) == plain


@given(text=MESSAGES)
def test_normalise_is_idempotent_and_leaves_words_alone(text: str) -> None:
    once = normalise(text)
    assert normalise(once) == once
    assert re.fullmatch(r"([0-9a-z\u3400-\u9fff]+( [0-9a-z\u3400-\u9fff]+)*)?", once)


# --- grams ---


def test_parts_are_characters_pairs_and_latin_words() -> None:
    assert grams("护照 a app 12") == {
        "护": SINGLE,
        "照": SINGLE,
        "护照": 1.0,
        "app": 1.0,
        "12": 1.0,
    }


def test_nothing_is_paired_across_a_gap() -> None:
    assert "份证" not in grams("身份 证")


def test_a_marked_word_is_one_part_and_its_inside_weighs_less() -> None:
    assert grams(f"{WORD_MARK}社保卡") == {
        f"{WORD_MARK}社保卡": WORD,
        **dict.fromkeys("社保卡", INSIDE * SINGLE),
        "社保": INSIDE,
        "保卡": INSIDE,
    }


def test_the_longest_of_several_words_is_found() -> None:
    assert one_of(["换", "换证", ""]).findall("换证换") == ["换证", "换"]
    assert one_of([]).findall("换证") == []


# --- everyday words ---


@pytest.mark.parametrize(
    ("said", "official"),
    [
        ("社保卡丢了", "社会保障卡 丢了"),
        ("社会保障卡丢了", "社会保障卡丢了"),
        ("社保卡就是社会保障卡", "社保卡就是社会保障卡"),
        ("居民身份证", "居民身份证"),
        ("社保卡和身份证", "社会保障卡 和 居民身份证"),
        ("社保 卡", "社保 卡"),
        ("", ""),
    ],
)
def test_an_everyday_word_is_replaced_unless_the_official_one_stands_there(
    said: str, official: str
) -> None:
    assert " ".join(READER.official(said).split()) == official


def test_the_longest_everyday_word_is_replaced() -> None:
    reader = reader_of(
        words=[
            {"say": ["养老保险"], "mean": "基本养老保险"},
            {"say": ["职工养老保险"], "mean": "企业职工社保"},
        ]
    )
    assert reader.official("职工养老保险").strip() == "企业职工社保"
    assert reader.read("职工养老保险").rewrites == (("职工养老保险", "企业职工社保"),)


def test_rewrites_are_told_in_the_order_of_the_message() -> None:
    reading = READER.read("我的身份证和社保卡不见了")
    assert reading.rewrites == (
        ("身份证", "居民身份证"),
        ("社保卡", "社会保障卡"),
        ("不见了", "丢了"),
    )


def test_no_rewrite_is_told_where_nothing_was_replaced() -> None:
    assert READER.read("居民身份证").rewrites == ()


def test_everyday_words_are_found_in_any_script_and_width() -> None:
    reader = reader_of(words=[{"say": ["ID Card", "國民身分證"], "mean": "居民身份證"}])
    assert reader.read("ｉｄ　ｃａｒｄ").official.strip() == "居民身份证"
    assert reader.read("国民身分证").official.strip() == "居民身份证"


# --- fillers ---


@pytest.mark.parametrize(
    ("said", "content"),
    [
        ("请问我想办的一下吗", ""),
        ("请问结婚要去吗", "结婚"),
        ("补办", "补办"),
        ("我想补办一下", "补办"),
        ("去世", "去世"),
        ("去登记", "登记"),
        ("会要社会保障卡", "社会保障卡"),
    ],
)
def test_fillers_go_but_are_not_cut_out_of_words(said: str, content: str) -> None:
    assert READER.content(said).strip() == content


def test_a_reading_keeps_its_content_with_and_without_official_words() -> None:
    reading = READER.read("请问社保卡丢了吗")
    assert reading.said == "请问社保卡丢了吗"
    assert reading.content.split() == ["社会保障卡", "丢了"]
    assert reading.said_content.split() == ["社保卡丢了"]


def test_a_message_of_fillers_alone_keeps_their_parts_but_has_no_content() -> None:
    reading = READER.read("请问怎么办")
    assert reading.content.strip() == ""
    assert reading.parts


def test_a_lexicon_of_nothing_takes_nothing_away() -> None:
    reading = reader_of().read("请问社保卡怎么办")
    assert reading.official == reading.content == reading.said == "请问社保卡怎么办"
    assert (reading.rewrites, reading.corrections) == ((), ())


@given(message=MESSAGES)
def test_reading_never_raises_and_content_holds_no_filler(message: str) -> None:
    fillers = ["我想", "请问", "要", "丢了", "sfz"]
    reading = reader_of(fillers=fillers).read(message)
    assert not [filler for filler in fillers if filler in reading.content.split()]
    assert not re.search("我想|请问|要|丢了", reading.content)


@given(message=MESSAGES)
def test_the_shipped_lexicon_reads_anything(shipped: SearchIndex, message: str) -> None:
    reader = shipped.sayings.reader
    reading = reader.read(message)
    assert all(weight > 0 for weight in reading.parts.values())
    assert reader.content(reading.said) == reading.said_content


def test_what_pinyin_spells_is_freed_of_fillers_too() -> None:
    learned = ["请问护照怎么换"] * 20
    reader = reader_of(*learned, fillers=["请问", "怎么"])
    assert reader.read("qingwen").corrections == (Correction("qingwen", "请问"),)
    assert reader.read("qingwen").content.strip() == ""


# --- units ---


@pytest.mark.parametrize("said", ["社保卡丢了", "社会保障卡丢了"])
def test_an_official_word_is_one_part_however_it_was_said(said: str) -> None:
    parts = READER.parts(said)
    assert parts[f"{WORD_MARK}社会保障卡"] == WORD
    assert f"{WORD_MARK}丢了" in parts
    assert parts["保障"] == INSIDE
    assert "卡丢" not in parts


def test_names_are_compared_without_units() -> None:
    plain = READER.read("社保卡丢了").plain
    assert {"社保", "社会", "保障"} <= plain.keys()
    assert not any(part.startswith(WORD_MARK) for part in plain)


def test_fillers_weigh_less_than_in_the_whole() -> None:
    reading = READER.read("请问社保卡")
    assert reading.parts.get("请问", 0.0) < reading.whole["请问"] == 1.0


# --- what is denied ---


def test_what_is_denied_is_not_what_is_meant() -> None:
    reading = READER.read("不是护照，我想补办身份证")
    assert reading.denied == ("护照",)
    assert reading.content.split() == ["补办", "居民身份证"]


@pytest.mark.parametrize("said", ["不是，身份证丢了", "身份证不要了", "身份证丢了不是我的错"])
def test_a_bare_no_denies_nothing(said: str) -> None:
    assert READER.read(said).denied == ()


@pytest.mark.parametrize("said", ["是不是补办身份证，谢谢", "要不要补办身份证，谢谢"])
def test_a_question_denies_nothing(said: str) -> None:
    assert READER.read(said).denied == ()


# --- corrections ---


def test_a_mended_word_joins_the_content_and_the_parts() -> None:
    reader = reader_of(*["住房公积金提取"] * 20, fillers=["我想"])
    reading = reader.read("我想公机金提取")
    assert [one.meant for one in reading.corrections] == ["公积金"]
    assert reading.content.split() == ["公积金", "提取"]
    assert reading.said == "我想公机金提取"
    assert reading.parts["积金"] == reading.plain["积金"] == MENDED
    assert reading.parts["提取"] == 1.0


def test_a_mended_everyday_word_becomes_official() -> None:
    reader = reader_of(
        *["社保卡丢失"] * 20, words=[{"say": ["社保卡"], "mean": "社会保障卡"}], fillers=["我"]
    )
    reading = reader.read("shebaoka")
    assert reading.corrections == (Correction("shebaoka", "社保卡"),)
    assert reading.content.strip() == "社会保障卡"
    assert reading.parts[f"{WORD_MARK}社会保障卡"] == pytest.approx(WORD * MENDED)


def test_what_the_caller_knows_is_not_mended() -> None:
    reader = reader_of(*["公积金"] * 20)
    assert reader.read("公机金").corrections
    assert not reader.read("公机金", known={"公机", "机金"}).corrections


# --- facets ---


FACETS = Facets(
    [
        Facet(name="新办", words=("首次", "第一次")),
        Facet(name="补办", words=("丢了", "遺失"), needed=True),
        Facet(name="换发", words=("换", "换新")),
        Facet(name="注销", words=("换注销",), needed=True),
    ]
)


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("", ()),
        ("护照", ()),
        ("首次办护照", ("新办",)),
        ("新办护照", ("新办",)),
        ("遗失了要换新的", ("补办", "换发")),
        ("第一次丢了，首次", ("新办", "补办")),
        ("换注销", ("注销",)),
    ],
)
def test_a_text_names_the_values_of_a_facet(text: str, names: tuple[str, ...]) -> None:
    assert FACETS.names(FACETS.mask(text)) == names


def test_needed_values_are_known_by_their_bits() -> None:
    assert FACETS.names(FACETS.needed) == ("补办", "注销")


def test_facets_without_values_name_nothing() -> None:
    nothing = Facets([])
    assert (nothing.mask("丢了"), nothing.names(7), nothing.needed) == (0, (), 0)


def test_citizens_words_are_not_kept_in_memory():
    """What is made of the same words is made anew each time: there is no store that has them."""
    said = "我的身份证丢了，叫张三丰"
    assert normalise(said) == normalise(said)
    assert normalise(said) is not normalise(said)
