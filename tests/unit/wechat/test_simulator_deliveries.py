"""Messages reach the webhook as WeChat posts them, again and again when nobody answers."""

from __future__ import annotations

import asyncio
from dataclasses import replace

import pytest
from aiohttp import web

from wechat.account import Account
from wechat.envelope import Opened, Webhook, seal
from wechat.errors import NobodyListens, ServiceUnavailable
from wechat.messages import (
    Event,
    EventKind,
    ImageMessage,
    LinkMessage,
    LocationMessage,
    TextMessage,
    VideoMessage,
    VoiceMessage,
    fields,
    parse,
)
from wechat.simulator import Article, Behaviour, Citizen, Contacts, Mishap, Reply

KEY = "abcdefghijklmnopqrstuvwxyz0123456789ABCDEFG"
SECURE = Account(token="token123", app_id="wx0123456789abcdef", aes_key=KEY, mode="secure")
HEAD = (
    "<ToUserName>oA</ToUserName><FromUserName>gh_0123456789ab</FromUserName>"
    "<CreateTime>1</CreateTime>"
)


class Hall:
    """A webhook that fails as often as the test says, and remembers what came."""

    def __init__(self) -> None:
        self._webhook = Webhook(SECURE)
        self.heard = []
        self.queries = []
        self.statuses: list[int] = []
        self.waits: list[float] = []
        self.drops = 0
        self.answer: str | None = None

    async def post(self, request: web.Request) -> web.Response:
        self.queries.append(dict(request.query))
        opened = self._webhook.open(dict(request.query), await request.read())
        self.heard.append(opened.message)
        if self.drops:
            self.drops -= 1
            request.transport.abort()
        if self.waits:
            await asyncio.sleep(self.waits.pop(0))
        status = self.statuses.pop(0) if self.statuses else 200
        return web.Response(status=status, text=self._answer(opened))

    def _answer(self, opened: Opened) -> str:
        if self.answer is None:
            return opened.reply("好")
        assert opened.cipher is not None
        return seal(f"<xml>{self.answer}</xml>", opened.cipher, opened.token, 1)


@pytest.fixture
async def hall(unused_tcp_port):
    hall = Hall()
    app = web.Application()
    app.router.add_post("/", hall.post)
    runner = web.AppRunner(app, shutdown_timeout=0.1)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", unused_tcp_port).start()
    hall.url = f"http://127.0.0.1:{unused_tcp_port}/"
    yield hall
    await runner.cleanup()


@pytest.fixture
def behaviour():
    return Behaviour()


@pytest.fixture
async def citizen(hall, behaviour):
    async with Citizen(
        hall.url, SECURE, "oA", tries=3, patience=0.3, behaviour=behaviour
    ) as citizen:
        yield citizen


async def test_an_error_is_tried_again_as_the_same_message_signed_anew(hall, citizen):
    hall.statuses = [500, 502]
    assert await citizen.say("你好") == Reply("好")
    assert len(hall.heard) == 3
    assert len({message.msg_id for message in hall.heard}) == 1
    assert len({query["msg_signature"] for query in hall.queries}) == 3


async def test_after_the_third_try_the_citizen_reads_that_it_is_out_of_service(hall, citizen):
    hall.statuses = [500] * 4
    with pytest.raises(ServiceUnavailable) as caught:
        await citizen.say("你好")
    assert caught.value.status == 500
    assert len(hall.heard) == 3


async def test_no_answer_in_time_is_tried_again(hall, citizen):
    hall.waits = [1]
    assert await citizen.say("你好") == Reply("好")
    assert len(hall.heard) == 2


async def test_a_broken_connection_is_tried_again(hall, citizen):
    hall.drops = 2
    assert await citizen.say("你好") == Reply("好")
    assert len(hall.heard) == 3


async def test_a_malformed_answer_is_not(hall, citizen):
    hall.answer = "<MsgType>text</MsgType>"
    with pytest.raises(ServiceUnavailable, match="malformed"):
        await citizen.say("你好")
    assert len(hall.heard) == 1


async def test_nobody_listens_three_times(unused_tcp_port):
    async with Citizen(f"http://127.0.0.1:{unused_tcp_port}/", SECURE, tries=3) as citizen:
        with pytest.raises(NobodyListens):
            await citizen.say("你好")


async def test_an_answer_that_is_lost_on_its_way(hall, citizen, behaviour):
    behaviour.expect(Mishap.LOST)
    assert await citizen.say("你好") == Reply("好")
    assert [message.text for message in hall.heard] == ["你好", "你好"]
    assert hall.heard[0].dedup_key == hall.heard[1].dedup_key


async def test_a_delivery_that_is_repeated(hall, citizen, behaviour):
    behaviour.expect(Mishap.REPEATED)
    assert await citizen.say("你好") == Reply("好")
    assert len(hall.heard) == 2
    assert hall.heard[0].dedup_key == hall.heard[1].dedup_key


async def test_deliveries_out_of_order(hall, citizen, behaviour):
    behaviour.expect(Mishap.OUT_OF_ORDER)
    first = asyncio.create_task(citizen.say("一"))
    await asyncio.sleep(0)
    assert await citizen.say("二") == Reply("好")
    assert await first == Reply("好")
    assert [message.text for message in hall.heard] == ["二", "一"]


async def test_the_last_message_comes_though_none_follows(hall, citizen, behaviour):
    behaviour.expect(Mishap.OUT_OF_ORDER)
    assert await citizen.say("一") == Reply("好")


def test_what_is_to_happen_can_be_called_off(behaviour):
    behaviour.expect(Mishap.SLOW, 2)
    behaviour.expect(Mishap.LOST)
    assert behaviour.happens(Mishap.SLOW)
    assert behaviour.left() == {"slow": 1, "lost": 1}
    behaviour.calm()
    assert behaviour.left() == {}
    assert not behaviour.happens(Mishap.SLOW)


async def test_contacts_hear_what_is_sent(hall):
    contacts = Contacts(lambda: 0.0)
    async with Citizen(hall.url, SECURE, "oA", contacts=contacts) as citizen:
        await citizen.follow()
        assert list(contacts.quotas("oA").values()) == [3]
        await citizen.say("你好")
        assert sorted(contacts.quotas("oA").values()) == [3, 5]
        await citizen.send(citizen.unsubscribed())
        assert not contacts.follows("oA")


COMPOSED = {
    "text": (lambda c: c.text("好"), TextMessage, {"text": "好"}),
    "tapped": (lambda c: c.text("好", menu_id="7"), TextMessage, {"text": "好"}),
    "voice": (lambda c: c.voice("几点"), VoiceMessage, {"recognition": "几点"}),
    "voice without words": (lambda c: c.voice(), VoiceMessage, {"recognition": None}),
    "image": (lambda c: c.picture(), ImageMessage, {"media_id": "media"}),
    "video": (lambda c: c.video(), VideoMessage, {"short": False}),
    "shortvideo": (lambda c: c.short_video(), VideoMessage, {"short": True}),
    "link": (lambda c: c.link("题", "https://a.cn/"), LinkMessage, {"title": "题"}),
    "location": (
        lambda c: c.location(30.5, 121.25, "大厅"),
        LocationMessage,
        {"latitude": 30.5, "longitude": 121.25, "label": "大厅"},
    ),
    "subscribe": (lambda c: c.subscribed(), Event, {"kind": EventKind.SUBSCRIBE, "scene": ""}),
    "subscribe by a scan": (
        lambda c: c.subscribed("w7"),
        Event,
        {"kind": EventKind.SUBSCRIBE, "key": "qrscene_w7", "scene": "w7"},
    ),
    "unsubscribe": (lambda c: c.unsubscribed(), Event, {"kind": EventKind.UNSUBSCRIBE}),
    "scan": (lambda c: c.scanned("w7"), Event, {"kind": EventKind.SCAN, "scene": "w7"}),
    "click": (lambda c: c.clicked("帮助"), Event, {"kind": EventKind.CLICK, "key": "帮助"}),
    "view": (lambda c: c.viewed("https://a.cn/"), Event, {"kind": EventKind.VIEW}),
    "position": (lambda c: c.reported_position(30, 121), Event, {"kind": EventKind.LOCATION}),
}


@pytest.mark.parametrize("name", COMPOSED)
async def test_every_kind_is_read_by_the_channel(hall, citizen, name):
    compose, kind, values = COMPOSED[name]
    await citizen.send(compose(citizen))
    (message,) = hall.heard
    assert isinstance(message, kind)
    assert {key: getattr(message, key) for key in values} == values


SAID = {"T1": "accept", "T2": "reject"}


@pytest.mark.parametrize(
    ("compose", "name", "inner"),
    [
        (lambda c: c.job_finished(5), "TEMPLATESENDJOBFINISH", "<MsgID>5</MsgID>"),
        (
            lambda c: c.answered_subscription(SAID),
            "subscribe_msg_popup_event",
            "<List><TemplateId><![CDATA[T2]]></TemplateId>\n"
            "<SubscribeStatusString><![CDATA[reject]]></SubscribeStatusString>\n"
            "<PopupScene>2</PopupScene></List></SubscribeMsgPopupEvent>",
        ),
        (
            lambda c: c.changed_subscription(SAID),
            "subscribe_msg_change_event",
            "<SubscribeStatusString><![CDATA[accept]]></SubscribeStatusString></List><List>",
        ),
        (
            lambda c: c.notified("T1", 7),
            "subscribe_msg_sent_event",
            "<MsgID>7</MsgID>\n<ErrorCode>0</ErrorCode>\n<ErrorStatus><![CDATA[success]]>",
        ),
    ],
)
async def test_reports_and_subscriptions(citizen, compose, name, inner):
    xml = compose(citizen)
    assert fields(xml)["Event"] == name
    assert inner in xml
    assert isinstance(parse(xml), Event)
    assert await citizen.send(xml) == Reply("好")


def article(title="题", **changes):
    values = {"Title": title, "Description": "述", "PicUrl": "p", "Url": "u", **changes}
    inner = "".join(f"<{name}>{value}</{name}>" for name, value in values.items() if value != "-")
    return f"<item>{inner}</item>"


def news(*articles, count=None):
    number = len(articles) if count is None else count
    return (
        f"{HEAD}<MsgType>news</MsgType><ArticleCount>{number}</ArticleCount>"
        f"<Articles>{''.join(articles)}</Articles>"
    )


IMAGE = f"{HEAD}<MsgType>image</MsgType><Image><MediaId>m1</MediaId></Image>"


@pytest.mark.parametrize(
    ("answer", "reply"),
    [
        (IMAGE, Reply("", "image", media_id="m1")),
        (news(article()), Reply("题", "news", articles=(Article("题", "述", "u", "p"),))),
        (
            f"{HEAD}<MsgType>transfer_customer_service</MsgType>",
            Reply("", "transfer_customer_service"),
        ),
    ],
)
async def test_replies_of_other_kinds(hall, citizen, answer, reply):
    hall.answer = answer
    assert await citizen.say("你好") == reply


async def test_several_cards_answer_an_event_alone(hall, citizen):
    hall.answer = news(article("一"), article("二"))
    assert await citizen.send(citizen.clicked("k")) == Reply(
        "一\n二", "news", articles=(Article("一", "述", "u", "p"), Article("二", "述", "u", "p"))
    )
    with pytest.raises(ServiceUnavailable, match="2 articles; 1 to 1 may be"):
        await citizen.say("你好")


@pytest.mark.parametrize(
    "answer",
    [
        pytest.param(f"{HEAD}<MsgType>image</MsgType>", id="no picture"),
        pytest.param(f"{HEAD}<MsgType>image</MsgType><MediaId>m</MediaId>", id="not in Image"),
        pytest.param(IMAGE.replace("m1", "m2"), id="no such picture"),
        pytest.param(IMAGE.replace("<CreateTime>1</CreateTime>", ""), id="no time"),
        pytest.param(f"{HEAD}<MsgType>song</MsgType>", id="no such kind"),
        pytest.param(news(article(), count=2), id="wrong count"),
        pytest.param(news(), id="no cards"),
        pytest.param(news(article("")), id="no title"),
        pytest.param(news(article(Url="-")), id="no address"),
    ],
)
async def test_replies_that_are_none(hall, answer):
    hall.answer = answer
    async with Citizen(hall.url, SECURE, "oA", knows_media="m1".__eq__) as citizen:
        with pytest.raises(ServiceUnavailable, match="malformed"):
            await citizen.send(citizen.clicked("k"))


async def test_in_compatible_mode_the_plain_fields_come_as_well(hall):
    async with Citizen(hall.url, replace(SECURE, mode="compatible"), "oA") as citizen:
        _, body = citizen.sealed(citizen.scanned("w7"))
        assert fields(body)["EventKey"] == "w7"
        assert await citizen.say("你好") == Reply("好")
