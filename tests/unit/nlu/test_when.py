"""Which span of time a message speaks of."""

from __future__ import annotations

import csv
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from rasa.shared.nlu.constants import ENTITIES, TEXT
from rasa.shared.nlu.training_data.message import Message

from bot.nlu.when import TimeExtractor, read_time
from service_catalog.clock import CHINA, now

with Path(__file__).with_name("when.csv").open(encoding="utf-8", newline="") as lines:
    VECTORS = list(csv.DictReader(lines))

WEDNESDAY = datetime(2026, 11, 25, 10, 0, tzinfo=CHINA)


def minute(text: str) -> str:
    """A moment of an answer to the minute, after a look at its zone."""
    moment = datetime.fromisoformat(text)
    assert moment.utcoffset() == timedelta(hours=8)
    return moment.strftime("%Y-%m-%dT%H:%M")


@pytest.mark.parametrize("vector", VECTORS, ids=lambda v: f"{v['said']} {v['at']}")
def test_vectors(vector: dict[str, str]) -> None:
    span = read_time(vector["said"], datetime.fromisoformat(vector["at"]).replace(tzinfo=CHINA))
    if not vector["start"]:
        assert span is None
    else:
        assert span is not None
        assert (minute(span["start"]), minute(span["end"])) == (vector["start"], vector["end"])


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    text=st.one_of(
        st.text(max_size=30),
        st.text(
            st.sampled_from("今明后天下上周月日号点半一二三十0123456789:.-年午早晚😀 "), max_size=12
        ),
    )
)
def test_any_words_give_two_moments_or_none(text: str) -> None:
    span = read_time(text, WEDNESDAY)
    if span is not None:
        assert sorted(span) == ["day", "end", "start"]
        assert span["day"] in {"said", "assumed"}
        assert span["start"] <= span["end"]


@settings(max_examples=40, deadline=None)
@given(
    minutes=st.integers(0, 2 * 365 * 24 * 60),
    weekday=st.integers(0, 6),
)
def test_a_bare_weekday_is_the_next_such_day(minutes: int, weekday: int) -> None:
    base = datetime(2026, 1, 1, tzinfo=CHINA) + timedelta(minutes=minutes)
    span = read_time(f"周{'一二三四五六日'[weekday]}", base)
    assert span is not None
    start, end = (datetime.fromisoformat(span[key]) for key in ("start", "end"))
    assert start.weekday() == weekday
    assert base <= end
    assert start <= base + timedelta(days=7)


def test_the_component_adds_one_entity_beside_the_others() -> None:
    there = {"entity": "service", "value": "passport-first", "start": 0, "end": 2}
    timed = Message({TEXT: "护照约明天上午", ENTITIES: [there]})
    timeless = Message({TEXT: "护照带什么", ENTITIES: [there]})
    empty = Message({})
    TimeExtractor().process([timed, timeless, empty])
    service, when = timed.get(ENTITIES)
    assert service == there
    assert (when["entity"], when["start"], when["end"]) == ("when", 0, 7)
    tomorrow = (now() + timedelta(days=1)).date()
    assert datetime.fromisoformat(when["value"]["start"]).date() == tomorrow
    assert timeless.get(ENTITIES) == [there]
    assert empty.get(ENTITIES) is None
