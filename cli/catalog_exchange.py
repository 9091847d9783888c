"""`banshi catalog import` and `banshi catalog export`: lists in, workbooks and linked data out."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from service_catalog.exchange.importing import Prepared
    from service_catalog.exchange.plan import Change, Plan

_SHOWN = 30
_file = click.Path(path_type=Path, dir_okay=False)


def add_to(group: click.Group) -> None:
    """Register both commands under `banshi catalog`."""
    group.add_command(import_)
    group.add_command(export)


@click.command("import")
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False, exists=True))
@click.option(
    "--into",
    "directory",
    required=True,
    type=click.Path(path_type=Path, file_okay=False),
    help="The catalogue's directory; may be new.",
)
@click.option("--dry-run", is_flag=True, help="Say what would happen and write nothing.")
@click.option("--columns", help="A mapping of headings to fields: a YAML file, or guangdong.")
@click.option(
    "--skip-rejected", is_flag=True, help="Import the good rows though others are rejected."
)
@click.option("--rejected", type=_file, help="Where to put the rejected rows (.xlsx).")
@click.option("--with-hall", is_flag=True, help="Add a hall.yml and a place to fill in.")
@click.option("--all", "everything", is_flag=True, help="Name every entry, however many.")
def import_(  # noqa: PLR0917 - click passes them by name
    file: Path,
    directory: Path,
    dry_run: bool,
    columns: str | None,
    skip_rejected: bool,
    rejected: Path | None,
    with_hall: bool,
    everything: bool,
) -> None:
    """Take FILE (.xlsx, .csv, .jsonl) into a catalogue: all of it, or nothing."""
    from service_catalog.exchange.faults import ExchangeError  # noqa: PLC0415
    from service_catalog.exchange.headings import NO_MAPPING, read_mapping  # noqa: PLC0415
    from service_catalog.exchange.importing import carry_out, prepare  # noqa: PLC0415

    try:
        mapping = read_mapping(columns) if columns else NO_MAPPING
        prepared = prepare(file, directory, mapping, with_hall=with_hall)
        _tell(prepared.plan, limit=None if everything else _SHOWN)
        refused = bool(prepared.plan.rejected) and not skip_rejected
        if prepared.plan.rejected and (rejected or not dry_run):
            target = rejected or Path(f"{file.stem}.rejected.xlsx")
            _write_rejected(prepared, target, others=refused)
        if dry_run:
            click.echo("试运行：什么也没有写。")
        elif refused:
            click.echo("有退回的行，什么也没有写。改好再导入；只导入其余的行用 --skip-rejected。")
        else:
            carry_out(prepared)
            click.echo(f"已写入{directory}。" if prepared.contents else "没有要写的。")
    except ExchangeError as error:
        raise click.ClickException(str(error)) from None
    if refused:
        sys.exit(1)


def _write_rejected(prepared: Prepared, target: Path, *, others: bool) -> None:
    from service_catalog.exchange.rejected import write_rejected  # noqa: PLC0415

    try:
        with_others = others or prepared.whole
        write_rejected(prepared.tables, prepared.plan.rejected, target, others=with_others)
    except OSError as error:
        click.echo(
            f"退回表{target}写不进去（{error.strerror}），用 --rejected 换一个地方。", err=True
        )
        return
    held = "，其余的行也在里面" if with_others else ""
    click.echo(f"退回的行和原因在{target}{held}：改好后再导入这份表。")


def _tell(plan: Plan, limit: int | None) -> None:
    for verdict, count in plan.counts.items():
        mine = [one for one in plan.changes if one.verdict is verdict]
        click.echo(f"{verdict.value}：{count}")
        _list((_line(one) for one in mine), count, limit)
    if plan.merged:
        click.echo(f"重复而内容相同，合并：{plan.merged}")
    click.echo(f"退回：{len(plan.rejected)}")
    _list(map(str, plan.rejected), len(plan.rejected), limit)
    if plan.remarks:
        click.echo(f"没有整个收下的格子：{len(plan.remarks)}")
        alike: dict[tuple[str, str], list[str]] = {}
        for remark in plan.remarks:
            rows = alike.setdefault((remark.place.table, remark.text), [])
            rows.append(str(remark.place.row))
        _list((_alike(*key, rows) for key, rows in alike.items()), len(alike), limit)
    for text in plan.general:
        click.echo(f"注意：{text}")


def _line(one: Change) -> str:
    fields = f"（{'、'.join(one.fields)}）" if one.fields else ""
    replaced = "，草稿转为正式" if one.replaces else ""
    return f"{one.file}  {one.title}{fields}{replaced}"


def _alike(table: str, text: str, rows: Sequence[str]) -> str:
    more = f"…等{len(rows)}行" if len(rows) > 5 else "行"
    return f"{table} 第{'、'.join(rows[:5])}{more}：{text}"


def _list(lines: Iterable[str], count: int, limit: int | None) -> None:
    for number, line in enumerate(lines):
        if limit is not None and number >= limit:
            click.echo(f"  …还有{count - limit}条（--all 全部列出）")
            return
        click.echo(f"  {line}")


@click.command()
@click.option("--to", "target", required=True, type=_file, help="A .xlsx or .jsonld to write.")
@click.option(
    "--catalog",
    "directory",
    type=click.Path(path_type=Path, file_okay=False, exists=True),
    help="The catalogue's directory (default: the one in use).",
)
@click.option("--base", default="urn:banshi:", help="What ids in JSON-LD begin with.")
def export(target: Path, directory: Path | None, base: str) -> None:
    """Write the whole catalogue as a workbook or as linked data."""
    from cli import settings  # noqa: PLC0415
    from service_catalog.errors import ProblemsFound  # noqa: PLC0415
    from service_catalog.exchange.export_jsonld import write_jsonld  # noqa: PLC0415
    from service_catalog.exchange.export_xlsx import write_workbook  # noqa: PLC0415
    from service_catalog.loader import Loader  # noqa: PLC0415

    kind = target.suffix.lower()
    if kind not in (".xlsx", ".jsonld"):
        raise click.ClickException(f"{target.name}：请用 .xlsx 或 .jsonld")
    if directory is None:
        try:
            directory = Path(settings.load()["BANSHI_CATALOG"])
        except settings.SettingsError as error:
            raise click.ClickException(str(error)) from None
    loader = Loader(directory)
    try:
        catalog = loader.load()
        if kind == ".xlsx":
            write_workbook(loader.entries(), target)
        else:
            write_jsonld(catalog, target, base)
    except ProblemsFound as found:
        raise click.ClickException(f"目录有问题，先改好再导出：\n{found}") from None
    except OSError as error:
        raise click.ClickException(f"{target}写不进去（{error.strerror}）") from None
    drafts = f"，{len(catalog.drafts)}个草稿" if catalog.drafts and kind == ".xlsx" else ""
    click.echo(f"已导出{len(catalog.services)}个事项{drafts}到{target}。")
