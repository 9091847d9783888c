"""Every service of the catalogue is answered under its everyday word."""

from __future__ import annotations

import asyncio

import pytest
from told import whole

pytestmark = [pytest.mark.stack]

ASKERS, IN_A_ROW = 4, 7
"""Every service is asked for: so many citizens at the same time, so many services each."""


async def test_every_service_is_answered_under_its_everyday_word(new_citizen, stack):
    """Each is asked for by a citizen who has asked for others before."""
    missed: dict[str, str] = {}

    async def ask(services):
        for row, service in enumerate(services):
            if row % IN_A_ROW == 0:
                citizen = await new_citizen()
            word = service.aliases[0] if service.aliases else service.name
            told = await whole(citizen, f"{word}要带什么材料")
            if f"【{service.name}】" not in told:
                missed[word] = told[:60]

    services = list(stack.catalog.services.values())
    await asyncio.gather(*(ask(services[first::ASKERS]) for first in range(ASKERS)))
    assert not missed
