"""`banshi qa run` on a copy of its own: another time, another catalogue, Rasa's REST channel."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import time

import pytest

from cli.settings import ROOT

pytestmark = [pytest.mark.stack]

CASES = """\
banshi_at: "2026-10-01 09:00"
test_cases:
  - test_case: 时间和目录都改了
    banshi_catalog: {hall.yml: {phones: {enquiry: "0600-8800199"}}}
    steps:
      - user: 你们电话多少
        assertions:
          - bot_uttered: {text_matches: "0600-8800199"}
      - user: 预约明天上午九点换驾照
        assertions:
          - bot_uttered: {text_matches: "国庆节"}
          - action_executed: booking_form
  - test_case: REST通道没有的
    banshi_catalog: {hall.yml: {phones: {enquiry: "0600-8800199"}}}
    steps:
      - banshi_send: {image: true}
  - test_case: 目录改坏了
    banshi_catalog: {hall.yml: {phones: {enquiry: null}}}
    steps:
      - user: 你好
"""


def command(*words):
    return [sys.executable, "-m", "cli.main", "qa", "run", *map(str, words)]


@pytest.fixture
def file(tmp_path):
    path = tmp_path / "own.yml"
    path.write_text(CASES, encoding="utf-8")
    return path


def test_a_copy_of_its_own(file, tmp_path):
    env = {**os.environ, "TMPDIR": str(tmp_path)}
    ran = subprocess.run(  # noqa: S603 - our own command
        command(file, "--through", "rest"),
        cwd=ROOT,
        env=env,
        capture_output=True,
        text=True,
        timeout=600,
        check=False,
    )
    assert ran.returncode == 1, ran.stdout + ran.stderr
    assert "3个用例：1个通过，1个没跑成，1个不适用" in ran.stdout, ran.stdout
    assert re.search(r"hall\.yml:\d+ 【电话·咨询电话】", ran.stdout)
    assert "REST通道发不了这种消息：〔图片〕" not in ran.stdout  # what doesn't apply is no story
    assert list(tmp_path.glob("banshi-qa-*")) == []


def test_it_leaves_nothing_running_when_it_is_told_to_end(file, tmp_path):
    """Nor any state of the copy."""
    env = {**os.environ, "TMPDIR": str(tmp_path), "PYTHONUNBUFFERED": "1"}
    process = subprocess.Popen(  # noqa: S603 - our own command
        command(file),
        cwd=ROOT,
        env=env,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    assert process.stdout is not None
    for line in process.stdout:
        if "启动测试环境" in line:
            break
    deadline = time.monotonic() + 30
    while not children(process.pid) and time.monotonic() < deadline:
        time.sleep(0.05)
    started = children(process.pid)
    assert started
    process.send_signal(signal.SIGTERM)
    output, _ = process.communicate(timeout=60)
    assert process.returncode == 1
    assert "测试环境都已关闭" in output
    assert not [pid for pid in started if alive(pid)]
    assert list(tmp_path.glob("banshi-qa-*")) == []


def children(pid):
    command = ["ps", "-o", "pid=", "--ppid", str(pid)]
    listed = subprocess.run(command, capture_output=True, text=True, check=False)  # noqa: S603
    return [int(one) for one in listed.stdout.split()]


def alive(pid):
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True
