"""Every fault that staff can make is named with file, line and field, and how to mend it."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

import pytest
import yaml
from catalog_world import SHIPPED, Copy
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from service_catalog.errors import ProblemsFound
from service_catalog.files import MAX_BYTES
from service_catalog.loader import Loader

FAULTS = yaml.safe_load(Path(__file__).with_name("faults.yml").read_text(encoding="utf-8"))
CARD = "services/id-card-renew.yml"
PASSPORT = "services/passport-first.yml"
CHINESE = re.compile(r"[\u4e00-\u9fff]")


def line_of(line: str, text: str) -> int:
    """The number, from 1, of the last line that reads `line`."""
    lines = text.split("\n")
    return len(lines) - lines[::-1].index(line)


@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: fault["name"])
def test_an_edit_is_refused_with_its_place_and_a_mend(content: Copy, fault: dict) -> None:
    file, old, new = fault["edit"]
    line, field, what, mend = fault["told"]
    edited = content.edit(file, old, new)
    problem = content.problems()[0]
    assert (problem.file, problem.field) == (file, field)
    assert what in problem.what
    assert mend in problem.mend
    assert CHINESE.search(problem.what)
    if line:
        assert problem.line == line_of(line, edited)


@pytest.mark.parametrize(
    ("line", "field", "what", "mend"),
    [
        (f"department: {'长' * 2001}", "实施主体", "太长", "不超过2000个字"),
        (f"checked_on: {'9' * 10_000}", "核对日期", "不是日期", "2026-11-02"),
        (f"kind: {'[' * 50_000}", "", "嵌套超过20层", "减少缩进层次"),
        (f"kind: {'{a: ' * 50_000}", "", "嵌套超过20层", "减少缩进层次"),
    ],
    ids=["long text", "endless number", "lists in lists", "keys in keys"],
)
def test_a_line_without_measure_is_refused(
    content: Copy, line: str, field: str, what: str, mend: str
) -> None:
    key = line.partition(":")[0]
    edited = re.sub(rf"(?m)^{key}: .*$", line, content.text(CARD))
    content.write(CARD, edited)
    problem = content.problems()[0]
    assert (problem.file, problem.line) == (CARD, line_of(line, edited))
    assert problem.field == field
    assert what in problem.what
    assert mend in problem.mend
    assert len(str(problem)) < 300, "what staff wrote is quoted in short"


@pytest.mark.parametrize(
    ("data", "line", "what", "mend"),
    [
        (b"", 0, "文件是空的", "写上内容"),
        (b"# only a comment\n", 0, "文件是空的", "写上内容"),
        (b"- id: id-card-renew\n", 1, "最外层不是“键: 值”", "照别的文件"),
        (b"id-card-renew", 1, "最外层不是“键: 值”", "照别的文件"),
        (b"id: a\n---\nid: b\n", 2, "几份文档", "只留一份"),
        (b"id: a\nname: \x07bell\n", 0, "YAML读不懂", "检查"),
        ("id: a\nname: 换证\n".encode("gbk"), 2, "不是UTF-8", "另存为UTF-8"),
        ("id: a\nname: 换证\n".encode("utf-16"), 1, "不是UTF-8", "另存为UTF-8"),
        (b"a: &a [1,1,1,1]\nb: [*a,*a,*a]\n", 2, "别名", "直接写出来"),
        (b"id: a\n" + b"#" * MAX_BYTES, 0, "超过512 KiB", "拆成几个文件"),
    ],
    ids=[
        "empty",
        "comment only",
        "list",
        "one text",
        "two documents",
        "control character",
        "GBK",
        "UTF-16",
        "alias bomb",
        "huge",
    ],
)
def test_a_file_that_is_no_entry_is_refused(
    content: Copy, data: bytes, line: int, what: str, mend: str
) -> None:
    content.write(CARD, data)
    (problem,) = content.problems()
    assert (problem.file, problem.line, problem.field) == (CARD, line, "")
    assert what in problem.what
    assert mend in problem.mend


def test_a_byte_order_mark_is_no_fault(content: Copy) -> None:
    content.write(CARD, content.text(CARD).encode("utf-8-sig"))
    assert content.problems() == ()


def test_windows_line_ends_are_no_fault(content: Copy) -> None:
    content.write(CARD, content.text(CARD).replace("\n", "\r\n"))
    assert content.problems() == ()


def test_a_missing_hall_is_named(content: Copy) -> None:
    (content.directory / "hall.yml").unlink()
    (problem,) = content.problems()
    assert str(problem) == "hall.yml 缺少这个文件。补上它"


def test_a_missing_directory_is_named(tmp_path: Path) -> None:
    (problem,) = Copy(tmp_path / "nowhere").problems()
    assert (problem.file, problem.what) == (str(tmp_path / "nowhere"), "没有这个目录")
    assert "hall.yml" in problem.mend


@pytest.mark.parametrize("folder", ["services", "places"])
def test_a_missing_folder_is_named_and_never_an_empty_catalogue(content: Copy, folder: str) -> None:
    shutil.rmtree(content.directory / folder)
    problem = content.problems()[0]
    assert (problem.file, problem.what) == (folder, "里面一个文件也没有")


def test_a_file_in_a_folder_s_place_is_named(content: Copy) -> None:
    shutil.rmtree(content.directory / "services")
    content.write("services", "no folder")
    assert content.problems()[0].file == "services", "then what refers to the services"


def test_calendar_and_lexicon_may_be_missing(content: Copy) -> None:
    (content.directory / "calendar.yml").unlink()
    (content.directory / "lexicon.yml").unlink()
    shutil.rmtree(content.directory / "lexicon")
    assert content.problems() == ()


def test_files_that_are_no_entries_are_left_alone(content: Copy) -> None:
    content.write("services/.draft.yml", "half: [")
    content.write("services/notes.txt", "half: [")
    content.write("readme.md", "half: [")
    (content.directory / "services" / "gone.yml").symlink_to("nowhere.yml")
    assert content.problems() == ()


def test_all_problems_of_all_files_are_told_at_once(content: Copy) -> None:
    content.edit(CARD, "kind: 行政确认", "kind: 确认")
    content.edit(CARD, "  number: 60", "  number: 六十")
    content.edit(PASSPORT, "  - 申请护照", "\t- 申请护照")
    content.edit("services/residence-permit.yml", "place: district-hall", "place: nowhere")
    content.edit("hall.yml", "cancel_hours: 2", "cancel_hours: -2")
    told = {(problem.file, problem.field) for problem in content.problems()}
    assert told >= {
        (CARD, "事项类型"),
        (CARD, "法定办结时限·时限数值"),
        (PASSPORT, ""),
        ("services/residence-permit.yml", "办理方式·窗口办理第1项·办理场所"),
        ("hall.yml", "预约规则·取消提前小时"),
    }


def test_a_faulty_place_is_no_fault_of_the_services_done_there(content: Copy) -> None:
    content.edit("places/district-hall.yml", "level: 区级", "level: 县级")
    (problem,) = content.problems()
    assert (problem.file, problem.field) == ("places/district-hall.yml", "层级")


EDITS = st.lists(
    st.one_of(
        st.tuples(st.just("bytes"), st.integers(0, 9999), st.binary(max_size=6)),
        st.tuples(st.just("cut"), st.integers(0, 9999), st.integers(1, 400)),
        st.tuples(
            st.just("line"),
            st.integers(0, 200),
            st.sampled_from(
                [
                    "",
                    "null: 1",
                    "? ",
                    "- ",
                    "  - a: b",
                    "id: !!timestamp x",
                    "<<: {a: 1}",
                    "checked_on: 20261102",
                    "kind: [",
                    "fee: {items: [{amount: 1e999999}]}",
                    "name: \u2028x",
                    "2026-01-01: x",
                    "true: x",
                    "%YAML 9.9",
                    "name: \ud7ff\x85",
                    "--- !x",
                    "...",
                    "&a *a",
                ]
            ),
        ),
    ),
    min_size=1,
    max_size=4,
)


def mangled(data: bytes, edits: list[tuple]) -> bytes:
    for kind, place, what in edits:
        if kind == "line":
            lines = data.split(b"\n")
            lines[place % len(lines)] = what.encode()
            data = b"\n".join(lines)
        else:
            at = place % (len(data) + 1)
            data = (
                data[:at] + what + data[at + len(what) :]
                if kind == "bytes"
                else data[:at] + data[at + what :]
            )
    return data


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> Copy:
    """A catalogue of one service, quick to load over and over."""
    return Copy.of_shipped(tmp_path_factory.mktemp("small"), ["id-card-renew"])


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(edits=EDITS)
def test_a_mangled_file_gives_problems_and_never_a_traceback(small: Copy, edits: list) -> None:
    small.write(CARD, mangled((SHIPPED / CARD).read_bytes(), edits))
    try:
        found = Loader(small.directory).load()
    except ProblemsFound as refused:
        assert refused.problems
        for problem in refused.problems:
            assert CHINESE.search(problem.what), problem
            assert problem.mend, problem
    else:
        assert set(found.services) == {"id-card-renew"}


def test_a_bundle_has_no_service_s_id(content: Copy) -> None:
    shipped = Copy(SHIPPED).text("bundles/newborn.yml")
    (content.directory / "bundles").mkdir()
    content.write("bundles/id-card-renew.yml", shipped.replace("id: newborn", "id: id-card-renew"))
    problem = next(one for one in content.problems() if one.field == "套餐编号")
    assert problem.file == "bundles/id-card-renew.yml"
    assert CARD in problem.what
    assert "换一个编号" in problem.mend


def test_a_draft_has_no_bundle_s_id(content: Copy) -> None:
    (content.directory / "bundles").mkdir()
    content.write("bundles/newborn.yml", Copy(SHIPPED).text("bundles/newborn.yml"))
    (content.directory / "drafts").mkdir()
    content.write("drafts/newborn.yml", "id: newborn\nname: 新生儿\ndepartment: 局\n")
    problem = next(one for one in content.problems() if one.file == "drafts/newborn.yml")
    assert "套餐" in problem.what


def test_a_hall_may_have_no_desk(content: Copy) -> None:
    text = content.text("hall.yml")
    content.write("hall.yml", text[: text.index("desk:")])
    assert content.problems() == ()
