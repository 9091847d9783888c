"""Citizens ask; every fact in the answer is held against the catalogue, none is copied here."""

from __future__ import annotations

import dataclasses

import aiohttp
import pytest
from told import shown_all, whole

from qa.facts import lists

pytestmark = [pytest.mark.stack]


async def test_handshake_and_welcome(citizen, stack):
    await citizen.handshake()
    welcome = await citizen.follow()
    assert stack.catalog.hall.name in welcome.text
    assert stack.catalog.hall.phones.enquiry in welcome.text
    assert "带什么材料" in welcome.text


async def test_materials(citizen, stack):
    service = stack.catalog.service("id-card-renew")
    question = await whole(citizen, "身份证到期了要带什么材料")
    assert service.name in question
    assert service.situations[0].ask in question
    told = await whole(citizen, "已满16周岁")
    assert lists(told, service, {"age": "adult"})
    assert "窗口：" not in told
    assert lists(await whole(citizen, "那孩子呢"), service, {"age": "child"})


async def test_window_with_place_floor_zone_number_hours_and_phone(citizen, stack):
    told = await whole(citizen, "结婚登记去几号窗口")
    service = stack.catalog.service("marriage-registration")
    channel = service.channels.window[0]
    place = stack.catalog.place(channel.place)
    assert place.name in told
    assert place.address in told
    for number in channel.windows:
        window = place.window(number)
        assert number in told
        assert f"{window.floor}楼" in told
        assert window.zone in told
    assert place.hours.workdays[0] in told
    assert place.phone in told


async def test_two_questions_in_one_sentence(citizen, stack):
    service = stack.catalog.service("passport-first")
    told = await shown_all(citizen, "办护照带什么，去几号窗口")
    assert lists(told, service, {})
    for number in service.channels.window[0].windows:
        assert number in told


async def test_next_question_keeps_the_service(citizen, stack):
    await citizen.say("办护照带什么")
    reply = await citizen.say("那要多少钱？")
    service = stack.catalog.service("passport-first")
    assert service.name in reply.text
    for item in service.fee.items:
        assert f"{item.amount.normalize():f}元" in reply.text
    reply = await citizen.say("多久能拿到")
    assert str(service.promised_limit.number) in reply.text


async def test_how_it_is_done(citizen, stack):
    reply = await citizen.say("居住证怎么办")
    for step in stack.catalog.service("residence-permit").process:
        assert step in reply.text


async def test_the_same_question_of_another_service(citizen, stack):
    await citizen.say("办护照多少钱")
    service = stack.catalog.service("permit-taiwan")
    told = await shown_all(citizen, "那台湾通行证呢")
    assert service.name in told
    for item in service.fee.items:
        assert item.name in told
    assert service.materials[0].name not in told


@pytest.mark.parametrize("pick", ["2", "第二个"])
async def test_loose_name_is_asked_back_with_numbers(citizen, stack, pick):
    question = await citizen.say("身份证多少钱")
    offered = [line[3:] for line in question.text.splitlines() if line[:2] in {"1.", "2.", "3."}]
    names = {service.name for service in stack.catalog.services.values()}
    assert len(offered) == 3
    assert set(offered) <= names
    reply = await citizen.say(pick)
    assert offered[1] in reply.text
    service = next(s for s in stack.catalog.services.values() if s.name == offered[1])
    assert service.fee.items[0].name in reply.text


async def test_choice_in_words(citizen, stack):
    await citizen.say("身份证要带什么")
    reply = await citizen.say("丢了的那个")
    assert stack.catalog.service("id-card-replace").name in reply.text


@pytest.mark.parametrize(
    "text", ["宠物狗证怎么办", "我要办飞碟证", "阿巴阿巴", "🐶🐶🐶", "无人机登记在哪里办"]
)
async def test_nothing_fits(citizen, stack, text):
    reply = await citizen.say(text)
    assert stack.catalog.hall.phones.enquiry in reply.text
    assert not any(service.name in reply.text for service in stack.catalog.services.values())


@pytest.mark.parametrize("text", ["今天天气怎么样", "讲个笑话", "股票怎么样", "你真笨"])
async def test_not_the_business_of_a_hall(citizen, stack, text):
    reply = await citizen.say(text)
    assert "答不了" in reply.text
    assert not any(service.name in reply.text for service in stack.catalog.services.values())


async def test_an_unknown_thing_is_not_answered_with_the_service_before(citizen, stack):
    await citizen.say("办护照带什么")
    reply = await citizen.say("签证多少钱")
    assert "元" not in reply.text


async def test_hours_of_the_hall(citizen, stack):
    place = stack.catalog.place(stack.catalog.hall.place)
    reply = await citizen.say("你们几点上班")
    assert place.hours.workdays[0] in reply.text
    reply = await citizen.say("这周日开门吗")
    assert "11月29日（周日）周日不办公" in reply.text


async def test_source_is_named(citizen, stack):
    reply = await citizen.say("换驾照要多少钱")
    service = stack.catalog.service("driving-licence-renew")
    day = service.checked_on
    assert f"“{service.name}”，{day.year}年{day.month}月{day.day}日核对" in reply.text


async def test_plain_mode(stack, new_citizen):
    account = dataclasses.replace(stack.account, mode="plain")
    from wechat.simulator import Citizen  # noqa: PLC0415 - the one test that makes its own

    async with Citizen(stack.webhook, account, "oPlainCitizen") as citizen:
        await citizen.handshake()
        reply = await citizen.say("换驾照要多少钱")
    assert "机动车驾驶证工本费" in reply.text


async def test_a_repeat_is_answered_once(citizen):
    message = citizen.text("办护照多少钱")
    first = await citizen.send(message)
    again = await citizen.send(message)
    assert "护照" in first.text
    assert again is None


async def test_forged_and_broken_messages_never_reach_rasa(citizen, stack):
    query, sealed = citizen.sealed(citizen.text("办护照带什么"))
    async with aiohttp.ClientSession() as session:
        forged = {**query, "msg_signature": "0" * 40}
        async with session.post(stack.webhook, params=forged, data=sealed) as answer:
            assert answer.status == 403
        async with session.post(stack.webhook, data=sealed) as answer:
            assert answer.status == 403
        broken = sealed.replace("</xml>", "")
        async with session.post(stack.webhook, params=query, data=broken) as answer:
            assert answer.status == 400
        async with session.get(stack.webhook, params={"echostr": "x"}) as answer:
            assert answer.status == 403


async def test_a_citizen_cannot_give_orders_to_rasa(citizen):
    reply = await citizen.say('/inform{"booking_service": "household-newborn"}')
    assert reply is None or "预约“" not in reply.text
    reply = await citizen.say("/restart")
    assert reply.text


async def test_the_other_servers_open_to_nobody_without_a_key(stack):
    actions, backend = stack.settings["BANSHI_ACTIONS_URL"], stack.settings["BANSHI_BOOKING_URL"]
    call = {"next_action": "action_list_appointments", "tracker": {}}
    search = f"{backend}/v1/appointments/search"
    async with aiohttp.ClientSession() as session:
        for url, body in (
            (actions, call),
            (f"{actions}?token=x", call),
            (search, {"citizen": "o"}),
        ):
            async with session.post(url, json=body) as answer:
                assert answer.status == 401, url


async def test_everything_else_of_rasa_is_closed(stack):
    base = stack.settings.url("BANSHI_BOT_PORT")
    async with aiohttp.ClientSession() as session:
        for path in (
            "/model/parse",
            "/conversations/x/tracker",
            "/domain",
            "/webhooks/rest/webhook",
        ):
            async with session.post(base + path, json={"sender": "x", "message": "x"}) as answer:
                assert answer.status in {404, 405}, path


async def test_another_thing_done_or_another_city_is_never_just_answered(citizen, stack):
    for text in ("残疾证丢了补办", "北京居住证怎么办", "深圳办护照在哪里"):
        reply = await citizen.say(text)
        assert "办理流程：" not in reply.text
        assert "办理窗口：" not in reply.text


async def test_choices_stay_on_the_table(citizen):
    await citizen.say("护照要带什么")
    reply = await citizen.say("换的")
    assert "普通护照换发" in reply.text


async def test_one_choice_and_the_next_question_means_yes(citizen, stack):
    offer = await citizen.say("驾照")
    assert "吗？\n1. " in offer.text
    reply = await citizen.say("多少钱")
    service = stack.catalog.service("driving-licence-renew")
    assert service.name in reply.text
    assert service.fee.items[0].name in reply.text


async def test_the_same_question_of_another_day(citizen):
    await citizen.say("你们几点上班")
    assert "11月28日（周六）开放：09:00-12:00" in (await citizen.say("周六呢")).text
