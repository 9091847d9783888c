"""`banshi qa cover`: what the catalogue says must be answered is asked, all of it."""

from __future__ import annotations

import asyncio
import json
import sys
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

import click
import yaml

from cli.qa_history import loaded_settings
from cli.settings import ROOT

if TYPE_CHECKING:
    from cli.qa_stacks import LocalStacks
    from qa.coverage import Assistant, Part
    from qa.covering import Proof, Wanted
    from qa.results import Run
    from service_catalog.catalog import Catalog

BELOW = 1
_SHOWN = 20
"""So many of what is not proven are shown; the file has them all."""
_NOTED = 200
"""Proofs between two lines of progress."""


@click.command("cover")
@click.option("--phrasings", type=click.IntRange(1, 3), default=3, show_default=True)
@click.option("--own", is_flag=True, help="Start a copy of its own, even if one is running.")
@click.option("--parallel", type=click.IntRange(1, 32), default=4, show_default=True)
@click.option(
    "--with",
    "paths",
    multiple=True,
    type=click.Path(path_type=Path, exists=True),
    help="Run these cases as well; what they prove of the assistant counts.",
)
@click.option("--only", multiple=True, metavar="ID", help="This service, bundle or place alone.")
@click.option("--json", "file", type=click.Path(path_type=Path), help="Write everything here.")
def cover(  # noqa: PLR0917 - click passes them by name
    phrasings: int,
    own: bool,
    parallel: int,
    paths: Sequence[Path],
    only: Sequence[str],
    file: Path | None,
) -> None:
    """Ask what the catalogue suggests, and tell what is proven and what is not.

    With --only the parts of the assistant are left out. Exit code 1 when a service or an end of its
    questions is not proven.
    """
    # PLC0415: `banshi --help` stays quick
    from qa.coverage import GATED, TITLES, of_assistant, of_catalog  # noqa: PLC0415
    from qa.covering import NoSuchItem, Wanted  # noqa: PLC0415

    stacks = _stacks(own=own)
    catalog = _catalog(stacks)
    try:
        wanted = Wanted.of(catalog, only)
    except NoSuchItem as error:
        raise click.BadParameter(str(error), param_hint="--only") from None
    proofs = asyncio.run(_covered(stacks, wanted, phrasings, parallel))
    cases = _written(paths, stacks, parallel) if paths else None
    parts = of_catalog(catalog, wanted, proofs)
    if not only:
        parts |= of_assistant(the_assistant(), proofs, cases)
    for line in _table(parts, TITLES):
        click.echo(line)
    if file:
        found = {name: asdict(part) for name, part in parts.items()}
        file.write_text(json.dumps(found, ensure_ascii=False, indent=1), encoding="utf-8")
        click.echo(f"已写入 {file}")
    sys.exit(0 if all(parts[name].whole for name in GATED) else BELOW)


async def _covered(
    stacks: LocalStacks, wanted: Wanted, phrasings: int, parallel: int
) -> list[Proof]:
    from qa.cases import Setting  # noqa: PLC0415
    from qa.covering import cover as ask_all  # noqa: PLC0415
    from qa.stacks import NoStack  # noqa: PLC0415

    count = 0

    def done(proof: Proof) -> None:
        nonlocal count
        count += 1
        if not proof.passed:
            click.echo(f"✗ {' → '.join(proof.said)}：{proof.missing[:120]}")
        if count % _NOTED == 0:
            click.echo(f"  已问{count}项 …")

    try:
        async with stacks.open(Setting()) as stack:
            return await ask_all(stack, wanted, phrasings, parallel, done)
    except NoStack as error:
        raise click.ClickException(str(error)) from None


def _written(paths: Sequence[Path], stacks: LocalStacks, parallel: int) -> Run:
    from cli.qa import read_cases  # noqa: PLC0415 - it imports this module
    from qa.runner import Manner, run  # noqa: PLC0415

    return asyncio.run(run(read_cases(paths), stacks, Manner(parallel=parallel), lambda _: None))


def _table(parts: dict[str, Part], titles: dict[str, str]) -> list[str]:
    lines = [""]
    for name, part in parts.items():
        total = len(part.proven) + len(part.open)
        share = len(part.proven) / total if total else 1.0
        lines.append(f"{len(part.proven):>6,} / {total:<6,} {share:>4.0%}  {titles[name]}")
    for name, part in parts.items():
        if part.open:
            shown = list(part.open.items())[:_SHOWN]
            lines.append(f"\n没有证明的{titles[name]}（{len(part.open)}）：")
            lines += [f"  {one}{'：' + why[:160] if why else ''}" for one, why in shown]
            if len(part.open) > _SHOWN:
                lines.append(f"  …… 还有{len(part.open) - _SHOWN}个，用 --json 看全部")
    return lines


def the_assistant() -> Assistant:
    """What domain.yml and data/rules hold."""
    from qa.coverage import assistant_of  # noqa: PLC0415

    def read(file: Path) -> dict[str, object]:
        found: dict[str, object] = yaml.safe_load(file.read_text(encoding="utf-8"))
        return found

    rules = [read(file) for file in sorted((ROOT / "data" / "rules").glob("*.yml"))]
    return assistant_of(read(ROOT / "domain.yml"), rules)


def _catalog(stacks: LocalStacks) -> Catalog:
    from service_catalog.loader import Loader  # noqa: PLC0415

    return Loader(Path(stacks.settings["BANSHI_CATALOG"])).load()


def _stacks(*, own: bool) -> LocalStacks:
    from cli.qa_stacks import LocalStacks, answers  # noqa: PLC0415
    from qa.cases import Channel  # noqa: PLC0415

    settings = loaded_settings()
    running = not own and asyncio.run(answers(settings))
    return LocalStacks(settings=settings, running=running, through=Channel.WECHAT, tell=click.echo)
