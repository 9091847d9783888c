"""`banshi up`: everything from a checkout to a running assistant, with its progress visible."""

from __future__ import annotations

import asyncio
import signal
import sys
import time
from pathlib import Path

from cli.model import TrainingFailed, ready_model
from cli.settings import ROOT, Settings
from cli.supervisor import Program, Stopped, Supervisor
from service_catalog.errors import ProblemsFound
from service_catalog.loader import Loader


async def up(settings: Settings) -> int:
    """Check, train when needed, start, watch; returns the exit code.

    Ctrl-C, SIGTERM and SIGHUP stop everything and are no failure.
    """
    work = asyncio.create_task(_run(settings))
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        loop.add_signal_handler(number, work.cancel)
    try:
        return await work
    except asyncio.CancelledError:
        tell("stopped; nothing is left running")
        return 0


async def _run(settings: Settings) -> int:
    began = time.monotonic()
    try:
        for name in settings.unknown:
            tell(f"{name} is no setting and is ignored: see the table in the README")
        catalog = Loader(Path(settings["BANSHI_CATALOG"])).load()
        tell(f"catalogue: {len(catalog.services)} services, {len(catalog.places)} places")
        tell("model: looking for one that fits config, domain, data and bot/nlu ...")
        model = await ready_model(settings, tell)
        tell(f"model: {model.name}")
    except (ProblemsFound, TrainingFailed) as error:
        tell(f"banshi can't start:\n{error}")
        return 1
    supervisor = Supervisor(
        programs(settings, model),
        environment=settings.environment(),
        host=settings["BANSHI_HOST"],
        cwd=ROOT,
        logs=settings.var / "logs",
        tell=tell,
    )
    try:
        tell("starting the Rasa server, the action server and the booking backend ...")
        await supervisor.start()
        tell(_ready(settings, time.monotonic() - began))
        await supervisor.watch()
    except Stopped as stopped:
        tell(str(stopped))
        tell("stopping the others ...")
    finally:
        await supervisor.stop()
    return 1


def programs(settings: Settings, model: Path) -> tuple[Program, ...]:
    """The three processes of the product, and with a local account the simulator of WeChat."""
    python = sys.executable
    host, bot = settings["BANSHI_HOST"], settings["BANSHI_BOT_PORT"]
    hall = (
        Program(
            "booking",
            (python, "-m", "cli.backend"),
            f"{settings.url('BANSHI_WEB_PORT')}/health",
            settings.port("BANSHI_WEB_PORT"),
            "BANSHI_WEB_PORT",
        ),
        Program(
            "actions",
            (python, "-m", "actions"),
            f"{settings.url('BANSHI_ACTIONS_PORT')}/health",
            settings.port("BANSHI_ACTIONS_PORT"),
            "BANSHI_ACTIONS_PORT",
        ),
        Program(
            "bot",
            (
                *(python, "-m", "rasa", "run", "--interface", host, "--port", bot),
                *("--model", str(model), "--endpoints", "endpoints.yml"),
                *("--credentials", "credentials.yml"),
            ),
            f"{settings.url('BANSHI_BOT_PORT')}/webhooks/wechat/",
            settings.port("BANSHI_BOT_PORT"),
            "BANSHI_BOT_PORT",
        ),
    )
    if settings.simulator is None:
        return hall
    port = settings["BANSHI_SIMULATOR_PORT"]
    return (
        *hall,
        Program(
            "simulator",
            # With its port: in the processes' environment the local account looks like a set one.
            (python, "-m", "cli.main", "wechat", "simulate", "--port", port),
            f"{settings.simulator}/health",
            settings.port("BANSHI_SIMULATOR_PORT"),
            "BANSHI_SIMULATOR_PORT",
        ),
    )


def _ready(settings: Settings, seconds: float) -> str:
    page = f"{settings.url('BANSHI_WEB_PORT')}/simulator"
    phone = f"  phone            {page} (WeChat, simulated)\n" if settings.simulator else ""
    return (
        f"\nbanshi is up ({seconds:.0f} s).\n"
        f"  WeChat webhook   {settings.url('BANSHI_BOT_PORT')}/webhooks/wechat/webhook\n"
        f"  action server    {settings.url('BANSHI_ACTIONS_PORT')}\n"
        f"  booking backend  {settings.url('BANSHI_WEB_PORT')}\n"
        f"{phone}"
        f"  catalogue        {settings['BANSHI_CATALOG']} (edits are live at once)\n"
        f"  state, logs      {settings.var}\n"
        "Chat from another terminal:  .venv/bin/banshi chat\n"
        "Stop with Ctrl-C.\n"
    )


def tell(text: str) -> None:
    """Print a line of progress at once."""
    print(text, flush=True)
