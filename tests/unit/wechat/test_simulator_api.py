"""The interface refuses what Tencent refuses, with the same codes, and delivers the rest."""

from __future__ import annotations

import time
from dataclasses import replace

import aiohttp
import pytest
from aiohttp import web
from tencent_world import ACCOUNT, CREDENTIAL, DATA, PNG, SEND, Clock, tencent_and_program

from wechat.envelope import SUCCESS, Webhook
from wechat.simulator import Article, Mishap, Sent
from wechat.simulator.codes import Refusal
from wechat.simulator.tokens import Tokens
from wechat.simulator.values import Choice

TEMPLATE = "/cgi-bin/message/template/send"
NOTICE = "/cgi-bin/message/subscribe/bizsend"
TYPING = "/cgi-bin/message/custom/typing"
HOUR = 3_600


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
async def world(clock):
    async with tencent_and_program(clock) as world:
        yield world


@pytest.fixture
def tencent(world):
    return world[0]


@pytest.fixture
def program(world):
    return world[1]


def values(**changes):
    return {name: {"value": value} for name, value in {**DATA, **changes}.items()}


async def test_a_token_is_the_same_for_everyone_until_it_ends(program, clock):
    first = await program.log_in()
    assert first["expires_in"] == 7_200
    clock.now += 7_000
    again = await program.log_in()
    assert again == {"access_token": first["access_token"], "expires_in": 200}
    clock.now += 200
    assert await program.say("oA") == 42001
    assert (await program.log_in())["access_token"] != first["access_token"]


async def test_forced_refreshes_are_counted_by_the_day(program, clock):
    tokens = {(await program.log_in(force_refresh=True))["access_token"] for _ in range(20)}
    assert len(tokens) == 20
    assert (await program.log_in(force_refresh=True))["errcode"] == 45009
    clock.now += 86_400
    assert (await program.log_in(force_refresh=True))["access_token"]


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"grant_type": "password"}, 40002),
        ({"appid": "wx1"}, 40013),
        ({"secret": "wrong"}, 40125),
    ],
)
async def test_a_token_needs_the_right_credentials(program, changes, code):
    assert (await program.log_in(**changes))["errcode"] == code


def test_an_account_without_a_secret_gets_no_token(clock):
    with pytest.raises(Refusal) as caught:
        Tokens(replace(ACCOUNT, app_secret=None), clock).give({**CREDENTIAL, "secret": None})
    assert caught.value.code == 40125


async def test_calls_need_the_token(program):
    program.token = ""
    assert await program.say("oA") == 41001
    program.token = "made up"
    assert await program.say("oA") == 40001


async def test_five_messages_within_48_hours_of_the_last_one(tencent, program, clock):
    tencent.contacts.heard("oA", "text")
    assert [await program.say("oA") for _ in range(6)] == [0, 0, 0, 0, 0, 45047]
    tencent.contacts.heard("oA", "voice")
    clock.now += 48 * HOUR - 1
    await program.log_in()
    assert await program.say("oA") == 0
    clock.now += 1
    assert await program.say("oA") == 45015


@pytest.mark.parametrize("event", ["subscribe", "CLICK", "SCAN"])
async def test_three_messages_within_a_minute_of_a_tap(tencent, program, clock, event):
    tencent.contacts.heard("oA", "event", "subscribe")
    clock.now += 100
    tencent.contacts.heard("oA", "event", event)
    assert [await program.say("oA") for _ in range(4)] == [0, 0, 0, 45047]
    clock.now += 60
    assert await program.say("oA") == 45015


async def test_a_tap_on_a_choice_counts_as_a_menu_click(tencent, program, clock):
    tencent.contacts.heard("oA", "text", tapped=True)
    assert [await program.say("oA") for _ in range(4)] == [0, 0, 0, 45047]
    clock.now += 60
    assert await program.say("oA") == 45015


async def test_a_tap_adds_to_what_a_message_allows(tencent, program):
    tencent.contacts.heard("oA", "text")
    tencent.contacts.heard("oA", "event", "CLICK")
    assert [await program.say("oA") for _ in range(9)] == [0] * 8 + [45047]


@pytest.mark.parametrize("event", ["VIEW", "LOCATION", "TEMPLATESENDJOBFINISH"])
async def test_other_events_open_no_window(tencent, program, clock, event):
    tencent.contacts.heard("oA", "event", "subscribe")
    clock.now += 61
    tencent.contacts.heard("oA", "event", event)
    assert await program.say("oA") == 45015


async def test_who_does_not_follow_gets_nothing(tencent, program):
    assert await program.say("oA") == 43004
    tencent.contacts.heard("oA", "event", "subscribe")
    assert await program.say("oA") == 0
    tencent.contacts.heard("oA", "event", "unsubscribe")
    assert await program.say("oA") == 43004
    template = {"touser": "oA", "template_id": "T1", "data": values()}
    assert await program.code(TEMPLATE, template) == 43004


@pytest.mark.parametrize(
    ("message", "sent"),
    [
        (
            {"msgtype": "text", "text": {"content": "好的👌\n“办事”"}},
            Sent("oA", "好的👌\n“办事”"),
        ),
        (
            {
                "msgtype": "news",
                "news": {
                    "articles": [{"title": "题", "description": "述", "url": "u", "picurl": "p"}]
                },
            },
            Sent("oA", "题", "news", articles=(Article("题", "述", "u", "p"),)),
        ),
        (
            {
                "msgtype": "msgmenu",
                "msgmenu": {
                    "head_content": "满意吗？",
                    "list": [{"id": "101", "content": "满意"}, {"id": 102, "content": "不满意"}],
                    "tail_content": "谢谢",
                },
            },
            Sent(
                "oA",
                "满意吗？\n满意\n不满意\n谢谢",
                "msgmenu",
                choices=(Choice("101", "满意"), Choice("102", "不满意")),
            ),
        ),
    ],
)
async def test_messages_arrive_as_they_were_written(tencent, program, message, sent):
    tencent.contacts.heard("oA", "text")
    assert await program.code(SEND, {"touser": "oA", **message}) == 0
    assert tencent.sent == [sent]
    assert await tencent.next_message() == sent


@pytest.mark.parametrize(
    ("message", "code"),
    [
        ({"msgtype": "text", "text": {"content": "长" * 683}}, 45002),
        ({"msgtype": "text", "text": {"content": ""}}, 44004),
        ({"msgtype": "text"}, 44004),
        ({"msgtype": "song"}, 40008),
        ({}, 40008),
        ({"msgtype": "image", "image": {}}, 41006),
        ({"msgtype": "image", "image": {"media_id": "m"}}, 40007),
        ({"msgtype": "news", "news": {"articles": []}}, 44003),
        ({"msgtype": "news", "news": {"articles": [{"title": "a"}, {"title": "b"}]}}, 45008),
        ({"msgtype": "news", "news": {"articles": [{"description": "a"}]}}, 44003),
        ({"msgtype": "news", "news": {"articles": [{"title": "长" * 50}]}}, 45003),
        ({"msgtype": "msgmenu", "msgmenu": {"head_content": "a", "list": []}}, 44004),
        ({"msgtype": "msgmenu", "msgmenu": {"head_content": "a", "list": [{}]}}, 44004),
    ],
)
async def test_messages_that_are_refused(tencent, program, message, code):
    tencent.contacts.heard("oA", "text")
    assert await program.code(SEND, {"touser": "oA", **message}) == code
    assert tencent.sent == []
    assert [await program.say("oA") for _ in range(5)] == [0] * 5, "a refused one counts nothing"


async def test_nobody_is_named(program):
    assert await program.code(SEND, {"msgtype": "text", "text": {"content": "a"}}) == 40003


async def test_a_picture_is_kept_for_three_days(tencent, program, clock):
    answer = await program.upload(PNG)
    assert answer["type"] == "image"
    assert answer["created_at"] == int(clock.now)
    message = {"touser": "oA", "msgtype": "image", "image": {"media_id": answer["media_id"]}}
    clock.now += 3 * 86_400
    await program.log_in()
    tencent.contacts.heard("oA", "text")
    assert await program.code(SEND, message) == 0
    assert tencent.sent == [Sent("oA", "", "image", media_id=answer["media_id"])]
    clock.now += 1
    assert await program.code(SEND, message) == 40007


@pytest.mark.parametrize(
    ("content", "kind", "code"),
    [
        pytest.param(PNG, "film", 40004, id="another type"),
        pytest.param(b"GIF89a", "image", 40004, id="no picture"),
        pytest.param(b"", "image", 41005, id="nothing"),
        pytest.param(PNG + bytes(10 * 1_048_576), "image", 40009, id="too large"),
    ],
)
async def test_uploads_that_are_refused(program, content, kind, code):
    assert (await program.upload(content, kind))["errcode"] == code


async def test_ten_megabytes_are_not_too_many(program):
    content = b"\xff\xd8\xff" + bytes(10 * 1_048_576 - 3)
    assert (await program.upload(content))["media_id"]


async def test_an_upload_that_is_none(program):
    assert await program.code("/cgi-bin/media/upload?type=image", {}) == 41005


async def test_a_template_message(tencent, program):
    tencent.contacts.heard("oA", "event", "subscribe")
    message = {"touser": "oA", "template_id": "T1", "data": values(), "url": "https://a.cn/"}
    answer = await program.post(TEMPLATE, message)
    assert answer["errcode"] == 0
    assert isinstance(answer["msgid"], int)
    assert tencent.sent == [
        Sent(
            "oA",
            "预约提醒\n事项：办护照\n时间：2026年11月26日 09:00\n取号码：A-012",
            "template",
            template_id="T1",
            data=tuple(DATA.items()),
            url="https://a.cn/",
        )
    ]


async def test_template_messages_take_nothing_from_the_window(tencent, program):
    tencent.contacts.heard("oA", "text")
    message = {"touser": "oA", "template_id": "T1", "data": values()}
    assert [await program.code(TEMPLATE, message) for _ in range(6)] == [0] * 6
    assert [await program.say("oA") for _ in range(6)] == [0] * 5 + [45047]


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"thing1": "一" * 21}, "data.thing1.value invalid"),
        ({"thing1": ""}, "data.thing1.value is empty"),
        ({"time2": "明天上午"}, "data.time2.value invalid"),
        ({"character_string3": "甲012"}, "data.character_string3.value invalid"),
    ],
)
async def test_wrong_data_is_named(tencent, program, changes, words):
    tencent.contacts.heard("oA", "text")
    for path in (TEMPLATE, NOTICE):
        message = {"touser": "oA", "template_id": "T1", "data": values(**changes)}
        answer = await program.post(path, message)
        assert answer == {"errcode": 47003, "errmsg": f"argument invalid! {words}"}


@pytest.mark.parametrize(
    "time", ["15:01", "2019年10月1日 15:01", "2019-10-01 9:00", "2019年10月1日 15:01~16:01"]
)
async def test_times_that_are_taken(tencent, program, time):
    tencent.contacts.heard("oA", "text")
    message = {"touser": "oA", "template_id": "T1", "data": values(time2=time)}
    assert await program.code(TEMPLATE, message) == 0


async def test_no_data_and_no_such_template(tencent, program):
    tencent.contacts.heard("oA", "text")
    assert await program.code(TEMPLATE, {"touser": "oA", "template_id": "T1"}) == 47003
    message = {"touser": "oA", "template_id": "T2", "data": values()}
    assert await program.code(TEMPLATE, message) == 40037
    assert await program.code(NOTICE, message) == 40037


async def test_a_notice_for_each_time_that_the_citizen_allowed_one(tencent, program):
    message = {"touser": "oA", "template_id": "T1", "data": values(), "page": "https://a.cn/"}
    assert await program.code(NOTICE, message) == 43101
    tencent.contacts.accept("oA", "T1")
    tencent.contacts.accept("oA", "T1")
    assert [await program.code(NOTICE, message) for _ in range(3)] == [0, 0, 43101]
    tencent.contacts.accept("oA", "T1")
    tencent.contacts.reject("oA", "T1")
    assert await program.code(NOTICE, message) == 43101
    assert [sent.kind for sent in tencent.sent] == ["subscribe", "subscribe"]


async def test_typing(tencent, program, clock):
    on, off = {"touser": "oA", "command": "Typing"}, {"touser": "oA", "command": "CancelTyping"}
    assert await program.code(TYPING, on) == 43004
    tencent.contacts.heard("oA", "text")
    assert await program.code(TYPING, on) == 0
    assert tencent.contacts.is_typing("oA")
    assert await program.code(TYPING, on) == 45081
    assert await program.code(TYPING, off) == 0
    assert not tencent.contacts.is_typing("oA")
    assert await program.code(TYPING, {**on, "command": "Sing"}) == 45072
    clock.now += 31
    assert await program.code(TYPING, on) == 45080


async def test_a_message_ends_the_typing(tencent, program):
    tencent.contacts.heard("oA", "text")
    await program.code(TYPING, {"touser": "oA", "command": "Typing"})
    await program.say("oA")
    assert not tencent.contacts.is_typing("oA")


async def test_the_menu_is_made_shown_and_deleted(program):
    assert (await program.get("/cgi-bin/menu/get"))["errcode"] == 46003
    menu = {"button": [{"type": "click", "name": "办事", "key": "帮助"}]}
    assert await program.code("/cgi-bin/menu/create", menu) == 0
    assert await program.get("/cgi-bin/menu/get") == {"menu": menu}
    assert (await program.get("/cgi-bin/menu/delete"))["errcode"] == 0
    assert (await program.get("/cgi-bin/menu/get"))["errcode"] == 46003


CLICK = {"type": "click", "name": "a", "key": "k"}


@pytest.mark.parametrize(
    ("buttons", "code"),
    [
        ([], 40016),
        ([CLICK] * 4, 40016),
        ([{**CLICK, "name": "长" * 6}], 40018),
        ([{**CLICK, "type": "song"}], 40017),
        ([{**CLICK, "key": "k" * 129}], 40019),
        ([{"type": "view", "name": "a", "url": ""}], 40020),
        ([{"type": "view", "name": "a", "url": "a.cn"}], 40055),
        ([{"name": "a", "sub_button": [CLICK] * 6}], 40023),
        ([{"name": "a", "sub_button": [{"name": "b", "sub_button": [CLICK]}]}], 40023),
        ([{"name": "a", "sub_button": [{**CLICK, "type": ""}]}], 40024),
        ([{"name": "a", "sub_button": [{**CLICK, "name": ""}]}], 40025),
        ([{"name": "a", "sub_button": [{**CLICK, "key": ""}]}], 40026),
    ],
)
async def test_menus_that_are_refused(program, buttons, code):
    assert await program.code("/cgi-bin/menu/create", {"button": buttons}) == code


async def test_bodies_that_are_none(tencent, program):
    tencent.contacts.heard("oA", "text")
    for body in ([], "text", None):
        assert await program.code(SEND, body) == 47001


async def test_the_webhook_is_told_what_became_of_a_template_message(clock, unused_tcp_port):
    heard = []

    async def post(request: web.Request) -> web.Response:
        body = await request.read()
        Webhook(ACCOUNT).open(dict(request.query), body)
        heard.append(body.decode())
        return web.Response(text=SUCCESS)

    app = web.Application()
    app.router.add_post("/", post)
    runner = web.AppRunner(app)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", unused_tcp_port).start()
    try:
        webhook = f"http://127.0.0.1:{unused_tcp_port}/"
        async with tencent_and_program(clock, webhook) as (tencent, program):
            tencent.contacts.heard("oA", "text")
            message = {"touser": "oA", "template_id": "T1", "data": values()}
            answer = await program.post(TEMPLATE, message)
            await tencent.reported()
        assert len(heard) == 1
        assert "<Event><![CDATA[TEMPLATESENDJOBFINISH]]></Event>" in heard[0]
        assert f"<MsgID>{answer['msgid']}</MsgID>" in heard[0]
        assert "<Status><![CDATA[success]]></Status>" in heard[0]
    finally:
        await runner.cleanup()


async def test_a_slow_interface(tencent, program):
    tencent.behaviour.expect(Mishap.SLOW)
    tencent.behaviour.delay = 0.2
    began = time.monotonic()
    await program.get("/cgi-bin/menu/get")
    assert time.monotonic() - began >= 0.2


@pytest.mark.parametrize("mishap", [Mishap.REFUSED_TOKEN, Mishap.QUOTA])
async def test_codes_on_request(tencent, program, mishap):
    tencent.contacts.heard("oA", "text")
    tencent.behaviour.expect(mishap, 2)
    code = int(mishap.value)
    assert [await program.say("oA") for _ in range(3)] == [code, code, 0]


async def test_a_connection_that_breaks_though_the_message_was_sent(tencent, program):
    tencent.contacts.heard("oA", "text")
    tencent.behaviour.expect(Mishap.DROPPED)
    with pytest.raises(aiohttp.ClientError):
        await program.say("oA")
    assert len(tencent.sent) == 1
    assert await program.say("oA") == 0
