"""Throws malformed, forged and broken requests at the webhook; see benchmarks/README.md.

    python -m benchmarks.fuzz_webhook --requests 100000 --seed 1

The server is Rasa's with the channel in it, in a process of its own, over real HTTP. Ends with exit
code 1 when anything was not as it must be, and prints the requests with which it can be repeated.
"""

from __future__ import annotations

import asyncio
import base64
import os
import sys
import tempfile
from pathlib import Path

import click

from benchmarks.fuzz_run import ROOM, Failure, Result, run, serving
from wechat.account import Mode

SHOWN_BYTES = 3_000
"""Of a request that failed; a longer one is shown by its number alone."""


@click.command()
@click.option("--requests", default=100_000, show_default=True, help="How many.")
@click.option("--first", default=0, help="The number of the first.")
@click.option("--seed", default=1, show_default=True, help="The same requests for the same seed.")
@click.option(
    "--warm",
    default=10_000,
    show_default=True,
    help="Others before: what is remembered on purpose is no leak.",
)
@click.option("--only", type=int, help="Send this one alone, again.")
@click.option(
    "--mode",
    type=click.Choice(["compatible", "secure"]),
    default="compatible",
    show_default=True,
    help="The account's.",
)
def main(  # noqa: PLR0917 - click passes them by name
    requests: int, first: int, seed: int, warm: int, only: int | None, mode: Mode
) -> None:
    """Fuzz the webhook."""
    indexes = range(first, first + requests) if only is None else range(only, only + 1)
    result = asyncio.run(_main(seed, indexes, mode, warm if only is None else 0))
    click.echo(report(result, seed, mode))
    if result.faults():
        sys.exit(1)


async def _main(seed: int, indexes: range, mode: Mode, warm: int) -> Result:
    with tempfile.TemporaryDirectory(prefix="banshi-fuzz-") as state:
        async with serving(Path(state), mode) as server:
            return await run(
                server, seed=seed, indexes=indexes, mode=mode, warm=warm, tell=click.echo
            )


def report(result: Result, seed: int, mode: Mode) -> str:
    """What was found, in words."""
    sent = sum(result.kinds.values())
    kinds = ", ".join(f"{kind} {count}" for kind, count in result.kinds.most_common())
    grown = ", ".join(f"{what} {result.growth(what):+g}" for what in ROOM)
    lines = [
        f"\n{sent} requests, seed {seed}, {mode} mode, {result.seconds:.0f} s"
        f" ({sent / max(result.seconds, 1e-9):.0f}/s); load average {os.getloadavg()[0]:.1f}",
        f"kinds: {kinds}",
        f"first to last tenth: {grown} (memory in KiB)",
        f"slowest answer: {result.slowest:.2f} s; heard: {result.heard}, due {result.due}",
        f"log: {result.lines} lines",
        *result.faults(),
        *(replay(failure, seed, mode) for failure in result.failures),
        "FAILED" if result.faults() else "nothing wrong was found",
    ]
    return "\n".join(lines)


def replay(failure: Failure, seed: int, mode: Mode) -> str:
    """How to send a request again: by its number, and as bytes."""
    raw = b"".join(failure.attempt.pieces)
    command = (
        f"python -m benchmarks.fuzz_webhook --seed {seed} --mode {mode} --only {failure.index}"
    )
    shown = base64.b64encode(raw).decode() if len(raw) <= SHOWN_BYTES else f"{len(raw)} bytes"
    return f"again: {command}\n  base64: {shown}"


if __name__ == "__main__":
    main()
