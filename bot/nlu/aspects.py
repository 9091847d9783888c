"""Hears what is asked about a service where no pattern of data/nlu/aspects.yml foresaw the words.

A trainable Rasa graph component behind RegexEntityExtractor: one logistic regression an aspect,
over a message's characters and over the patterns' own hits. It adds an aspect that the patterns
missed, as an entity that covers no words, and takes a hit away that the whole message makes
unlikely (带孩子来方便吗 asks for no materials). It learns from the marked examples of the `ask`
intent; the examples of intents that never ask show where nothing is asked.
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
        vocabulary: The column of each run of characters; those of the patterns' hits follow.
        rarity: The weight of each run before anything is learned.
        weights: How much each column speaks for each aspect.
        bias: What speaks for each aspect before anything is said.
    """

    aspects: tuple[str, ...]
    vocabulary: dict[str, int]
    rarity: Weights
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

        Each example is learned from twice, with the patterns' hits and without: else the hits would
        explain everything, and nothing would be learned for where they are missing.

        Args:
            texts: What citizens said.
            hits: The aspects whose patterns stand in each of them.
            asked: The aspects that each of them asks for.
            strength: The inverse of the regularisation.
        """
        wanted = [set(each) for each in asked] * 2
        aspects = tuple(sorted(set().union(*wanted)))
        vocabulary, rarity = _vocabulary(texts)
        nothing = np.empty(0, dtype=np.float32)
        empty = cls(aspects, vocabulary, rarity, nothing, nothing)
        rows = [empty._row(text, found) for text, found in zip(texts, hits, strict=True)]
        rows += [empty._row(text, ()) for text in texts]
        matrix = csr_matrix(
            (
                np.concatenate([values for _, values in rows]),
                np.concatenate([columns for columns, _ in rows]),
                np.cumsum([0, *(len(columns) for columns, _ in rows)]),
            ),
            shape=(len(rows), len(vocabulary) + len(aspects)),
        )
        weights, bias = [], []
        for aspect in aspects:
            one = LogisticRegression(
                C=strength, solver="liblinear", class_weight="balanced", random_state=42
            )
            one.fit(matrix, [aspect in each for each in wanted])
            weights.append(one.coef_[0])
            bias.append(one.intercept_[0])
        learned = np.asarray(weights, dtype=np.float32), np.asarray(bias, dtype=np.float32)
        return cls(aspects, vocabulary, rarity, *learned)

    def likely(self, text: str, hits: Iterable[str]) -> dict[str, float]:
        """How likely the message asks for each aspect, 0 to 1."""
        columns, values = self._row(text, hits)
        chance = 1 / (1 + np.exp(-(self.weights[:, columns] @ values + self.bias)))
        return dict(zip(self.aspects, chance.tolist(), strict=True))

    def _row(self, text: str, hits: Iterable[str]) -> tuple[NDArray[np.int64], Weights]:
        """A message's columns and their values: its runs of length 1 together, each hit 1."""
        found = sorted(self.vocabulary[run] for run in grams(text) if run in self.vocabulary)
        known = np.asarray(found, dtype=np.int64)
        values = self.rarity[known]
        values = values / (np.linalg.norm(values) or 1.0)
        heard = [self.aspects.index(hit) for hit in sorted(set(hits)) if hit in self.aspects]
        columns = np.concatenate([known, np.asarray(heard, dtype=np.int64) + len(self.vocabulary)])
        return columns, np.concatenate([values, np.ones(len(heard), dtype=np.float32)])


def _marked(example: Message) -> set[str]:
    """What a training example asks for: its marks, and `asks` in its metadata."""
    said = (example.get("metadata") or {}).get("example")
    told = said.get("asks", ()) if isinstance(said, dict) else ()
    return {entity["entity"] for entity in example.get(ENTITIES, [])} | set(told)


def _vocabulary(texts: Sequence[str]) -> tuple[dict[str, int], Weights]:
    """The runs that at least two texts share, and how rare each is."""
    seen: dict[str, int] = {}
    for text in texts:
        for run in grams(text):
            seen[run] = seen.get(run, 0) + 1
    shared = sorted(run for run, count in seen.items() if count > 1)
    counts = np.asarray([seen[run] for run in shared], dtype=np.float32)
    rarity = np.log((1 + len(texts)) / (1 + counts)) + 1
    return {run: column for column, run in enumerate(shared)}, rarity.astype(np.float32)


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
            "keep_from": 0.0,
            "strength": 10.0,
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
            said = json.loads((directory / _MODEL).read_text(encoding="utf-8"))
            with np.load(directory / _WEIGHTS, allow_pickle=False) as arrays:
                learned = arrays["rarity"], arrays["weights"], arrays["bias"]
        vocabulary = {part: column for column, part in enumerate(said["vocabulary"])}
        model = AspectModel(tuple(said["aspects"]), vocabulary, *learned)
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
        examples = [
            each
            for each in training_data.intent_examples
            if each.get(TEXT) and each.get(INTENT) not in self._config["unmarked"]
        ]
        texts = [str(each.get(TEXT)) for each in examples]
        self._model = AspectModel.fit(
            texts,
            [{name for name, pattern in patterns if pattern.search(text)} for text in texts],
            [_marked(each) & aspects for each in examples],
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

    def _persist(self, model: AspectModel) -> None:
        said = {"aspects": model.aspects, "vocabulary": list(model.vocabulary)}
        with self._model_storage.write_to(self._resource) as directory:
            (directory / _MODEL).write_text(json.dumps(said, ensure_ascii=False), encoding="utf-8")
            np.savez(
                directory / _WEIGHTS, rarity=model.rarity, weights=model.weights, bias=model.bias
            )
