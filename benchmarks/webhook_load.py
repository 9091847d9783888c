"""The citizens of the webhook benchmark, in a process of their own.

`python -m benchmarks.webhook_load` takes one phase as JSON on its input and prints what came of it
as JSON. Each citizen sends the next message when the answer is there; after some messages another
citizen takes the place, so that conversations are as long as in a hall. A message's time is
from writing the request to the last byte of the answer; sealing and opening are outside of it, but
what they cost is told.
"""

from __future__ import annotations

import asyncio
import itertools
import json
import os
import sys
import time
import uuid
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode, urlsplit

from benchmarks.webhook_questions import Question
from wechat.account import Account
from wechat.crypto import Cipher
from wechat.messages import fields
from wechat.simulator import PATIENCE, Citizen

TURNS = 5
"""Messages of one citizen, then another comes."""


@dataclass(frozen=True)
class Phase:
    """What is to be done.

    Attributes:
        url: The webhook.
        way: `wechat` (encrypted) or `rest` (Rasa's own channel).
        citizens: How many wait for an answer at once.
        seconds: How long new messages are sent.
        first: Which question of the mix comes first.
        questions: The mix.
    """

    url: str
    way: str
    citizens: int
    seconds: float
    first: int
    questions: list[Question]


@dataclass
class Told:
    """What came of it.

    Attributes:
        messages: How many were answered rightly, those too late included.
        wall_s: From the first message to the last answer, seconds.
        cpu_s: Seconds of a processor that this process took meanwhile.
        ms: Of each message, milliseconds.
        wrong: How often what came instead of an answer; "too late" for one after five seconds.
    """

    messages: int = 0
    wall_s: float = 0.0
    cpu_s: float = 0.0
    ms: list[float] = field(default_factory=list)
    wrong: Counter[str] = field(default_factory=Counter)


class Connection:
    """One citizen's connection, kept open."""

    def __init__(self, url: str) -> None:
        """Open nothing yet."""
        self._parts = urlsplit(url)
        self._streams: tuple[asyncio.StreamReader, asyncio.StreamWriter] | None = None

    def request(self, query: dict[str, str], body: bytes, kind: str) -> bytes:
        """The bytes of a POST."""
        path = f"{self._parts.path}?{urlencode(query)}" if query else self._parts.path
        head = (
            f"POST {path} HTTP/1.1\r\nHost: {self._parts.netloc}\r\nContent-Type: {kind}\r\n"
            f"Content-Length: {len(body)}\r\n\r\n"
        )
        return head.encode() + body

    async def post(self, request: bytes) -> bytes:
        """Send it and read the body of the answer.

        Raises:
            OSError: The connection broke, or the status is not 200.
        """
        if self._streams is None:
            self._streams = await asyncio.open_connection(self._parts.hostname, self._parts.port)
        reader, writer = self._streams
        writer.write(request)
        head = (await reader.readuntil(b"\r\n\r\n")).decode().lower()
        length = int(head.split("content-length: ")[1].split("\r\n")[0])
        body = await reader.readexactly(length)
        if not head.startswith("http/1.1 200"):
            raise OSError(head.split("\r\n", 1)[0])
        return body

    def close(self) -> None:
        """Hang up."""
        if self._streams is not None:
            self._streams[1].close()
            self._streams = None


Say = Callable[[Connection, str, str], bytes]
"""The request of a citizen who says something."""
Read = Callable[[bytes], str]
"""What the citizen reads in the body of an answer."""


def wechat(pen: Citizen, account: Account) -> tuple[Say, Read]:
    """How one writes and reads in WeChat; the pen is everybody's.

    Raises:
        ValueError: The account has no key to encrypt with.
    """
    if account.aes_key is None:
        raise ValueError("the account has no AES key")
    cipher = Cipher(account.aes_key, account.app_id)

    def say(connection: Connection, openid: str, text: str) -> bytes:
        pen.openid = openid
        query, body = pen.sealed(pen.text(text))
        return connection.request(query, body.encode(), "text/xml")

    def read(body: bytes) -> str:
        return fields(cipher.decrypt(fields(body.decode())["Encrypt"])).get("Content", "")

    return say, read


def rest() -> tuple[Say, Read]:
    """How one writes and reads in Rasa's REST channel."""

    def say(connection: Connection, sender: str, text: str) -> bytes:
        body = json.dumps({"sender": sender, "message": text}).encode()
        return connection.request({}, body, "application/json")

    def read(body: bytes) -> str:
        return "\n".join(str(one.get("text")) for one in json.loads(body))

    return say, read


async def run(phase: Phase, ways: tuple[Say, Read]) -> Told:
    """Do the phase."""
    told = Told()
    asked = itertools.islice(itertools.cycle(phase.questions), phase.first, None)
    until = time.perf_counter() + phase.seconds
    start, cpu = time.perf_counter(), time.process_time()
    await asyncio.gather(
        *(_citizen(phase, ways, asked, until, told) for _ in range(phase.citizens))
    )
    told.wall_s = time.perf_counter() - start
    told.cpu_s = time.process_time() - cpu
    return told


async def _citizen(
    phase: Phase, ways: tuple[Say, Read], asked: Iterator[Question], until: float, told: Told
) -> None:
    say, read = ways
    connection = Connection(phase.url)
    for turn in itertools.count():
        if time.perf_counter() >= until:
            break
        if turn % TURNS == 0:
            openid = f"o{uuid.uuid4().hex[:27]}"
        question = next(asked)
        request = say(connection, openid, question.text)
        start = time.perf_counter()
        try:
            body = await asyncio.wait_for(connection.post(request), 2 * PATIENCE)
            told.ms.append((time.perf_counter() - start) * 1e3)
            answer = read(body)
        except (OSError, EOFError, ValueError, KeyError, asyncio.TimeoutError) as error:
            told.wrong[repr(error)[:100]] += 1
            connection.close()
            continue
        if question.mark not in answer:
            told.wrong[f"{question.text}: {answer[:60]}"] += 1
            continue
        told.messages += 1
        if told.ms[-1] >= PATIENCE * 1e3:
            told.wrong["too late"] += 1
    connection.close()


async def _phase(task: dict[str, Any]) -> Told:
    questions = [Question(**one) for one in task.pop("questions")]
    phase = Phase(**task, questions=questions)
    if phase.way != "wechat":
        return await run(phase, rest())
    account = Account.from_env(os.environ)
    async with Citizen(phase.url, account) as pen:
        return await run(phase, wechat(pen, account))


def main() -> None:
    """Do the phase that is described on the input."""
    json.dump(vars(asyncio.run(_phase(json.load(sys.stdin)))), sys.stdout)


if __name__ == "__main__":
    main()
