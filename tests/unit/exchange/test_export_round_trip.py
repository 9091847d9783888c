"""Out to a workbook and back again: the same catalogue, whatever stands in it."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import openpyxl
import pytest
import yaml
from exchange_world import SHIPPED, entries, files, run, shipped_copy, values
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from service_catalog.exchange.export_xlsx import write_workbook
from service_catalog.exchange.sheets import SheetImporter
from service_catalog.exchange.tables import read_tables
from service_catalog.exchange.yaml_text import plain, render
from service_catalog.files import Entry, read_document
from service_catalog.model import (
    Audience,
    Draft,
    Handling,
    Kind,
    Lexicon,
    Need,
    Part,
    Place,
    Service,
    Source,
    Unit,
)


def test_the_shipped_content_comes_back_the_same(tmp_path):
    book, new = tmp_path / "all.xlsx", tmp_path / "new"
    assert run("export", "--to", book, "--catalog", SHIPPED).exit_code == 0
    result = run("import", book, "--into", new)
    assert result.exit_code == 0, result.output
    assert values(new) == values(SHIPPED)
    assert "没有要写的" in run("import", book, "--into", new).output


def test_into_where_it_came_from_it_changes_nothing(tmp_path):
    directory = shipped_copy(tmp_path, sayings=True)
    before = files(directory)
    run("export", "--to", tmp_path / "all.xlsx", "--catalog", directory)
    result = run("import", tmp_path / "all.xlsx", "--into", directory)
    assert "新增：0" in result.output
    assert "修改：0" in result.output
    assert files(directory) == before


@pytest.fixture
def directory(tmp_path: Path) -> Path:
    return shipped_copy(tmp_path)


@pytest.fixture
def book(tmp_path: Path, directory: Path) -> Path:
    """What `directory` holds, to be edited."""
    run("export", "--to", tmp_path / "all.xlsx", "--catalog", directory)
    return tmp_path / "all.xlsx"


def edit(path: Path, sheet: str, heading: str, row: int, value: str | None) -> str:
    """Change one cell as staff do; gives what stood there."""
    book = openpyxl.load_workbook(path)
    page = book[sheet]
    column = [cell.value for cell in page[1]].index(heading) + 1
    before = page.cell(row, column).value
    page.cell(row, column).value = value
    book.save(path)
    return str(before)


def test_a_cell_edited_in_a_child_sheet_is_one_line(directory, book):
    name = edit(book, "事项-申请材料", "材料名称", 2, "新的材料名称")
    before = files(directory)
    result = run("import", book, "--into", directory)
    assert "修改：1" in result.output
    assert "（申请材料）" in result.output
    after = files(directory)
    (changed,) = [file for file in after if after[file] != before[file]]
    old, new = before[changed].decode().splitlines(), after[changed].decode().splitlines()
    assert [(a, b) for a, b in zip(old, new, strict=True) if a != b] == [
        (f"  - name: {name}", "  - name: 新的材料名称")
    ]


def test_faults_are_told_where_they_stand_in_the_sheets(tmp_path, book):
    edit(book, "事项-申请材料", "原件份数", 3, "很多")
    result = run("import", book, "--into", tmp_path / "new", "--dry-run", "--all")
    assert "事项-申请材料 第3行：【申请材料第2项·原件份数】“很多”不是整数" in result.output


def test_a_rejected_workbook_is_mended_and_sent_in_again(tmp_path, directory, book):
    name = edit(book, "事项", "事项名称", 2, None)
    run("import", book, "--into", tmp_path / "new", "--rejected", tmp_path / "back.xlsx")
    assert not (tmp_path / "new").exists()
    edit(tmp_path / "back.xlsx", "事项", "事项名称", 2, name)
    result = run("import", tmp_path / "back.xlsx", "--into", tmp_path / "new")
    assert result.exit_code == 0, result.output
    assert values(tmp_path / "new") == values(directory)


# The lexicon


@pytest.fixture
def spoken(tmp_path: Path) -> Path:
    """A catalogue whose lexicon has two files, and every list between them."""
    directory = tmp_path / "spoken"
    (directory / "drafts").mkdir(parents=True)
    (directory / "lexicon").mkdir()
    (directory / "drafts" / "kite.yml").write_text(
        "id: kite\nname: 放风筝备案\ndepartment: 小区体育局\n", "utf-8"
    )
    (directory / "lexicon.yml").write_text(
        "words:\n  - {say: [纸鸢, 鹞子], mean: 风筝}\n"
        "operations:\n  - {name: 补办, words: [丢了], needed: true}\n"
        "  - {name: 新办, words: [头一回]}\n"
        "audiences:\n  - {name: 老人, words: [老伴, 爷爷]}\n"
        "situations:\n  - {name: 代办, words: [代办]}\n"
        "elsewhere: [北京, 上海]\nfillers: [请问, 怎么]\n",
        "utf-8",
    )
    (directory / "lexicon" / "sky.yml").write_text(
        "# what people say of the sky\n"
        "entries:\n"
        '  - mean: [放风筝备案, 放飞气球许可]\n    say: [想放风筝, =风筝, "放飞: 怎么办"]\n'
        "  - mean: [无人机登记]\n    say: [飞无人机]\n"
        "outside:\n  - {name: 天气, say: [今天风大吗, 下雨吗]}\n",
        "utf-8",
    )
    return directory


def test_the_lexicon_comes_back_the_same(tmp_path, spoken):
    run("export", "--to", tmp_path / "all.xlsx", "--catalog", spoken)
    result = run("import", tmp_path / "all.xlsx", "--into", tmp_path / "new")
    assert result.exit_code == 0, result.output
    assert values(tmp_path / "new") == values(spoken)


def test_the_lexicon_s_sheets_are_headed_in_chinese_and_none_is_empty(tmp_path, spoken):
    run("export", "--to", tmp_path / "all.xlsx", "--catalog", spoken)
    book = openpyxl.load_workbook(tmp_path / "all.xlsx")
    grids = {
        page.title: [[cell.value for cell in row] for row in page.iter_rows()]
        for page in book.worksheets
    }
    assert [title for title in grids if title.startswith("词库")] == [
        *("词库", "词库-同义词", "词库-常问句", "词库-不办的事"),
        *("词库-办理动作", "词库-办理对象", "词库-办理情形"),
        *("词库.sky-常问句", "词库.sky-不办的事"),
    ]
    assert grids["词库.sky-常问句"] == [
        ["常问句序号", "老百姓的说法", "事项名称"],
        ["1", "想放风筝\n=风筝\n放飞: 怎么办", "放风筝备案\n放飞气球许可"],
        ["2", "飞无人机", "无人机登记"],
    ]
    assert grids["词库.sky-不办的事"][0] == ["不办的事序号", "类别", "老百姓的说法"]
    assert grids["词库-同义词"][1] == ["1", "纸鸢\n鹞子", "风筝"]
    assert grids["词库-办理动作"] == [
        ["办理动作序号", "名称", "说法", "必须写明"],
        ["1", "补办", "丢了", "是"],
        ["2", "新办", "头一回", "否"],
    ]
    assert grids["词库-不办的事"] == [["不办的事序号", "类别", "老百姓的说法"]]


def test_a_saying_added_in_its_cell_is_one_line_of_the_file(tmp_path, spoken):
    sky = spoken / "lexicon" / "sky.yml"
    sky.write_text(render(yaml.safe_load(sky.read_text("utf-8"))), "utf-8")
    run("export", "--to", tmp_path / "all.xlsx", "--catalog", spoken)
    before = sky.read_text("utf-8").splitlines()
    edit(tmp_path / "all.xlsx", "词库.sky-常问句", "老百姓的说法", 3, "飞无人机\n无人机要不要登记")
    result = run("import", tmp_path / "all.xlsx", "--into", spoken)
    assert "修改：1" in result.output, result.output
    at = before.index("      - 飞无人机") + 1
    assert sky.read_text("utf-8").splitlines() == [
        *before[:at],
        "      - 无人机要不要登记",
        *before[at:],
    ]


def test_a_fault_of_the_lexicon_is_told_where_it_stands(tmp_path, spoken):
    run("export", "--to", tmp_path / "all.xlsx", "--catalog", spoken)
    edit(tmp_path / "all.xlsx", "词库.sky-常问句", "事项名称", 3, None)
    result = run("import", tmp_path / "all.xlsx", "--into", tmp_path / "new", "--dry-run")
    assert "词库.sky-常问句 第3行：【常问句第2项·事项名称】没有填" in result.output


def test_hundreds_of_sayings_are_more_than_a_cell_may_have_lines(tmp_path, spoken):
    said = [f"第{number}种说法" for number in range(900)]
    longer = {"entries": [{"mean": ["放风筝备案"], "say": said}]}
    (spoken / "lexicon" / "sky.yml").write_text(render(longer), "utf-8")
    run("export", "--to", tmp_path / "all.xlsx", "--catalog", spoken)
    page = openpyxl.load_workbook(tmp_path / "all.xlsx")["词库.sky-常问句"]
    assert [cell.value for cell in page[1]][-3:] == [f"老百姓的说法·续{n}" for n in (2, 3, 4)]
    assert all(str(cell.value).count("\n") <= 253 for cell in page[2]), "Excel's limit"
    run("import", tmp_path / "all.xlsx", "--into", tmp_path / "new")
    assert values(tmp_path / "new") == values(spoken)


def test_a_renamed_heading_is_named(tmp_path, book):
    page = openpyxl.load_workbook(book)
    page["事项"]["B1"].value = "事项的名称"
    page.save(book)
    result = run("import", book, "--into", tmp_path / "new")
    assert result.exit_code == 1
    assert "没有“事项名称”这一列，“事项的名称”是不是它" in result.output


def test_nothing_in_the_workbook_is_a_formula(book):
    cells = [
        cell
        for page in openpyxl.load_workbook(book).worksheets
        for row in page.iter_rows()
        for cell in row
    ]
    assert {cell.data_type for cell in cells} <= {"s", "n", "inlineStr"}


# Generated entries

words = st.text(
    st.one_of(
        st.characters(min_codepoint=0x4E00, max_codepoint=0x9FA5),
        st.sampled_from(
            "=+-@'\"“”《》：:，,；;、|#&*!%`{}[]<>\\/ \n\t\r\x0b\u2400\u240a\u241b_x000A"
        ),
        st.characters(min_codepoint=0x21, max_codepoint=0x7E),
    ),
    min_size=1,
    max_size=30,
).map(str.strip)
texts = words.filter(bool)
many = st.lists(texts, max_size=3)
maybe = st.none() | texts
ids = st.from_regex(r"[a-z0-9]{1,6}(-[a-z0-9]{1,4}){0,2}", fullmatch=True)
phones = st.sampled_from(["12345", "0600-8800301", "0600-8800302-12", "13800138000"])
days = st.dates(date(2000, 1, 1), date(2099, 12, 31))
only = st.dictionaries(ids, st.lists(ids, min_size=0, max_size=2), max_size=2)
counts = st.integers(0, 9)


def some(**fields: st.SearchStrategy[Any]) -> st.SearchStrategy[dict[str, Any]]:
    """A dictionary without the fields that drew None."""
    made = st.fixed_dictionaries(fields)
    return made.map(lambda one: {key: value for key, value in one.items() if value is not None})


limits = some(number=st.integers(0, 1000), unit=st.sampled_from(Unit), note=maybe)
materials = some(
    name=texts,
    need=st.sampled_from([Need.REQUIRED, Need.OPTIONAL]),
    original=st.integers(0, 20),
    source=st.sampled_from(Source),
    deferrable=st.booleans(),
    note=maybe,
    only=only,
)
options = some(id=ids, label=texts, words=many, next=st.none() | ids)
questions = some(id=ids, ask=texts, why=texts, options=st.lists(options, min_size=2, max_size=3))
prices = st.decimals(0, 1000, places=2, allow_nan=False).map(Decimal)
fee_items = some(name=texts, amount=prices, unit=texts, note=maybe, only=only)
fees = some(items=st.lists(fee_items, max_size=2), basis=st.lists(texts, min_size=1), note=maybe)
remote = some(name=texts, url=maybe, phone=st.none() | phones, steps=many)
windows = some(place=ids, windows=st.lists(texts, min_size=1, max_size=2), only=only)
channels = some(window=st.lists(windows, max_size=2), online=remote, post=st.none() | remote)
conditions = st.lists(texts | some(text=texts, only=only), min_size=1, max_size=3)
services = some(
    id=ids,
    name=texts,
    aliases=many,
    department=texts,
    kind=st.sampled_from(Kind),
    audience=st.lists(st.sampled_from(Audience), min_size=1, max_size=2),
    basis=st.lists(texts, min_size=1, max_size=2),
    situations=st.lists(questions, max_size=2),
    conditions=conditions,
    materials=st.lists(materials, max_size=3),
    handling=st.just(Handling.IMMEDIATE),
    promised_limit=st.none() | limits,
    limit_cases=st.lists(some(only=only, legal=st.none() | limits, promised=limits), max_size=1),
    visits=some(count=counts, reason=texts),
    fee=fees | st.just({}),
    process=st.lists(texts, min_size=1, max_size=3),
    channels=channels,
    phones=st.just({"enquiry": "0600-8800301", "complaint": "12345"}),
    faq=st.lists(some(question=texts, answer=texts), max_size=2),
    effective_from=days,
    checked_on=days,
    checked_by=texts,
).map(Service.parse_obj)
drafts = some(
    id=ids,
    name=texts,
    department=texts,
    fee=st.none() | st.just({}) | fees,
    phones=some(enquiry=st.none() | phones, more=st.lists(phones, max_size=2)),
    visits=st.none() | some(count=counts, reason=maybe),
    where=maybe,
    conditions=conditions,
).map(Draft.parse_obj)
places = some(
    id=ids,
    name=texts,
    level=st.sampled_from(["区级", "镇街"]),
    address=texts,
    phone=phones,
    parking=st.none()
    | st.just({})
    | some(free_minutes=st.none() | counts, bind_plate=st.booleans()),
    position=st.none() | some(latitude=st.floats(3, 54), longitude=st.floats(73, 136)),
    hours=st.just({"workdays": ["09:00-12:00"]}),
    floors=st.lists(
        some(number=st.integers(-3, 60), what=texts, zones=st.lists(some(name=texts, what=texts))),
        max_size=2,
    ),
).map(Place.parse_obj)

said = st.lists(texts, min_size=1, max_size=3)
facets = st.lists(some(name=texts, words=said, needed=st.booleans()), max_size=2)
lexicons = some(
    words=st.lists(some(say=said, mean=texts), min_size=1, max_size=3),
    entries=st.lists(some(say=said, mean=said), max_size=3),
    outside=st.lists(some(name=texts, say=said), max_size=2),
    operations=facets,
    audiences=facets,
    situations=facets,
    elsewhere=many,
    fillers=many,
).map(Lexicon.parse_obj)


def back_from_workbook(value: Part, name: str) -> object:
    with TemporaryDirectory() as temporary:
        book = Path(temporary) / "one.xlsx"
        document = read_document(SHIPPED / "hall.yml", name)
        assert not isinstance(document, tuple)
        write_workbook({name: Entry(document, value)}, book)  # type: ignore[arg-type]
        importer = SheetImporter({})
        importer.take(read_tables(book))
        assert importer.rejected == []
        (change,) = importer.changes
        return change.value


@settings(max_examples=120, deadline=None, suppress_health_check=list(HealthCheck))
@given(services | drafts | places)
def test_any_entry_survives_the_workbook(value):
    folder = {Service: "services", Draft: "drafts", Place: "places"}[type(value)]
    assert back_from_workbook(value, f"{folder}/{value.id}.yml") == value


@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
@given(lexicons, st.sampled_from(["lexicon.yml", "lexicon/one.yml"]))
def test_any_lexicon_survives_the_workbook(value, name):
    assert back_from_workbook(value, name) == value


@settings(max_examples=120, deadline=None, suppress_health_check=list(HealthCheck))
@given(services | drafts | places | lexicons)
def test_any_entry_survives_the_yaml(value):
    with TemporaryDirectory() as temporary:
        file = Path(temporary) / "one.yml"
        file.write_bytes(render(plain(value)).encode())
        document = read_document(file, "one.yml")
        assert type(value).parse_obj(getattr(document, "data")) == value  # noqa: B009


def test_a_list_longer_than_a_cell_holds(tmp_path):
    draft = Draft(id="a", name="名", department="局", process=tuple("步" * 1990 for _ in range(40)))
    assert back_from_workbook(draft, "drafts/a.yml") == draft


def test_entries_of_the_shipped_content_are_all_kinds():
    """The round trip above says little unless every kind stands in the content."""
    kinds = {type(entry.value).__name__ for entry in entries(SHIPPED).values()}
    assert kinds >= {"Service", "Place", "Bundle", "Hall", "Terminals", "Lexicon", "CalendarNotes"}
