"""A whole copy with an embedding model: the chat understands a word that stands nowhere."""

from __future__ import annotations

import asyncio
import shutil
import uuid
from collections.abc import Iterator
from pathlib import Path

import pytest
from embedding_service import WORD, EmbeddingService
from running_stack import START_SECONDS, Stack, Up, environment

from cli.settings import ROOT, load
from service_catalog.store import CatalogStore
from wechat.simulator import Citizen

pytestmark = [pytest.mark.stack]

ASKED = f"{WORD}怎么办"
MEANT = "普通护照"


@pytest.fixture
def passport_model() -> Iterator[EmbeddingService]:
    """A model to which WORD means 护照."""
    with EmbeddingService(WORD, "护照") as service:
        yield service


@pytest.fixture
def with_model(tmp_path: Path, passport_model: EmbeddingService) -> Iterator[Stack]:
    """A copy of its own, with few sayings: the others take the model a while."""
    content = tmp_path / "content"
    shutil.copytree(ROOT / "service_catalog" / "content", content)
    for file in (content / "lexicon").iterdir():
        if file.name != "hall.yml":
            file.unlink()
    env = environment(tmp_path / "var", content, BANSHI_EMBEDDINGS=passport_model.url)
    up = Up.start(env)
    try:
        up.wait_for("banshi is up", START_SECONDS)
        yield Stack(up, load(env), content, CatalogStore(content))
    finally:
        up.stop()


async def answer(stack: Stack, words: str) -> str:
    """What a citizen who never wrote before is told."""
    async with Citizen(stack.webhook, stack.account, f"o{uuid.uuid4().hex}") as citizen:
        reply = await citizen.say(words)
        assert reply is not None
        return reply.text


async def test_a_word_that_stands_nowhere_is_understood_by_its_meaning(with_model, passport_model):
    assert MEANT not in repr(with_model.catalog.index.search(ASKED).hits)

    async def understood() -> None:
        while MEANT not in await answer(with_model, ASKED):  # noqa: ASYNC110
            await asyncio.sleep(0.2)

    # The catalogue is embedded while the chat goes on; until then words alone decide.
    await asyncio.wait_for(understood(), 60)
    assert ASKED in passport_model.texts
    passport_model.fails = True
    assert MEANT not in await answer(with_model, f"{ASKED}呢")
    assert MEANT in await answer(with_model, "普通护照换发要带什么")
    with_model.up.wait_for(r"embeddings\.failed", 5)
    assert WORD not in with_model.up.output
