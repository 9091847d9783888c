"""What a message is known to say: services, aspects, a time, a choice."""

from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from actions.aspects import Aspect
from actions.evidence import Candidate, chosen, read

CHOSEN = yaml.safe_load(Path(__file__).with_name("chosen.yml").read_text(encoding="utf-8"))
VECTORS = [(text, row) for row, texts in CHOSEN.items() for text in texts]


def service(value: str, decision: str, score: float = 0.9) -> dict:
    place = {"entity": "service", "start": 0, "end": 9}
    return place | {"value": value, "decision": decision, "confidence_entity": score}


def aspect(name: str, text: str, words: str) -> dict:
    start = text.index(words)
    return {"entity": name, "start": start, "end": start + len(words), "value": words}


@pytest.mark.parametrize(("text", "row"), VECTORS, ids=[text for text, _ in VECTORS])
def test_chosen(text: str, row: int) -> None:
    assert chosen(text, 5) == (row - 1 if row else None)


@pytest.mark.parametrize(
    ("text", "row"), [("十", 10), ("12", 12), ("十二", 12), ("第二十个", 20), ("二十一", 21)]
)
def test_long_lists_are_counted_in_tens_too(text: str, row: int) -> None:
    assert chosen(text, 21) == row - 1
    assert chosen(text, row - 1) is None


@pytest.mark.parametrize("text", ["最后一个", "头一个", "1", "第一个", "倒数第一个"])
def test_of_nothing_nothing_is_chosen(text: str) -> None:
    assert chosen(text, 0) is None


@given(text=st.text(max_size=20), count=st.integers(0, 12))
def test_a_choice_is_one_of_the_rows(text: str, count: int) -> None:
    row = chosen(text, count)
    assert row is None or 0 <= row < count


@given(row=st.integers(1, 40), count=st.integers(0, 40))
def test_a_typed_number_picks_its_row(row: int, count: int) -> None:
    assert chosen(f" {row}. ", count) == (row - 1 if row <= count else None)


def test_nothing_is_read_from_nothing() -> None:
    evidence = read({})
    assert (evidence.text, evidence.rest, evidence.intent) == ("", "", "")
    assert (evidence.confidence, evidence.sure, evidence.when) == (0.0, False, None)
    assert (evidence.candidates, evidence.aspects, evidence.service) == ((), (), None)
    assert not evidence.asks


def test_fields_that_are_null_are_nothing_too() -> None:
    assert read({"text": None, "intent": None, "entities": None}) == read({})


def test_a_service_that_is_clearly_meant() -> None:
    evidence = read(
        {
            "text": " 换身份证 ",
            "intent": {"name": "ask", "confidence": 0.8},
            "entities": [
                service("id-card-renew", "answer"),
                service("id-card-first", "answer", 0.3),
            ],
        }
    )
    assert (evidence.text, evidence.intent, evidence.confidence) == ("换身份证", "ask", 0.8)
    assert evidence.service == "id-card-renew"
    assert evidence.candidates == (
        Candidate("id-card-renew", 0.9),
        Candidate("id-card-first", 0.3),
    )
    assert evidence.asks


def test_services_to_ask_about_are_none_that_is_meant() -> None:
    entities = [service("passport-first", "ask", 0.5), service("passport-renew", "ask", 0.4)]
    evidence = read({"text": "护照", "entities": entities})
    assert evidence.service is None
    assert [candidate.id for candidate in evidence.candidates] == [
        "passport-first",
        "passport-renew",
    ]
    assert evidence.asks


def test_aspects_come_once_and_in_the_order_of_answers() -> None:
    text = "多少钱,带什么材料,收费吗"
    entities = [
        aspect("fee", text, "多少钱"),
        aspect("materials", text, "带什么材料"),
        aspect("fee", text, "收费"),
    ]
    evidence = read({"text": text, "entities": entities})
    assert evidence.aspects == (Aspect.MATERIALS, Aspect.FEE)
    assert evidence.rest == ",,吗"


def test_entities_that_are_no_evidence_are_left_alone() -> None:
    other = {"entity": "mobile", "value": "13812345678", "start": 0, "end": 11}
    assert not read({"text": "13812345678", "entities": [other]}).asks


def test_a_time_is_read_and_its_words_are_no_rest() -> None:
    span = {"start": "2026-12-02T07:00:00+08:00", "end": "2026-12-02T11:59:59+08:00"}
    when = {"entity": "when", "value": span, "start": 0, "end": 9}
    evidence = read({"text": "下周三上午换身份证", "entities": [when]})
    assert evidence.when is not None
    assert evidence.when.start == datetime.fromisoformat(span["start"])
    assert evidence.when.end.utcoffset() == timedelta(hours=8)
    assert evidence.rest == "换身份证"
    assert read({"text": "下周三上午", "entities": [when]}).rest == ""
    assert read({"text": "下周三上午"}).rest == "下周三上午", "no time was found in it"
