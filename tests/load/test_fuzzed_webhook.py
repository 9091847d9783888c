"""Malformed, forged and broken requests; `benchmarks.fuzz_webhook` sends as many as one likes."""

from __future__ import annotations

from pathlib import Path

import pytest

from benchmarks.fuzz_run import made, run, serving
from benchmarks.fuzz_webhook import report

REQUESTS = 2_000
WARMING = 1_000
SEED = 20_261_126


@pytest.mark.load
async def test_nothing_that_is_sent_harms_the_webhook(tmp_path: Path) -> None:
    async with serving(tmp_path, "compatible") as server:
        result = await run(server, seed=SEED, indexes=range(REQUESTS), batches=4, warm=WARMING)
    assert result.faults() == [], report(result, SEED, "compatible")
    assert sum(result.kinds.values()) == WARMING + REQUESTS
    assert result.due > REQUESTS / 10  # right ones came in between


@pytest.mark.load
async def test_secure_mode_refuses_what_is_plain(tmp_path: Path) -> None:
    async with serving(tmp_path, "secure") as server:
        result = await run(server, seed=1, indexes=range(300), mode="secure", warm=WARMING)
    assert result.faults() == []


@pytest.mark.load
def test_the_same_seed_makes_the_same_requests() -> None:
    assert [made(3, index, 1) for index in range(300)] == [made(3, n, 1) for n in range(300)]
    assert made(3, 1, 1) != made(4, 1, 1)
