"""The optional embedding model inside the Rasa server, for as long as the server runs.

The channel owns one `LiveMeaning`: it starts it with the server, lets it hear each message before
Rasa does, and closes it. The graph component that links services asks `serving()` for what was
heard. Rasa parses on the server's event loop, and this lives there too, so nothing is locked.
"""

from __future__ import annotations

import asyncio
from contextlib import suppress
from pathlib import Path

import structlog

from bot.resources import catalog_store
from bot.settings import Embeddings
from service_catalog.errors import EmbeddingFailed, ProblemsFound
from service_catalog.search.dense import QUERY_SECONDS, Vectors
from service_catalog.search.embedders import Embedder, embedder
from service_catalog.search.meaning import DenseMeaning
from service_catalog.store import CatalogStore

LOOK_SECONDS = 5.0
"""So often the catalogue is looked at when nobody writes; a message makes it look at once."""
RETRY_SECONDS = 30.0
"""The wait after the catalogue's texts could not be embedded."""

log = structlog.get_logger(__name__)

_serving: list[DenseMeaning] = []


def serving() -> DenseMeaning | None:
    """The meaning that the process's server knows; None when no model is set."""
    return _serving[-1] if _serving else None


class LiveMeaning:
    """An embedding model that follows the live catalogue."""

    def __init__(
        self,
        model: Embedder,
        file: Path,
        directory: Path,
        *,
        seconds: float = QUERY_SECONDS,
        retry: float = RETRY_SECONDS,
    ) -> None:
        """Keep what is needed; nothing is opened before `open`.

        Args:
            model: The embedding model.
            file: Where the catalogue's vectors are kept.
            directory: The catalogue's content.
            seconds: So long a message waits for its vector.
            retry: Seconds before the catalogue's texts are tried again.
        """
        self._model = model
        self._file = file
        self._directory = directory
        self._seconds = seconds
        self._retry = retry
        self._store: CatalogStore | None = None
        self._meaning: DenseMeaning | None = None
        self._task: asyncio.Task[None] | None = None
        self._wake = asyncio.Event()

    @classmethod
    def of(cls, settings: Embeddings, directory: Path) -> LiveMeaning | None:
        """The model that the settings ask for, or None when they ask for none.

        Raises:
            ValueError: The settings make no sense.
        """
        try:
            model = embedder(settings.address, settings.model, settings.key)
        except ValueError as error:
            raise ValueError(f"BANSHI_EMBEDDINGS: {error}") from None
        return None if model is None else cls(model, settings.file, directory)

    async def open(self) -> None:
        """Begin to follow the catalogue, on the event loop of the server."""
        self._meaning = DenseMeaning(Vectors(self._model, self._file, seconds=self._seconds))
        _serving.append(self._meaning)
        self._task = asyncio.create_task(self._follow(self._meaning))

    async def hear(self, text: str) -> None:
        """Know what a message means before Rasa reads it; a second at the most."""
        if self._meaning is None or self._store is None:
            return
        if not self._meaning.follows((await self._store.fresh()).index):
            self._wake.set()
        await self._meaning.hear(text)

    async def close(self) -> None:
        """End the task and let go of the model."""
        if self._meaning is None or self._task is None:
            return
        _serving.remove(self._meaning)
        self._task.cancel()
        await asyncio.gather(self._task, return_exceptions=True)
        await self._meaning.aclose()
        self._meaning = self._task = None

    async def _follow(self, meaning: DenseMeaning) -> None:
        while True:
            self._wake.clear()
            try:
                self._store = await asyncio.to_thread(catalog_store, self._directory)
                await meaning.follow((await self._store.fresh()).index)
            except EmbeddingFailed as error:
                meaning.failed(error)
                await asyncio.sleep(self._retry)
            except ProblemsFound:  # told by whoever asks the catalogue for an answer
                await asyncio.sleep(self._retry)
            except Exception as error:  # noqa: BLE001  nobody awaits this task: it must go on
                log.error("embeddings.broken", error=type(error).__name__)
                await asyncio.sleep(self._retry)
            with suppress(asyncio.TimeoutError):
                await asyncio.wait_for(self._wake.wait(), LOOK_SECONDS)
