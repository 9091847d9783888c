"""Hours in little: the whole stack under a steady load, its memory watched; benchmarks/README.md.

    python -m benchmarks.soak_webhook --minutes 10

The stack is one of its own, with all its programs, on free ports and with its own state. First the
sustainable rate is found; then 70 % of it is sent at fixed moments, whatever comes back, encrypted
as WeChat does. A citizen asks five questions, some seconds apart, then another comes.
"""

from __future__ import annotations

import asyncio
import json
import os
import random
import signal
import time
import uuid
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory

import click
import numpy as np

from benchmarks.overload import PATIENCE, Sender, sustainable
from benchmarks.search_speed import percentile
from benchmarks.understanding_models import our_model
from benchmarks.webhook import running, settings_in
from benchmarks.webhook_questions import Question, questions
from cli.settings import ROOT, Settings
from cli.up import programs
from service_catalog.loader import CONTENT, Loader
from wechat.account import Account

SHARE = 0.7
"""Of the sustainable rate."""
RAMP_SECONDS = 15.0
TURNS = 5
"""Messages of one citizen."""
PRESENT = 200
"""Citizens who are in the middle of their questions."""
SAMPLED = 5.0
"""Seconds from one look at the memory to the next."""
BOUND = 2.0
"""MiB a minute: by how much a program's memory may rise in the second half. What is remembered on
purpose (answers for repeats, quotas, choices; all limited) is still filling by some hundred bytes a
citizen."""


@dataclass(frozen=True)
class Memory:
    """A look at the programs: minutes since the beginning, and MiB by program."""

    minute: float
    rss: Mapping[str, float]


@dataclass
class Minute:
    """What came back in one minute: milliseconds, and how each message ended."""

    ms: list[float] = field(default_factory=list)
    ended: Counter[str] = field(default_factory=Counter)


@dataclass
class _Citizen:
    asked: int = 0
    openid: str = field(default_factory=lambda: f"o{uuid.uuid4().hex[:27]}")


@dataclass
class Soak:
    """What was seen."""

    sustainable: float
    rate: float
    minutes: list[Minute]
    memory: list[Memory] = field(default_factory=list)
    citizens: int = 0

    def slope(self, program: str) -> float:
        """MiB a minute in the second half, by least squares."""
        half = self.memory[len(self.memory) // 2 :]
        at = [one.minute for one in half]
        return float(np.polyfit(at, [one.rss[program] for one in half], 1)[0])

    @property
    def flat(self) -> bool:
        """Whether no program's memory rises by more than the bound."""
        return all(self.slope(name) < BOUND for name in self.memory[-1].rss)

    @property
    def ended(self) -> Counter[str]:
        """How the messages ended, all minutes together."""
        return sum((one.ended for one in self.minutes), Counter())


def children(of: int) -> dict[str, int]:
    """The process ids of the programs that this process started, by name (Linux)."""
    names = {"rasa": "bot", "actions": "actions", "cli.backend": "booking"}
    found: dict[str, int] = {}
    for folder in Path("/proc").iterdir():
        try:
            status = (folder / "status").read_text(encoding="utf-8")
            words = (folder / "cmdline").read_bytes().decode().split("\0")
        except (OSError, NotADirectoryError):
            continue
        if f"PPid:\t{of}\n" in status:
            found |= {name: int(folder.name) for word, name in names.items() if word in words}
    return found


def rss(pid: int) -> float:
    """What a process holds in memory, MiB."""
    status = Path(f"/proc/{pid}/status").read_text(encoding="utf-8")
    return int(status.split("VmRSS:")[1].split()[0]) / 1024


async def watch(soak: Soak, programs_: Mapping[str, int], start: float) -> None:
    """Looks at the memory until cancelled."""
    while True:
        minute = (time.perf_counter() - start) / 60
        soak.memory.append(Memory(minute, {name: rss(pid) for name, pid in programs_.items()}))
        await asyncio.sleep(SAMPLED)


async def load(sender: Sender, mix: Sequence[Question], soak: Soak, start: float) -> None:
    """Sends at the rate; each message at its moment, whatever became of those before."""
    chance = random.Random(7)  # noqa: S311 - repeatable, no secret
    present = [_Citizen(chance.randrange(TURNS)) for _ in range(PRESENT)]
    soak.citizens = PRESENT
    under_way: set[asyncio.Task[None]] = set()
    for number in range(round(soak.rate * len(soak.minutes) * 60)):
        due = start + number / soak.rate
        await asyncio.sleep(max(0.0, due - time.perf_counter()))
        citizen = present[number % PRESENT]
        if citizen.asked == TURNS:
            citizen = present[number % PRESENT] = _Citizen()
            soak.citizens += 1
        citizen.asked += 1
        minute = soak.minutes[min(int((due - start) / 60), len(soak.minutes) - 1)]
        question = mix[number % len(mix)]
        task = asyncio.create_task(_ask(sender, citizen.openid, question, due, minute))
        under_way.add(task)
        task.add_done_callback(under_way.discard)
    await asyncio.gather(*under_way)


async def _ask(sender: Sender, openid: str, question: Question, due: float, minute: Minute) -> None:
    try:
        request = await sender.request(openid, question.text)
        reply = await asyncio.wait_for(_delivered(sender, request), 2 * PATIENCE)
    except (OSError, ValueError, asyncio.TimeoutError, asyncio.IncompleteReadError) as error:
        minute.ended[type(error).__name__] += 1
        return
    seconds = time.perf_counter() - due
    minute.ms.append(seconds * 1e3)
    right = question.mark in reply
    late = seconds >= PATIENCE
    minute.ended["too late" if late else "answered" if right else reply[:12]] += 1


async def _delivered(sender: Sender, request: bytes) -> str:
    """Sends a message, once more if the connection was closed while nothing was on it for long."""
    try:
        return await sender.send(request)
    except (asyncio.IncompleteReadError, ConnectionError):
        return await sender.send(request)


async def soaked(settings: Settings, model: Path, minutes: int) -> Soak:
    """Starts the stack, finds the rate, keeps it up."""
    mix = questions(Loader(CONTENT).load())
    three = [one for one in programs(settings, model) if one.name != "simulator"]
    async with running(three, settings, ROOT):
        webhook = settings.url("BANSHI_BOT_PORT") + "/webhooks/wechat/webhook"
        sender = Sender(webhook, Account.from_env(settings.values))
        try:
            await sustainable(sender, RAMP_SECONDS / 3)
            most = await sustainable(sender, RAMP_SECONDS)
            soak = Soak(most, most * SHARE, [Minute() for _ in range(minutes)])
            click.echo(f"sustainable {most:.0f} messages a second; {soak.rate:.0f} are sent")
            start = time.perf_counter()
            watching = asyncio.create_task(watch(soak, children(os.getpid()), start))
            telling = asyncio.create_task(_tell(soak, start))
            await load(sender, mix, soak, start)
            for task in (watching, telling):
                task.cancel()
            await asyncio.gather(watching, telling, return_exceptions=True)
        finally:
            sender.close()
    return soak


async def _tell(soak: Soak, start: float) -> None:
    """Tells each minute when its last messages are answered; the last one is told at the end."""
    for number in range(len(soak.minutes) - 1):
        await asyncio.sleep(max(0.0, start + 60 * (number + 1) + 2 - time.perf_counter()))
        click.echo(row(soak, number))


def row(soak: Soak, number: int) -> str:
    """One minute as a line of the table."""
    minute = soak.minutes[number]
    held = [one.rss for one in soak.memory if number <= one.minute < number + 1]
    memory = "  ".join(f"{name} {value:6.1f}" for name, value in (held[-1] if held else {}).items())
    others = {name: count for name, count in minute.ended.items() if name != "answered"}
    p50, p99 = (percentile(minute.ms or [0.0], part) for part in (0.5, 0.99))
    return (
        f"{number + 1:3d}  {minute.ended['answered']:6d}  {p50:6.0f} ms  {p99:6.0f} ms  {memory}"
        f"  load {os.getloadavg()[0]:.1f}{f'  {others}' if others else ''}"
    )


def summary(soak: Soak) -> str:
    """The end, in words."""
    slopes = ", ".join(f"{name} {soak.slope(name):+.2f}" for name in soak.memory[-1].rss)
    return (
        f"{soak.ended.total()} messages of {soak.citizens} citizens at {soak.rate:.1f}/s"
        f" ({SHARE:.0%} of {soak.sustainable:.1f}/s): {dict(soak.ended)}\n"
        f"second half, MiB a minute: {slopes}; bound {BOUND}: "
        f"{'flat' if soak.flat else 'NOT FLAT'}"
    )


@click.command()
@click.option("--minutes", default=10, show_default=True, type=click.IntRange(1))
@click.option("--json", "file", type=click.Path(path_type=Path), help="Write the figures here.")
def main(minutes: int, file: Path | None) -> None:
    """Keep the stack under load and watch its memory."""
    signal.signal(signal.SIGTERM, signal.default_int_handler)  # either way all is stopped
    click.echo("min  right    p50        p99        MiB at the end")
    with TemporaryDirectory(prefix="banshi-soak-") as folder:
        settings = settings_in(Path(folder))
        model = our_model(settings, click.echo).path
        soak = asyncio.run(soaked(settings, model, minutes))
    click.echo(row(soak, minutes - 1))
    click.echo(summary(soak))
    if file is not None:
        held = [{"minute": one.minute, **one.rss} for one in soak.memory]
        file.write_text(json.dumps({"rate": soak.rate, "memory": held}, indent=1), "utf-8")
    if not soak.flat or set(soak.ended) != {"answered"}:
        raise click.ClickException("memory rises, or a message was not answered right")


if __name__ == "__main__":
    main()
