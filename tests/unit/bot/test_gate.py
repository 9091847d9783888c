"""The gate before Rasa: how many go through at once, and how long the next would wait."""

from __future__ import annotations

import asyncio

import pytest
from hand_clock import Clock

from bot.channels.gate import FIRST_GUESS, Gate


async def work(gate: Gate, ends: asyncio.Event, order: list[int], number: int) -> None:
    async with gate.through():
        order.append(number)
        await ends.wait()


async def settle() -> None:
    for _ in range(5):
        await asyncio.sleep(0)


@pytest.fixture
async def busy():
    """A gate for two with five at it, and the events that end each one's work."""
    clock = Clock()
    gate, order = Gate(2, clock=clock), []
    ends = [asyncio.Event() for _ in range(5)]
    tasks = [asyncio.create_task(work(gate, ends[n], order, n)) for n in range(5)]
    await settle()
    yield gate, clock, ends, order
    for end in ends:
        end.set()
    await asyncio.gather(*tasks)


async def test_so_many_go_through_at_once_the_others_in_order(busy):
    _, _, ends, order = busy
    assert order == [0, 1]
    ends[1].set()
    await settle()
    assert order == [0, 1, 2]


async def test_with_room_nobody_waits():
    gate = Gate(2)
    assert gate.wait_behind(0) == gate.wait_behind(1) == 0


async def test_the_wait_is_the_queue_times_the_pace(busy):
    gate = busy[0]
    assert gate.wait_behind(5) == pytest.approx(6 * FIRST_GUESS)


async def test_the_pace_follows_how_fast_they_go_through(busy):
    gate, clock, ends, _ = busy
    for end in ends[:3]:
        clock.now += 1.0
        end.set()
        await settle()
    assert gate.pace == pytest.approx(1.0 - (1.0 - FIRST_GUESS) * 0.9**3)


async def test_how_long_one_takes_while_there_is_room_is_no_pace():
    clock = Clock()
    gate = Gate(2, clock=clock)
    async with gate.through():
        clock.now += 60
    assert gate.pace == FIRST_GUESS


async def test_the_time_in_which_nobody_waited_is_no_pace(busy):
    gate, clock, ends, _ = busy
    for end in ends:
        end.set()
    await settle()
    pace = gate.pace
    clock.now += 600
    async with gate.through(), gate.through():
        clock.now += 1
    assert gate.pace == pace


async def test_a_pace_of_a_bad_moment_does_not_stay_for_ever(busy):
    """Else it would turn away all but a few, who are never enough to measure it anew."""
    gate, clock, ends, _ = busy
    for end in ends:
        clock.now += 30
        end.set()
        await settle()
    assert gate.wait_behind(2) > 5
    for _ in range(100):
        async with gate.through():
            clock.now += 0.02
    assert gate.wait_behind(2) < 0.1


async def test_an_error_and_a_cancelled_wait_give_the_turn_back(busy):
    gate, _, ends, _ = busy
    waiting = asyncio.create_task(work(gate, asyncio.Event(), [], 9))
    await settle()
    waiting.cancel()
    for end in ends:
        end.set()
    await settle()
    for _ in range(3):
        with pytest.raises(RuntimeError):
            async with gate.through():
                raise RuntimeError
    entered = [gate.through() for _ in range(2)]
    for one in entered:
        await asyncio.wait_for(one.__aenter__(), 1)
    for one in entered:
        await one.__aexit__(None, None, None)
