"""Citizens book, list and cancel in the chat, against the real backend."""

from __future__ import annotations

import os
import re
import signal
import uuid
from datetime import date, datetime

import pytest
import pytest_asyncio

from booking.client import BookingClient
from service_catalog.clock import CHINA

pytestmark = [pytest.mark.stack]

CODE = re.compile(r"预约号：(\w+)")


@pytest_asyncio.fixture
async def backend(stack):
    async with BookingClient(
        stack.settings["BANSHI_BOOKING_URL"], stack.settings["BANSHI_BOOKING_KEY"]
    ) as client:
        yield client


async def talk(citizen, *texts):
    reply = None
    for text in texts:
        reply = await citizen.say(text)
    return reply.text


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


async def test_full_slot_offers_the_nearest_free_ones(citizen, stack, backend):
    service = stack.catalog.service("food-licence")
    place = service.booking.places[0]
    for _ in range(service.booking.capacity):
        await backend.book(
            citizen=f"o{uuid.uuid4().hex}",
            service=service.id,
            place=place,
            start=datetime(2026, 11, 26, 9, 0, tzinfo=CHINA),
            name="赵六",
            phone="13600136000",
            idempotency_key=uuid.uuid4().hex,
        )
    reply = await talk(citizen, "预约食品经营许可", "周四上午九点")
    assert "没有空号" in reply
    assert "09:00-" not in reply
    assert re.search(r"1\. 11月26日（周四）09:30", reply)
    assert "姓名" in await talk(citizen, "1")


async def test_a_slot_that_fills_while_one_hesitates(citizen, stack, backend):
    service = stack.catalog.service("company-registration")
    start = datetime(2026, 11, 26, 14, 0, tzinfo=CHINA)
    await talk(citizen, "预约注册公司", "周四下午两点", "孙七", "13500135000")
    for _ in range(service.booking.capacity):
        await backend.book(
            citizen=f"o{uuid.uuid4().hex}",
            service=service.id,
            place=service.booking.places[0],
            start=start,
            name="赵六",
            phone="13600136000",
            idempotency_key=uuid.uuid4().hex,
        )
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
    book[1] = "11月27日上午九点"
    assert "已经预约" in await talk(citizen, *book)


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


@pytest.mark.parametrize("said", ["可以吗", "最早的那个", "随便", "好的", "预约", "周一"])
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
