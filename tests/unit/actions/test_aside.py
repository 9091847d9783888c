"""Something else in the middle of a form: answered, and the form asks again."""

from __future__ import annotations

import pytest
from action_world import Backend, said, tracker
from rasa_sdk.events import SlotSet
from rasa_sdk.executor import CollectingDispatcher

from actions.aside import step_aside
from actions.reply import desk as say_desk
from actions.reply import guide, hall
from actions.slots import DIGRESSIONS, ERRANDS
from service_catalog.catalog import Catalog

WANTED = "booking_phone"
AGAIN = SlotSet(WANTED, None)


async def aside(text: str, intent: str, **parts: object) -> tuple[str, list]:
    dispatcher = CollectingDispatcher()
    slots = {"requested_slot": WANTED, **parts.pop("slots", {})}
    message = tracker(text, intent, slots=slots, form="booking_form", **parts)
    events = await step_aside(dispatcher, message, {})
    return said(dispatcher), events


@pytest.mark.parametrize("intent", sorted(ERRANDS))
async def test_one_errand_at_a_time(backend: Backend, intent: str) -> None:
    text, events = await aside("别的事", intent)
    assert text == hall.one_at_a_time()
    assert events == [AGAIN]
    assert backend.calls == [], "nothing is begun"


async def test_a_person_is_called_after_the_form(backend: Backend, catalog: Catalog) -> None:
    text, events = await aside("人工", "human")
    assert text == say_desk.person_later(catalog)
    assert events == [AGAIN]
    assert backend.calls == []


@pytest.mark.parametrize(
    ("intent", "part"),
    [
        ("help", "办事助手"),
        ("greet", "办事助手"),
        ("thanks", "不客气"),
        ("goodbye", "再见"),
        ("why", guide.why_the_form_asks(WANTED)),
        ("plainer", guide.plainer()),
        ("fuller", guide.fuller()),
        ("list_appointments", "您现在没有预约"),
    ],
)
async def test_small_things_are_done_at_once(backend: Backend, intent: str, part: str) -> None:
    text, events = await aside("嗯", intent)
    assert part in text
    assert events[-1] == AGAIN, "then the form asks again"


async def test_cases_are_listed(backend: Backend) -> None:
    text, events = await aside("我的投诉怎么样了", "my_cases")
    assert text
    assert [call.path for call in backend.calls] == ["/v1/desk/cases/search"]
    assert backend.calls[0].body == {"citizen": "o-citizen"}
    assert events == [AGAIN]


@pytest.mark.parametrize("intent", ["my_cases", "list_appointments"])
async def test_a_backend_that_is_down_does_not_end_the_form(
    backend: Backend, catalog: Catalog, intent: str
) -> None:
    backend.status = 503
    text, events = await aside("查一下", intent)
    assert catalog.hall.phones.enquiry in text
    assert events == [AGAIN]


async def test_a_question_is_answered_from_the_catalogue(backend: Backend) -> None:
    entities = [
        {
            "entity": "service",
            "value": "passport-first",
            "decision": "answer",
            "confidence_entity": 1.0,
            "start": 0,
            "end": 5,
        },
        {"entity": "fee", "start": 2, "end": 5, "value": "多少钱"},
    ]
    text, events = await aside("护照多少钱", "ask", entities=entities)
    assert "120元" in text
    assert events[-1] == AGAIN
    assert {"event": "slot", "name": "service", "value": "passport-first", "timestamp": None} in (
        events
    )


async def test_repeating_is_left_to_the_form(backend: Backend) -> None:
    assert await aside("再说一遍", "repeat") == ("", [AGAIN])


async def test_every_intent_that_digresses_gets_an_answer(backend: Backend) -> None:
    for intent in sorted(DIGRESSIONS - {"repeat"}):
        text, events = await aside("嗯嗯嗯", intent)
        assert text, intent
        assert events[-1] == AGAIN


async def test_where_no_slot_was_asked_for_none_is_emptied(backend: Backend) -> None:
    dispatcher = CollectingDispatcher()
    events = await step_aside(dispatcher, tracker("人工", "human"), {})
    assert events == []
