"""A walk through a service's questions about the situation, to one of its ends."""

from __future__ import annotations

from dataclasses import dataclass, field

from service_catalog.model import Question, Service
from service_catalog.situations import heard, option_of, plain_words


@dataclass
class Walk:
    """One conversation about one service: which questions were asked and how they were answered.

    Attributes:
        service: Which.
        path: The option of every question on the way to the end that is walked to.
        by_number: Whether it is answered with numbers, else in the options' words.
        answered: What was asked and answered so far.
    """

    service: Service
    path: dict[str, str]
    by_number: bool
    answered: dict[str, str] = field(default_factory=dict)

    def asked(self, told: str, show_all: str) -> Question | None:
        """The question that the reply puts, beside which it offers to show all."""
        if show_all not in told:
            return None
        left = [one for one in self.service.situations if one.id not in self.answered]
        return next((one for one in left if one.ask in told), None)

    def answer(self, question: Question) -> str:
        """The citizen's answer on this path, as a number or in the option's words."""
        option = option_of(question, self.path[question.id])
        if option is None:
            raise ValueError(f"{self.service.id}: no path leads past {question.id}")
        self.answered[question.id] = option.id
        return str(question.options.index(option) + 1) if self.by_number else option.label

    def fits(self, path: dict[str, str]) -> bool:
        """Whether another path would have led to the very same conversation."""
        return self.answered.items() <= path.items()


def neutral_name(service: Service) -> str:
    """A name of the service that tells nothing of a situation, as 公司改名 does of its change."""
    for name in (*service.aliases, service.name):
        if not any(heard(one, plain_words(name)) for one in service.situations):
            return name
    return service.name
