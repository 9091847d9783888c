"""What the assistant keeps of people: nothing in clear, and nothing at all when they ask for it."""

from __future__ import annotations

import json
import re
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from running_stack import talk

pytestmark = [pytest.mark.stack]

CODE = re.compile(r"预约号：(\w+)")
NUMBER = re.compile(r"编号：(\w+)")
ID_NUMBER = "510104199003078888"


def rows(database: Path, query: str, *values: str) -> list[tuple[object, ...]]:
    """What stands in a database of the running copy."""
    with closing(sqlite3.connect(f"file:{database}?mode=ro", uri=True)) as connection:
        return connection.execute(query, values).fetchall()


def events_of(stack, openid: str) -> int:
    """How many events Rasa keeps of a citizen."""
    database = stack.settings.var / "conversations.db"
    ((count,),) = rows(database, "SELECT count(*) FROM events WHERE sender_id = ?", openid)
    return int(count)


async def test_everything_about_a_citizen_goes(citizen, stack):
    booked = await talk(citizen, "预约办护照 12月3日上午十一点", "钟无艳 13700137001", "确认")
    code = CODE.search(booked)[1]
    assert "车牌登记好了" in await talk(citizen, "登记车牌川B20001 明天")
    await talk(citizen, "我要评价", "满意")
    message = NUMBER.search(await talk(citizen, "我想留言", "我的护照照片要重拍吗"))[1]
    complaint = NUMBER.search(await talk(citizen, "我要投诉3号窗口排队没人管"))[1]
    reply = await talk(citizen, "删除我的信息")
    assert "还没到期的1个预约会一并取消" in reply
    for kept in stack.catalog.hall.desk.kept_by_law:
        assert kept in reply
    assert "请回复“确认”删除" in await talk(citizen, "什么意思")
    assert events_of(stack, citizen.openid) > 0
    reply = await talk(citizen, "确认")
    for done in ("取消预约1个", "车牌1个", "我们的对话", f"投诉{complaint}"):
        assert done in reply
    for kept in stack.catalog.hall.desk.kept_by_law:
        assert kept in reply
    assert events_of(stack, citizen.openid) == 0
    database = stack.settings.var / "booking.db"
    query = "SELECT name_sealed, phone_sealed, status FROM appointments WHERE code = ?"
    assert rows(database, query, code) == [("", "", "cancelled")]
    assert not rows(database, "SELECT 1 FROM desk_cases WHERE number = ?", message)
    assert rows(database, "SELECT 1 FROM desk_cases WHERE number = ?", complaint)
    assert "没有预约" in await talk(citizen, "我的预约")
    mine = await talk(citizen, "我的反馈")
    assert message not in mine


async def test_a_home_visit_goes_too(citizen, stack):
    await talk(citizen, "我妈今年72岁，出不了门，想请你们上门给她换身份证", "12月1日上午")
    await talk(citizen, "龙潭镇上岭村5组9号", "钟桂兰")
    code = CODE.search(await talk(citizen, "13700137002", "确认"))[1]
    assert "取消预约1个" in await talk(citizen, "把我的个人信息都删了", "确认")
    query = "SELECT name_sealed, phone_sealed, address_sealed FROM appointments WHERE code = ?"
    assert rows(stack.settings.var / "booking.db", query, code) == [("", "", None)]


@pytest.mark.parametrize("said", ["取消", "2", "不删了"])
async def test_nothing_goes_without_a_yes(citizen, stack, said):
    await talk(citizen, "办护照多少钱")
    assert "确定删除吗" in await talk(citizen, "删除我的信息")
    assert "没有删除" in await talk(citizen, said)
    assert events_of(stack, citizen.openid) > 0


async def test_who_left_nothing_is_told_the_same(citizen, stack):
    reply = await talk(citizen, "删除我的信息", "确认")
    assert "已删除：我们的对话" in reply
    assert events_of(stack, citizen.openid) == 0


@pytest.mark.parametrize(
    ("asked", "kept"),
    [
        (
            f"我是王建国，{ID_NUMBER}，13812345678，恐龙饲养许可怎么办",
            "我是〔姓名〕，〔身份证号〕，〔手机号〕，恐龙饲养许可怎么办",
        ),
        (
            "我叫刘建军，电话13812345678，时光机年检怎么弄",
            "我叫〔姓名〕，电话〔手机号〕，时光机年检怎么弄",
        ),
    ],
)
async def test_questions_without_an_answer_are_kept_masked(citizen, stack, asked, kept):
    assert "没有找到" in await talk(citizen, asked)
    printed = await stack.banshi("questions", "--json")
    groups = [json.loads(line) for line in printed.splitlines()]
    assert kept in [group["text"] for group in groups]
    for personal in ("王建国", "刘建军", ID_NUMBER, "13812345678"):
        assert personal not in printed


async def test_a_question_that_was_seen_to_is_gone(citizen, stack):
    await talk(citizen, "潜水艇登记在哪里办")
    groups = map(json.loads, (await stack.banshi("questions", "--json")).splitlines())
    (number,) = [group["id"] for group in groups if "潜水艇" in group["text"]]
    assert "已标记" in await stack.banshi("questions", "--done", str(number))
    assert "潜水艇" not in await stack.banshi("questions")


async def test_nothing_personal_stands_in_clear_anywhere(citizen, stack):
    name, phone, plate = "司徒静宜", "13312345678", "川C3M7K9"
    street, id_number = "梧桐里89号", "510105198807061234"
    booked = await talk(citizen, "预约办护照 12月4日下午三点", name, phone, "确认")
    assert CODE.search(booked)
    assert "车牌登记好了" in await talk(citizen, f"登记车牌{plate} 明天")
    await talk(citizen, "我妈今年72岁，出不了门，想请你们上门给她换身份证", "12月2日上午")
    assert CODE.search(await talk(citizen, f"城东街道{street}", name, phone, "确认"))
    complaint = await talk(citizen, "我要投诉", f"我叫{name}，身份证{id_number}，窗口不给办")
    assert NUMBER.search(complaint)
    await talk(citizen, f"我是{name}，{id_number}，恐龙蛋孵化许可怎么办，电话{phone}")
    await talk(citizen, "查办件进度", f"{name}{id_number}", "算了")
    told = f"我的电话是{phone}，住{street}，车牌{plate}"
    assert "已转给工作人员" in await talk(citizen, "转人工", told)
    await talk(citizen, "结束人工")
    files = [file for file in stack.settings.var.rglob("*") if file.is_file()]
    names = {file.name for file in files}
    assert {"booking.db", "conversations.db", "bot.log", "actions.log", "booking.log"} <= names
    for file in files:
        content = file.read_bytes()
        for personal in (name, phone, plate, street, id_number):
            for form in (personal.encode(), personal.encode("unicode_escape"), escaped(personal)):
                assert form not in content, (file, personal)


def escaped(text: str) -> bytes:
    """The text as JSON in ASCII writes it."""
    return json.dumps(text)[1:-1].encode()
