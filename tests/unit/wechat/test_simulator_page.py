"""The simulated phone: its addresses, and its page in a real browser."""

from __future__ import annotations

import asyncio
import json
from dataclasses import replace

import aiohttp
import pytest
from aiohttp import web
from playwright.async_api import expect
from tencent_world import ACCOUNT, DATA, PNG, REMINDER, SEND

from wechat.api import WeChatApi
from wechat.envelope import SUCCESS, Webhook
from wechat.kinds import ChoiceEvent, ImageMessage, LinkMessage, VideoMessage
from wechat.messages import Event, LocationMessage, TextMessage, VoiceMessage
from wechat.simulator import Mishap
from wechat.simulator.citizen import OUT_OF_SERVICE
from wechat.simulator.server import Simulator

SECURE = replace(ACCOUNT, aes_key="abcdefghijklmnopqrstuvwxyz0123456789ABCDEFG", mode="secure")
CHOICE = '<a href="weixin://bizmsgmenu?msgmenucontent=办护照&msgmenuid=1">1. 办护照</a>'
MENU = [
    {"type": "click", "name": "帮助", "key": "帮助"},
    {"name": "预约", "sub_button": [{"type": "click", "name": "我的预约", "key": "我的预约"}]},
]


class Hall:
    """Answers what it heard, once as a picture."""

    def __init__(self) -> None:
        self._webhook = Webhook(SECURE)
        self.heard = []
        self.status = 200

    async def post(self, request: web.Request) -> web.Response:
        opened = self._webhook.open(dict(request.query), await request.read())
        message = opened.message
        self.heard.append(message)
        if isinstance(message, Event) and message.key == "":
            return web.Response(text=SUCCESS)
        words = {
            TextMessage: lambda: f"听到“{message.text}”\n{CHOICE}",
            VoiceMessage: lambda: f"听到语音“{message.recognition}”",
            LocationMessage: lambda: f"{message.label}在{message.latitude}",
            ImageMessage: lambda: "收到image",
            VideoMessage: lambda: "收到video",
            LinkMessage: lambda: "收到link",
            ChoiceEvent: lambda: "收到choice",
            Event: lambda: f"{message.kind.value}：{message.key}",
        }
        return web.Response(status=self.status, text=opened.reply(words[type(message)]()))


@pytest.fixture
async def hall(unused_tcp_port):
    hall = Hall()
    app = web.Application()
    app.router.add_post("/", hall.post)
    runner = web.AppRunner(app)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", unused_tcp_port).start()
    hall.url = f"http://127.0.0.1:{unused_tcp_port}/"
    yield hall
    await runner.cleanup()


@pytest.fixture
async def simulator(hall):
    async with Simulator(SECURE, hall.url, patience=1) as simulator:
        simulator.api.menu = MENU
        yield simulator


@pytest.fixture
async def api(simulator):
    async with WeChatApi(replace(SECURE, api=simulator.url)) as api:
        yield api


@pytest.fixture
async def session():
    async with aiohttp.ClientSession() as session:
        yield session


@pytest.fixture
async def phone(simulator, page):
    """The page of a citizen who has just followed."""
    await page.goto(f"{simulator.url}/simulator?openid=oA")
    await expect(page.get_by_text("你已关注该公众号")).to_be_visible()
    return page


async def write(phone, text):
    if await phone.locator("#write").is_hidden():
        await phone.get_by_role("button", name="菜单或键盘").click()
    await phone.get_by_label("消息").fill(text)
    await phone.get_by_role("button", name="发送").click()


async def test_a_citizen_writes_and_taps_a_choice(phone, hall):
    await write(phone, "你好")
    await expect(phone.locator("li.me")).to_have_text("你好")
    await expect(phone.locator("li.hall")).to_have_text("听到“你好”\n1. 办护照")
    await phone.get_by_role("link", name="1. 办护照").click()
    await expect(phone.locator("li.me").last).to_have_text("办护照")
    await expect(phone.locator("li.hall").last).to_contain_text("听到“办护照”")
    assert [type(message) for message in hall.heard] == [Event, TextMessage, TextMessage]
    mine, halls = phone.locator("li.me .bubble").last, phone.locator("li.hall .bubble").last
    left, right = await halls.bounding_box(), await mine.bounding_box()
    assert left["x"] < 30
    assert right["x"] + right["width"] > 360


async def test_nothing_that_is_said_is_read_as_html(phone):
    await write(phone, "<img src=x onerror=alert(1)><b>粗</b>")
    await expect(phone.locator("li.hall")).to_contain_text("听到“<img src=x onerror=alert(1)>")
    assert await phone.locator("#chat img, #chat b").count() == 0


async def test_the_menu_of_the_account(phone):
    await phone.get_by_role("button", name="帮助").click()
    await expect(phone.locator("li.hall")).to_have_text("click：帮助")
    await phone.get_by_role("button", name="预约", exact=False).first.click()
    await phone.get_by_role("button", name="我的预约").click()
    await expect(phone.locator("li.hall").last).to_have_text("click：我的预约")


async def test_voice_position_scan_and_picture(phone, hall, tmp_path):
    await phone.get_by_role("button", name="更多").click()
    await phone.get_by_label("语音").fill("几点上班")
    await phone.get_by_role("button", name="说").click()
    await expect(phone.locator("li.hall").last).to_have_text("听到语音“几点上班”")
    await phone.locator("form[data-what=location] button").click()
    await expect(phone.locator("li.hall").last).to_have_text("人民广场在31.2304")
    await phone.get_by_label("扫码").fill("w7")
    await phone.get_by_role("button", name="扫").click()
    await expect(phone.locator("li.hall").last).to_have_text("scan：w7")
    picture = tmp_path / "picture.png"
    await phone.screenshot(path=picture)
    await phone.get_by_label("图片").set_input_files(picture)
    await phone.locator("#picture button").click()
    await expect(phone.locator("li.hall").last).to_have_text("收到image")
    shown = phone.locator("li.me img")
    await expect(shown).to_have_js_property("complete", value=True)
    assert await shown.evaluate("image => image.naturalWidth") == 390


async def test_a_scan_makes_a_stranger_a_follower(phone, hall):
    await phone.get_by_role("button", name="取消关注").click()
    await expect(phone.get_by_text("你已取消关注")).to_be_visible()
    await phone.get_by_role("button", name="更多").click()
    await phone.get_by_label("扫码").fill("w7")
    await phone.get_by_role("button", name="扫").click()
    await expect(phone.locator("li.hall").last).to_have_text("subscribe：qrscene_w7")


async def test_what_comes_through_the_interface_is_shown_at_once(phone, simulator, api, session):
    await write(phone, "你好")
    await expect(phone.locator("li.hall")).to_have_count(1)
    await api.send_text("oA", "办好了")
    await expect(phone.locator("li.hall").last).to_have_text("办好了")
    simulator.api.templates["T1"] = REMINDER
    token = await api.stable_token()
    media_id, _ = simulator.api.media.add("image", await phone.screenshot())
    values = {name: {"value": value} for name, value in DATA.items()}
    choices = [{"id": "7", "content": "满意"}, {"id": "8", "content": "不满意"}]
    article = {"title": "材料清单", "description": "点开看", "url": "https://a.cn/"}
    for path, body in (
        (SEND, {"msgtype": "image", "image": {"media_id": media_id}}),
        (SEND, {"msgtype": "news", "news": {"articles": [article]}}),
        (SEND, {"msgtype": "msgmenu", "msgmenu": {"head_content": "满意吗", "list": choices}}),
        ("/cgi-bin/message/template/send", {"template_id": "T1", "data": values}),
    ):
        data = json.dumps({"touser": "oA", **body}, ensure_ascii=False).encode()
        url = simulator.url + path
        async with session.post(url, params={"access_token": token}, data=data) as answer:
            assert (await answer.json())["errcode"] == 0
    await expect(phone.locator("li.hall img")).to_have_js_property("naturalWidth", 390)
    await expect(phone.locator("a.card")).to_have_text("材料清单点开看")
    await expect(phone.locator(".form")).to_contain_text("预约提醒")
    await expect(phone.locator(".form dd").first).to_have_text("办护照")
    await phone.get_by_role("button", name="满意", exact=True).click()
    await expect(phone.locator("li.hall").last).to_contain_text("听到“满意”")


async def test_typing_is_shown_until_the_answer_comes(phone, simulator, api, session):
    await write(phone, "你好")
    await expect(phone.locator("li.hall")).to_have_count(1)
    url, token = f"{simulator.url}/cgi-bin/message/custom/typing", await api.stable_token()
    body = {"touser": "oA", "command": "Typing"}
    async with session.post(url, params={"access_token": token}, json=body) as answer:
        assert (await answer.json())["errcode"] == 0
    await expect(phone.locator("h1")).to_have_text("对方正在输入…")
    await api.send_text("oA", "好了")
    await expect(phone.locator("h1")).to_have_text("办事服务号")


async def test_out_of_service(phone, hall):
    hall.status = 500
    await write(phone, "你好")
    await expect(phone.locator("li.wechat").last).to_have_text(OUT_OF_SERVICE)
    assert len(hall.heard) == 4, "the follow, and three tries"


async def test_a_second_look_shows_the_same_chat(phone):
    await write(phone, "你好")
    await expect(phone.locator("li.hall")).to_have_count(1)
    await phone.reload()
    await expect(phone.locator("li.me")).to_have_text("你好")
    await expect(phone.locator("#chat > li")).to_have_count(3)


async def test_another_person(phone, hall):
    await phone.get_by_role("button", name="换个人").click()
    await phone.wait_for_url(lambda url: "openid" not in url)
    await expect(phone.get_by_text("你已关注该公众号")).to_be_visible()
    assert len({message.from_user for message in hall.heard}) == 2


DEEDS = [
    ({"what": "link", "title": "题", "url": "https://a.cn/"}, LinkMessage),
    ({"what": "video"}, VideoMessage),
    ({"what": "video", "short": True}, VideoMessage),
    ({"what": "view", "url": "https://a.cn/"}, Event),
    ({"what": "position", "latitude": 31, "longitude": 121}, Event),
    ({"what": "subscription", "answers": {"T1": "accept", "T2": "reject"}}, ChoiceEvent),
    ({"what": "voice"}, VoiceMessage),
]


@pytest.mark.parametrize(("deed", "kind"), DEEDS)
async def test_other_deeds(simulator, session, hall, deed, kind):
    url = f"{simulator.url}/simulator/do"
    async with session.post(url, json={"openid": "oA", **deed}) as answer:
        assert answer.status == 202
    await simulator.phone("oA").delivered()
    assert [type(message) for message in hall.heard] == [kind]


@pytest.mark.parametrize(
    "deed",
    [
        {"what": "sing"},
        {"what": "text", "text": " "},
        {"what": "location", "latitude": "x", "longitude": 1},
        {"what": "location"},
        {"what": "subscription", "answers": {"T1": "perhaps"}},
        {"what": "subscription"},
    ],
)
async def test_deeds_that_are_none(simulator, session, hall, deed):
    url = f"{simulator.url}/simulator/do"
    async with session.post(url, json={"openid": "oA", **deed}) as answer:
        assert answer.status == 400
        assert (await answer.json())["error"]
    assert hall.heard == []


async def test_mishaps_are_asked_for_over_http(simulator, session):
    url = f"{simulator.url}/simulator/behaviour"
    async with session.post(url, json={"mishap": "lost", "times": 2, "seconds": 1}) as answer:
        assert await answer.json() == {"left": {"lost": 2}, "seconds": 1}
    assert simulator.behaviour.happens(Mishap.LOST)
    async with session.get(url) as answer:
        assert (await answer.json())["left"] == {"lost": 1}
    async with session.delete(url) as answer:
        assert (await answer.json())["left"] == {}
    async with session.post(url, json={"mishap": "rain"}) as answer:
        assert answer.status == 400


async def test_templates_are_added_over_http(simulator, session):
    url = f"{simulator.url}/simulator/templates"
    made = {"T1": {"title": "预约提醒", "fields": {"thing1": "事项"}}}
    async with session.post(url, json=made) as answer:
        assert await answer.json() == {"templates": ["T1"]}
    assert simulator.api.templates["T1"].title == "预约提醒"
    async with session.post(url, json={"T2": {}}) as answer:
        assert answer.status == 400


async def test_pages_of_other_sites_stay_outside(simulator, session, hall):
    url = f"{simulator.url}/simulator/do"
    body = {"openid": "oA", "what": "text", "text": "你好"}
    async with session.post(url, json=body, headers={"Host": "evil.example"}) as answer:
        assert answer.status == 403
    async with session.post(url, data=json.dumps(body)) as answer:
        assert answer.status == 415, "a form can't say application/json"
    picture = f"{simulator.url}/simulator/picture?openid=oA"
    async with session.post(picture, data=PNG, headers={"Content-Type": "text/plain"}) as answer:
        assert answer.status == 415
    assert hall.heard == []


async def test_pictures_that_are_refused(simulator, session, hall):
    picture = f"{simulator.url}/simulator/picture?openid=oA"
    async with session.post(picture, data=b"GIF", headers={"Content-Type": "image/gif"}) as answer:
        assert (await answer.json())["errcode"] == 40004
    async with session.get(f"{simulator.url}/simulator/media/none") as answer:
        assert (await answer.json())["errcode"] == 40007
    for query in ("", "?openid=a b"):
        async with session.get(f"{simulator.url}/simulator/feed{query}") as answer:
            assert answer.status == 400


async def test_it_stops_though_a_phone_is_open(hall, session):
    async with Simulator(SECURE, hall.url) as simulator:
        url = f"{simulator.url}/simulator/feed?openid=oA"
        answer = await session.get(url)
        assert await answer.content.readline() == b"event: ready\n"
    await asyncio.wait_for(answer.read(), 2)
