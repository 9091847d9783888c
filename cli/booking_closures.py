"""`banshi booking close` and its kin: what is shut, whom it hits, and telling them."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

import click

from cli.booking_calls import LONGEST, ask, read_reason, read_time
from cli.booking_words import AFFECTED_HEAD, Names, affected_row, names_in_use, short
from cli.staff import staff_option
from cli.tables import print_table

if TYPE_CHECKING:  # `banshi --help` stays quick
    from booking.staff_values import Affected, Closure

_TELL = click.option("--tell", is_flag=True, help="Tell the citizens who are hit at once.")


@click.command()
@click.argument("place")
@click.option("--window", help="Only this window, like A01 (default: the whole place).")
@click.option(
    "--from",
    "since",
    metavar="'YYYY-MM-DD HH:MM'",
    callback=read_time,
    required=True,
    help="From when; 09:00 is today's.",
)
@click.option(
    "--until",
    metavar="'YYYY-MM-DD HH:MM'",
    callback=read_time,
    required=True,
    help="Until when; 12:00 is today's.",
)
@click.option("--reason", callback=read_reason, required=True, help="Why, as citizens read it.")
@_TELL
@staff_option
def close(
    *,
    place: str,
    window: str | None,
    since: datetime,
    until: datetime,
    reason: str,
    tell: bool,
    staff: str | None,
) -> None:
    """停办: shut a place, by its id, or one window for a time."""
    if until <= since:
        raise click.UsageError(f"--until（{until:%m-%d %H:%M}）要晚于--from（{since:%m-%d %H:%M}）")
    if until - since > timedelta(days=LONGEST):
        raise click.UsageError(f"一次最多停办{LONGEST}天")
    key = uuid.uuid4().hex
    closure, hit = ask(
        staff,
        lambda client: client.shut(place, window, since, until, reason=reason, idempotency_key=key),
    )
    click.echo(f"已停办：{_words(closure, names_in_use())}")
    click.echo(f"编号：{closure.id}（恢复：banshi booking reopen {closure.id}）")
    _tell_or_say_how(hit, tell, staff)


@click.command()
@staff_option
def closures(staff: str | None) -> None:
    """停办一览: what is shut now or later."""
    names = names_in_use()
    print_table(
        ("编号", "地点", "窗口", "从", "到", "原因", "经办"),
        [
            (
                one.id,
                names.place(one.place),
                one.window or "全部",
                f"{one.since:%Y-%m-%d %H:%M}",
                f"{one.until:%Y-%m-%d %H:%M}",
                one.reason,
                one.staff,
            )
            for one in ask(staff, lambda client: client.closures())
        ],
    )


@click.command()
@click.argument("closure")
@staff_option
def reopen(closure: str, staff: str | None) -> None:
    """恢复办理: lift a closure, by its id."""
    opened = ask(staff, lambda client: client.open_again(closure))
    click.echo(f"已恢复：{_words(opened, names_in_use())}")
    click.echo("之前告诉过办不了的人，用 banshi booking affected --tell 告诉他们可以按原时间来。")


@click.command()
@_TELL
@staff_option
def affected(tell: bool, staff: str | None) -> None:
    """受影响的预约: what can't be kept as things are."""
    _tell_or_say_how(ask(staff, lambda client: client.affected()), tell, staff)


def _words(closure: Closure, names: Names) -> str:
    where = f"{names.place(closure.place)}　{closure.window or '全部窗口'}"
    return f"{where}　{short(closure.since)} 到 {short(closure.until)}　{closure.reason}"


def _tell_or_say_how(hit: Sequence[Affected], tell: bool, staff: str | None) -> None:
    """List all that can't be kept now; `tell` also tells those whose time can be kept after all."""
    click.echo(f"现在办不了的预约：{len(hit)}个")
    if hit:
        print_table(AFFECTED_HEAD, [affected_row(one) for one in hit])
    if tell:
        told, restored = ask(staff, lambda client: client.tell_affected())
        click.echo(f"新告知{told}人；告知可以按原时间来的{restored}人。")
    elif any(not one.told for one in hit):
        click.echo("还没有全部告知。告知：banshi booking affected --tell")
