"""`banshi catalog …`: check and search the catalogue, show what a citizen is told."""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence
from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

from cli import settings as all_settings
from cli.catalog_exchange import add_to
from cli.settings import SettingsError

if TYPE_CHECKING:  # `banshi --help` stays quick
    from service_catalog.catalog import Catalog


def content(directory: Path | None = None) -> Path:
    """The directory that was asked for, or the one of the settings."""
    if directory is not None:
        return directory
    try:
        return Path(all_settings.load()["BANSHI_CATALOG"])
    except SettingsError as error:
        raise click.ClickException(str(error)) from None


def loaded(directory: Path | None = None) -> Catalog:
    """The catalogue; its problems are told and end the command."""
    from service_catalog.errors import ProblemsFound  # noqa: PLC0415
    from service_catalog.loader import Loader  # noqa: PLC0415

    try:
        return Loader(content(directory)).load()
    except ProblemsFound as found:
        for problem in found.problems:
            click.echo(str(problem))
        click.echo(f"共{len(found.problems)}个错误，目录没有被采用。")
        sys.exit(1)


def whereabouts(directory: Path) -> Callable[[str], str]:
    """Tells file and line of a saying of the catalogue's own lexicon."""
    from service_catalog.loader import sayings_in  # noqa: PLC0415

    places = sayings_in(directory)
    return lambda saying: places.get(saying, "")


@click.group()
def catalog() -> None:
    """Look after the service catalogue."""


@catalog.command()
@click.argument("directory", required=False, type=click.Path(path_type=Path))
def check(directory: Path | None) -> None:
    """Name every error and warning of the catalogue in DIRECTORY; exit code 1 on errors."""
    from service_catalog.check import check as look  # noqa: PLC0415
    from service_catalog.clock import now  # noqa: PLC0415

    report = look(content(directory), now().date())
    for title, problems in (("错误", report.errors), ("提醒", report.warnings)):
        if problems:
            click.echo(f"{title}（{len(problems)}个）：")
            for problem in problems:
                click.echo(f"  {problem}")
    if report.catalog is None:
        click.echo(f"共{len(report.errors)}个错误，目录没有被采用。")
        sys.exit(1)
    found = report.catalog
    drafts = f"，{len(found.drafts)}个草稿" if found.drafts else ""
    bundles = f"，{len(found.bundles)}个套餐" if found.bundles else ""
    click.echo(
        f"没有错误：{len(found.services)}个事项{bundles}{drafts}，{len(found.places)}个场所。"
    )


@catalog.command()
@click.argument("query", required=False)
@click.option("--top", default=5, show_default=True, help="How many services at the most.")
@click.option("--json", "as_json", is_flag=True, help="Machine-readable.")
@click.option("--explain", is_flag=True, help="Tell what in the words led to which item.")
@click.option(
    "--queries", type=click.Path(path_type=Path), help="Many: a file of lines with id and query."
)
@click.option("--out", type=click.Path(path_type=Path), help="Where the outcomes of --queries go.")
@click.option("--catalog", "directory", type=click.Path(path_type=Path), help="Another catalogue.")
def search(  # noqa: PLR0917 - click hands them over by name
    query: str | None,
    top: int,
    as_json: bool,
    explain: bool,
    queries: Path | None,
    out: Path | None,
    directory: Path | None,
) -> None:
    """Find the services that QUERY may mean, as the chat does."""
    from cli import catalog_search  # noqa: PLC0415
    from cli.catalog_meaning import meaning_of  # noqa: PLC0415

    if (query is None) == (queries is None) or (queries is None) != (out is None):
        raise click.UsageError("给一句话，或者同时给 --queries 和 --out")
    messages = [*catalog_search.messages_in(queries)] if queries else [("", query or "")]
    found = loaded(directory)
    meaning = meaning_of(found.index, [text for _, text in messages])
    if out:
        catalog_search.many(found.index, messages, out, top, meaning)
    elif query is not None and explain:
        where = whereabouts(content(directory))
        catalog_search.reasons(found, query, top, where, meaning)
    elif query is not None:
        catalog_search.one(found.index, query, top, meaning, as_json=as_json)


@catalog.command()
@click.argument("entry_id", metavar="ID")
@click.option("--on", "day", type=click.DateTime(["%Y-%m-%d"]), help="As on this day.")
@click.option(
    "--situation", "situation", multiple=True, metavar="QUESTION=OPTION", help="One answer given."
)
@click.option("--dir", "directory", type=click.Path(path_type=Path), help="Of this catalogue.")
def show(
    entry_id: str, day: datetime | None, situation: Sequence[str], directory: Path | None
) -> None:
    """Show what a citizen is told of a service, bundle, place, terminal or general question."""
    from cli.catalog_show import NotShown, shown  # noqa: PLC0415
    from service_catalog.clock import now  # noqa: PLC0415

    on: date = day.date() if day else now().date()
    try:
        click.echo(shown(loaded(directory), entry_id, on, situation))
    except NotShown as error:
        click.echo(str(error))
        sys.exit(1)


@catalog.command()
@click.option(
    "--to", "directory", required=True, type=click.Path(path_type=Path), help="Write them here."
)
def schema(directory: Path) -> None:
    """Write the JSON Schemas of the catalogue's files, for editors that check while typing."""
    from service_catalog.schema import write  # noqa: PLC0415

    for file in write(directory):
        click.echo(str(file))


add_to(catalog)
