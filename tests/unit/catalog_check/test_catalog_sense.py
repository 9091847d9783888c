"""Each rule finds what it is for, at its line, and nothing else in a sound catalogue."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest
import yaml
from small_world import TODAY, SmallWorld

from cli.settings import ROOT
from service_catalog.model import TimeLimit
from service_catalog.sense import CONTRADICTIONS, DOUBTS, _longer

CASES = yaml.safe_load(Path(__file__).with_name("sense.yml").read_text(encoding="utf-8"))
NEVER_ALONE = {"dates-in-order", "bundle-parts"}
"""Rules whose fault puts something out of force, which another rule tells as well."""


def case_name(case: dict) -> str:
    return f"{case['rule']} in {case['told'][0]}"


def test_a_sound_catalogue_has_nothing_wrong(world: SmallWorld) -> None:
    report = world.report()
    assert (report.errors, report.warnings) == ((), ())
    assert report.catalog is not None


@pytest.mark.parametrize("case", CASES, ids=case_name)
def test_a_rule_finds_its_fault_and_names_the_place(world: SmallWorld, case: dict) -> None:
    world.edit(*case["edit"])
    report = world.report()
    stops = case["rule"] in CONTRADICTIONS
    found = report.errors if stops else report.warnings
    file, text, field, what = case["told"]
    problem = next(one for one in found if (one.file, one.field) == (file, field))
    lines = (world.directory / file).read_text(encoding="utf-8").splitlines()
    assert lines[problem.line - 1] == text
    assert what in problem.what
    assert problem.mend
    assert (report.catalog is None) is stops, "a warning stops nothing"
    assert len(report.errors) == (1 if stops else 0)


@pytest.mark.parametrize(
    "case", [case for case in CASES if case["rule"] not in NEVER_ALONE], ids=case_name
)
def test_other_rules_keep_silent(world: SmallWorld, case: dict) -> None:
    world.edit(*case["edit"])
    report = world.report()
    (problem,) = (*report.errors, *report.warnings)
    assert (problem.file, problem.field) == (case["told"][0], case["told"][2])


def test_every_rule_has_a_case() -> None:
    assert {case["rule"] for case in CASES} == CONTRADICTIONS.keys() | DOUBTS.keys()


def test_every_rule_says_what_it_is_for() -> None:
    assert all(rule.__doc__ for rule in (*CONTRADICTIONS.values(), *DOUBTS.values()))


def test_a_day_that_passes_never_stops_the_catalogue(world: SmallWorld) -> None:
    for today in (date(1990, 1, 1), TODAY, date(2099, 1, 1)):
        report = world.report(today)
        assert report.errors == ()
        assert bool(report.warnings) is (today != TODAY)


def test_a_faulty_file_casts_no_doubt_on_what_refers_to_it(world: SmallWorld) -> None:
    world.edit("services/card.yml", "kind: 行政确认", "kind: 确认")
    report = world.report()
    assert [problem.file for problem in report.errors] == ["services/card.yml"]
    assert report.warnings == (), "its windows and words may well be used"


def test_errors_and_warnings_are_told_together_in_the_order_of_lines(world: SmallWorld) -> None:
    world.edit("services/stall.yml", "  count: 0", "  count: 9")
    world.edit("services/stall.yml", "kind: 行政许可", "kind: 许可")
    world.edit("hall.yml", "cancel_hours: 2", "cancel_hours: -1")
    world.edit("general.yml", "2026-11-02", "2020-11-02")
    report = world.report()
    assert [(one.file, one.line) for one in report.errors] == [
        ("hall.yml", 10),
        ("services/stall.yml", 6),
        ("services/stall.yml", 21),
    ]
    assert [one.file for one in report.warnings] == ["general.yml"]


@pytest.mark.parametrize(
    ("promised", "legal", "longer"),
    [
        ((5, "工作日"), (5, "工作日"), False),
        ((6, "工作日"), (5, "工作日"), True),
        ((7, "日"), (5, "工作日"), False),
        ((20, "工作日"), (20, "日"), True),
        ((20, "工作日"), (1, "个月"), False),
        ((24, "小时"), (1, "日"), False),
        ((49, "小时"), (2, "日"), True),
        ((1, "工作日"), (1, "日"), False),
    ],
)
def test_longer_means_longer_for_sure(promised: tuple, legal: tuple, longer: bool) -> None:
    one, other = (TimeLimit.parse_obj({"number": n, "unit": u}) for n, u in (promised, legal))
    assert _longer(one, other) is longer


@pytest.mark.parametrize(
    ("edits", "file", "what"),
    [
        (
            [("services/card.yml", "kind:", "task_code: 1133010000000000000000000000001\nkind:")],
            "services/stall.yml",
            "已经有了",
        ),
        ([("bundles/street-food.yml", "- 开小吃摊", "- 换本子")], "services/card.yml", "“换本子”"),
        (
            [("places/town.yml", "name: 小镇中心", "name: 小区大厅")],
            "places/town.yml",
            "“小区大厅”",
        ),
    ],
    ids=["task code", "alias of a bundle", "name of a place"],
)
def test_what_stands_twice_is_an_error(
    world: SmallWorld, edits: list, file: str, what: str
) -> None:
    for edit in edits:
        world.edit(*edit)
    (problem,) = world.report().errors
    assert problem.file == file
    assert what in problem.what


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("      - 夜市摊位登记", "      - 渔船登记"),
        ("      - 摆摊许可\n", ""),
        ("    mean: 摆摊证", "    mean: 夜市摊位"),
        ("      - 摆摊执照", "      - 本子到期"),
        ("      - 摆个摊", "      - 小本本"),
    ],
    ids=[
        "an item that no one has here",
        "an entry for such items alone",
        "a word that only an entry names",
        "a saying as a synonym",
        "a synonym as a saying",
    ],
)
def test_what_a_lexicon_may_say_is_no_doubt(world: SmallWorld, old: str, new: str) -> None:
    world.edit("lexicon/shops.yml", old, new)
    report = world.report()
    assert (report.errors, report.warnings) == ((), ())


def test_the_documents_name_every_rule() -> None:
    table = (ROOT / "docs" / "catalogue.md").read_text(encoding="utf-8")
    assert [rule for rule in (*CONTRADICTIONS, *DOUBTS) if f"`{rule}`" not in table] == []
