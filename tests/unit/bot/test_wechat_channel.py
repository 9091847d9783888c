"""The channel in a real server on a free port: a scripted bot behind it, WeChat in front of it."""

from __future__ import annotations

import asyncio
import json

import pytest
from channel_world import (
    late,
    logged,
    running,
    running_with_tencent,
)
from rasa.shared.core.training_data.story_reader.yaml_story_reader import YAMLStoryReader
from rasa.shared.nlu.constants import TEXT
from rasa.shared.nlu.training_data.message import Message
from structlog.testing import capture_logs

from bot.channels.journal import Claim, FileJournal
from bot.channels.outcomes import Afterwards, Outcome
from bot.channels.replies import (
    EMPTY_TEXT,
    ONLY_TEXT,
    TROUBLE,
    VOICE_WITHOUT_WORDS,
)
from wechat.errors import ServiceUnavailable
from wechat.messages import LATE, MORE, pages
from wechat.simulator import Reply, Sent
from wechat.simulator.behaviour import Behaviour, Mishap

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
    await citizen.send(citizen.location(-33.9, 18.4))
    await citizen.send(citizen.event("SCAN", "window:district-hall:A05"))
    await citizen.send(citizen.event("subscribe", "qrscene_terminal:hall-permit"))
    await citizen.send(citizen.event("SCAN", '"}/restart'))
    await citizen.say('/scanned{"scene": "window:district-hall:A05"}')
    assert hall.bot.heard == [
        '/located{"latitude": "-33.900000", "longitude": "18.400000"}',
        '/scanned{"scene": "window:district-hall:A05"}',
        '/scanned{"scene": "terminal:hall-permit"}',
        "/follow",
        'scanned{"scene": "window:district-hall:A05"}',
    ]


async def test_a_position_on_tencents_map_is_where_the_catalogue_would_have_it(hall, citizen):
    """The pair is of Amap's documentation of its conversion from GPS, for a place in Beijing."""
    await citizen.send(citizen.location(39.991754, 116.487586))
    here = json.loads(hall.bot.heard[0].removeprefix("/located"))
    assert float(here["latitude"]) == pytest.approx(39.990475, abs=2e-6)
    assert float(here["longitude"]) == pytest.approx(116.481499, abs=2e-6)


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


async def test_a_connection_that_breaks_while_the_message_is_claimed_loses_nothing(tmp_path):
    journal = FileJournal(tmp_path / "channel.db")
    claim, begun, free = journal.claim, asyncio.Event(), asyncio.Event()

    async def slowly(message: str) -> Claim:
        begun.set()
        await free.wait()
        return await claim(message)

    journal.claim = slowly  # type: ignore[method-assign]
    async with running(journal=journal) as hall:
        citizen = hall.citizen()
        xml = citizen.text("你好")
        with capture_logs() as logs:
            first = asyncio.create_task(citizen.send(xml))
            await begun.wait()
            first.cancel()
            await logged(logs, "wechat.connection_lost")
        free.set()
        assert await citizen.send(xml) == Reply("答：你好")
        assert hall.bot.heard == ["你好"]


async def test_an_answer_that_nobody_comes_for_is_not_lost(hall, citizen, monkeypatch):
    """WeChat's tries all broke: the citizen read that the account is out of order."""
    monkeypatch.setattr("bot.channels.wechat.GIVEN_UP", 0.05)
    gate = hall.bot.hold("慢")
    with capture_logs() as logs:
        first = asyncio.create_task(citizen.say("慢"))
        await hall.bot.begins("慢")
        first.cancel()
        await logged(logs, "wechat.connection_lost")
    gate.set()

    async def kept() -> None:
        while not hall.channel._outcomes[Afterwards.KEPT]:  # noqa: ASYNC110
            await asyncio.sleep(0.01)

    await asyncio.wait_for(kept(), 5)
    assert await citizen.say("好了吗") == Reply("答：慢\n\n答：好了吗")
    assert await citizen.say("谢谢") == Reply("答：谢谢")


async def test_while_the_server_stops_wechat_is_sent_elsewhere(hall, citizen):
    hall.channel._lifetime.ending = True
    with pytest.raises(ServiceUnavailable) as caught:
        await citizen.say("你好")
    assert caught.value.status == 503
    assert hall.bot.heard == []
    assert hall.channel._outcomes[Outcome.LOST] == 1


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
