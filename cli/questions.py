"""`banshi questions`: what citizens asked and got no good answer to, grouped, for the catalogue.

The questions are masked and tell nobody's name. Printed as a table for staff, as JSON for programs.
"""

from __future__ import annotations

import json
from datetime import datetime

import click

from cli.desk import ask
from cli.staff import staff_option
from cli.tables import print_table

_SHOWN = 40
"""How many characters of a question the table shows."""


@click.command()
@click.option(
    "--since", type=click.DateTime(["%Y-%m-%d"]), help="Only what was asked since this day."
)
@click.option("--outcome", help="Only what ended so, like unanswerable.")
@click.option("--json", "as_json", is_flag=True, help="One JSON object a line.")
@click.option("--done", "done", type=click.IntRange(min=1), help="Mark this group as done.")
@staff_option
def questions(
    since: datetime | None,
    outcome: str | None,
    as_json: bool,
    done: int | None,
    staff: str | None,
) -> None:
    """Questions that got no good answer, in groups, the most frequent first."""
    if done is not None:
        count = ask(staff, lambda client: client.question_done(done))
        click.echo(f"已标记{count}个问题。")
        return
    day = since.date() if since else None
    groups = ask(staff, lambda client: client.questions(day, outcome))
    if as_json:
        for group in groups:
            click.echo(json.dumps(group.as_json(), ensure_ascii=False))
        return
    rows = [
        (
            str(group.id),
            str(group.count),
            f"{group.first_seen:%m-%d}",
            f"{group.last_seen:%m-%d}",
            "、".join(f"{code}×{count}" for code, count in group.outcomes.items()),
            group.text if len(group.text) <= _SHOWN else group.text[: _SHOWN - 1] + "…",
            "、".join(group.nearest) or "—",
        )
        for group in groups
    ]
    print_table(("号", "次数", "最早", "最近", "结果", "问题", "最接近的事项"), rows)
