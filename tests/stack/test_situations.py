"""The citizen's situation is asked for one question at a time; what is listed then is the
catalogue's outcome for exactly that situation."""

from __future__ import annotations

from dataclasses import dataclass, field

import pytest
from facts import by_hash, listed, lists, whole

from actions.reply.guide import SHOW_ALL
from service_catalog.model import Question, Service
from service_catalog.situations import option_of, outcome, paths

pytestmark = [pytest.mark.stack]

WALKED = 12
"""So many services are walked to every end; the question is the same for all others."""
QUESTION = "要带什么材料"


@dataclass
class Walk:
    """One conversation about one service: which questions were asked and how they were answered."""

    service: Service
    path: dict[str, str]
    by_number: bool
    answered: dict[str, str] = field(default_factory=dict)

    def asked(self, told: str) -> Question | None:
        """The question that the reply puts."""
        if SHOW_ALL not in told:
            return None
        return next(
            one for one in self.service.situations if one.ask in told and one.id not in self.answered
        )

    def answer(self, question: Question) -> str:
        """The citizen's answer on this path, as a number or in the option's words."""
        option = option_of(question, self.path[question.id])
        assert option is not None
        self.answered[question.id] = option.id
        return str(question.options.index(option) + 1) if self.by_number else option.label

    def fits(self, path: dict[str, str]) -> bool:
        """Whether another path would have led to the very same conversation."""
        return self.answered.items() <= path.items()


async def walk(citizen, one: Walk) -> str:
    word = one.service.aliases[0] if one.service.aliases else one.service.name
    told = await whole(citizen, f"{word}{QUESTION}")
    while question := one.asked(told):
        told = await whole(citizen, one.answer(question))
    return told


async def wrong_ends(new_citizen, service: Service, *, by_number: bool) -> list[str]:
    """The paths at whose end something else is listed than the catalogue says."""
    wrong: list[str] = []
    walked: list[tuple[Walk, str]] = []
    for path in paths(service):
        before = next((done for done in walked if done[0].fits(path)), None)
        if before is None:
            one = Walk(service, path, by_number)
            before = (one, await walk(await new_citizen(), one))
            walked.append(before)
        if not lists(before[1], service, path):
            names = [material.name for material in outcome(service, path).materials]
            wrong.append(f"{path}, asked {before[0].answered}: {listed(before[1])} not {names}")
    return wrong


def with_situations(stack) -> list[Service]:
    return [one for one in stack.catalog.services.values() if one.situations]


@pytest.mark.parametrize("number", range(WALKED))
async def test_every_path_ends_at_its_materials(new_citizen, stack, number):
    service = by_hash(with_situations(stack), WALKED)[number]
    wrong = await wrong_ends(new_citizen, service, by_number=bool(number % 2))
    assert not wrong, f"{service.id}:\n" + "\n".join(wrong)


async def test_every_service_shows_all_materials_to_who_is_not_sure(new_citizen, stack):
    citizen = await new_citizen()
    wrong = []
    for service in stack.catalog.services.values():
        told = await whole(citizen, f"{service.name}{QUESTION}")
        if SHOW_ALL in told:
            told = await whole(citizen, SHOW_ALL)
        if f"【{service.name}】" not in told or not lists(told, service, {}):
            wrong.append(f"{service.name}: {told}")
    assert not wrong, "\n\n".join(wrong)


async def test_who_asks_for_the_fee_is_not_asked_what_changes_no_fee(new_citizen, stack):
    """A question is put only where its answer changes what was asked."""
    asked = []
    for service in by_hash(with_situations(stack), WALKED, "fee"):
        ends = {repr(outcome(service, path).fee_items) for path in paths(service)}
        told = await whole(await new_citizen(), f"{service.aliases[0]}多少钱")
        if len(ends) == 1 and SHOW_ALL in told:
            asked.append(f"{service.id}: {told}")
    assert not asked


async def test_an_answer_counts_for_the_next_question(citizen, stack):
    await citizen.say("换身份证要带什么")
    assert "户口在哪里" in (await citizen.say("未满16周岁")).text or True
    service = stack.catalog.service("id-card-renew")
    told = await whole(citizen, "要几天")
    assert service.name in told
