"""Letters from the staff: posted as the backend posts them, read as the citizen reads them."""

from __future__ import annotations

import asyncio
import json
from dataclasses import replace
from datetime import timedelta
from typing import Any

import aiohttp
import pytest
from channel_world import SECURE, Hall, late, running, running_with_tencent
from structlog.testing import capture_logs

from bot.channels.journal import JournalDown
from bot.channels.letters import LONGEST_TEXT, Letter, Mailbox
from bot.channels.requests import LARGEST_BODY
from bot.channels.wechat import Late, WeChatInput
from service_catalog.clock import now
from wechat.messages import LATE, MORE
from wechat.notices import Notice
from wechat.simulator import Reply, Sent, Template, TencentApi

KEY = "a-key-of-the-backend"
CITIZEN = "oFirst-1"


async def post(hall: Hall, body: Any, key: str | None = KEY) -> tuple[int, dict[str, Any]]:
    headers = {} if key is None else {"Authorization": f"Bearer {key}"}
    data = body if isinstance(body, bytes) else json.dumps(body).encode()
    address = hall.url.removesuffix("webhook") + "letters"
    async with (
        aiohttp.ClientSession() as session,
        session.post(address, data=data, headers=headers) as response,
    ):
        return response.status, await response.json()


async def delivered(hall: Hall, letter: str, text: str, openid: str = CITIZEN) -> bool:
    status, answer = await post(hall, {"id": letter, "openid": openid, "text": text})
    assert status == 200
    assert answer.keys() == {"delivered"}
    return bool(answer["delivered"])


@pytest.fixture
async def hall():
    async with running(letters_key=KEY) as hall:
        yield hall


@pytest.fixture
async def both():
    async with running_with_tencent(letters_key=KEY) as both:
        yield both


# --- the door -----------------------------------------------------------------------------------


@pytest.mark.parametrize("key", [None, "", "another-key", KEY + "x", "钥匙"])
async def test_nobody_gets_in_without_the_key(hall, key):
    with capture_logs() as logs:
        body = {"id": "1", "openid": CITIZEN, "text": "办好了"}
        if key is not None and not key.isascii():
            key = key.encode().decode("latin-1")
        status, _ = await post(hall, body, key)
    assert status == 401
    assert [entry["event"] for entry in logs] == ["letters.refused"]
    assert await hall.citizen().say("在吗") == Reply("答：在吗")


async def test_without_a_key_of_its_own_the_door_is_shut():
    async with running() as hall:
        for key in (None, "", "None", KEY):
            status, answer = await post(hall, {"id": "1", "openid": CITIZEN, "text": "好"}, key)
            assert status == 503
            assert "BANSHI_BOOKING_KEY" in answer["error"]


@pytest.mark.parametrize(
    ("body", "complaint"),
    [
        (b"", "not JSON"),
        (b"\xff", "not JSON"),
        (b"[" * 20_000, "not JSON"),
        (b"[]", "an object"),
        ({"id": "1", "openid": CITIZEN}, "id, openid and text"),
        ({"id": "1", "openid": CITIZEN, "text": "好", "more": 1}, "nothing else"),
        ({"id": "1", "openid": CITIZEN, "text": "好", "until": "soon"}, "until must be a moment"),
        ({"id": "1", "openid": CITIZEN, "text": "好", "until": "2026-11-24"}, "until must be"),
        ({"id": "1", "openid": CITIZEN, "text": "好", "until": 1}, "until must be"),
        ({"id": 1, "openid": CITIZEN, "text": "好"}, "id must be a string"),
        ({"id": "1", "openid": None, "text": "好"}, "openid must be a string"),
        ({"id": "1", "openid": CITIZEN, "text": ["好"]}, "text must be a string"),
        ({"id": "", "openid": CITIZEN, "text": "好"}, "id must be"),
        ({"id": "x" * 65, "openid": CITIZEN, "text": "好"}, "id must be"),
        ({"id": "一", "openid": CITIZEN, "text": "好"}, "id must be"),
        ({"id": "1", "openid": "o 1", "text": "好"}, "openid"),
        ({"id": "1", "openid": CITIZEN, "text": " \n\x00\ud800"}, "text must have"),
        ({"id": "1", "openid": CITIZEN, "text": "长" * (LONGEST_TEXT + 1)}, "text must have"),
    ],
    ids=str,
)
async def test_a_letter_that_is_none_is_refused(hall, body, complaint):
    with capture_logs() as logs:
        status, answer = await post(hall, body)
    assert status == 400
    assert complaint in answer["error"]
    assert CITIZEN not in str(logs)


async def test_an_endless_body_is_refused(hall):
    status, _ = await post(hall, b"x" * (LARGEST_BODY + 1))
    assert status == 413


async def test_the_log_has_neither_words_nor_openids(both):
    hall, tencent = both
    with capture_logs() as logs:
        await delivered(hall, "1", "张三，您的身份证办好了", "oSecretCitizen-1")
        tencent.fail_next_send(45015)
        await delivered(hall, "2", "张三，您的身份证办好了", "oSecretCitizen-1")
    told = [entry["event"] for entry in logs]
    assert told == ["wechat.sent", "letters.posted", "wechat.send_failed", "letters.posted"]
    assert "oSecretCitizen" not in str(logs)
    assert "张三" not in str(logs)


def test_the_key_comes_from_the_environment(monkeypatch):
    monkeypatch.setenv("BANSHI_WECHAT_TOKEN", "token123")
    monkeypatch.setenv("BANSHI_WECHAT_APP_ID", "wx0123456789abcdef")
    monkeypatch.setenv("BANSHI_BOOKING_KEY", KEY)
    assert WeChatInput.from_credentials(None)._key == KEY
    monkeypatch.setenv("BANSHI_BOOKING_KEY", " ")
    assert WeChatInput.from_credentials(None)._key is None


# --- kept for the next message ------------------------------------------------------------------


async def test_letters_come_before_the_next_answer_in_order_and_once(hall):
    assert not await delivered(hall, "1", "第一封")
    assert not await delivered(hall, "2", "第二封")
    assert not await delivered(hall, "1", "第一封")
    assert await hall.citizen(openid="oSecond-2").say("在吗") == Reply("答：在吗")
    citizen = hall.citizen()
    assert await citizen.say("在吗") == Reply("第一封\n\n第二封\n\n答：在吗")
    assert await citizen.say("谢谢") == Reply("答：谢谢")
    assert await delivered(hall, "1", "第一封")
    assert await delivered(hall, "2", "第二封")
    assert await citizen.say("再见") == Reply("答：再见")


async def test_a_letter_comes_with_the_answer_to_whatever_is_sent(hall):
    assert not await delivered(hall, "1", "办好了")
    reply = await hall.citizen().send(hall.citizen().picture())
    assert reply.text.startswith("办好了\n\n")


async def test_a_letter_that_comes_while_rasa_thinks_goes_out_with_the_answer(hall):
    gate = hall.bot.hold("慢")
    reply = asyncio.create_task(hall.citizen().say("慢"))
    await hall.bot.begins("慢")
    assert not await delivered(hall, "1", "办好了")
    gate.set()
    assert await reply == Reply("办好了\n\n答：慢")
    assert await delivered(hall, "1", "办好了")


async def test_letters_follow_a_late_answer(hall):
    citizen = hall.citizen()
    assert not await delivered(hall, "1", "办好了")
    assert await late(hall, citizen, "慢") == Reply(LATE)
    assert not await delivered(hall, "1", "办好了")
    assert await citizen.say("好的") == Reply("答：慢\n\n办好了\n\n答：好的")
    assert await delivered(hall, "1", "办好了")


async def test_nothing_of_a_long_letter_is_dropped(hall):
    citizen = hall.citizen()
    assert not await delivered(hall, "1", "信" * 900)
    first = await citizen.say("你好")
    assert first.text.endswith(MORE)
    second = await citizen.say("谢谢")  # and not 继续
    assert first.text.removesuffix(MORE) + second.text == "信" * 900 + "\n\n答：你好\n\n答：谢谢"


async def test_a_letter_that_is_no_news_any_more_is_dropped(hall):
    past, later = now() - timedelta(seconds=1), now() + timedelta(hours=1)
    for letter, until in (("1", past), ("2", later)):
        body = {"id": letter, "openid": CITIZEN, "text": letter, "until": until.isoformat()}
        assert await post(hall, body) == (200, {"delivered": False})
    assert await hall.citizen().say("在吗") == Reply("2\n\n答：在吗")


# --- sent at once -------------------------------------------------------------------------------


async def test_a_letter_is_sent_at_once_and_never_twice(both):
    hall, tencent = both
    assert await delivered(hall, "1", "办好了")
    assert await delivered(hall, "1", "办好了")
    assert tencent.sent == [Sent(CITIZEN, "办好了")]
    assert await hall.citizen().say("在吗") == Reply("答：在吗")


async def test_two_posts_at_once_send_one_letter(both):
    hall, tencent = both
    answers = await asyncio.gather(*(delivered(hall, "1", "办好了") for _ in range(5)))
    assert any(answers)
    assert await delivered(hall, "1", "办好了")
    assert len(tencent.sent) == 1


async def test_the_rest_of_a_long_letter_comes_with_the_next_message(both):
    hall, tencent = both
    assert await delivered(hall, "1", "信" * 900)
    first = tencent.sent[0].text
    assert first.endswith(MORE)
    second = await hall.citizen().say("谢谢")
    assert first.removesuffix(MORE) + second.text == "信" * 900 + "\n\n答：谢谢"


@pytest.mark.parametrize("code", [43004, 45015, 45047, 48001, 48002, 48004, 40003, 40164, -1])
async def test_what_cannot_be_sent_now_waits(both, code):
    hall, tencent = both
    for _ in range(2 if code == -1 else 1):  # WeChat was busy: asked once more at once
        tencent.fail_next_send(code)
    assert not await delivered(hall, "1", "办好了")
    assert await hall.citizen().say("在吗") == Reply("办好了\n\n答：在吗")
    assert await delivered(hall, "1", "办好了")
    assert tencent.sent == []


async def test_a_letter_posted_again_is_sent_again_and_waits_no_more(both):
    hall, tencent = both
    tencent.fail_next_send(40003)
    assert not await delivered(hall, "1", "办好了")
    assert await delivered(hall, "1", "办好了")
    assert tencent.sent == [Sent(CITIZEN, "办好了")]
    assert await hall.citizen().say("在吗") == Reply("答：在吗")


@pytest.mark.parametrize("code", [45009, 40125, 40164, -1])
async def test_after_a_failure_that_all_share_nobody_is_promised_a_message(both, code, monkeypatch):
    hall, tencent = both
    for _ in range(2 if code == -1 else 1):
        tencent.fail_next_send(code)
    assert not await delivered(hall, "1", "办好了")
    assert not await delivered(hall, "1", "办好了")  # not tried
    citizen = hall.citizen(openid="oSecond-2")
    assert await late(hall, citizen, "慢") == Reply(LATE)
    assert await citizen.say("好了吗") == Reply("答：慢\n\n答：好了吗")
    monkeypatch.setattr(hall.channel._sender, "_rests_until", 0.0)
    assert await delivered(hall, "1", "办好了")
    assert len(tencent.sent) == 1


async def test_a_letter_is_sent_once_though_the_backend_hangs_up():
    begun, told = asyncio.Event(), asyncio.Event()
    sent: list[str] = []

    async def send(letter: Letter) -> bool:
        begun.set()
        await told.wait()
        sent.append(letter.id)
        return True

    mailbox = Mailbox(send)
    posted = asyncio.create_task(mailbox.deliver(Letter("1", CITIZEN, "办好了")))
    await begun.wait()
    posted.cancel()
    await asyncio.gather(posted, return_exceptions=True)
    assert not await mailbox.deliver(Letter("1", CITIZEN, "办好了"))  # on its way
    told.set()
    await mailbox.close(grace=5)
    assert sent == ["1"]
    async with mailbox.hand_out(CITIZEN) as waiting:
        assert waiting.texts == ()
    with pytest.raises(JournalDown):  # it is to be posted again, elsewhere or later
        await mailbox.deliver(Letter("2", CITIZEN, "还有一件"))


async def test_who_may_not_be_written_to_is_not_tried_again_before_the_next_message(both):
    hall, tencent = both
    tencent.fail_next_send(45047)
    assert not await delivered(hall, "1", "办好了")
    assert not await delivered(hall, "1", "办好了")
    assert tencent.sent == []
    assert await hall.citizen().say("在吗") == Reply("办好了\n\n答：在吗")
    assert await delivered(hall, "2", "还有一件")
    assert tencent.sent == [Sent(CITIZEN, "还有一件")]


async def test_an_account_without_the_right_keeps_its_letters(both):
    hall, tencent = both
    tencent.fail_next_send(48001)
    assert not await delivered(hall, "1", "办好了")
    assert await late(hall, hall.citizen(), "慢") == Reply(LATE)
    assert await hall.citizen().say("好了吗") == Reply("答：慢\n\n办好了\n\n答：好了吗")
    assert tencent.sent == []


async def test_a_waiting_letter_goes_out_with_a_late_answer(both):
    hall, tencent = both
    tencent.fail_next_send(45047)
    assert not await delivered(hall, "1", "办好了")
    assert await late(hall, hall.citizen(), "慢") is None
    sent = await asyncio.wait_for(tencent.next_message(), 5)
    assert sent == Sent(CITIZEN, "办好了\n\n答：慢")
    assert await hall.citizen().say("好的") == Reply("答：好的")
    assert await delivered(hall, "1", "办好了")
    assert len(tencent.sent) == 1


async def test_neither_a_late_answer_nor_a_letter_is_lost_when_nothing_can_be_sent(both):
    hall, tencent = both
    tencent.fail_next_send(45047)
    tencent.fail_next_send(45047)
    assert not await delivered(hall, "1", "办好了")
    assert await late(hall, hall.citizen(), "慢") is None
    assert await hall.citizen().say("好的") == Reply("答：慢\n\n办好了\n\n答：好的")


# --- templates ----------------------------------------------------------------------------------

REMINDER = {
    "kind": "tomorrow", "item": "居民身份证换领", "time": "2026年11月24日 09:30",
    "place": "清禾区政务服务中心", "code": "A2B3C4", "note": "",
}  # fmt: skip
TEMPLATE = Template("预约提醒", {"thing1": "事项", "time2": "时间", "thing3": "地点"})
NOTICE = Notice("T1", False, {"thing1": "item", "time2": "time", "thing3": "place"})


async def remind(hall: Hall, number: str = "1", **notice: str) -> bool:
    letter = {"id": number, "openid": CITIZEN, "text": "明天您约了居民身份证换领"}
    status, answer = await post(hall, {**letter, "notice": {**REMINDER, **notice}})
    assert status == 200
    return answer["delivered"]


@pytest.fixture(params=[Late.CUSTOMER_SERVICE, Late.KEEP], ids=lambda late: late.value)
async def reminding(request):
    """A hall with a template, and a citizen who hasn't written for long."""
    account = replace(SECURE, app_secret="secret")
    async with TencentApi(account, templates={"T1": TEMPLATE}) as tencent:
        account = replace(account, api=tencent.url)
        notices = {"tomorrow": NOTICE}
        settings = {"late": request.param, "notices": notices, "letters_key": KEY}
        async with running(account, **settings) as hall:
            if request.param is Late.CUSTOMER_SERVICE:  # a text is tried first
                tencent.fail_next_send(45015)
            yield hall, tencent


async def test_a_reminder_outside_of_the_window_goes_as_a_template(reminding):
    hall, tencent = reminding
    assert await remind(hall)
    (sent,) = tencent.sent
    assert sent.kind == "template"
    for value in ("居民身份证换领", "2026年11月24日 09:30", "清禾区政务服务中心"):
        assert value in sent.text
    assert await remind(hall)
    assert len(tencent.sent) == 1


async def test_what_no_template_stands_for_waits(reminding):
    hall, tencent = reminding
    assert not await remind(hall, kind="rate")
    assert not await remind(hall, "2", place="")
    assert tencent.sent == []
    reply = await hall.citizen().say("在吗")
    assert reply.text.endswith("明天您约了居民身份证换领\n\n答：在吗")


@pytest.mark.parametrize("notice", ["x", {"kind": 1}, {"K!": "x"}, {"note": "长" * 201}])
async def test_a_notice_that_is_none_is_refused(hall, notice):
    letter = {"id": "1", "openid": CITIZEN, "text": "明天", "notice": notice}
    assert (await post(hall, letter))[0] == 400
