"""Where the citizen's situation isn't asked for, or isn't told.

Every path through the questions is walked to its end by `banshi qa cover`, see test_qa.py.
"""

from __future__ import annotations

import asyncio

import pytest
from told import shown_all, whole

from actions.reply.guide import SHOW_ALL
from qa.facts import by_hash, lists
from service_catalog.model import Service
from service_catalog.situations import outcome, paths

pytestmark = [pytest.mark.stack]

SOME = 12
"""So many services are asked."""
QUESTION = "要带什么材料"
ASKERS = 4
"""So many citizens ask at the same time."""


def with_situations(stack) -> list[Service]:
    return [one for one in stack.catalog.services.values() if one.situations]


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
    for service in by_hash(with_situations(stack), SOME, "fee"):
        ends = {repr(outcome(service, path).fee_items) for path in paths(service)}
        told = await whole(await new_citizen(), f"{service.aliases[0]}多少钱")
        if len(ends) == 1 and SHOW_ALL in told:
            asked.append(f"{service.id}: {told}")
    assert not asked
