"""Lists of items: what is new, changed, the same and rejected, and what ends up on the disk."""

from __future__ import annotations

import difflib
from pathlib import Path

import openpyxl
import pytest
from exchange_world import (
    ROWS,
    as_csv,
    as_jsonl,
    as_xlsx,
    entries,
    files,
    run,
    shipped_copy,
    values,
)

from service_catalog.loader import Loader
from service_catalog.model import Draft, Service


@pytest.fixture
def new(tmp_path: Path) -> Path:
    return tmp_path / "new"


def drafts(directory: Path) -> list[Draft]:
    return [one for one in values(directory).values() if isinstance(one, Draft)]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "utf-16"])
def test_a_list_of_names_becomes_a_catalogue_to_search(tmp_path, new, encoding):
    result = run("import", as_csv(tmp_path / "list.csv", ROWS, encoding), "--into", new)
    assert result.exit_code == 0, result.output
    catalog = Loader(new).load()
    assert {one.name for one in catalog.drafts.values()} == {row["事项名称"] for row in ROWS}
    hit = catalog.index.search("孤儿认定").hits[0]
    assert (hit.name, hit.draft) == ("孤儿认定", True)


def test_the_same_file_twice_changes_nothing(tmp_path, new):
    source = as_csv(tmp_path / "list.csv", ROWS)
    run("import", source, "--into", new)
    before = files(new)
    stamps = Loader(new).fingerprint()
    result = run("import", source, "--into", new)
    assert "不变：3" in result.output
    assert "新增：0" in result.output
    assert files(new) == before
    assert Loader(new).fingerprint() == stamps


def test_a_dry_run_says_all_and_writes_nothing(tmp_path):
    directory = shipped_copy(tmp_path)
    before = files(directory)
    service = Loader(directory).load().service("id-card-replace")
    rows = [*ROWS, {"实施主体": service.department, "事项名称": service.name, "咨询电话": "12345"}]
    rows.append({"实施主体": "", "事项名称": "没有部门"})
    result = run("import", as_csv(tmp_path / "l.csv", rows), "--into", directory, "--dry-run")
    for line in ("新增：3", "修改：0", "退回：2"):  # 12345 is its complaint phone already
        assert line in result.output
    assert "services/id-card-replace.yml" not in result.output
    assert "没有实施主体" in result.output
    assert files(directory) == before
    assert not list(Path.cwd().iterdir())


def test_a_dry_run_makes_no_directory(tmp_path, new):
    assert (
        run("import", as_csv(tmp_path / "l.csv", ROWS), "--into", new, "--dry-run").exit_code == 0
    )
    assert not new.exists()


def test_one_field_is_one_line_and_comments_stay(tmp_path):
    directory = shipped_copy(tmp_path)
    file = directory / "services" / "id-card-replace.yml"
    text = file.read_text("utf-8")
    text = "# 公安窗口维护\n" + text.replace("phones:\n", "phones:  # 每季度核对\n")
    file.write_text(text, "utf-8")
    service = entries(directory)["services/id-card-replace.yml"].value
    assert isinstance(service, Service)
    row = {"实施主体": service.department, "事项名称": service.name, "咨询电话": "0600-8800999"}
    result = run("import", as_csv(tmp_path / "l.csv", [row]), "--into", directory)
    assert "修改：1" in result.output
    diff = list(difflib.ndiff(text.splitlines(), file.read_text("utf-8").splitlines()))
    assert [line for line in diff if line[0] in "+-"] == [
        f"-   enquiry: {service.phones.enquiry}",
        "+   enquiry: 0600-8800999",
    ]


@pytest.mark.parametrize(
    ("name", "row", "reason"),
    [
        ("no name", {"实施主体": "区民政局", "咨询电话": "12345"}, "没有事项名称：补上"),
        ("no department", {"事项名称": "收养登记"}, "没有实施主体：补上"),
        ("says 无", {"实施主体": "无", "事项名称": "收养登记"}, "没有实施主体：补上"),
        ("too long", {"实施主体": "区民政局", "事项名称": "登" * 1_000_000}, "太长"),
        ("bad id", {"实施主体": "局", "事项名称": "名", "事项编号": "中文"}, "事项编号"),
        ("bad status", {"实施主体": "局", "事项名称": "名", "状态": "好"}, "状态“好”不认识"),
        ("not complete", {"实施主体": "局", "事项名称": "名", "状态": "正式"}, "没有填"),
    ],
    ids=lambda one: one if isinstance(one, str) and " " in one else "",
)
def test_a_bad_row_stops_all_and_says_why(tmp_path, new, name, row, reason):
    result = run("import", as_csv(tmp_path / "l.csv", [*ROWS, row]), "--into", new)
    assert result.exit_code == 1
    assert reason in result.output
    assert "第5行" in result.output
    assert not new.exists()


def test_rejected_rows_are_mended_and_sent_in_again(tmp_path, new):
    bad = {"实施主体": "", "事项名称": "收养登记"}
    run("import", as_csv(tmp_path / "list.csv", [ROWS[0], bad, ROWS[1]]), "--into", new)
    sheet = Path("list.rejected.xlsx")
    book = openpyxl.load_workbook(sheet)
    page = book.worksheets[0]
    titles = [cell.value for cell in page[1]]
    first = dict(zip(titles, (cell.value for cell in page[2]), strict=True))
    assert first["退回原因"] == "没有实施主体：补上"
    assert first["原文件行号"] == "3"
    page.cell(2, titles.index("实施主体") + 1, "区民政局")
    book.save(sheet)
    result = run("import", sheet, "--into", new)
    assert result.exit_code == 0, result.output
    assert {one.name for one in drafts(new)} == {"社保卡挂失", "收养登记", "孤儿认定"}


def test_the_good_rows_alone_when_asked(tmp_path, new):
    bad = {"实施主体": "", "事项名称": "收养登记"}
    source = as_csv(tmp_path / "list.csv", [*ROWS, bad])
    target = tmp_path / "back.xlsx"
    result = run("import", source, "--into", new, "--skip-rejected", "--rejected", target)
    assert result.exit_code == 0
    assert len(drafts(new)) == 3
    assert openpyxl.load_workbook(target).worksheets[0].max_row == 2


def test_the_same_item_twice(tmp_path, new):
    other = {**ROWS[0], "咨询电话": "0600-8800302"}
    result = run("import", as_csv(tmp_path / "l.csv", [*ROWS, ROWS[0]]), "--into", new)
    assert "合并：1" in result.output
    result = run("import", as_csv(tmp_path / "l.csv", [*ROWS, other]), "--into", new)
    assert result.exit_code == 1
    assert "和l 第2行是同一个事项，但“电话”不同" in result.output


def test_matched_by_code_though_the_name_changed(tmp_path, new):
    code = "11440000006939756B2440101007000"
    first = {"实施主体": "局", "事项名称": "旧名", "实施编码": code}
    run("import", as_csv(tmp_path / "l.csv", [first]), "--into", new)
    run("import", as_csv(tmp_path / "l.csv", [{**first, "事项名称": "新名"}]), "--into", new)
    (only,) = drafts(new)
    assert (only.name, only.task_code) == ("新名", code)


def test_two_codes_are_two_items(tmp_path, new):
    rows = [
        {"实施主体": "局", "事项名称": "同名", "实施编码": f"11440000006939756B244010100700{n}"}
        for n in (1, 2)
    ]
    run("import", as_csv(tmp_path / "l.csv", rows), "--into", new)
    assert len(drafts(new)) == 2


def test_a_draft_keeps_what_staff_added(tmp_path, new):
    source = as_csv(tmp_path / "l.csv", [{**ROWS[0], "别名": "社保卡丢了"}])
    run("import", source, "--into", new)
    (file,) = (new / "drafts").iterdir()
    file.write_text(file.read_text("utf-8") + "cautions:  # 窗口说的\n  - 带本人证件\n", "utf-8")
    run("import", as_csv(tmp_path / "l.csv", [{**ROWS[0], "咨询电话": "12333"}]), "--into", new)
    text = file.read_text("utf-8")
    assert "cautions:  # 窗口说的\n  - 带本人证件\n" in text
    assert '  enquiry: "12333"' in text
    assert "社保卡丢了" in text


def test_an_impossible_phone_is_left_out_of_a_draft_and_told(tmp_path, new):
    row = {**ROWS[1], "咨询电话": "87686011"}
    result = run("import", as_csv(tmp_path / "l.csv", [row]), "--into", new)
    assert "“87686011”里没有能用的电话" in result.output
    assert drafts(new)[0].phones.enquiry is None


def test_a_service_in_use_is_not_broken_by_a_row(tmp_path):
    directory = shipped_copy(tmp_path)
    before = files(directory)
    service = Loader(directory).load().service("id-card-replace")
    row = {"实施主体": service.department, "事项名称": service.name, "失效日期": "下个月"}
    result = run("import", as_csv(tmp_path / "l.csv", [row]), "--into", directory)
    assert result.exit_code == 1
    assert "不是日期" in result.output
    assert files(directory) == before


def test_headings_are_named_with_suggestions(tmp_path, new):
    rows = [{"实施主体": "局", "事项名称": "名", "承诺办结时間": "3工作日", "备注": "x"}]
    result = run("import", as_csv(tmp_path / "l.csv", rows), "--into", new)
    assert result.exit_code == 1
    assert "“承诺办结时間”不认识，是不是“承诺办结时限”" in result.output
    result = run(
        "import", as_csv(tmp_path / "l.csv", [{"主体": "局", "名字": "名"}]), "--into", new
    )
    assert "没有“事项名称”这一列" in result.output
    assert "现有表头：主体、名字" in result.output


def test_unknown_columns_are_told_and_left_out(tmp_path, new):
    rows = [{"实施主体": "局", "事项名称": "名", "备注": "x"}]
    result = run("import", as_csv(tmp_path / "l.csv", rows), "--into", new)
    assert result.exit_code == 0
    assert "表头“备注”不认识，这一列没有导入" in result.output


def test_a_mapping_for_headings_of_its_own(tmp_path, new):
    mapping = tmp_path / "map.yml"
    mapping.write_text(
        "columns:\n  ITEM: name\n  ORG: 实施主体\n"
        "  WHO: {field: audience, replace: {其他组织: ''}}\nignore: [NOTE]\n",
        "utf-8",
    )
    rows = [{"ITEM": "名", "ORG": "局", "WHO": ["自然人", "其他组织"], "NOTE": "x"}]
    source = as_jsonl(tmp_path / "l.jsonl", rows)
    result = run("import", source, "--into", new, "--columns", mapping)
    assert result.exit_code == 0, result.output
    assert [one.value for one in drafts(new)[0].audience] == ["自然人"]
    assert "注意" not in result.output


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("columns: {A: nmae}", "没有字段“nmae”，是不是“name”"),
        ("colums: {A: name}", "缺少 columns"),
        ("columns: [1", "不是YAML"),
    ],
)
def test_a_wrong_mapping_is_named(tmp_path, new, text, said):
    (tmp_path / "map.yml").write_text(text, "utf-8")
    source = as_csv(tmp_path / "l.csv", ROWS)
    result = run("import", source, "--into", new, "--columns", tmp_path / "map.yml")
    assert result.exit_code == 1
    assert said in result.output


def test_a_complete_row_is_a_service_and_a_draft_becomes_one(tmp_path):
    directory = shipped_copy(tmp_path)
    row = {"实施主体": "区民政局", "事项名称": "收养登记甲"}
    run("import", as_csv(tmp_path / "l.csv", [row]), "--into", directory)
    (draft,) = drafts(directory)
    full = row | {
        "状态": "正式",
        "事项类型": "行政确认",
        "服务对象": "自然人",
        "设定依据": "《中华人民共和国民法典》",
        "受理条件": "收养人和被收养人符合规定",
        "办件类型": "即办件",
        "到办事现场次数": "0",
        "收费·收费说明": "不收费",
        "办理流程": "申请；审查；登记",
        "办理方式·网上办·渠道名称": "政务服务网",
        "咨询电话": "0600-8800401",
        "监督投诉电话": "12345",
        "生效日期": "2025-01-01",
        "核对日期": "2026-11-02",
        "核对人": "民政窗口",
    }
    result = run("import", as_csv(tmp_path / "l.csv", [full]), "--into", directory)
    assert result.exit_code == 0, result.output
    assert "草稿转为正式" in result.output
    assert not (directory / "drafts" / f"{draft.id}.yml").exists()
    assert Loader(directory).load().service(draft.id).process == ("申请", "审查", "登记")


def test_empty_rows_merged_cells_and_a_title_above(tmp_path, new):
    grid = [
        ["全区事项清单", None, None],
        [],
        ["实施主体", "主项名称", "事项名称"],
        ["区民政局", None, "收养登记"],
        [None, None, "解除收养登记"],
        [],
        ["区残联", None, "残疾人证办理"],
    ]
    source = as_xlsx(tmp_path / "l.xlsx", grid, ["A1:C1", "A4:A5"])
    assert run("import", source, "--into", new).exit_code == 0
    assert {(one.department, one.name) for one in drafts(new)} == {
        ("区民政局", "收养登记"),
        ("区民政局", "解除收养登记"),
        ("区残联", "残疾人证办理"),
    }


def test_a_formula_without_its_value_is_told(tmp_path, new):
    grid = [["实施主体", "事项名称"], ["区民政局", '="收养"&"登记"']]
    result = run("import", as_xlsx(tmp_path / "l.xlsx", grid), "--into", new)
    assert result.exit_code == 1
    assert "“事项名称”是公式" in result.output


@pytest.mark.parametrize("name", ["l.xlsx", "l.csv", "l.jsonl", "l.xls", "l.txt"])
def test_a_file_that_is_no_table(tmp_path, new, name):
    (tmp_path / name).write_bytes(b"\x00\x01PK\xff\xfe\x81" * 20)
    result = run("import", tmp_path / name, "--into", new)
    assert result.exit_code == 1
    assert "Traceback" not in result.output
    assert not new.exists()


def test_many_rows_in_one_go(tmp_path, new):
    rows = [{"实施主体": "区人社局", "事项名称": f"事项{n}号"} for n in range(1500)]
    result = run("import", as_csv(tmp_path / "l.csv", rows), "--into", new)
    assert "新增：1500" in result.output
    assert len(Loader(new).load().drafts) == 1500
