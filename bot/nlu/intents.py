"""Decides what a citizen wants with a message, from its wording and from what else is known of it.

A trainable Rasa intent classifier. It hears the message's characters, what `bot.nlu.evidence` says
of it, and which aspects the patterns found. Each intent is told from all others by itself. How well
it does stands in docs/conversation.md.
"""

from __future__ import annotations

from typing import Any

from rasa.engine.graph import ExecutionContext, GraphComponent
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.nlu.classifiers.classifier import IntentClassifier
from rasa.shared.nlu.constants import ENTITIES, INTENT, INTENT_RANKING_KEY, TEXT
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData

from bot.nlu import evidence
from bot.nlu.aspects import Patterns
from bot.nlu.weighing import Example, Weighing
from bot.resources import catalog_store
from bot.settings import catalog_directory

_STORED = "intents"
_RANKED = 10


@DefaultV1Recipe.register(
    DefaultV1Recipe.ComponentType.INTENT_CLASSIFIER,
    is_trainable=True,
)
class WeighingClassifier(IntentClassifier, GraphComponent):
    """Gives each message its likeliest intent."""

    def __init__(
        self,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        model: Weighing | None = None,
    ) -> None:
        self._config = {**self.get_default_config(), **config}
        self._model_storage = model_storage
        self._resource = resource
        self._model = model

    @staticmethod
    def get_default_config() -> dict[str, Any]:
        """The settings; config.yml says what they mean."""
        return {"strength": 16.0, "sign": 0.2}

    @classmethod
    def create(
        cls,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
    ) -> WeighingClassifier:
        """Make an untrained component."""
        return cls(config, model_storage, resource)

    @classmethod
    def load(
        cls,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
        **kwargs: Any,  # noqa: ANN401 - Rasa's signature
    ) -> WeighingClassifier:
        """Make a trained component.

        Raises:
            ValueError: Nothing was stored under the resource.
        """
        with model_storage.read_from(resource) as directory:
            model = Weighing.load(directory, _STORED)
        return cls(config, model_storage, resource, model)

    def train(self, training_data: TrainingData) -> Resource:
        """Learn from the examples, and store what was learned."""
        patterns = Patterns(training_data)
        index = catalog_store(catalog_directory()).current().index
        examples = [
            Example(
                str(each.get(TEXT)),
                evidence.read(index, str(each.get(TEXT))) | patterns.hits(str(each.get(TEXT))),
                frozenset({str(each.get(INTENT))}),
            )
            for each in training_data.intent_examples
            if each.get(TEXT) and each.get(INTENT)
        ]
        self._model = Weighing.fit(
            examples, strength=self._config["strength"], sign=self._config["sign"]
        )
        with self._model_storage.write_to(self._resource) as directory:
            self._model.save(directory, _STORED)
        return self._resource

    def process(self, messages: list[Message]) -> list[Message]:
        """Give each message its intent and the next likely ones; all chances sum up to 1."""
        if self._model is None:
            raise RuntimeError("the WeighingClassifier was neither trained nor loaded")
        for message in messages:
            signs = evidence.known(message)
            signs |= {entity["entity"] for entity in message.get(ENTITIES, [])}
            chances = self._model.chances(message.get(TEXT) or "", signs)
            whole = sum(chances.values())
            ranking = [
                {"name": name, "confidence": chance / whole}
                for name, chance in sorted(chances.items(), key=lambda pair: -pair[1])[:_RANKED]
            ]
            message.set(INTENT, ranking[0], add_to_output=True)
            message.set(INTENT_RANKING_KEY, ranking, add_to_output=True)
        return messages
