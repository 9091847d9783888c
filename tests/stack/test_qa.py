"""`banshi qa` on a running copy: a case that passes, one that fails, one that is recorded."""

from __future__ import annotations

import asyncio
import json
import re

import pytest
from click.testing import CliRunner

from booking.privacy import Vault
from cli.main import main
from wechat.messages import CHOOSE

pytestmark = [pytest.mark.stack]

GOOD = """\
fixtures:
  - known: [{service: passport-first}]
test_cases:
  - test_case: 好的
    steps:
      - user: 居住证要带什么
        assertions:
          - banshi_about: residence-permit
          - banshi_asks: {service: residence-permit, question: ground}
          - action_executed: action_guide
          - slot_was_set: [{name: service, value: residence-permit}]
      - banshi_choose: 有合法稳定住所
        assertions:
          - bot_uttered: {buttons: [{title: 本人来}]}
      - banshi_choose: 本人来
        assertions:
          - banshi_lists: {item: residence-permit, situation: {ground: home, who: self}}
  - test_case: 先设好槽位
    fixtures: [known]
    steps:
      - user: 多少钱
        assertions: [{banshi_about: passport-first}]
  - test_case: 每种消息
    steps:
      - banshi_send: {follow: true}
      - banshi_send: {voice: 换身份证多少钱}
        assertions: [{banshi_about: id-card-renew}]
      - banshi_send: {voice: null}
      - banshi_send: {location: {latitude: 29.98, longitude: 122.2, label: 家}}
      - banshi_send: {scan: district-hall}
      - banshi_send: {image: true}
      - banshi_send: {video: true}
      - banshi_send: {link: https://example.com/}
"""
BAD = """\
test_cases:
  - test_case: 错的
    steps:
      - user: 居住证要带什么
      - user: 多少钱
        assertions:
          - bot_uttered: {text_matches: "一百万元"}
      - user: 不会说到这句
"""


@pytest.fixture
def banshi(stack):
    """Runs a command against the copy; gives exit code and output."""

    async def run(*words):
        runner = CliRunner(env=dict(stack.settings.values))
        result = await asyncio.to_thread(runner.invoke, main, ["qa", *map(str, words)])
        return result.exit_code, result.output

    return run


@pytest.fixture
def written(tmp_path):
    def write(name, text):
        file = tmp_path / name
        file.write_text(text, encoding="utf-8")
        return file

    return write


async def test_cases_that_pass(banshi, written):
    code, output = await banshi("run", written("good.yml", GOOD))
    assert code == 0, output
    assert "3个用例：3个通过" in output
    assert "启动测试环境" not in output


async def test_a_case_that_fails_tells_all(banshi, written, tmp_path):
    reports = tmp_path / "r"
    code, output = await banshi(
        *("run", written("bad.yml", BAD), written("good.yml", GOOD)),
        *("--junit", reports / "j.xml", "--html", reports / "p.html", "--save", reports / "r.json"),
    )
    assert code == 1, output
    assert "bad.yml:7" in output
    assert "- 回答里有“一百万元”" in output
    for word in (
        "市民：居住证要带什么",
        CHOOSE,
        "意图：ask",
        "实体：fee=",
        "动作：action_guide",
        "槽位：",
    ):
        assert word in output
    assert "后面还有1步没有跑" in output
    assert "4个用例：3个通过，1个不通过" in output
    assert "一百万元" in (reports / "p.html").read_text(encoding="utf-8")
    assert 'failures="1"' in (reports / "j.xml").read_text(encoding="utf-8")
    kept = json.loads((reports / "r.json").read_text(encoding="utf-8"))
    assert [case["outcome"] for case in kept["cases"]] == ["failed", *["passed"] * 3]
    code, output = await banshi("compare", reports / "r.json", reports / "r.json")
    assert code == 0
    assert "两次都有的用例4个，变了0个" in output


async def test_a_faulty_file_is_not_run(banshi, written):
    code, output = await banshi(
        "run", written("faulty.yml", BAD + "x: 1\n"), written("g.yml", GOOD)
    )
    assert code == 2
    assert "faulty.yml:9 没有 x 这个键" in output


async def test_rest_is_off_in_a_running_copy(banshi, written):
    code, output = await banshi("run", written("good.yml", GOOD), "--through", "rest")
    assert code == 1
    assert "没有打开REST通道" in output
    assert "--own" in output


async def test_a_conversation_is_recorded_and_runs_again(banshi, citizen, stack, tmp_path):
    await citizen.say("预约换驾照12月4日上午九点四十五")
    await citizen.say("我叫欧阳小敏")
    await citizen.say("13912345678")
    await citizen.say("2")
    code, shown = await banshi("record", citizen.openid)
    assert code == 0, shown
    assert "欧阳小敏" not in shown
    assert "13912345678" not in shown
    assert citizen.openid not in shown
    assert "banshi_choose" in shown
    vault = Vault(stack.settings["BANSHI_DATA_KEY"])
    file = tmp_path / "recorded.yml"
    found = vault.digest("citizen", citizen.openid)[:12]
    code, output = await banshi("record", found, "--output", file)
    assert code == 0, output
    assert file.read_text(encoding="utf-8") == shown
    # the hall's clock is not that of the machine: run it at the copy's time, where it was said
    lines = shown.splitlines(keepends=True)
    file.write_text("".join(one for one in lines if "banshi_at" not in one), encoding="utf-8")
    code, output = await banshi("run", file)
    assert code == 0, output


async def test_whose_conversation_is_not_kept(banshi):
    code, output = await banshi("record", "oNobodyEverHadThisOpenid0000")
    assert code == 1
    assert "没有存着的对话" in output


async def test_cover_proves_the_whole_catalogue(banshi):
    """The gate: every service in all its aspects and wordings, every end of its questions."""
    code, output = await banshi("cover", "--parallel", "8")
    assert code == 0, output
    for title in ("事项", "事项的各个方面", "情形的结果", "一件事", "场所"):
        assert re.search(rf"100%  {title}\n", output), output


async def test_cover_proves_an_item_and_finds_the_edit_that_breaks_an_answer(banshi, stack):
    only = "cover", "--only", "residence-permit"
    code, output = await banshi(*only)
    assert code == 0, output
    assert re.search(r"1 / 1 +100%  事项\n", output), output
    assert "意图" not in output
    file = stack.content / "services" / "residence-permit.yml"
    before = file.read_text(encoding="utf-8")
    edited = before.replace("- 办居住证\n", "- 办证\n", 1)  # names every item, and so none
    assert edited != before
    try:
        await stack.edit(file, edited)
        code, output = await banshi(*only)
    finally:
        await stack.edit(file, before)
    assert code == 1, output
    assert re.search(r"0 / 1 +0%  事项\n", output), output
    assert "办证要什么条件" in output


async def test_cover_of_what_is_not_there(banshi):
    code, output = await banshi("cover", "--only", "mars-visa")
    assert code == 2
    assert "mars-visa" in output
