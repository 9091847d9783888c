"""A vocabulary for testing a service's situations node by node.

    flow = Flow(service)
    flow.testing_node("reason").choose("lost").assert_next_node("age")
    flow.testing_node("age").choose("child").assert_end()
    flow.assert_outcome_has(material="监护人的居民身份证")

Wording is not tested here, only where answers lead and what then holds.
"""

from __future__ import annotations

from service_catalog.model import Question, Service
from service_catalog.situations import (
    MAX_QUESTIONS,
    Outcome,
    next_question,
    option_of,
    outcome,
)


class Flow:
    """One citizen's way through the questions of one service."""

    def __init__(self, service: Service) -> None:
        self.service = service
        self.answers: dict[str, str] = {}

    @property
    def node(self) -> Question | None:
        """The question that is asked now; None at the end."""
        return next_question(self.service, self.answers)

    def testing_node(self, question_id: str) -> Flow:
        """The question asked now is this one."""
        assert self.node is not None, f"the way ended before {question_id}"
        assert self.node.id == question_id
        return self

    def choose(self, option_id: str) -> Flow:
        """Answer the question asked now."""
        assert self.node is not None, "the way has ended: nothing is asked"
        assert option_of(self.node, option_id), f"{self.node.id} has no option {option_id}"
        self.answers[self.node.id] = option_id
        assert len(self.answers) <= MAX_QUESTIONS
        return self

    def assert_rejects(self, option_id: str) -> Flow:
        """This is no answer to the question asked now: it is asked again."""
        before = self.node
        assert before is not None
        assert next_question(self.service, {**self.answers, before.id: option_id}) is before
        return self

    def assert_next_node(self, question_id: str) -> Flow:
        """The answer led to this question."""
        return self.testing_node(question_id)

    def assert_end(self) -> Flow:
        """All is answered, and what holds is settled."""
        assert self.node is None, f"{self.node.id} is still asked"
        assert self.outcome.open_questions == ()
        return self

    @property
    def outcome(self) -> Outcome:
        """What holds under the answers so far."""
        return outcome(self.service, self.answers)

    def assert_outcome_has(self, **wanted: str) -> Flow:
        """The outcome has what is named: material, condition, window, fee or promised."""
        for kind, name in wanted.items():
            assert name in self.names(kind)
        return self

    def assert_outcome_lacks(self, **unwanted: str) -> Flow:
        """The outcome is without what is named."""
        for kind, name in unwanted.items():
            assert name not in self.names(kind)
        return self

    def names(self, kind: str) -> set[str]:
        """What the outcome has of one kind, by name."""
        held = self.outcome
        return {
            "material": {one.name for one in held.materials},
            "condition": {one.text for one in held.conditions},
            "window": {number for one in held.windows for number in one.windows},
            "fee": {one.name for one in held.fee_items},
            "promised": {str(limit.number) for limit in (held.promised_limit,) if limit},
        }[kind]
