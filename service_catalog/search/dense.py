"""The memory of embeddings, and how alike a message is to many texts by them.

Optional: without a model none of this is made, and the search goes by words alone. The model is
asked ahead of the search (`keep`, `remember`), as that takes time; what the search calls (`known`,
`likeness`) only looks up what is there. The catalogue's own texts are kept on disk, citizens'
messages in memory alone.
"""

from __future__ import annotations

import asyncio
import hashlib
import sqlite3
import time
from collections import OrderedDict
from collections.abc import Callable, Mapping, Sequence
from contextlib import closing
from pathlib import Path
from types import TracebackType

import numpy as np
import structlog
from numpy.typing import NDArray

from service_catalog.errors import EmbeddingFailed
from service_catalog.search.embedders import Embedder, Matrix

Vector = NDArray[np.float32]

QUERIES = 512
"""So many messages' vectors are remembered."""
QUERY_SECONDS = 1.0
"""So long a message waits for its vector."""
PAUSE_SECONDS = 30.0
"""So long a model that failed is not asked about messages, which would each wait for it in vain."""
CHUNK = 256
"""So many texts are embedded before they are written down: a failure loses no more than these."""

log = structlog.get_logger()


class Vectors:
    """The vectors that are known, and the way to know more; closes its embedder with itself.

    Belongs to one event loop. A text that several callers want at once is embedded once.
    """

    def __init__(
        self,
        embedder: Embedder,
        file: Path,
        *,
        queries: int = QUERIES,
        seconds: float = QUERY_SECONDS,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """Begin with an empty memory; the file is opened when it is needed.

        Args:
            embedder: The model.
            file: The SQLite file of the catalogue's vectors. May be deleted at any time.
            queries: How many messages to remember.
            seconds: How long `remember` may take.
            clock: Seconds that only go forward.
        """
        self._embedder = embedder
        self._shelf = _Shelf(file)
        self._size = queries
        self._seconds = seconds
        self._clock = clock
        self._documents: dict[str, Vector] = {}
        self._queries: OrderedDict[str, Vector] = OrderedDict()
        self._under_way: dict[str, asyncio.Task[dict[str, Vector]]] = {}
        self._keeping = asyncio.Lock()
        self._width: int | None = None
        self._pause_until = float("-inf")

    async def __aenter__(self) -> Vectors:
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        await self.aclose()

    async def aclose(self) -> None:
        """Stop what is under way and close the embedder. What is known stays known."""
        tasks = set(self._under_way.values())
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        await self._embedder.aclose()

    def known(self, text: str) -> Vector | None:
        """The text's vector if it is known already; never asks the model."""
        if text in self._documents:
            return self._documents[text]
        if text in self._queries:
            self._queries.move_to_end(text)
            return self._queries[text]
        return None

    async def keep(self, texts: Sequence[str]) -> None:
        """Know the catalogue's own texts, now and after a restart: their vectors go to disk.

        Raises:
            EmbeddingFailed: Not all could be embedded; those that could are kept all the same.
        """
        async with self._keeping:
            new = [text for text in dict.fromkeys(texts) if text not in self._documents]
            if not new:
                return
            identity = await self._embedder.identity()
            keys = {text: _key(identity, text) for text in new}
            shelved = await asyncio.to_thread(self._shelf.read, list(keys.values()))
            for text, key in keys.items():
                if key in shelved:
                    self._documents[text] = self._checked(shelved[key])
            missing = [text for text in new if text not in self._documents]
            for start in range(0, len(missing), CHUNK):
                found = await self._found(missing[start : start + CHUNK], self._documents.update)
                self._documents.update(found)
                await asyncio.to_thread(
                    self._shelf.write, {keys[text]: vector for text, vector in found.items()}
                )
            log.info("embeddings.kept", texts=len(new), embedded=len(missing))

    def gathered(self, texts: Sequence[str]) -> Matrix:
        """The vectors of these documents, one row a text, all of them kept before.

        From now on only these are in memory, once: a catalogue's tens of thousands take 50 MB and
        more. The others stay on disk.
        """
        rows = np.stack([self._documents[text] for text in texts])
        self._documents = dict(zip(texts, rows, strict=True))
        return rows

    async def remember(self, texts: Sequence[str]) -> None:
        """Know citizens' messages for a while, in memory alone. Ends within the time-out.

        Raises:
            EmbeddingFailed: Not all could be embedded, or the model failed a moment ago.
        """
        new = [text for text in dict.fromkeys(texts) if self.known(text) is None]
        if not new:
            return
        if self._clock() < self._pause_until:
            raise EmbeddingFailed("the embedding model failed a moment ago and is left alone")
        try:
            await self._found(new, self._put, self._seconds)
        except EmbeddingFailed:
            self._pause_until = self._clock() + PAUSE_SECONDS
            raise

    def _put(self, vectors: Mapping[str, Vector]) -> None:
        self._queries.update(vectors)
        while len(self._queries) > self._size:
            self._queries.popitem(last=False)

    async def _found(
        self,
        texts: Sequence[str],
        store: Callable[[Mapping[str, Vector]], object],
        seconds: float | None = None,
    ) -> dict[str, Vector]:
        """The texts' vectors: known, under way for somebody else, or from the model."""
        found = {text: vector for text in texts if (vector := self.known(text)) is not None}
        unknown = [text for text in texts if text not in found]
        fresh = [text for text in unknown if text not in self._under_way]
        if fresh:
            task = asyncio.create_task(self._ask(fresh, store, seconds))
            self._under_way.update(dict.fromkeys(fresh, task))
            task.add_done_callback(self._done)
        tasks = {self._under_way[text] for text in unknown}
        if not tasks:
            return found
        # A caller who goes away leaves the task to the others who wait for it.
        _, late = await asyncio.wait(tasks, timeout=seconds)
        if late:
            raise EmbeddingFailed(f"no vector within {seconds:g} s")
        for task in tasks:
            if task.cancelled():
                raise EmbeddingFailed("the vectors were closed meanwhile")
            found.update(task.result())
        return {text: found[text] for text in texts}

    async def _ask(
        self,
        texts: Sequence[str],
        store: Callable[[Mapping[str, Vector]], object],
        seconds: float | None,
    ) -> dict[str, Vector]:
        matrix = await self._embedder.embed(texts, seconds)
        found = {text: self._checked(row) for text, row in zip(texts, matrix, strict=True)}
        store(found)
        return found

    def _done(self, task: asyncio.Task[dict[str, Vector]]) -> None:
        self._under_way = {text: one for text, one in self._under_way.items() if one is not task}
        if not task.cancelled():
            task.exception()  # looked at, also when nobody waits any more

    def _checked(self, vector: Vector) -> Vector:
        """The vector, if it is as long as all others: only then can they be compared."""
        self._width = self._width or len(vector)
        if len(vector) != self._width:
            raise EmbeddingFailed(
                f"the model gives vectors of {len(vector)} numbers beside those of {self._width}: "
                f"delete {self._shelf.file} if the model was changed, and start anew"
            )
        return vector


class _Shelf:
    """The vectors in a SQLite file: a cache, so one that can't be used is a warning, no error.

    Everything here blocks; several processes may share the file.
    """

    def __init__(self, file: Path) -> None:
        self.file = file

    def read(self, keys: Sequence[bytes]) -> dict[bytes, Vector]:
        """Those of the vectors that are there."""
        select = "SELECT vector FROM vectors WHERE key = ?"
        found: dict[bytes, Vector] = {}
        try:
            with closing(self._open()) as shelf:
                for key in keys:
                    row = shelf.execute(select, (key,)).fetchone()
                    if row is not None:
                        found[key] = np.frombuffer(row[0], "<f4").astype(np.float32)
        except (sqlite3.Error, OSError, ValueError, TypeError) as error:
            self._warn(error)
        return found

    def write(self, vectors: Mapping[bytes, Vector]) -> None:
        """Put these there as well."""
        rows = [(key, vector.astype("<f4").tobytes()) for key, vector in vectors.items()]
        try:
            with closing(self._open()) as shelf, shelf:
                shelf.executemany("INSERT OR REPLACE INTO vectors VALUES (?, ?)", rows)
        except (sqlite3.Error, OSError) as error:
            self._warn(error)

    def _open(self) -> sqlite3.Connection:
        self.file.parent.mkdir(parents=True, exist_ok=True)
        shelf = sqlite3.connect(self.file, timeout=30)
        try:
            shelf.execute("PRAGMA journal_mode = WAL")
            shelf.execute(
                "CREATE TABLE IF NOT EXISTS vectors (key BLOB PRIMARY KEY, vector BLOB NOT NULL)"
            )
        except sqlite3.Error:
            shelf.close()
            raise
        return shelf

    def _warn(self, error: Exception) -> None:
        log.warning(
            "embeddings.file_unusable",
            file=str(self.file),
            error=str(error),
            mend="delete the file; until then texts are embedded anew at every start",
        )


def _key(identity: str, text: str) -> bytes:
    return hashlib.sha256(f"{identity}\0{text}".encode("utf-8", "surrogatepass")).digest()


class DenseTexts:
    """Many texts, ready to be compared with a message by their vectors."""

    def __init__(self, texts: Sequence[str], vectors: Vectors) -> None:
        """Take the texts in; until `prepare` is through, nothing is like them."""
        self._texts = tuple(texts)
        self._vectors = vectors
        self._matrix: Matrix | None = None

    async def prepare(self) -> None:
        """Know all the texts' vectors; call it again after a failure.

        Raises:
            EmbeddingFailed: Not all of them could be embedded.
        """
        await self._vectors.keep(self._texts)
        self._matrix = self._vectors.gathered(self._texts) if self._texts else None

    def likeness(self, query: str) -> NDArray[np.float32] | None:
        """The cosine of the message with every text, -1 to 1; None when a side is not known."""
        vector = self._vectors.known(query)
        if vector is None or self._matrix is None:
            return None
        cosines: NDArray[np.float32] = self._matrix @ vector
        return cosines
