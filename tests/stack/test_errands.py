"""Errands in the chat besides booking: moving, giving back, home visits, plates, progress."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from prcoords import wgs_gcj
from running_stack import at, fill, talk
from told import whole

pytestmark = [pytest.mark.stack]

CODE = re.compile(r"预约号：(\w+)")
SURE = "确认改期吗"


async def book(citizen, service: str, when: str, name: str = "周敦颐") -> str:
    """Book in the chat; gives the code."""
    ticket = await talk(citizen, f"预约{service} {when}", f"{name} 13800138010", "确认")
    found = CODE.search(ticket)
    assert found, ticket
    return found[1]


async def test_move_the_only_appointment(citizen, stack):
    code = await book(citizen, "办护照", "12月1日上午九点")
    reply = await talk(citizen, "改期")
    assert "改期：普通护照首次签发 12月1日（周二）09:00" in reply
    assert re.search(r"1\. \d+月\d+日", reply)
    reply = await talk(citizen, "12月4日上午十点")
    assert "原来：普通护照首次签发 12月1日（周二）09:00" in reply
    assert "改到：12月4日（周五）10:00" in reply
    reply = await talk(citizen, "确认")
    assert "改期成功" in reply
    assert code in reply
    assert stack.catalog.hall.booking.bring in reply
    listed = await talk(citizen, "我的预约")
    assert "12月4日（周五）10:00" in listed
    assert "12月1日" not in listed


async def test_move_with_the_time_in_the_same_sentence(citizen):
    await book(citizen, "办护照", "12月1日上午九点半")
    assert "改到：12月4日（周五）11:00" in await talk(citizen, "把预约改到12月4日上午十一点")
    assert "改期成功" in await talk(citizen, "1")


async def test_move_one_of_several(citizen):
    await book(citizen, "办护照", "12月1日上午十点半")
    await book(citizen, "换驾照", "12月3日上午九点")
    reply = await talk(citizen, "我想改期")
    assert "1. 普通护照首次签发" in reply
    assert "2. 机动车驾驶证期满换证" in reply
    assert "改期：机动车驾驶证期满换证" in await talk(citizen, "第二个")
    assert "改到：12月4日（周五）09:00" in await talk(citizen, "12月4日上午九点")
    assert "改期成功" in await talk(citizen, "好的")
    assert "改期：普通护照首次签发" in await talk(citizen, "办护照的那个预约想改个时间")
    assert "保留不变" in await talk(citizen, "算了")


@pytest.mark.parametrize(
    ("when", "why"),
    [("这周日上午", "周日不办公"), ("今天下午三点", "提前1个工作日"), ("昨天上午", "过去")],
)
async def test_a_day_to_which_nothing_can_be_moved(citizen, when, why):
    await book(citizen, "换驾照", "12月1日上午十一点")
    reply = await talk(citizen, "改期", when)
    assert why in reply
    assert re.search(r"1\. \d+月\d+日", reply)
    assert SURE in await talk(citizen, "1")
    assert "保留不变" in await talk(citizen, "不改了")
    assert "12月1日（周二）11:00" in await talk(citizen, "我的预约")
    assert "已取消" in await talk(citizen, "取消预约", "确认取消")


async def test_move_to_a_full_slot(citizen, stack):
    await book(citizen, "换驾照", "12月1日上午十点")
    await fill(stack, "driving-licence-renew", at(12, 4, 14))
    reply = await talk(citizen, "改期", "12月4日下午两点")
    assert "没有空号" in reply
    assert "14:00-" not in reply
    assert SURE in await talk(citizen, "2")
    assert "改期成功" in await talk(citizen, "确认")


async def test_move_to_a_slot_that_fills_while_one_hesitates(citizen, stack):
    await book(citizen, "换驾照", "12月1日上午十点")
    assert SURE in await talk(citizen, "改期", "12月4日下午四点")
    await fill(stack, "driving-licence-renew", at(12, 4, 16))
    reply = await talk(citizen, "确认")
    assert "约满" in reply
    assert "保留不变" in reply
    assert "12月1日（周二）10:00" in await talk(citizen, "我的预约")


async def test_move_to_another_hour_of_the_same_day(citizen):
    await book(citizen, "换驾照", "12月2日上午九点")
    assert "改到：12月2日（周三）16:00" in await talk(citizen, "改期", "12月2日下午四点")
    assert "改期成功" in await talk(citizen, "确认")


async def test_move_to_the_very_same_time(citizen):
    await book(citizen, "换驾照", "12月2日上午九点")
    assert "本来约的就是这个时间" in await talk(citizen, "改期", "12月2日上午九点", "确认")
    assert "12月2日（周三）09:00" in await talk(citizen, "我的预约")


async def test_nothing_to_move(citizen):
    assert "没有可以改期的预约" in await talk(citizen, "帮我改期")


async def test_a_question_while_moving(citizen, stack):
    await book(citizen, "换驾照", "12月2日上午九点半")
    reply = await talk(citizen, "改期", "要带什么材料")
    assert stack.catalog.service("driving-licence-renew").materials[0].name in reply
    assert "您想改到什么时候" in reply


async def test_an_unclear_time_and_cancelling_at_the_end(citizen):
    await book(citizen, "换驾照", "12月2日上午十点")
    assert "没听明白是哪天几点" in await talk(citizen, "改期", "那个啥")
    assert SURE in await talk(citizen, "12月3日上午十点")
    assert "保留不变" in await talk(citizen, "取消")
    assert "12月2日（周三）10:00" in await talk(citizen, "我的预约")


async def test_give_back_one_of_several(citizen):
    await book(citizen, "办护照", "12月2日上午十点")
    kept = await book(citizen, "换驾照", "12月3日上午十点")
    reply = await talk(citizen, "取消预约")
    assert "1. 普通护照首次签发" in reply
    assert "2. 机动车驾驶证期满换证" in reply
    assert "保留不变" in await talk(citizen, "不取消")
    assert "确定取消" in await talk(citizen, "取消预约", "第一个")
    assert "保留不变" in await talk(citizen, "不取消")
    assert "普通护照首次签发 12月2日" in await talk(citizen, "把办护照的预约取消了")
    assert "已取消" in await talk(citizen, "是的")
    listed = await talk(citizen, "我的预约")
    assert kept in listed
    assert "普通护照" not in listed


async def test_only_a_yes_gives_an_appointment_back(citizen):
    code = await book(citizen, "办护照", "12月2日上午十一点")
    await talk(citizen, "取消预约")
    assert "确定取消" in await talk(citizen, "多少钱")
    assert "不取消" in await talk(citizen, "嗯那个")
    assert code in await talk(citizen, "不取消", "我的预约")
    assert code in await talk(citizen, "取消预约", "确认取消")


async def test_a_home_visit_from_one_sentence(citizen):
    reply = await talk(citizen, "我妈今年72岁，腿脚不好出不了门，想请你们上门给她换身份证")
    assert "1. 11月26日（周四）上午" in reply
    assert "详细地址" in await talk(citizen, "11月30日上午")
    assert "地址太短" in await talk(citizen, "龙潭")
    assert "姓名" in await talk(citizen, "龙潭镇上岭村3组12号")
    assert "手机号" in await talk(citizen, "李桂兰")
    summary = await talk(citizen, "13800138011")
    for fact in (
        "居民身份证到期换领（老年人上门服务）",
        "11月30日（周一）上午",
        "龙潭镇上岭村3组12号",
        "李桂兰",
        "13800138011",
    ):
        assert fact in summary
    ticket = await talk(citizen, "确认")
    code = CODE.search(ticket)[1]
    assert "上岭村" not in ticket
    listed = await talk(citizen, "我的预约")
    for fact in (code, "老年人上门服务", "11月30日（周一）上午"):
        assert fact in listed
    assert "不能直接改时间" in await talk(citizen, "改期")
    assert "11月30日（周一）上午" in await talk(citizen, "取消预约")
    assert code in await talk(citizen, "确认取消")
    assert "没有预约" in await talk(citizen, "我的预约")


async def test_a_home_visit_step_by_step(citizen, stack):
    assert "上门办什么事" in await talk(citizen, "我要预约上门服务")
    reply = await talk(citizen, "身份证到期换领")
    rules = [rule for rule in stack.catalog.home_visits if "id-card-renew" in rule.services]
    for rule in rules:
        assert rule.name in reply
    assert "多少岁" in await talk(citizen, "1")
    assert "没看出是多少岁" in await talk(citizen, "南苑社区5栋2单元301室")
    assert "您想约哪天" in await talk(citizen, "六十八岁")
    assert "没听明白是哪天" in await talk(citizen, "都可以吧你看着办")
    assert "详细地址" in await talk(citizen, "2")
    reply = await talk(citizen, "为什么问地址")
    assert "详细地址" in reply
    assert "姓名" in await talk(citizen, "湖滨街道湖滨花园3栋502", "为什么")
    await talk(citizen, "赵桂英")
    assert "手机号" in await talk(citizen, "我叫赵桂芬")
    summary = await talk(citizen, "13800138012")
    assert "赵桂芬" in summary
    assert "湖滨街道湖滨花园3栋502" in summary
    assert "12月3日（周四）上午" in await talk(citizen, "时间改到12月3日上午")
    assert "没有提交" in await talk(citizen, "取消")
    assert "没有预约" in await talk(citizen, "我的预约")


async def test_too_young_for_a_home_visit(citizen, stack):
    rule = next(one for one in stack.catalog.home_visits if one.min_age)
    reply = await talk(citizen, "给我老爸安排上门换身份证，老人家今年55岁")
    assert f"要年满{rule.min_age}周岁" in reply
    assert rule.who in reply
    others = [one for one in stack.catalog.home_visits if not one.min_age]
    assert any(other.name in reply for other in others)


async def test_what_is_not_done_at_home(citizen, stack):
    reply = await talk(citizen, "派人来家里办护照")
    assert "没有上门服务" in reply
    assert stack.catalog.service("id-card-renew").name in reply
    assert "手头" not in await talk(citizen, "预约办护照")


async def test_a_rule_by_its_words_and_a_question_that_chooses_nothing(citizen):
    reply = await talk(citizen, "预约上门办残疾人证")
    assert "卧床、失能人员上门服务" in reply
    for question in ("为什么要问这个", "要钱吗"):
        assert "给哪种情况的人办" in await talk(citizen, question), question
    assert "您想约哪天" in await talk(citizen, "重度残疾人")
    assert "没有提交" in await talk(citizen, "退出")


async def test_choices_of_a_home_visit_stay_on_the_table(citizen):
    assert "到期换领" in await talk(citizen, "想给我妈预约上门换身份证")
    for said in ("68岁", "下周三上午", "确认"):
        reply = await talk(citizen, said)
        assert "高龄津贴" not in reply, said
        assert "最低生活保障" not in reply, said


@pytest.mark.parametrize(
    ("said", "day"),
    [("登记车牌川A10001", "2"), ("川A10002", "明天"), ("帮我登记一下车牌，川AD10003", "11月24日")],
)
async def test_a_plate(citizen, stack, said, day):
    assert "哪天开车来" in await talk(citizen, said)
    reply = await talk(citizen, day)
    assert "车牌登记好了" in reply
    assert "11月24日（周二）" in reply
    assert stack.catalog.place(stack.catalog.hall.place).name in reply
    assert "1000" not in reply


async def test_a_plate_and_its_day_in_one_sentence(citizen, new_citizen):
    assert "11月25日（周三）" in await talk(citizen, "登记车牌川A10004 后天")
    assert "车牌登记好了" in await talk(citizen, "登记车牌川A10004 后天")
    other = await new_citizen()
    assert "已经有人登记过了" in await talk(other, "登记车牌 川A10004，后天来")


async def test_the_days_of_appointments_are_offered_for_a_plate(citizen):
    await book(citizen, "换驾照", "12月3日上午九点半")
    assert "12月3日（周四）" in await talk(citizen, "登记车牌川A10005")
    assert "12月3日（周四）" in await talk(citizen, "3")


async def test_bad_plates(citizen):
    assert "没认出车牌号" in await talk(citizen, "登记车牌 川A888")
    assert "没认出车牌号" in await talk(citizen, "8888")
    reply = await talk(citizen, "为什么要车牌")
    assert "办件编号" not in reply
    assert "请发车牌号" in reply
    assert "哪天开车来" in await talk(citizen, "川A88I88")
    assert "车牌号不对" in await talk(citizen, "明天")
    await talk(citizen, "登记车牌")
    assert "没有登记车牌" in await talk(citizen, "算了")


async def test_a_question_and_an_unclear_day_for_a_plate(citizen):
    await talk(citizen, "登记车牌川A10006")
    assert "哪天开车来" in await talk(citizen, "停车收费吗")
    assert "没听明白是哪天" in await talk(citizen, "那个啥")
    assert "11月25日（周三）" in await talk(citizen, "我后天开车来")


PROGRESS = """\
办件编号,事项名称,当前环节,更新时间,下一步,是否办结,校验码
QH2026112300017,普通护照首次签发,制证中,2026-11-20,制证完成后短信通知领取,否,567X
QH2026111900003,居民身份证换领,已办结,2026-11-19,,是,
"""


@pytest.fixture
def progress_file(stack) -> Iterator[Path]:
    """What the office's own system exports."""
    file = Path(stack.settings["BANSHI_PROGRESS"])
    file.write_text(PROGRESS, encoding="utf-8")
    yield file
    file.unlink()


@pytest.mark.usefixtures("progress_file")
async def test_progress_of_an_application(citizen):
    assert "请发办件编号" in await talk(citizen, "我的护照办好了吗")
    assert "没认出办件编号" in await talk(citizen, "就是上周那个")
    assert "后4位" in await talk(citizen, "QH2026112300017")
    assert "防止别人查" in await talk(citizen, "为什么要这个")
    assert "请只发4位" in await talk(citizen, "五六七八")
    assert "对不上" in await talk(citizen, "1234")
    reply = await talk(citizen, "尾号567x")
    for fact in ("普通护照首次签发", "制证中", "2026年11月20日", "短信通知领取", "还没有办结"):
        assert fact in reply
    assert "护照" in await talk(citizen, "办护照多少钱")


@pytest.mark.usefixtures("progress_file")
async def test_progress_with_the_number_in_the_first_message(citizen):
    reply = await talk(citizen, "查办件进度 qh2026111900003")
    assert "居民身份证换领" in reply
    assert "已经办结" in reply
    assert "没有查到" in await talk(citizen, "查一下办件QH2026999900003办到哪了")
    assert "没有" in await talk(citizen, "查办件进度", "算了", "我的预约")


async def test_a_hall_that_gives_no_progress(citizen):
    assert "查不到办件进度" in await talk(citizen, "查办件进度 QH2026111900003")


async def test_a_position_gets_the_nearest_places_and_terminals(citizen, stack):
    here = stack.catalog.place("street-hubin").position
    on_the_map = wgs_gcj((here.latitude, here.longitude))  # as WeChat would send it
    reply = await citizen.send(citizen.location(*on_the_map))
    assert "离您最近的办事点" in reply.text
    names = [one.name for one in stack.catalog.places.values() if one.name in reply.text]
    assert len(names) == 3 and stack.catalog.place("street-hubin").name in names
    assert "约0米" in reply.text and "自助终端" in reply.text
    await talk(citizen, "换身份证要带什么")
    reply = await citizen.send(citizen.location(33.9107, 123.0242))
    service = stack.catalog.service("id-card-renew")
    taking = {one.place for one in service.channels.window}
    told = {one.id for one in stack.catalog.places.values() if f"▪ {one.name}，" in reply.text}
    assert told and told <= taking
    abroad = await citizen.send(citizen.location(-33.9, 18.4))
    assert "没有找到" in abroad.text


async def test_a_windows_code_opens_its_services(citizen, stack):
    reply = await citizen.send(citizen.event("SCAN", "window:district-hall:B01"))
    window = stack.catalog.place("district-hall").window("B01")
    assert window.name in reply.text and "要办哪一个" in reply.text
    first = re.search(r"1\. (.+)", reply.text)[1]
    assert f"【{first}】" in await whole(citizen, "1")
    reply = await citizen.send(citizen.event("subscribe", "qrscene_terminal:hall-permit"))
    assert "自助签注机" in reply.text and "24小时" in reply.text
    assert "您好" in (await citizen.send(citizen.event("SCAN", "window:nowhere:Z99"))).text


async def test_a_position_in_the_middle_of_a_form(citizen):
    assert "姓名" in await talk(citizen, "预约结婚登记", "12月7日上午十点")
    reply = await citizen.send(citizen.location(33.9107, 123.0242))
    assert "离您最近的" in reply.text and "姓名" in reply.text
