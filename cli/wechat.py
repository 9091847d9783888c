"""`banshi wechat`: what is set up at WeChat itself, from files of the project."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path

import click

from cli import settings as all_settings
from cli.settings import ROOT, SettingsError

MENU = ROOT / "bot" / "menu.yml"


@click.group()
def wechat() -> None:
    """Set up the Official Account (公众号), or play WeChat for it on this machine."""


@wechat.command()
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False), default=MENU)
@click.option("--dry-run", is_flag=True, help="Check the file and show what would be sent.")
def menu(file: Path, dry_run: bool) -> None:
    """自定义菜单: check FILE (default: bot/menu.yml) and make it the account's menu."""
    from wechat.account import Account  # noqa: PLC0415 - `banshi --help` stays quick
    from wechat.api import WeChatApi  # noqa: PLC0415
    from wechat.errors import WeChatError  # noqa: PLC0415
    from wechat.menu import read_menu  # noqa: PLC0415

    async def send(account: Account) -> None:
        async with WeChatApi(account) as api:
            await api.create_menu(buttons)

    try:
        buttons = read_menu(file)
        if dry_run:
            click.echo(json.dumps({"button": buttons}, ensure_ascii=False, indent=2))
            return
        asyncio.run(send(Account.from_env(all_settings.load().values)))
    except (WeChatError, SettingsError) as error:
        raise click.ClickException(str(error)) from None
    click.echo("菜单已更新。手机上最多24小时后看到，取消关注再关注可以马上看到。")


@wechat.command()
@click.option("--port", type=click.IntRange(1, 65535), help="Default: BANSHI_SIMULATOR_PORT.")
def simulate(port: int | None) -> None:
    """模拟微信: play Tencent's side for the running assistant, with a phone in the browser.

    The assistant calls it when BANSHI_WECHAT_API points to it, as it does with a local account.
    """
    from cli.simulator import simulate as run  # noqa: PLC0415
    from wechat.errors import WeChatError  # noqa: PLC0415

    try:
        asyncio.run(run(all_settings.load(), port, MENU))
    except (WeChatError, SettingsError) as error:
        raise click.ClickException(str(error)) from None
    except OSError as error:
        raise click.ClickException(f"the simulator can't listen there: {error.strerror}") from None
