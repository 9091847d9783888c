"""Ten times as many citizens as can be answered: each is told something, nothing is lost.

How long they wait is measured by `python -m benchmarks.overload`, as a busy machine may be slow.
"""

from __future__ import annotations

import pytest
from running_stack import Stack

from benchmarks.overload import lines, measure

pytestmark = pytest.mark.stack


async def test_a_flood_loses_no_message(stack: Stack) -> None:
    found, counted = await measure(stack.settings, seconds=4.0, times=10.0)
    assert found.complete, lines(found)
    assert counted["busy"] >= found.ended["busy"] > 0
    assert counted["late"] >= found.ended["late"]
    assert counted["lost"] == counted["refused"] == counted["trouble"] == 0
