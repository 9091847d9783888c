"""What happens when ten times as many citizens write as can be answered.

First the sustainable rate is found: how many messages a second come back from citizens who each
write again when they were answered. Then, for some seconds, ten times as many are sent, each by
another citizen, at fixed moments whatever comes back, encrypted as WeChat does. Every message must
be answered within WeChat's five seconds, counted from the moment at which it was to be sent: with
its answer, with "come back for it", or with "try again". Afterwards whoever was told to come back
does, and must get the answer. The channel's own counters must say the same.
"""

from __future__ import annotations

import asyncio
import json
import time
import uuid
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory
from urllib.parse import urlencode, urlsplit

import aiohttp
import click

from benchmarks.search_speed import percentile
from cli.settings import ROOT, Settings, load
from cli.up import programs
from wechat.account import Account
from wechat.crypto import Cipher
from wechat.messages import BUSY, LATE, fields
from wechat.simulator import Citizen

PATIENCE = 5.0
"""Seconds that WeChat waits 被动回复."""
QUESTIONS = ("身份证丢了怎么补", "护照要带什么材料", "营业执照多久能办好", "社保卡在哪个窗口")
CITIZENS = 8
"""Who find the sustainable rate: as many as Rasa is given at once."""
AFTERWARDS = "好了吗"
COMES_BACK = 60
"""Times, a second apart."""


@dataclass
class Flood:
    """What came back.

    Attributes:
        rate: Messages a second that were sent.
        ended: How many ended how: answered, late, busy, or an error by its name.
        seconds: Of each message until its reply.
        fetched: Of those told to come back, how many then got their answer.
    """

    rate: float
    ended: Counter[str] = field(default_factory=Counter)
    seconds: list[float] = field(default_factory=list)
    fetched: int = 0

    @property
    def complete(self) -> bool:
        """Whether every message was answered somehow, and no late answer was lost."""
        told = sum(self.ended[way] for way in ("answered", "late", "busy"))
        return told == self.ended.total() and self.fetched == self.ended["late"]

    @property
    def in_time(self) -> bool:
        """Whether WeChat would have waited for all of it."""
        return max(self.seconds) < PATIENCE


class Sender:
    """Sends one account's messages over connections that are used again."""

    def __init__(self, url: str, account: Account) -> None:
        """Prepare; connections are opened as they are needed.

        Args:
            url: The webhook.
            account: In secure or compatible mode.
        """
        if account.aes_key is None:
            raise ValueError("the account has no AES key")
        self._account = account
        self._url = url
        self._parts = urlsplit(url)
        self._cipher = Cipher(account.aes_key, account.app_id)
        self._free: list[tuple[asyncio.StreamReader, asyncio.StreamWriter]] = []

    async def request(self, openid: str, text: str) -> bytes:
        """A message as it goes over the wire."""
        async with Citizen(self._url, self._account, openid) as citizen:
            query, body = citizen.sealed(citizen.text(text))
        head = (
            f"POST {self._parts.path}?{urlencode(query)} HTTP/1.1\r\n"
            f"Host: {self._parts.netloc}\r\nContent-Type: text/xml\r\n"
            f"Content-Length: {len(body.encode())}\r\n\r\n"
        )
        return (head + body).encode()

    async def send(self, request: bytes) -> str:
        """Sends it and reads what the citizen reads; empty for nothing.

        Raises:
            OSError: The connection broke.
            ValueError: The status is not 200.
        """
        reader, writer = await self._connection()
        writer.write(request)
        head = (await reader.readuntil(b"\r\n\r\n")).decode().lower()
        length = int(head.split("content-length: ")[1].split("\r\n")[0])
        body = (await reader.readexactly(length)).decode()
        self._free.append((reader, writer))
        if not head.startswith("http/1.1 200"):
            raise ValueError(head.split("\r\n", 1)[0])
        if body in {"", "success"}:
            return ""
        return fields(self._cipher.decrypt(fields(body)["Encrypt"])).get("Content", "")

    async def _connection(self) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        """One that is open: the server closes those on which nothing came for some seconds."""
        while self._free:
            reader, writer = self._free.pop()
            if not reader.at_eof():
                return reader, writer
            writer.close()
        return await asyncio.open_connection(self._parts.hostname, self._parts.port)

    def close(self) -> None:
        """Closes all connections."""
        for _, writer in self._free:
            writer.close()


async def sustainable(sender: Sender, seconds: float) -> float:
    """Messages a second that are answered to citizens who wait for each answer."""
    done, until = 0, time.perf_counter() + seconds

    async def citizen(number: int) -> None:
        nonlocal done
        openid = f"o{uuid.uuid4().hex}"
        while time.perf_counter() < until:
            await sender.send(await sender.request(openid, QUESTIONS[done % len(QUESTIONS)]))
            done += 1

    start = time.perf_counter()
    await asyncio.gather(*(citizen(number) for number in range(CITIZENS)))
    return done / (time.perf_counter() - start)


async def flood(sender: Sender, rate: float, seconds: float) -> Flood:
    """Sends so many messages a second for so long, then fetches what was late."""
    found = Flood(rate)
    number = round(rate * seconds)
    openids = [f"o{uuid.uuid4().hex}" for _ in range(number)]
    requests = [
        await sender.request(openid, QUESTIONS[n % len(QUESTIONS)])
        for n, openid in enumerate(openids)
    ]
    late: list[str] = []

    async def one(n: int, start: float) -> None:
        due = start + n / rate
        await asyncio.sleep(max(0.0, due - time.perf_counter()))
        try:
            reply = await asyncio.wait_for(sender.send(requests[n]), 2 * PATIENCE)
        except (OSError, ValueError, asyncio.TimeoutError, asyncio.IncompleteReadError) as error:
            found.ended[type(error).__name__] += 1
            return
        finally:
            found.seconds.append(time.perf_counter() - due)
        way = {BUSY: "busy", LATE: "late", "": "empty"}.get(reply, "answered")
        found.ended[way] += 1
        if way == "late":
            late.append(openids[n])

    start = time.perf_counter() + 0.5
    await asyncio.gather(*(one(n, start) for n in range(number)))
    alone = await _asked_again(sender, f"o{uuid.uuid4().hex}")
    for openid in late:
        found.fetched += (await _asked_again(sender, openid)) not in {"", alone}
    return found


async def _asked_again(sender: Sender, openid: str) -> str:
    """What a citizen reads who comes back, as often as that is put off."""
    for _ in range(COMES_BACK):
        reply = await sender.send(await sender.request(openid, AFTERWARDS))
        if reply not in {BUSY, LATE}:
            return reply
        await asyncio.sleep(1.0)
    return ""


async def counted(settings: Settings) -> Counter[str]:
    """The channel's own counters."""
    address = settings.url("BANSHI_BOT_PORT") + "/webhooks/wechat/counters"
    headers = {"Authorization": f"Bearer {settings['BANSHI_BOOKING_KEY']}"}
    async with (
        aiohttp.ClientSession(headers=headers) as session,
        session.get(address) as response,
    ):
        return Counter((await response.json())["deliveries"])


async def measure(settings: Settings, seconds: float, times: float) -> tuple[Flood, Counter[str]]:
    """The flood on a running stack, and what the channel counted of it."""
    sender = Sender(
        settings.url("BANSHI_BOT_PORT") + "/webhooks/wechat/webhook",
        Account.from_env(settings.values),
    )
    try:
        rate = await sustainable(sender, min(seconds, 5.0))
        before = await counted(settings)
        found = await flood(sender, rate * times, seconds)
        after = await counted(settings)
    finally:
        sender.close()
    after.subtract(before)
    return found, after


async def measure_own(seconds: float, times: float) -> tuple[Flood, Counter[str]]:
    """The same on a copy that is started for it, with a state of its own."""
    from benchmarks.understanding_models import our_model  # noqa: PLC0415 - Rasa, some seconds
    from benchmarks.webhook import running, settings_in  # noqa: PLC0415

    with TemporaryDirectory(prefix="banshi-overload-") as folder:
        settings = settings_in(Path(folder))
        model = await asyncio.to_thread(lambda: our_model(settings, click.echo).path)
        three = [one for one in programs(settings, model) if one.name != "simulator"]
        async with running(three, settings, ROOT):
            return await measure(settings, seconds, times)


def lines(found: Flood) -> Sequence[str]:
    """The result in words."""
    total = found.ended.total()
    ways = ", ".join(f"{way} {number}" for way, number in found.ended.most_common())
    p50, p99 = percentile(found.seconds, 0.5), percentile(found.seconds, 0.99)
    return (
        f"{found.rate:,.0f} messages a second, {total:,} in all: {ways}",
        f"reply after p50 {p50:.2f} s, p99 {p99:.2f} s, longest {max(found.seconds):.2f} s",
        f"of those told to come back {found.fetched} got their answer then",
    )


@click.command()
@click.option("--seconds", default=30.0, show_default=True)
@click.option("--times", default=10.0, show_default=True, help="The sustainable rate.")
@click.option("--own", is_flag=True, help="On a copy of its own, and not on the running one.")
@click.option("--json", "file", type=click.Path(path_type=Path), help="Write the figures here.")
def main(seconds: float, times: float, own: bool, file: Path | None) -> None:
    """Flood the running stack (`make up`), or one of its own, with more than it can answer."""
    flooded = measure_own(seconds, times) if own else measure(load(), seconds, times)
    found, after = asyncio.run(flooded)
    for line in lines(found):
        click.echo(line)
    click.echo(f"the channel's counters: {dict(after)}")
    if file is not None:
        ended = {"ended": dict(found.ended), "counted": dict(after), "rate": found.rate}
        file.write_text(json.dumps({**ended, "longest_s": max(found.seconds)}, indent=1))
    if not (found.complete and found.in_time):
        raise click.ClickException("a message was lost, or answered too late")


if __name__ == "__main__":
    main()
