"""An embedding service on a free port that speaks OpenAI's format, and a catalogue to try it on.

Texts that hold one of its words mean the same to it; all others mean something else.
"""

from __future__ import annotations

import json
import shutil
import threading
import zlib
from collections.abc import Sequence
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

WORD = "呱呱叫"
"""Stands in no catalogue; the service alone knows that it means 本子."""
SMALL = Path(__file__).parent / "unit" / "catalog_check" / "small"
OTHERS = 31


def small_catalogue(directory: Path) -> Path:
    """A copy of the small catalogue, with a saying that shares a character with WORD."""
    content = Path(shutil.copytree(SMALL, directory / "content"))
    say(content, "叫卖")
    return content


def say(content: Path, saying: str) -> None:
    """Add a saying to the catalogue, as staff do."""
    text = f"entries:\n  - mean:\n      - 摆摊许可\n    say:\n      - {saying}\n"
    fresh = content / "lexicon" / ".cries.new"
    fresh.write_text(text, encoding="utf-8")
    fresh.replace(content / "lexicon" / "cries.yml")


class EmbeddingService:
    """Attributes:
    url: Where it listens.
    asked: The texts of each request.
    fails: Whether it answers 401.
    gate: While cleared, no answer goes out.
    """

    def __init__(self, *same: str, common: float = 0.0) -> None:
        """Start.

        Args:
            same: Texts with one of these words mean the same.
            common: What all vectors have in common; the larger, the higher all cosines.
        """
        self._same = same
        self._common = common
        self.asked: list[list[str]] = []
        self.fails = False
        self.gate = threading.Event()
        self.gate.set()
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(self))
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.01,))
        self._thread.start()
        self.url = f"http://127.0.0.1:{self._server.server_address[1]}/v1/embeddings"

    def __enter__(self) -> EmbeddingService:
        return self

    def __exit__(self, *_: object) -> None:
        self.gate.set()
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    def forget(self) -> None:
        self.asked.clear()

    @property
    def texts(self) -> list[str]:
        """All texts it was asked about."""
        return [text for texts in self.asked for text in texts]

    def answer(self, texts: Sequence[str]) -> dict[str, object]:
        rows = [{"index": at, "embedding": self.vector(text)} for at, text in enumerate(texts)]
        return {"object": "list", "data": rows}

    def vector(self, text: str) -> list[float]:
        known = any(word in text for word in self._same)
        place = 0 if known else 1 + zlib.crc32(text.encode()) % OTHERS
        return [self._common, *(float(at == place) for at in range(OTHERS + 1))]


def _handler(service: EmbeddingService) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            request = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            service.asked.append(request["input"])
            service.gate.wait()
            body = json.dumps({} if service.fails else service.answer(request["input"])).encode()
            try:
                self.send_response(401 if service.fails else 200)
                self.send_header("Content-Type", "application/json")
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)
            except OSError:
                self.close_connection = True  # who asked has left

        def log_message(self, *_: object) -> None:
            pass

    return Handler
