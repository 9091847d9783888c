"""`banshi qa nlu`: what is read, what is told, and what is kept to itself."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from xml.etree import ElementTree

import pytest
from click.testing import CliRunner, Result

import benchmarks.understanding
import cli.model
import cli.qa_nlu
from cli.qa import qa
from cli.settings import ROOT

ROWS = 'text,intent\n带什么,ask\n要预约,book\n"退号,\n谢谢",thanks\n再见,goodbye\n'
TOLD = {
    "带什么": ("ask", 0.9),
    "要预约": ("ask", 0.4),
    "退号,\n谢谢": ("goodbye", 0.8),
    "再见": ("goodbye", 0.7),
}
SECRET = ("没人看过的一句", "另一句没人看过的", "第三句没人看过的")


@pytest.fixture
def sets(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A directory with blind sets of its own."""
    directory = tmp_path / "sets"
    directory.mkdir()
    rows = "".join(f"{text},ask\n" for text in SECRET[:2])
    (directory / "blind.csv").write_text(f"text,intent\n{rows}", encoding="utf-8")
    (directory / "out_of_scope.csv").write_text(f"text,kind\n{SECRET[2]},chat\n", encoding="utf-8")
    monkeypatch.setattr(cli.qa_nlu, "SETS", directory)
    return directory


@pytest.fixture
def run(sets: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Result]:
    """Runs the command over a file; the model takes what it doesn't know for `human`."""

    async def model(*_: object) -> Path:
        return tmp_path / "model.tar.gz"

    def process(job, *_):
        assert not job["whole"]  # nothing but the understanding is asked for
        parsed = [TOLD.get(text, ("human", 0.5)) for text in job["texts"]]
        failures = ["reading: ValueError in a.py:1"] if "坏" in job["texts"] else []
        return {
            "parsed": [{"best": best, "confidence": sure} for best, sure in parsed],
            "failures": failures,
        }

    monkeypatch.setattr(cli.model, "ready_model", model)
    monkeypatch.setattr(benchmarks.understanding, "in_own_process", process)

    def invoke(file: Path | str, *options: str) -> Result:
        if isinstance(file, str):
            text, file = file, tmp_path / "mine.csv"
            file.write_text(text, encoding="utf-8")
        return CliRunner().invoke(qa, ["nlu", str(file), *options])

    return invoke


def cells(result: Result) -> list[list[str]]:
    return [line.split() for line in result.output.splitlines()]


def test_classes_confusions_and_totals_are_told(run):
    result = run(ROWS)
    assert result.exit_code == 0, result.output
    told = cells(result)
    assert "4句，听对意图2句：50.0%" in result.output
    assert ["ask", "1", "0.500", "1.000", "0.667"] in told
    assert ["book", "1", "0.000", "0.000", "0.000"] in told
    assert ["goodbye", "1", "0.500", "1.000", "0.667"] in told
    assert ["book", "ask", "1"] in told
    assert ["thanks", "goodbye", "1"] in told


def test_the_surest_error_comes_first_on_one_line(run):
    told = cells(run(ROWS))
    first = told.index(["0.800", "thanks", "goodbye", "退号,", "谢谢"])
    assert told[first + 1] == ["0.400", "book", "ask", "要预约"]
    assert "再见" not in run(ROWS).output  # it was right


def test_no_more_than_twenty_errors_are_listed_and_all_are_counted(run):
    rows = "".join(f"句子{number},ask\n" for number in range(25))
    result = run(f"text,intent\n{rows}")
    assert "听错25句，列出20句" in result.output
    assert sum(line[:3] == ["0.500", "ask", "human"] for line in cells(result)) == 20


def test_when_nothing_is_wrong_nothing_is_listed(run):
    result = run("text,intent\n带什么,ask\n")
    assert result.exit_code == 0
    assert "听成" not in result.output


def test_what_could_not_be_read_is_told_without_its_text(run):
    result = run("text,intent\n坏,ask\n")
    assert "有1句程序出错，算听错：reading: ValueError in a.py:1，1次" in result.output


def test_the_report_for_programs_holds_all_figures(run, tmp_path):
    kept = tmp_path / "report.json"
    assert run(ROWS, "--json", str(kept)).exit_code == 0
    told = json.loads(kept.read_text("utf-8"))
    assert (told["utterances"], told["right"], told["exact"][0]) == (4, 2, 0.5)
    assert told["classes"]["goodbye"] == {
        "support": 1,
        "precision": 0.5,
        "recall": 1.0,
        "f1": pytest.approx(2 / 3),
    }
    assert sorted(told["confused"]) == [["book", "ask", 1], ["thanks", "goodbye", 1]]
    assert [one["confidence"] for one in told["errors"]] == [0.8, 0.4]


def test_the_picture_has_a_cell_for_every_confusion_and_a_chinese_legend(run, tmp_path):
    picture = tmp_path / "picture.svg"
    assert run(ROWS, "--svg", str(picture)).exit_code == 0
    root = ElementTree.fromstring(picture.read_text("utf-8"))  # noqa: S314 - our own drawing
    texts = [one.text for one in root.iter("{http://www.w3.org/2000/svg}text")]
    assert texts.count("1") == 4
    assert {"ask (1)", "thanks (1)", f"mine: {cli.qa_nlu.LEGEND}"} <= set(texts)


# What nobody may see


@pytest.mark.parametrize("name", ["blind.csv", "out_of_scope.csv"])
def test_of_a_blind_set_only_totals_are_told(run, sets, tmp_path, name):
    kept = tmp_path / "report.json"
    result = run(sets / name, "--json", str(kept))
    assert result.exit_code == 0, result.output
    told = result.output + kept.read_text("utf-8")
    assert not [text for text in (*SECRET, "human") if text in told]
    assert "只给总数" in result.output
    assert set(json.loads(kept.read_text("utf-8"))) == {
        *("utterances", "right", "failures", "macro_f1", "exact")
    }


def test_strays_have_kinds_and_are_right_when_they_are_refused(run, sets, monkeypatch):
    monkeypatch.setitem(TOLD, SECRET[2], ("out_of_scope", 0.9))
    assert "1句，听对意图1句" in run(sets / "out_of_scope.csv").output


def test_a_blind_set_is_not_drawn(run, sets, tmp_path):
    picture = tmp_path / "picture.svg"
    result = run(sets / "blind.csv", "--svg", str(picture))
    assert result.exit_code == 1
    assert "不画图" in result.output
    assert not picture.exists()


def test_a_copy_and_a_link_of_a_blind_set_are_blind(run, sets, tmp_path):
    link = tmp_path / "link.csv"
    link.symlink_to(sets / "blind.csv")
    for file in ((sets / "blind.csv").read_text("utf-8"), link):
        result = run(file)
        assert "只给总数" in result.output
        assert not [text for text in SECRET if text in result.output]


def test_single_blind_texts_in_another_file_are_not_shown(run, tmp_path):
    kept = tmp_path / "report.json"
    result = run(f"{ROWS}{SECRET[0]}！,ask\n", "--json", str(kept))  # signs don't count
    assert ["ask", "2", "0.500", "0.500", "0.500"] in cells(result)
    assert "另有1句听错的在考题里，不列出。" in result.output
    assert SECRET[0] not in result.output + kept.read_text("utf-8")


@pytest.mark.parametrize("blind", [True, False])
def test_the_output_of_a_failed_process_is_kept_back_for_a_blind_set(run, sets, monkeypatch, blind):
    def fails(*_):
        raise RuntimeError("the end of the output")

    monkeypatch.setattr(benchmarks.understanding, "in_own_process", fails)
    result = run(sets / "blind.csv" if blind else ROWS)
    assert result.exit_code == 1
    assert "模型没能听完" in result.output
    assert ("the end of the output" in result.output) is not blind


# Faulty files


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("text\n带什么\n", "第一行要有列名 intent"),
        ("句子,意图\n带什么,ask\n", "第一行要有列名 text、intent"),
        ("text,intent\n", "一句话也没有"),
        ("", "第一行要有列名"),
        ("text,intent\n带什么,ask\n要预约\n", "第3行：text 和 intent 都要填"),
    ],
)
def test_a_faulty_file_is_told_in_chinese(run, content, said):
    result = run(content)
    assert result.exit_code == 1
    assert said in result.output


def test_a_file_of_another_encoding_is_told(run, tmp_path):
    file = tmp_path / "gbk.csv"
    file.write_bytes(ROWS.encode("gbk"))
    result = run(file)
    assert result.exit_code == 1
    assert "UTF-8" in result.output


def test_what_can_not_be_written_is_told(run, tmp_path):
    result = run(ROWS, "--json", str(tmp_path / "absent" / "report.json"))
    assert result.exit_code == 1
    assert "写不了" in result.output


def test_the_projects_own_set_is_read_unless_another_is_named():
    assert cli.qa_nlu.LABELLED == ROOT / "tests" / "understanding" / "labelled.csv"
    assert len(cli.qa_nlu.read_labelled(cli.qa_nlu.LABELLED)) > 600
