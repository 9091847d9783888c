"""HTTP that Sanic trips over is refused before it gets there: found by the fuzz run."""

from __future__ import annotations

import asyncio
import time
from contextlib import suppress

import pytest
from channel_world import Hall, running
from structlog.testing import capture_logs

from bot.channels import requests
from bot.channels.outcomes import Outcome
from wechat.simulator import Reply

TARGET = b"/webhooks/wechat/webhook"


@pytest.fixture
async def hall():
    async with running() as hall:
        yield hall


async def status(hall: Hall, raw: bytes, seconds: float = 5, *, ends: bool = False) -> int | None:
    """What the server answers to these bytes; None when it closes the connection."""
    port = int(hall.url.split(":")[2].split("/")[0])
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    try:
        writer.write(raw)
        if ends:
            writer.write_eof()
        head = await asyncio.wait_for(reader.readline(), seconds)
        return int(head.split()[1]) if head else None
    finally:
        writer.close()
        with suppress(OSError):
            await writer.wait_closed()


def head(*headers: bytes, target: bytes = TARGET) -> bytes:
    return b"\r\n".join((b"POST " + target + b" HTTP/1.1", b"Host: hall", *headers, b"", b""))


@pytest.mark.parametrize("length", [b"-1", b"-99999"])
async def test_a_negative_length_does_not_stop_the_server(hall, length):
    assert await status(hall, head(b"Content-Length: " + length) + b"<") == 400
    assert await hall.citizen().say("你好") == Reply("答：你好")


@pytest.mark.parametrize(
    "headers",
    [
        (b"Content-Length: abc",),
        (b"Content-Length: ",),
        (b"Content-Length: +5",),
        (b"Content-Length: 1_0",),
        (b"Content-Length: 5, 5",),
        (b"Content-Length: 5", b"Content-Length: 5"),
        (b"Content-Length: 5", b"Transfer-Encoding: chunked"),
        (b"Transfer-Encoding: chunked", b"Transfer-Encoding: chunked"),
        (b"Transfer-Encoding: gzip",),
        (b"Transfer-Encoding: chunked, gzip",),
        (b"Content-Length : 5",),
        (b"X: 1", b" folded: 2"),
    ],
)
async def test_a_body_without_a_certain_end_is_refused(hall, headers):
    assert await status(hall, head(*headers) + b"<xml>") == 400


@pytest.mark.parametrize("target", [b"x", b"/\xff\xfe", TARGET + b"?a=\xff", b"//", b"*"])
async def test_an_address_that_is_none_is_refused(hall, target):
    assert await status(hall, head(b"Content-Length: 0", target=target)) in {400, 404}


async def test_a_request_that_is_too_large_is_refused_unread(hall):
    assert await status(hall, head(b"Content-Length: 10000000")) == 403  # not signed
    assert await status(hall, head(b"Content-Length: 5") + b"<xml>") == 403


async def test_chunks_are_read(hall):
    citizen = hall.citizen()
    query, body = citizen.sealed(citizen.text("你好"))
    pairs = "&".join(f"{name}={value}" for name, value in query.items()).encode()
    chunked = b"%x\r\n%s\r\n0\r\n\r\n" % (len(body.encode()), body.encode())
    sent = head(b"Transfer-Encoding: chunked", target=TARGET + b"?" + pairs) + chunked
    assert await status(hall, sent) == 200
    assert hall.bot.heard == ["你好"]


def unsigned() -> bytes:
    """The query of an encrypted message, which is read before its signature can be checked."""
    return TARGET + b"?encrypt_type=aes&nonce=1&timestamp=" + str(int(time.time())).encode()


@pytest.mark.parametrize(
    "sent",
    [
        head(b"Content-Length: 100", target=b"%s") + b"<xml>",
        head(b"Transfer-Encoding: chunked", target=b"%s") + b"99\r\n<xml>",
    ],
)
async def test_a_body_that_stops_is_given_up(hall, sent, monkeypatch):
    monkeypatch.setattr(requests, "BODY_SECONDS", 0.1)
    with capture_logs() as logs:
        assert await status(hall, sent.replace(b"%s", unsigned())) == 408
    assert [entry["reason"] for entry in logs] == ["too_slow"]
    assert hall.channel._outcomes[Outcome.REFUSED] == 1


async def test_chunks_that_are_none_are_malformed(hall):
    sent = head(b"Transfer-Encoding: chunked", target=unsigned()) + b"zz\r\n<xml>\r\n0\r\n\r\n"
    assert await status(hall, sent) == 400
    assert hall.channel._outcomes[Outcome.REFUSED] == 1


@pytest.mark.parametrize("extra", [0, 1 << 21])
async def test_a_body_that_is_too_long_is_counted(hall, extra):
    size = requests.LARGEST_BODY + 1 + extra
    sent = head(b"Content-Length: %d" % size, target=unsigned()) + b"x" * size
    assert await status(hall, sent) == 413
    assert hall.channel._outcomes[Outcome.REFUSED] == 1


async def test_a_head_that_stops_is_given_up(hall):
    assert await status(hall, b"POST / HTTP/1.1\r\nHost:") == 408


async def test_a_letter_that_stops_is_given_up(monkeypatch):
    monkeypatch.setattr(requests, "BODY_SECONDS", 0.1)
    async with running(letters_key="k") as hall:
        sent = head(
            b"Content-Length: 9", b"Authorization: Bearer k", target=b"/webhooks/wechat/letters"
        )
        assert await status(hall, sent) == 408
