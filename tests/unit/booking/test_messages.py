"""What the office writes to citizens: brought once, or seen to be dead."""

from __future__ import annotations

import asyncio
from datetime import datetime, timedelta, timezone
from typing import Any

import pytest
from booking_world import MONDAY, NO_SHOW, World, at, nov, refusal
from letter_box import Channel

from booking import messenger
from booking.errors import RefusalCode
from booking.message_values import MessageKind, MessageState
from booking.reminders import after_quiet
from service_catalog.model import ReminderRules

EVENING = at(23, 18)


@pytest.fixture(autouse=True)
def _quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(messenger, "LOOK_EVERY", 0.02)


async def states(world: World) -> list[tuple[Any, ...]]:
    query = "SELECT kind, state, why FROM messages ORDER BY due_at, kind"
    return await world.rows(query)


async def until(world: World, wanted: list[tuple[Any, ...]]) -> None:
    """Wait until the outbox is so."""
    await eventually(world, "SELECT kind, state, why FROM messages ORDER BY due_at, kind", wanted)


async def eventually(world: World, query: str, wanted: object) -> None:
    """Wait until the database answers the query so."""
    for _ in range(1000):
        found = await world.rows(query)
        if found == wanted:
            return
        await asyncio.sleep(0.02)
    raise AssertionError(f"{found} is not {wanted}")


async def test_an_appointment_is_reminded_of_on_the_evening_before_and_shortly_before(
    writing: World, channel: Channel
) -> None:
    booked = await writing.book(at(24, 10))
    writing.now = EVENING - timedelta(seconds=1)
    assert await states(writing) == [("tomorrow", "waiting", None), ("soon", "waiting", None)]
    writing.now = EVENING
    (evening,) = await channel.until(1)
    assert evening["openid"] == "citizen-1"
    assert evening["text"].startswith("提醒：明天10:00您约了“居民身份证换领”。")
    for fact in ("区政务服务中心（办事路1号）", "身份证", booked.code, "取消预约"):
        assert fact in evening["text"]
    assert datetime.fromisoformat(evening["until"]) == at(24, 0)
    writing.now = at(24, 8)
    _, morning = await channel.until(2)
    assert morning["text"].startswith("提醒：今天10:00您约了")
    await until(writing, [("tomorrow", "sent", None), ("soon", "sent", None)])
    assert len(channel.letters) == 2


async def test_whoever_books_for_tomorrow_late_gets_what_is_left(writing: World) -> None:
    writing.now = at(23, 20)
    await writing.book(at(24, 9))
    assert [kind for kind, *_ in await states(writing)] == ["soon"]


async def test_a_moved_appointment_is_reminded_of_at_its_new_time_alone(
    writing: World, channel: Channel
) -> None:
    booked = await writing.book(at(24, 10))
    await writing.move(booked, at(26, 9))
    await writing.move(booked, at(24, 10, 30))
    await writing.move(booked, at(26, 9))
    writing.now = at(25, 18)
    (evening,) = await channel.until(1)
    assert "明天09:00" in evening["text"]
    await eventually(
        writing,
        "SELECT kind, state, count(*) FROM messages GROUP BY kind, state ORDER BY kind, state",
        [
            ("soon", "dropped", 2),
            ("soon", "waiting", 1),
            ("tomorrow", "dropped", 2),
            ("tomorrow", "sent", 1),
        ],
    )


async def test_a_cancelled_appointment_is_reminded_of_no_more(
    writing: World, channel: Channel
) -> None:
    booked = await writing.book(at(24, 10))
    await writing.cancel(booked.code)
    writing.now = at(24, 9)
    await until(writing, [("tomorrow", "dropped", None), ("soon", "dropped", None)])
    assert channel.letters == []


async def test_news_is_told_when_it_is_asked_for(writing: World, channel: Channel) -> None:
    booked = await writing.book(at(24, 10), announce=True)
    (told,) = await channel.until(1)
    assert told["text"].startswith("预约成功：“居民身份证换领”，11月24日（周二）10:00。")
    await writing.staff.cancel(booked.code, "系统升级")
    _, sorry = await channel.until(2)
    assert "被大厅取消了：系统升级" in sorry["text"] and "0571-88880001" in sorry["text"]


async def test_at_night_nobody_is_woken(writing: World, channel: Channel) -> None:
    writing.now = at(23, 22)
    await writing.book(at(24, 10), announce=True)
    await put_off(writing, "booked", at(24, 8))
    assert channel.letters == []
    writing.now = at(24, 8)
    told = await channel.until(2)
    assert [letter["text"][:4] for letter in told] == ["预约成功", "提醒：今"]


async def put_off(world: World, kind: str, moment: datetime) -> None:
    """Wait until a message of this kind rests until then."""
    instant = str(moment.astimezone(timezone.utc).replace(tzinfo=None))
    start = f"substr(CAST(next_at AS TEXT), 1, {len(instant)})"
    query = f"SELECT {start} FROM messages WHERE kind = '{kind}'"  # noqa: S608
    await eventually(world, query, [(instant,)])


async def test_what_the_citizen_has_not_seen_is_pushed_again_until_there_is_no_point(
    writing: World, channel: Channel
) -> None:
    channel.answers = [False]
    await writing.book(at(24, 10))
    writing.now = EVENING
    await channel.until(1)
    await put_off(writing, "tomorrow", EVENING + timedelta(seconds=30))
    writing.now = EVENING + timedelta(seconds=30)
    await channel.until(2)
    await put_off(writing, "tomorrow", EVENING + timedelta(seconds=90))
    assert len({letter["id"] for letter in channel.letters}) == 1
    writing.now = at(24, 0)
    await until(writing, [("tomorrow", "dead", "not seen in time"), ("soon", "waiting", None)])
    (dead,) = await writing.staff.messages()
    assert (dead.kind, dead.state, dead.tries) == (MessageKind.TOMORROW, MessageState.DEAD, 2)


async def test_a_channel_that_is_down_costs_no_try(writing: World, channel: Channel) -> None:
    channel.answers = [503, 503, True]
    await writing.book(at(24, 10))
    writing.now = EVENING
    await channel.until(1)
    await put_off(writing, "tomorrow", EVENING + timedelta(seconds=20))
    writing.now += timedelta(seconds=20)
    await channel.until(2)
    await put_off(writing, "tomorrow", EVENING + timedelta(seconds=40))
    writing.now += timedelta(seconds=20)
    await channel.until(3)
    await until(writing, [("tomorrow", "sent", None), ("soon", "waiting", None)])


async def test_what_the_bot_will_never_take_is_dead_soon_and_can_be_sent_again(
    writing: World, channel: Channel
) -> None:
    channel.answers = [400]
    await writing.book(at(24, 10), announce=True)
    for _ in range(messenger.MOST_REFUSALS):
        count = len(channel.letters)
        await channel.until(count + 1)
        writing.now += timedelta(minutes=20)
    await until(
        writing,
        [
            ("booked", "dead", "the bot answered 400"),
            ("tomorrow", "waiting", None),
            ("soon", "waiting", None),
        ],
    )
    (dead,) = await writing.staff.messages()
    channel.answers = [True]
    await writing.staff.send_again(dead.id)
    await channel.until(messenger.MOST_REFUSALS + 1)
    again = await refusal(writing.staff.send_again(dead.id))
    assert again.code is RefusalCode.UNKNOWN_MESSAGE


async def test_two_backends_on_one_database_push_each_message_once(
    writing: World, channel: Channel
) -> None:
    other = World(writing.settings, writing.catalog)
    async with other.running():
        for number in range(8):
            await writing.book(at(24, 9 + number % 3), f"citizen-{number}", announce=True)
        await channel.until(8)
        await eventually(writing, "SELECT count(*) FROM messages WHERE state = 'sent'", [(8,)])
    assert len({letter["id"] for letter in channel.letters}) == len(channel.letters) == 8


async def test_a_restart_loses_none_and_repeats_none(writing: World, channel: Channel) -> None:
    channel.answers = [False]
    await writing.book(at(24, 10), announce=True)
    await channel.until(1)
    await put_off(writing, "booked", MONDAY + timedelta(seconds=30))
    channel.answers = [True]
    later = World(writing.settings, writing.catalog, now=MONDAY + timedelta(seconds=31))
    async with later.running():
        first, second = await channel.until(2)
        assert first["id"] == second["id"]  # by which the bot shows it once
        writing.now = later.now
        sent = [("booked", "sent", None)]
        await until(writing, [*sent, ("tomorrow", "waiting", None), ("soon", "waiting", None)])
    assert len(channel.letters) == 2


async def test_whoever_was_served_is_asked_how_it_was(writing: World, channel: Channel) -> None:
    booked = await writing.book(at(24, 10))
    writing.now = at(24, 10)
    await writing.staff.serve(booked.code)
    writing.now = at(24, 10, 29)
    await asyncio.sleep(0.1)
    assert channel.letters == []
    writing.now = at(24, 10, 30)
    (asked,) = await channel.until(1)
    assert "办得怎么样" in asked["text"] and "评价" in asked["text"]


async def test_no_shows_are_told_with_the_rule(writing: World, channel: Channel) -> None:
    writing.rule(no_show=NO_SHOW.copy(update={"warn_after": 1, "suspend_after": 2}), per_week=5)
    for day in (24, 25):
        writing.now = at(day, 7) - timedelta(days=1)
        booked = await writing.book(at(day, 9))
        writing.now = at(day, 9, 10)
        await writing.staff.no_show(booked.code)
    texts = [letter["text"] for letter in await channel.until(2)]
    assert "30天内已经1次，满2次会暂停网上预约10天" in texts[-2]
    assert "30天内已经2次，网上预约暂停10天" in texts[-1]
    (suspended,) = await writing.staff.suspensions()
    await writing.staff.lift(suspended.id)
    *_, lifted = await channel.until(len(texts) + 1)
    assert "恢复" in lifted["text"]


async def test_a_citizen_who_was_erased_gets_nothing(writing: World, channel: Channel) -> None:
    await writing.book(at(24, 10))
    await writing.client.erase("citizen-1", cancel_open=True)
    assert await states(writing) == []
    writing.now = at(24, 9)
    await asyncio.sleep(0.1)
    assert channel.letters == []


async def test_a_home_visit_is_reminded_of_too(writing: World, channel: Channel) -> None:
    await writing.visit(nov(27))
    writing.now = at(26, 18)
    (evening,) = await channel.until(1)
    assert "明天上午" in evening["text"] and "上门" in evening["text"]


@pytest.mark.parametrize(
    ("moment", "since", "until_", "then"),
    [
        (at(23, 21, 29), "21:30", "08:00", at(23, 21, 29)),
        (at(23, 21, 30), "21:30", "08:00", at(24, 8)),
        (at(24, 7, 59), "21:30", "08:00", at(24, 8)),
        (at(24, 8), "21:30", "08:00", at(24, 8)),
        (at(24, 13), "12:00", "14:00", at(24, 14)),
        (at(24, 11), "12:00", "14:00", at(24, 11)),
        (at(24, 3), "08:00", "08:00", at(24, 3)),
        (at(23, 22).astimezone(timezone.utc), "21:30", "08:00", at(24, 8)),
    ],
)
def test_quiet_hours(moment: datetime, since: str, until_: str, then: datetime) -> None:
    rules = ReminderRules.parse_obj({"quiet_from": since, "quiet_until": until_})
    assert after_quiet(moment, rules) == then
