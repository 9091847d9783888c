"""The running catalogue: always the newest good snapshot of a directory that staff edit.

Each process keeps one `CatalogStore`. Asking for the current catalogue compares file stamps (a
fraction of a millisecond for a hall's catalogue) and loads anew only when they differ; a faulty
edit is logged once, with file and line, and the last good snapshot goes on serving.
"""

from __future__ import annotations

import asyncio
import threading
import time
from pathlib import Path

import structlog

from service_catalog.catalog import Catalog
from service_catalog.errors import ProblemsFound
from service_catalog.loader import Loader, Stamps

log = structlog.get_logger()

QUICK = 0.005
"""Seconds: a look at the files that takes no longer is taken at every question."""
REST, LONGEST_REST = 5.0, 0.25
"""After a longer look: how many times its length to wait for the next, and seconds at the most."""


class CatalogStore:
    """Serves the newest good catalogue of one directory; safe to share between threads."""

    def __init__(self, directory: Path, *, search: bool = True, rest: float = 0.0) -> None:
        """Load the directory for the first time.

        Args:
            directory: The catalogue's files.
            search: Whether to make each snapshot's search before the snapshot is served, so that
                nobody's question waits for it.
            rest: Seconds for which a look at the files is good: who is asked a thousand times a
                second need not look each time.

        Raises:
            ProblemsFound: It has faults and there is no earlier good state to fall back on.
        """
        self._loader = Loader(directory)
        self._lock = threading.Lock()
        self._seen = self._loader.fingerprint()
        self._next_look = 0.0
        self._search = search
        self._rest = rest
        self._catalog = self._load()

    def _load(self) -> Catalog:
        catalog = self._loader.load()
        if self._search:
            _ = catalog.index
        return catalog

    def current(self) -> Catalog:
        """The newest good snapshot. Blocks for the loading when files changed."""
        stamps = self._changed()
        if stamps is not None:
            self._reload_alone(stamps)
        return self._catalog

    async def fresh(self) -> Catalog:
        """`current` without holding up the event loop while changed files are loaded."""
        stamps = self._changed()
        if stamps is not None:
            await asyncio.to_thread(self._reload_alone, stamps)
        return self._catalog

    def _changed(self) -> Stamps | None:
        """The files' stamps when they differ from those of the snapshot.

        Thousands of files take longer to look at than a question to answer; then most questions
        go by the last look, and an edit shows a quarter of a second later.
        """
        start = time.monotonic()
        if start < self._next_look:
            return None
        stamps = self._loader.fingerprint()
        took = time.monotonic() - start
        longer = min(LONGEST_REST, REST * took) if took > QUICK else 0.0
        self._next_look = start + took + max(self._rest, longer)
        return None if stamps == self._seen else stamps

    def _reload_alone(self, stamps: Stamps) -> None:
        with self._lock:
            self._reload(stamps)

    def _reload(self, stamps: Stamps) -> None:
        if stamps == self._seen:
            return
        self._seen = stamps
        try:
            self._catalog = self._load()
        except ProblemsFound as found:
            for problem in found.problems:
                log.warning("catalog.refused", problem=str(problem), serving=self._catalog.version)
            return
        log.info(
            "catalog.loaded", version=self._catalog.version, services=len(self._catalog.services)
        )
