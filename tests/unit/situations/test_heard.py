"""What a citizen's own words say about one question."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from made_up import service

import service_catalog
from service_catalog.loader import Loader
from service_catalog.model import Option, Question, Service
from service_catalog.situations import heard, plain_words

CATALOG = Loader(Path(service_catalog.__file__).parent / "content").load()
YES_OR_NO = {"是", "不是", "有", "没有", "要", "不要", "会", "不会", "对", "不对", "否"}
ASKED = [(one, question) for one in CATALOG.services.values() for question in one.situations]
WORDS = [
    (question, option, word)
    for _, question in ASKED
    for option in question.options
    for word in (option.label, *option.words)
]


def question(**options: list[str]) -> Question:
    """A question whose options are labelled with the first of their words."""
    made: Service = service(
        situations=[
            {
                "id": "q",
                "ask": "?",
                "why": "x",
                "options": [
                    {"id": name, "label": words[0], "words": words[1:]}
                    for name, words in options.items()
                ],
            }
        ]
    )
    return made.situations[0]


AGE = question(
    grown=["已满16周岁", "大人", "满16周岁"], child=["未满16周岁", "孩子", "不到16岁", "未成年"]
)
HUKOU = question(
    city=["本市户口", "本市", "本地"],
    province=["本省其他市的户口", "本省"],
    away=["外省户口", "外省"],
)
DUTY = question(no=["不是", "普通人"], yes=["现役军人", "军人", "公务员"])
MARRIED = question(yes=["有", "有结婚证", "已婚"], no=["没有", "未婚", "没领证"])


@pytest.mark.parametrize(
    ("asked", "text", "option"),
    [
        (AGE, "大人", "grown"),
        (AGE, "给孩子办", "child"),
        (AGE, "已满 16 周岁！", "grown"),
        (AGE, "未满16周岁", "child"),
        (AGE, "他未满16周岁，带什么", "child"),
        (AGE, "不是大人", "child"),
        (AGE, "不是孩子，是大人", "grown"),
        (AGE, "大人和孩子一起办", None),
        (AGE, "身份证丢了", None),
        (AGE, "", None),
        (HUKOU, "我是外省的", "away"),
        (HUKOU, "户口在本地", "city"),
        (HUKOU, "不是本市的", None),
        (HUKOU, "不是本市，是外省的", "away"),
        (HUKOU, "本省其他市的户口", "province"),
        (DUTY, "我是公务员", "yes"),
        (DUTY, "不是公务员", "no"),
        (DUTY, "非军人", "no"),
        (DUTY, "我不属于现役军人", "no"),
        (DUTY, "普通人", "no"),
        (DUTY, "KTV", None),
        (MARRIED, "没有结婚证", "no"),
        (MARRIED, "我们没有结婚证的", "no"),
        (MARRIED, "有结婚证", "yes"),
        (MARRIED, "已婚", "yes"),
        (MARRIED, "没领证", "no"),
    ],
)
def test_what_is_heard(asked: Question, text: str, option: str | None) -> None:
    found = heard(asked, plain_words(text))
    assert (found.id if found else None) == option


@pytest.mark.parametrize("word", sorted(YES_OR_NO))
@pytest.mark.parametrize("asked", [AGE, HUKOU, DUTY, MARRIED], ids=["age", "hukou", "duty", "wed"])
def test_a_bare_yes_or_no_tells_nothing_of_a_question_that_was_not_asked(
    asked: Question, word: str
) -> None:
    assert heard(asked, word) is None
    assert heard(asked, plain_words(f"{word}。")) is None


@pytest.mark.parametrize(
    ("asked", "option", "word"),
    [(*row,) for row in WORDS if plain_words(row[2]) not in YES_OR_NO],
)
def test_each_shipped_word_speaks_for_its_own_option(
    asked: Question, option: Option, word: str
) -> None:
    assert heard(asked, plain_words(word)) is option


@pytest.mark.parametrize("asked", [AGE, HUKOU, DUTY, MARRIED], ids=["age", "hukou", "duty", "wed"])
@given(text=st.text(alphabet="不是非没有未满已16周岁大人孩子本市外省军公务员的,。 ", max_size=24))
def test_any_words_speak_for_one_option_or_none(asked: Question, text: str) -> None:
    found = heard(asked, plain_words(text))
    assert found is None or found in asked.options


@given(before=st.text(alphabet="我想问一下那个", max_size=5), after=st.text("吗呢啊谢", max_size=3))
def test_words_around_do_not_matter(before: str, after: str) -> None:
    found = heard(AGE, plain_words(f"{before}未满16周岁{after}"))
    assert found is not None and found.id == "child"


@given(text=st.text(max_size=20))
def test_plain_words_are_plain(text: str) -> None:
    plain = plain_words(text)
    assert plain_words(plain) == plain or not plain.isascii()
    assert all(char.isalnum() for char in plain)
    assert plain_words(" ".join(text)) == plain
