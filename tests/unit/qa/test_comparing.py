"""What changed between two runs."""

from __future__ import annotations

import pytest
from click.testing import CliRunner

from cli.qa import qa
from qa.comparing import compare
from qa.reports.kept import keep
from qa.results import CaseResult, Outcome, Run, TurnResult
from qa.seen import Understood

ASPECTS = {"fee", "materials"}
FEE = (("fee", "钱"),)


def turn(said="多少钱", answer="10元", intent="ask", entities=FEE, actions=("action_guide",)):
    understood = Understood(intent, 0.9, entities)
    return TurnResult(1, said, answer, understood=understood, actions=actions)


def case(*turns, name="甲", file="a.yml", outcome=Outcome.PASSED):
    return CaseResult(name, file, 1, "t", outcome, 1.0, turns)


def run(*cases):
    return Run("2026-11-23T09:00:00+08:00", 1.0, "wechat", ("m",), cases)


def sides(one, other):
    (found,) = compare(run(one), run(other), ASPECTS).cases
    return [(change.side, change.turn) for change in found.changes]


@pytest.mark.parametrize(
    ("other", "changed"),
    [
        (turn(), []),
        (turn(answer="20元"), [("回答", 1)]),
        (turn(intent="book"), [("意图", 1)]),
        (turn(entities=(("materials", "x"),)), [("问的方面", 1)]),
        (turn(entities=(("fee", "费用"),)), []),  # the aspect counts, not the word
        (turn(entities=(("fee", "钱"), ("service", "x"))), [("实体", 1)]),
        (turn(actions=("action_other",)), [("动作", 1)]),
        (turn(said="别的", answer="x"), []),
    ],
)
def test_each_side(other, changed):
    assert sides(case(turn()), case(other)) == changed


def test_what_differs_in_every_run_is_no_change():
    codes = "预约号：{}，单号 {}"
    one = turn(answer=codes.format("4ZNRUAHA", "Z20261123001"))
    other = turn(answer=codes.format("MSUGGAXJ", "Z20261123002"))
    assert sides(case(one), case(other)) == []
    when = "{{'start': '2026-11-21T09:00:{}+08:00'}}"
    one, other = (turn(entities=(("when", when.format(s)),)) for s in ("16", "26"))
    assert sides(case(one), case(other)) == []


def test_the_outcome_and_turns_that_both_have():
    one, other = case(turn(), turn(answer="x")), case(turn(), outcome=Outcome.FAILED)
    assert sides(one, other) == [("结果", 0)]


def test_cases_that_only_one_has_and_other_folders():
    before = run(case(turn(), file="/x/a.yml"), case(turn(), name="旧"))
    after = run(case(turn(), file="y/a.yml"), case(turn(), name="新"))
    found = compare(before, after, ASPECTS)
    assert [one.after.name for one in found.cases] == ["甲"]
    assert [one.name for one in found.gone] == ["旧"]
    assert [one.name for one in found.new] == ["新"]


def test_the_command(tmp_path):
    keep(run(case(turn(answer="一\n10元\n三")), case(turn(), name="旧")), tmp_path / "a.json")
    keep(run(case(turn(answer="一\n20元\n三", intent="book"))), tmp_path / "b.json")
    result = CliRunner().invoke(qa, ["compare", str(tmp_path / "a.json"), str(tmp_path / "b.json")])
    assert result.exit_code == 0, result.output
    lines = [line.split() for line in result.output.splitlines()]
    assert ["意图", "1", "1"] in lines
    assert ["回答", "1", "1"] in lines
    assert ["动作", "0", "0"] in lines
    assert "两次都有的用例1个，变了1个。" in result.output
    assert "      - 10元\n      + 20元\n" in result.output
    assert "只在前一次有的用例（1个）：旧" in result.output


def test_a_file_that_is_not_there(tmp_path):
    result = CliRunner().invoke(qa, ["compare", str(tmp_path / "a.json"), str(tmp_path / "a.json")])
    assert result.exit_code == 2
    assert "读不出来" in result.output


def test_a_file_that_is_no_run(tmp_path):
    (tmp_path / "a.json").write_text("{}", encoding="utf-8")
    result = CliRunner().invoke(qa, ["compare", str(tmp_path / "a.json"), str(tmp_path / "a.json")])
    assert result.exit_code == 2
    assert "不是 banshi qa run --save 存的文件" in result.output
