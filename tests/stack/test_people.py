"""People behind the chat: ratings, complaints, messages, and a member of staff who takes over."""

from __future__ import annotations

import asyncio
import re
from datetime import date

import pytest
from running_stack import running, talk, until

from desk.values import CaseKind, RatingLevel
from wechat.account import Account
from wechat.simulator import Citizen, TencentApi

pytestmark = [pytest.mark.stack]

NUMBER = re.compile(r"编号[：:]?([0-9A-Z]{8})")
LEVELS = sorted(RatingLevel, reverse=True)
HINT = "回复“评价”给这次服务打个分"


def number_in(reply: str) -> str:
    found = NUMBER.search(reply)
    assert found, reply
    return found[1]


@pytest.mark.parametrize("row", range(5))
async def test_rate_by_number(citizen, row):
    reply = await talk(citizen, "我要评价")
    assert "自愿" in reply
    for place, level in enumerate(LEVELS, 1):
        assert f"{place}. {level.label}" in reply
    reply = await talk(citizen, str(row + 1))
    if LEVELS[row].is_low:
        assert "请说说哪里不好" in reply
        reply = await talk(citizen, "跳过")
        assert number_in(reply)
    assert f"您的评价是“{LEVELS[row].label}”" in reply


@pytest.mark.parametrize(
    ("said", "level"),
    [
        ("非常满意", RatingLevel.VERY_GOOD),
        ("五星好评", RatingLevel.VERY_GOOD),
        ("满意", RatingLevel.GOOD),
        ("基本满意", RatingLevel.FAIR),
        ("一般般吧", RatingLevel.FAIR),
        ("不满意", RatingLevel.BAD),
        ("非常不满意", RatingLevel.VERY_BAD),
    ],
)
async def test_rate_in_words(citizen, said, level):
    reply = await talk(citizen, "我要评价", said)
    if level.is_low:
        assert "请说说哪里不好" in reply
        reply = await talk(citizen, "不想说")
    assert f"您的评价是“{level.label}”" in reply


async def test_a_rating_in_the_first_message(citizen):
    assert "您的评价是“非常满意”" in await talk(citizen, "非常满意，五星好评")


async def test_a_low_rating_is_followed_up(citizen, stack):
    await talk(citizen, "换驾照多少钱", "谢谢")
    reply = await talk(citizen, "给你们打个差评", "等了两个小时还没轮到")
    number = number_in(reply)
    assert "11月30日（周一）前答复" in reply
    mine = await talk(citizen, "我的反馈")
    assert f"差评 {number}" in mine
    assert "等了两个小时还没轮到" in mine
    shown = await stack.banshi("desk", "show", number)
    assert "driving-licence-renew" in shown
    assert "市民：换驾照多少钱" in shown
    assert "driving-licence-renew" in await stack.banshi("desk", "figures")


async def test_a_rating_is_offered_once_and_only_after_an_answer(citizen):
    assert HINT not in await talk(citizen, "谢谢")
    assert HINT not in await talk(citizen, "今天天气怎么样", "谢谢")
    assert HINT in await talk(citizen, "办护照多少钱", "谢谢")
    assert HINT not in await talk(citizen, "领结婚证要几天", "谢谢")


async def test_no_rating_after_all(citizen):
    assert "请回复数字1到5" in await talk(citizen, "我要评价", "那个啥")
    assert "不评也没关系" in await talk(citizen, "算了")
    assert "没有登记过" in await talk(citizen, "我的反馈")


@pytest.mark.parametrize(
    ("said", "kind"),
    [
        ("3号窗口态度太差了，我要投诉", CaseKind.COMPLAINT),
        ("表扬一下B03的小姑娘，特别耐心", CaseKind.PRAISE),
        ("建议你们大厅多放几把椅子", CaseKind.SUGGESTION),
        ("帮我给工作人员带个话，我下午晚点到", CaseKind.MESSAGE),
    ],
)
async def test_feedback_in_the_first_message(citizen, stack, said, kind):
    number = number_in(await talk(citizen, said))
    shown = await stack.banshi("desk", "show", number)
    assert kind.label in shown
    assert f"内容：{said}" in shown


ANSWER_BY = {CaseKind.MESSAGE: "11月24日（周二）前答复", CaseKind.PRAISE: "谢谢您的表扬"}


@pytest.mark.parametrize(
    ("words", "question", "kind"),
    [
        (("我要投诉", "3号窗口让我白跑了两趟"), "哪里不满意", CaseKind.COMPLAINT),
        (("我要表扬", "B03的小姑娘特别耐心"), "表扬谁", CaseKind.PRAISE),
        (("我有个建议", "周日也上半天班吧"), "您的建议", CaseKind.SUGGESTION),
        (("我想留言", "孩子的护照能不能提前办"), "写下来", CaseKind.MESSAGE),
    ],
)
async def test_feedback_when_asked(citizen, stack, words, question, kind):
    opening, content = words
    assert question in await talk(citizen, opening)
    reply = await talk(citizen, content)
    number = number_in(reply)
    assert ANSWER_BY.get(kind, "11月30日（周一）前答复") in reply
    mine = await talk(citizen, "我的反馈")
    assert f"{kind.label} {number}" in mine
    assert content in mine
    assert number in await stack.banshi("desk", "list", "--kind", kind.value, "--limit", "200")


async def test_feedback_that_is_not_left_after_all(citizen):
    await talk(citizen, "我要投诉")
    assert "哪里不满意" in await talk(citizen, "我要投诉")
    assert "没有提交" in await talk(citizen, "算了，不说了")
    assert "没有登记过" in await talk(citizen, "我的反馈")


async def test_an_answer_to_a_complaint(citizen, stack):
    number = number_in(await talk(citizen, "我要投诉3号窗口排队没人管"))
    await answer(stack, number, "已经安排人维持秩序，对不起。")
    reply = await talk(citizen, "办护照多少钱")
    assert f"工作人员回复了您的投诉（编号{number}）：已经安排人维持秩序，对不起。" in reply
    assert "工本费" in reply
    assert "维持秩序" not in await talk(citizen, "要几天")
    mine = await talk(citizen, "我的投诉处理得怎么样了")
    assert "已答复" in mine
    assert "工作人员：已经安排人维持秩序" in mine

    async def seen() -> bool:
        return "已看到" in await stack.banshi("desk", "show", number)

    await until(seen, 60)


async def answer(stack, number: str, text: str) -> None:
    """Answer as staff do, and wait until the chat has the letter."""
    log = stack.settings.var / "logs" / "bot.log"
    posted = log.read_text(encoding="utf-8").count("letters.posted")
    assert "已答复" in await stack.banshi("desk", "reply", number, text)

    async def arrived() -> bool:
        return log.read_text(encoding="utf-8").count("letters.posted") > posted

    await until(arrived)


async def test_a_person_takes_over_and_leaves_again(citizen, stack):
    assert await talk(citizen, "换驾照多少钱")
    reply = await talk(citizen, "转人工")
    number = number_in(reply)
    assert "结束人工" in reply
    for said in ("我的驾照扣了六分还能换吗", "谢谢", "预约办护照"):
        assert "已转给工作人员" in await talk(citizen, said)
    shown = await stack.banshi("desk", "show", number)
    assert "转人工" in shown
    assert "市民：换驾照多少钱" in shown
    assert "智能助手：【机动车驾驶证期满换证】" in shown
    assert "市民：我的驾照扣了六分还能换吗" in shown
    assert "市民：预约办护照" in shown
    await answer(stack, number, "扣了六分可以换。")
    reply = await talk(citizen, "还在吗")
    assert f"工作人员回复了您的留言（编号{number}）：扣了六分可以换。" in reply
    assert "回到自助问答" in await talk(citizen, "结束人工")
    assert "工本费" in await talk(citizen, "办护照多少钱")
    assert "已办结" in await stack.banshi("desk", "show", number)


async def test_staff_end_the_conversation(citizen, stack):
    number = number_in(await talk(citizen, "人工"))
    assert "已转给工作人员" in await talk(citizen, "有人吗")
    assert "已办结" in await stack.banshi("desk", "close", number)
    assert "工作人员已办结" in await talk(citizen, "那要带什么")
    assert "工本费" in await talk(citizen, "办护照多少钱")


async def test_leaving_a_person_at_a_word(citizen):
    await talk(citizen, "找个真人跟我说")
    assert "回到自助问答" in await talk(citizen, "退出")
    assert "没有预约" in await talk(citizen, "我的预约")


@pytest.fixture
async def nobody_on_duty(stack):
    """The hall is closed on the day of the tests."""
    file = stack.content / "calendar.yml"
    before = file.read_text(encoding="utf-8")
    closed = "  - day: 2026-11-23\n    hours: []\n    reason: 消防演练\n"
    await stack.edit(file, before.replace("days:\n", f"days:\n{closed}"))
    yield
    await stack.edit(file, before)


@pytest.mark.usefixtures("nobody_on_duty")
async def test_when_nobody_is_there_a_message_is_taken(citizen, stack):
    reply = await talk(citizen, "转人工")
    hall = stack.catalog.hall
    assert "没有工作人员值班" in reply
    assert f"{hall.desk.message_workdays}个工作日内答复" in reply
    assert "09:00" in reply
    reply = await talk(citizen, "孩子的出生证明丢了怎么落户")
    number = number_in(reply)
    assert "11月24日（周二）前答复" in reply
    shown = await stack.banshi("desk", "show", number)
    assert "留言" in shown
    assert "孩子的出生证明丢了怎么落户" in shown
    assert "工本费" in await talk(citizen, "办护照多少钱")


@pytest.mark.usefixtures("nobody_on_duty")
async def test_when_nobody_is_there_and_nothing_is_left(citizen):
    await talk(citizen, "我要找工作人员")
    assert "回到自助问答" in await talk(citizen, "算了")
    assert "没有登记过" in await talk(citizen, "我的反馈")


def test_the_promised_days_are_those_of_the_calendar(stack):
    calendar, hall = stack.catalog.calendar, stack.catalog.hall
    monday = date(2026, 11, 23)
    assert calendar.workdays_ahead(monday, date(2026, 11, 24)) == hall.desk.message_workdays
    assert calendar.workdays_ahead(monday, date(2026, 11, 30)) == hall.desk.case_workdays


async def test_with_customer_service_messages_an_answer_comes_at_once(tmp_path):
    settings = {
        "BANSHI_WECHAT_TOKEN": "token0123456789",
        "BANSHI_WECHAT_APP_ID": "wx0123456789abcdef",
        "BANSHI_WECHAT_APP_SECRET": "0123456789abcdef0123456789abcdef",
        "BANSHI_WECHAT_AES_KEY": "0123456789abcdefghijklmnopqrstuvwxyzABCDEFA",
        "BANSHI_WECHAT_LATE": "customer-service",
    }
    async with TencentApi(Account.from_env(settings)) as tencent:
        with running(tmp_path, **settings, BANSHI_WECHAT_API=tencent.url) as stack:
            async with Citizen(stack.webhook, stack.account) as citizen:
                number = number_in(await talk(citizen, "转人工"))
                await stack.banshi("desk", "reply", number, "请讲。")
                message = await asyncio.wait_for(tencent.next_message(), 30)
                assert message.openid == citizen.openid
                assert message.text == f"工作人员回复了您的留言（编号{number}）：请讲。"
                assert "请讲" not in await talk(citizen, "我的驾照丢了")

                async def seen() -> bool:
                    return "已看到" in await stack.banshi("desk", "show", number)

                await until(seen)
    assert len(tencent.sent) == 1
