"""The services that a message names, as entities with their evidence."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest
from embedding_service import WORD, EmbeddingService
from rasa.shared.nlu.constants import ENTITIES, TEXT
from rasa.shared.nlu.training_data.message import Message

import service_catalog
from bot.meaning import LiveMeaning, serving
from bot.nlu.services import ServiceLinker, entities_of
from bot.resources import catalog_store
from bot.settings import Embeddings
from service_catalog.search import Decision, Found, Hit

CARD = Hit("id-card-renew", "居民身份证到期换领", 0.91, "换身份证")
PASSPORT = Hit("passport-renew", "普通护照换发", 0.35, "换护照")


def test_nothing_found_is_no_entity() -> None:
    assert entities_of(Found(Decision.NONE, ()), 4) == []
    assert entities_of(Found(Decision.NONE, (PASSPORT,)), 4) == []


@pytest.mark.parametrize("decision", [Decision.ANSWER, Decision.ASK])
def test_each_hit_is_an_entity_best_first(decision: Decision) -> None:
    best, second = entities_of(Found(decision, (CARD, PASSPORT)), 5)
    assert best == {
        "entity": "service",
        "value": "id-card-renew",
        "start": 0,
        "end": 5,
        "confidence_entity": 0.91,
        "decision": decision.value,
        "evidence": "换身份证",
        "extractor": "ServiceLinker",
    }
    assert (second["value"], second["confidence_entity"]) == ("passport-renew", 0.35)


def test_the_component_asks_the_live_catalogue() -> None:
    linker = ServiceLinker(Path(service_catalog.__file__).parent / "content")
    when = {"entity": "when", "value": {}, "start": 0, "end": 2}
    named = Message({TEXT: "明天换身份证", ENTITIES: [when]})
    shared = Message({TEXT: "护照"})
    nonsense, empty = Message({TEXT: "今天天气怎么样"}), Message({})
    linker.process([named, shared, nonsense, empty])
    assert named.get(ENTITIES)[0] == when
    assert named.get(ENTITIES)[1]["value"] == "id-card-renew"
    assert named.get(ENTITIES)[1]["decision"] == "answer"
    assert {entity["decision"] for entity in shared.get(ENTITIES)} == {"ask"}
    assert nonsense.get(ENTITIES) == empty.get(ENTITIES) == []


async def test_the_component_asks_the_embedding_model_for_what_was_heard(
    model_service: EmbeddingService, small_content: Path, tmp_path: Path
) -> None:
    linker = ServiceLinker(small_content)
    store = catalog_store(small_content)
    settings = Embeddings(model_service.url, "", "", tmp_path / "embeddings.db")
    live = LiveMeaning.of(settings, small_content)
    assert live is not None
    await live.open()
    meaning = serving()
    assert meaning is not None

    async def followed() -> None:
        while not meaning.follows(store.current().index):  # noqa: ASYNC110
            await asyncio.sleep(0.001)

    try:
        await asyncio.wait_for(followed(), 5)
        await live.hear(WORD)
        heard, not_heard = Message({TEXT: WORD}), Message({TEXT: f"{WORD}吧"})
        linker.process([heard, not_heard])
        assert heard.get(ENTITIES)[0]["value"] == "card"
        assert "card" not in {entity["value"] for entity in not_heard.get(ENTITIES)}
    finally:
        await live.close()
