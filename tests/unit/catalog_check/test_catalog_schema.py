"""The shipped schemas are the model's, the shipped content is valid, and faults are marked."""

from __future__ import annotations

import json
from fnmatch import fnmatch
from pathlib import Path

import pytest
import yaml
from jsonschema import Draft7Validator
from small_world import FILES, SMALL

import service_catalog
from service_catalog.loader import Loader
from service_catalog.schema import KINDS, Kind, as_text, schema_of, write

ROOM = Path(service_catalog.__file__).parent
SHIPPED = sorted(str(file.relative_to(ROOM / "content")) for file in ROOM.glob("content/**/*.yml"))
CHINESE = range(0x4E00, 0x9FFF)

each_kind = pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.name)


class EditorLoader(yaml.SafeLoader):
    """YAML as editors read it: a date is text."""

    yaml_implicit_resolvers = {  # noqa: RUF012 - PyYAML's own attribute
        first: [(tag, pattern) for tag, pattern in resolvers if not tag.endswith("timestamp")]
        for first, resolvers in yaml.SafeLoader.yaml_implicit_resolvers.items()
    }


def kind_of(name: str) -> Kind:
    (kind,) = (one for one in KINDS if any(fnmatch(name, pattern) for pattern in one.files))
    return kind


def findings(text: str, kind: Kind) -> list[str]:
    data = yaml.load(text, EditorLoader)  # noqa: S506 - a SafeLoader
    found = Draft7Validator(schema_of(kind)).iter_errors(data)
    return ["/".join(map(str, one.absolute_path)) for one in found]


@each_kind
def test_the_shipped_schema_is_current(kind: Kind) -> None:
    shipped = ROOM / "schema" / f"{kind.name}.schema.json"
    assert shipped.read_text(encoding="utf-8") == as_text(schema_of(kind)), (
        "write it anew: banshi catalog schema --to service_catalog/schema"
    )


@each_kind
def test_a_schema_is_a_schema(kind: Kind) -> None:
    Draft7Validator.check_schema(schema_of(kind))


@each_kind
def test_every_field_has_a_chinese_title_and_description(kind: Kind) -> None:
    def properties(schema: object) -> list[tuple[str, dict]]:
        if isinstance(schema, list):
            return [pair for one in schema for pair in properties(one)]
        if not isinstance(schema, dict):
            return []
        own = [
            (name, one)
            for name, one in schema.get("properties", {}).items()
            if isinstance(one, dict) and "title" in one
        ]
        return own + [pair for one in schema.values() for pair in properties(one)]

    found = properties(schema_of(kind))
    assert {name for name, _ in found} >= set(kind.model.__fields__)
    for name, one in found:
        for text in (one["title"], one["description"]):
            assert any(ord(char) in CHINESE for char in text), name


def test_no_other_schema_is_shipped() -> None:
    files = {file.name for file in (ROOM / "schema").iterdir()}
    assert files == {f"{kind.name}.schema.json" for kind in KINDS}


@pytest.mark.parametrize("name", SHIPPED)
def test_shipped_content_is_valid(name: str) -> None:
    assert findings((ROOM / "content" / name).read_text(encoding="utf-8"), kind_of(name)) == []


@pytest.mark.parametrize("name", FILES)
def test_every_kind_of_file_is_valid(name: str) -> None:
    assert findings((SMALL / name).read_text(encoding="utf-8"), kind_of(name)) == []


def test_the_kinds_are_those_that_the_loader_reads() -> None:
    loader = Loader(SMALL)
    loader.load()
    for name, entry in loader.entries().items():
        assert isinstance(entry.value, kind_of(name).model)
    assert {kind_of(name).name for name in FILES} == {kind.name for kind in KINDS}


@pytest.mark.parametrize(
    ("name", "old", "new", "path"),
    [
        ("services/card.yml", "department:", "departmant:", ""),
        ("services/card.yml", "kind: 行政确认", "kind: 确认", "kind"),
        ("services/card.yml", "  count: 1", "  count: 一次", "visits/count"),
        ("services/card.yml", "  count: 1", "  count: 99", "visits/count"),
        ("services/card.yml", "  reason: 要拍照\n", "", "visits"),
        ("services/card.yml", "  basis:\n    - 小价〔2003〕1号\n", "", "fee"),
        ("services/card.yml", "  - 自然人", "  - 人", "audience/0"),
        ("services/card.yml", "audience:\n  - 自然人", "audience: []", "audience"),
        ("services/card.yml", "audience:\n  - 自然人", "audience: 自然人", "audience"),
        ("services/card.yml", "id: card", "id: CARD", "id"),
        ("services/card.yml", "2026-11-02", "11月2日", "checked_on"),
        ("services/card.yml", "    original: 1", "    orignal: 1", "materials/0"),
        ("services/card.yml", "    original: 1", "    need: 按情形", "materials/0"),
        ("services/card.yml", "promised_limit:\n  number: 5\n  unit: 工作日\n", "", ""),
        ("services/card.yml", "      - id: other\n", "", "situations/0/options"),
        ("services/card.yml", "  enquiry: 0600-8800101", "  enquiry: 88", "phones/enquiry"),
        ("places/hall.yml", "    - 09:00-12:00", "    - 早上九点", "hours/workdays/0"),
        ("bundles/street-food.yml", "  - service: stall\n    optional: true\n", "", "parts"),
        ("terminals.yml", "    hours: 24小时\n", "", "terminals/0"),
        ("hall.yml", "cancel_hours: 2", "cancel_hours: -2", "booking/cancel_hours"),
    ],
)
def test_a_fault_is_marked_where_it_is(name: str, old: str, new: str, path: str) -> None:
    text = (SMALL / name).read_text(encoding="utf-8")
    assert old in text
    if new == "" and "- id: other" in old:
        text = text.replace("        label: 别人代办\n", "")
    assert set(findings(text.replace(old, new, 1), kind_of(name))) == {path}


@pytest.mark.parametrize(
    ("name", "old", "new"),
    [
        ("places/hall.yml", "  - number: A01", "  - number: 12"),
        ("services/card.yml", "  - 本子快到期了", "  - text: 本子快到期了"),
        ("places/hall.yml", "phone:", "parking: 门前免费\nphone:"),
        ("places/hall.yml", "phone:", "parking:\n  spaces: 20\nphone:"),
        ("services/card.yml", "amount: 20", "amount: 20.50"),
    ],
)
def test_what_the_loader_takes_is_not_marked(name: str, old: str, new: str) -> None:
    text = (SMALL / name).read_text(encoding="utf-8")
    assert old in text
    assert findings(text.replace(old, new, 1), kind_of(name)) == []


def test_writing_gives_every_schema(tmp_path: Path) -> None:
    files = write(tmp_path / "schemas")
    assert [file.name for file in files] == [f"{kind.name}.schema.json" for kind in KINDS]
    for file, kind in zip(files, KINDS, strict=True):
        assert json.loads(file.read_text(encoding="utf-8")) == schema_of(kind)


def test_the_editor_knows_which_schema_is_for_which_file() -> None:
    settings = ROOM.parent / ".vscode" / "settings.json"
    known = json.loads(settings.read_text(encoding="utf-8"))["yaml.schemas"]
    assert known == {
        f"./service_catalog/schema/{kind.name}.schema.json": [
            f"service_catalog/content/{pattern}" for pattern in kind.files
        ]
        for kind in KINDS
    }
