"""An embedding model's part in the search: how close a message is in meaning to what is known.

Optional, as all of `dense`: the search hears of it through `index.Meaning` alone. Whoever owns a
`DenseMeaning` lets it follow the catalogue (`follow`) and hear each message before it is searched
for (`hear`); the search then only looks up what is there. Whenever something is missing, it says
nothing and the search goes by words alone. Belongs to one event loop.
"""

from __future__ import annotations

import time
from collections.abc import Callable

import numpy as np
import structlog
from numpy.typing import NDArray

from service_catalog.errors import EmbeddingFailed
from service_catalog.search.dense import DenseTexts, Vectors
from service_catalog.search.embedders import MAX_TOKENS
from service_catalog.search.index import SearchIndex

log = structlog.get_logger()

LONGEST = MAX_TOKENS
"""So many characters of a message reach the model: no service refuses it for its length."""
WARN_SECONDS = 60.0
"""So long after a warning no other is logged: a dead model fails at every message."""
ALL_THE_SAME = 1e-6
"""A mean cosine this near to 1 tells no text from another."""


class DenseMeaning:
    """Satisfies `Meaning` for one index at a time, and for messages heard before."""

    def __init__(self, vectors: Vectors, *, clock: Callable[[], float] = time.monotonic) -> None:
        """Take over the vectors; `aclose` closes them.

        Args:
            vectors: The memory of the model's vectors.
            clock: Seconds that only go forward.
        """
        self._vectors = vectors
        self._clock = clock
        self._quiet_until = float("-inf")
        self._index: SearchIndex | None = None
        self._texts: DenseTexts | None = None

    def __call__(self, index: SearchIndex, query: str) -> NDArray[np.float32] | None:
        """0 to 1 for each of the index's texts, beyond what is ordinary for this message.

        Models differ in how high their cosines lie, and so do messages with the same model: the
        mean over all texts counts as nothing, 1 stays 1.
        """
        if index is not self._index or self._texts is None:
            return None
        cosines = self._texts.likeness(heard(query))
        if cosines is None:
            return None
        ordinary = float(cosines.mean())
        if ordinary > 1 - ALL_THE_SAME:
            return None
        close: NDArray[np.float32] = np.clip((cosines - ordinary) / (1 - ordinary), 0.0, 1.0)
        return close

    def follows(self, index: SearchIndex) -> bool:
        """Whether messages can be compared with this index's texts."""
        return index is self._index

    async def follow(self, index: SearchIndex) -> None:
        """Compare with this index's texts from now on; until all are embedded, with none.

        Raises:
            EmbeddingFailed: Not all could be embedded; call it again later.
        """
        if index is self._index:
            return
        self._index, self._texts = None, None
        texts = DenseTexts(index.texts, self._vectors)
        await texts.prepare()
        self._index, self._texts = index, texts

    async def hear(self, text: str) -> None:
        """Know a message before it is searched for. Ends within the time-out and never fails.

        Does nothing as long as there is nothing to compare the message with.
        """
        said = heard(text)
        if self._texts is None or not said:
            return
        try:
            await self._vectors.remember([said])
        except EmbeddingFailed as error:
            self.failed(error)

    def failed(self, error: EmbeddingFailed) -> None:
        """Warn that the model can't be used, unless that was said a moment ago."""
        if self._clock() < self._quiet_until:
            return
        self._quiet_until = self._clock() + WARN_SECONDS
        log.warning("embeddings.failed", error=str(error), search="by words alone")

    async def aclose(self) -> None:
        """Stop what is under way and let go of the model's connections."""
        await self._vectors.aclose()


def heard(text: str) -> str:
    """The part of a message that the model is asked about."""
    return text.strip()[:LONGEST].strip()
