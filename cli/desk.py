"""`banshi desk`: what citizens left for people, on the command line of the staff.

It calls the running backend, in the name of one staff member, whom the backend notes beside every
case that is read or changed. What is printed is Chinese, as staff read it.
"""

from __future__ import annotations

import uuid
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, TypeVar

import click

from cli.staff import Room, staff_option
from cli.tables import print_table

if TYPE_CHECKING:  # `banshi --help` stays quick
    from desk.staff_client import StaffClient
    from desk.staff_values import Figures, StaffCase

STATUS = {"open": "待答复", "answered": "已答复", "closed": "已办结"}
KINDS = {
    "handover": "转人工",
    "message": "留言",
    "complaint": "投诉",
    "praise": "表扬",
    "suggestion": "建议",
    "low_rating": "差评",
}
WHO = {"citizen": "市民", "staff": "工作人员", "assistant": "智能助手"}
ANSWER_SECONDS = 60.0
"""Grouping questions reads the whole lexicon first."""

Value = TypeVar("Value")


@click.group()
def desk() -> None:
    """Read and answer what citizens left for people (转人工、留言、投诉、表扬、建议、差评)."""


@desk.command("list")
@click.option("--status", type=click.Choice(list(STATUS)), help="Only cases of this status.")
@click.option("--kind", type=click.Choice(list(KINDS)), help="Only cases of this kind.")
@click.option("--limit", type=click.IntRange(1, 200), default=50, show_default=True)
@staff_option
def list_cases(status: str | None, kind: str | None, limit: int, staff: str | None) -> None:
    """List cases, the most urgent first; of the words only a masked beginning is shown."""
    from desk.values import CaseStatus, case_kind  # noqa: PLC0415

    lines = ask(
        staff,
        lambda client: client.cases(
            CaseStatus(status) if status else None, case_kind(kind) if kind else None, limit
        ),
    )
    rows = [
        (
            line.number,
            line.kind.label,
            STATUS[line.status.value],
            f"{line.opened_at:%m-%d %H:%M}",
            (f"{line.answer_by:%m-%d}" if line.answer_by else "—")
            + ("（超期）" if line.overdue else ""),
            line.service or "—",
            line.preview,
        )
        for line in lines
    ]
    print_table(("编号", "种类", "状态", "提交时间", "答复期限", "事项", "内容"), rows)


@desk.command()
@click.argument("number")
@staff_option
def show(number: str, staff: str | None) -> None:
    """Show one case whole, with its chat; that it was read is noted."""
    _show(ask(staff, lambda client: client.read(number)))


@desk.command()
@click.argument("number")
@click.argument("text")
@staff_option
def reply(number: str, text: str, staff: str | None) -> None:
    """Answer a case; the answer goes to the citizen's chat."""
    key = uuid.uuid4().hex
    ask(staff, lambda client: client.reply(number, text, idempotency_key=key))
    click.echo("已答复，正在送往市民的对话。")


@desk.command()
@click.argument("number")
@staff_option
def close(number: str, staff: str | None) -> None:
    """Close a case."""
    ask(staff, lambda client: client.close(number))
    click.echo("已办结。")


@desk.command()
@staff_option
def figures(staff: str | None) -> None:
    """Figures: cases by kind and status, ratings by level and service."""
    _figures(ask(staff, lambda client: client.figures()))


def ask(staff: str | None, call: Callable[[StaffClient], Awaitable[Value]]) -> Value:
    """Call the desk in the name of `staff`; one that gives no answer is asked once more.

    Raises:
        click.ClickException: It refused or gave no answer, or the settings can't be used.
    """
    from desk.errors import DeskRefused, DeskUnavailable  # noqa: PLC0415
    from desk.staff_client import StaffClient  # noqa: PLC0415

    def sentence(refused: DeskRefused) -> str:
        return f"{refused.sentence}（{refused.note}）" if refused.note else refused.sentence

    room = Room(StaffClient, DeskRefused, DeskUnavailable, sentence, ANSWER_SECONDS)
    return room.ask(staff, call)


def _show(shown: StaffCase) -> None:
    case = shown.case
    click.echo(f"{case.number}　{case.kind.label}　{STATUS[case.status.value]}")
    click.echo(f"提交：{case.opened_at:%Y-%m-%d %H:%M}　事项：{case.service or '—'}")
    if case.answer_by:
        click.echo(f"答复期限：{case.answer_by:%Y-%m-%d}")
    click.echo(f"内容：{case.text}")
    for message in case.messages:
        click.echo(f"{message.at:%m-%d %H:%M} {WHO[message.who.value]}：{message.text}")
    for letter in shown.letters:
        if letter.delivered_at:
            state = f"市民{letter.delivered_at:%m-%d %H:%M}已看到"
        else:
            state = "没有送到，已停止" if letter.given_up_at else "还没有送到"
        click.echo(f"{letter.made_at:%m-%d %H:%M} 的答复：{state}")


def _figures(figures: Figures) -> None:
    from desk.values import RatingLevel  # noqa: PLC0415

    click.echo("各类件")
    print_table(
        ("种类", "状态", "件数", "其中超期"),
        [
            (one.kind.label, STATUS[one.status.value], str(one.count), str(one.overdue))
            for one in figures.cases
        ],
    )
    levels = sorted(RatingLevel, reverse=True)
    click.echo("\n好差评")
    print_table(
        ("事项", *(level.label for level in levels), "合计"),
        [
            (
                rated.service or "（大厅）",
                *(str(rated.counts.get(level, 0)) for level in levels),
                str(rated.total),
            )
            for rated in figures.ratings
        ],
    )
