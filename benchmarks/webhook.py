"""How many messages a second the WeChat webhook answers, and how fast: `make bench`.

Citizens who wait for each answer ask about services of the shipped catalogue, encrypted, through
the whole running product. Beside it stand a stock Chinese Rasa bot with one custom action a message
(`webhook_stock`) and a bare server with the same encryption (`webhook_echo`). All run at once, each
Rasa in one process; one is asked at a time, in rounds, so that what the machine does besides hits
all of them. Medians of the rounds are told, and their ratios.
"""

from __future__ import annotations

import asyncio
import json
import os
import socket
import sys
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import AsyncExitStack, ExitStack, asynccontextmanager
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory

import click

from benchmarks import webhook_stock as stock
from benchmarks.understanding_models import our_model
from benchmarks.webhook_load import Phase, Told
from benchmarks.webhook_questions import Question, questions
from benchmarks.webhook_report import Measured, Plan, Run, as_json, markdown
from cli.settings import ROOT, Settings, load
from cli.supervisor import Program, Supervisor
from cli.up import programs
from service_catalog.loader import CONTENT, Loader

RESULTS = Path(__file__).parent / "results"
WARMING = 3.0
"""Seconds of messages that aren't counted, to each, before the first round."""
CLOCK = "2026-11-23T09:00:00+08:00"
tell = partial(click.echo, err=True)


def free_ports(count: int) -> list[int]:
    """Ports of this machine that nobody listens on."""
    with ExitStack() as stack:
        sockets = [stack.enter_context(socket.socket()) for _ in range(count)]
        for one in sockets:
            one.bind(("127.0.0.1", 0))
        return [int(one.getsockname()[1]) for one in sockets]


def settings_in(var: Path) -> Settings:
    """Settings as `banshi up` makes them when nothing is set, but for the ports."""
    environ = {name: text for name, text in os.environ.items() if not name.startswith("BANSHI_")}
    bot, actions, web = map(str, free_ports(3))
    own = {"BANSHI_VAR": str(var), "BANSHI_CLOCK": CLOCK, "BANSHI_CATALOG": str(CONTENT)}
    ports = {
        "BANSHI_BOT_PORT": bot,
        "BANSHI_ACTIONS_PORT": actions,
        "BANSHI_WEB_PORT": web,
        "BANSHI_WECHAT_MODE": "secure",
    }
    return load({**environ, **own, **ports}, root=var)


@asynccontextmanager
async def _running(
    found: Sequence[Program], settings: Settings, cwd: Path
) -> AsyncIterator[Supervisor]:
    supervisor = Supervisor(
        found,
        environment=settings.environment(),
        host="127.0.0.1",
        cwd=cwd,
        logs=settings.var / "logs",
        tell=tell,
        start_seconds=300,
    )
    try:
        await supervisor.start()
        yield supervisor
    finally:
        await supervisor.stop()


def _echo(port: int) -> Program:
    command = (sys.executable, "-m", "benchmarks.webhook_echo", str(port))
    return Program("echo", command, f"http://127.0.0.1:{port}/health", port, "none")


async def measure(settings: Settings, model: Path, bot: Path | None, plan: Plan) -> Measured:
    """Start everything and measure each at each number of citizens, round by round."""
    mix = questions(Loader(CONTENT).load())
    rasa, actions, echo = free_ports(3)
    wechat = settings.url("BANSHI_BOT_PORT") + "/webhooks/wechat/webhook"
    asked: dict[str, tuple[str, str, list[Question]]] = {"banshi": (wechat, "wechat", mix)}
    async with AsyncExitStack() as stack:
        ours = programs(settings, model)
        await stack.enter_async_context(_running(ours, settings, ROOT))
        if bot is not None:
            others = stock.programs(bot, rasa, actions)
            await stack.enter_async_context(_running(others, settings, bot))
            marked = [Question(one.text, stock.MARK) for one in mix]
            asked["stock Rasa"] = (f"http://127.0.0.1:{rasa}/webhooks/rest/webhook", "rest", marked)
        await stack.enter_async_context(_running([_echo(echo)], settings, ROOT))
        echoed = [Question(one.text, one.text) for one in mix]
        asked["bare echo"] = (f"http://127.0.0.1:{echo}/webhook", "wechat", echoed)
        return await _rounds(asked, settings.environment(), plan)


async def _rounds(
    asked: Mapping[str, tuple[str, str, list[Question]]],
    environment: Mapping[str, str],
    plan: Plan,
) -> Measured:
    names = list(asked)
    runs: list[Run] = []
    for number in range(plan.rounds + 1):  # the first one warms
        for many in plan.citizens if number else (max(plan.citizens),):
            for name in names[number % len(names) :] + names[: number % len(names)]:
                url, way, mix = asked[name]
                first = len(runs) * 397 % len(mix)
                phase = Phase(url, way, many, plan.seconds if number else WARMING, first, mix)
                told = await _load(phase, environment)
                if number:
                    runs.append(Run(name, many, told, os.getloadavg()[0]))
                    tell(f"round {number}: {runs[-1]}")
                for wrong, times in told.wrong.items():
                    tell(f"  {name}: {times} times no answer: {wrong}")
    return Measured(tuple(runs), tuple(names), plan, len(mix))


async def _load(phase: Phase, environment: Mapping[str, str]) -> Told:
    """One phase, in a process of its own.

    Raises:
        click.ClickException: The process failed.
    """
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "benchmarks.webhook_load"),
        cwd=ROOT,
        env=dict(environment),
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
    )
    task = {**vars(phase), "questions": [one.as_json() for one in phase.questions]}
    output, _ = await process.communicate(json.dumps(task).encode())
    if process.returncode:
        raise click.ClickException(f"the load ended with exit code {process.returncode}")
    return Told(**json.loads(output))


@click.command()
@click.option("--rounds", type=click.IntRange(1), default=5, show_default=True)
@click.option("--seconds", type=click.FloatRange(1), default=8.0, show_default=True)
@click.option("--citizens", type=click.IntRange(1), multiple=True, default=(1, 10, 50))
@click.option("--stock/--no-stock", default=True, help="The stock bot beside it.")
@click.option("--results", type=click.Path(path_type=Path), default=RESULTS, show_default=True)
def main(
    rounds: int, seconds: float, citizens: tuple[int, ...], stock: bool, results: Path
) -> None:
    """Measure the webhook beside a stock Rasa bot and a bare echo."""
    with TemporaryDirectory() as place:
        settings = settings_in(Path(place))
        model = our_model(settings, tell).path
        bot = _stock(settings) if stock else None
        found = asyncio.run(measure(settings, model, bot, Plan(citizens, rounds, seconds)))
    results.mkdir(parents=True, exist_ok=True)
    (results / "webhook.json").write_text(json.dumps(as_json(found), indent=1) + "\n", "utf-8")
    (results / "webhook.md").write_text(markdown(found), "utf-8")
    click.echo(markdown(found))
    if any(run.told.wrong for run in found.runs):
        raise click.ClickException("not every message got its answer: see above")


def _stock(settings: Settings) -> Path:
    return stock.trained(settings.environment(), tell)


if __name__ == "__main__":
    main()
