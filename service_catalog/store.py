"""The running catalogue: always the newest good snapshot of a directory that staff edit.

Each process keeps one `CatalogStore`. Asking for the current catalogue compares file stamps (a
fraction of a millisecond for a hall's catalogue) and loads anew only when they differ; a faulty
edit is logged once, with file and line, and the last good snapshot goes on serving.
"""

from __future__ import annotations

import asyncio
import threading
from pathlib import Path

import structlog

from service_catalog.catalog import Catalog
from service_catalog.errors import ProblemsFound
from service_catalog.loader import Loader

log = structlog.get_logger()


class CatalogStore:
    """Serves the newest good catalogue of one directory; safe to share between threads."""

    def __init__(self, directory: Path) -> None:
        """Load the directory for the first time.

        Raises:
            ProblemsFound: It has faults and there is no earlier good state to fall back on.
        """
        self._loader = Loader(directory)
        self._lock = threading.Lock()
        self._seen = self._loader.fingerprint()
        self._catalog = self._loader.load()

    def current(self) -> Catalog:
        """The newest good snapshot. Blocks for the loading when files changed."""
        if self._loader.fingerprint() != self._seen:
            with self._lock:
                self._reload()
        return self._catalog

    async def fresh(self) -> Catalog:
        """`current` without holding up the event loop while changed files are loaded."""
        if self._loader.fingerprint() == self._seen:
            return self._catalog
        return await asyncio.to_thread(self.current)

    def _reload(self) -> None:
        stamps = self._loader.fingerprint()
        if stamps == self._seen:
            return
        self._seen = stamps
        try:
            self._catalog = self._loader.load()
        except ProblemsFound as found:
            for problem in found.problems:
                log.warning("catalog.refused", problem=str(problem), serving=self._catalog.version)
            return
        log.info(
            "catalog.loaded", version=self._catalog.version, services=len(self._catalog.services)
        )
