"""Embeddings: a tiny real ONNX model, a real HTTP service, the memory, and the comparison."""

from __future__ import annotations

import asyncio
import sqlite3
import sys
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from pathlib import Path

import numpy as np
import pytest
from aiohttp import web
from hand_clock import Clock
from numpy.testing import assert_allclose
from onnx import TensorProto, checker, helper, numpy_helper, save
from structlog.testing import capture_logs
from tokenizers import Tokenizer, models, pre_tokenizers

from bot.settings import embeddings
from cli.settings import SettingsError, load
from service_catalog.errors import EmbeddingFailed
from service_catalog.search.dense import CHUNK, PAUSE_SECONDS, DenseTexts, Vectors
from service_catalog.search.embedders import (
    HTTP_BATCH,
    MAX_TOKENS,
    ONNX_BATCH,
    HttpEmbedder,
    OnnxEmbedder,
    embedder,
)

KEY = "sk-very-secret"
CHARACTERS = "护照身份证办丢补"
TABLE = np.random.default_rng(7).normal(size=(len(CHARACTERS) + 2, 4)).astype(np.float32)
"""One row a token: padding, anything unknown, then the characters."""


# --- a model on this machine ---


def tiny_model(
    folder: Path, *, output: str = "tokens", kind: int = TensorProto.INT64, scale: float = 1.0
) -> Path:
    """A model that looks each token up in TABLE.

    Args:
        folder: Where it and its tokenizer go.
        output: "tokens" (3 dimensions), "first" (2: the first token's vector) or "flat" (1).
        kind: The type of its inputs.
        scale: What TABLE is multiplied by; with -1 it is another model.
    """
    folder.mkdir(parents=True, exist_ok=True)
    names = ["input_ids", "attention_mask"] if output == "tokens" else ["input_ids"]
    first = numpy_helper.from_array(np.array(0), "zero")
    nodes = [helper.make_node("Gather", ["table", "input_ids"], ["tokens"])]
    shape: list[str | int] = ["n", "t", 4]
    if output != "tokens":
        nodes.append(helper.make_node("Gather", ["tokens", "zero"], ["first"], axis=1))
        shape = ["n", 4]
    if output == "flat":
        nodes.append(helper.make_node("ReduceSum", ["first"], ["flat"], keepdims=0))
        shape = []
    graph = helper.make_graph(
        nodes,
        "tiny",
        [helper.make_tensor_value_info(name, kind, ["n", "t"]) for name in names],
        [helper.make_tensor_value_info(output, TensorProto.FLOAT, shape)],
        [numpy_helper.from_array(TABLE * np.float32(scale), "table"), first],
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)
    checker.check_model(model)
    save(model, str(folder / "model.onnx"))
    words = {"[PAD]": 0, "[UNK]": 1, **{char: 2 + at for at, char in enumerate(CHARACTERS)}}
    tokenizer = Tokenizer(models.WordLevel(words, unk_token="[UNK]"))
    tokenizer.pre_tokenizer = pre_tokenizers.Split("", "isolated")
    tokenizer.save(str(folder / "tokenizer.json"))
    return folder / "model.onnx"


def row(char: str) -> np.ndarray:
    return TABLE[2 + CHARACTERS.index(char)] if char in CHARACTERS else TABLE[1]


def unit(vector: np.ndarray) -> np.ndarray:
    return vector / np.linalg.norm(vector)


def mean(text: str) -> np.ndarray:
    return unit(np.mean([row(char) for char in text], axis=0))


@pytest.mark.parametrize("kind", [TensorProto.INT64, TensorProto.INT32])
async def test_a_model_of_tokens_is_averaged_without_the_padding(tmp_path, kind):
    found = await OnnxEmbedder(tiny_model(tmp_path, kind=kind)).embed(["护照", "身份证丢?", "补"])
    assert found.dtype == np.float32
    assert_allclose(
        found, [mean("护照"), mean("身份证丢?"), row("补") / np.linalg.norm(row("补"))], 1e-5
    )


async def test_a_model_of_sentences_is_taken_as_it_is(tmp_path):
    found = await OnnxEmbedder(tiny_model(tmp_path, output="first")).embed(["护照", "补办"])
    assert_allclose(found, [unit(row("护")), unit(row("补"))], rtol=1e-5)


async def test_more_texts_than_a_batch_keep_their_order(tmp_path):
    texts = [CHARACTERS[at % len(CHARACTERS)] * (1 + at % 5) for at in range(2 * ONNX_BATCH + 3)]
    found = await OnnxEmbedder(tiny_model(tmp_path)).embed(texts)
    assert_allclose(found, [mean(text) for text in texts], rtol=1e-5)


async def test_what_comes_after_the_last_token_is_cut_off(tmp_path):
    found = await OnnxEmbedder(tiny_model(tmp_path)).embed(["护" * MAX_TOKENS + "照" * 300])
    assert_allclose(found, [unit(row("护"))], rtol=1e-4)


async def test_a_tokenizer_s_own_padding_to_a_fixed_length_is_lifted(tmp_path):
    path = tiny_model(tmp_path)
    file = str(tmp_path / "tokenizer.json")
    tokenizer = Tokenizer.from_file(file)
    tokenizer.enable_padding(length=4, pad_id=0, pad_token="[PAD]", direction="left")
    tokenizer.enable_truncation(2)
    tokenizer.save(file)
    found = await OnnxEmbedder(path).embed(["身份证办丢", "补"])
    assert_allclose(found, [mean("身份证办丢"), mean("补")], rtol=1e-5)


async def test_no_texts_are_no_vectors(tmp_path):
    assert len(await OnnxEmbedder(tiny_model(tmp_path)).embed([])) == 0


async def test_another_model_or_tokenizer_has_another_identity(tmp_path):
    same = {await OnnxEmbedder(tiny_model(tmp_path / name)).identity() for name in "ab"}
    other = await OnnxEmbedder(tiny_model(tmp_path / "c", scale=-1)).identity()
    assert len(same) == 1
    assert other not in same
    (tmp_path / "a" / "model.onnx.data").write_bytes(b"weights beside the model")
    assert await OnnxEmbedder(tmp_path / "a" / "model.onnx").identity() not in same


@pytest.mark.parametrize("missing", ["model.onnx", "tokenizer.json"])
async def test_a_missing_file_is_named(tmp_path, missing):
    path = tiny_model(tmp_path)
    (tmp_path / missing).unlink()
    with pytest.raises(EmbeddingFailed, match=f"{missing} is missing"):
        await OnnxEmbedder(path).embed(["护照"])


@pytest.mark.parametrize("damaged", ["model.onnx", "tokenizer.json"])
async def test_a_damaged_file_is_an_embedding_failure(tmp_path, damaged):
    path = tiny_model(tmp_path)
    (tmp_path / damaged).write_bytes(b"\x00 not what it says")
    with pytest.raises(EmbeddingFailed, match="damaged"):
        await OnnxEmbedder(path).embed(["护照"])


@pytest.mark.parametrize("package", ["onnxruntime", "tokenizers"])
async def test_a_package_that_is_not_installed_is_named_with_the_remedy(
    tmp_path, monkeypatch, package
):
    monkeypatch.setitem(sys.modules, package, None)
    with pytest.raises(EmbeddingFailed, match=f"{package}.*uv sync --extra embeddings"):
        await OnnxEmbedder(tiny_model(tmp_path)).embed(["护照"])


async def test_a_model_of_another_kind_is_refused(tmp_path):
    with pytest.raises(EmbeddingFailed, match="array of"):
        await OnnxEmbedder(tiny_model(tmp_path, output="flat")).embed(["护照"])


async def test_a_model_that_fails_does_not_tell_the_text(tmp_path):
    path = tiny_model(tmp_path)
    tokenizer = Tokenizer.from_file(str(tmp_path / "tokenizer.json"))
    tokenizer.add_tokens(["照"])
    tokenizer.model = models.WordLevel({"护": 999, "[UNK]": 1}, unk_token="[UNK]")  # not in TABLE
    tokenizer.save(str(tmp_path / "tokenizer.json"))
    with pytest.raises(EmbeddingFailed, match="could not run") as failed:
        await OnnxEmbedder(path).embed(["护"])
    assert "护" not in str(failed.value)
    assert failed.value.__cause__ is None


# --- a service ---

Answer = Callable[[web.Request, Sequence[str]], Awaitable[web.StreamResponse]]


def vector(text: str) -> list[float]:
    """What the service makes of a text: not of unit length."""
    return [float(len(text)), float(ord(text[0]) % 97), 3.0]


def openai(texts: Sequence[str], *, backwards: bool = True) -> dict[str, object]:
    rows = [
        {"object": "embedding", "index": at, "embedding": vector(text)}
        for at, text in enumerate(texts)
    ]
    return {"object": "list", "model": "m", "data": rows[::-1] if backwards else rows}


class Service:
    """An embedding service: what it was asked, and what it answers first, one after the other."""

    def __init__(self) -> None:
        self.requests: list[dict[str, object]] = []
        self.headers: list[dict[str, str]] = []
        self.first: list[Answer] = []
        self.url = ""

    async def answer(self, request: web.Request) -> web.StreamResponse:
        body = await request.json()
        self.requests.append(body)
        self.headers.append(dict(request.headers))
        if self.first:
            return await self.first.pop(0)(request, body["input"])
        return web.json_response(openai(body["input"]))


def status(code: int) -> Answer:
    async def answer(request: web.Request, texts: Sequence[str]) -> web.Response:
        return web.json_response({"error": {"message": "护照 " + KEY}}, status=code)

    return answer


def says(body: object) -> Answer:
    async def answer(request: web.Request, texts: Sequence[str]) -> web.Response:
        if isinstance(body, bytes):
            return web.Response(body=body, content_type="application/json")
        return web.json_response(body)

    return answer


async def never(request: web.Request, texts: Sequence[str]) -> web.StreamResponse:
    await asyncio.Event().wait()
    raise AssertionError("nobody sets the event")


async def hang_up(request: web.Request, texts: Sequence[str]) -> web.StreamResponse:
    assert request.transport is not None
    request.transport.close()
    return web.Response()


@asynccontextmanager
async def listening(service: Service) -> AsyncIterator[str]:
    app = web.Application()
    app.router.add_post("/v1/embeddings", service.answer)
    runner = web.AppRunner(app, shutdown_timeout=0, handler_cancellation=True)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    try:
        port = runner.addresses[0][1]
        yield f"http://127.0.0.1:{port}/v1/embeddings"
    finally:
        await runner.cleanup()


@pytest.fixture
async def service() -> AsyncIterator[Service]:
    service = Service()
    async with listening(service) as service.url:
        yield service


@pytest.fixture
async def client(service) -> AsyncIterator[HttpEmbedder]:
    async with HttpEmbedder(service.url, "bge", KEY, backoff=0) as client:
        yield client


async def test_a_service_is_asked_in_openai_s_format(service, client):
    found = await client.embed(["护照", "身份证"])
    assert service.requests == [{"model": "bge", "input": ["护照", "身份证"]}]
    assert service.headers[0]["Authorization"] == f"Bearer {KEY}"
    assert found.dtype == np.float32
    wanted = [unit(np.array(vector(text))) for text in ("护照", "身份证")]
    assert_allclose(found, wanted, rtol=1e-6)


async def test_without_key_and_model_neither_is_sent(service):
    async with HttpEmbedder(service.url) as client:
        await client.embed(["护照"])
    assert service.requests == [{"input": ["护照"]}]
    assert "Authorization" not in service.headers[0]


async def test_many_texts_go_in_batches_and_come_back_in_order(service, client):
    texts = [chr(0x4E00 + at) * (1 + at % 3) for at in range(2 * HTTP_BATCH + 1)]
    found = await client.embed(texts)
    assert [len(request["input"]) for request in service.requests] == [HTTP_BATCH, HTTP_BATCH, 1]
    assert_allclose(found, [unit(np.array(vector(text))) for text in texts], rtol=1e-6)


@pytest.mark.parametrize("trouble", [status(429), status(500), status(503), hang_up])
async def test_a_passing_trouble_is_tried_once_more(service, client, trouble):
    service.first = [trouble]
    assert len(await client.embed(["护照"])) == 1
    assert len(service.requests) == 2


@pytest.mark.parametrize(("code", "tries"), [(429, 2), (500, 2), (401, 1), (404, 1), (302, 1)])
async def test_a_refusal_fails_with_the_status_alone(service, client, code, tries):
    service.first = [status(code)] * 3
    with pytest.raises(EmbeddingFailed, match=f"answered {code}") as failed:
        await client.embed(["护照"])
    assert len(service.requests) == tries
    assert KEY not in str(failed.value)
    assert "护照" not in str(failed.value)


ROWS = openai(["a", "b"])["data"]


@pytest.mark.parametrize(
    "body",
    [
        pytest.param(b"<html>", id="no JSON"),
        pytest.param(b"[" * 100_000, id="nested JSON"),
        pytest.param([], id="a list"),
        pytest.param({"error": "busy"}, id="no data"),
        pytest.param({"data": [{"embedding": [1.0]}] * 2}, id="no numbers"),
        pytest.param({"data": [None, None]}, id="nulls"),
        pytest.param({"data": ROWS[:1]}, id="too few"),
        pytest.param({"data": [*ROWS, {"index": 2, "embedding": [1.0] * 3}]}, id="too many"),
        pytest.param({"data": [ROWS[0], ROWS[0]]}, id="one twice"),
        pytest.param(
            {"data": [{"index": at, "embedding": [1.0] * (at + 1)} for at in (0, 1)]},
            id="different lengths",
        ),
        pytest.param({"data": [{"index": at, "embedding": []} for at in (0, 1)]}, id="empty"),
        pytest.param({"data": [{"index": at, "embedding": 1.0} for at in (0, 1)]}, id="scalars"),
        pytest.param(
            {"data": [{"index": at, "embedding": [[1.0]]} for at in (0, 1)]}, id="3 dimensions"
        ),
        pytest.param({"data": [{"index": at, "embedding": "AACA"} for at in (0, 1)]}, id="base64"),
        pytest.param({"data": [{"index": at, "embedding": [0.0]} for at in (0, 1)]}, id="zeros"),
        pytest.param(
            {"data": [{"index": at, "embedding": [1.0, float("nan")]} for at in (0, 1)]}, id="NaN"
        ),
        pytest.param(
            {"data": [{"index": at, "embedding": [1e300, 1]} for at in (0, 1)]}, id="too large"
        ),
        pytest.param(
            {"data": [{"index": at, "embedding": [10**400]} for at in (0, 1)]}, id="far too large"
        ),
    ],
)
async def test_a_bad_answer_is_an_embedding_failure(service, client, body):
    service.first = [says(body)]
    with pytest.raises(EmbeddingFailed):
        await client.embed(["护照", "身份证"])


async def test_batches_of_different_lengths_are_a_failure(service, client):
    service.first = [says({"data": [{"index": 0, "embedding": [1.0]}]})]
    with pytest.raises(EmbeddingFailed):
        await client.embed(["护照"] * (HTTP_BATCH + 1))


async def test_a_slow_service_is_left_after_the_time_out(service):
    async with HttpEmbedder(service.url, seconds=0.1) as client:
        service.first = [never]
        with pytest.raises(EmbeddingFailed, match=r"within 0.1 s"):
            await client.embed(["护照"])
        assert len(await client.embed(["护照"], seconds=10)) == 1


async def test_the_second_try_is_within_the_time_out_too(service):
    async with HttpEmbedder(service.url, backoff=60) as client:
        service.first = [status(429)]
        with pytest.raises(EmbeddingFailed, match=r"within 0.1 s"):
            await client.embed(["护照"], seconds=0.1)


async def test_a_service_that_is_not_there_is_an_embedding_failure():
    async with listening(Service()) as url:
        pass
    async with HttpEmbedder(url) as client:
        with pytest.raises(EmbeddingFailed, match="can't be reached") as failed:
            await client.embed(["护照"])
    assert url not in str(failed.value)


async def test_a_closed_client_opens_again(service, client):
    await client.embed(["护照"])
    await client.aclose()
    await client.aclose()
    assert len(await client.embed(["护照"])) == 1


# --- which one is meant ---


def test_nothing_set_is_no_embedder():
    assert embedder("", "m", "k") is None


@pytest.mark.parametrize("address", ["http://127.0.0.1:1/v1/embeddings", "https://example.com/"])
def test_an_address_is_a_service(address):
    assert isinstance(embedder(address, "m", "k"), HttpEmbedder)


def test_a_path_is_a_model():
    assert isinstance(embedder("models/text2vec/model.onnx"), OnnxEmbedder)


@pytest.mark.parametrize("address", ["model.bin", "ftp://example.com", "localhost:80", KEY])
def test_anything_else_is_refused_with_what_would_do(address):
    with pytest.raises(ValueError, match=r"\.onnx.*http://") as refused:
        embedder(address)
    assert address not in str(refused.value)


def test_a_key_that_can_not_be_sent_is_refused_at_once():
    with pytest.raises(ValueError, match="key") as refused:
        embedder("https://example.com", "m", f"{KEY}\n")
    assert KEY not in str(refused.value)


def test_a_model_s_path_is_found_from_the_root(tmp_path):
    settings = load({"BANSHI_EMBEDDINGS": "models/text2vec/model.onnx"}, tmp_path)
    assert settings["BANSHI_EMBEDDINGS"] == str(tmp_path / "models" / "text2vec" / "model.onnx")


def test_a_service_s_address_is_left_as_it_is(tmp_path):
    address = "http://10.0.0.2:8000/v1/embeddings"
    assert load({"BANSHI_EMBEDDINGS": address}, tmp_path)["BANSHI_EMBEDDINGS"] == address


def test_a_setting_that_is_neither_is_refused_without_telling_it(tmp_path):
    with pytest.raises(SettingsError, match=r"BANSHI_EMBEDDINGS .*\.onnx") as refused:
        load({"BANSHI_EMBEDDINGS": KEY}, tmp_path)
    assert KEY not in str(refused.value)


def test_the_bot_reads_the_settings(monkeypatch):
    monkeypatch.setenv("BANSHI_EMBEDDINGS", "https://example.com/v1/embeddings")
    monkeypatch.setenv("BANSHI_EMBEDDINGS_MODEL", "bge")
    monkeypatch.setenv("BANSHI_EMBEDDINGS_KEY", KEY)
    monkeypatch.setenv("BANSHI_VAR", "/srv/banshi")
    settings = embeddings()
    assert isinstance(embedder(settings.address, settings.model, settings.key), HttpEmbedder)
    assert settings.file == Path("/srv/banshi/embeddings.db")
    assert KEY not in repr(settings)


def test_the_bot_has_no_model_by_default(monkeypatch):
    monkeypatch.delenv("BANSHI_EMBEDDINGS", raising=False)
    assert embedder(embeddings().address) is None


# --- the memory ---


class Model:
    """An embedder that counts, waits and fails as it is told to."""

    def __init__(self, name: str = "one", width: int = 4) -> None:
        self.name = name
        self.width = width
        self.asked: list[str] = []
        self.calls: list[float | None] = []
        self.fails = 0
        self.gate = asyncio.Event()
        self.gate.set()
        self.begun = asyncio.Event()
        self.closed = False

    async def identity(self) -> str:
        return self.name

    async def embed(self, texts: Sequence[str], seconds: float | None = None) -> np.ndarray:
        self.calls.append(seconds)
        self.asked.extend(texts)
        self.begun.set()
        await self.gate.wait()
        if self.fails:
            self.fails -= 1
            raise EmbeddingFailed("told to")
        return np.stack([self.vector(text) for text in texts])

    def vector(self, text: str) -> np.ndarray:
        seed = [ord(char) for char in self.name + text]
        return unit(np.random.default_rng(seed).normal(size=self.width)).astype(np.float32)

    async def aclose(self) -> None:
        self.closed = True


@pytest.fixture
def file(tmp_path) -> Path:
    return tmp_path / "state" / "embeddings.db"


@pytest.fixture
def model() -> Model:
    return Model()


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
async def vectors(model, file, clock) -> AsyncIterator[Vectors]:
    async with Vectors(model, file, queries=3, seconds=30, clock=clock) as vectors:
        yield vectors


async def test_what_nobody_asked_for_is_not_known(vectors, model):
    assert vectors.known("护照") is None
    assert model.asked == []


async def test_documents_survive_a_restart(vectors, model, file):
    await vectors.keep(["护照", "身份证", "护照"])
    assert model.asked == ["护照", "身份证"]
    again = Model()
    async with Vectors(again, file) as later:
        assert later.known("护照") is None
        await later.keep(["护照", "身份证", "居住证"])
        assert again.asked == ["居住证"]
        assert_allclose(later.known("护照"), model.vector("护照"))


async def test_another_model_has_other_vectors(vectors, file):
    await vectors.keep(["护照"])
    other = Model("other", width=7)
    async with Vectors(other, file) as later:
        await later.keep(["护照"])
        assert_allclose(later.known("护照"), other.vector("护照"))


async def test_messages_are_never_written_to_disk(vectors, model, file):
    await vectors.remember(["我叫张三丰"])
    assert_allclose(vectors.known("我叫张三丰"), model.vector("我叫张三丰"))
    assert not file.exists()
    await vectors.keep(["护照"])
    with sqlite3.connect(file) as shelf:
        assert shelf.execute("SELECT count(*) FROM vectors").fetchone() == (1,)
    shelf.close()
    for written in file.parent.iterdir():
        assert "张三丰".encode() not in written.read_bytes()


async def test_no_text_stands_in_the_file(vectors, file):
    await vectors.keep(["护照"])
    assert "护照".encode() not in file.read_bytes()


async def test_the_messages_longest_unused_are_forgotten(vectors, model):
    await vectors.remember(["一", "二", "三"])
    assert vectors.known("一") is not None
    await vectors.remember(["四"])
    assert [text for text in "一二三四" if vectors.known(text) is not None] == ["一", "三", "四"]


async def test_a_message_that_is_a_document_too_is_kept(vectors, model, file):
    await vectors.remember(["护照"])
    await vectors.keep(["护照"])
    await vectors.remember(["一", "二", "三"])
    assert vectors.known("护照") is not None
    assert model.asked.count("护照") == 1
    again = Model()
    async with Vectors(again, file) as later:
        await later.keep(["护照"])
    assert again.asked == []


async def test_callers_at_the_same_time_share_one_embedding(vectors, model):
    model.gate.clear()
    callers = [asyncio.create_task(vectors.remember(["护照", text])) for text in "一二二"]
    callers.append(asyncio.create_task(vectors.keep(["护照", "身份证"])))
    await model.begun.wait()
    callers.append(asyncio.create_task(vectors.keep(["身份证", "护照"])))
    model.gate.set()
    await asyncio.gather(*callers)
    assert sorted(model.asked) == sorted(["护照", "一", "二", "身份证"])


async def test_a_caller_who_leaves_does_not_take_the_others_along(vectors, model):
    model.gate.clear()
    first = asyncio.create_task(vectors.remember(["护照"]))
    await model.begun.wait()
    second = asyncio.create_task(vectors.remember(["护照"]))
    first.cancel()
    with pytest.raises(asyncio.CancelledError):
        await first
    model.gate.set()
    await second
    assert model.asked == ["护照"]


async def test_a_message_has_a_time_out_and_documents_have_none(vectors, model):
    await vectors.remember(["护照"])
    await vectors.keep(["身份证"])
    assert model.calls == [30, None]


async def test_a_message_does_not_wait_for_documents_under_way(model, file):
    model.gate.clear()
    async with Vectors(model, file, seconds=0.05) as vectors:
        keeping = asyncio.create_task(vectors.keep(["护照"]))
        await model.begun.wait()
        with pytest.raises(EmbeddingFailed, match=r"within 0.05 s"):
            await vectors.remember(["护照"])
        model.gate.set()
        await keeping
        assert vectors.known("护照") is not None


async def test_a_model_that_failed_is_left_alone_for_a_while(vectors, model, clock):
    model.fails = 1
    with pytest.raises(EmbeddingFailed, match="told to"):
        await vectors.remember(["护照"])
    with pytest.raises(EmbeddingFailed, match="left alone"):
        await vectors.remember(["护照"])
    assert len(model.calls) == 1
    clock.now = PAUSE_SECONDS
    await vectors.remember(["护照"])
    assert vectors.known("护照") is not None


async def test_what_was_embedded_before_a_failure_is_kept(vectors, model, file):
    texts = [f"第{number}句" for number in range(CHUNK + 1)]
    embed = model.embed

    async def once(batch: Sequence[str], seconds: float | None = None) -> np.ndarray:
        model.fails = 1
        model.embed = embed
        return await embed(batch, seconds)

    async def fine_first(batch: Sequence[str], seconds: float | None = None) -> np.ndarray:
        model.embed = once
        return await embed(batch, seconds)

    model.embed = fine_first
    with pytest.raises(EmbeddingFailed):
        await vectors.keep(texts)
    again = Model()
    async with Vectors(again, file) as later:
        await later.keep(texts)
    assert again.asked == texts[CHUNK:]


async def test_vectors_of_another_length_are_refused(vectors, model):
    await vectors.keep(["护照"])
    model.width = 7
    with pytest.raises(EmbeddingFailed, match=r"7 numbers beside those of 4: delete .*\.db"):
        await vectors.remember(["身份证"])
    assert vectors.known("身份证") is None


async def test_a_damaged_file_is_a_warning_and_the_model_is_asked(vectors, model, file):
    file.parent.mkdir()
    file.write_bytes(b"no database" * 100)
    with capture_logs() as logs:
        await vectors.keep(["护照"])
    assert vectors.known("护照") is not None
    assert {log["event"] for log in logs if log["log_level"] == "warning"} == {
        "embeddings.file_unusable"
    }
    assert "护照" not in str(logs)


async def test_closing_stops_what_is_under_way(model, file):
    model.gate.clear()
    vectors = Vectors(model, file)
    waiting = asyncio.create_task(vectors.remember(["护照"]))
    await model.begun.wait()
    await vectors.aclose()
    with pytest.raises(EmbeddingFailed, match="closed"):
        await waiting
    assert model.closed


# --- the comparison ---


async def test_likeness_is_the_cosine_with_every_text(tmp_path, file):
    texts = ["护照", "身份证", "补办"]
    async with Vectors(OnnxEmbedder(tiny_model(tmp_path)), file) as vectors:
        dense = DenseTexts(texts, vectors)
        await dense.prepare()
        await vectors.remember(["身份证丢"])
        found = dense.likeness("身份证丢")
        assert_allclose(found, [mean(text) @ mean("身份证丢") for text in texts], atol=1e-5)
        assert dense.likeness("护照")[0] == pytest.approx(1)
    # the same through the file, in another process's memory
    async with Vectors(OnnxEmbedder(tmp_path / "model.onnx"), file) as vectors:
        dense = DenseTexts(texts, vectors)
        await dense.prepare()
        await vectors.remember(["身份证丢"])
        assert_allclose(dense.likeness("身份证丢"), found, atol=1e-6)


async def test_nothing_is_alike_until_both_sides_are_known(vectors):
    dense = DenseTexts(["护照"], vectors)
    await vectors.remember(["补护照"])
    assert dense.likeness("补护照") is None
    await dense.prepare()
    assert dense.likeness("补护照") is not None
    assert dense.likeness("身份证") is None


async def test_a_failed_preparation_can_be_repeated(vectors, model):
    model.fails = 1
    dense = DenseTexts(["护照"], vectors)
    with pytest.raises(EmbeddingFailed):
        await dense.prepare()
    await vectors.remember(["补护照"])
    assert dense.likeness("补护照") is None
    await dense.prepare()
    assert dense.likeness("补护照").shape == (1,)


async def test_no_texts_are_like_nothing(vectors):
    dense = DenseTexts([], vectors)
    await dense.prepare()
    await vectors.remember(["护照"])
    assert dense.likeness("护照") is None


async def test_a_whole_search_through_a_service(service, file):
    async with Vectors(HttpEmbedder(service.url, "bge", KEY), file) as vectors:
        dense = DenseTexts(["护照", "身份证"], vectors)
        with capture_logs() as logs:
            await dense.prepare()
            await vectors.remember(["身份"])
        found = dense.likeness("身份")
    wanted = [
        unit(np.array(vector(text))) @ unit(np.array(vector("身份"))) for text in ("护照", "身份证")
    ]
    assert_allclose(found, wanted, rtol=1e-5)
    assert KEY not in str(logs)
    assert "身份" not in str(logs)
