"""Questions without an answer reach the desk masked, once, and never at the citizen's cost."""

from __future__ import annotations

import time

import pytest
import structlog
from action_world import KEY, Backend, said, tracker
from rasa_sdk.executor import CollectingDispatcher

from actions import resources
from actions.guide import ActionGuide
from actions.outcome import Outcome
from actions.questions import keep_question, request_key
from service_catalog.catalog import Catalog

PERSONAL = [
    ("我叫张晓明，怎么办火星签证，电话13800138000", ["13800138000", "张晓明"]),
    ("身份证号110101199003078515的人能办火星签证吗", ["110101199003078515"]),
    ("车牌京A12345的车能开上火星吗", ["京A12345"]),
    ("一三八零零一三八零零零这个号能办火星卡吗", ["一三八零零一三八零零零"]),
    ("我住幸福路12号楼3单元501，火星快递送到吗", ["12号楼3单元501"]),
    ("答复发到zhang.san@example.com", ["zhang.san@example.com"]),
]


@pytest.mark.parametrize(("text", "secrets"), PERSONAL, ids=[text for text, _ in PERSONAL])
async def test_what_is_personal_never_reaches_the_desk(
    backend: Backend, text: str, secrets: list[str]
) -> None:
    await keep_question(tracker(text), Outcome.UNANSWERABLE)
    (call,) = backend.calls
    assert call.path == "/v1/desk/questions"
    assert call.key == f"Bearer {KEY}"
    assert [secret for secret in secrets if secret in str(call.body)] == []
    assert "〔" in call.body["text"], "a note stands in its place"
    assert "o-citizen" not in str(call.body), "nobody is named"


async def test_a_question_keeps_its_words_its_end_and_its_neighbours(
    backend: Backend, catalog: Catalog
) -> None:
    await keep_question(tracker(" 火星签证要带什么材料 "), Outcome.NAMED_ONLY)
    (call,) = backend.calls
    assert call.body["text"] == "火星签证要带什么材料"
    assert call.body["outcome"] == "named_only"
    assert len(call.body["nearest"]) <= 3
    assert all(
        one in {**catalog.services, **catalog.drafts, **catalog.bundles}
        for one in call.body["nearest"]
    )


@pytest.mark.parametrize("text", ["", "   ", "\n"])
async def test_nothing_is_no_question(backend: Backend, text: str) -> None:
    await keep_question(tracker(text), Outcome.UNANSWERABLE)
    assert backend.calls == []


async def test_the_same_message_is_the_same_question(backend: Backend) -> None:
    for message in ("m1", "m1", "m2"):
        await keep_question(tracker("火星签证", message_id=message), Outcome.UNANSWERABLE)
    first, again, other = [call.idempotency_key for call in backend.calls]
    assert first == again
    assert first != other


def test_a_key_is_the_citizen_s_the_message_s_and_the_purpose_s() -> None:
    one = tracker("火星签证", message_id="m1")
    other = tracker("火星签证", message_id="m2")
    keys = {request_key(one, "question"), request_key(one, "person"), request_key(other, "person")}
    assert len(keys) == 3
    assert request_key(one, "question") == request_key(one, "question")
    unknown = tracker("火星签证", message_id=None)
    assert request_key(unknown, "question") != request_key(unknown, "question")


@pytest.mark.parametrize("status", [400, 401, 429, 500, 503])
async def test_a_desk_that_says_no_is_logged_without_words(backend: Backend, status: int) -> None:
    backend.status = status
    with structlog.testing.capture_logs() as logs:
        await keep_question(tracker("火星签证"), Outcome.UNANSWERABLE)
    assert [log["event"] for log in logs] == ["question.not_kept"]
    assert "火星" not in str(logs)


async def test_a_desk_that_says_nothing_costs_less_than_a_second(backend: Backend) -> None:
    backend.silent = True
    await resources.catalog()
    start = time.monotonic()
    with structlog.testing.capture_logs() as logs:
        await keep_question(tracker("火星签证"), Outcome.UNANSWERABLE)
    assert time.monotonic() - start < 3, "0.8 s, and what a busy machine adds"
    assert [log["event"] for log in logs] == ["question.not_kept"]


async def test_a_message_that_finds_nothing_is_answered_noted_and_kept(backend: Backend) -> None:
    dispatcher = CollectingDispatcher()
    message = tracker("火星签证找王小明13800138000办吗", intent="ask")
    with structlog.testing.capture_logs() as logs:
        await ActionGuide().run(dispatcher, message, {})
    assert "没有找到" in said(dispatcher)
    (outcome,) = [log for log in logs if log["event"] == "outcome"]
    assert outcome["outcome"] == "unanswerable"
    assert "火星" not in str(logs)
    (call,) = backend.calls
    assert "13800138000" not in call.body["text"]


async def test_a_message_that_is_answered_is_not_kept(backend: Backend, catalog: Catalog) -> None:
    dispatcher = CollectingDispatcher()
    found = {"entity": "service", "value": "passport-first", "decision": "answer"}
    entities = [
        {**found, "start": 0, "end": 5, "confidence_entity": 1.0},
        {"entity": "phone", "start": 2, "end": 5, "value": "电话"},
    ]
    await ActionGuide().run(dispatcher, tracker("护照办电话", entities=entities), {})
    assert catalog.service("passport-first").phones.enquiry in said(dispatcher)
    assert backend.calls == []
