"""`banshi qa record`, `banshi qa compare`: stored conversations as cases, two runs compared."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from cli import settings as all_settings
from cli.settings import Settings, SettingsError
from cli.tables import table_lines

if TYPE_CHECKING:  # `banshi --help` stays quick
    from qa.comparing import Comparison
    from qa.results import CaseResult, Run

_SHORTEST = 6
_PURPOSES = ("citizen", "desk citizen")
"""Under which the appointments and the desk keep the hash of a citizen."""


@click.command()
@click.argument("who", nargs=-1, required=True, metavar="OPENID_OR_HASH...")
@click.option("--output", type=click.Path(path_type=Path, dir_okay=False), help="Write it here.")
def record(who: Sequence[str], output: Path | None) -> None:
    """Turn stored conversations into cases to be reviewed, without personal data.

    A citizen is named by openid, or by the beginning of the hash that the staff's records have.
    """
    from cli.made_up import MadeUp  # noqa: PLC0415
    from cli.trackers import Unreadable  # noqa: PLC0415
    from qa.recording import file_of, recorded  # noqa: PLC0415
    from service_catalog.loader import Loader  # noqa: PLC0415

    settings = loaded_settings()
    catalog = Loader(Path(settings["BANSHI_CATALOG"])).load()
    try:
        conversations = asyncio.run(_conversations(settings, who))
    except Unreadable as error:
        raise click.ClickException(f"读不到存下的对话（{error}）") from None
    text = file_of(
        [
            recorded(events, catalog, MadeUp(events), number)
            for number, events in enumerate(conversations, start=1)
        ]
    )
    if output:
        output.write_text(text, encoding="utf-8")
        click.echo(f"已写入 {output}：每一条检查、每一处人名号码都要看过再用。")
    else:
        click.echo(text, nl=False)


async def _conversations(settings: Settings, who: Sequence[str]) -> list[list[dict[str, object]]]:
    """The events of each; who is not found ends the command."""
    from cli.trackers import StoredConversations  # noqa: PLC0415

    stored = StoredConversations(settings["BANSHI_CONVERSATIONS_DB"], settings["BANSHI_DATA_KEY"])
    found = []
    try:
        senders = await stored.senders()
        for name in who:
            matching = [one for one in senders if one == name] or _by_hash(settings, senders, name)
            if len(matching) != 1:
                what = "有好几个市民，多写几位" if matching else "没有存着的对话"
                raise click.ClickException(f"{name}：{what}")
            found.append([dict(event) for event in await stored.events(matching[0])])
    finally:
        stored.close()
    return found


def _by_hash(settings: Settings, senders: Sequence[str], beginning: str) -> list[str]:
    from booking.privacy import Vault  # noqa: PLC0415

    if len(beginning) < _SHORTEST:
        return []
    vault = Vault(settings["BANSHI_DATA_KEY"])
    return [
        sender
        for sender in senders
        if any(vault.digest(purpose, sender).startswith(beginning) for purpose in _PURPOSES)
    ]


@click.command()
@click.argument("run_a", type=click.Path(path_type=Path, dir_okay=False))
@click.argument("run_b", type=click.Path(path_type=Path, dir_okay=False))
def compare(run_a: Path, run_b: Path) -> None:
    """Tell what changed from RUN_A to RUN_B, two files of `banshi qa run --save`."""
    from actions.aspects import Aspect  # noqa: PLC0415
    from qa.comparing import compare as lay_beside  # noqa: PLC0415

    before, after = _kept(run_a), _kept(run_b)
    found = lay_beside(before, after, {aspect.value for aspect in Aspect})
    _tell_table(found)
    for one in found.changed:
        click.secho(f"\n{one.after.name}（{one.after.file}:{one.after.line}）", bold=True)
        turn = 0
        for change in one.changes:
            if change.turn != turn:
                turn = change.turn
                click.secho(f"  第{turn}句：{change.said}", fg="cyan")
            click.echo(f"    {change.side}：")
            for line in change.lines:
                click.secho(f"      {line}", fg={"-": "red", "+": "green"}.get(line[0]))
    _tell_lonely("只在前一次有", found.gone)
    _tell_lonely("只在后一次有", found.new)


def _tell_table(found: Comparison) -> None:
    rows = [(side, str(changes), str(cases)) for side, changes, cases in found.counts()]
    for line in table_lines(("比较", "变了几处", "在几个用例里"), rows):
        click.echo(line)
    click.echo(f"两次都有的用例{len(found.cases)}个，变了{len(found.changed)}个。")


def _tell_lonely(title: str, cases: Sequence[CaseResult]) -> None:
    if cases:
        click.echo(f"\n{title}的用例（{len(cases)}个）：" + "、".join(one.name for one in cases))


def _kept(file: Path) -> Run:
    from qa.reports.kept import kept  # noqa: PLC0415

    try:
        return kept(file)
    except OSError as error:
        click.echo(f"{file}：文件读不出来（{error.strerror}）")
    except ValueError as error:
        click.echo(f"{file}：{error}")
    sys.exit(2)


def loaded_settings() -> Settings:
    """The settings of this copy."""
    try:
        return all_settings.load()
    except SettingsError as error:
        raise click.ClickException(str(error)) from None
