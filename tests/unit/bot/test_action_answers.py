"""Answers of the action server: accepted and refused exactly as Rasa does."""

from __future__ import annotations

import copy
from collections.abc import Iterator
from contextlib import suppress
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from jsonschema import ValidationError
from rasa.core.actions.action import RemoteAction
from rasa.shared.core.events import (
    ActionExecuted,
    ActiveLoop,
    AllSlotsReset,
    BotUttered,
    FollowupAction,
    Restarted,
    SlotSet,
    UserUttered,
)
from rasa.shared.exceptions import InvalidConfigException

from bot import action_answers
from bot.channels.wechat import WeChatInput

RASAS_OWN = RemoteAction._validate_action_result
REAL_EVENTS = [
    event.as_dict()
    for event in (
        ActionExecuted("action_listen"),
        ActiveLoop("booking_form"),
        ActiveLoop(None),
        AllSlotsReset(),
        BotUttered("请带身份证", {"buttons": [{"title": "一", "payload": "1"}]}),
        FollowupAction("action_guide"),
        Restarted(),
        SlotSet("service", {"id": "passport", "asked": ["materials"]}),
        UserUttered("办护照", {"name": "ask", "confidence": 0.9}),
    )
]
NAMES = sorted({event["event"] for event in REAL_EVENTS} | {"slot", "no_such_event"})
LEAVES = st.none() | st.booleans() | st.integers() | st.text(max_size=5)
VALUES = st.recursive(
    LEAVES,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner),
    max_leaves=5,
)
KEYS = sorted({key for event in REAL_EVENTS for key in event})


@pytest.fixture
def ours() -> Iterator[Any]:
    """The check as `install` sets it; Rasa's own is put back."""
    action_answers.install()
    yield RemoteAction._validate_action_result
    RemoteAction._validate_action_result = RASAS_OWN


def outcome(check: Any, answer: Any) -> Any:
    """What a check says: true, or the error with its place."""
    try:
        return check(RemoteAction("action_guide", None), copy.deepcopy(answer))
    except ValidationError as error:
        return error.message, list(error.absolute_path), list(error.absolute_schema_path)


@st.composite
def events(draw: st.DrawFn) -> Any:
    """A real event, perhaps with a key gone, or changed, or one too many; or anything."""
    if draw(st.integers(0, 9)) == 0:
        return draw(VALUES)
    event = dict(draw(st.sampled_from(REAL_EVENTS)))
    for _ in range(draw(st.integers(0, 2))):
        key = draw(st.sampled_from(KEYS))
        if draw(st.booleans()):
            event.pop(key, None)
        else:
            event[key] = draw(st.sampled_from(NAMES) if key == "event" else VALUES)
    return event


ANSWERS = (
    st.fixed_dictionaries(
        {},
        optional={
            "events": st.lists(events(), max_size=4) | VALUES,
            "responses": st.lists(
                st.dictionaries(st.sampled_from(["text", "buttons", "image"]), VALUES), max_size=2
            )
            | VALUES,
        },
    )
    | VALUES
)


@given(answer=ANSWERS)
@settings(
    max_examples=300,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
def test_an_answer_is_judged_as_rasa_judges_it(ours, answer):
    assert outcome(ours, answer) == outcome(RASAS_OWN, answer)


def test_what_actions_really_answer_is_accepted(ours):
    assert outcome(ours, {"events": REAL_EVENTS, "responses": [{"text": "好的"}]}) is True


@pytest.mark.parametrize(
    "answer",
    [
        [],
        {"events": {}},
        {"events": [{"event": "slot"}]},
        {"events": [{"event": "no_such_event"}]},
        {"responses": ["text"]},
    ],
)
def test_what_is_no_answer_is_refused_with_rasas_words(ours, answer):
    told = outcome(ours, answer)
    assert told == outcome(RASAS_OWN, answer)
    assert told is not True
    assert "rasa.com" in told[0]


def test_the_channel_installs_it(monkeypatch):
    installed = []
    monkeypatch.setattr(action_answers, "install", lambda: installed.append(True))
    with suppress(InvalidConfigException):  # without settings there is no channel
        WeChatInput.from_credentials(None)
    assert installed
