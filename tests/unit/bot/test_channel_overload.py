"""More than can be answered: everybody is told something in time, nothing is answered twice."""

from __future__ import annotations

import asyncio
from dataclasses import replace

import aiohttp
import pytest
from channel_world import SECURE, Bot, late, running, running_with_tencent
from structlog.testing import capture_logs

from bot.channels.gate import Gate
from bot.channels.replies import qr_code
from bot.channels.wechat import LANE
from wechat.cards import TITLE_BYTES
from wechat.messages import BUSY, LATE
from wechat.simulator import Reply
from wechat.simulator.behaviour import Mishap

BACKEND_KEY = "k" * 32


class SlowBot(Bot):
    """Takes its time over every message."""

    def __init__(self, seconds: float) -> None:
        super().__init__()
        self._seconds = seconds

    async def __call__(self, message) -> None:
        await asyncio.sleep(self._seconds)
        await super().__call__(message)


async def counters(hall, key: str = BACKEND_KEY) -> tuple[int, dict]:
    address = hall.url.removesuffix("webhook") + "counters"
    headers = {"Authorization": f"Bearer {key}"}
    async with (
        aiohttp.ClientSession(headers=headers) as session,
        session.get(address) as response,
    ):
        return response.status, await response.json()


async def test_whoever_would_wait_too_long_is_told_at_once():
    gate = Gate(1)
    gate.pace = 10.0
    async with running(gate=gate, letters_key=BACKEND_KEY) as hall:
        first, second = hall.citizen(openid="oA"), hall.citizen(openid="oB")
        held = hall.bot.hold("慢")
        waiting = asyncio.create_task(first.say("慢"))
        await hall.bot.begins("慢")
        assert await second.say("你好") == Reply(BUSY)
        held.set()
        assert await waiting == Reply("答：慢")
        assert await second.say("你好") == Reply("答：你好")
        assert hall.bot.heard == ["慢", "你好"]
        found = (await counters(hall))[1]["deliveries"]
        assert (found["answered"], found["busy"]) == (2, 1)


async def test_a_flood_of_many_is_answered_put_off_or_turned_away_but_never_lost():
    async with running(
        bot=SlowBot(0.02), gate=Gate(2), deadline=0.4, letters_key=BACKEND_KEY
    ) as hall:
        citizens = [hall.citizen(openid=f"o{number}") for number in range(150)]
        replies = await asyncio.gather(*(one.say(f"问{n}") for n, one in enumerate(citizens)))
        answered = [n for n, reply in enumerate(replies) if reply == Reply(f"答：问{n}")]
        put_off = [n for n, reply in enumerate(replies) if reply == Reply(LATE)]
        turned_away = [n for n, reply in enumerate(replies) if reply == Reply(BUSY)]
        assert sorted(answered + put_off + turned_away) == list(range(150))
        assert answered and turned_away
        for number in put_off:
            reply = await citizens[number].say("好了吗")
            assert reply == Reply(f"答：问{number}\n\n答：好了吗")
        heard = [text for text in hall.bot.heard if text.startswith("问")]
        assert sorted(heard) == sorted(f"问{n}" for n in answered + put_off)
        found = (await counters(hall))[1]
        assert found["deliveries"]["busy"] == len(turned_away)
        assert found["deliveries"]["late"] == found["late_answers"]["kept"] == len(put_off)
        assert found["being_worked_on"] == 0


async def test_one_citizen_cannot_fill_the_queue():
    async with running() as hall:
        citizen = hall.citizen()
        held = hall.bot.hold("1")
        waiting = [asyncio.create_task(citizen.say("1"))]
        await hall.bot.begins("1")
        waiting += [asyncio.create_task(citizen.say(str(n))) for n in range(2, LANE + 4)]
        await asyncio.sleep(0.2)
        held.set()
        replies = await asyncio.gather(*waiting)
        assert replies.count(Reply(BUSY)) == 3
        assert len(hall.bot.heard) == LANE


async def test_counters_are_for_those_with_the_key():
    async with running(letters_key=BACKEND_KEY) as hall:
        assert (await counters(hall, "wrong"))[0] == 401
    async with running() as hall:
        assert (await counters(hall))[0] == 401


async def test_each_delivery_has_one_outcome():
    async with running(letters_key=BACKEND_KEY) as hall:
        citizen = hall.citizen()
        hall.bot.failing.add("坏")
        xml = citizen.text("你好")
        await citizen.send(xml)
        await citizen.send(xml)
        await citizen.say("坏")
        await citizen.send(citizen.event("unsubscribe"))
        await late(hall, citizen, "慢")
        with pytest.raises(Exception, match="403"):
            await hall.citizen(replace(SECURE, token="other")).say("你好")
        found = (await counters(hall))[1]["deliveries"]
    assert found == {
        "answered": 1, "late": 1, "busy": 0, "trouble": 1, "quiet": 1, "repeat": 1,
        "refused": 1, "lost": 0,
    }  # fmt: skip


async def test_a_picture_follows_its_text():
    async with running_with_tencent() as (hall, tencent):
        picture = {"custom": {"qr": "A2B3C4"}}
        hall.bot.answers["票"] = [{"text": "您的预约号是A1"}, picture]
        assert await hall.citizen().say("票") == Reply("您的预约号是A1")
        sent = await asyncio.wait_for(tencent.next_message(), 5)
        assert tencent.media.get(sent.media_id).content == qr_code("A2B3C4")


async def test_nobody_waits_for_a_picture_that_is_slow():
    async with running_with_tencent() as (hall, tencent):
        hall.bot.answers["约"] = [{"text": "已预约"}, {"custom": {"qr": "A2B3C4"}}]
        tencent.behaviour.expect(Mishap.SLOW, 2)
        tencent.behaviour.delay = 3.0
        assert await hall.citizen().say("约") == Reply("已预约")
        assert await hall.citizen().say("谢谢") == Reply("答：谢谢")
        assert tencent.sent == []


async def test_a_card_follows_its_text():
    async with running_with_tencent() as (hall, tencent):
        card = {
            "title": "网上办：普通护照" * 9,
            "url": "https://s.nia.gov.cn",
            "description": "平台",
        }
        hall.bot.answers["网上"] = [{"text": "网上办理：…"}, {"custom": {"card": card}}]
        assert await hall.citizen().say("网上") == Reply("网上办理：…")
        sent = await asyncio.wait_for(tencent.next_message(), 5)
        (article,) = sent.articles
        assert (article.url, article.description) == ("https://s.nia.gov.cn", "平台")
        assert article.title.startswith("网上办：普通护照")
        assert article.title.endswith("…")
        assert len(article.title.encode()) <= TITLE_BYTES


@pytest.mark.parametrize(
    "card",
    [{"title": "甲"}, {"url": "https://a.cn"}, {"title": "甲", "url": "javascript:1"}, "https://a"],
)
async def test_what_is_no_card_is_dropped(card):
    async with running_with_tencent() as (hall, tencent):
        hall.bot.answers["网上"] = [{"text": "网上办理：…"}, {"custom": {"card": card}}]
        with capture_logs() as logs:
            assert await hall.citizen().say("网上") == Reply("网上办理：…")
        assert "wechat.output_dropped" in {entry["event"] for entry in logs}
        assert await late(hall, hall.citizen(), "慢") is None  # what is sent next is this
        sent = await asyncio.wait_for(tencent.next_message(), 5)
        assert sent.text == "答：慢"


async def test_where_no_picture_can_be_sent_the_text_is_all():
    async with running() as hall:
        picture = {"custom": {"qr": "A2B3C4"}}
        hall.bot.answers["票"] = [{"text": "您的预约号是A1"}, picture]
        citizen = hall.citizen()
        assert await citizen.say("票") == Reply("您的预约号是A1")
        assert await citizen.say("谢谢") == Reply("答：谢谢")
