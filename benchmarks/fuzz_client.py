"""Sends one request of the fuzz run over a connection of its own, and judges what comes back."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, replace

from benchmarks.fuzz_kit import ACCOUNT, KEY, OFFICIAL, SOMETHING, Attempt
from wechat.crypto import Cipher, check_signature
from wechat.envelope import SUCCESS
from wechat.errors import Refused
from wechat.messages import clean, fields

PATIENCE = 5.0
"""Seconds within which a request must be answered or its connection closed."""
_CIPHER = Cipher(KEY, ACCOUNT.app_id)


@dataclass(frozen=True)
class Seen:
    """What came back.

    Attributes:
        status: None when the connection was closed without an answer.
        seconds: From the connection to the end.
        hung: Nothing came, nor was the connection closed, in time.
        stays: The server keeps the connection open.
    """

    status: int | None
    body: bytes = b""
    seconds: float = 0.0
    hung: bool = False
    stays: bool = False


class Client:
    """Speaks to one server."""

    def __init__(self, port: int) -> None:
        self._port = port

    async def attempt(self, attempt: Attempt) -> tuple[str, float]:
        """Sends it; returns what is wrong with what came back, "" when nothing, and the seconds."""
        began = time.perf_counter()
        if attempt.deliveries == 1:
            fault = await self._one(attempt)
        else:
            fault = await self._several(attempt)
        return fault, time.perf_counter() - began

    async def _one(self, attempt: Attempt) -> str:
        try:
            reader, writer = await asyncio.open_connection("127.0.0.1", self._port)
        except OSError as error:
            return f"no connection: {error}"
        try:
            if attempt.drops:
                await _write(writer, attempt)
                writer.transport.abort()
                return ""
            seen = await _exchange(reader, writer, attempt)
            fault = judge(attempt, seen)
            if fault or attempt.then is None:
                return fault
            if not seen.stays:
                return ""
            return judge(attempt.then, await _exchange(reader, writer, attempt.then))
        finally:
            writer.close()
            with suppress(OSError):
                await writer.wait_closed()

    async def _several(self, attempt: Attempt) -> str:
        """Exactly one delivery must get the answer, the others `success`."""
        silent = replace(attempt, deliveries=1)
        faults = await asyncio.gather(*(self._one(silent) for _ in range(attempt.deliveries)))
        right = faults.count("")
        others = [fault for fault in faults if fault and fault != NOTHING]
        if others or right != 1:
            return f"{right} of {attempt.deliveries} deliveries got the answer; {others}"
        return ""


NOTHING = "an answer was due, and nothing was said"


def judge(attempt: Attempt, seen: Seen) -> str:
    """What is wrong with what came back; empty when nothing is."""
    if seen.hung:
        return f"hung for {seen.seconds:.1f} s"
    if seen.status is None:
        return "" if attempt.may_close else "closed without an answer"
    if seen.status not in attempt.allowed:
        return f"status {seen.status}, not one of {_few(attempt.allowed)}"
    if seen.status != 200 or (attempt.may_close and attempt.says is None):
        return ""
    if attempt.echo is not None:
        return "" if seen.body == attempt.echo else "not the echo"
    try:
        said = _said(attempt, seen.body)
    except (Refused, ValueError, KeyError) as error:
        return f"a malformed reply: {error!r}"
    if attempt.says is None or said == clean(attempt.says) or (said and attempt.says == SOMETHING):
        return ""
    return f"said {said!r}, not {attempt.says!r}" if said else NOTHING


def _said(attempt: Attempt, body: bytes) -> str:
    text = body.decode()
    if text == SUCCESS:
        return ""
    found = fields(text)
    if attempt.sealed:
        stamp = (found["TimeStamp"], found["Nonce"], found["Encrypt"])
        check_signature(found["MsgSignature"], ACCOUNT.token, *stamp)
        found = fields(_CIPHER.decrypt(found["Encrypt"]))
    if attempt.openid and found["ToUserName"] != attempt.openid:
        raise ValueError("for somebody else")
    if found["MsgType"] != "text" or (attempt.openid and found["FromUserName"] != OFFICIAL):
        raise ValueError("from somebody else, or no text")
    if not 0 < len(found["Content"].encode()) <= 2_048:
        raise ValueError("empty or too long")
    return found["Content"]


async def _exchange(
    reader: asyncio.StreamReader, writer: asyncio.StreamWriter, attempt: Attempt
) -> Seen:
    """Writes and reads at the same time: an answer may come before all is written."""
    began = time.perf_counter()
    writing = asyncio.ensure_future(_write(writer, attempt))
    try:
        status, body, stays = await asyncio.wait_for(_read(reader), PATIENCE)
    except asyncio.TimeoutError:
        return Seen(None, seconds=time.perf_counter() - began, hung=True)
    except (OSError, asyncio.IncompleteReadError):
        return Seen(None, seconds=time.perf_counter() - began)
    except ValueError as error:  # no HTTP
        return Seen(599, repr(error).encode(), time.perf_counter() - began)
    finally:
        if not writing.done():
            writing.cancel()
        await asyncio.gather(writing, return_exceptions=True)
    return Seen(status, body, time.perf_counter() - began, stays=stays)


async def _write(writer: asyncio.StreamWriter, attempt: Attempt) -> None:
    with suppress(OSError):
        for number, piece in enumerate(attempt.pieces):
            if number and attempt.pause:
                await asyncio.sleep(attempt.pause)
            writer.write(piece)
            await writer.drain()
        if attempt.ends:
            writer.write_eof()


async def _read(reader: asyncio.StreamReader) -> tuple[int, bytes, bool]:
    status, headers = await _head(reader)
    while status == 100:
        status, headers = await _head(reader)
    body = b""
    if "transfer-encoding" in headers:
        raise ValueError("chunks were not expected")
    # The answer to HEAD has a length and no body.
    with suppress(asyncio.IncompleteReadError, asyncio.TimeoutError):
        body = await asyncio.wait_for(reader.readexactly(int(headers.get("content-length", 0))), 1)
    return status, body, headers.get("connection") == "keep-alive"


async def _head(reader: asyncio.StreamReader) -> tuple[int, Mapping[str, str]]:
    head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
    first, *lines = head.rstrip().split("\r\n")
    version, status, *_ = first.split(" ")
    if not version.startswith("HTTP/1."):
        raise ValueError(f"no HTTP: {first[:40]!r}")
    pairs = (line.split(":", 1) for line in lines)
    return int(status), {name.lower(): value.strip() for name, value in pairs}


def _few(allowed: frozenset[int]) -> str:
    return ", ".join(map(str, sorted(allowed)[:4])) + (" …" if len(allowed) > 4 else "")
