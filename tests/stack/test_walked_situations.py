"""The citizen's situation is asked for one question at a time; what is listed then is the
catalogue's outcome for exactly that situation."""

from __future__ import annotations

import asyncio

import pytest
from told import shown_all, whole

from actions.reply.guide import SHOW_ALL
from qa.catalogue_checks import listed
from qa.facts import by_hash, lists
from qa.walks import Walk, neutral_name
from service_catalog.model import Service
from service_catalog.situations import outcome, paths

pytestmark = [pytest.mark.stack]

WALKED = 12
"""So many services are walked to every end; the question is the same for all others."""
QUESTION = "要带什么材料"
ASKERS = 4
"""So many citizens ask at the same time."""


async def walk(citizen, one: Walk) -> str:
    told = await whole(citizen, f"{neutral_name(one.service)}{QUESTION}")
    while question := one.asked(told, SHOW_ALL):
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
    wrong: list[str] = []

    async def ask(services):
        for service in services:
            told = await shown_all(await new_citizen(), f"{service.name}{QUESTION}")
            if f"【{service.name}】" not in told or not lists(told, service, {}):
                wrong.append(f"{service.name}: {told}")

    services = list(stack.catalog.services.values())
    await asyncio.gather(*(ask(services[first::ASKERS]) for first in range(ASKERS)))
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
