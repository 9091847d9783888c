"""Fixtures: one running stack for all tests, a fresh citizen for each."""

from __future__ import annotations

import shutil
import uuid
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import AsyncExitStack

import pytest
import pytest_asyncio
from running_stack import START_SECONDS, Stack, Up, environment

from cli.settings import ROOT, load
from service_catalog.store import CatalogStore
from wechat.simulator import Citizen


@pytest.fixture(scope="session")
def stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    """Started once for all tests; each test is a citizen of its own."""
    folder = tmp_path_factory.mktemp("stack")
    content = folder / "content"
    shutil.copytree(ROOT / "service_catalog" / "content", content)
    env = environment(folder / "var", content)
    up = Up.start(env)
    try:
        up.wait_for("banshi is up", START_SECONDS)
        yield Stack(up, load(env), content, CatalogStore(content))
    finally:
        up.stop()


NewCitizen = Callable[[], Citizen]


@pytest_asyncio.fixture
async def new_citizen(stack: Stack) -> AsyncIterator[Callable[..., object]]:
    """Makes citizens who have never written before; they leave with the test."""
    async with AsyncExitStack() as leaving:

        async def make(**kwargs: object) -> Citizen:
            citizen = Citizen(stack.webhook, stack.account, f"o{uuid.uuid4().hex}", **kwargs)
            return await leaving.enter_async_context(citizen)

        yield make


@pytest_asyncio.fixture
async def citizen(new_citizen: Callable[..., object]) -> AsyncIterator[Citizen]:
    """A citizen who leaves what was begun, so that no place stays held for the next one."""
    citizen = await new_citizen()
    yield citizen
    await citizen.say("退出")
