"""Mangled files of every kind give problems in Chinese, or a catalogue; never a traceback."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from small_world import FILES, SMALL, TODAY, SmallWorld

from service_catalog.check import check

CHINESE = re.compile(r"[\u4e00-\u9fff]")
LINES = [
    *("", "null: 1", "? ", "- ", "  - a: b", "...", "&a *a", "--- !x", "%YAML 9.9", "name: ["),
    *("id: !!timestamp x", "<<: {a: 1}", "id: card", "id: stall", "true: x", "name: \u2028x"),
    *("parts: []", "parts:", "  - service: card", "  - service: nowhere", "    answers: {who: x}"),
    *("    answers: {nobody: self}", "      who: other", "place: town", "    place: nowhere"),
    *("terminals:", "terminals: {}", "    services: [card, card, card]", "    services: 1"),
    *("rules: [{}]", "groups: [1]", "helpers: ~", "questions: x", "    min_age: 1e99"),
    *("situations: []", "        next: who", "        next: end", "      hukou: [local]"),
    *("promised_limit: {number: 99, unit: 个月}", "effective_until: 0001-01-01", "days: [[]]"),
    *("effective_from: 9999-12-31", "checked_on: 0001-01-01", "    day: 2027-02-29", "fee: {}"),
    *("entries: [{say: [], mean: [x]}]", "entries: [{say: [x], mean: x}]", "    needed: x"),
    *("words: [{say: [x], mean: [x]}]", "outside: [{say: [x]}]", "operations: ~", "audiences: [x]"),
    *("      - 本子到期", "    mean: []", "fillers: ['']", "    mean: 。", "aliases: ['。', '本']"),
    *("whole: true", "    whole: true", "  count: 9", "\tname: x", "name: " + "长" * 3000),
]
EDITS = st.lists(
    st.one_of(
        st.tuples(st.just("bytes"), st.integers(0, 9999), st.binary(max_size=6)),
        st.tuples(st.just("cut"), st.integers(0, 9999), st.integers(1, 200)),
        st.tuples(st.just("line"), st.integers(0, 200), st.sampled_from(LINES)),
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
            put = what if kind == "bytes" else b""
            gone = len(what) if kind == "bytes" else what
            data = data[:at] + put + data[at + gone :]
    return data


@pytest.fixture(scope="module")
def scratch(tmp_path_factory: pytest.TempPathFactory) -> SmallWorld:
    """One copy for all examples; each puts back what it changed."""
    return SmallWorld.within(tmp_path_factory.mktemp("fuzz"))


@pytest.mark.parametrize("name", FILES)
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(edits=EDITS)
def test_a_mangled_file_never_gives_a_traceback(
    scratch: SmallWorld, name: str, edits: list
) -> None:
    original = (SMALL / name).read_bytes()
    scratch.write(name, mangled(original, edits))
    try:
        report = check(scratch.directory, TODAY)
    finally:
        scratch.write(name, original)
    assert (report.catalog is None) is bool(report.errors)
    for problem in (*report.errors, *report.warnings):
        assert CHINESE.search(problem.what), problem
        assert problem.mend, problem
        assert len(str(problem)) < 2500, problem


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(edits=st.dictionaries(st.sampled_from(FILES), EDITS, min_size=2, max_size=5))
def test_several_mangled_files_never_give_a_traceback(scratch: SmallWorld, edits: dict) -> None:
    for name, own in edits.items():
        scratch.write(name, mangled((SMALL / name).read_bytes(), own))
    try:
        report = check(scratch.directory, TODAY)
    finally:
        for name in edits:
            scratch.write(name, (SMALL / name).read_bytes())
    assert (report.catalog is None) is bool(report.errors)


@pytest.mark.parametrize("name", FILES)
@pytest.mark.parametrize("value", ["", " x", " []", " {}", " [[x]]", " {x: y}", None])
def test_no_line_gives_a_traceback_without_its_value(
    scratch: SmallWorld, name: str, value: str | None
) -> None:
    """Each line in turn loses its value, gets one of another kind, or is left out."""
    original = (SMALL / name).read_text(encoding="utf-8")
    lines = original.split("\n")
    try:
        for row, line in enumerate(lines[:-1]):
            head = line.partition(":")[0] + ":" if ":" in line else line.partition("-")[0] + "-"
            edited = [] if value is None else [head + value]
            scratch.write(name, "\n".join([*lines[:row], *edited, *lines[row + 1 :]]))
            report = check(scratch.directory, TODAY)
            assert all(CHINESE.search(problem.what) for problem in report.errors)
    finally:
        scratch.write(name, original)


@pytest.mark.parametrize("name", FILES)
@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"\xff\xfe\x00",
        "名称: 换证\n".encode("gbk"),
        b"\tid: a\n",
        b"a: &a [1,1]\nb: [*a,*a]\n",
        b"- 1\n",
        b"#" * 600_000,
        b"[" * 10_000,
    ],
    ids=["empty", "UTF-16", "GBK", "tab", "aliases", "list", "huge", "deep"],
)
def test_a_file_that_is_no_entry_is_one_clear_error(
    world: SmallWorld, name: str, data: bytes
) -> None:
    world.write(name, data)
    found = [problem for problem in world.report().errors if problem.file == name]
    assert len(found) == 1
    assert CHINESE.search(found[0].what)


def test_every_shipped_kind_is_mangled() -> None:
    assert {Path(name).parts[0] for name in FILES} >= {
        *("services", "bundles", "places", "drafts", "lexicon", "hall.yml", "calendar.yml"),
        *("terminals.yml", "home_visits.yml", "priority.yml", "helpers.yml", "general.yml"),
    }
