"""`banshi qa …`: run the conversation cases and read how they came out."""

from __future__ import annotations

import asyncio
import json
import signal
import sys
from collections.abc import Awaitable, Sequence
from contextlib import suppress
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

from cli.qa_cover import cover
from cli.qa_history import compare, loaded_settings, record
from cli.qa_nlu import nlu
from cli.settings import ROOT

if TYPE_CHECKING:  # `banshi --help` stays quick
    from cli.qa_stacks import LocalStacks
    from qa.cases import Case, Channel, Vocabulary
    from qa.results import Run

FAILED, FAULTY = 1, 2
FILE = click.Path(path_type=Path, dir_okay=False)
MOMENT = click.DateTime(["%Y-%m-%d %H:%M", "%Y-%m-%dT%H:%M", "%Y-%m-%dT%H:%M:%S"])


@click.group()
def qa() -> None:
    """Test conversations (对话测试)."""


@qa.command("run")
@click.argument("paths", nargs=-1, required=True, type=click.Path(path_type=Path))
@click.option(
    "--through",
    type=click.Choice(["wechat", "rest"]),
    default="wechat",
    show_default=True,
    help="The channel.",
)
@click.option("--own", is_flag=True, help="Start a copy of its own, even if one is running.")
@click.option(
    "--at", type=MOMENT, help="The hall's time for cases that name none: '2026-11-23 09:00'."
)
@click.option(
    "--parallel", type=click.IntRange(1, 32), default=4, show_default=True, help="Cases at a time."
)
@click.option("--junit", type=FILE, help="Write JUnit XML here, for continuous integration.")
@click.option("--html", type=FILE, help="Write a page for people here.")
@click.option("--save", type=FILE, help="Keep the run here (JSON), for `banshi qa compare`.")
def run_cases(  # noqa: PLR0917 - click hands them over by name
    paths: Sequence[Path],
    through: str,
    own: bool,
    at: datetime | None,
    parallel: int,
    junit: Path | None,
    html: Path | None,
    save: Path | None,
) -> None:
    """Run the cases in PATHS, files or folders.

    Exit code 1 when a case fails, 2 when a file is faulty.
    """
    from qa import console  # noqa: PLC0415
    from qa.cases import Channel  # noqa: PLC0415
    from qa.runner import Manner  # noqa: PLC0415
    from qa.runner import run as run_all  # noqa: PLC0415
    from service_catalog.clock import CHINA  # noqa: PLC0415

    cases = read_cases(paths, at.replace(tzinfo=CHINA) if at else None)
    manner = Manner(Channel(through), parallel)
    stacks = _stacks(own=own, through=manner.through)
    work = run_all(cases, stacks, manner, lambda one: click.echo(console.progress(one)))
    run = asyncio.run(_stoppable(work))
    for line in console.story(run):
        click.echo(line)
    _write_reports(run, junit, html, save)
    sys.exit(0 if run.good else FAILED)


async def _stoppable(work: Awaitable[Run]) -> Run:
    """Do the work; when the process is told to end, what it started ends first."""
    task = asyncio.ensure_future(work)
    loop = asyncio.get_running_loop()
    with suppress(RuntimeError, ValueError):  # a thread that is not the main one gets no signals
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            loop.add_signal_handler(number, task.cancel)
    try:
        return await task
    except asyncio.CancelledError:
        raise click.ClickException("停下了；启动的测试环境都已关闭") from None


def _write_reports(run: Run, junit: Path | None, html: Path | None, save: Path | None) -> None:
    """Write what was asked for."""
    from qa.reports.junit import write_junit  # noqa: PLC0415
    from qa.reports.kept import keep  # noqa: PLC0415
    from qa.reports.page import write_page  # noqa: PLC0415

    for write, file in ((write_junit, junit), (write_page, html), (keep, save)):
        if file:
            write(run, file)
            click.echo(f"已写入 {file}")


@qa.command()
@click.argument("paths", nargs=-1, required=True, type=click.Path(path_type=Path))
def check(paths: Sequence[Path]) -> None:
    """Look for faults in the files in PATHS without running them."""
    cases = read_cases(paths)
    click.echo(f"没有错误：{len(cases)}个用例。")


@qa.command()
def schema() -> None:
    """Print the JSON Schema of a file of cases, for editors that check while typing."""
    from qa.schema import schema as the_schema  # noqa: PLC0415

    click.echo(json.dumps(the_schema(), ensure_ascii=False, indent=1))


def read_cases(paths: Sequence[Path], at: datetime | None = None) -> list[Case]:
    """The cases; their faults are told and end the command."""
    from qa.reading import read  # noqa: PLC0415
    from service_catalog.errors import ProblemsFound  # noqa: PLC0415

    try:
        return read(paths, vocabulary(), at)
    except ProblemsFound as found:
        for problem in found.problems:
            click.echo(str(problem))
        click.echo(f"共{len(found.problems)}个错误，一个用例也没有跑。")
        sys.exit(FAULTY)


def vocabulary() -> Vocabulary:
    """The names that stand in domain.yml, and Rasa's own actions."""
    import yaml  # noqa: PLC0415

    from qa.cases import Vocabulary  # noqa: PLC0415

    domain = yaml.safe_load((ROOT / "domain.yml").read_text(encoding="utf-8"))
    responses = frozenset(domain.get("responses") or {})
    return Vocabulary(
        slots=frozenset(domain["slots"]) | {"requested_slot", "session_started_metadata"},
        actions=frozenset(domain["actions"]) | set(domain["forms"]) | responses | _RASAS_OWN,
        responses=responses,
    )


_RASAS_OWN = {
    "action_listen",
    "action_restart",
    "action_session_start",
    "action_default_fallback",
    "action_deactivate_loop",
    "action_back",
    "action_extract_slots",
    "action_unlikely_intent",
}


def _stacks(*, own: bool, through: Channel) -> LocalStacks:
    from cli.qa_stacks import LocalStacks, answers  # noqa: PLC0415

    settings = loaded_settings()
    return LocalStacks(
        settings=settings,
        running=not own and asyncio.run(answers(settings)),
        through=through,
        tell=click.echo,
    )


qa.add_command(cover)
qa.add_command(nlu)
qa.add_command(record)
qa.add_command(compare)
