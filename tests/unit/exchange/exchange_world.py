"""Lists as offices send them, and a catalogue to take them in."""

from __future__ import annotations

import csv
import json
import shutil
from collections.abc import Mapping, Sequence
from pathlib import Path

import openpyxl
from click.testing import CliRunner, Result

import service_catalog
from cli.catalog import catalog
from cli.catalog_exchange import add_to
from service_catalog.files import Entry
from service_catalog.loader import Loader

SHIPPED = Path(service_catalog.__file__).parent / "content"
ROWS = (
    {"实施主体": "区人社局", "事项名称": "社保卡挂失", "咨询电话": "0600-8800301"},
    {"实施主体": "区民政局", "事项名称": "孤儿认定"},
    {"实施主体": "区残联", "事项名称": "残疾人机动轮椅车燃油补贴"},
)
if "import" not in catalog.commands:
    add_to(catalog)


def run(*arguments: object) -> Result:
    """`banshi catalog …`"""
    return CliRunner().invoke(catalog, [str(one) for one in arguments])


def as_csv(path: Path, rows: Sequence[Mapping[str, str]], encoding: str = "utf-8") -> Path:
    titles = list(dict.fromkeys(title for row in rows for title in row))
    with path.open("w", encoding=encoding, newline="") as file:
        writer = csv.DictWriter(file, titles, restval="")
        writer.writeheader()
        writer.writerows(rows)
    return path


def as_jsonl(path: Path, rows: Sequence[Mapping[str, object]]) -> Path:
    path.write_text("".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows), "utf-8")
    return path


def as_xlsx(path: Path, grid: Sequence[Sequence[object]], merged: Sequence[str] = ()) -> Path:
    book = openpyxl.Workbook()
    page = book.active
    assert page is not None
    for row in grid:
        page.append(list(row))
    for span in merged:
        page.merge_cells(span)
    book.save(path)
    return path


def entries(directory: Path) -> dict[str, Entry]:
    loader = Loader(directory)
    loader.load()
    return loader.entries()


def values(directory: Path) -> dict[str, object]:
    return {name: entry.value for name, entry in entries(directory).items()}


def files(directory: Path) -> dict[str, bytes]:
    """Everything under a directory, hidden files too."""
    if not directory.exists():
        return {}
    return {
        str(path.relative_to(directory)): path.read_bytes()
        for path in sorted(directory.rglob("*"))
        if path.is_file()
    }


def shipped_copy(directory: Path, *, sayings: bool = False) -> Path:
    """The shipped content; its thousands of sayings only where a test is about them."""
    leave_out = None if sayings else shutil.ignore_patterns("lexicon")
    return Path(shutil.copytree(SHIPPED, directory / "catalogue", ignore=leave_out))
