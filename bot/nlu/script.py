"""Makes a message simplified before anything else reads it: 護照遺失 becomes 护照遗失.

The first graph component. Patterns, words and classifiers are written and trained in simplified
characters. What a citizen wrote stays known: when something was changed, a `written` entity holds
the message as it came, so that a name is taken as its owner writes it.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Any

from opencc import OpenCC
from rasa.engine.graph import ExecutionContext, GraphComponent
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.shared.nlu.constants import ENTITIES, TEXT
from rasa.shared.nlu.training_data.message import Message

ENTITY = "written"

_HAN = re.compile(r"[\u3400-\u9fff]")
_LONE = re.compile("[\ud800-\udfff]")
"""Halves of characters, as a phone sends them that cuts an emoji in two; OpenCC refuses them."""


@lru_cache(maxsize=1)
def _converter() -> OpenCC:
    return OpenCC("t2s")


def simplified(text: str) -> str:
    """The text in simplified characters; everything else in it stays as it is."""
    if not _HAN.search(text):
        return text
    convert = _converter().convert
    return str(convert(convert(_LONE.sub("\ufffd", text))))  # 薴 takes two steps


@DefaultV1Recipe.register(
    DefaultV1Recipe.ComponentType.ENTITY_EXTRACTOR,
    is_trainable=False,
)
class ScriptConverter(GraphComponent):
    """Puts the simplified text in the place of the message's text."""

    @classmethod
    def create(
        cls,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
    ) -> ScriptConverter:
        """Make the component; OpenCC reads its dictionaries now, not at the first message."""
        _converter()
        return cls()

    def process(self, messages: list[Message]) -> list[Message]:
        """Simplify each message, and keep what was changed as an entity."""
        for message in messages:
            text = message.get(TEXT) or ""
            plain = simplified(text)
            if plain == text:
                continue
            entity = {
                "entity": ENTITY,
                "value": text,
                "start": 0,
                "end": len(plain),
                "extractor": type(self).__name__,
            }
            message.set(TEXT, plain, add_to_output=True)
            message.set(ENTITIES, [*message.get(ENTITIES, []), entity], add_to_output=True)
        return messages
