"""Embedding models: texts become vectors that lie close together when they mean alike.

A hall may switch one on; nothing needs one (docs/search.md). Two kinds: a model on this machine
(`OnnxEmbedder`) and a service at an address (`HttpEmbedder`). Every failure of either is an
`EmbeddingFailed`, and no error and no log carries a text or a key. Called by `dense`; knows
nothing of services or of the catalogue.
"""

from __future__ import annotations

import asyncio
import hashlib
import json
import os
import threading
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any, Protocol

import aiohttp
import numpy as np
from numpy.typing import NDArray

from service_catalog.errors import EmbeddingFailed

Matrix = NDArray[np.float32]

MAX_TOKENS = 128
"""What comes after so many tokens is cut off: sayings and messages are shorter."""
ONNX_BATCH = 32
HTTP_BATCH = 64
BATCH_SECONDS = 10.0
"""So long a service may take over one batch, a second try included."""
BACKOFF_SECONDS = 0.3
"""The wait before the second try: short enough for a citizen's message, which has one second."""
_FINE, _BUSY, _BROKEN = 200, 429, 500
_DROPPED = 503
"""What a connection counts as that the service closed: most likely a kept one, so try once more."""
_HINTS: Mapping[int, str] = {
    400: "it may not take the model's name, or so many texts at once",
    401: "check the key",
    403: "check the key",
    404: "check the address and the model's name",
    429: "too many calls for what the account allows",
}


class Embedder(Protocol):
    """Turns texts into vectors of one length; belongs to one event loop."""

    async def identity(self) -> str:
        """What its vectors depend on: vectors may be kept for as long as this stays the same.

        Raises:
            EmbeddingFailed: The model can't be loaded.
        """

    async def embed(self, texts: Sequence[str], seconds: float | None = None) -> Matrix:
        """One row of unit length a text.

        Args:
            texts: What to embed; as many as one likes.
            seconds: The longest that a batch may take; by default the embedder's own limit.

        Raises:
            EmbeddingFailed: There are no usable vectors for all of them.
        """

    async def aclose(self) -> None:
        """Let go of connections."""


def embedder(address: str, model: str = "", key: str = "") -> Embedder | None:
    """The embedder that the settings ask for, or None when they ask for none. Opens nothing yet.

    Args:
        address: Nothing, a path to an .onnx file, or the http(s) address of a service.
        model: The model's name at the service.
        key: The key to the service, if it wants one.

    Raises:
        ValueError: The settings make no sense.
    """
    if not address:
        return None
    if address.startswith(("http://", "https://")):
        return HttpEmbedder(address, model, key)
    if address.endswith(".onnx"):
        return OnnxEmbedder(Path(address))
    # Without the value: it may be a key that went into the wrong setting.
    raise ValueError(
        "the embedding model is neither a path that ends in .onnx nor an address that begins with "
        "http:// or https://; leave it empty to search without one"
    )


@dataclass(frozen=True)
class _Model:
    """A loaded model; `inputs` are its inputs' names with their types."""

    session: Any
    tokenizer: Any
    inputs: Mapping[str, type[np.signedinteger[Any]]]
    identity: str


class OnnxEmbedder:
    """A sentence model in an ONNX file, with its Hugging Face `tokenizer.json` in the same folder.

    Runs on half of the processor's cores, in a thread, so that the conversation goes on meanwhile.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._loading = threading.Lock()
        self._model: _Model | None = None

    async def identity(self) -> str:
        """A digest of the model's files: another model under the same name is another one."""
        return (await asyncio.to_thread(self._loaded)).identity

    async def embed(self, texts: Sequence[str], seconds: float | None = None) -> Matrix:
        """One row of unit length a text; without `seconds`, without a limit."""
        rows = []
        for batch in _batches(texts, ONNX_BATCH):
            running = asyncio.to_thread(self._run, batch)
            try:
                rows.append(await asyncio.wait_for(running, seconds))
            except asyncio.TimeoutError:
                message = f"the model took more than {seconds:g} s"
                raise EmbeddingFailed(message) from None
        return _together(rows)

    async def aclose(self) -> None:
        """Nothing to close: the model goes with this object."""

    def _loaded(self) -> _Model:
        with self._loading:
            if self._model is None:
                self._model = _load(self._path)
            return self._model

    def _run(self, texts: Sequence[str]) -> Matrix:
        model = self._loaded()
        try:
            encoded = model.tokenizer.encode_batch(list(texts))
            have = {
                "input_ids": [one.ids for one in encoded],
                "attention_mask": [one.attention_mask for one in encoded],
                "token_type_ids": [one.type_ids for one in encoded],
            }
            feed = {name: np.array(have[name], kind) for name, kind in model.inputs.items()}
            output = np.asarray(model.session.run(None, feed)[0], np.float32)
        except Exception as error:  # noqa: BLE001 - both libraries raise plain exceptions
            # Not chained: the message could hold a piece of a text.
            raise EmbeddingFailed(f"the model could not run ({type(error).__name__})") from None
        if output.ndim == 3:
            output = _mean(output, np.array(have["attention_mask"], np.float32))
        return _unit(output, len(texts))


def _load(path: Path) -> _Model:
    try:
        import onnxruntime  # noqa: PLC0415 - optional
        import tokenizers  # noqa: PLC0415 - optional
    except ImportError as error:
        raise EmbeddingFailed(
            f"{error.name or 'a package'} is not installed: run `uv sync --extra embeddings`"
        ) from error
    vocabulary = path.with_name("tokenizer.json")
    for file in (path, vocabulary):
        if not file.is_file():
            raise EmbeddingFailed(f"{file} is missing: a model is an .onnx file and tokenizer.json")
    try:
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = max(1, (os.cpu_count() or 1) // 2)
        options.log_severity_level = 3
        session = onnxruntime.InferenceSession(
            str(path), options, providers=["CPUExecutionProvider"]
        )
        tokenizer = tokenizers.Tokenizer.from_file(str(vocabulary))
        identity = _digest([*sorted(path.parent.glob(f"{path.name}*")), vocabulary])
    except Exception as error:
        raise EmbeddingFailed(f"{path} or its tokenizer.json is damaged: {error}") from error
    padding = tokenizer.padding or {"pad_id": _pad_id(tokenizer)}
    tokenizer.enable_padding(**{**padding, "length": None, "pad_to_multiple_of": None})
    tokenizer.enable_truncation(MAX_TOKENS)
    inputs = {
        one.name: np.int32 if "int32" in one.type else np.int64 for one in session.get_inputs()
    }
    strange = inputs.keys() - {"input_ids", "attention_mask", "token_type_ids"}
    if strange:
        raise EmbeddingFailed(f"{path} wants {sorted(strange)}: it is no sentence model")
    return _Model(session, tokenizer, inputs, f"onnx {MAX_TOKENS} {identity}")


def _pad_id(tokenizer: Any) -> int:  # noqa: ANN401 - an optional package's type
    """The padding token's number: the right one, as some models count positions by it."""
    numbers = (tokenizer.token_to_id(token) for token in ("[PAD]", "<pad>"))
    return next((number for number in numbers if number is not None), 0)


def _digest(files: Iterable[Path]) -> str:
    digest = hashlib.sha256()
    for file in files:
        with file.open("rb") as opened:
            while piece := opened.read(1 << 20):
                digest.update(piece)
    return digest.hexdigest()


class HttpEmbedder:
    """A service that speaks OpenAI's format of embeddings; close it, or use it with `async with`.

    What is embedded leaves this machine.
    """

    def __init__(
        self,
        url: str,
        model: str = "",
        key: str = "",
        *,
        seconds: float = BATCH_SECONDS,
        backoff: float = BACKOFF_SECONDS,
    ) -> None:
        """Keep the settings; the HTTP session opens on first use.

        Args:
            url: Where to POST, such as https://example.com/v1/embeddings.
            model: The model's name; "" when the service has one model and wants no name.
            key: The bearer key; "" when the service wants none.
            seconds: The longest that a batch may take, a second try included.
            backoff: Seconds before the second try.

        Raises:
            ValueError: The key can't be sent.
        """
        if not (key.isascii() and key.isprintable()):
            raise ValueError("the key of the embedding service has characters that no key has")
        self._url = url
        self._model = model
        self._headers = {"Authorization": f"Bearer {key}"} if key else {}
        self._seconds = seconds
        self._backoff = backoff
        self._session: aiohttp.ClientSession | None = None

    async def __aenter__(self) -> HttpEmbedder:
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        await self.aclose()

    async def aclose(self) -> None:
        """Close the HTTP session; a later call opens a new one."""
        if self._session is not None:
            await self._session.close()
            self._session = None

    async def identity(self) -> str:
        """The address and the model's name: what the service does behind them can't be seen."""
        return f"http {self._url} {self._model}"

    async def embed(self, texts: Sequence[str], seconds: float | None = None) -> Matrix:
        """One row of unit length a text."""
        limit = self._seconds if seconds is None else seconds
        rows = []
        for batch in _batches(texts, HTTP_BATCH):
            try:
                body = await asyncio.wait_for(self._answer(batch), limit)
            except asyncio.TimeoutError:
                message = f"the embedding service gave no answer within {limit:g} s"
                raise EmbeddingFailed(message) from None
            rows.append(_unit(_read(body, len(batch)), len(batch)))
        return _together(rows)

    async def _answer(self, texts: Sequence[str]) -> bytes:
        request: dict[str, object] = {"input": list(texts)}
        if self._model:
            request["model"] = self._model
        status, body = await self._post(request)
        if status == _BUSY or status >= _BROKEN:
            await asyncio.sleep(self._backoff)
            status, body = await self._post(request)
        if status != _FINE:
            hint = f": {_HINTS[status]}" if status in _HINTS else ""
            raise EmbeddingFailed(f"the embedding service answered {status}{hint}")
        return body

    async def _post(self, request: Mapping[str, object]) -> tuple[int, bytes]:
        if self._session is None:
            # No limit of its own: `embed` sets one for both tries together.
            timeout = aiohttp.ClientTimeout(total=None)
            self._session = aiohttp.ClientSession(headers=self._headers, timeout=timeout)
        try:
            async with self._session.post(
                self._url, json=request, allow_redirects=False
            ) as response:
                return response.status, await response.read()
        except aiohttp.ServerDisconnectedError:
            return _DROPPED, b""
        except (aiohttp.ClientError, OSError, ValueError) as error:
            # Not chained: the text of aiohttp's errors may hold an address with a key in it.
            name = type(error).__name__
            raise EmbeddingFailed(f"the embedding service can't be reached ({name})") from None


def _read(body: bytes, count: int) -> Matrix:
    """The vectors in a service's answer, in the order in which the texts were sent."""
    try:
        rows = sorted(json.loads(body)["data"], key=lambda row: int(row["index"]))
        numbers = [row["index"] for row in rows]
        with np.errstate(over="ignore"):
            matrix = np.array([row["embedding"] for row in rows], np.float32)
    except (ValueError, KeyError, TypeError, ArithmeticError, RecursionError):
        # Not chained: the message could hold a piece of the answer.
        message = "the embedding service's answer is not in OpenAI's format"
        raise EmbeddingFailed(message) from None
    if numbers != list(range(count)):
        message = f"the embedding service answered {len(rows)} vectors for {count} texts"
        raise EmbeddingFailed(f"{message}, or numbered them wrongly")
    return matrix


def _batches(texts: Sequence[str], size: int) -> list[Sequence[str]]:
    return [texts[start : start + size] for start in range(0, len(texts), size)]


def _mean(tokens: Matrix, mask: Matrix) -> Matrix:
    """The mean of each text's token vectors, without its padding."""
    if tokens.shape[:2] != mask.shape:
        raise EmbeddingFailed(f"the model gave vectors for {tokens.shape[:2]}, not {mask.shape}")
    total = np.einsum("ntd,nt->nd", tokens, mask)
    mean: Matrix = total / np.maximum(mask.sum(axis=1, keepdims=True), 1)
    return mean


def _unit(rows: Matrix, count: int) -> Matrix:
    if rows.ndim != 2 or len(rows) != count or not rows.size:
        raise EmbeddingFailed(f"{count} texts came back as an array of {rows.shape}")
    lengths = np.linalg.norm(rows.astype(np.float64), axis=1, keepdims=True)
    if not (np.isfinite(lengths).all() and lengths.all()):
        raise EmbeddingFailed("a text came back as a vector of zeros, or of what is no number")
    unit: Matrix = (rows / lengths).astype(np.float32)
    return unit


def _together(rows: Sequence[Matrix]) -> Matrix:
    if not rows:
        return np.zeros((0, 0), np.float32)
    if len({part.shape[1] for part in rows}) > 1:
        raise EmbeddingFailed("the model gave vectors of different lengths")
    return np.concatenate(rows)
