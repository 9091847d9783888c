"""The documents say what the code does: settings, dependencies, paths and fields."""

from __future__ import annotations

import re

import pytest

from cli.settings import ROOT, SETTINGS
from service_catalog.loader import Loader

README = (ROOT / "README.md").read_text(encoding="utf-8")
ROWS = dict(re.findall(r"^\| `(BANSHI_\w+)` \|([^|]*)\|", README, re.M))


def test_readme_has_every_setting_and_no_other():
    assert set(ROWS) == set(SETTINGS)


@pytest.mark.parametrize("name", [name for name, default in SETTINGS.items() if default])
def test_readme_has_the_defaults(name):
    assert f"`{SETTINGS[name]}`" in ROWS[name]


def test_no_other_setting_is_read_anywhere():
    rooms = ("bot", "actions", "service_catalog", "booking", "wechat", "cli")
    sources = [file for room in rooms for file in (ROOT / room).rglob("*.py")]
    sources += [ROOT / "endpoints.yml", ROOT / "credentials.yml"]
    read = {
        name
        for file in sources
        for name in re.findall(r"BANSHI_[A-Z]+(?:_[A-Z]+)*", file.read_text(encoding="utf-8"))
    }
    assert read - {"BANSHI_WECHAT"} <= set(SETTINGS)


def test_every_dependency_has_a_reason():
    project = (ROOT / "pyproject.toml").read_text(encoding="utf-8")
    table = project.partition("dependencies = [")[2].partition("\n]")[0]
    names = re.findall(r'^    "([a-z0-9-]+)', table, re.M)
    reasons = (ROOT / "docs" / "dependencies.md").read_text(encoding="utf-8")
    assert len(names) > 10
    assert [name for name in names if name not in reasons] == []


@pytest.mark.parametrize("document", ["README.md", "docs/architecture.md", "docs/catalogue.md"])
def test_paths_that_are_named_exist(document):
    text = (ROOT / document).read_text(encoding="utf-8")
    paths = re.findall(r"`((?:bot|actions|service_catalog|booking|data|docs)/[\w./]*)`", text)
    assert paths
    assert [path for path in paths if not (ROOT / path).exists()] == []


def test_transcript_tells_what_the_catalogue_says():
    """The README's transcript is a real one; a change of its facts has to reach it."""
    catalog = Loader(ROOT / SETTINGS["BANSHI_CATALOG"]).load()
    passport = catalog.service("passport-first")
    for material in passport.materials:
        assert material.name in README
    assert f"{passport.fee.items[0].amount.normalize():f}元" in README
    assert catalog.hall.phones.enquiry in README
