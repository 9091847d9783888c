"""Ten times as many citizens as can be answered: each is told something, nothing is lost.

How long they wait is measured by `python -m benchmarks.overload`, as a busy machine may be slow.
"""

from __future__ import annotations

import asyncio
import json

import pytest
from click.testing import CliRunner
from running_stack import Stack

from benchmarks.overload import lines, measure
from cli.main import main

pytestmark = pytest.mark.stack


async def test_a_flood_loses_no_message(stack: Stack) -> None:
    found, counted = await measure(stack.settings, seconds=4.0, times=10.0)
    assert found.complete, lines(found)
    assert counted["busy"] >= found.ended["busy"] > 0
    assert counted["late"] >= found.ended["late"]
    assert counted["lost"] == counted["refused"] == counted["trouble"] == 0


async def test_the_counters_are_shown(stack: Stack) -> None:
    runner = CliRunner(env=dict(stack.settings.values))
    shown = await asyncio.to_thread(runner.invoke, main, ["wechat", "counters"])
    assert shown.exit_code == 0, shown.output
    assert "及时回答" in shown.output
    raw = await asyncio.to_thread(runner.invoke, main, ["wechat", "counters", "--json"])
    assert json.loads(raw.output)["deliveries"]["refused"] >= 0
