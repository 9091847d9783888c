"""Links a message to the services it names: the evidence without which nothing is answered.

A Rasa graph component. It asks the live catalogue's search and leaves one `service` entity a
candidate, best first, each with the search's decision, so that every later step (rules, actions,
reports) works on the same evidence. It learns nothing in training: an edit of the catalogue needs
no new model.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from rasa.engine.graph import ExecutionContext, GraphComponent
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.shared.nlu.constants import ENTITIES, TEXT
from rasa.shared.nlu.training_data.message import Message

from bot.meaning import serving
from bot.resources import catalog_store
from bot.settings import catalog_directory
from service_catalog.search import Decision, Found, SearchIndex
from service_catalog.search.meaning import DenseMeaning

ENTITY = "service"
SIGNS = "search_signs"
"""Under this key a message carries what the search saw, for `bot.nlu.evidence` alone."""


@DefaultV1Recipe.register(
    DefaultV1Recipe.ComponentType.ENTITY_EXTRACTOR,
    is_trainable=False,
)
class ServiceLinker(GraphComponent):
    """Adds the services a message names as entities."""

    def __init__(self, directory: Path) -> None:
        self._directory = directory

    @classmethod
    def create(
        cls,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
    ) -> ServiceLinker:
        """Make the component; in training the catalogue is read with the first example."""
        return cls(catalog_directory())

    @classmethod
    def load(
        cls,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
        **kwargs: Any,  # noqa: ANN401 - Rasa's signature
    ) -> ServiceLinker:
        """Make the component for a server, the catalogue read before the first message comes."""
        component = cls.create(config, model_storage, resource, execution_context)
        index = catalog_store(component._directory).current().index
        index.search("身份证")  # what is made at the first search is made now
        return component

    def process(self, messages: list[Message]) -> list[Message]:
        """Add the entities to each message."""
        index = catalog_store(self._directory).current().index
        meaning = serving()
        for message in messages:
            text = message.get(TEXT) or ""
            found, signs = look(index, text, meaning)
            entities = entities_of(found, len(text))
            message.set(ENTITIES, message.get(ENTITIES, []) + entities, add_to_output=True)
            message.set(SIGNS, signs)
        return messages


def look(
    index: SearchIndex, text: str, meaning: DenseMeaning | None = None
) -> tuple[Found, dict[str, float]]:
    """What the search finds, and how strongly the words spoke for it and against it."""
    evidence = index.evidence(text, meaning)
    found = index.decide(evidence)
    signs = {
        "decided": float((Decision.NONE, Decision.ASK, Decision.ANSWER).index(found.decision)),
        "best": found.nearest[0].score if found.nearest else 0.0,
        "outside": evidence.outside.strength if evidence.outside else 0.0,
        "absent": evidence.absent.strength if evidence.absent else 0.0,
        "leaning": float(evidence.leaning),
        "tells": float(evidence.tells),
    }
    return found, signs


def entities_of(found: Found, length: int) -> list[dict[str, Any]]:
    """One entity a hit; `decision` says whether to answer or to ask which is meant."""
    if found.decision is Decision.NONE:
        return []
    return [
        {
            "entity": ENTITY,
            "value": hit.id,
            "start": 0,
            "end": length,
            "confidence_entity": hit.score,
            "decision": found.decision.value,
            "evidence": hit.phrase,
            "extractor": ServiceLinker.__name__,
        }
        for hit in found.hits
    ]
