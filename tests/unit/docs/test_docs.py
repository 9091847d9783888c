"""The documents say what the code does: settings, commands, dependencies, paths and figures."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

import click
import pytest
import yaml

from actions.aspects import Aspect
from cli.main import main
from cli.settings import ROOT, SETTINGS
from desk.progress import CHECK, COLUMNS
from service_catalog.loader import Loader
from service_catalog.search import Decision
from service_catalog.situations import outcome

README = (ROOT / "README.md").read_text(encoding="utf-8")
ARCHITECTURE = (ROOT / "docs" / "architecture.md").read_text(encoding="utf-8")
ROWS = dict(re.findall(r"^\| `(BANSHI_\w+)` \|([^|]*)\|", README, re.M))
OF_TESTS = {"BANSHI_DATA_DIR"}
"""Variables that tests alone read."""
ROOMS = ("bot", "actions", "service_catalog", "booking", "desk", "database", "wechat", "qa", "cli")
COMMANDS = re.findall(r"^\.venv/bin/banshi ([^#\n]+?)\s*(?:#.*)?$", README, re.M)
DOCUMENTS = ["README.md", *(f"docs/{file.name}" for file in sorted((ROOT / "docs").glob("*.md")))]
CATALOG = Loader(ROOT / SETTINGS["BANSHI_CATALOG"]).load()


def section(document: str, heading: str) -> str:
    """What stands under a heading, up to the next one of its level."""
    level = re.search(rf"^(#+) {re.escape(heading)}", document, re.M)
    assert level, heading
    return re.split(rf"^{level[1]} ", document[level.end() :], maxsplit=1, flags=re.M)[0]


def test_readme_has_every_setting_and_no_other():
    assert set(ROWS) == set(SETTINGS)


@pytest.mark.parametrize("name", [name for name, default in SETTINGS.items() if default])
def test_readme_has_the_defaults(name):
    assert f"`{SETTINGS[name]}`" in ROWS[name]


def test_no_other_setting_is_read_anywhere():
    sources = [file for room in ROOMS for file in (ROOT / room).rglob("*.py")]
    sources += [ROOT / "endpoints.yml", ROOT / "credentials.yml"]
    read = {
        name
        for file in sources
        for name in re.findall(r"BANSHI_[A-Z]+(?:_[A-Z]+)*", file.read_text(encoding="utf-8"))
    }
    assert read - {"BANSHI_WECHAT"} <= set(SETTINGS)


def test_no_other_setting_is_written_of():
    named = {
        name
        for document in DOCUMENTS
        for name in re.findall(
            r"BANSHI_[A-Z]+(?:_[A-Z]+)*", (ROOT / document).read_text(encoding="utf-8")
        )
    }
    assert named - {"BANSHI_WECHAT", *OF_TESTS} <= set(SETTINGS)


@pytest.mark.parametrize("line", COMMANDS)
def test_commands_of_the_readme_are_there(line, tmp_path, monkeypatch):
    """Each is parsed by the command itself, up to where it would run."""
    words = shlex.split(line)
    for word in words:
        if word.endswith(".xlsx"):
            (tmp_path / word).touch()
    (tmp_path / SETTINGS["BANSHI_CATALOG"]).mkdir(parents=True)
    monkeypatch.chdir(tmp_path)
    command, context = main, click.Context(main, info_name="banshi")
    while isinstance(command, click.Group):
        command = command.get_command(context, words.pop(0))
        assert command is not None, line
    command.make_context("banshi", words)


def test_every_command_of_the_staff_is_in_the_readme():
    for room in ("desk", "booking"):
        for name in main.get_command(click.Context(main), room).commands:
            assert any(f"{line} ".startswith(f"{room} {name} ") for line in COMMANDS), name
    assert any(line.startswith("questions") for line in COMMANDS)


def test_every_room_is_in_the_readme_and_in_the_architecture():
    rooms = {file.parent.name for file in ROOT.glob("*/__init__.py")} - {"tests", "benchmarks"}
    assert rooms == set(ROOMS)
    for room in sorted(rooms):
        assert f"| `{room}/` |" in section(README, "文件夹")
        assert f"`{room}`" in section(ARCHITECTURE, "Who may import whom")


def test_every_document_is_in_the_map():
    assert [name for name in DOCUMENTS[1:] if f"({name})" not in README] == []


def test_the_readme_counts_what_the_catalogue_has():
    hall = CATALOG.place(CATALOG.hall.place)
    departments = {service.department for service in CATALOG.services.values()}
    levels = [place.level.name for place in CATALOG.places.values()]
    chinese = (
        f"目录里有 {len(CATALOG.services)} 个事项（{len(departments)} 个部门）、"
        f"{len(CATALOG.bundles)} 个“一件事”、1 个区级大厅（{len(hall.windows)} 个窗口）、"
        f"{levels.count('TOWN')} 个镇街中心、{levels.count('VILLAGE')} 个村社区点、"
        f"{len(CATALOG.terminals)} 台自助终端。"
    )
    english = (
        f"The catalogue has {len(CATALOG.services)} services of {len(departments)} departments, "
        f"{len(CATALOG.bundles)} bundles, a district hall with {len(hall.windows)} windows, "
        f"{levels.count('TOWN')} town centres, {levels.count('VILLAGE')} village points and "
        f"{len(CATALOG.terminals)} self-service terminals."
    )
    assert chinese in README
    assert english in README.replace("\n", " ")
    assert f"{len(Aspect)} 个方面" in README


def test_what_a_citizen_can_say_leads_somewhere():
    """Services and bundles of the examples are found; whatever else is said is a trained intent."""
    rows = re.findall(r"^\| ([^|]+) \| [^|]+ \|$", section(README, "群众能做什么"), re.M)
    said = [text for row in rows[1:] for text in row.split("、")]
    for words, found in (("办护照带什么", "passport-first"), ("开饭店要办哪些证", "restaurant")):
        assert any(text.startswith(words) for text in said)
        ranking = CATALOG.index.search(words)
        assert (ranking.decision, ranking.nearest[0].id) == (Decision.ANSWER, found)
    trained = {
        line.removeprefix("      - ").strip()
        for file in (ROOT / "data" / "nlu").glob("*.yml")
        for line in file.read_text(encoding="utf-8").splitlines()
    }
    for errand in ("改期", "取消预约", "我的预约", "预约上门", "登记车牌", "人工", "投诉", "评价"):
        assert errand in said
        assert any(example.startswith(errand) for example in trained)


def test_the_progress_table_has_the_columns_that_the_readme_names():
    told = section(README, "工作人员").replace("\n", "")
    assert "、".join(COLUMNS[:4]) in told
    assert all(column in told for column in (*COLUMNS, CHECK))


def test_every_form_is_named_in_the_architecture():
    domain = yaml.safe_load((ROOT / "domain.yml").read_text(encoding="utf-8"))
    errands = section(ARCHITECTURE, "An errand").replace("\n", " ")
    words = {
        "booking_form": "booking",
        "cancel_form": "cancelling",
        "move_form": "moving",
        "visit_form": "home visit",
        "plate_form": "plate",
        "progress_form": "progress",
        "rating_form": "rating",
        "feedback_form": "feedback",
        "person_form": "a person",
        "erase_form": "erasure",
    }
    assert set(words) == set(domain["forms"])
    assert [word for word in words.values() if word not in errands] == []


def test_every_dependency_has_a_reason():
    project = (ROOT / "pyproject.toml").read_text(encoding="utf-8")
    table = project.partition("dependencies = [")[2].partition("\n]")[0]
    names = re.findall(r'^    "([a-z0-9-]+)', table, re.M)
    reasons = (ROOT / "docs" / "dependencies.md").read_text(encoding="utf-8")
    assert len(names) > 10
    assert [name for name in names if name not in reasons] == []


@pytest.mark.parametrize("document", DOCUMENTS)
def test_paths_that_are_named_exist(document):
    text = (ROOT / document).read_text(encoding="utf-8")
    rooms = "|".join((*ROOMS, "data", "docs", "tests"))
    paths = re.findall(rf"`((?:{rooms})/[\w./-]*)`", text)
    assert [path for path in paths if not (ROOT / path).exists()] == []
    links = re.findall(r"\]\((?!https?:|#)([^)#]+)", text)
    here = (ROOT / document).parent
    assert [link for link in links if not (here / link).exists()] == []


def test_named_things_of_the_architecture_are_in_the_code():
    code = "".join(
        file.read_text(encoding="utf-8")
        for room in ROOMS
        for file in Path(ROOT / room).rglob("*.py")
    )
    names = re.findall(r"`([a-z_]+|[A-Z][A-Za-z]+)`", ARCHITECTURE)
    assert [name for name in names if name not in code and not (ROOT / name).exists()] == []


def test_transcript_tells_what_the_catalogue_says():
    """The README's transcript is a real one; a change of its facts has to reach it."""
    passport = CATALOG.service("passport-first")
    for material in outcome(passport, {"age": "child"}).materials:
        assert material.name in README
    assert f"{passport.fee.items[0].amount.normalize():f}元" in README
    assert CATALOG.hall.phones.enquiry in README
