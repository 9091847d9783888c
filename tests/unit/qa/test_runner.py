"""Cases are run: fresh citizens, one copy for each setting, an end at the first wrong answer."""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager
from datetime import datetime

import pytest
from aiohttp import web

from qa.cases import Case, Channel, Message, Setting, Turn
from qa.checks import Answer, Slots
from qa.lines import WeChatLine
from qa.results import Outcome
from qa.runner import LEAVE, Manner, run
from qa.stacks import NoStack, Stack
from service_catalog.clock import CHINA
from wechat.account import Account
from wechat.messages import CHOOSE, CONTINUE, LATE, MORE
from wechat.simulator import Reply

ACCOUNT = Account.from_env({"BANSHI_WECHAT_TOKEN": "t" * 32, "BANSHI_WECHAT_APP_ID": "wx1"})
OCTOBER = Setting(datetime(2026, 10, 1, 9, tzinfo=CHINA))


class Hall:
    """A REST channel that answers from a table, and remembers who said what."""

    def __init__(self, answers):
        self.answers = answers
        self.said: list[tuple[str, str]] = []
        self.slots: dict[str, dict] = {}

    async def answer(self, request):
        body = await request.json()
        self.said.append((body["sender"], body["message"]))
        return web.json_response(self.answers.get(body["message"], []))

    async def events(self, sender):
        begun = [
            {"event": "slot", "name": n, "value": v} for n, v in self.slots.get(sender, {}).items()
        ]
        texts = [text for who, text in self.said if who == sender]
        return begun + [{"event": "slot", "name": "said", "value": text} for text in texts]

    async def begin(self, sender, slots):
        self.slots[sender] = dict(slots)


class Copies:
    """Gives the hall to every setting but one, and counts how many are open."""

    def __init__(self, stack, without=None):
        self.stack, self.without = stack, without
        self.opened, self.open_now, self.most = [], 0, 0

    @asynccontextmanager
    async def open(self, setting):
        if setting == self.without:
            raise NoStack("起不来")
        self.opened.append(setting)
        self.open_now += 1
        self.most = max(self.most, self.open_now)
        await asyncio.sleep(0.01)
        yield self.stack
        self.open_now -= 1


@pytest.fixture
async def hall(world):
    hall = Hall(
        {"身份证": [{"text": "哪一个？", "buttons": [{"title": "补领"}, {"title": "换领"}]}]}
    )
    hall.answers |= {"2": [{"text": "好的"}, {"text": "换领"}], LEAVE: [{"text": "再见"}]}
    app = web.Application()
    app.router.add_post("/", hall.answer)
    runner = web.AppRunner(app)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    host, port = runner.addresses[0][:2]
    hall.stack = Stack("", f"http://{host}:{port}/", ACCOUNT, world.catalog, hall, "都列", "m1")
    yield hall
    await runner.cleanup()


def case(name, *turns, **more):
    return Case(name, "a.yml", 1, "身份证", turns, **more)


def says(text, *checks, **more):
    return Turn(7, Message("text", text), checks, **more)


async def results_of(hall, *cases, copies=None):
    heard = []
    manner = Manner(Channel.REST, parallel=2)
    result = await run(cases, copies or Copies(hall.stack), manner, heard.append)
    assert sorted(one.name for one in heard) == sorted(one.name for one in result.cases)
    return result


async def test_a_conversation(hall):
    turns = says("身份证"), Turn(9, Message("choose", "换领"), (Answer(10, "^好的\n\n换领$"),))
    one = case("甲", *turns, slots={"service": "x"})
    result = await results_of(hall, one)
    (found,) = result.cases
    assert (result.good, result.models, result.through) == (True, ("m1",), "rest")
    assert (found.outcome, found.left) == (Outcome.PASSED, 0)
    assert found.turns[0].answer == f"哪一个？\n1. 补领\n2. 换领\n{CHOOSE}"
    assert found.turns[0].choices == ("补领", "换领")
    assert found.turns[1].said == "（选）换领"
    assert found.turns[1].slots == {"service": "x", "said": "2"}
    assert [text for _, text in hall.said] == ["身份证", "2", LEAVE]


async def test_only_what_happened_in_the_turn_counts(hall):
    late = says("2", Slots(8, (("said", "身份证"),)))
    result = await results_of(
        hall, case("甲", says("身份证", Slots(7, (("said", "身份证"),))), late)
    )
    assert [turn.passed for turn in result.cases[0].turns] == [True, False]


async def test_it_ends_at_the_first_wrong_answer(hall):
    wrong = says("2", Answer(12, "补领"))
    result = await results_of(hall, case("甲", says("身份证"), wrong, says("身份证")))
    (found,) = result.cases
    assert (found.outcome, len(found.turns), found.left) == (Outcome.FAILED, 2, 1)
    (judged,) = found.turns[1].judged
    assert (judged.line, judged.passed, judged.got) == (12, False, "好的\n\n换领")
    assert not result.good
    assert hall.said[-1][1] == LEAVE


async def test_every_case_is_another_citizen(hall):
    await results_of(hall, case("甲", says("2")), case("乙", says("2")))
    assert len({sender for sender, _ in hall.said}) == 2


@pytest.mark.parametrize(
    ("turn", "expected", "got"),
    [
        (says("没有这句"), "有回答", "没有回答"),
        (Turn(7, Message("choose", "换领")), "上一个回答有选项“换领”", "没有选项"),
        (says("2", within=1e-9), "1e-09秒内回答", "用了0.0秒"),
    ],
)
async def test_what_is_wrong_without_any_check(hall, turn, expected, got):
    result = await results_of(hall, case("甲", turn))
    (judged,) = result.cases[0].turns[0].judged
    assert (judged.line, judged.expected, judged.got) == (7, expected, got)


async def test_a_message_that_the_channel_has_not_is_no_failure(hall):
    place = Message("location", {"latitude": 1.0, "longitude": 1.0, "label": ""})
    result = await results_of(hall, case("甲", Turn(7, place)), case("乙", says("2")))
    assert [one.outcome for one in result.cases] == [Outcome.SKIPPED, Outcome.PASSED]
    assert "位置" in result.cases[0].reason
    assert result.good


async def test_each_setting_has_a_copy_and_two_at_the_most_run(hall):
    settings = [Setting(), OCTOBER, Setting(overlay="{}"), OCTOBER]
    copies = Copies(hall.stack)
    cases = [case(str(row), says("2"), setting=one) for row, one in enumerate(settings)]
    result = await results_of(hall, *cases, copies=copies)
    assert result.good
    assert [one.name for one in result.cases] == ["0", "1", "2", "3"]
    assert copies.opened == settings[:3]
    assert copies.most == 2


async def test_a_copy_that_can_not_be_had_breaks_its_cases_alone(hall):
    copies = Copies(hall.stack, without=OCTOBER)
    cases = case("甲", says("2"), setting=OCTOBER), case("乙", says("2"))
    result = await results_of(hall, *cases, copies=copies)
    assert [one.outcome for one in result.cases] == [Outcome.BROKEN, Outcome.PASSED]
    assert result.cases[0].reason == "起不来"
    assert not result.good


class Pages:
    """A citizen whose hall answers in pages, and late."""

    def __init__(self, *answers):
        self.answers = list(answers)
        self.said = []

    def text(self, text):
        return text

    async def send(self, xml):
        self.said.append(xml)
        return Reply(self.answers.pop(0))


async def test_late_answers_and_pages_are_put_together():
    citizen = Pages(LATE, f"一{MORE}", f"二{MORE}", "三")
    heard = await WeChatLine(citizen).send(Message("text", "问"))
    assert heard.text == "一\n二\n三"
    assert citizen.said == ["问", CONTINUE, CONTINUE, CONTINUE]


async def test_pages_can_be_seen_one_by_one():
    heard = await WeChatLine(Pages(f"一{MORE}")).send(Message("text", "问"), whole=False)
    assert heard.text == f"一{MORE}"
