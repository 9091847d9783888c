"""The server under the fuzz run: Rasa's own web server with the channel in it, and no Rasa behind.

A process of its own, so that its memory, its files and its tasks are its alone. Everything up to
`on_new_message` is what `rasa run` serves: `rasa.core.run` makes the application, Rasa's own code
sets the logging up, the channel keeps its journal in a file. Instead of an agent an echo answers;
what it heard is counted. `/measures` tells what the process holds.
"""

from __future__ import annotations

import asyncio
import ctypes
import gc
import json
import logging
import sys
import threading
from collections import Counter
from pathlib import Path

import click
from rasa.core.channels.channel import UserMessage
from rasa.core.run import configure_app
from rasa.utils.common import configure_logging_and_warnings, update_sanic_log_level
from rasa.utils.log_utils import configure_structlog
from sanic import Sanic
from sanic.request import Request
from sanic.response import HTTPResponse
from sanic.response import json as json_response

from benchmarks.fuzz_kit import ANSWER, FAILS, GRACE, SILENT
from bot import event_loop
from bot.channels.journal import FileJournal
from bot.channels.wechat import WeChatInput
from wechat.account import Account

REMEMBERED = 100
"""Citizens and messages that the channel keeps in mind; a hundred times as many in a hall."""


class Echo:
    """Stands where Rasa's agent stands; answers each message with what it said."""

    def __init__(self) -> None:
        self.heard: Counter[str] = Counter()

    async def handle_message(self, message: UserMessage) -> None:
        """Answers, fails or says nothing, as the message demands."""
        text = str(message.text)
        self.heard[message.sender_id[:7]] += 1
        if text.startswith(FAILS):
            raise RuntimeError(f"could not understand {text} of {message.sender_id}")
        await asyncio.sleep(0)
        if not text.startswith(SILENT) and message.output_channel:
            await message.output_channel.send_text_message(message.sender_id, ANSWER + text)

    def measures(self) -> dict[str, object]:
        """What the process holds once garbage is collected; memory in KiB."""
        gc.collect()
        status = Path("/proc/self/status").read_text(encoding="utf-8").splitlines()
        rss = next(line.split()[1] for line in status if line.startswith("VmRSS"))
        return {
            "rss": int(rss),
            "malloc": malloced() // 1024,
            "blocks": sys.getallocatedblocks(),
            "files": len(list(Path("/proc/self/fd").iterdir())),
            "tasks": len(asyncio.all_tasks()),
            "threads": threading.active_count(),
            "heard": dict(self.heard),
        }


class _Malloc(ctypes.Structure):
    """`struct mallinfo2`, see mallinfo(3)."""

    _fields_ = tuple(
        (name, ctypes.c_size_t)
        for name in (
            *("arena", "ordblks", "smblks", "hblks", "hblkhd"),
            *("usmblks", "fsmblks", "uordblks", "fordblks", "keepcost"),
        )
    )


def malloced() -> int:
    """Bytes in use that came from glibc's malloc; Python's small objects have a store of their own.

    Raises:
        AttributeError: This C library is not glibc 2.33 or later.
    """
    mallinfo2 = ctypes.CDLL(None).mallinfo2
    mallinfo2.restype = _Malloc
    found = mallinfo2()
    return int(found.uordblks + found.hblkhd)


def application(account: Account, state: Path, echo: Echo) -> Sanic:
    """Rasa's application with the channel and the measures."""
    # What is remembered on purpose is full after a few messages, so that all else shows.
    channel = WeChatInput(
        account,
        journal=FileJournal(state / "channel.db"),
        letters_key="k" * 32,
        remembered=REMEMBERED,
        shutdown_grace=GRACE,
    )
    app: Sanic = configure_app([channel], enable_api=False)
    app.ctx.agent = echo

    async def measures(_: Request) -> HTTPResponse:
        return json_response(echo.measures())

    app.add_route(measures, "/measures")
    return app


@click.command()
@click.option("--port", type=int, required=True)
@click.option("--state", type=click.Path(path_type=Path), required=True)
def main(port: int, state: Path) -> None:
    """Serve until stopped; the account comes as JSON in `state`/account.json."""
    configure_structlog(logging.INFO)
    configure_logging_and_warnings(logging.INFO)
    account = Account(**json.loads((state / "account.json").read_text(encoding="utf-8")))
    app = application(account, state, Echo())
    update_sanic_log_level()
    event_loop.install()
    app.run(host="127.0.0.1", port=port, backlog=2_048, workers=1)


if __name__ == "__main__":
    main()
