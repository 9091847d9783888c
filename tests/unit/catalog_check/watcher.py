"""A process of its own that watches a catalogue and tells each version as soon as it sees it."""

from __future__ import annotations

import sys
import time
from pathlib import Path

from service_catalog.store import CatalogStore

LOOK_EVERY = 0.02


def main() -> None:
    """Watch the directory named on the command line until standing input ends the process."""
    store = CatalogStore(Path(sys.argv[1]))
    told = ""
    while True:
        found = store.current()
        whole = all(
            found.service(part.service)
            for bundle in found.bundles.values()
            for part in bundle.parts
        )
        if found.version != told:
            told = found.version
            line = f"{told} {found.service('card').fee.items[0].amount} {whole}"
            sys.stdout.write(f"{line}\n")
            sys.stdout.flush()
        time.sleep(LOOK_EVERY)


if __name__ == "__main__":
    main()
