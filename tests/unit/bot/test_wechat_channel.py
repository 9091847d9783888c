"""The channel in a real server on a free port: a scripted bot behind it, WeChat in front of it."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path

import aiohttp
import pytest
from channel_world import (
    COMPATIBLE,
    KEY,
    OTHER_KEY,
    PLAIN,
    SECURE,
    Bot,
    Hall,
    late,
    logged,
    post,
    running,
    running_with_tencent,
)
from embedding_service import WORD, EmbeddingService, say
from rasa.core.channels.channel import UserMessage
from rasa.shared.core.training_data.story_reader.yaml_story_reader import YAMLStoryReader
from rasa.shared.exceptions import InvalidConfigException
from rasa.shared.nlu.constants import TEXT
from rasa.shared.nlu.training_data.message import Message
from structlog.testing import capture_logs

from bot.broken_connections import Connection
from bot.channels.inbox import Inbox, Lanes, ShortMemory
from bot.channels.replies import (
    EMPTY_TEXT,
    ONLY_TEXT,
    TROUBLE,
    VOICE_WITHOUT_WORDS,
)
from bot.channels.requests import LARGEST_BODY
from bot.channels.wechat import Late, WeChatInput
from bot.meaning import LiveMeaning, serving
from bot.resources import catalog_store
from bot.settings import Embeddings
from service_catalog.search.embedders import HttpEmbedder
from service_catalog.store import LOOK
from wechat.crypto import signature
from wechat.errors import AccountError, ServiceUnavailable
from wechat.messages import LATE, MORE, pages
from wechat.simulator import Reply, Sent
from wechat.simulator.behaviour import Behaviour, Mishap


@pytest.fixture
async def hall():
    async with running() as hall:
        yield hall


@pytest.fixture
async def citizen(hall):
    return hall.citizen()


def stamped(seconds: float = 0, **more: str) -> dict[str, str]:
    """A signed query, stamped so many seconds from now."""
    now = str(int(time.time() + seconds))
    return {"timestamp": now, "nonce": "2", "signature": signature(PLAIN.token, now, "2"), **more}


# --- the way in ---------------------------------------------------------------------------------


@pytest.mark.parametrize("account", [PLAIN, COMPATIBLE, SECURE], ids=lambda a: a.mode)
async def test_handshake_and_talk_in_every_mode(account):
    async with running(account) as hall:
        citizen = hall.citizen(account)
        await citizen.handshake()
        assert await citizen.say("你好👌") == Reply("答：你好👌")
        assert hall.bot.messages[0].sender_id == citizen.openid
        assert hall.bot.messages[0].input_channel == "wechat"


async def test_health(hall):
    async with aiohttp.ClientSession() as session:
        address = hall.url.removesuffix("webhook")
        async with session.get(address) as response:
            assert await response.json() == {"status": "ok"}


@pytest.mark.parametrize(
    "query",
    [
        {},
        {"echostr": "x"},
        stamped(),
        stamped(echostr="x", signature="0" * 40),
        stamped(echostr="x", signature="签"),
        stamped(echostr="x", nonce="3"),
    ],
)
async def test_a_wrong_handshake_is_refused(hall, query):
    async with (
        aiohttp.ClientSession() as session,
        session.get(hall.url, params=query) as response,
    ):
        assert response.status == 403
        assert await response.text() == ""


async def test_compatible_mode_answers_plain_messages_plainly():
    async with running(COMPATIBLE) as hall:
        assert await hall.citizen(PLAIN).say("你好") == Reply("答：你好")


async def test_secure_mode_refuses_plain_messages(hall):
    with pytest.raises(ServiceUnavailable) as caught:
        await hall.citizen(PLAIN).say("你好")
    assert caught.value.status == 403
    assert hall.bot.heard == []


async def test_the_previous_key_opens_and_seals():
    changing = replace(SECURE, aes_key=OTHER_KEY, previous_aes_key=KEY)
    async with running(changing) as hall:
        assert await hall.citizen(SECURE).say("旧") == Reply("答：旧")
        assert await hall.citizen(replace(SECURE, aes_key=OTHER_KEY)).say("新") == Reply("答：新")


async def test_an_unknown_key_is_refused(hall):
    with pytest.raises(ServiceUnavailable) as caught:
        await hall.citizen(replace(SECURE, aes_key=OTHER_KEY)).say("你好")
    assert caught.value.status == 400


async def test_what_was_sent_long_ago_is_refused_however_well_it_is_signed(hall, citizen):
    body = citizen.text("你好").encode()
    for seconds in (-400, 400, -1e9):
        with capture_logs() as logs:
            assert await post(hall.url, stamped(seconds), body) == 403
        assert logs[0]["reason"] == "signature"
    assert await post(hall.url, {**stamped(), "timestamp": "昨天"}, body) == 403
    async with aiohttp.ClientSession() as session:
        old = {**stamped(-400), "echostr": "echo"}
        async with session.get(hall.url, params=old) as response:
            assert response.status == 403
    assert hall.bot.heard == []


async def test_the_window_can_be_switched_off():
    async with running(replace(PLAIN, replay_window=0)) as hall:
        body = hall.citizen(PLAIN).text("你好").encode()
        assert await post(hall.url, stamped(-1e9), body) == 200


@pytest.mark.parametrize(
    "change",
    [
        {"signature": None, "msg_signature": None},
        {"signature": None, "msg_signature": "0" * 40},
        {"signature": "0" * 40},
        {"msg_signature": None},
        {"msg_signature": "0" * 40},
        {"timestamp": None},
        {"nonce": "1"},
        {"encrypt_type": "raw"},
    ],
    ids=str,
)
async def test_wrong_signatures_are_refused(hall, citizen, change):
    query, body = citizen.sealed(citizen.text("身份证丢了"))
    changed = {name: value for name, value in (query | change).items() if value is not None}
    with capture_logs() as logs:
        assert await post(hall.url, changed, body.encode()) == 403
    assert hall.bot.heard == []
    assert [entry["event"] for entry in logs] == ["wechat.refused"]


@pytest.mark.parametrize("left_out", ["signature", "encrypt_type"])
async def test_the_signature_over_the_ciphertext_is_enough(hall, citizen, left_out):
    query, body = citizen.sealed(citizen.text("身份证丢了"))
    del query[left_out]
    assert await post(hall.url, query, body.encode()) == 200
    assert len(hall.bot.heard) == 1


BOMB = '<!DOCTYPE xml [<!ENTITY a "哈"><!ENTITY b "&a;&a;">]><xml><Content>&b;</Content></xml>'


@pytest.mark.parametrize(
    "body",
    [
        pytest.param(b"", id="empty"),
        pytest.param(b"\xff\xfe\x00", id="not UTF-8"),
        pytest.param("身份证".encode(), id="not XML"),
        pytest.param(BOMB.encode(), id="DOCTYPE bomb"),
        pytest.param(b"<xml><MsgType>text</MsgType></xml>", id="fields missing"),
        pytest.param(b"<xml><Encrypt>abc</Encrypt></xml>", id="encrypted, but not said so"),
        pytest.param(b"<xml>" + b"<a>" * 9_000 + b"</a>" * 9_000 + b"</xml>", id="deep"),
    ],
)
async def test_malformed_bodies_are_refused(body):
    async with running(COMPATIBLE) as hall:
        with capture_logs() as logs:
            assert await post(hall.url, stamped(), body) == 400
        assert hall.bot.heard == []
        assert "身份证" not in str(logs)


@pytest.mark.parametrize("inner", ["你好", BOMB, "<xml></xml>"])
async def test_malformed_encrypted_messages_are_refused(hall, citizen, inner):
    query, body = citizen.sealed(inner)
    assert await post(hall.url, query, body.encode()) == 400
    assert hall.bot.heard == []


async def test_an_encrypted_message_without_ciphertext_is_refused(hall):
    query = stamped(encrypt_type="aes", msg_signature=signature(PLAIN.token, "1", "2"))
    assert await post(hall.url, query, b"<xml><Encrypt></Encrypt></xml>") == 400


async def test_a_ciphertext_that_is_none_is_refused(hall):
    query = stamped(encrypt_type="aes")
    query["msg_signature"] = signature(PLAIN.token, query["timestamp"], "2", "密文")
    assert await post(hall.url, query, "<xml><Encrypt>密文</Encrypt></xml>".encode()) == 400


async def pieces(size: int):
    for _ in range(0, size, 1024):
        yield b"x" * 1024


async def test_an_oversized_body_is_refused(hall):
    assert await post(hall.url, stamped(), b"x" * (LARGEST_BODY + 1)) == 413
    assert await post(hall.url, stamped(), pieces(LARGEST_BODY + 1024)) == 413
    assert await hall.citizen().say("还在吗") == Reply("答：还在吗")


async def test_a_long_body_within_the_limit_is_read(hall, citizen):
    assert await citizen.say("长" * 5_000)
    assert hall.bot.heard == ["长" * 5_000]


# --- what is said to Rasa -----------------------------------------------------------------------


@pytest.mark.parametrize(
    "text",
    ["/greet", " /restart", "//greet", "\u3000/greet", "／greet", "\u200b/greet", '/a{"b": "c"}'],
)
async def test_a_citizen_cannot_name_an_intent(hall, citizen, text):
    await citizen.say(text)
    heard = Message({TEXT: hall.bot.heard[0]})
    assert YAMLStoryReader.unpack_regex_message(heard) is heard
    assert text.lstrip(" /／\u3000\u200b") == hall.bot.heard[0]


async def test_a_slash_inside_a_text_stays(hall, citizen):
    await citizen.say("护照/通行证")
    assert hall.bot.heard == ["护照/通行证"]


async def test_a_follow_is_the_intent_follow(hall, citizen):
    hall.bot.answers["/follow"] = [{"text": "欢迎！"}]
    assert await citizen.follow() == Reply("欢迎！")


@pytest.mark.parametrize("name", ["unsubscribe", "CLICK", "VIEW", "LOCATION", "a_new_one"])
async def test_other_events_are_acknowledged(hall, citizen, name):
    assert await citizen.send(citizen.event(name)) is None
    assert hall.bot.heard == []


async def test_a_menus_button_says_its_key(hall, citizen):
    await citizen.send(citizen.event("CLICK", "我的预约"))
    await citizen.send(citizen.event("CLICK", "/restart"))
    assert hall.bot.heard == ["我的预约", "restart"]


async def test_a_position_and_a_scanned_code_are_intents(hall, citizen):
    await citizen.send(citizen.location(33.9, 123.01))
    await citizen.send(citizen.event("SCAN", "window:district-hall:A05"))
    await citizen.send(citizen.event("subscribe", "qrscene_terminal:hall-permit"))
    await citizen.send(citizen.event("SCAN", '"}/restart'))
    await citizen.say('/scanned{"scene": "window:district-hall:A05"}')
    assert hall.bot.heard == [
        '/located{"latitude": "33.9", "longitude": "123.01"}',
        '/scanned{"scene": "window:district-hall:A05"}',
        '/scanned{"scene": "terminal:hall-permit"}',
        "/follow",
        'scanned{"scene": "window:district-hall:A05"}',
    ]


async def test_recognised_voice_is_a_text(hall, citizen):
    assert await citizen.send(citizen.voice("办身份证")) == Reply("答：办身份证")
    await citizen.send(citizen.voice("/restart"))
    assert hall.bot.heard == ["办身份证", "restart"]


async def test_what_cannot_be_read_is_answered_without_rasa(hall, citizen):
    assert await citizen.send(citizen.voice()) == Reply(VOICE_WITHOUT_WORDS)
    assert await citizen.send(citizen.picture()) == Reply(ONLY_TEXT)
    assert await citizen.say("  \n\u3000") == Reply(EMPTY_TEXT)
    assert await citizen.say(" / ") == Reply(EMPTY_TEXT)
    assert hall.bot.heard == []


# --- what Rasa says -----------------------------------------------------------------------------


async def test_several_messages_and_buttons(hall, citizen):
    buttons = [{"title": "本人办理", "payload": "/a"}, {"title": "委托他人", "payload": "/b"}]
    hall.bot.answers["办"] = [
        {"text": "第一条 ]]> <b>"},
        {"text": "怎么办理？", "buttons": buttons},
        {"custom": {"a": 1}},
        {"image": "https://example.com/a.png"},
    ]
    assert await citizen.say("办") == Reply(
        "第一条 ]]> <b>\n\n怎么办理？\n1. 本人办理\n2. 委托他人\n回复数字选择。"
        "\n\n图片：https://example.com/a.png"
    )


async def test_a_failing_bot_is_excused_and_logged_without_content(hall, citizen):
    hall.bot.failing.add("110101199001011234")
    with capture_logs() as logs:
        assert await citizen.say("110101199001011234") == Reply(TROUBLE)
    assert [entry["event"] for entry in logs] == ["wechat.failed"]
    assert logs[0]["error"] == "RuntimeError"
    assert logs[0]["openid"] == "oFir…"
    assert "110101199001011234" not in str(logs)
    assert citizen.openid not in str(logs)
    assert await citizen.say("再来") == Reply("答：再来")


async def test_a_silent_bot_is_excused(hall, citizen):
    hall.bot.answers["嗯"] = []
    assert await citizen.say("嗯") == Reply(TROUBLE)


async def test_long_answers_come_page_by_page(hall, citizen):
    whole = "\n".join(f"{number}、材料" + "很长" * 40 for number in range(30))
    hall.bot.answers["材料"] = [{"text": whole}]
    expected = pages(whole)
    assert len(expected) > 2
    got = [await citizen.say("材料")]
    while got[-1].text.endswith(MORE):
        got.append(await citizen.say("“继续”"))
    assert [reply.text for reply in got] == expected
    assert hall.bot.heard == ["材料"]
    assert await citizen.say("继续") == Reply("答：继续")


async def test_the_rest_is_dropped_by_another_message(hall, citizen):
    hall.bot.answers["材料"] = [{"text": "长" * 3_000}]
    await citizen.say("材料")
    await hall.citizen(openid="oSecond-2").say("继续")
    await citizen.say("算了")
    assert await citizen.say("继续") == Reply("答：继续")
    assert hall.bot.heard == ["材料", "继续", "算了", "继续"]


# --- repeats and order --------------------------------------------------------------------------


async def test_a_repeat_after_the_answer_says_nothing(hall, citizen):
    for xml in (citizen.text("你好"), citizen.event("subscribe")):
        assert await citizen.send(xml) is not None
        assert await citizen.send(xml) is None
        assert await citizen.send(xml) is None
    assert hall.bot.heard == ["你好", "/follow"]


@pytest.mark.parametrize("is_late", [False, True], ids=["in time", "late"])
async def test_an_answer_that_was_lost_on_its_way_comes_with_the_repeat(hall, is_late):
    behaviour = Behaviour()
    behaviour.expect(Mishap.LOST)
    citizen = hall.citizen(tries=2, behaviour=behaviour)
    if is_late:
        assert await late(hall, citizen, "慢") == Reply(LATE)
        assert await citizen.say("好了吗") == Reply("答：慢\n\n答：好了吗")
    else:
        xml = citizen.text("你好")
        assert await citizen.send(xml) == Reply("答：你好")
        assert await citizen.send(xml) is None
    assert not behaviour.happens(Mishap.LOST)
    assert len(hall.bot.heard) == 1 + is_late


async def test_what_is_sent_anyway_is_not_promised_again_when_the_connection_breaks():
    async with running_with_tencent() as (hall, tencent):
        behaviour = Behaviour()
        behaviour.expect(Mishap.LOST)
        citizen = hall.citizen(tries=2, behaviour=behaviour)
        assert await late(hall, citizen, "慢") is None
        assert await asyncio.wait_for(tencent.next_message(), 5) == Sent(citizen.openid, "答：慢")
        assert hall.bot.heard == ["慢"]


async def test_a_repeat_while_the_first_is_in_work_says_nothing(hall, citizen):
    gate = hall.bot.hold("慢")
    xml = citizen.text("慢")
    first = asyncio.create_task(citizen.send(xml))
    await hall.bot.begins("慢")
    assert await citizen.send(xml) is None
    gate.set()
    assert await first == Reply("答：慢")
    assert hall.bot.heard == ["慢"]


@pytest.mark.parametrize("answered", [True, False], ids=["answer there", "answer not there yet"])
async def test_after_a_lost_connection_the_repeat_gets_the_answer(hall, citizen, answered):
    gate = hall.bot.hold("慢")
    xml = citizen.text("慢")
    with capture_logs() as logs:
        first = asyncio.create_task(citizen.send(xml))
        await hall.bot.begins("慢")
        first.cancel()
        await asyncio.gather(first, return_exceptions=True)
        await logged(logs, "wechat.connection_lost")
    if answered:
        gate.set()
        await citizen.say("后面的")  # answered after the slow one
    second = asyncio.create_task(citizen.send(xml))
    gate.set()
    assert await second == Reply("答：慢")
    assert await citizen.send(xml) is None
    assert hall.bot.heard.count("慢") == 1


async def test_one_citizens_messages_keep_their_order_and_others_do_not_wait(hall, citizen):
    gate = hall.bot.hold("一")
    replies = [asyncio.create_task(citizen.say("一"))]
    await hall.bot.begins("一")
    replies.append(asyncio.create_task(citizen.say("二")))
    assert await hall.citizen(openid="oSecond-2").say("插队") == Reply("答：插队")
    assert hall.bot.heard == ["一", "插队"]
    gate.set()
    assert await asyncio.gather(*replies) == [Reply("答：一"), Reply("答：二")]
    assert hall.bot.heard == ["一", "插队", "二"]


# --- late answers -------------------------------------------------------------------------------


async def test_a_late_answer_comes_before_the_next(hall, citizen):
    assert await late(hall, citizen, "慢") == Reply(LATE)
    assert await citizen.say("好的") == Reply("答：慢\n\n答：好的")
    assert await citizen.say("谢谢") == Reply("答：谢谢")


async def test_late_answers_add_up(hall, citizen):
    assert await late(hall, citizen, "慢") == Reply(LATE)
    assert await late(hall, citizen, "更慢") == Reply(LATE)
    assert await citizen.send(citizen.picture()) == Reply(f"答：慢\n\n答：更慢\n\n{ONLY_TEXT}")


async def test_a_late_answer_can_be_asked_for(hall, citizen):
    hall.bot.answers["慢"] = [{"text": "长" * 900}]
    assert await late(hall, citizen, "慢") == Reply(LATE)
    first = await citizen.say("继续")
    second = await citizen.say("继续")
    assert first.text.removesuffix(MORE) + second.text == "长" * 900
    assert hall.bot.heard == ["慢"]


async def test_a_late_failure_is_told_too(hall, citizen):
    hall.bot.failing.add("慢")
    assert await late(hall, citizen, "慢") == Reply(LATE)
    assert await citizen.say("好的") == Reply(f"{TROUBLE}\n\n答：好的")


async def test_a_repeat_of_a_late_message_says_nothing(hall, citizen):
    gate = hall.bot.hold("慢")
    xml = citizen.text("慢")
    hall.channel.deadline = 0.02
    assert await citizen.send(xml) == Reply(LATE)
    assert await citizen.send(xml) is None
    gate.set()


async def test_a_late_answer_is_sent_by_customer_service():
    async with running_with_tencent() as (hall, tencent):
        citizen = hall.citizen()
        assert await late(hall, citizen, "慢") is None
        assert await asyncio.wait_for(tencent.next_message(), 5) == Sent(citizen.openid, "答：慢")
        assert await citizen.say("好的") == Reply("答：好的")
        assert len(tencent.sent) == 1


async def test_a_long_late_answer_is_sent_page_by_page():
    async with running_with_tencent() as (hall, tencent):
        citizen = hall.citizen()
        hall.bot.answers["慢"] = [{"text": "长" * 900}]
        assert await late(hall, citizen, "慢") is None
        first = await asyncio.wait_for(tencent.next_message(), 5)
        second = await citizen.say("继续")
        assert first.text.removesuffix(MORE) + second.text == "长" * 900


async def test_a_late_answer_that_cannot_be_sent_is_kept():
    async with running_with_tencent() as (hall, tencent):
        citizen = hall.citizen()
        tencent.fail_next_send(45047)
        with capture_logs() as logs:
            assert await late(hall, citizen, "慢") is None
            assert await citizen.say("好的") == Reply("答：慢\n\n答：好的")
        assert tencent.sent == []
        failure = next(entry for entry in logs if entry["event"] == "wechat.send_failed")
        assert "45047" in failure["error"]


async def test_stopping_cancels_what_does_not_end():
    async with running(shutdown_grace=0.01) as hall:
        hall.bot.hold("永远")
        hall.channel.deadline = 0.02
        assert await hall.citizen().say("永远") == Reply(LATE)
    assert [task for task in asyncio.all_tasks() if "Inbox" in repr(task)] == []


# --- choices that can be tapped -----------------------------------------------------------------


def ways(*titles: str) -> list[dict[str, object]]:
    return [{"text": "怎么办？", "buttons": [{"title": one, "payload": "/a"} for one in titles]}]


async def test_choices_are_links_to_tap_and_numbers_to_write(hall, citizen):
    hall.bot.answers["问"] = ways("本人办理", "委托他人")
    reply = await citizen.say("问")
    assert reply.text == "怎么办？\n1. 本人办理\n2. 委托他人\n回复数字选择。"
    assert (
        '2. <a href="weixin://bizmsgmenu?msgmenucontent=委托他人&msgmenuid=2">委托他人</a>'
        in reply.linked
    )
    await citizen.send(citizen.text("委托他人", menu_id="2"))
    await citizen.say("2")
    assert hall.bot.heard == ["问", "2", "2"]


async def test_a_choice_of_an_answer_further_up_is_what_it_says(hall, citizen):
    hall.bot.answers["问"] = ways("本人办理", "委托他人")
    hall.bot.answers["再问"] = ways("新办", "换领")
    await citizen.say("问")
    await citizen.say("再问")
    await citizen.send(citizen.text("委托他人", menu_id="2"))
    await citizen.say("谢谢")
    await citizen.send(citizen.text("换领", menu_id="2"))
    assert hall.bot.heard == ["问", "再问", "委托他人", "谢谢", "换领"]


async def test_choices_too_many_for_links_are_numbers(hall, citizen):
    titles = [f"第{number}种办理方式" for number in range(1, 25)]
    hall.bot.answers["问"] = ways(*titles)
    reply = await citizen.say("问")
    assert reply.linked == reply.text
    assert "24. 第24种办理方式" in reply.text


# --- an embedding model -------------------------------------------------------------------------


class ListeningBot(Bot):
    """Notes with each message whether the model's opinion of it was there."""

    def __init__(self, directory: Path) -> None:
        super().__init__()
        self._store = catalog_store(directory)
        self.had_meaning: list[bool] = []

    async def __call__(self, message: UserMessage) -> None:
        meaning = serving()
        assert meaning is not None
        self.had_meaning.append(meaning(self._store.current().index, message.text) is not None)
        await super().__call__(message)

    async def follows(self) -> None:
        """Waits until the model follows the newest catalogue."""
        meaning = serving()
        assert meaning is not None

        async def look() -> None:
            while not meaning.follows(self._store.current().index):  # noqa: ASYNC110
                await asyncio.sleep(0.001)

        await asyncio.wait_for(look(), 5)


@asynccontextmanager
async def running_with_model(
    service: EmbeddingService, directory: Path, **settings: float
) -> AsyncIterator[tuple[Hall, ListeningBot]]:
    file = directory / ".embeddings.db"
    meaning = LiveMeaning(HttpEmbedder(service.url, backoff=0), file, directory, **settings)
    bot = ListeningBot(directory)
    async with running(meaning=meaning, bot=bot) as hall:
        yield hall, bot
    assert serving() is None
    assert [task for task in asyncio.all_tasks() if "LiveMeaning" in repr(task)] == []


async def test_a_message_s_meaning_is_known_before_rasa_reads_it(model_service, small_content):
    async with running_with_model(model_service, small_content) as (hall, bot):
        await bot.follows()
        model_service.asked.clear()
        citizen = hall.citizen()
        assert await citizen.say(f" {WORD} ") == Reply(f"答：{WORD}")
        assert await citizen.send(citizen.voice("换本子")) == Reply("答：换本子")
        assert bot.had_meaning == [True, True]
        assert model_service.asked == [[WORD]], "换本子 is a text of the catalogue"


async def test_a_follow_and_what_cannot_be_read_are_no_business_of_the_model(
    model_service, small_content
):
    async with running_with_model(model_service, small_content) as (hall, bot):
        await bot.follows()
        model_service.asked.clear()
        citizen = hall.citizen()
        await citizen.follow()
        await citizen.send(citizen.picture())
        assert model_service.asked == []


async def test_a_slow_model_does_not_lose_a_message(model_service, small_content):
    async with running_with_model(model_service, small_content, seconds=0.02) as (hall, bot):
        await bot.follows()
        model_service.gate.clear()
        with capture_logs() as logs:
            assert await hall.citizen().say(WORD) == Reply(f"答：{WORD}")
            assert await hall.citizen(openid="oSecond-2").say("再来") == Reply("答：再来")
        assert bot.had_meaning == [False, False]
        assert [entry["event"] for entry in logs] == ["embeddings.failed"]
        assert WORD not in str(logs)


async def test_a_message_does_not_wait_for_the_catalogue_s_texts(model_service, small_content):
    model_service.gate.clear()
    async with running_with_model(model_service, small_content, seconds=60) as (hall, bot):
        assert await hall.citizen().say(WORD) == Reply(f"答：{WORD}")
        assert bot.had_meaning == [False]


async def test_an_edit_is_followed_without_waiting_for_the_next_look(model_service, small_content):
    async with running_with_model(model_service, small_content) as (hall, bot):
        await bot.follows()
        say(small_content, f"叫卖{WORD}")
        await asyncio.sleep(LOOK)
        citizen = hall.citizen()
        await citizen.say("一")
        await bot.follows()
        await citizen.say("二")
        assert bot.had_meaning[1]
        assert f"叫卖{WORD}" in model_service.texts


async def test_a_model_that_comes_late_is_followed_by_itself(model_service, small_content):
    model_service.fails = True
    with capture_logs() as logs:
        async with running_with_model(model_service, small_content, retry=0.01) as (hall, bot):
            await logged(logs, "embeddings.failed")
            assert await hall.citizen().say("一") == Reply("答：一")
            model_service.fails = False
            assert bot.had_meaning == [False]
            citizen = hall.citizen(openid="oSecond-2")
            await citizen.say("二")  # wakes it up
            await bot.follows()
            await citizen.say("三")
            assert bot.had_meaning[-1]
    assert [entry["event"] for entry in logs].count("embeddings.failed") == 1


async def test_without_a_model_nothing_serves(hall, citizen):
    assert serving() is None
    assert await citizen.say(WORD) == Reply(f"答：{WORD}")


def test_the_model_comes_from_the_environment(monkeypatch, tmp_path):
    monkeypatch.setenv("BANSHI_WECHAT_TOKEN", "token123")
    monkeypatch.setenv("BANSHI_WECHAT_APP_ID", "wx0123456789abcdef")
    monkeypatch.setenv("BANSHI_EMBEDDINGS", "http://127.0.0.1:9/v1/embeddings")
    assert WeChatInput.from_credentials(None).name() == "wechat"
    none = Embeddings("", "", "", tmp_path / "embeddings.db")
    assert LiveMeaning.of(none, tmp_path) is None
    assert LiveMeaning.of(replace(none, address="http://127.0.0.1:9/"), tmp_path) is not None
    monkeypatch.setenv("BANSHI_EMBEDDINGS", "sk-secret")
    with pytest.raises(InvalidConfigException, match="BANSHI_EMBEDDINGS") as caught:
        WeChatInput.from_credentials(None)
    assert "sk-secret" not in str(caught.value)


# --- settings -----------------------------------------------------------------------------------


def test_the_account_comes_from_the_environment(monkeypatch):
    monkeypatch.setenv("BANSHI_WECHAT_TOKEN", "token123")
    monkeypatch.setenv("BANSHI_WECHAT_APP_ID", "wx0123456789abcdef")
    assert WeChatInput.from_credentials(None).name() == "wechat"
    assert WeChatInput.from_credentials({}).url_prefix() == "wechat"


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("BANSHI_WECHAT_TOKEN", ""),
        ("BANSHI_WECHAT_LATE", "never"),
        ("BANSHI_WECHAT_APP_SECRET", ""),
    ],
)
def test_a_wrong_setting_is_named(monkeypatch, name, value):
    monkeypatch.setenv("BANSHI_WECHAT_TOKEN", "token123")
    monkeypatch.setenv("BANSHI_WECHAT_APP_ID", "wx0123456789abcdef")
    monkeypatch.setenv("BANSHI_WECHAT_APP_SECRET", "secret")
    monkeypatch.setenv("BANSHI_WECHAT_LATE", "customer-service")
    monkeypatch.setenv(name, value)
    with pytest.raises(InvalidConfigException, match=name):
        WeChatInput.from_credentials(None)


def test_keys_in_the_credentials_are_refused():
    with pytest.raises(InvalidConfigException, match="no keys"):
        WeChatInput.from_credentials({"token": "x"})


def test_customer_service_needs_a_secret():
    with pytest.raises(AccountError, match="BANSHI_WECHAT_APP_SECRET"):
        WeChatInput(PLAIN, late=Late.CUSTOMER_SERVICE)


# --- the parts of the inbox ---------------------------------------------------------------------


def test_a_short_memory_forgets_the_oldest_and_the_old():
    now = 0.0
    memory: ShortMemory[str] = ShortMemory(size=2, seconds=10, clock=lambda: now)
    memory.put("a", "1")
    now = 5.0
    memory.put("b", "2")
    memory.put("a", "3")
    memory.put("c", "4")
    assert (memory.get("a"), memory.get("b"), memory.get("c")) == ("3", None, "4")
    assert memory.pop("c") == "4"
    assert memory.pop("c") is None
    now = 15.0
    assert memory.get("a") is None
    assert len(memory) == 0


async def test_lanes_are_cleaned_up():
    lanes = Lanes()

    async def use(openid: str) -> None:
        async with lanes.lane(openid):
            await asyncio.sleep(0)

    users = [asyncio.create_task(use(openid)) for openid in "aab"]
    await asyncio.sleep(0)
    assert len(lanes) == 2
    users[1].cancel()
    await asyncio.gather(*users, return_exceptions=True)
    assert len(lanes) == 0


async def test_broken_work_is_logged_and_nobody_waits_for_it():
    async def broken(_: object) -> None:
        raise ValueError("110101199001011234")

    inbox = Inbox(size=10)
    with capture_logs() as logs:
        turn = inbox.begin("key", "oA", broken)
        with pytest.raises(LookupError):
            await turn.wait(5, Connection())
        await inbox.close(grace=5)
    assert logs == [{"event": "wechat.work_failed", "error": "ValueError", "log_level": "error"}]
