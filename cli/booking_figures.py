"""`banshi booking figures` and `export`: who booked, came and did not, on screen and as .xlsx."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from datetime import date, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from cli.booking_calls import ask, read_day, span_of
from cli.booking_sums import HEAD, by_item, shortened, total
from cli.booking_words import NONE, Names, day_words, names_in_use
from cli.staff import staff_option
from cli.tables import Bar, bar_lines, print_table

if TYPE_CHECKING:  # `banshi --help` stays quick
    from booking.staff_client import BookingStaffClient
    from booking.staff_values import Figure, Line

BARS = 15
"""How many items the chart in the terminal shows; the last stands for all the rest."""
_Command = Callable[..., Any]


def _span(command: _Command) -> _Command:
    for names, told in (
        (("--until",), "Last day (default: today)."),
        (("--from", "first"), "First day (default: 7 days in all)."),
    ):
        command = click.option(*names, metavar="YYYY-MM-DD", callback=read_day, help=told)(command)
    return command


@click.command()
@_span
@staff_option
def figures(first: date | None, until: date | None, staff: str | None) -> None:
    """统计: figures by place and item, with a bar chart."""
    since, last = span_of(first, until)
    found = ask(staff, lambda client: client.figures(since, last))
    click.echo(f"{day_words(since)} 到 {day_words(last)}")
    names = names_in_use()
    rows = [_row(one, names) for one in found]
    print_table(HEAD, [*rows, _row(total(found), names)] if rows else [])
    if found:
        click.echo("\n预约和爽约，按事项")
        for line in bar_lines(_bars(found)):
            click.echo(line)


def _row(one: Figure, names: Names) -> tuple[str, ...]:
    rate = one.no_show_rate
    return (
        names.place(one.place),
        one.name,
        *map(str, (one.booked, one.cancelled, one.arrived, one.served, one.no_shows)),
        NONE if rate is None else f"{rate:.1%}",
        NONE if one.waited is None else f"{one.waited / 60:.1f}",
    )


def _bars(found: Sequence[Figure]) -> list[Bar]:
    return [
        bar
        for item in shortened(by_item(found), BARS)
        for bar in (
            Bar(item.name, "预约", item.booked, "#"),
            Bar("", "爽约", item.no_shows, "x"),
        )
    ]


@click.command()
@click.argument("file", type=click.Path(path_type=Path))
@_span
@click.option("--force", is_flag=True, help="Overwrite the file.")
@staff_option
def export(
    file: Path, first: date | None, until: date | None, force: bool, staff: str | None
) -> None:
    """导出: masked appointments and figures to a .xlsx."""
    from cli.booking_workbook import write_workbook  # noqa: PLC0415

    try:
        _check_target(file, force)
    except OSError as error:
        raise click.ClickException(_unwritten(file, error)) from None
    since, last = span_of(first, until)

    async def fetch(client: BookingStaffClient) -> tuple[list[Line], Sequence[Figure]]:
        days = [since + timedelta(days=number) for number in range((last - since).days + 1)]
        lines = [line for day in days for line in await client.day(day)]
        return lines, await client.figures(since, last)

    lines, found = ask(staff, fetch)
    try:
        write_workbook(lines, found, names_in_use(), file)
    except OSError as error:
        raise click.ClickException(_unwritten(file, error)) from None
    click.echo(f"已导出{since}到{last}的{len(lines)}个预约和{len(found)}行统计到{file}。")


def _check_target(file: Path, force: bool) -> None:
    """Say what is wrong with the path before the backend is asked for a year of appointments."""
    if file.suffix.lower() != ".xlsx":
        raise click.ClickException(f"{file.name}：请用 .xlsx")
    if file.is_dir():
        raise click.ClickException(f"{file}是一个文件夹")
    if not file.parent.is_dir():
        raise click.ClickException(f"没有{file.parent}这个文件夹")
    if not os.access(file.parent, os.W_OK):
        raise click.ClickException(f"{file.parent}这个文件夹不能写")
    if file.exists() and not force:
        raise click.ClickException(f"{file}已经有了：换个名字，或加 --force 覆盖")


def _unwritten(file: Path, error: OSError) -> str:
    return f"{file}写不进去（{error.strerror}）"
