"""Letters: from a staff member's reply to a channel that is there, away, or not listened to."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from datetime import timedelta

import pytest
from desk_world import World
from letter_box import Channel

from booking.testing import KEY
from desk import letters
from desk.letters import GIVE_UP, wording
from desk.staff_values import Letter
from desk.values import CaseKind


@pytest.fixture(autouse=True)
def _short_rests(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setattr(letters, "FIRST_REST", 0.02)
    monkeypatch.setattr(letters, "LONGEST_REST", 0.1)
    yield


async def reply(world: World, text: str = "已处理") -> str:
    number = (await world.open(citizen="openid-1")).number
    await world.staff.reply(number, text, idempotency_key=world.key())
    return number


async def state(world: World, number: str) -> Letter:
    (letter,) = (await world.staff.read(number)).letters
    return letter


async def until(world: World, number: str, done: Callable[[Letter], object]) -> Letter:
    for _ in range(500):
        if done(letter := await state(world, number)):
            return letter
        await asyncio.sleep(0.02)
    raise AssertionError("the letter never came so far")


async def until_delivered(world: World, number: str) -> Letter:
    return await until(world, number, lambda letter: letter.delivered_at)


async def test_a_reply_reaches_the_chat_once(world: World, channel: Channel) -> None:
    number = await reply(world)
    (letter,) = await channel.until(1)
    assert letter["openid"] == "openid-1"
    assert letter["text"] == f"工作人员回复了您的留言（编号{number}）：已处理"
    assert channel.keys == [f"Bearer {KEY}"]
    assert (await until_delivered(world, number)).given_up_at is None
    await asyncio.sleep(0.2)
    assert len(channel.letters) == 1


async def test_a_letter_that_is_held_comes_again_under_its_id_until_it_was_shown(
    world: World, channel: Channel
) -> None:
    channel.answers = [False, False, True]
    number = await reply(world)
    came = await channel.until(3)
    assert len({letter["id"] for letter in came}) == 1
    await until_delivered(world, number)


async def test_a_channel_that_is_down_gets_its_letters_later(
    world: World, channel: Channel
) -> None:
    channel.answers = [503, 500, 404, 401, True]
    number = await reply(world)
    await channel.until(5)
    await until_delivered(world, number)


async def test_a_letter_that_is_refused_does_not_hold_up_the_next(
    world: World, channel: Channel
) -> None:
    channel.answers = [400, True, True]
    first, second = await reply(world), await reply(world, "第二封")
    for number in (first, second):
        await until_delivered(world, number)


async def test_letters_survive_a_restart(world: World, channel: Channel) -> None:
    channel.answers = [False]
    number = await reply(world)
    await channel.until(1)
    other = World(world.settings, world.desk)
    await world.room.stop()
    channel.answers = [True]
    async with other.running():
        await until_delivered(other, number)


async def test_after_a_month_it_gives_up(world: World, channel: Channel) -> None:
    channel.answers = [False]
    number = await reply(world)
    await channel.until(1)
    world.now += GIVE_UP + timedelta(seconds=1)

    await until(world, number, lambda letter: letter.given_up_at)
    count = len(channel.letters)
    await asyncio.sleep(0.3)
    assert len(channel.letters) <= count + 1  # one may have been on its way


@pytest.mark.parametrize(
    ("kind", "called"),
    [(CaseKind.HANDOVER, "留言"), (CaseKind.COMPLAINT, "投诉"), (CaseKind.LOW_RATING, "评价")],
)
def test_what_the_letter_calls_the_case(kind: CaseKind, called: str) -> None:
    assert wording(kind, "23456789", "好").startswith(f"工作人员回复了您的{called}（编号23456789）")
