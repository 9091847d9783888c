"""The command line: `banshi up`, `banshi chat`, `banshi catalog …`."""

from __future__ import annotations

import asyncio
import json
import secrets
import sys
from pathlib import Path

import click

from cli import settings as all_settings
from cli.settings import Settings, SettingsError


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
    """Train when needed and start the Rasa server, the action server and the backend."""
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


@main.group()
def catalog() -> None:
    """Look after the service catalogue."""


@catalog.command()
@click.argument("directory", required=False, type=click.Path(path_type=Path))
def check(directory: Path | None) -> None:
    """Name every problem of the catalogue in DIRECTORY; exit code 1 when there is one."""
    from service_catalog.errors import ProblemsFound  # noqa: PLC0415
    from service_catalog.loader import Loader  # noqa: PLC0415

    try:
        found = Loader(directory or Path(_settings()["BANSHI_CATALOG"])).load()
    except ProblemsFound as error:
        for problem in error.problems:
            click.echo(str(problem))
        click.echo(f"共{len(error.problems)}个问题,目录没有被采用。")
        sys.exit(1)
    click.echo(f"没有问题:{len(found.services)}个事项,{len(found.places)}个场所。")


@catalog.command()
@click.argument("query")
@click.option("--top", default=5, show_default=True, help="How many services at the most.")
@click.option("--json", "as_json", is_flag=True, help="Machine-readable.")
def search(query: str, top: int, as_json: bool) -> None:
    """Find the services that QUERY may mean, as the chat does."""
    from service_catalog.loader import Loader  # noqa: PLC0415

    found = Loader(Path(_settings()["BANSHI_CATALOG"])).load().index.search(query, top)
    if as_json:
        hits = [{"id": h.id, "name": h.name, "score": h.score} for h in found.hits]
        click.echo(
            json.dumps({"decision": found.decision.value, "results": hits}, ensure_ascii=False)
        )
        return
    click.echo(f"decision: {found.decision.value}")
    for hit in found.hits:
        click.echo(f"{hit.score:.2f}  {hit.id}  {hit.name}  ←  {hit.phrase}")


if __name__ == "__main__":
    main()
