"""`banshi booking`: the day, arrivals, closures, suspensions and messages, against a backend."""

from __future__ import annotations

import asyncio
import re
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from booking_world import ELDERLY, NO_SHOW, World, at, booking_of, windows
from command_line import SECRETS, Staff
from databases import Files
from letter_box import Channel

from booking import messenger
from booking.message_values import MessageState
from booking.staff_values import Message
from cli.booking_messages import STATES
from cli.tables import width

PERSON = {"party": "person", "name": "李老太"}
COMPANY = {"party": "company", "name": "清禾小吃店", "number": "91350100M000100Y43"}


@pytest.fixture
def database(tmp_path: Path) -> str:
    """SQLite alone: what the commands say doesn't depend on the database."""
    return Files(tmp_path).opened()


@pytest.fixture(autouse=True)
def _quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(messenger, "LOOK_EVERY", 0.02)


@pytest.fixture
def staff(world: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Staff:
    return Staff(world, tmp_path, monkeypatch)


@pytest.fixture
def writer(writing: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Staff:
    """Staff of a backend that sends its messages."""
    return Staff(writing, tmp_path, monkeypatch)


def groups(output: str) -> dict[str, list[str]]:
    """The ticket codes of a day's list by the heading above them."""
    found: dict[str, list[str]] = {}
    for line in output.splitlines():
        if heading := re.fullmatch("【(.*)】", line):
            found[heading[1]] = []
        elif found and (code := re.search(r"  ([2-9A-Z]{8})  ", line)):
            found[list(found)[-1]].append(code[1])
    return found


# --- the day's list and one appointment ---------------------------------------------------------


async def test_the_day_by_window(world: World, staff: Staff) -> None:
    windows(world, "A01", "A02")
    world.rule(per_day=3, per_week=9)
    called = await world.book(at(24, 9))
    waiting = await world.book(at(24, 9, 30), "citizen-2", principal=PERSON)
    town = await world.book(at(24, 9), "citizen-3", place="town-centre", principal=COMPANY)
    gone = await world.book(at(24, 11), "citizen-4")
    await world.cancel(gone.code, "citizen-4")
    held = await world.hold(at(24, 11), "citizen-5")
    world.now = at(24, 9)
    await world.staff.check_in(called.code)
    await world.staff.call(called.code, "A02")

    output = await staff.run("today")
    hall = "区政务服务中心"
    assert groups(output) == {
        f"{hall} A01/A02": [waiting.code],
        f"{hall} A02": [called.code],
        "青石镇便民服务中心 1": [town.code],
    }
    assert "2026-11-24（周二）　共3个预约" in output
    for told in (
        "09:30–10:00",
        "张**",
        "138****5678",
        "代李**",
        "单位：清****",
        "已叫号（A02 09:00）",
    ):
        assert told in output
    assert not any(secret in output for secret in SECRETS)
    everything = await staff.run("today", "--all")
    assert gone.code in everything and held.code in everything
    assert "已取消" in everything and "保留中" in everything

    assert groups(await staff.run("today", "--window", "A01")) == {
        f"{hall} A01/A02": [waiting.code]
    }
    only = groups(await staff.run("today", "--place", "town-centre"))
    assert only == {"青石镇便民服务中心 1": [town.code]}
    assert "2026-11-25（周三）　共0个预约。" in await staff.run("today", "--day", "2026-11-25")


async def test_columns_line_up_and_priority_and_home_visits_are_named(
    world: World, staff: Staff
) -> None:
    world.catalog = replace(world.catalog, priority=(ELDERLY,))
    booking_of(world, "id-card", capacity=2, reserved=1)
    old = await world.book(at(27, 9), "citizen-2", priority="elderly")
    visit = await world.visit(at(27, 9).date())
    (staff.directory / "catalog" / "priority.yml").write_text(
        "groups: [{id: elderly, name: 60周岁以上老年人}]", encoding="utf-8"
    )
    output = await staff.run("today", "--day", "2026-11-27")
    assert old.code in output and "60周岁以上老年人" in output
    assert groups(output)[f"{visit.place_name}"] == [visit.code]
    assert re.search(rf"上午 +{visit.code}", output)
    rows = [line for line in output.splitlines() if "138****5678" in line]
    starts = {width(row[: row.index("138****5678")]) for row in rows}
    assert len(rows) == 2 and len(starts) == 1
    (staff.directory / "catalog" / "priority.yml").write_text("groups: [", encoding="utf-8")
    assert "elderly" in await staff.run("today", "--day", "2026-11-27")


async def test_one_in_clear_is_noted(world: World, staff: Staff) -> None:
    booked = await world.book(at(24, 9), id_number="11010519491231002X")
    output = await staff.run("show", booked.code.lower())
    for told in (*SECRETS, "11010519491231002X", "2026-11-24（周二） 09:00–09:30", "审计"):
        assert told in output
    assert await world.rows("SELECT staff, what, about FROM booking_audit") == [
        ("李窗口", "read", booked.code)
    ]
    company = await world.book(at(24, 9), "citizen-2", principal=COMPANY)
    output = await staff.run("show", company.code)
    assert "单位：清禾小吃店" in output and "统一社会信用代码：91350100M000100Y43" in output
    visit = await world.visit(at(27, 9).date(), "citizen-3")
    assert "上门地址：清禾区龙潭镇上岭村3组12号" in await staff.run("show", visit.code)
    assert "没有找到这个预约" in await staff.run("show", "22222222", code=1)


# --- arriving, being served, not coming ---------------------------------------------------------


async def test_a_visit_from_arrival_to_its_end(world: World, staff: Staff) -> None:
    booked = await world.book(at(24, 9))
    early = await staff.run("check-in", booked.code, code=1)
    assert "11月24日的，不是今天" in early
    world.now = at(24, 9)
    assert "已预约" in await staff.run("call", booked.code, "1", code=1)
    assert f"已报到：{booked.code}" in await staff.run("check-in", booked.code)
    assert "没有这个窗口号" in await staff.run("call", booked.code, "99", code=1)
    assert "请到窗口1" in await staff.run("call", booked.code, "1")
    world.now = at(24, 9, 20)
    assert "已办结" in await staff.run("serve", booked.code)
    assert "已办理" in await staff.run("serve", booked.code, code=1)
    shown = await staff.run("show", booked.code)
    for told in ("报到：11-24 09:00", "叫号：11-24 09:00", "办结：11-24 09:20", "窗口：1"):
        assert told in shown
    deeds = await world.rows("SELECT what FROM booking_audit WHERE staff = '李窗口' ORDER BY id")
    assert [what for (what,) in deeds] == ["check in", "call", "serve", "read"]


async def test_nobody_came_or_the_hall_cancels(world: World, staff: Staff) -> None:
    missed = await world.book(at(24, 9))
    off = await world.book(at(25, 9), "citizen-2")
    world.now = at(24, 9, 10)
    assert "已记爽约" in await staff.run("no-show", missed.code)
    assert "爽约" in await staff.run("no-show", missed.code, code=1)
    bad = await staff.run("cancel", off.code, "坏", code=2)
    assert "2到100个字" in bad
    assert "系统升级" in await staff.run("cancel", off.code, "系统升级")
    assert "已取消" in await staff.run("cancel", off.code, "系统升级", code=1)


# --- shut, and whom it hits ---------------------------------------------------------------------


async def test_a_window_is_shut_and_opened_again(writing: World, writer: Staff) -> None:
    booked = await writing.book(at(24, 9))
    span = ("--from", "2026-11-24 09:00", "--until", "2026-11-24 12:00", "--reason", "设备检修")
    output = await writer.run("close", "district-hall", "--window", "1", *span)
    for told in (
        *("区政务服务中心　1", "11-24 09:00 到 11-24 12:00", "现在办不了的预约：1个"),
        *(
            booked.code,
            "设备检修",
            "未告知",
            "11-24 13:30、14:00、14:30",
            "banshi booking affected --tell",
        ),
    ):
        assert told in output
    closure = re.search(r"编号：(\w+)", output)
    assert closure is not None
    listed = await writer.run("closures")
    assert closure[1] in listed and "李窗口" in listed and "2026-11-24 12:00" in listed

    told = await writer.run("affected", "--tell")
    assert "新告知1人" in told
    assert "已告知" in await writer.run("affected")
    assert "（原时间办不了，已告知）" in await writer.run("today", "--day", "2026-11-24")
    assert "原时间办不了：设备检修" in await writer.run("show", booked.code)
    assert "已恢复：区政务服务中心　1" in await writer.run("reopen", closure[1])
    assert "没有这个停办编号" in await writer.run("reopen", closure[1], code=1)
    assert "可以按原时间来的1人" in await writer.run("affected", "--tell")
    assert "没有。" in await writer.run("closures")


async def test_times_are_the_halls_and_today_when_no_day_is_named(
    world: World, staff: Staff
) -> None:
    world.rule(first_workday=0)
    booked = await world.book(at(23, 11))
    output = await staff.run(
        *("close", "district-hall", "--from", "10：30", "--until", "12:00"),
        *("--reason", "停电", "--tell"),
    )
    assert "全部窗口　11-23 10:30 到 11-23 12:00" in output
    assert booked.code in output and "新告知1人" in output
    (closure,) = await world.staff.closures()
    assert (closure.window, closure.since, closure.until) == (None, at(23, 10, 30), at(23, 12))


@pytest.mark.parametrize(
    ("place", "since", "until", "reason", "code", "told"),
    [
        ("nowhere", "2026-11-24 09:00", "2026-11-24 12:00", "检修", 1, "没有这个地点编号"),
        ("district-hall", "2026-11-20 09:00", "2026-11-20 12:00", "检修", 1, "已经过去"),
        ("district-hall", "12:00", "11:00", "检修", 2, "要晚于"),
        ("district-hall", "25:00", "26:00", "检修", 2, "不是时间"),
        ("district-hall", "2026-11-31 09:00", "12:00", "检修", 2, "不是时间"),
        ("district-hall", "明天", "12:00", "检修", 2, "不是时间"),
        ("district-hall", "11:00", "12:00", "停\n电", 2, "不换行"),
        ("district-hall", "11:00", "2028-11-24 12:00", "检修", 2, "最多停办366天"),
    ],
)
async def test_bad_closures(
    *,
    world: World,
    staff: Staff,
    place: str,
    since: str,
    until: str,
    reason: str,
    code: int,
    told: str,
) -> None:
    span = ("--from", since, "--until", until, "--reason", reason)
    assert told in await staff.run("close", place, *span, code=code)
    assert await world.staff.closures() == ()


# --- suspensions and messages -------------------------------------------------------------------


async def test_a_suspension_is_lifted(world: World, staff: Staff) -> None:
    world.rule(no_show=NO_SHOW, per_week=5, per_month=None)
    for day in (24, 25, 26):
        world.now = at(day, 8) - timedelta(days=1)
        booked = await world.book(at(day, 9))
        world.now = at(day, 10)
        await staff.run("no-show", booked.code)
    (one,) = await world.staff.suspensions()
    listed = await staff.run("suspensions")
    for told in (one.id, booked.code, "张**", "3", "2026-12-06 10:00"):
        assert told in listed
    assert f"张**（{booked.code}）" in await staff.run("lift", one.id)
    assert "没有这个暂停编号" in await staff.run("lift", one.id, code=1)
    assert "没有。" in await staff.run("suspensions")


async def the_dead_one(world: World) -> Message:
    for _ in range(1000):
        for found in await world.staff.messages():
            return found
        await asyncio.sleep(0.02)
    raise AssertionError("no message is dead")


async def test_a_dead_message_is_sent_again(
    writing: World, writer: Staff, channel: Channel
) -> None:
    channel.answers = [400]
    booked = await writing.book(at(24, 10), announce=True)
    for _ in range(messenger.MOST_REFUSALS):
        await channel.until(len(channel.letters) + 1)
        writing.now += timedelta(minutes=20)
    dead = await the_dead_one(writing)
    listed = await writer.run("messages")
    for told in (dead.id, booked.code, "预约成功", "没送到", "对话服务答400"):
        assert told in listed
    assert "前一天提醒" in await writer.run("messages", "--state", "waiting")
    assert "没有。" in await writer.run("messages", "--state", "dropped")
    channel.answers = [True]
    assert "再试着送" in await writer.run("resend", dead.id)
    await channel.until(messenger.MOST_REFUSALS + 1)
    assert "没有这个消息编号" in await writer.run("resend", dead.id, code=1)
    await writer.run("messages", "--state", "lost", code=2)


def test_every_state_of_a_message_can_be_asked_for() -> None:
    assert set(STATES) == {state.value for state in MessageState}
