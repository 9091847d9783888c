"""`banshi wechat`: what is set up at WeChat itself, from files of the project."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path
from typing import Any

import click

from cli import settings as all_settings
from cli.settings import ROOT, SettingsError

MENU = ROOT / "bot" / "menu.yml"
_PARTS = ("deliveries", "late_answers")
_COUNTERS = {
    "answered": "及时回答",
    "late": "超时，请用户稍后来取",
    "busy": "人多，请用户再发一次",
    "trouble": "出错，已告知用户",
    "quiet": "不用回答的事件",
    "repeat": "微信重发，不再回答",
    "refused": "不是微信发来的，拒绝",
    "lost": "连接断了，等微信重发",
    "sent": "之后用客服消息或模板消息发出",
    "kept": "留到下一条消息前",
    "not_sent": "微信没有收下",
}


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


@wechat.command()
@click.option("--json", "as_json", is_flag=True, help="As JSON.")
def counters(as_json: bool) -> None:
    """运行计数: how the running server's deliveries ended, since it was started."""
    settings = all_settings.load()
    try:
        found = asyncio.run(_counters(settings))
    except (OSError, asyncio.TimeoutError, ValueError):
        raise click.ClickException("连不上机器人服务：先运行 make up") from None
    if as_json:
        click.echo(json.dumps(found, ensure_ascii=False, indent=2))
        return
    rows = [(_COUNTERS[name], number) for part in _PARTS for name, number in found[part].items()]
    rows.append(("正在处理", found["being_worked_on"]))
    click.echo(f"自{found['since']}起")
    for name, number in rows:
        click.echo(f"{number:>10,}  {name}")


async def _counters(settings: all_settings.Settings) -> dict[str, Any]:
    import aiohttp  # noqa: PLC0415 - `banshi --help` stays quick

    address = settings.url("BANSHI_BOT_PORT") + "/webhooks/wechat/counters"
    headers = {"Authorization": f"Bearer {settings['BANSHI_BOOKING_KEY']}"}
    timeout = aiohttp.ClientTimeout(total=5)
    async with (
        aiohttp.ClientSession(headers=headers, timeout=timeout) as session,
        session.get(address) as response,
    ):
        if response.status != 200:
            raise ValueError(f"the bot answered {response.status}")
        found: dict[str, Any] = await response.json()
        return found
