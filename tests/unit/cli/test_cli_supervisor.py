"""Real small processes: started, watched, named when they end, and never left behind."""

from __future__ import annotations

import asyncio
import os
import select
import socket
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path

import pytest

from cli.supervisor import Program, Stopped, Supervisor

SERVE = """
import os, signal, socket, subprocess, sys
port, status = int(sys.argv[1]), sys.argv[2]
def serve():
    server = socket.create_server(("127.0.0.1", port))
    while True:
        client, _ = server.accept()
        asked = client.recv(4096)
        client.sendall(f"HTTP/1.1 {status} X\\r\\nContent-Length: 0\\r\\n\\r\\n".encode())
        client.close()
        if b"/die" in asked:
            print("asked to die", flush=True)
            sys.exit(7)
"""
NOTE_PID = 'open(f"{os.getpid()}.pid", "w").close()\n'
STUBBORN = "signal.signal(signal.SIGTERM, signal.SIG_IGN)\n"
HAVE_A_CHILD = f"""
child = {("import os, signal; " + STUBBORN + NOTE_PID + "signal.pause()")!r}
subprocess.Popen([sys.executable, "-c", child])
while not any(name != f"{{os.getpid()}}.pid" for name in os.listdir() if name.endswith(".pid")):
    pass
"""


class Stage:
    """Runs programs under a supervisor and remembers what was told."""

    def __init__(self, directory: Path) -> None:
        self.directory = directory
        self.told: list[str] = []
        self.first_told = asyncio.Event()

    def tell(self, line: str) -> None:
        self.told.append(line)
        self.first_told.set()

    def program(self, script: str, name: str = "bot", status: str = "200") -> Program:
        """A program that runs `script`; its port is free, its health is its root."""
        with socket.create_server(("127.0.0.1", 0)) as probe:
            port = probe.getsockname()[1]
        command = (sys.executable, "-I", "-c", SERVE + script, str(port), status)
        return Program(name, command, f"http://127.0.0.1:{port}/", port, "BANSHI_BOT_PORT")

    @asynccontextmanager
    async def running(self, *programs: Program, start_seconds: float = 20) -> AsyncIterator:
        supervisor = Supervisor(
            programs,
            environment=dict(os.environ),
            host="127.0.0.1",
            cwd=self.directory,
            logs=self.directory / "logs",
            tell=self.tell,
            start_seconds=start_seconds,
            stop_seconds=0.5,
        )
        try:
            yield supervisor
        finally:
            await supervisor.stop()

    def log(self, name: str) -> str:
        return (self.directory / "logs" / f"{name}.log").read_text(encoding="utf-8")

    def handles(self) -> list[int]:
        """Handles on the processes that noted themselves and still run."""
        handles = []
        for file in self.directory.glob("*.pid"):
            with suppress(ProcessLookupError):
                handles.append(os.pidfd_open(int(file.stem)))
        return handles


@pytest.fixture
def stage(tmp_path: Path) -> Stage:
    return Stage(tmp_path)


async def ask(program: Program, path: str = "/") -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", program.port)
    writer.write(f"GET {path} HTTP/1.1\r\n\r\n".encode())
    await reader.read()
    writer.close()
    await writer.wait_closed()


def gone(handles: list[int]) -> bool:
    """Whether all processes behind these handles have ended, waiting a little for the kernel."""
    try:
        return all(select.select([handle], [], [], 5)[0] for handle in handles)
    finally:
        for handle in handles:
            os.close(handle)


async def test_healthy_programs_run_until_they_are_stopped(stage: Stage) -> None:
    bot, web = stage.program(NOTE_PID + "serve()"), stage.program(NOTE_PID + "serve()", "web")
    async with stage.running(bot, web) as supervisor:
        await supervisor.start()
        assert sorted(line.split(" (")[0] for line in stage.told) == [
            "bot is ready",
            "web is ready",
        ]
        await ask(bot)
        watch = asyncio.create_task(supervisor.watch())
        done, _ = await asyncio.wait({watch}, timeout=0.1)
        assert not done, "nothing has ended"
        watch.cancel()
        handles = stage.handles()
        assert len(handles) == 2
    assert gone(handles)
    with pytest.raises(ConnectionRefusedError):
        await ask(bot)


async def test_one_that_ends_is_named_with_its_last_words(stage: Stage) -> None:
    bot, web = stage.program("serve()"), stage.program("serve()", "web")
    async with stage.running(bot, web) as supervisor:
        await supervisor.start()
        await ask(web, "/die")
        with pytest.raises(Stopped) as stopped:
            await asyncio.wait_for(supervisor.watch(), 10)
    assert str(stopped.value) == ("web ended with exit code 7. Its last words:\n    asked to die")


async def test_one_that_ends_at_once_is_named_before_the_others_are_ready(stage: Stage) -> None:
    never = stage.program("signal.pause()")
    broken = stage.program("raise RuntimeError('no database')", "web")
    async with stage.running(never, broken) as supervisor:
        with pytest.raises(Stopped, match=r"(?s)web ended with exit code 1.*no database"):
            await asyncio.wait_for(supervisor.start(), 10)
    assert "RuntimeError: no database" in stage.log("web")
    assert any("Traceback" in line for line in stage.told), "worth showing at the terminal"


async def test_the_last_twenty_lines_are_all_told(stage: Stage) -> None:
    talker = stage.program("for n in range(500): print(f'line {n}')\nsys.exit(3)")
    async with stage.running(talker) as supervisor:
        with pytest.raises(Stopped) as stopped:
            await asyncio.wait_for(supervisor.start(), 10)
    words = str(stopped.value).split("\n")[1:]
    assert [word.strip() for word in words] == [f"line {n}" for n in range(480, 500)]
    assert stage.log("bot").count("\n") == 500


async def test_one_that_says_nothing_is_named_too(stage: Stage) -> None:
    silent = stage.program("os.kill(os.getpid(), signal.SIGKILL)")
    async with stage.running(silent) as supervisor:
        with pytest.raises(Stopped) as stopped:
            await asyncio.wait_for(supervisor.start(), 10)
    assert str(stopped.value) == "bot was killed by signal 9. Its last words:\n    (none)"


async def test_a_line_without_end_does_not_stop_the_rest(stage: Stage) -> None:
    script = "print('x' * 1_000_000)\nprint(chr(0xFF).encode('latin-1'))\n"
    script += "sys.stdout.flush()\nos.write(1, b'\\xff\\xfe broken\\nthe end\\n')\nsys.exit(4)"
    async with stage.running(stage.program(script)) as supervisor:
        with pytest.raises(Stopped, match=r"(?s)exit code 4.*the end$"):
            await asyncio.wait_for(supervisor.start(), 10)
    assert "\ufffd\ufffd broken" in stage.log("bot")


@pytest.mark.parametrize(("script", "status"), [("signal.pause()", "200"), ("serve()", "503")])
async def test_one_that_is_never_healthy_is_named(stage: Stage, script: str, status: str) -> None:
    ill = stage.program(script, status=status)
    async with stage.running(ill, start_seconds=0.5) as supervisor:
        with pytest.raises(Stopped) as stopped:
            await asyncio.wait_for(supervisor.start(), 10)
    assert str(stopped.value) == f"bot was not healthy within 0.5 s: {ill.health}"


async def test_a_taken_port_is_named_and_nothing_is_started(stage: Stage) -> None:
    first, second = stage.program(NOTE_PID + "serve()", "web"), stage.program("serve()")
    with socket.create_server(("127.0.0.1", second.port)):
        async with stage.running(first, second) as supervisor:
            with pytest.raises(Stopped) as stopped:
                await supervisor.start()
    assert str(stopped.value) == (
        f"bot can't listen on 127.0.0.1:{second.port} (Address already in use): "
        "stop what runs there or set BANSHI_BOT_PORT"
    )
    assert stage.handles() == []


@pytest.mark.parametrize(
    "script",
    [
        NOTE_PID + "serve()",
        STUBBORN + NOTE_PID + "serve()",
        NOTE_PID + HAVE_A_CHILD + "serve()",
        STUBBORN + NOTE_PID + HAVE_A_CHILD + "serve()",
    ],
    ids=["polite", "ignores SIGTERM", "stubborn child", "both stubborn"],
)
async def test_stopping_leaves_no_process_behind(stage: Stage, script: str) -> None:
    async with stage.running(stage.program(script)) as supervisor:
        await supervisor.start()
        handles = stage.handles()
        assert len(handles) == (2 if "child" in script else 1)
    assert gone(handles)


async def test_the_child_of_one_that_ended_is_stopped_with_the_rest(stage: Stage) -> None:
    async with stage.running(stage.program(NOTE_PID + HAVE_A_CHILD + "sys.exit(5)")) as supervisor:
        with pytest.raises(Stopped, match="exit code 5"):
            await asyncio.wait_for(supervisor.start(), 10)
        handles = stage.handles()
        assert len(handles) == 1, "the child has outlived its parent so far"
    assert gone(handles)


async def test_being_cancelled_while_starting_leaves_no_process_behind(stage: Stage) -> None:
    slow = stage.program(NOTE_PID + "print('WARNING: waiting', flush=True)\nsignal.pause()")
    async with stage.running(slow) as supervisor:
        start = asyncio.create_task(supervisor.start())
        await stage.first_told.wait()
        handles = stage.handles()
        start.cancel()
        with pytest.raises(asyncio.CancelledError):
            await start
    assert len(handles) == 1
    assert gone(handles)


async def test_only_what_people_should_see_is_told_and_the_log_holds_all(stage: Stage) -> None:
    lines = ["all is well", "2026 WARNING low disk", "2026 ERROR lost", '{"level": "error"}']
    script = f"for line in {lines!r}: print(line)\nsys.stdout.flush()\nserve()"
    async with stage.running(stage.program(script)) as supervisor:
        await supervisor.start()
    assert [line for line in stage.told if line.startswith("[bot]")] == [
        f"[bot] {line}" for line in lines[1:]
    ]
    assert stage.log("bot").splitlines() == lines


async def test_words_said_while_stopping_are_kept(stage: Stage) -> None:
    script = "def bye(*_):\n    print('saved everything', flush=True)\n    sys.exit(0)\n"
    script += "signal.signal(signal.SIGTERM, bye)\nserve()"
    async with stage.running(stage.program(script)) as supervisor:
        await supervisor.start()
    assert stage.log("bot") == "saved everything\n"
