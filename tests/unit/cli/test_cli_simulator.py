"""`banshi wechat simulate`: for an account of this machine alone, until it is told to stop."""

from __future__ import annotations

import asyncio
import os
import signal
import socket
import sys
from pathlib import Path

import aiohttp
import pytest
from click.testing import CliRunner

from cli.main import main
from cli.settings import ROOT
from cli.wechat import MENU
from wechat.menu import read_menu

ACCOUNT = {
    "BANSHI_WECHAT_TOKEN": "token123",
    "BANSHI_WECHAT_APP_ID": "wx0123456789abcdef",
    "BANSHI_WECHAT_APP_SECRET": "secret",
}


@pytest.fixture
def env(tmp_path: Path) -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith("BANSHI_")}
    return {**kept, "BANSHI_VAR": str(tmp_path / "var")}


async def healthy(url: str) -> None:
    async with aiohttp.ClientSession() as session:
        while True:
            try:
                async with session.get(f"{url}/health") as answer:
                    assert answer.status == 200
                    return
            except aiohttp.ClientConnectionError:
                await asyncio.sleep(0.05)


@pytest.mark.parametrize("account", [{}, ACCOUNT])
async def test_it_runs_until_it_is_told_to_stop(
    env: dict[str, str], unused_tcp_port: int, account: dict[str, str]
) -> None:
    url = f"http://127.0.0.1:{unused_tcp_port}"
    if account:
        env |= {**account, "BANSHI_WECHAT_API": url}
    command = ("-m", "cli.main", "wechat", "simulate", "--port", str(unused_tcp_port))
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, *command), cwd=ROOT, env=env, stdout=asyncio.subprocess.PIPE
    )
    try:
        await asyncio.wait_for(healthy(url), 30)
        async with (
            aiohttp.ClientSession() as session,
            session.get(f"{url}/simulator/menu") as answer,
        ):
            assert (await answer.json())["button"] == read_menu(MENU)
        process.send_signal(signal.SIGTERM)
        said, _ = await asyncio.wait_for(process.communicate(), 10)
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()
    assert process.returncode == 0
    assert f"{url}/simulator" in said.decode()


def test_a_real_account_is_refused(tmp_path: Path) -> None:
    runner = CliRunner(env={**ACCOUNT, "BANSHI_VAR": str(tmp_path), "BANSHI_WECHAT_API": ""})
    result = runner.invoke(main, ["wechat", "simulate"])
    assert result.exit_code == 1
    assert "BANSHI_WECHAT_API is not on this machine" in result.output


def test_a_taken_port_is_told(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        runner = CliRunner(env={"BANSHI_VAR": str(tmp_path)})
        result = runner.invoke(main, ["wechat", "simulate", "--port", port])
    assert result.exit_code == 1
    assert "can't listen" in result.output
