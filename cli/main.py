"""The command line: `banshi up`, `chat`, `catalog …`, `desk …`, `booking …`, `qa …` and more."""

from __future__ import annotations

import asyncio
import secrets
import sys

import click

from cli import settings as all_settings
from cli.booking import booking
from cli.catalog import catalog
from cli.desk import desk
from cli.qa import qa
from cli.questions import questions
from cli.settings import Settings, SettingsError
from cli.wechat import wechat


def _settings() -> Settings:
    try:
        return all_settings.load()
    except SettingsError as error:
        raise click.ClickException(str(error)) from None


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
def main() -> None:
    """办事: the guidance assistant of a government service hall."""


@main.command()
def up() -> None:
    """Train when needed and start the Rasa server, the action server, the backend, a phone."""
    from cli.up import up as run  # noqa: PLC0415 - `banshi --help` stays quick

    sys.exit(asyncio.run(run(_settings())))


@main.command()
@click.option("--openid", help="Talk as this citizen (default: a new one each time).")
@click.option("--url", help="The webhook (default: this copy's).")
def chat(openid: str | None, url: str | None) -> None:
    """Talk to the running assistant from the terminal, encrypted, as WeChat does."""
    from cli.chat import chat as talk  # noqa: PLC0415
    from wechat.account import Account  # noqa: PLC0415

    settings = _settings()
    webhook = url or f"{settings.url('BANSHI_BOT_PORT')}/webhooks/wechat/webhook"
    citizen = openid or f"oTerminal{secrets.token_hex(8)}"
    sys.exit(asyncio.run(talk(webhook, Account.from_env(settings.values), citizen)))


main.add_command(booking)
main.add_command(catalog)
main.add_command(desk)
main.add_command(qa)
main.add_command(questions)
main.add_command(wechat)


if __name__ == "__main__":
    main()
