"""`banshi catalog check`, `show`, `search` and `schema`, as staff call them."""

from __future__ import annotations

from datetime import date, datetime
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from small_world import TODAY, SmallWorld

from actions.aspects import Aspect
from actions.reply import service as reply
from cli.main import main
from service_catalog.clock import CHINA
from service_catalog.schema import KINDS

MONDAY = date(2026, 11, 23)


@pytest.fixture(autouse=True)
def _today(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    moment = datetime(TODAY.year, TODAY.month, TODAY.day, 10, tzinfo=CHINA)
    monkeypatch.setattr("service_catalog.clock.now", lambda: moment)
    monkeypatch.setenv("BANSHI_VAR", str(tmp_path / "var"))


def banshi(*arguments: str) -> Result:
    result = CliRunner().invoke(main, ["catalog", *arguments])
    assert result.exception is None or isinstance(result.exception, SystemExit), result.exception
    return result


def show(world: SmallWorld, *arguments: str) -> Result:
    return banshi("show", *arguments, "--dir", str(world.directory))


def test_a_sound_catalogue_passes(world: SmallWorld) -> None:
    result = banshi("check", str(world.directory))
    assert result.exit_code == 0
    assert result.output == "没有错误：2个事项，1个套餐，1个草稿，2个场所。\n"


def test_a_warning_is_told_and_passes(world: SmallWorld) -> None:
    world.edit("services/card.yml", "checked_on: 2026-11-02", "checked_on: 2024-11-02")
    result = banshi("check", str(world.directory))
    assert result.exit_code == 0
    heading, line, summary = result.output.splitlines()
    assert heading == "提醒（1个）："
    assert line.startswith("  services/card.yml:89 【核对日期】2024-11-02核对")
    assert summary.startswith("没有错误")


def test_errors_and_warnings_stand_apart_and_errors_fail(world: SmallWorld) -> None:
    world.edit("services/card.yml", "department: 小区本子局", "department:")
    world.edit("services/stall.yml", "  count: 0", "  count: 1")
    world.edit("general.yml", "checked_on: 2026-11-02", "checked_on: 2024-11-02")
    result = banshi("check", str(world.directory))
    assert result.exit_code == 1
    assert result.output.splitlines() == [
        "错误（2个）：",
        "  services/card.yml:5 【实施主体】是空的。填上内容，或删掉这一行",
        "  services/stall.yml:21 【到办事现场次数】到现场次数大于0要说明原因。补上 reason",
        "提醒（1个）：",
        "  general.yml:7 【常见咨询第1项·核对日期】2024-11-02核对，已经超过一年。"
        "重新核对内容，再改核对日期和核对人",
        "共2个错误，目录没有被采用。",
    ]


def test_a_directory_that_is_none_is_an_error(tmp_path: Path) -> None:
    result = banshi("check", str(tmp_path / "nowhere"))
    assert result.exit_code == 1
    assert "没有这个目录" in result.output


def test_the_catalogue_of_the_settings_is_meant_without_a_directory(
    world: SmallWorld, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("BANSHI_CATALOG", str(world.directory))
    assert "2个事项" in banshi("check").output
    assert "card" in banshi("search", "换本子").output
    assert "本子到期换新" in banshi("show", "card").output


def test_searching_a_faulty_catalogue_tells_its_problems(
    world: SmallWorld, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("BANSHI_CATALOG", str(world.directory))
    world.edit("services/card.yml", "kind: 行政确认", "kind: 确认")
    result = banshi("search", "换本子")
    assert result.exit_code == 1
    assert "services/card.yml:6 【事项类型】" in result.output


def test_a_service_is_shown_in_the_chat_s_own_words(world: SmallWorld) -> None:
    catalog = world.report().catalog
    assert catalog is not None
    for service_id, service in catalog.services.items():
        told = reply.answer(reply.about(service, catalog, (TODAY,)), tuple(Aspect))
        result = show(world, service_id)
        assert result.exit_code == 0
        assert told in result.output


def test_without_a_situation_everything_is_listed_and_the_question_asked(world: SmallWorld) -> None:
    output = show(world, "card").output
    assert "还要问：本人来还是别人代办？（代办要委托书）" in output
    assert "--situation who=self  本人" in output
    assert "委托书：原件1份" in output


def test_with_a_situation_what_holds_under_it_is_shown(world: SmallWorld) -> None:
    output = show(world, "card", "--situation", "who=self", "--situation", "hukou=elsewhere").output
    assert "还要问" not in output
    assert "情形：本人来还是别人代办？本人；户口在哪里？外地" in output
    assert "委托书" not in output.replace("代办要委托书", "")
    assert "承诺10个工作日办结" in output
    half = show(world, "card", "--situation", "who=other").output
    assert "还要问：户口在哪里？" in half
    assert "委托书：原件1份" in half
    assert "承诺5个工作日办结" in half


@pytest.mark.parametrize(
    ("situation", "told"),
    [
        ("nobody=self", "没有问题“nobody”，有的是：who、hukou"),
        ("who=nobody", "没有选项“nobody”，有的是：who=self、who=other"),
        ("who", "没有选项“”"),
    ],
)
def test_a_situation_that_is_none_is_told(world: SmallWorld, situation: str, told: str) -> None:
    result = show(world, "card", "--situation", situation)
    assert result.exit_code == 1
    assert told in result.output


def test_another_day_shows_whether_it_is_in_force_and_the_hours(world: SmallWorld) -> None:
    assert "2026-11-22：有效（2025-01-01起生效）" in show(world, "card").output
    before = show(world, "card", "--on", "2024-12-31").output
    assert "2024-12-31：不在有效期内，不对外" in before
    assert "11月22日（周日）周日不办公" in show(world, "card").output
    monday = show(world, "card", "--on", "2026-11-23").output
    assert "11月23日（周一）开放：09:00-12:00、13:30-17:00" in monday
    closed = show(world, "hall", "--on", "2027-03-13").output
    assert "3月13日（周六）停电检修" in closed


def test_a_bundle_is_shown_with_its_merged_materials(world: SmallWorld) -> None:
    output = show(world, "street-food").output
    assert "【开小吃摊一件事】" in output
    assert "2026-11-22：有效" in output
    assert "1. 旧本子：原件1份、复印件1份" in output
    assert "摆摊许可（可选）" in output
    assert "委托书" not in output, "the bundle's answers leave it out"


@pytest.mark.parametrize(
    ("entry_id", "told"),
    [
        ("hall", ["【小区大厅】", "大路1号", "A02 综合窗口", "自助终端：大厅自助机"]),
        ("machine", ["【大厅自助机】", "24小时", "可办事项：本子到期换新", "0600-8800105"]),
        ("wifi", ["【有无线网吗】", "有。", "2026年11月2日核对"]),
        ("kite", ["【放风筝备案】", "草稿", "0600-8800104"]),
    ],
)
def test_places_terminals_questions_and_drafts_are_shown(
    world: SmallWorld, entry_id: str, told: list[str]
) -> None:
    result = show(world, entry_id)
    assert result.exit_code == 0
    for words in told:
        assert words in result.output


@pytest.mark.parametrize(
    ("entry_id", "near"),
    [("crad", "card"), ("strete-food", "street-food"), ("换本子", "card"), ("wify", "wifi")],
)
def test_an_unknown_id_gets_near_ones(world: SmallWorld, entry_id: str, near: str) -> None:
    result = show(world, entry_id)
    assert result.exit_code == 1
    assert f"没有编号为“{entry_id}”的内容。相近的编号：" in result.output
    assert near in result.output


def test_an_id_like_none_says_how_to_find_one(world: SmallWorld) -> None:
    result = show(world, "zzzzzz")
    assert result.exit_code == 1
    assert "banshi catalog search" in result.output


def test_only_services_have_situations(world: SmallWorld) -> None:
    result = show(world, "hall", "--situation", "who=self")
    assert result.exit_code == 1
    assert "“hall”不是有情形的事项" in result.output


def test_a_day_that_is_none_is_refused(world: SmallWorld) -> None:
    assert show(world, "card", "--on", "11月22日").exit_code == 2


def test_schemas_are_written_where_asked(tmp_path: Path) -> None:
    result = banshi("schema", "--to", str(tmp_path / "schemas"))
    assert result.exit_code == 0
    assert (
        len(result.output.splitlines()) == len(KINDS) == len(list((tmp_path / "schemas").iterdir()))
    )


def test_two_files_of_one_id_are_an_error(world: SmallWorld) -> None:
    text = (world.directory / "services/stall.yml").read_text(encoding="utf-8")
    other = text.replace("摆摊", "设摊").replace("task_code", "# task_code")
    world.write("services/stall.yaml", other)
    (problem,) = world.report().errors
    assert problem.what == "编号“stall”在services/stall.yaml里已经有了"
