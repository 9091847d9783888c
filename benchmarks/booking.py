"""How fast the appointment office is: bookings against raw commits, and asking what is free.

Every round measures each load once, one after the other and each on a database of its own, so that
what the machine does besides hits all of them; medians and the ratios of the medians are shown. The
raw commit rate is what the disk allows to whoever writes one row a transaction: it depends on the
disk alone, so it stands beside every run.
"""

from __future__ import annotations

import asyncio
import gc
import json
import logging
import random
from collections.abc import Callable, Coroutine, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory

import click
import structlog

from benchmarks import booking_load as loads
from benchmarks.booking_world import World, fill, write_hall
from benchmarks.material import table
from benchmarks.search_speed import percentile
from booking.testing import DATA_KEY, KEY, backend_process
from tests.databases import Files, Postgres, postgres_running

ROOT = Path(__file__).parents[1]
ITEM = "id-card-renew"
POOL = 10
"""Connections of the office's pool on PostgreSQL."""
REPLAYED = 3_000
"""Bookings whose statements are done again without the office."""
ASKED = 200
"""Questions for availability a round."""
Load = Callable[[], Coroutine[object, object, float]]
Figures = dict[str, list[float]]
AIMS = {"bookings / raw": 0.5, "p99_ms": 10.0}


def write_loads(
    world: World, files: Files, postgres: Postgres | None, callers: int, seconds: float
) -> Mapping[str, Load]:
    """What is measured in a round, by name, in order."""
    chance = random.Random(1)  # noqa: S311 - no secret

    def seed() -> int:
        return chance.randrange(10**9)

    async def raw() -> float:
        file = files.empty().removeprefix("sqlite+aiosqlite:///")
        return await asyncio.to_thread(loads.raw_sqlite, Path(file), seconds)

    found: dict[str, Load] = {
        "sqlite raw": raw,
        "sqlite raw, a booking's rows": lambda: loads.raw_bookings(
            world, files.empty(), files.empty(), REPLAYED, seed()
        ),
        "sqlite stack, 1 caller": lambda: loads.stack_commits(files.empty(), 1, seconds),
        f"sqlite stack, {callers} callers": lambda: loads.stack_commits(
            files.empty(), callers, seconds
        ),
        "sqlite bookings, 1 caller": lambda: loads.bookings(
            world, files.empty(), 1, seconds, seed()
        ),
        f"sqlite bookings, {callers} callers": lambda: loads.bookings(
            world, files.empty(), callers, seconds, seed()
        ),
    }
    if postgres is not None:
        found |= _postgres_loads(world, postgres, callers, seconds, seed)
    return found


def _postgres_loads(
    world: World, postgres: Postgres, callers: int, seconds: float, seed: Callable[[], int]
) -> dict[str, Load]:
    """The same on PostgreSQL. Its databases are made in a thread: that runs a loop of its own."""

    async def made(load: Callable[[str], Coroutine[object, object, float]]) -> float:
        return await load(await asyncio.to_thread(postgres.empty))

    return {
        "postgresql raw, 1 connection": lambda: made(
            lambda url: loads.raw_postgresql(url, 1, seconds)
        ),
        f"postgresql raw, {POOL} connections": lambda: made(
            lambda url: loads.raw_postgresql(url, POOL, seconds)
        ),
        f"postgresql stack, {callers} callers": lambda: made(
            lambda url: loads.stack_commits(url, callers, seconds)
        ),
        f"postgresql bookings, {callers} callers": lambda: made(
            lambda url: loads.bookings(world, url, callers, seconds, seed())
        ),
    }


async def run_writes(found: Mapping[str, Load], rounds: int) -> Figures:
    """Each load's figures, one a round."""
    figures: Figures = {name: [] for name in found}
    for _ in range(rounds):
        for name, load in found.items():
            figures[name].append(await load())
    return figures


async def run_reads(world: World, directory: Path, past: int, rounds: int) -> Figures:
    """Seconds of each question for availability, in the process and through HTTP."""
    files = Files(directory)
    url = files.empty()
    office = world.office(url)
    await office.open()
    file = Path(url.removeprefix("sqlite+aiosqlite:///"))
    click.echo(await asyncio.to_thread(fill, world, file, past, random.Random(2)))  # noqa: S311
    figures: Figures = {"office": [], "http": []}
    environment = {
        "BANSHI_BOOKING_KEY": KEY,
        "BANSHI_DATA_KEY": DATA_KEY,
        "BANSHI_CATALOG": str(directory / "catalog"),
        "BANSHI_VAR": str(directory),
        "BANSHI_BOOKING_DB": url,
        "BANSHI_WEB_PORT": "0",
        "BANSHI_CLOCK": "2026-11-23T10:00:00",
    }
    gc.collect()
    gc.freeze()  # as the backend does
    async with backend_process(environment) as backend:
        for number in range(rounds + 1):
            inside = await loads.availability(office, ITEM, ASKED)
            outside = await loads.availability_http(backend.url, ITEM, ASKED)
            if number:  # the first round warms up
                figures["office"] += inside
                figures["http"] += outside
    await office.close()
    return figures


def write_rows(figures: Figures) -> Iterator[Sequence[str]]:
    """A line for each load: the median, the least, the most, and the ratio to the raw rate."""
    raw = {
        name.split()[0]: median(rates)
        for name, rates in figures.items()
        if name == "sqlite raw" or " connection" in name
    }
    for name, rates in figures.items():
        ratio = median(rates) / raw[name.split()[0]]
        yield (name, f"{median(rates):,.0f}", f"{min(rates):,.0f}", f"{max(rates):,.0f}",
               f"{ratio:.2f}")  # fmt: skip


def read_rows(figures: Figures) -> Iterator[Sequence[str]]:
    """A line for each way of asking: half of the answers, 99 of 100, the slowest."""
    for name, times in figures.items():
        yield (name, *(f"{value * 1e3:.1f}" for value in spread(times)))


def spread(times: Sequence[float]) -> tuple[float, float, float]:
    """Half of the values, 99 of 100, the largest."""
    return percentile(times, 0.5), percentile(times, 0.99), max(times)


@contextmanager
def surroundings(directory: Path, postgresql: bool) -> Iterator[tuple[Path, Postgres | None]]:
    """A place on the disk, and a PostgreSQL server that keeps its data there."""
    directory.mkdir(parents=True, exist_ok=True)
    with ExitStack() as stack:
        place = Path(stack.enter_context(TemporaryDirectory(dir=directory)))
        server = stack.enter_context(postgres_running(directory)) if postgresql else None
        yield place, server


@click.command()
@click.option("--rounds", default=5, show_default=True)
@click.option("--seconds", default=2.0, show_default=True, help="Of each load in each round.")
@click.option("--callers", default=64, show_default=True, help="At once.")
@click.option("--past", default=1_000_000, show_default=True, help="Appointments that were.")
@click.option("--postgresql/--no-postgresql", default=True, help="Measure PostgreSQL, too.")
@click.option("--reads/--no-reads", default=True, help="Measure availability, too.")
@click.option(
    "--directory",
    type=click.Path(path_type=Path),
    default=ROOT / ".cache" / "booking",
    help="Where the databases are made; on the disk that is meant.",
)
@click.option("--json", "file", type=click.Path(path_type=Path), help="Write the figures here.")
def main(  # noqa: PLR0917 - click passes them by name
    rounds: int,
    seconds: float,
    callers: int,
    past: int,
    postgresql: bool,
    reads: bool,
    directory: Path,
    file: Path | None,
) -> None:
    """Measure bookings against raw commits, and how long availability takes."""
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.WARNING))
    with surroundings(directory, postgresql) as (place, postgres):
        world = World(write_hall(place / "catalog"))
        found = write_loads(world, Files(place), postgres, callers, seconds)
        writes = asyncio.run(run_writes(found, rounds))
        click.echo(table(("a second", "median", "least", "most", "of raw"), write_rows(writes)))
        asked: Figures = {}
        if reads:
            asked = asyncio.run(run_reads(world, place, past, rounds))
            click.echo(table(("30 days, ms", "p50", "p99", "max"), read_rows(asked)))
    if file is not None:
        spreads = {name: spread(times) for name, times in asked.items()}
        file.write_text(json.dumps({"rates": writes, "availability_s": spreads}, indent=1))


if __name__ == "__main__":
    main()
