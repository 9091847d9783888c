"""A case's changes are merged over a copy of the catalogue."""

from __future__ import annotations

import json
import shutil

import pytest

from qa.overlay import lay_over, merge
from service_catalog.errors import ProblemsFound
from service_catalog.loader import CONTENT, Loader


@pytest.mark.parametrize(
    ("data", "patch", "merged"),
    [
        ({"a": "1"}, {"b": "2"}, {"a": "1", "b": "2"}),
        ({"a": {"b": "1", "c": "2"}}, {"a": {"b": "3"}}, {"a": {"b": "3", "c": "2"}}),
        ({"a": ["1", "2"]}, {"a": ["3"]}, {"a": ["3"]}),
        ({"a": "1", "b": "2"}, {"a": None}, {"b": "2"}),
        ({"a": "1"}, {"a": {"b": "2"}}, {"a": {"b": "2"}}),
        ({}, {"a": {"b": None, "c": "1"}}, {"a": {"c": "1"}}),
    ],
)
def test_merging(data, patch, merged):
    before = json.dumps(data)
    assert merge(data, patch) == merged
    assert json.dumps(data) == before


@pytest.fixture
def content(tmp_path):
    return shutil.copytree(CONTENT, tmp_path / "content")


def test_everything_else_stays_as_it_was(content):
    before = Loader(content).load()
    lay_over(json.dumps({"hall.yml": {"phones": {"enquiry": "0580-9999999"}}}), content)
    after = Loader(content).load()
    assert after.hall.phones.enquiry == "0580-9999999"
    assert after.hall.phones.complaint == before.hall.phones.complaint
    assert after.services == before.services


def test_each_file_survives_being_written_anew(content):
    before = Loader(content).load()
    names = [file.relative_to(content).as_posix() for file in content.rglob("*.yml")]
    lay_over(json.dumps({name: {} for name in names}), content)
    after = Loader(content).load()
    assert after.services == before.services
    assert after.places == before.places
    assert after.bundles == before.bundles
    assert after.hall == before.hall


def test_nothing_to_change(content):
    lay_over("", content)
    Loader(content).load()


def test_a_file_that_can_not_be_read(content):
    (content / "hall.yml").write_text("a: [", encoding="utf-8")
    with pytest.raises(ProblemsFound):
        lay_over(json.dumps({"hall.yml": {}}), content)
