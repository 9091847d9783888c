"""An embedding model's part in the search, with a real service and a small catalogue."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import numpy as np
import pytest
from embedding_service import WORD, EmbeddingService, say
from hand_clock import Clock
from numpy.testing import assert_allclose
from structlog.testing import capture_logs

from service_catalog.errors import EmbeddingFailed
from service_catalog.loader import Loader
from service_catalog.search import Decision, SearchIndex
from service_catalog.search.dense import PAUSE_SECONDS, Vectors
from service_catalog.search.embedders import HttpEmbedder
from service_catalog.search.meaning import LONGEST, WARN_SECONDS, DenseMeaning


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def index(small_content: Path) -> SearchIndex:
    return index_of(small_content)


def index_of(content: Path) -> SearchIndex:
    return Loader(content).load().index


def meaning_by(service: EmbeddingService, file: Path, clock: Clock) -> DenseMeaning:
    embedder = HttpEmbedder(service.url, backoff=0)
    return DenseMeaning(Vectors(embedder, file, seconds=30, clock=clock), clock=clock)


@pytest.fixture
async def meaning(
    model_service: EmbeddingService, tmp_path: Path, clock: Clock
) -> AsyncIterator[DenseMeaning]:
    meaning = meaning_by(model_service, tmp_path / "embeddings.db", clock)
    yield meaning
    await meaning.aclose()


async def asked(service: EmbeddingService) -> None:
    """Waits until the service was asked."""

    async def look() -> None:
        while not service.asked:  # noqa: ASYNC110  the service lives in another thread
            await asyncio.sleep(0.001)

    await asyncio.wait_for(look(), 5)


async def test_a_word_that_nobody_said_is_found_by_its_meaning(meaning, index):
    await meaning.follow(index)
    await meaning.hear(f"{WORD}要带什么")
    assert "card" not in {hit.id for hit in index.search(f"{WORD}要带什么").hits}
    found = index.search(f"{WORD}要带什么", meaning=meaning)
    assert found.decision is not Decision.NONE
    assert found.hits[0].id == "card"


async def test_a_word_of_which_no_character_was_ever_said_is_found_too(index, tmp_path, clock):
    with EmbeddingService("呱", "😀", "本子") as service:
        meaning = meaning_by(service, tmp_path / "embeddings.db", clock)
        await meaning.follow(index)
        for said in ("呱呱", "😀"):
            await meaning.hear(said)
        assert index.search("呱呱").decision is Decision.NONE
        assert index.search("呱呱", meaning=meaning).hits[0].id == "card"
        assert index.search("😀", meaning=meaning).hits == (), "no word at all"
        await meaning.aclose()


async def test_what_means_the_same_is_1_and_the_ordinary_is_0(meaning, index):
    await meaning.follow(index)
    await meaning.hear(WORD)
    close = meaning(index, WORD)
    assert close.dtype == np.float32
    assert_allclose(close, ["本子" in text for text in index.texts], atol=1e-6)


async def test_it_does_not_matter_how_high_a_model_s_cosines_lie(meaning, index, tmp_path, clock):
    await meaning.follow(index)
    await meaning.hear(WORD)
    with EmbeddingService(WORD, "本子", common=5.0) as service:
        high = meaning_by(service, tmp_path / "high.db", clock)
        await high.follow(index)
        await high.hear(WORD)
        assert_allclose(high(index, WORD), meaning(index, WORD), atol=1e-4)
        await high.aclose()


async def test_a_model_that_tells_nothing_apart_has_nothing_to_say(index, tmp_path, clock):
    with EmbeddingService("") as service:  # each text holds it
        same = meaning_by(service, tmp_path / "same.db", clock)
        await same.follow(index)
        await same.hear(WORD)
        assert same(index, WORD) is None
        await same.aclose()


async def test_before_it_follows_a_catalogue_nothing_is_asked_or_said(
    meaning, index, model_service
):
    await meaning.hear(WORD)
    assert meaning(index, WORD) is None
    assert model_service.asked == []


async def test_of_what_it_did_not_hear_it_says_nothing(meaning, index, model_service):
    await meaning.follow(index)
    model_service.asked.clear()
    for nothing in ("", " \n", "\u3000"):
        await meaning.hear(nothing)
        assert meaning(index, nothing) is None
    assert meaning(index, WORD) is None
    assert model_service.asked == []


async def test_another_index_is_not_compared_with_this_one_s_texts(meaning, index, small_content):
    await meaning.follow(index)
    await meaning.hear(WORD)
    assert meaning(index_of(small_content), WORD) is None
    assert meaning(index, WORD) is not None


async def test_it_follows_an_edit_and_embeds_what_is_new_alone(
    meaning, index, small_content, model_service
):
    await meaning.follow(index)
    await meaning.hear(WORD)
    model_service.asked.clear()
    say(small_content, f"叫卖{WORD}")
    edited = index_of(small_content)
    await meaning.follow(edited)
    await meaning.follow(edited)
    assert model_service.texts == [f"叫卖{WORD}"]
    assert meaning(index, WORD) is None
    close = dict(zip(edited.texts, meaning(edited, WORD), strict=True))
    assert close[f"叫卖{WORD}"] == pytest.approx(1)
    assert close["摆摊许可"] == 0


async def test_while_an_edit_is_embedded_the_search_goes_by_words(
    meaning, index, small_content, model_service
):
    await meaning.follow(index)
    await meaning.hear(WORD)
    model_service.asked.clear()
    model_service.gate.clear()
    say(small_content, "吆喝")
    edited = index_of(small_content)
    following = asyncio.create_task(meaning.follow(edited))
    await asked(model_service)
    for one in (index, edited):
        assert meaning(one, WORD) is None
        assert one.search(WORD, meaning=meaning) == one.search(WORD)
    model_service.gate.set()
    await following
    assert meaning(edited, WORD) is not None


async def test_texts_that_could_not_be_embedded_are_tried_again(meaning, index, model_service):
    model_service.fails = True
    with pytest.raises(EmbeddingFailed, match="401"):
        await meaning.follow(index)
    assert not meaning.follows(index)
    await meaning.hear(WORD)
    assert meaning(index, WORD) is None
    model_service.fails = False
    await meaning.follow(index)
    assert meaning.follows(index)
    await meaning.hear(WORD)
    assert meaning(index, WORD) is not None


async def test_a_failing_model_is_one_warning_a_minute_without_a_text(
    meaning, index, model_service, clock
):
    await meaning.follow(index)
    model_service.fails = True
    with capture_logs() as logs:
        for second in range(0, int(WARN_SECONDS), 5):
            clock.now = second
            await meaning.hear(f"{WORD}{second}")
    assert [entry["event"] for entry in logs] == ["embeddings.failed"]
    assert logs[0]["log_level"] == "warning"
    assert "401" in logs[0]["error"]
    assert WORD not in str(logs)
    assert index.search(f"{WORD}0", meaning=meaning) == index.search(f"{WORD}0")
    with capture_logs() as logs:
        clock.now = WARN_SECONDS + PAUSE_SECONDS
        await meaning.hear(WORD)
    assert len(logs) == 1


async def test_of_a_long_message_the_beginning_reaches_the_model(meaning, index, model_service):
    await meaning.follow(index)
    model_service.asked.clear()
    long = f"  {WORD}" + "啊" * 5_000
    await meaning.hear(long)
    assert [len(text) for text in model_service.texts] == [LONGEST]
    assert meaning(index, long).max() == pytest.approx(1)


async def test_only_the_present_catalogue_is_held_in_memory(model_service, tmp_path):
    async with Vectors(HttpEmbedder(model_service.url), tmp_path / "embeddings.db") as vectors:
        await vectors.keep(["护照", "本子"])
        rows = vectors.gathered(["本子", "本子"])
        assert vectors.known("护照") is None
        assert np.shares_memory(vectors.known("本子"), rows)
        model_service.asked.clear()
        await vectors.keep(["护照"])
        assert vectors.known("护照") is not None
        assert model_service.asked == [], "it was on disk"
