"""The Rasa process's source of facts: the live catalogue.

One a process, whoever asks: the graph component that links services, and the embedding model that
follows the catalogue's texts.
"""

from __future__ import annotations

import threading
from pathlib import Path

from service_catalog.store import LOOK, CatalogStore

_stores: dict[Path, CatalogStore] = {}
_making = threading.Lock()


def catalog_store(directory: Path) -> CatalogStore:
    """The process's store of this directory; the first call loads the catalogue, which blocks.

    Raises:
        ProblemsFound: It has faults, and was never loaded before; the next call tries again.
    """
    with _making:
        if directory not in _stores:
            _stores[directory] = CatalogStore(directory, rest=LOOK)
        return _stores[directory]
