"""Which script a citizen writes, and answers in the same."""

from __future__ import annotations

import asyncio
import re
from pathlib import Path

import pytest
from channel_world import late, running, running_with_tencent

from bot.channels.script import _CORRECTIONS, Scripts, is_traditional, to_traditional
from wechat.messages import CHOOSE, LATE, MORE
from wechat.simulator import Reply, Sent

CONTENT = Path(__file__).parents[3] / "service_catalog" / "content"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("身份證丟了怎麼辦", True),
        ("社保卡怎麼補領", True),
        ("臺灣通行證", True),
        ("裡面", True),
        ("以後", True),
        ("理髮店的執照", True),
        ("身份证丢了怎么办", False),
        ("几个窗口", False),
        ("发票", False),
        ("与", False),
        ("2", None),
        ("ok", None),
        ("", None),
        ("👌", None),
        ("好的", None),
        ("天后里干只台面系谷云丑斗", None),  # in both scripts, though with two meanings
        ("乾著瞭藉着", None),
        ("李昇和王峯", None),  # names that people of either script have
        ("港澳通行證，简称通行证，办理", False),
        ("我要辦理港澳通行證的簽证", True),
        ("發发", False),
    ],
)
def test_the_script_of_a_message(text, expected):
    assert is_traditional(text) is expected


@pytest.mark.parametrize(
    ("simplified", "traditional"),
    [
        ("请核对：参加社会保险的户口簿", "請核對：參加社會保險的戶口簿"),
        ("换发护照，补发身份证，签发机关", "換發護照，補發身份證，簽發機關"),
        ("发票、定额发票抬头，抬头发票", "發票、定額發票抬頭，抬頭發票"),
        ("理发店、头发、美发店的卫生许可", "理髮店、頭髮、美髮店的衛生許可"),
        ("三天后，以后，皇后", "三天後，以後，皇后"),
        ("干部、干燥、干净、若干、干涉", "幹部、乾燥、乾淨、若干、干涉"),
        ("窗口在大厅里，三公里，指南里没有", "窗口在大廳裡，三公里，指南裡沒有"),
        ("签合同、签字、签注、抽签", "簽合同、簽字、簽注、抽籤"),
        ("统一出件，任一出入境窗口", "統一出件，任一出入境窗口"),
        ("因工致残，面积和面包", "因工致殘，面積和麵包"),
        ("范小明在服务范围内", "范小明在服務範圍內"),
        ("批准、标准、准予", "批准、標準、准予"),
        ("复印件、恢复、批复", "複印件、恢復、批覆"),
        ("征收、长征、象征", "徵收、長征、象徵"),
        ("还是只为一人，一只", "還是只為一人，一隻"),
        ("联系电话、关系证明、系统", "聯繫電話、關係證明、系統"),
        ("台湾居民，柜台", "臺灣居民，櫃檯"),
        ("制证、制度、复制", "製證、制度、複製"),
        ("", ""),
        ("A12-3456 ok 13800000000", "A12-3456 ok 13800000000"),
        (
            "网址：https://example.com/办事/发?a=后&b=1，请登录",
            "網址：https://example.com/办事/发?a=后&b=1，請登錄",
        ),
        ("<a href='weixin://menu?说=办'>办</a>", "<a href='weixin://menu?说=办'>辦</a>"),
    ],
)
def test_a_hall_s_sentences(simplified, traditional):
    assert to_traditional(simplified) == traditional


def test_corrections_keep_the_length():
    assert all(len(word) == len(instead) for word, instead in _CORRECTIONS.items())


def test_the_whole_catalogue_becomes_traditional():
    files = [*CONTENT.glob("services/*.yml"), *CONTENT.glob("places/*.yml")]
    sentences = {
        sentence
        for file in files
        for sentence in re.findall(r"[\u3400-\u9fff]{2,}", file.read_text())
    }
    assert len(sentences) > 1_000
    for sentence in sentences:
        traditional = to_traditional(sentence)
        assert len(traditional) == len(sentence)
        if is_traditional(sentence) is False:
            assert is_traditional(traditional) is not False, sentence
        hair = re.findall("[理頭美]髮", traditional)
        assert traditional.count("髮") == len(hair), traditional


def test_what_is_heard_is_remembered_for_a_while():
    scripts = Scripts(size=1)
    scripts.hear("oA", "身份證")
    scripts.hear("oA", "2")
    assert scripts.speak("oA", "证件") == "證件"
    assert scripts.speak("oB", "证件") == "证件"
    scripts.hear("oB", "證件")
    assert scripts.speak("oA", "证件") == "证件"
    brief = Scripts(size=1, seconds=0)
    brief.hear("oA", "身份證")
    assert brief.speak("oA", "证件") == "证件"


# --- in the chat --------------------------------------------------------------------------------


async def test_a_citizen_is_answered_in_the_script_of_the_last_message():
    async with running() as hall:
        citizen = hall.citizen()
        buttons = [{"title": "本人办理", "payload": "/a"}, {"title": "委托他人", "payload": "/b"}]
        hall.bot.answers["2"] = [{"text": "怎么办理？", "buttons": buttons}]
        assert await citizen.say("办身份证") == Reply("答：办身份证")
        assert await citizen.say("辦身份證") == Reply("答：辦身份證")
        expected = "怎麼辦理？\n1. 本人辦理\n2. 委託他人\n" + to_traditional(CHOOSE)
        assert await citizen.say("2") == Reply(expected)
        assert await hall.citizen(openid="oSecond-2").say("2") != Reply(expected)
        assert await citizen.send(citizen.voice("请问")) == Reply("答：請問")  # WeChat's spelling
        assert (await citizen.send(citizen.picture())).text.startswith("抱歉，我現在只看得懂")
        assert (await citizen.say("谢谢")).text == "答：谢谢"
        assert hall.bot.heard[1] == "辦身份證"


async def test_pages_and_late_answers_are_in_the_citizen_s_script():
    async with running() as hall:
        citizen = hall.citizen()
        hall.bot.answers["長"] = [{"text": "证" * 900}]
        first = await citizen.say("長")
        assert first.text.endswith(to_traditional(MORE))
        second = await citizen.say("繼續")
        assert first.text.removesuffix(to_traditional(MORE)) + second.text == "證" * 900
        assert hall.bot.heard == ["長"]
        assert await late(hall, citizen, "幾時") == Reply(to_traditional(LATE))
        assert await citizen.say("ok") == Reply("答：幾時\n\n答：ok")


async def test_messages_and_letters_sent_at_once_are_in_the_citizen_s_script():
    async with running_with_tencent() as (hall, tencent):
        citizen = hall.citizen()
        hall.bot.answers["幾時"] = [{"text": "周三发证"}]
        assert await late(hall, citizen, "幾時") is None
        sent = await asyncio.wait_for(tencent.next_message(), 5)
        assert sent == Sent(citizen.openid, "週三發證")
        assert await hall.channel._sender.text(citizen.openid, "办好了", owed=True)
        assert tencent.sent[-1] == Sent(citizen.openid, "辦好了")
