"""The whole running stack, started as a user starts it, on free ports and a clock of its own."""

from __future__ import annotations

import os
import re
import signal
import socket
import subprocess
import sys
import threading
from dataclasses import dataclass, field
from pathlib import Path

from cli.settings import ROOT, Settings
from service_catalog.catalog import Catalog
from service_catalog.store import CatalogStore
from wechat.account import Account

MONDAY = "2026-11-23T09:00:00+08:00"
"""A plain week: no holiday within reach of the booking rules."""
START_SECONDS = 600
"""Includes training a model, when none fits."""


def free_ports(count: int) -> list[int]:
    sockets = [socket.socket() for _ in range(count)]
    for one in sockets:
        one.bind(("127.0.0.1", 0))
    ports = [one.getsockname()[1] for one in sockets]
    for one in sockets:
        one.close()
    return ports


def environment(var: Path, catalog: Path, **extra: str) -> dict[str, str]:
    """The environment of a copy with its own state, content and ports."""
    bot, actions, web = free_ports(3)
    kept = {k: v for k, v in os.environ.items() if not k.startswith("BANSHI_")}
    return {
        **kept,
        "BANSHI_VAR": str(var),
        "BANSHI_CATALOG": str(catalog),
        "BANSHI_BOT_PORT": str(bot),
        "BANSHI_ACTIONS_PORT": str(actions),
        "BANSHI_WEB_PORT": str(web),
        "BANSHI_CLOCK": MONDAY,
        **extra,
    }


@dataclass
class Up:
    """One `banshi up`, with what it prints."""

    process: subprocess.Popen[str]
    lines: list[str] = field(default_factory=list)
    reader: threading.Thread = field(default_factory=threading.Thread)
    news: threading.Condition = field(default_factory=threading.Condition)

    @classmethod
    def start(cls, env: dict[str, str]) -> Up:
        command = [sys.executable, "-m", "cli.main", "up"]
        process = subprocess.Popen(  # noqa: S603 - our own command
            command,
            cwd=ROOT,
            env=env,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            start_new_session=True,
        )
        up = cls(process)
        up.reader = threading.Thread(target=up._read, daemon=True)
        up.reader.start()
        return up

    def _read(self) -> None:
        assert self.process.stdout is not None
        for line in self.process.stdout:
            with self.news:
                self.lines.append(line.rstrip())
                self.news.notify_all()
        with self.news:
            self.news.notify_all()

    @property
    def output(self) -> str:
        return "\n".join(self.lines)

    def wait_for(self, pattern: str, seconds: float) -> re.Match[str]:
        """Wait until the output has `pattern`; fails with the output when it never does."""
        found: list[re.Match[str] | None] = [None]

        def seen() -> bool:
            found[0] = re.search(pattern, self.output)
            return found[0] is not None or self.process.poll() is not None

        with self.news:
            self.news.wait_for(seen, timeout=seconds)
        match = re.search(pattern, self.output)
        assert match, f"never printed {pattern!r}:\n{self.output}"
        return match

    def pid(self, program: str) -> int:
        return int(self.wait_for(rf"{program} is ready \(.*process (\d+)\)", 1)[1])

    def stop(self) -> int:
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGINT)
        return self.ended(30)

    def ended(self, seconds: float) -> int:
        """Wait for its end and for the last of its output; returns the exit code."""
        code = self.process.wait(timeout=seconds)
        self.reader.join(timeout=seconds)
        if self.process.stdout:
            self.process.stdout.close()
        return code


@dataclass
class Stack:
    """A running copy: where it is, and what it knows."""

    up: Up
    settings: Settings
    content: Path
    store: CatalogStore

    @property
    def webhook(self) -> str:
        return f"{self.settings.url('BANSHI_BOT_PORT')}/webhooks/wechat/webhook"

    @property
    def account(self) -> Account:
        return Account.from_env(self.settings.values)

    @property
    def catalog(self) -> Catalog:
        return self.store.current()
