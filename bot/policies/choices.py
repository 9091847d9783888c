"""The choices on the table come first: who says one of them word for word has chosen it.

A Rasa policy above the rules. The label of a choice may read like anything (有共有人, 社区的协会),
and the classifier would take it for another wish; but right after it was offered it is an answer.
Forms look at their own choices themselves.
"""

from __future__ import annotations

from typing import Any

from rasa.core.policies.policy import Policy, PolicyPrediction
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.shared.core.constants import ACTION_LISTEN_NAME
from rasa.shared.core.domain import Domain
from rasa.shared.core.trackers import DialogueStateTracker

CHOOSE = "action_choose"
ABOVE_RULES = 7
"""RulePolicy's priority is 6."""
_TABLES = ("pending", "offered")
"""Slots that hold the choices of guidance, each with its `labels`."""


@DefaultV1Recipe.register(
    DefaultV1Recipe.ComponentType.POLICY_WITHOUT_END_TO_END_SUPPORT, is_trainable=False
)
class ChoicesFirst(Policy):
    """Predicts `action_choose` for a message that is the label of a choice on the table."""

    @staticmethod
    def get_default_config() -> dict[str, Any]:
        """The default configuration."""
        return {"priority": ABOVE_RULES}

    def train(self, training_trackers: Any, domain: Domain, **kwargs: Any) -> Resource:  # noqa: ANN401
        """Learn nothing: what is on the table stands in the slots."""
        return self._resource

    def predict_action_probabilities(
        self,
        tracker: DialogueStateTracker,
        domain: Domain,
        rule_only_data: dict[str, Any] | None = None,
        **kwargs: Any,  # noqa: ANN401 - Rasa's signature
    ) -> PolicyPrediction:
        """Choose, then listen; in all other cases leave it to the rules."""
        predictions = self._default_predictions(domain)
        if not tracker.active_loop_name:
            if tracker.latest_action_name == CHOOSE:
                predictions[domain.index_for_action(ACTION_LISTEN_NAME)] = 1.0
            elif tracker.latest_action_name == ACTION_LISTEN_NAME and _chooses(tracker):
                predictions[domain.index_for_action(CHOOSE)] = 1.0
        return self._prediction(predictions)


def _chooses(tracker: DialogueStateTracker) -> bool:
    """Whether the message is a label on the table, word for word, in either script."""
    message = tracker.latest_message
    said = (message.text, (message.parse_data or {}).get("text")) if message else ()
    texts = {(text or "").strip() for text in said} - {""}
    tables = (tracker.get_slot(slot) for slot in _TABLES)
    return any(
        texts & set(table.get("labels") or ()) for table in tables if isinstance(table, dict)
    )
