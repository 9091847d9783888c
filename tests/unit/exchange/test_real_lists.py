"""Real lists of a county and of a province, as they are.

They are not part of the repository: `BANSHI_DATA_DIR` names the folder that holds
county_items.csv and province_items.jsonl.
"""

from __future__ import annotations

import csv
import os
from pathlib import Path

import pytest
from exchange_world import files, run

from service_catalog.loader import Loader

FOLDER = os.environ.get("BANSHI_DATA_DIR", "")


def real(name: str) -> Path:
    file = Path(FOLDER) / name
    if not FOLDER or not file.exists():
        pytest.skip(f"BANSHI_DATA_DIR names no folder with {name}")
    return file


def test_the_county_list_of_names(tmp_path):
    source, new = real("county_items.csv"), tmp_path / "new"
    with source.open(encoding="utf-8-sig", newline="") as file:
        names = {row["事项名称"] for row in csv.DictReader(file)}
    result = run("import", source, "--into", new)
    assert result.exit_code == 0, result.output
    assert "退回：0" in result.output
    catalog = Loader(new).load()
    assert {one.name for one in catalog.drafts.values()} == names
    before = files(new)
    assert "没有要写的" in run("import", source, "--into", new).output
    assert files(new) == before


def test_the_province_list_with_the_shipped_mapping(tmp_path):
    source, new = real("province_items.jsonl"), tmp_path / "new"
    rows = len(source.read_text("utf-8").splitlines())
    result = run("import", source, "--into", new, "--columns", "guangdong")
    assert result.exit_code == 0, result.output
    assert f"新增：{rows}" in result.output
    drafts = Loader(new).load().drafts.values()
    assert len(drafts) == rows
    assert sum(one.promised_limit is not None for one in drafts) > rows // 2
    assert sum(one.phones.enquiry is not None for one in drafts) > rows * 0.9
    assert "没有要写的" in run("import", source, "--into", new, "--columns", "guangdong").output
