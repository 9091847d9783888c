"""Hears what is asked about a service where no pattern of data/nlu/aspects.yml foresaw the words.

A trainable Rasa graph component behind RegexEntityExtractor: one logistic regression an aspect,
over a message's characters and over the patterns' own hits. It adds an aspect that the patterns
missed, as an entity that covers no words, and takes a hit away that the whole message makes
unlikely (带孩子来方便吗 asks for no materials). It learns from the marked examples of the `ask`
intent; the examples of all other intents show where nothing is asked.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from rasa.engine.graph import ExecutionContext, GraphComponent
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.shared.nlu.constants import ENTITIES, INTENT, INTENT_NAME_KEY, TEXT
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData
from scipy.sparse import csr_matrix
from sklearn.linear_model import LogisticRegression

_HITS = "hit:"
_GAP = re.compile(r"[\s,，。.、!！?？~～…;；:：]+")
_MODEL, _WEIGHTS = "aspects.json", "aspects.npz"

Weights = NDArray[np.float32]


def grams(text: str, longest: int = 4) -> set[str]:
    """The runs of characters of a text up to a length, its ends marked."""
    plain = f"^{_GAP.sub('|', text.lower()).strip('|')}$"
    return {
        plain[start : start + length]
        for length in range(1, longest + 1)
        for start in range(len(plain) - length + 1)
    }


@dataclass(frozen=True)
class AspectModel:
    """What was learned.

    Attributes:
        aspects: The aspects' names, one a row of the weights.
        vocabulary: The column of each part of a message.
        weights: How much each part speaks for each aspect.
        bias: What speaks for each aspect before anything is said.
    """

    aspects: tuple[str, ...]
    vocabulary: dict[str, int]
    weights: Weights
    bias: Weights

    @classmethod
    def fit(
        cls,
        texts: Sequence[str],
        hits: Sequence[Iterable[str]],
        asked: Sequence[Iterable[str]],
        *,
        strength: float,
    ) -> AspectModel:
        """Learn from examples.

        Args:
            texts: What citizens said.
            hits: The aspects whose patterns stand in each of them.
            asked: The aspects that each of them asks for.
            strength: The inverse of the regularisation.
        """
        with_hits = [_parts(text, found) for text, found in zip(texts, hits, strict=True)]
        without = [_parts(text, ()) for text in texts]  # else the hits would explain everything
        vocabulary = _vocabulary(with_hits)
        rows = _matrix([*with_hits, *without], vocabulary)
        wanted = [set(each) for each in asked] * 2
        aspects = tuple(sorted({aspect for each in wanted for aspect in each}))
        weights, bias = [], []
        for aspect in aspects:
            one = LogisticRegression(C=strength, solver="liblinear", random_state=42)
            one.fit(rows, [aspect in each for each in wanted])
            weights.append(one.coef_[0])
            bias.append(one.intercept_[0])
        return cls(
            aspects,
            vocabulary,
            np.asarray(weights, dtype=np.float32),
            np.asarray(bias, dtype=np.float32),
        )

    def likely(self, text: str, hits: Iterable[str]) -> dict[str, float]:
        """How likely the message asks for each aspect, 0 to 1."""
        parts = _parts(text, hits)
        found = [self.vocabulary[part] for part in parts if part in self.vocabulary]
        score = self.weights[:, found].sum(axis=1) * _norm(parts) + self.bias
        chance = 1 / (1 + np.exp(-score))
        return dict(zip(self.aspects, chance.tolist(), strict=True))


def _parts(text: str, hits: Iterable[str]) -> list[str]:
    return sorted(grams(text)) + [_HITS + aspect for aspect in sorted(set(hits))]


def _matrix(rows: Sequence[Sequence[str]], vocabulary: dict[str, int]) -> csr_matrix:
    known = [[part for part in row if part in vocabulary] for row in rows]
    return csr_matrix(
        (
            np.concatenate([np.full(len(each), _norm(row)) for row, each in zip(rows, known)]),
            [vocabulary[part] for each in known for part in each],
            np.cumsum([0, *map(len, known)]),
        ),
        shape=(len(rows), len(vocabulary)),
    )


def _norm(parts: Sequence[str]) -> float:
    """Long stories hold more parts than short questions, but ask no louder."""
    return float(1 / max(len(parts), 12) ** 0.4)


def _vocabulary(rows: Iterable[Sequence[str]]) -> dict[str, int]:
    """The column of each part that at least two examples share."""
    seen: dict[str, int] = {}
    for row in rows:
        for part in row:
            seen[part] = seen.get(part, 0) + 1
    shared = sorted(part for part, count in seen.items() if count > 1)
    return {part: column for column, part in enumerate(shared)}


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
        model: AspectModel | None = None,
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
            "intents": ["ask", "book", "out_of_scope"],
            "silent_from": 0.5,
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
            said = json.loads((directory / _MODEL).read_text(encoding="utf-8"))
            with np.load(directory / _WEIGHTS, allow_pickle=False) as arrays:
                weights, bias = arrays["weights"], arrays["bias"]
        vocabulary = {part: column for column, part in enumerate(said["vocabulary"])}
        model = AspectModel(tuple(said["aspects"]), vocabulary, weights, bias)
        return cls(config, model_storage, resource, model)

    def train(self, training_data: TrainingData) -> Resource:
        """Learn from the marked examples, and store what was learned."""
        names = {feature["name"] for feature in training_data.regex_features}
        aspects = names & set(training_data.entities)
        patterns = [
            (feature["name"], re.compile(feature["pattern"], re.IGNORECASE))
            for feature in training_data.regex_features
            if feature["name"] in aspects
        ]
        examples = [each for each in training_data.intent_examples if each.get(TEXT)]
        texts = [str(each.get(TEXT)) for each in examples]
        self._model = AspectModel.fit(
            texts,
            [{name for name, pattern in patterns if pattern.search(text)} for text in texts],
            [
                {entity["entity"] for entity in each.get(ENTITIES, [])} & aspects
                for each in examples
            ],
            strength=self._config["strength"],
        )
        self._persist(self._model)
        return self._resource

    def process(self, messages: list[Message]) -> list[Message]:
        """Add what the patterns missed, and take away what they heard wrongly."""
        if self._model is None:
            raise RuntimeError("the AspectClassifier was neither trained nor loaded")
        for message in messages:
            message.set(ENTITIES, self._heard(self._model, message), add_to_output=True)
        return messages

    def _heard(self, model: AspectModel, message: Message) -> list[dict[str, Any]]:
        entities = message.get(ENTITIES, [])
        hits = {entity["entity"] for entity in entities} & set(model.aspects)
        likely = model.likely(message.get(TEXT) or "", hits)
        if self._silent(message):
            return [entity for entity in entities if entity["entity"] not in likely]
        kept = [
            entity
            for entity in entities
            if likely.get(entity["entity"], 1.0) >= self._config["keep_from"]
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

    def _persist(self, model: AspectModel) -> None:
        said = {"aspects": model.aspects, "vocabulary": list(model.vocabulary)}
        with self._model_storage.write_to(self._resource) as directory:
            (directory / _MODEL).write_text(json.dumps(said, ensure_ascii=False), encoding="utf-8")
            np.savez(directory / _WEIGHTS, weights=model.weights, bias=model.bias)
