"""Background tasks that somebody owns: begun here, and ended here."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from typing import Any, TypeVar

Result = TypeVar("Result")


class Tasks:
    """The tasks of one owner; for one event loop."""

    def __init__(self) -> None:
        self._running: set[asyncio.Task[Any]] = set()

    def __len__(self) -> int:
        return len(self._running)

    def begin(self, work: Coroutine[Any, Any, Result]) -> asyncio.Task[Result]:
        """Begins a task; it is kept until it ends."""
        task = asyncio.get_running_loop().create_task(work)
        self._running.add(task)
        task.add_done_callback(self._running.discard)
        return task

    async def close(self, *, grace: float) -> None:
        """Lets what is running end, also what is begun meanwhile; then cancels what hasn't.

        Args:
            grace: Seconds.
        """
        clock = asyncio.get_running_loop().time
        until = clock() + grace
        while self._running and clock() < until:
            await asyncio.wait(self._running, timeout=until - clock())
        for task in self._running:
            task.cancel()
        await asyncio.gather(*self._running, return_exceptions=True)
