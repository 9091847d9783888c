"""Every case of this folder, through the webhook: each is a test of its own.

They are run once, on copies of the product that are started for them, several at a time.
"""

from __future__ import annotations

import asyncio
from datetime import datetime
from pathlib import Path

import click
import pytest

from cli.qa import vocabulary
from cli.qa_stacks import LocalStacks
from cli.settings import load
from qa.cases import Case, Channel
from qa.console import case_story
from qa.reading import read
from qa.results import Outcome, Run
from qa.runner import Manner, run
from service_catalog.clock import CHINA

MONDAY = datetime(2026, 11, 23, 9, tzinfo=CHINA)
"""A plain week: no holiday within reach of the booking rules."""
CASES = read([Path(__file__).parent], vocabulary(), MONDAY)


@pytest.fixture(scope="session")
def results(request: pytest.FixtureRequest) -> Run:
    """How the cases came out that were asked for."""
    params = [item.callspec.params for item in request.session.items if hasattr(item, "callspec")]
    asked = {one["case"].key for one in params if isinstance(one.get("case"), Case)}
    cases = [case for case in CASES if case.key in asked]
    stacks = LocalStacks(load(), running=False, through=Channel.WECHAT, tell=click.echo)
    return asyncio.run(run(cases, stacks, Manner(), lambda _: None))


@pytest.mark.stack
@pytest.mark.parametrize(
    "case", [pytest.param(one, id=f"{Path(one.file).stem}: {one.name}") for one in CASES]
)
def test_case(results: Run, case: Case):
    (result,) = (one for one in results.cases if one.key == case.key)
    assert result.outcome is Outcome.PASSED, click.unstyle("\n".join(case_story(result)))


def test_names_are_unique_in_all_files():
    names = [one.name for one in CASES]
    assert not {name for name in names if names.count(name) > 1}
