"""Citizens book, list and cancel in the chat, against the real backend."""

from __future__ import annotations

import os
import re
import signal
from datetime import date

import pytest
from running_stack import at, fill, talk

pytestmark = [pytest.mark.stack]

CODE = re.compile(r"预约号：(\w+)")
ASKED_NAME = "请告诉我办事人的姓名"
ASKED_PHONE = "请留一个手机号"
FIRST_THIS = "先把手头这件办完"


async def test_book_list_and_cancel(citizen, stack):
    offer = await talk(citizen, "我要预约办护照", "下周三上午")
    assert "1. 12月2日（周三）09:00" in offer
    assert "姓名" in await talk(citizen, "1")
    assert "手机号" in await talk(citizen, "张晓明")
    summary = await talk(citizen, "13800138000")
    service = stack.catalog.service("passport-first")
    for fact in (service.name, "12月2日（周三）09:00", "张晓明", "13800138000"):
        assert fact in summary
    ticket = await talk(citizen, "确认")
    code = CODE.search(ticket)[1]
    assert stack.catalog.hall.booking.bring in ticket
    assert code in await talk(citizen, "我的预约")
    assert "确定取消" in await talk(citizen, "取消预约")
    assert code in await talk(citizen, "确认取消")
    assert "没有预约" in await talk(citizen, "我的预约")


async def test_everything_in_one_sentence(citizen):
    reply = await talk(citizen, "帮我预约后天下午三点换驾照")
    assert "11月25日（周三）15:00" in reply
    ticket = await talk(citizen, "王小红 13900139000", "好的")
    assert CODE.search(ticket)


@pytest.mark.parametrize("so_far", [0, 1, 2, 3, 4])
async def test_cancel_leaves_at_any_point(citizen, so_far):
    steps = ["预约居住证", "湖滨", "明天上午十点", "李雷", "13700137000"][: so_far + 1]
    await talk(citizen, *steps)
    assert "没有提交" in await talk(citizen, "取消")
    assert "没有预约" in await talk(citizen, "我的预约")
    assert "工本费" in await talk(citizen, "办护照多少钱")


@pytest.mark.parametrize(
    ("when", "why"),
    [
        ("这周日上午", "周日不办公"),
        ("今天下午", "提前1个工作日"),
        ("2027年3月1日", "最晚可以约到"),
        ("昨天上午", "过去"),
    ],
)
async def test_refused_days_are_explained_and_others_offered(citizen, when, why):
    reply = await talk(citizen, "预约办护照", when)
    assert why in reply
    assert re.search(r"1\. \d+月\d+日", reply)
    assert "姓名" in await talk(citizen, "1")


async def test_full_slot_offers_the_nearest_free_ones(citizen, stack):
    await fill(stack, "food-licence", at(11, 26, 9))
    reply = await talk(citizen, "预约食品经营许可", "周四上午九点")
    assert "没有空号" in reply
    assert "09:00-" not in reply
    assert re.search(r"1\. 11月26日（周四）09:30", reply)
    assert "姓名" in await talk(citizen, "1")


async def test_the_chosen_place_is_held_while_one_hesitates(citizen, stack):
    assert "保留10分钟" in await talk(citizen, "预约注册公司", "周四上午十一点")
    await fill(stack, "company-registration", at(11, 26, 11), but=1)
    reply = await talk(citizen, "孙七", "13500135000", "确认")
    assert CODE.search(reply)


async def test_whoever_leaves_lets_the_place_go(citizen, stack):
    await talk(citizen, "预约注册公司", "周五上午十一点", "退出")
    await fill(stack, "company-registration", at(11, 27, 11))


async def test_a_slot_that_fills_while_one_hesitates_for_another_person(citizen, stack):
    reply = await talk(citizen, "帮我妈预约注册公司", "周四下午两点")
    assert "姓名" in reply and "保留" not in reply
    await talk(citizen, "孙七", "13500135000")
    await fill(stack, "company-registration", at(11, 26, 14))
    reply = await talk(citizen, "确认")
    assert "约满" in reply
    assert "13500135000" in await talk(citizen, "1")
    assert CODE.search(await talk(citizen, "确认"))


async def test_a_question_in_the_middle_and_the_way_back(citizen, stack):
    await talk(citizen, "预约结婚登记", "后天上午十点")
    reply = await talk(citizen, "要带什么材料")
    assert stack.catalog.service("marriage-registration").materials[0].name in reply
    assert "姓名" in reply
    assert "手机号" in await talk(citizen, "韩梅梅")


async def test_wrong_name_and_number_are_asked_again(citizen):
    await talk(citizen, "预约结婚登记", "后天上午九点")
    assert "没认出姓名" in await talk(citizen, "12345")
    await talk(citizen, "周天明")
    assert "手机号不对" in await talk(citizen, "1380013800")
    assert "周天明" in await talk(citizen, "138-0013-8000")


async def test_a_service_that_takes_no_appointments(citizen, stack):
    service = next(s for s in stack.catalog.services.values() if s.booking is None)
    reply = await talk(citizen, f"预约{service.name}")
    assert "不设预约" in reply
    assert service.phones.enquiry in reply


async def test_one_open_appointment_a_service(citizen):
    book = ["预约办护照", "后天上午九点", "张伟", "13800138001", "确认"]
    assert CODE.search(await talk(citizen, *book))
    assert "已经预约" in await talk(citizen, "预约办护照", "11月27日上午九点")
    book[:2] = ["帮我妈预约办护照", "11月27日上午九点"]
    assert CODE.search(await talk(citizen, *book))


async def test_backend_that_gives_no_answer(citizen, stack):
    await talk(citizen, "预约办护照", "11月30日上午十点", "陈静", "13800138002")
    pid = stack.up.pid("booking")
    os.kill(pid, signal.SIGSTOP)
    try:
        assert "没有回应" in await talk(citizen, "确认")
        assert "连不上" in await talk(citizen, "我的预约")
        assert "连不上" in await talk(citizen, "预约结婚登记 明天上午")
        assert "工本费" in await talk(citizen, "办护照多少钱")
    finally:
        os.kill(pid, signal.SIGCONT)
    await talk(citizen, "谢谢")
    listed = await talk(citizen, "我的预约")
    assert "普通护照首次签发" in listed or "没有预约" in listed


async def test_names_and_numbers_never_stand_in_clear(citizen, stack):
    name, number = "欧阳锦程", "13312341234"
    await talk(citizen, "预约办护照", "12月3日上午十点", name, number, "确认")
    for file in stack.settings.var.rglob("*"):
        if file.is_file():
            content = file.read_bytes()
            assert name.encode() not in content, file
            assert number.encode() not in content, file
            assert name.encode("unicode_escape") not in content, file


def test_the_calendar_of_these_tests_is_plain(stack):
    calendar = stack.catalog.calendar
    assert calendar.is_workday(date(2026, 11, 24))
    assert calendar.workdays_ahead(date(2026, 11, 23), date(2026, 12, 3)) == 8


async def test_a_bare_time_of_day_means_the_day_on_the_table(citizen):
    await talk(citizen, "预约迁户口", "12月2日")
    assert "12月2日（周三）10:00" in await talk(citizen, "上午十点")
    await talk(citizen, "韩冬", "13811110000")
    assert "1. 12月2日（周三）15:" in await talk(citizen, "改成下午三点")


async def test_another_service_after_all(citizen, stack):
    await talk(citizen, "预约办护照")
    reply = await talk(
        citizen, "不是护照，我要预约结婚登记", "后天上午十点", "罗密欧", "13811110001"
    )
    assert stack.catalog.service("marriage-registration").name in reply


@pytest.mark.parametrize(
    ("said", "name"),
    [
        ("我叫陈小燕，电话13711112222", "陈小燕"),
        ("欧阳 娜娜", "欧阳娜娜"),
        ("阿依古丽·买买提", "阿依古丽·买买提"),
    ],
)
async def test_names_as_people_give_them(citizen, said, name):
    await talk(citizen, "预约结婚登记", "11月27日上午十点", said)
    assert name in await talk(citizen, "13711112222")


@pytest.mark.parametrize(
    "said",
    ["可以吗", "最早的那个", "随便", "好的", "预约", "周一", "本人", "我自己", "我妈", "不知道"],
)
async def test_what_is_no_name(citizen, said):
    await talk(citizen, "预约结婚登记", "11月27日上午十点")
    await talk(citizen, said)
    summary = await talk(citizen, "苏晓", "13711112222")
    assert f"姓名：{said}" not in summary


async def test_a_corrected_name(citizen):
    await talk(citizen, "预约结婚登记", "11月27日上午九点", "诸葛名", "13711112222")
    assert "姓名：诸葛明" in await talk(citizen, "姓名写错了，叫诸葛明")


async def test_name_and_number_in_the_first_sentence(citizen):
    reply = await talk(citizen, "预约换驾照 11月27日上午十点，我叫陈小燕，电话13711112222")
    assert "姓名：陈小燕" in reply
    assert "手机：13711112222" in reply


async def test_cancelling_in_the_middle_leaves_the_booking(citizen):
    await talk(citizen, "预约结婚登记", "11月27日上午九点")
    reply = await talk(citizen, "取消预约")
    assert "没有提交" in reply
    assert "没有可以取消的预约" in await talk(citizen, "取消预约")


async def test_all_sorts_of_things_in_the_middle_and_still_the_same_question(citizen, stack):
    passport, marriage = map(stack.catalog.service, ("passport-first", "marriage-registration"))
    await talk(citizen, "预约办护照", "12月1日上午十点")
    for said, answered in (
        ("要带什么材料", passport.materials[0].name),
        ("多少钱", passport.fee.items[0].name),
        ("领结婚证要多少钱", f"【{marriage.name}】"),
        ("周六开门吗", "11月28日（周六）"),
        ("你能做什么", stack.catalog.hall.name),
        ("谢谢", "不客气"),
        ("我的预约", "没有预约"),
        ("我的反馈", "没有登记过"),
        ("转人工", "先回复“退出”"),
        ("简单点", "说得短一些"),
        ("为什么要问姓名", "核对证件"),
    ):
        reply = await talk(citizen, said)
        assert answered in reply, said
        assert ASKED_NAME in reply, said
    assert ASKED_NAME in await talk(citizen, "再说一遍")
    summary = await talk(citizen, "贺知章", "13811110002")
    assert passport.name in summary
    assert "姓名：贺知章" in summary
    assert "12月1日（周二）10:00" in summary


@pytest.mark.parametrize(
    "errand",
    [
        "我要投诉",
        "我要表扬",
        "我有个建议",
        "我想留言",
        "改期",
        "登记车牌",
        "登记车牌川A12345",
        "预约上门",
        "查办件进度",
        "我要评价",
        "删除我的信息",
    ],
)
async def test_one_errand_at_a_time(citizen, errand):
    await talk(citizen, "预约结婚登记", "12月3日上午十点")
    reply = await talk(citizen, errand)
    assert FIRST_THIS in reply
    assert ASKED_NAME in reply
    await talk(citizen, "陆游", "13811110003")
    reply = await talk(citizen, errand)
    assert FIRST_THIS in reply
    assert "姓名：陆游" in reply


async def test_everything_can_be_corrected_at_the_end(citizen):
    await talk(citizen, "预约换驾照", "12月1日上午九点", "李白", "13811110004")
    assert "12月1日（周二）15:00" in await talk(citizen, "时间改到下午三点")
    assert "12月2日（周三）15:00" in await talk(citizen, "改成12月2日下午三点")
    assert "手机：13911110004" in await talk(citizen, "电话改成13911110004")
    assert "姓名：李贺" in await talk(citizen, "不对，我叫李贺")
    ticket = await talk(citizen, "确认")
    assert CODE.search(ticket)
    assert "12月2日（周三）15:00" in ticket


@pytest.mark.parametrize("said", ["我叫杜甫", "姓名写错了，叫杜甫"])
async def test_the_name_can_be_corrected_while_the_number_is_asked(citizen, said):
    await talk(citizen, "预约换驾照", "12月1日上午九点", "杜府")
    assert ASKED_PHONE in await talk(citizen, said)
    assert "姓名：杜甫" in await talk(citizen, "13811110005")


async def test_the_time_can_be_changed_while_the_name_is_asked(citizen):
    await talk(citizen, "预约换驾照", "12月1日上午九点")
    reply = await talk(citizen, "换成12月2日上午十点吧")
    assert "12月2日（周三）10:00" in reply
    assert ASKED_NAME in reply


async def test_why_each_thing_is_asked(citizen):
    await talk(citizen, "预约换驾照", "12月1日上午九点")
    assert "核对证件" in await talk(citizen, "问这个干嘛")
    await talk(citizen, "王维")
    reply = await talk(citizen, "为什么要手机号")
    assert "有变动时，工作人员用它联系您" in reply
    assert ASKED_PHONE in reply


@pytest.mark.parametrize("said", ["算了", "退出", "不约了", "取消"])
async def test_stopping_submits_nothing(citizen, said):
    await talk(citizen, "预约换驾照", "12月1日上午九点", "孟浩然", "13811110006")
    assert "没有" in await talk(citizen, said)
    assert "没有预约" in await talk(citizen, "我的预约")


@pytest.mark.parametrize(
    ("said", "service_id", "goes_on"),
    [
        ("预约办护照，周四上午十点，要带什么", "passport-first", ASKED_NAME),
        ("预约办护照，要带什么", "passport-first", "您想约什么时候"),
        ("我想约明天上午换驾照，要带什么材料", "driving-licence-renew", "您选哪个"),
        ("预约结婚登记，要带什么", "marriage-registration", "您想约什么时候"),
    ],
)
async def test_a_booking_and_a_question_in_one_message(citizen, stack, said, service_id, goes_on):
    reply = await talk(citizen, said)
    assert stack.catalog.service(service_id).materials[0].name in reply
    assert goes_on in reply
