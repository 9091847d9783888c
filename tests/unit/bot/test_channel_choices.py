"""Choices that can be tapped, numbered or written, and what lies on the table no longer."""

from __future__ import annotations

import asyncio

import pytest
from channel_world import (
    late,
    running_with_tencent,
)

from wechat.messages import LATE
from wechat.simulator import Reply


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


@pytest.mark.parametrize("text", ["🐶🐶", "？"])
async def test_what_has_no_words_is_no_choice(hall, citizen, text):
    hall.bot.answers["问"] = ways("本人办理", "委托他人")
    await citizen.say("问")
    await citizen.say(text)
    assert hall.bot.heard == ["问", text]


async def test_a_choice_further_up_than_a_late_answer_is_what_it_says(hall, citizen):
    hall.bot.answers["问"] = ways("本人办理", "委托他人")
    hall.bot.answers["慢"] = ways("新办", "换领")
    await citizen.say("问")
    assert await late(hall, citizen, "慢") == Reply(LATE)
    await citizen.send(citizen.text("委托他人", menu_id="2"))
    assert hall.bot.heard == ["问", "慢", "委托他人"]


async def test_choices_of_an_answer_that_is_sent_later_can_be_tapped():
    async with running_with_tencent() as (hall, tencent):
        citizen = hall.citizen()
        hall.bot.answers["慢"] = ways("新办", "换领")
        assert await late(hall, citizen, "慢") is None
        sent = await asyncio.wait_for(tencent.next_message(), 5)
        assert "msgmenucontent=换领&msgmenuid=2" in sent.text
        await citizen.send(citizen.text("换领", menu_id="2"))
        assert hall.bot.heard == ["慢", "2"]


async def test_a_tap_does_not_tell_how_the_citizen_writes(hall, citizen):
    """What a link says when it is tapped is in our characters."""
    hall.bot.answers["問，補辦"] = ways("本人办理", "丢失、补办")
    reply = await citizen.say("問，補辦")
    assert "1. 本人辦理" in reply.text
    assert "msgmenucontent=本人办理&msgmenuid=1" in reply.linked
    await citizen.send(citizen.text("丢失、補辦", menu_id="2"))  # as a mark ends an address
    assert hall.bot.heard[-1] == "2"
    await citizen.say("問，補辦")
    hall.bot.answers["1"] = [{"text": "办理时间"}]
    assert await citizen.send(citizen.text("本人办理", menu_id="1")) == Reply("辦理時間")


async def test_a_tap_allows_what_a_menu_click_allows():
    async with running_with_tencent() as (hall, _):
        citizen = hall.citizen()
        await citizen.send(citizen.text("本人办理", menu_id="1"))
        assert hall.channel._sender._quota.left(citizen.openid) == 3


async def test_choices_too_many_for_links_are_numbers(hall, citizen):
    titles = [f"第{number}种办理方式" for number in range(1, 25)]
    hall.bot.answers["问"] = ways(*titles)
    reply = await citizen.say("问")
    assert reply.linked == reply.text
    assert "24. 第24种办理方式" in reply.text
