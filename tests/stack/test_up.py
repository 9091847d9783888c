"""`banshi up` as its users meet it: it starts, says what is wrong, and leaves nothing behind."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys

import pytest
from running_stack import START_SECONDS, Up, environment

from cli.settings import ROOT

pytestmark = [pytest.mark.stack]


def alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


@pytest.fixture
def env(tmp_path):
    return environment(tmp_path / "var", ROOT / "service_catalog" / "content")


def test_a_second_copy_runs_beside_and_ctrl_c_leaves_nothing(env, stack):
    second = Up.start(env)
    try:
        second.wait_for("banshi is up", START_SECONDS)
        pids = [second.pid(name) for name in ("booking", "actions", "bot")]
        chat = subprocess.run(
            [sys.executable, "-m", "cli.main", "chat"],
            cwd=ROOT,
            env=env,
            input="办护照多少钱\n",
            capture_output=True,
            text=True,
            timeout=60,
            check=True,
        )
        assert "护照" in chat.stdout
        assert "元" in chat.stdout
    finally:
        assert second.stop() == 0
    assert "nothing is left running" in second.output
    assert not any(alive(pid) for pid in pids)
    assert alive(stack.up.pid("bot"))


def test_when_one_dies_the_command_says_which_and_why(env):
    up = Up.start(env)
    up.wait_for("booking is ready", START_SECONDS)
    up.wait_for("actions is ready", START_SECONDS)
    pids = [up.pid(name) for name in ("booking", "actions")]
    os.kill(up.pid("actions"), signal.SIGKILL)
    assert up.ended(30) != 0
    assert "actions was killed by signal 9" in up.output
    assert not any(alive(pid) for pid in pids)


def test_a_taken_port_is_named_with_its_setting(env, stack):
    env["BANSHI_WEB_PORT"] = stack.settings["BANSHI_WEB_PORT"]
    up = Up.start(env)
    assert up.ended(60) != 0
    assert "BANSHI_WEB_PORT" in up.output


def test_a_faulty_catalogue_is_named_before_anything_starts(env, tmp_path):
    content = tmp_path / "content"
    shutil.copytree(ROOT / "service_catalog" / "content", content)
    (content / "services" / "broken.yml").write_text("id: [", encoding="utf-8")
    up = Up.start({**env, "BANSHI_CATALOG": str(content)})
    assert up.ended(60) != 0
    assert "services/broken.yml" in up.output


def test_chat_says_when_nobody_listens(env):
    chat = subprocess.run(
        [sys.executable, "-m", "cli.main", "chat"],
        cwd=ROOT,
        env=env,
        input="你好\n",
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert chat.returncode == 1
    assert "make up" in chat.stdout + chat.stderr
