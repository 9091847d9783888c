"""A fuzz run: the server's process, the requests in order, what it holds in between, its log."""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import socket
import sys
import time
from collections import Counter
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field, replace
from pathlib import Path
from statistics import median
from typing import Any

import aiohttp

from benchmarks import fuzz_http, fuzz_seals, fuzz_xml
from benchmarks.fuzz_client import Client
from benchmarks.fuzz_kit import ACCOUNT, ANSWER, GRACE, SECRETS, Attempt, Kit, account_json
from bot import event_loop
from wechat.account import Mode

SERVER_SECONDS = 60.0
"""Until the server listens; most of it is importing Rasa."""
AT_ONCE = 16
"""Requests under way at a time."""
BATCHES = 40
WARM = 10**9
"""The number of the first of the requests that come before."""
SETTLE = 8.0
"""Seconds after a batch within which closed connections must be forgotten."""
ROOM = {
    "malloc": 4 * 1024,
    "blocks": 10_000,
    "rss": 16 * 1024,
    "files": 2,
    "tasks": 2,
    "threads": 1,
}
"""By how much the last tenth may be above the first; memory in KiB.

What is in use tells of a leak: bytes that C code has from malloc, and Python's own blocks, of which
a leak of one in ten requests would be 10,000. RSS may rise somewhat more, as glibc takes large
blocks out of the heap once one was freed (mallopt(3), M_MMAP_THRESHOLD), and small ones in between
keep it from shrinking. With MALLOC_MMAP_THRESHOLD_=131072 it stays within 1 MiB; a message then
takes a twentieth longer.
"""
WEIGHTS: tuple[tuple[Callable[[Kit], Attempt], float], ...] = (
    (Kit.right, 20),
    (fuzz_seals.queries, 15),
    (fuzz_seals.ciphertexts, 10),
    (fuzz_seals.flipped, 3),
    (fuzz_seals.envelopes, 4),
    (fuzz_xml.wrong, 15),
    (fuzz_xml.encodings, 4),
    (fuzz_xml.odd, 6),
    (fuzz_xml.mutated, 6),
    (fuzz_http.http, 12),
    (fuzz_http.dropped, 3),
    (fuzz_http.slow, 0.5),
    (fuzz_http.repeated, 1),
    (fuzz_http.large, 0.2),
    (fuzz_http.stalled, 0.1),
    (fuzz_http.trickle, 0.05),
)
"""What is sent and how often, in hundredths."""


def made(seed: int, index: int, now: int, mode: Mode = "compatible") -> Attempt:
    """The request with this number: the same one each time, but for its time stamp."""
    kit = Kit(seed, index, now, replace(ACCOUNT, mode=mode))
    makers, weights = zip(*WEIGHTS, strict=True)
    make: Callable[[Kit], Attempt] = kit.rng.choices(makers, weights=weights)[0]
    return make(kit)


@dataclass(frozen=True)
class Failure:
    """One request that was not treated as it must be."""

    index: int
    attempt: Attempt
    fault: str


@dataclass
class Result:
    """What a run found.

    Attributes:
        samples: What the server held after each batch.
        kinds: How many requests of each kind were sent.
        slowest: Seconds of the slowest request that is not slow by itself.
        heard: How many messages of whom the bot heard.
        due: How many messages were right, and so had to be heard once.
        leaks: Lines of the log with something secret, and other complaints about it.
    """

    failures: list[Failure] = field(default_factory=list)
    samples: list[dict[str, Any]] = field(default_factory=list)
    kinds: Counter[str] = field(default_factory=Counter)
    slowest: float = 0.0
    seconds: float = 0.0
    due: int = 0
    leaks: list[str] = field(default_factory=list)
    lines: int = 0

    @property
    def heard(self) -> dict[str, int]:
        """By the first letters of the openid: oContro…, oForged, oOddity."""
        return dict(self.samples[-1]["heard"]) if self.samples else {}

    def growth(self, what: str) -> float:
        """By how much the median of the last tenth is above that of the first."""
        tenth = max(1, len(self.samples) // 10)
        values = [float(sample[what]) for sample in self.samples]
        return median(values[-tenth:]) - median(values[:tenth])

    def faults(self) -> list[str]:
        """All that is wrong, in words."""
        found = [f"request {one.index} ({one.attempt.name}): {one.fault}" for one in self.failures]
        found += [
            f"{what} grew by {self.growth(what):g}, more than {room}"
            for what, room in ROOM.items()
            if self.growth(what) > room
        ]
        if self.heard.get("oForged"):
            found.append(f"{self.heard['oForged']} forged messages were let in")
        if self.heard.get("oContro", 0) != self.due:
            found.append(f"{self.due} messages were due, {self.heard.get('oContro')} were heard")
        return found + self.leaks


class Server:
    """The process under test."""

    def __init__(self, state: Path, process: asyncio.subprocess.Process, port: int) -> None:
        self.port = port
        self.process = process
        self.log = state / "server.log"

    async def measures(self) -> dict[str, Any]:
        """What it holds now."""
        timeout = aiohttp.ClientTimeout(total=5)
        async with (
            aiohttp.ClientSession(timeout=timeout) as session,
            session.get(f"http://127.0.0.1:{self.port}/measures") as response,
        ):
            found: dict[str, Any] = await response.json()
            return found

    async def settled(self) -> dict[str, Any]:
        """What it holds once nothing is under way any more, or when that takes too long."""
        until = time.monotonic() + SETTLE
        await asyncio.sleep(2 * GRACE)
        found = await self.measures()
        while time.monotonic() < until:
            await asyncio.sleep(0.1)
            again = await self.measures()
            if (again["files"], again["tasks"]) == (found["files"], found["tasks"]):
                return again
            found = again
        return found


@contextlib.asynccontextmanager
async def serving(state: Path, mode: Mode) -> AsyncIterator[Server]:
    """Starts the server on a free port and stops it."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    account = account_json(replace(ACCOUNT, mode=mode))
    (state / "account.json").write_text(account, encoding="utf-8")
    drop = ("LOG_LEVEL", "BANSHI_", "SANIC_")
    env = {name: value for name, value in os.environ.items() if not name.startswith(drop)}
    with (state / "server.log").open("wb") as log:
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "benchmarks.fuzz_server"),
            *("--port", str(port), "--state", str(state)),
            stdout=log,
            stderr=log,
            env=env | {"TF_CPP_MIN_LOG_LEVEL": "3", event_loop.SETTING: "false"},
        )
    server = Server(state, process, port)
    try:
        await _up(server)
        yield server
    finally:
        if process.returncode is None:
            process.send_signal(signal.SIGTERM)
            try:
                await asyncio.wait_for(process.wait(), 15)
            except asyncio.TimeoutError:
                process.kill()
                await process.wait()


async def _up(server: Server) -> None:
    until = time.monotonic() + SERVER_SECONDS
    while True:
        try:
            await server.measures()
            return
        except (aiohttp.ClientError, OSError, asyncio.TimeoutError):
            if server.process.returncode is not None or time.monotonic() > until:
                raise RuntimeError(server.log.read_text("utf-8")[-2_000:]) from None
            await asyncio.sleep(0.1)


async def run(
    server: Server,
    *,
    seed: int,
    indexes: range,
    mode: Mode = "compatible",
    batches: int = BATCHES,
    warm: int = 0,
    tell: Callable[[str], None] = lambda _: None,
    most_failures: int = 20,
) -> Result:
    """Sends the requests with these numbers, a batch after the other.

    Args:
        server: Whom to.
        seed: Of the requests.
        indexes: Their numbers.
        mode: The account's.
        warm: So many other requests come first, which fill what the channel remembers on purpose
            and go once through all code.
        batches: After each the server is left alone and measured.
        tell: Is told how far it is.
        most_failures: With so many it is given up.
    """
    result, began = Result(), time.monotonic()
    size = max(1, len(indexes) // batches)
    client = Client(server.port)
    await _batch(
        client, result, range(WARM, WARM + warm), lambda index: made(seed, index, _now(), mode)
    )
    tell(f"{warm} requests first: {time.monotonic() - began:.0f} s")
    told = 0
    for start in range(indexes.start, indexes.stop, size):
        batch = range(start, min(start + size, indexes.stop))
        await _batch(client, result, batch, lambda index: made(seed, index, _now(), mode))
        if server.process.returncode is not None:
            result.leaks.append(f"the server ended with {server.process.returncode}")
            break
        try:
            result.samples.append(await server.settled())
        except (aiohttp.ClientError, OSError, asyncio.TimeoutError) as error:
            ended = server.process.returncode
            result.leaks.append(f"the server doesn't answer any more: {error!r}, ended {ended}")
            break
        for failure in result.failures[told:]:
            tell(f"request {failure.index} ({failure.attempt.name}): {failure.fault}")
        told = len(result.failures)
        tell(_progress(result, batch.stop - indexes.start, time.monotonic() - began))
        if len(result.failures) >= most_failures:
            break
    result.seconds = time.monotonic() - began
    read_log(server.log, result)
    return result


def _now() -> int:
    return int(time.time())


async def _batch(
    client: Client, result: Result, batch: range, make: Callable[[int], Attempt]
) -> None:
    waiting = iter(batch)

    async def work() -> None:
        for index in waiting:
            attempt = make(index)
            fault, seconds = await client.attempt(attempt)
            result.kinds[attempt.name.partition("/")[0].partition(",")[0]] += 1
            result.due += _due(attempt)
            if not attempt.pause and "stalled" not in attempt.name:
                result.slowest = max(result.slowest, seconds)
            if fault:
                result.failures.append(Failure(index, attempt, fault))

    await asyncio.gather(*(work() for _ in range(AT_ONCE)))


def _due(attempt: Attempt) -> int:
    """How many messages of this request the bot must hear: repeats are heard once."""
    heard = (attempt.says or "").startswith(ANSWER) and attempt.openid.startswith("oControl")
    return int(heard and not attempt.may_close)


def read_log(file: Path, result: Result) -> None:
    """Looks for what no log may hold, and for what nobody caught."""
    with file.open(encoding="utf-8", errors="replace") as lines:
        for line in lines:
            result.lines += 1
            found = [secret for secret in SECRETS if secret in line]
            found += [word for word in ("Traceback", "uncaught") if word in line]
            if found and len(result.leaks) < 20:
                result.leaks.append(f"the log has {found}: {line.strip()[:300]}")


def _progress(result: Result, done: int, seconds: float) -> str:
    last = result.samples[-1]
    return (
        f"{done:7d} requests  {seconds:6.0f} s  {len(result.failures)} failures  "
        f"{last['rss'] / 1024:.0f} MiB, {last['malloc'] / 1024:.0f} of them from malloc  "
        f"{last['blocks']} blocks  {last['files']} files  {last['tasks']} tasks"
    )
