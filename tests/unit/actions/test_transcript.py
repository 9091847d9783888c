"""The conversation as it is handed to people."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from actions.transcript import transcript
from desk.values import MAX_TRANSCRIPT, Who
from service_catalog.clock import CHINA

START = datetime(2026, 11, 23, 9, 0, tzinfo=CHINA)


def event(kind: str, text: str | None, seconds: int = 0) -> dict[str, Any]:
    return {"event": kind, "text": text, "timestamp": START.timestamp() + seconds}


def test_both_sides_in_their_order_with_the_hall_s_time() -> None:
    found = transcript([event("user", "你好"), event("bot", "您好", 1), event("user", "人工", 2)])
    assert [(one.who, one.text) for one in found] == [
        (Who.CITIZEN, "你好"),
        (Who.ASSISTANT, "您好"),
        (Who.CITIZEN, "人工"),
    ]
    assert [one.at - START for one in found] == [timedelta(seconds=row) for row in range(3)]
    assert found[0].at.utcoffset() == timedelta(hours=8)


def test_what_nobody_said_is_left_out() -> None:
    events = [
        {"event": "action", "name": "action_listen", "timestamp": 1.0},
        {"event": "slot", "name": "service", "value": "x", "timestamp": 1.0},
        event("user", "/follow"),
        event("user", None),
        event("bot", "  "),
        event("bot", ""),
        event("bot", "您好"),
    ]
    assert [one.text for one in transcript(events)] == ["您好"]
    assert transcript([]) == ()


@given(count=st.integers(0, 3 * MAX_TRANSCRIPT))
def test_the_newest_of_a_very_long_one(count: int) -> None:
    found = transcript([event("user", f"第{row}句", row) for row in range(count)])
    assert len(found) == min(count, MAX_TRANSCRIPT)
    if found:
        assert found[-1].text == f"第{count - 1}句"
    assert [one.at for one in found] == sorted(one.at for one in found)
