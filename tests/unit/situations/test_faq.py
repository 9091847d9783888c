"""Frequent questions in other words find their entry; other questions about the item find none."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

import service_catalog
from service_catalog.faq import ALMOST_THE_WORDS, SAME, fitting
from service_catalog.loader import Loader
from service_catalog.model import Faq

CATALOG = Loader(Path(service_catalog.__file__).parent / "content").load()
CONTENT = CATALOG.index.content
ENTRIES = [(one, entry) for one in CATALOG.services.values() for entry in one.faq]
with Path(__file__).with_name("faq.csv").open(encoding="utf-8", newline="") as file:
    ROWS = list(csv.DictReader(file))
REWORDED = [row for row in ROWS if row["entry"]]
OTHERS = [row for row in ROWS if not row["entry"]]
ENOUGH = 0.98
"""Without knowing what words mean, not every question can be told from its neighbours."""


def found(row: dict[str, str], least: float = SAME) -> str:
    entry = fitting(CATALOG.service(row["service"]).faq, row["message"], CONTENT, least)
    return entry.question if entry else ""


@pytest.mark.parametrize(
    ("service", "entry"), ENTRIES, ids=[f"{one.id}/{entry.question}" for one, entry in ENTRIES]
)
def test_a_question_finds_itself_however_it_is_asked(service, entry) -> None:
    for message in (entry.question, f"请问{entry.question}？", f"{entry.question}呢"):
        assert fitting(service.faq, message, CONTENT) is entry
    assert fitting(service.faq, entry.question, CONTENT, ALMOST_THE_WORDS) is entry


def test_the_reworded_questions_are_many_and_about_questions_there_are() -> None:
    assert len(REWORDED) >= 60 and len(OTHERS) >= 60
    assert len({(row["service"], row["message"]) for row in ROWS}) == len(ROWS)
    for row in REWORDED:
        assert row["entry"] in [entry.question for entry in CATALOG.service(row["service"]).faq]


def test_questions_in_other_words_find_their_entry() -> None:
    missed = [(row["message"], found(row)) for row in REWORDED if found(row) != row["entry"]]
    assert len(missed) <= (1 - ENOUGH) * len(REWORDED), missed
    assert [pair for pair in missed if pair[1]] == [], "another entry was found instead"


def test_other_questions_about_the_item_find_none() -> None:
    wrong = [(row["message"], found(row)) for row in OTHERS if found(row)]
    assert len(wrong) <= (1 - ENOUGH) * len(OTHERS), wrong
    assert [row["message"] for row in OTHERS if found(row, ALMOST_THE_WORDS)] == []


def test_the_threshold_is_where_most_messages_are_told_apart() -> None:
    def right(least: float) -> int:
        return sum(found(row, least) == row["entry"] for row in ROWS)

    assert right(SAME) == max(right(step / 100) for step in range(40, 90, 3))
    assert SAME < ALMOST_THE_WORDS < 1


@pytest.mark.parametrize(
    ("message", "question", "same"),
    [
        ("一个人可不可以开公司", "一个人能开公司吗", True),
        ("一个人能不能开公司", "一个人能开公司吗", True),
        ("一个人能开几家公司", "一个人能开公司吗", False),
        ("外地户口办护照要带什么", "外地户口能在这里办护照吗", False),
        ("低保多长时间复核一次", "低保多久复核一次", True),
        ("体检去哪里做", "体检要去哪里做", True),
        ("体检", "体检要去哪里做", False),
    ],
)
def test_what_is_wanted_tells_questions_apart(message: str, question: str, same: bool) -> None:
    entry = Faq(question=question, answer="x")
    assert fitting([entry], message, CONTENT) is (entry if same else None)


@given(text=st.text(max_size=30))
def test_any_text_finds_an_entry_or_none(text: str) -> None:
    entries = CATALOG.service("passport-first").faq
    entry = fitting(entries, text, CONTENT)
    assert entry is None or entry in entries


def test_nothing_fits_where_there_is_nothing() -> None:
    assert fitting([], "体检要去哪里做", CONTENT) is None
    assert fitting(CATALOG.service("passport-first").faq, "", CONTENT) is None
