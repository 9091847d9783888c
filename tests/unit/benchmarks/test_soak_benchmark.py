"""What the soak calls flat, and the table it prints."""

from __future__ import annotations

import os
from collections import Counter

import pytest

from benchmarks.soak_webhook import BOUND, Memory, Minute, Soak, children, row, rss, summary


def soak(per_minute: float, before: float = 100.0) -> Soak:
    """Memory that rises steeply in the first half, and so much a minute in the second."""
    found = Soak(50.0, 35.0, [Minute([10.0, 20.0, 30.0], Counter(answered=3))])
    at = [step / 10 for step in range(21)]
    found.memory = [
        Memory(minute, {"bot": before * min(minute, 1.0) + per_minute * minute}) for minute in at
    ]
    return found


@pytest.mark.parametrize(("per_minute", "flat"), [(0.0, True), (BOUND * 2, False), (-5.0, True)])
def test_the_second_half_decides(per_minute, flat):
    found = soak(per_minute)
    assert found.slope("bot") == pytest.approx(per_minute, abs=1e-6)
    assert found.flat is flat
    assert ("NOT FLAT" in summary(found)) is not flat


def test_a_minute_is_a_line():
    found = soak(0.0)
    found.minutes[0].ended["too late"] = 1
    assert "3      20 ms      30 ms  bot   90.0" in row(found, 0)
    assert "too late" in row(found, 0)


def test_memory_is_read():
    assert rss(os.getpid()) > 10
    assert children(os.getpid()) == {}
