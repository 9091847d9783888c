"""The processes' output on disk: one rotating file each, written by a thread of its own."""

from __future__ import annotations

import logging
import queue
from logging.handlers import QueueHandler, QueueListener, RotatingFileHandler
from pathlib import Path

MAX_BYTES = 10 * 1024 * 1024
KEPT = 3


class OutputLog:
    """Takes lines without blocking the event loop; rotates at 10 MiB and keeps three files."""

    def __init__(self, file: Path) -> None:
        file.parent.mkdir(parents=True, exist_ok=True)
        handler = RotatingFileHandler(file, maxBytes=MAX_BYTES, backupCount=KEPT, encoding="utf-8")
        lines: queue.SimpleQueue[logging.LogRecord] = queue.SimpleQueue()
        self._entry = QueueHandler(lines)
        self._listener = QueueListener(lines, handler)
        self._handler = handler
        self._listener.start()

    def line(self, text: str) -> None:
        """Append one line."""
        self._entry.emit(logging.LogRecord("output", logging.INFO, "", 0, text, None, None))

    def close(self) -> None:
        """Write what is left and close the file."""
        self._listener.stop()
        self._handler.close()
