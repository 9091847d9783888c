"""Three processes as one: starts them, waits for their health, watches them, stops them all."""

from __future__ import annotations

import asyncio
import os
import re
import signal
import socket
import time
from collections import deque
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

import aiohttp

from cli.logs import OutputLog

START_SECONDS = 120
STOP_SECONDS = 10
_DRAIN_SECONDS = 1
"""How long to wait for the output of a process that ended; its own children may hold it open."""
_LAST_LINES = 20
_WORTH_SHOWING = re.compile(
    r"\b(?:WARNING|ERROR|CRITICAL)\b|Traceback|\[(?:warning|error|critical) *\]"
    r'|"level": "(?:warning|error|critical)"|catalog\.'
)
"""What people at the terminal see of the processes' output; the log files hold all of it."""


class Stopped(Exception):
    """One of the processes ended or never became healthy; the message says which and why."""


@dataclass(frozen=True)
class Program:
    """One process to run.

    Attributes:
        name: What people call it.
        command: Its command line.
        health: The address that answers 200 when it is ready.
        port: The port it will listen on.
        port_setting: The setting that moves the port.
    """

    name: str
    command: tuple[str, ...]
    health: str
    port: int
    port_setting: str


@dataclass
class _Running:
    program: Program
    process: asyncio.subprocess.Process
    log: OutputLog
    last: deque[str] = field(default_factory=lambda: deque(maxlen=_LAST_LINES))
    output: asyncio.Task[None] | None = None


class Supervisor:
    """Runs programs in process groups of their own, so that none outlives the supervisor."""

    def __init__(
        self,
        programs: Sequence[Program],
        *,
        environment: dict[str, str],
        host: str,
        cwd: Path,
        logs: Path,
        tell: Callable[[str], None],
        start_seconds: float = START_SECONDS,
        stop_seconds: float = STOP_SECONDS,
    ) -> None:
        self._programs = programs
        self._environment = environment
        self._host = host
        self._cwd = cwd
        self._logs = logs
        self._tell = tell
        self._start_seconds = start_seconds
        self._stop_seconds = stop_seconds
        self._running: list[_Running] = []

    async def start(self) -> None:
        """Start everything and wait until all are healthy.

        Raises:
            Stopped: A port is taken, a program ended, or was not healthy in time.
        """
        for program in self._programs:
            self._check_port(program)
        for program in self._programs:
            self._running.append(await self._launch(program))
        watch = asyncio.create_task(self.watch())
        ready = asyncio.create_task(self._all_healthy())
        try:
            await asyncio.wait({watch, ready}, return_when=asyncio.FIRST_COMPLETED)
            if watch.done():
                watch.result()
            ready.result()
        finally:
            for task in (watch, ready):
                task.cancel()
                with suppress(asyncio.CancelledError, Stopped):
                    await task

    async def watch(self) -> None:
        """Wait until a program ends by itself.

        Raises:
            Stopped: Always, when one did.
        """
        ends = {asyncio.create_task(running.process.wait()): running for running in self._running}
        try:
            done, _ = await asyncio.wait(ends, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for task in ends:
                task.cancel()
        running = ends[done.pop()]
        await _drain([running])
        raise Stopped(_epitaph(running))

    async def stop(self) -> None:
        """Stop everything: politely first, by force after `stop_seconds`."""
        for running in self._running:
            _signal(running.process, signal.SIGTERM)
        waits = [running.process.wait() for running in self._running]
        with suppress(asyncio.TimeoutError):
            await asyncio.wait_for(asyncio.gather(*waits), self._stop_seconds)
        for running in self._running:
            _signal(running.process, signal.SIGKILL)  # the group may hold children of its own
            await running.process.wait()
        await _drain(self._running)
        tasks = [running.output for running in self._running if running.output]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        for running in self._running:
            running.log.close()

    def _check_port(self, program: Program) -> None:
        family = socket.AF_INET6 if ":" in self._host else socket.AF_INET
        with socket.socket(family) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind((self._host, program.port))
            except OSError as error:
                raise Stopped(
                    f"{program.name} can't listen on {self._host}:{program.port} "
                    f"({error.strerror}): stop what runs there or set {program.port_setting}"
                ) from None

    async def _launch(self, program: Program) -> _Running:
        process = await asyncio.create_subprocess_exec(
            *program.command,
            cwd=self._cwd,
            env=self._environment,
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.STDOUT,
            start_new_session=True,  # Ctrl-C reaches us alone; we stop them in order
        )
        running = _Running(program, process, OutputLog(self._logs / f"{program.name}.log"))
        running.output = asyncio.create_task(self._pass_on(running))
        return running

    async def _pass_on(self, running: _Running) -> None:
        stream = running.process.stdout
        if stream is None:
            return
        while True:
            try:
                line = await stream.readline()
            except ValueError:  # longer than the reader's limit: what was read is dropped
                continue
            if not line:
                return
            text = line.decode("utf-8", "replace").rstrip()
            if text:
                running.last.append(text)
                running.log.line(text)
                if _WORTH_SHOWING.search(text):
                    self._tell(f"[{running.program.name}] {text}")

    async def _all_healthy(self) -> None:
        timeout = aiohttp.ClientTimeout(total=2)
        async with aiohttp.ClientSession(timeout=timeout) as session:
            await asyncio.gather(*(self._healthy(one, session) for one in self._running))

    async def _healthy(self, running: _Running, session: aiohttp.ClientSession) -> None:
        program, pid = running.program, running.process.pid
        began = time.monotonic()
        while time.monotonic() - began < self._start_seconds:
            with suppress(aiohttp.ClientError, asyncio.TimeoutError, OSError):
                async with session.get(program.health) as response:
                    if response.status == 200:
                        took = time.monotonic() - began
                        self._tell(f"{program.name} is ready ({took:.0f} s, process {pid})")
                        return
            await asyncio.sleep(0.2)
        raise Stopped(
            f"{program.name} was not healthy within {self._start_seconds:g} s: {program.health}"
        )


def _signal(process: asyncio.subprocess.Process, number: signal.Signals) -> None:
    with suppress(ProcessLookupError, PermissionError):
        os.killpg(process.pid, number)


async def _drain(ended: Sequence[_Running]) -> None:
    """Wait until everything that ended processes wrote has been passed on."""
    tasks = [running.output for running in ended if running.output]
    if tasks:
        await asyncio.wait(tasks, timeout=_DRAIN_SECONDS)


def _epitaph(running: _Running) -> str:
    code = running.process.returncode
    how = f"was killed by signal {-code}" if code and code < 0 else f"ended with exit code {code}"
    lines = "\n".join(f"    {line}" for line in running.last)
    return f"{running.program.name} {how}. Its last words:\n{lines or '    (none)'}"
