"""`banshi booking`: the day's appointments and what staff do with one; the rest joins here.

It calls the running backend, in the name of one staff member, whom the backend notes beside every
appointment that is read in clear or changed. What is printed is Chinese, as staff read it.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from datetime import date
from itertools import groupby
from typing import TYPE_CHECKING

import click

from cli.booking_calls import ask, read_day, read_reason, today
from cli.booking_closures import affected, close, closures, reopen
from cli.booking_figures import export, figures
from cli.booking_messages import lift, messages, resend, suspensions
from cli.booking_words import (
    Names,
    brief,
    day_words,
    hours,
    names_in_use,
    party_words,
    short,
    state_words,
    window_words,
)
from cli.staff import staff_option
from cli.tables import table_lines

if TYPE_CHECKING:  # `banshi --help` stays quick
    from booking.staff_values import Line, Read

GIVEN_UP = {"held", "expired", "cancelled"}
"""What the day's list leaves out: nobody is coming, or it is not sure yet."""
_HEAD = ("时间", "预约号", "事项", "姓名", "电话", "优先", "为谁办", "状态")
_NAMED = 3
"""How many windows the heading of a group names."""


@click.group()
def booking() -> None:
    """Appointments of the hall, for its staff (预约、报到、叫号、停办、统计)."""


@booking.command("today")
@click.option("--place", help="Only this place, by its id.")
@click.option(
    "--day", metavar="YYYY-MM-DD", callback=read_day, help="Another day (default: today)."
)
@click.option("--window", help="Only what this window called or may call, like A01.")
@click.option("--all", "everything", is_flag=True, help="Also cancelled, expired and held ones.")
@staff_option
def list_day(
    place: str | None, day: date | None, window: str | None, everything: bool, staff: str | None
) -> None:
    """当天预约: the day by window, masked."""
    wanted = day or today()
    lines = [
        line
        for line in ask(staff, lambda client: client.day(wanted, place))
        if (everything or line.appointment.status.value not in GIVEN_UP)
        and (window is None or window in ((line.window,) if line.window else line.windows))
    ]
    click.echo(f"{day_words(wanted)}　共{len(lines)}个预约{_counted(lines)}")
    if lines:
        _print_day(lines, names_in_use())


def _counted(lines: Iterable[Line]) -> str:
    counts = Counter(line.appointment.status.chinese for line in lines)
    told = "、".join(f"{state}{count}" for state, count in counts.most_common())
    return f"：{told}" if told else "。"


def _print_day(lines: Iterable[Line], names: Names) -> None:
    """One table whose columns line up through all groups, each under its window."""
    ordered = sorted(lines, key=lambda line: (_group(line), line.appointment.start))
    head, *rows = table_lines(_HEAD, [_row(line, names) for line in ordered])
    click.echo(head)
    pairs = zip(ordered, rows, strict=True)
    for group, members in groupby(pairs, key=lambda pair: _group(pair[0])):
        click.echo(f"\n【{' '.join(filter(None, group))}】")
        for _, row in members:
            click.echo(row)


def _group(line: Line) -> tuple[str, str]:
    return line.appointment.place_name, window_words(line, _NAMED)


def _row(line: Line, names: Names) -> tuple[str, ...]:
    one = line.appointment
    return (
        hours(one),
        one.code,
        one.service_name,
        one.name,
        one.phone,
        names.priority(one.priority),
        party_words(one, one.principal),
        state_words(line),
    )


@booking.command()
@click.argument("code")
@staff_option
def show(code: str, staff: str | None) -> None:
    """查看预约: one in clear; that you read it is noted."""
    _show(ask(staff, lambda client: client.read(code)), names_in_use())


def _show(read: Read, names: Names) -> None:
    line, one = read.line, read.line.appointment
    number = "统一社会信用代码" if one.party.value == "company" else "身份证号"
    facts = {
        "事项": one.service_name,
        "地点": one.place_name,
        "窗口": window_words(line),
        "时间": f"{day_words(one.start.date())} {hours(one)}",
        "姓名": read.name or "（已清除）",
        "电话": read.phone or "（已清除）",
        "为谁办": party_words(one, read.principal),
        number: read.id_number,
        "优先": names.priority(one.priority) if one.priority else None,
        "上门地址": read.address,
        "原时间办不了": one.affected,
        "报到": short(one.arrived) if one.arrived else None,
        "叫号": short(line.called) if line.called else None,
        "办结": short(line.served) if line.served else None,
    }
    click.echo(f"{one.code}　{state_words(line)}")
    for name, fact in facts.items():
        if fact:
            click.echo(f"{name}：{fact}")
    click.echo("（全部信息已显示，谁看过已记入审计。）")


@booking.command("check-in")
@click.argument("code")
@staff_option
def check_in(code: str, staff: str | None) -> None:
    """报到: the citizen is there."""
    click.echo(f"已报到：{brief(ask(staff, lambda client: client.check_in(code)))}")


@booking.command()
@click.argument("code")
@click.argument("window")
@staff_option
def call(code: str, window: str, staff: str | None) -> None:
    """叫号: call the citizen to a window."""
    called = ask(staff, lambda client: client.call(code, window))
    click.echo(f"已叫号，请到窗口{window}：{brief(called)}")


@booking.command()
@click.argument("code")
@staff_option
def serve(code: str, staff: str | None) -> None:
    """办结: the visit is over."""
    click.echo(f"已办结：{brief(ask(staff, lambda client: client.serve(code)))}")


@booking.command("no-show")
@click.argument("code")
@staff_option
def no_show(code: str, staff: str | None) -> None:
    """爽约: nobody came; a check-in takes it back."""
    click.echo(f"已记爽约：{brief(ask(staff, lambda client: client.no_show(code)))}")


@booking.command()
@click.argument("code")
@click.argument("reason", callback=read_reason)
@staff_option
def cancel(code: str, reason: str, staff: str | None) -> None:
    """大厅取消: cancel; the citizen is told the reason."""
    cancelled = ask(staff, lambda client: client.cancel(code, reason))
    click.echo(f"已取消，会告诉群众原因“{reason}”：{brief(cancelled)}")


for _command in (close, closures, reopen, affected, suspensions, lift, messages, resend):
    booking.add_command(_command)
booking.add_command(figures)
booking.add_command(export)
