"""Hears what is asked about a service where no pattern of data/nlu/aspects.yml foresaw the words.

A trainable Rasa graph component behind RegexEntityExtractor: one logistic regression an aspect,
over a message's characters, over pairs of them that stand apart, and over the patterns' own hits.
It adds an aspect that the patterns missed, as an entity that covers no words, and takes a hit away
that the whole message makes unlikely (外地户口去哪个窗口 asks for the window alone). It learns from
the marked examples of the `ask` intent; the examples of intents that never ask show where nothing
is asked.
"""

from __future__ import annotations

import re
from typing import Any

from rasa.engine.graph import ExecutionContext, GraphComponent
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.shared.nlu.constants import ENTITIES, INTENT, INTENT_NAME_KEY, TEXT
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData

from bot.nlu.weighing import Example, Weighing

_STORED = "aspects"


class Patterns:
    """The aspects' patterns of the training data.

    Attributes:
        aspects: Names of the aspects that have one.
    """

    def __init__(self, training_data: TrainingData) -> None:
        known = training_data.entities
        self._patterns = [
            (each["name"], re.compile(each["pattern"], re.IGNORECASE))
            for each in training_data.regex_features
            if each["name"] in known
        ]
        self.aspects = frozenset(name for name, _ in self._patterns)

    def hits(self, text: str) -> frozenset[str]:
        """The aspects whose patterns stand in a text, as RegexEntityExtractor finds them."""
        return frozenset(name for name, pattern in self._patterns if pattern.search(text))


def _marked(example: Message) -> set[str]:
    """What a training example asks for: its marks, and `asks` in the metadata of its block."""
    said = (example.get("metadata") or {}).get("intent")
    told = said.get("asks", ()) if isinstance(said, dict) else ()
    return {entity["entity"] for entity in example.get(ENTITIES, [])} | set(told)


@DefaultV1Recipe.register(
    DefaultV1Recipe.ComponentType.ENTITY_EXTRACTOR,
    is_trainable=True,
)
class AspectClassifier(GraphComponent):
    """Adds and takes away aspects beside the patterns' hits."""

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
        """The thresholds by cross-validation; config.yml says what they mean."""
        return {
            "add_from": 0.5,
            "keep_from": 0.2,
            "strength": 10.0,
            "sign": 1.0,
            "intents": ["ask", "book"],
            "silent_from": 0.5,
            "unmarked": ["book", "out_of_scope"],
        }

    @classmethod
    def create(
        cls,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
    ) -> AspectClassifier:
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
    ) -> AspectClassifier:
        """Make a trained component.

        Raises:
            ValueError: Nothing was stored under the resource.
        """
        with model_storage.read_from(resource) as directory:
            model = Weighing.load(directory, _STORED)
        return cls(config, model_storage, resource, model)

    def train(self, training_data: TrainingData) -> Resource:
        """Learn from the marked examples, and store what was learned.

        Each example is learned from twice, with the patterns' hits and without: else the hits would
        explain everything, and nothing would be learned for where they are missing.
        """
        patterns = Patterns(training_data)
        told = [
            (str(each.get(TEXT)), frozenset(_marked(each)) & patterns.aspects)
            for each in training_data.intent_examples
            if each.get(TEXT) and each.get(INTENT) not in self._config["unmarked"]
        ]
        examples = [Example(text, patterns.hits(text), asked) for text, asked in told]
        examples += [Example(text, frozenset(), asked) for text, asked in told]
        self._model = Weighing.fit(
            examples,
            strength=self._config["strength"],
            sign=self._config["sign"],
            paired=True,
        )
        with self._model_storage.write_to(self._resource) as directory:
            self._model.save(directory, _STORED)
        return self._resource

    def process(self, messages: list[Message]) -> list[Message]:
        """Add what the patterns missed, and take away what they heard wrongly."""
        if self._model is None:
            raise RuntimeError("the AspectClassifier was neither trained nor loaded")
        for message in messages:
            message.set(ENTITIES, self._heard(self._model, message), add_to_output=True)
        return messages

    def _heard(self, model: Weighing, message: Message) -> list[dict[str, Any]]:
        entities = message.get(ENTITIES, [])
        hits = {entity["entity"] for entity in entities} & set(model.classes)
        likely = model.chances(message.get(TEXT) or "", hits)
        if self._silent(message):
            return [entity for entity in entities if entity["entity"] not in likely]
        kept = [
            entity
            for entity in entities
            if entity["entity"] not in likely
            or likely[entity["entity"]] >= self._config["keep_from"]
        ]
        added = [
            {
                "entity": aspect,
                "value": aspect,
                "start": 0,
                "end": 0,
                "confidence_entity": chance,
                "extractor": type(self).__name__,
            }
            for aspect, chance in likely.items()
            if aspect not in hits and chance >= self._config["add_from"]
        ]
        return kept + added

    def _silent(self, message: Message) -> bool:
        """Whether the message surely has an intent that asks nothing."""
        intent = message.get(INTENT) or {}
        name = intent.get(INTENT_NAME_KEY)
        if name is None or name in self._config["intents"]:
            return False
        return bool(intent.get("confidence", 0.0) >= self._config["silent_from"])
