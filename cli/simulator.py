"""Runs the simulator of Tencent's side until it is told to stop; `banshi wechat simulate`."""

from __future__ import annotations

import asyncio
import signal
from pathlib import Path
from urllib.parse import urlsplit

import click

from cli.settings import SETTINGS, Settings, SettingsError
from wechat.account import Account
from wechat.menu import read_menu
from wechat.simulator.server import PAGE, Simulator

REAL_ACCOUNT = (
    "BANSHI_WECHAT_API is not on this machine, so the account is a real one, and nobody may write "
    "to its citizens' assistant from a simulator: set BANSHI_WECHAT_API to the simulator's address "
    "(http://127.0.0.1:8090), or set no account"
)
_LOOPBACK = frozenset({"127.0.0.1", "localhost", "::1"})


async def simulate(settings: Settings, port: int | None, menu: Path) -> None:
    """Serves until SIGINT or SIGTERM.

    Args:
        settings: Those of the running stack.
        port: Where to listen; None is what the settings say.
        menu: The file of the menu that the account has from the start.

    Raises:
        SettingsError: The account's interface isn't on this machine.
        MenuError: The menu is wrong.
        OSError: The port is taken.
    """
    account = Account.from_env(settings.values)
    if urlsplit(account.api).hostname not in _LOOPBACK:
        raise SettingsError(REAL_ACCOUNT)
    default = settings["BANSHI_SIMULATOR_PORT"] or SETTINGS["BANSHI_SIMULATOR_PORT"]
    webhook = f"{settings.url('BANSHI_BOT_PORT')}/webhooks/wechat/webhook"
    simulator = Simulator(account, webhook, port=port or int(default))
    simulator.api.menu = read_menu(menu)
    stopped = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, stopped.set)
    async with simulator:
        click.echo(f"微信模拟器：{simulator.url}{PAGE}")
        await stopped.wait()
