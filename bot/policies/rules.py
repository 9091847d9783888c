"""Rasa's rules, found without trying each of them on the whole conversation.

Rasa's own policy, in training and in what it predicts. When it is asked, only as much of the
conversation is looked at as the longest rule has, and only the rules whose end fits what was done
and said last are tried, by Rasa's own comparison. Rasa asks it after every action.
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterable, Mapping
from typing import Any

from rasa.core.featurizers.tracker_featurizers import MaxHistoryTrackerFeaturizer
from rasa.core.policies.rule_policy import (
    RULES,
    RULES_FOR_LOOP_UNHAPPY_PATH,
    RULES_NOT_IN_STORIES,
    RulePolicy,
)
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.shared.core.constants import (
    ACTION_LISTEN_NAME,
    PREVIOUS_ACTION,
    SHOULD_NOT_BE_SET,
    USER,
)
from rasa.shared.core.domain import Domain, State
from rasa.shared.core.events import ActionExecuted, SlotSet
from rasa.shared.core.trackers import DialogueStateTracker
from rasa.shared.nlu.constants import ACTION_NAME, INTENT

_End = tuple[str | None, str | None]
"""The action before and the intent that the last state of a rule demands; None demands nothing."""


class RuleEnds:
    """The rules of one table of Rasa's, by their ends.

    Attributes:
        longest: How many states the longest rule has.
        hears_text: Whether any rule may fit a message whose intent isn't looked at.
    """

    def __init__(self, keys: Iterable[str]) -> None:
        """Sort the rules; a key is a rule's states as JSON."""
        self.longest = 0
        self._lengths: dict[str, int] = {}
        self._by_end: defaultdict[_End, list[str]] = defaultdict(list)
        for key in keys:
            states = json.loads(key)
            self._lengths[key] = len(states)
            begins = PREVIOUS_ACTION not in states[-1]  # fits the start, whatever is said there
            self._by_end[(None, None) if begins else _end(states[-1])].append(key)
            self.longest = max(self.longest, len(states))
        self.hears_text = any(
            action in (None, ACTION_LISTEN_NAME) and intent is None
            for action, intent in self._by_end
        )

    def fitting(self, state: Mapping[str, Any]) -> list[tuple[str, int]]:
        """The rules whose end may fit the last state, each with its number of states."""
        action, intent = _end(state)
        ends = {(action, intent), (action, None), (None, intent), (None, None)}
        return [(key, self._lengths[key]) for end in ends for key in self._by_end.get(end, ())]


@DefaultV1Recipe.register(
    DefaultV1Recipe.ComponentType.POLICY_WITHOUT_END_TO_END_SUPPORT, is_trainable=True
)
class QuickRules(RulePolicy):
    """Rasa's RulePolicy; a trained one predicts the same in less time."""

    _tables: Mapping[str, RuleEnds] | None = None
    """The tables of a trained policy, when it can be quick."""
    _needed = 0
    """So many states tell which rules hold, and whether a rule that is known fits."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:  # noqa: ANN401 - Rasa's signature
        """See `RulePolicy`; with a lookup it is a trained policy."""
        super().__init__(*args, **kwargs)
        if self.lookup and type(self.featurizer) is MaxHistoryTrackerFeaturizer:
            self._tables = {
                name: RuleEnds(self.lookup.get(name, ()))
                for name in (RULES, RULES_FOR_LOOP_UNHAPPY_PATH)
            }
            lengths = [table.longest for table in self._tables.values()]
            lengths += map(_length, self.lookup.get(RULES_NOT_IN_STORIES, ()))
            self._needed = max(lengths) + 1

    def _get_possible_keys(self, lookup: dict[str, str], states: list[State]) -> set[str]:
        for name, table in (self._tables or {}).items():
            if lookup is self.lookup.get(name):
                return {
                    key
                    for key, length in table.fitting(states[-1])
                    if all(
                        self._is_rule_applicable(key, turn, state)
                        for turn, state in enumerate(states[: -length - 1 : -1])
                    )
                }
        found: set[str] = super()._get_possible_keys(lookup, states)
        return found

    def _find_action_from_rules(
        self, tracker: DialogueStateTracker, domain: Domain, use_text_for_last_user_input: bool
    ) -> tuple[str | None, str | None, bool]:
        if (
            use_text_for_last_user_input
            and self._tables is not None
            and not tracker.active_loop_name
            and not self._tables[RULES].hears_text
        ):
            return None, None, False
        found: tuple[str | None, str | None, bool] = super()._find_action_from_rules(
            tracker, domain, use_text_for_last_user_input
        )
        return found

    def _prediction_states(
        self,
        tracker: DialogueStateTracker,
        domain: Domain,
        use_text_for_last_user_input: bool = False,
        rule_only_data: dict[str, Any] | None = None,
    ) -> list[State]:
        if self._tables is None or any(s.influence_conversation for s in tracker.slots.values()):
            states: list[State] = super()._prediction_states(
                tracker, domain, use_text_for_last_user_input, rule_only_data
            )
            return states
        states = last_states(tracker, domain, self._needed)
        self.featurizer._choose_last_user_input([states], use_text_for_last_user_input)
        return states


def last_states(tracker: DialogueStateTracker, domain: Domain, number: int) -> list[State]:
    """The last of the states that `tracker.past_states(domain)` gives, where no slot is a feature.

    Raises:
        ValueError: `number` is under 1.
    """
    if number < 1:
        raise ValueError("at least one state is needed")
    events = [each for each in tracker.applied_events() if not isinstance(each, SlotSet)]
    passing = sum(isinstance(each, ActionExecuted) for each in events) + 1 - number
    # Without slots a tracker costs next to nothing; any slot that is set on it is made up.
    now = DialogueStateTracker(tracker.sender_id, None, is_rule_tracker=tracker.is_rule_tracker)
    states = []
    for event in events:
        if isinstance(event, ActionExecuted):
            if passing <= 0:
                states.append(domain.get_active_state(now))
            passing -= 1
        event.apply_to(now)
    return [*states, domain.get_active_state(now)]


def _end(state: Mapping[str, Any]) -> _End:
    """What a state says of the action before and of the intent, or a rule's state demands."""
    action = state.get(PREVIOUS_ACTION, {}).get(ACTION_NAME)
    intent = state.get(USER, {}).get(INTENT)
    return (_named(action), _named(intent))


def _named(name: str | None) -> str | None:
    return name if name and name != SHOULD_NOT_BE_SET else None


def _length(source: str) -> int:
    """How many states a source of a prediction tells; a name of Rasa's tells none."""
    return len(json.loads(source)) if source.startswith("[") else 0
