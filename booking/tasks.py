"""Tasks that run behind the backend for as long as it does: owned, awaited and cancelled here.

A fault of the database or of the network is logged and the task begins anew. The office and the
desk both run theirs with this.
"""

from __future__ import annotations

import asyncio
import traceback
from collections.abc import Awaitable, Callable

import structlog
from sqlalchemy.exc import SQLAlchemyError

log = structlog.get_logger()

_AGAIN = 5.0
"""Seconds before a task that met a fault goes on."""


class Tasks:
    """The background tasks of one room, whose name their log events bear."""

    def __init__(self, room: str) -> None:
        self._room = room
        self._running: list[asyncio.Task[None]] = []

    def start(self, name: str, work: Callable[[], Awaitable[None]]) -> None:
        """Run `work` again and again."""
        self.once(self._go_on(name, work))

    def every(self, seconds: float, name: str, work: Callable[[], Awaitable[object]]) -> None:
        """Run `work` now and so many seconds after each time that it ended."""

        async def repeat() -> None:
            while True:
                await work()
                await asyncio.sleep(seconds)

        self.start(name, repeat)

    def once(self, work: Awaitable[None]) -> None:
        """Run what ends by itself."""
        task = asyncio.ensure_future(work)
        task.add_done_callback(self._tell_fault)
        self._running.append(task)

    async def stop(self) -> None:
        """End the tasks and wait for them."""
        for task in self._running:
            task.cancel()
        if self._running:
            await asyncio.wait(self._running)
        self._running = []

    async def _go_on(self, name: str, work: Callable[[], Awaitable[None]]) -> None:
        while True:
            try:
                await work()
            except (SQLAlchemyError, OSError) as error:
                log.error(f"{self._room}.task_failed", task=name, error=type(error).__name__)
            await asyncio.sleep(_AGAIN)

    def _tell_fault(self, task: asyncio.Future[None]) -> None:
        """Log what ended a task that should not have; not its words, they may be personal."""
        if not task.cancelled() and (error := task.exception()) is not None:
            where = traceback.format_tb(error.__traceback__)
            log.error(f"{self._room}.task_died", error=type(error).__name__, where=where)
