"""Tasks with an owner: all of them end with it."""

from __future__ import annotations

import asyncio

from bot.channels.tasks import Tasks


async def test_what_is_begun_while_the_end_is_waited_for_ends_too():
    tasks, ended = Tasks(), []

    async def work(number: int) -> None:
        await asyncio.sleep(0)
        if number:
            tasks.begin(work(number - 1))
        ended.append(number)

    tasks.begin(work(3))
    await tasks.close(grace=5)
    assert ended == [3, 2, 1, 0] and len(tasks) == 0


async def test_what_does_not_end_is_cancelled():
    tasks = Tasks()
    task = tasks.begin(asyncio.Event().wait())
    await tasks.close(grace=0.01)
    assert task.cancelled() and len(tasks) == 0
