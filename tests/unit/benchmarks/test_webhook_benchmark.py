"""The webhook benchmark counts what it says, and its citizens tell an answer from anything else."""

from __future__ import annotations

import asyncio
import json
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from itertools import islice

import pytest
import yaml
from aiohttp import web

from benchmarks import webhook_stock as stock
from benchmarks.webhook_load import TURNS, Phase, Told, rest, run, wechat
from benchmarks.webhook_questions import Question, questions
from benchmarks.webhook_report import Measured, Plan, Run, aims, as_json, markdown
from service_catalog.loader import CONTENT, Loader
from wechat.account import Account
from wechat.envelope import Webhook
from wechat.simulator import Citizen

ACCOUNT = Account(token="t" * 8, app_id="wxtest", aes_key="a" * 42 + "A", mode="secure")
QUESTIONS = [Question(f"问{number}", f"【{number}】") for number in range(7)]
Handler = Callable[[web.Request], Awaitable[web.Response]]


@asynccontextmanager
async def serving(handler: Handler) -> AsyncIterator[str]:
    app = web.Application()
    app.router.add_post("/webhook", handler)
    runner = web.AppRunner(app)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    host, port = runner.addresses[0][:2]
    try:
        yield f"http://{host}:{port}/webhook"
    finally:
        await runner.cleanup()


def phase(url: str, way: str, citizens: int = 3) -> Phase:
    return Phase(url, way, citizens, 0.3, 2, QUESTIONS)


# The citizens


async def test_in_wechat_all_that_is_sent_can_be_opened_and_each_answer_is_looked_at():
    webhook, heard = Webhook(ACCOUNT), []

    async def answer(request: web.Request) -> web.Response:
        opened = webhook.open(dict(request.query), await request.read())
        heard.append(opened.message)
        await asyncio.sleep(0.001)
        return web.Response(text=opened.reply(f"【{opened.message.text[1:]}】好"))

    async with serving(answer) as url, Citizen(url, ACCOUNT) as pen:
        told = await run(phase(url, "wechat"), wechat(pen, ACCOUNT))
    assert told.messages == len(heard) == len(told.ms) > 10
    assert not told.wrong
    assert len({one.dedup_key for one in heard}) == len(heard)
    by_citizen = Counter(one.from_user for one in heard)
    assert max(by_citizen.values()) == TURNS
    asked = [one.text for one in islice(heard, 3)]
    assert sorted(asked) == ["问2", "问3", "问4"]


async def test_what_is_no_answer_to_the_question_does_not_count():
    async def answer(request: web.Request) -> web.Response:
        text = (await request.json())["message"]
        if text == "问3":
            return web.Response(status=500, text="trouble")
        await asyncio.sleep(0.001)
        mark = "【别的】" if text == "问5" else f"【{text[1:]}】"
        return web.json_response([{"text": mark}])

    async with serving(answer) as url:
        told = await run(phase(url, "rest"), rest())
    assert told.messages > 5
    assert set(told.wrong) == {"问5: 【别的】", "OSError('http/1.1 500 internal server error')"}
    assert told.messages + told.wrong["问5: 【别的】"] == len(told.ms)


# The questions


def test_most_services_are_asked_about_and_the_order_is_the_same_each_time():
    catalog = Loader(CONTENT).load()
    found = questions(catalog)
    marks = {one.mark for one in found}
    assert marks <= {f"【{one.name}】" for one in catalog.services.values()}
    assert len(marks) > len(catalog.services) / 2
    assert len({one.text for one in found}) == len(found) > 500
    assert not any("首次" in one.text for one in found)  # it would answer "is it your first?"
    assert found == questions(catalog)


# The stock bot


def test_the_stock_bot_has_a_rule_for_whatever_it_hears_and_knows_no_marks():
    content = stock.files()
    nlu = yaml.safe_load(content["data/nlu.yml"])["nlu"]
    intents = [block["intent"] for block in nlu]
    texts = [line for block in nlu for line in block["examples"].splitlines()]
    assert len(texts) == stock.EXAMPLES * len(intents)
    assert not any("[" in text or "(" in text for text in texts)
    rules = yaml.safe_load(content["data/rules.yml"])["rules"]
    assert [rule["steps"] for rule in rules] == [
        [{"intent": intent}, {"action": stock.ACTION}] for intent in intents
    ]
    assert yaml.safe_load(content["domain.yml"])["intents"] == intents
    compile(content["stock_actions.py"], "stock_actions.py", "exec")


# The figures


def one_run(name: str, citizens: int, messages: int, ms: list[float]) -> Run:
    return Run(name, citizens, Told(messages, 2.0, 0.5, ms), 1.5)


def measured(*, wrong: bool = False) -> Measured:
    runs = [
        one_run("banshi", 50, 200, [10.0] * 99 + [600.0]),
        one_run("stock Rasa", 50, 20, [1000.0]),
        one_run("banshi", 50, 300, [20.0] * 100),
        one_run("stock Rasa", 50, 100, [2000.0]),
        one_run("banshi", 50, 100, [30.0] * 100),
        one_run("stock Rasa", 50, 25, [3000.0]),
    ]
    if wrong:
        runs[0].told.wrong["no"] += 1
    return Measured(tuple(runs), ("banshi", "stock Rasa"), Plan((50,), 3, 2.0), 7)


def test_medians_and_ratios_by_hand():
    found = measured()
    assert found.of("banshi", 50, lambda run: run.rate) == 100
    assert found.ratio("banshi", "stock Rasa", 50) == 4  # of 10, 3 and 4
    assert found.of("banshi", 50, lambda run: run.ms(0.99)) == 30  # of 600, 20 and 30
    assert found.runs[0].generator == pytest.approx(0.25)


def test_aims_are_told_as_met_or_missed():
    assert [met for *_, met in aims(measured())] == [False, True, True]
    assert [met for *_, met in aims(measured(wrong=True))] == [False, True, False]
    text = markdown(measured())
    assert "MISSED: at least 5 times the stock bot's messages at 50 citizens (4.00)" in text
    assert "| 50 | stock Rasa | 12.5 | 2,000.0 | 2,000.0 | 4.00 x | 0.25 | 1.5 |" in text
    told = json.loads(json.dumps(as_json(measured())))
    assert [row["messages_per_s"] for row in told["figures"]] == [100.0, 12.5]
