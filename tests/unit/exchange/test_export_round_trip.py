"""Out to a workbook and back again: the same catalogue, whatever stands in it."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import openpyxl
import pytest
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
    directory = shipped_copy(tmp_path)
    before = files(directory)
    run("export", "--to", tmp_path / "all.xlsx", "--catalog", directory)
    result = run("import", tmp_path / "all.xlsx", "--into", directory)
    assert "新增：0" in result.output
    assert "修改：0" in result.output
    assert files(directory) == before


@pytest.fixture
def book(tmp_path: Path) -> Path:
    run("export", "--to", tmp_path / "all.xlsx", "--catalog", SHIPPED)
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


def test_a_cell_edited_in_a_child_sheet_is_one_line(tmp_path, book):
    directory = shipped_copy(tmp_path)
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


def test_a_rejected_workbook_is_mended_and_sent_in_again(tmp_path, book):
    name = edit(book, "事项", "事项名称", 2, None)
    run("import", book, "--into", tmp_path / "new", "--rejected", tmp_path / "back.xlsx")
    assert not (tmp_path / "new").exists()
    edit(tmp_path / "back.xlsx", "事项", "事项名称", 2, name)
    result = run("import", tmp_path / "back.xlsx", "--into", tmp_path / "new")
    assert result.exit_code == 0, result.output
    assert values(tmp_path / "new") == values(SHIPPED)


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


@settings(max_examples=120, deadline=None, suppress_health_check=list(HealthCheck))
@given(services | drafts | places)
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
