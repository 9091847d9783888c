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
from service_catalog.loader import Loader

log = structlog.get_logger()

LOOK = 0.1
"""Seconds for which a server's look at the files is good: of a hundred questions a second not each
looks. An edit shows to every question that comes so much later."""
FEW, LONG_LOOK = 1000, 0.25
"""With more files than that a look takes longer than an answer, and is good for so many seconds."""


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
        if self._changed():
            self._reload()
        return self._catalog

    async def fresh(self) -> Catalog:
        """`current` without holding up the event loop while changed files are loaded."""
        if self._changed():
            await asyncio.to_thread(self._reload)
        return self._catalog

    def _changed(self) -> bool:
        """Whether the files differ from those of the snapshot, as far as they are looked at.

        How many files there are decides how often, and not how long a look takes: on a busy
        machine an edit has to show as well. Once a difference was seen, everybody looks until it
        is loaded, so nobody is told the old while another waits for the new.
        """
        start = time.monotonic()
        if start < self._next_look:
            return False
        stamps = self._loader.fingerprint()
        if stamps != self._seen:
            self._next_look = start
            return True
        self._next_look = start + (max(self._rest, LONG_LOOK) if len(stamps) > FEW else self._rest)
        return False

    def _reload(self) -> None:
        """Load what is there now. Who asks while another loads waits for it, and gets the new."""
        with self._lock:
            stamps = self._loader.fingerprint()
            if stamps == self._seen:
                return
            try:
                self._catalog = self._load()
            except ProblemsFound as found:
                for problem in found.problems:
                    log.warning(
                        "catalog.refused", problem=str(problem), serving=self._catalog.version
                    )
            else:
                log.info(
                    "catalog.loaded",
                    version=self._catalog.version,
                    services=len(self._catalog.services),
                )
            finally:  # whatever is wrong, it is met once, and the last good snapshot serves
                self._seen = stamps
