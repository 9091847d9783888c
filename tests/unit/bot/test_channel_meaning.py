"""A hall with an embedding model: what a message means is known before Rasa reads it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path

import pytest
from channel_world import Bot, Hall, late, logged, running
from embedding_service import WORD, EmbeddingService, say
from rasa.core.channels.channel import UserMessage
from rasa.shared.exceptions import InvalidConfigException
from structlog.testing import capture_logs

from bot.channels.replies import TROUBLE
from bot.channels.wechat import WeChatInput
from bot.meaning import LiveMeaning, serving
from bot.resources import catalog_store
from bot.settings import Embeddings
from service_catalog.search.embedders import HttpEmbedder
from service_catalog.store import LOOK
from wechat.messages import LATE
from wechat.simulator import Reply


class ListeningBot(Bot):
    """Notes with each message whether the model's opinion of it was there."""

    def __init__(self, directory: Path) -> None:
        super().__init__()
        self._store = catalog_store(directory)
        self.had_meaning: list[bool] = []

    async def __call__(self, message: UserMessage) -> None:
        meaning = serving()
        assert meaning is not None
        self.had_meaning.append(meaning(self._store.current().index, message.text) is not None)
        await super().__call__(message)

    async def follows(self) -> None:
        """Waits until the model follows the newest catalogue."""
        meaning = serving()
        assert meaning is not None

        async def look() -> None:
            while not meaning.follows(self._store.current().index):  # noqa: ASYNC110
                await asyncio.sleep(0.001)

        await asyncio.wait_for(look(), 5)


@asynccontextmanager
async def running_with_model(
    service: EmbeddingService, directory: Path, **settings: float
) -> AsyncIterator[tuple[Hall, ListeningBot]]:
    file = directory / ".embeddings.db"
    meaning = LiveMeaning(HttpEmbedder(service.url, backoff=0), file, directory, **settings)
    bot = ListeningBot(directory)
    async with running(meaning=meaning, bot=bot) as hall:
        yield hall, bot
    assert serving() is None
    assert [task for task in asyncio.all_tasks() if "LiveMeaning" in repr(task)] == []


async def test_a_message_s_meaning_is_known_before_rasa_reads_it(model_service, small_content):
    async with running_with_model(model_service, small_content) as (hall, bot):
        await bot.follows()
        model_service.asked.clear()
        citizen = hall.citizen()
        assert await citizen.say(f" {WORD} ") == Reply(f"答：{WORD}")
        assert await citizen.send(citizen.voice("换本子")) == Reply("答：换本子")
        assert bot.had_meaning == [True, True]
        assert model_service.asked == [[WORD]], "换本子 is a text of the catalogue"


async def test_a_follow_and_what_cannot_be_read_are_no_business_of_the_model(
    model_service, small_content
):
    async with running_with_model(model_service, small_content) as (hall, bot):
        await bot.follows()
        model_service.asked.clear()
        citizen = hall.citizen()
        await citizen.follow()
        await citizen.send(citizen.picture())
        assert model_service.asked == []


async def test_a_slow_model_does_not_lose_a_message(model_service, small_content):
    async with running_with_model(model_service, small_content, seconds=0.02) as (hall, bot):
        await bot.follows()
        model_service.gate.clear()
        with capture_logs() as logs:
            assert await hall.citizen().say(WORD) == Reply(f"答：{WORD}")
            assert await hall.citizen(openid="oSecond-2").say("再来") == Reply("答：再来")
        assert bot.had_meaning == [False, False]
        assert [entry["event"] for entry in logs] == ["embeddings.failed"]
        assert WORD not in str(logs)


async def test_a_model_that_fails_otherwise_loses_nothing_that_is_owed(
    model_service, small_content, monkeypatch
):
    async with running_with_model(model_service, small_content) as (hall, bot):
        await bot.follows()
        citizen = hall.citizen()
        assert await late(hall, citizen, "慢") == Reply(LATE)

        async def fail(_: str) -> None:
            raise PermissionError

        monkeypatch.setattr(hall.channel._lifetime.meaning, "hear", fail)
        assert await citizen.say("好的") == Reply(f"答：慢\n\n{TROUBLE}")


async def test_a_message_does_not_wait_for_the_catalogue_s_texts(model_service, small_content):
    model_service.gate.clear()
    async with running_with_model(model_service, small_content, seconds=60) as (hall, bot):
        assert await hall.citizen().say(WORD) == Reply(f"答：{WORD}")
        assert bot.had_meaning == [False]


async def test_an_edit_is_followed_without_waiting_for_the_next_look(model_service, small_content):
    async with running_with_model(model_service, small_content) as (hall, bot):
        await bot.follows()
        say(small_content, f"叫卖{WORD}")
        await asyncio.sleep(LOOK)
        citizen = hall.citizen()
        await citizen.say("一")
        await bot.follows()
        await citizen.say("二")
        assert bot.had_meaning[1]
        assert f"叫卖{WORD}" in model_service.texts


async def test_a_model_that_comes_late_is_followed_by_itself(model_service, small_content):
    model_service.fails = True
    with capture_logs() as logs:
        async with running_with_model(model_service, small_content, retry=0.01) as (hall, bot):
            await logged(logs, "embeddings.failed")
            assert await hall.citizen().say("一") == Reply("答：一")
            model_service.fails = False
            assert bot.had_meaning == [False]
            citizen = hall.citizen(openid="oSecond-2")
            await citizen.say("二")  # wakes it up
            await bot.follows()
            await citizen.say("三")
            assert bot.had_meaning[-1]
    assert [entry["event"] for entry in logs].count("embeddings.failed") == 1


async def test_without_a_model_nothing_serves(hall, citizen):
    assert serving() is None
    assert await citizen.say(WORD) == Reply(f"答：{WORD}")


def test_the_model_comes_from_the_environment(monkeypatch, tmp_path):
    monkeypatch.setenv("BANSHI_WECHAT_TOKEN", "token123")
    monkeypatch.setenv("BANSHI_WECHAT_APP_ID", "wx0123456789abcdef")
    monkeypatch.setenv("BANSHI_EMBEDDINGS", "http://127.0.0.1:9/v1/embeddings")
    assert WeChatInput.from_credentials(None).name() == "wechat"
    none = Embeddings("", "", "", tmp_path / "embeddings.db")
    assert LiveMeaning.of(none, tmp_path) is None
    assert LiveMeaning.of(replace(none, address="http://127.0.0.1:9/"), tmp_path) is not None
    monkeypatch.setenv("BANSHI_EMBEDDINGS", "sk-secret")
    with pytest.raises(InvalidConfigException, match="BANSHI_EMBEDDINGS") as caught:
        WeChatInput.from_credentials(None)
    assert "sk-secret" not in str(caught.value)
