"""Which template says what: the file, its faults, and values within Tencent's limits."""

from __future__ import annotations

from pathlib import Path

import pytest

from booking.message_values import MessageKind
from booking.wording import notice
from wechat.errors import NoticesError
from wechat.notices import KINDS, VALUES, read_notices

FILE = """
tomorrow:
  template: AbC_1
  fields: {thing1: item, time2: time, character_string3: code}
rate:
  template: XyZ_2
  subscribed: true
  fields:
    thing1: item
"""
DATA = {"item": "居民身份证换领", "time": "2026年11月24日 09:30", "code": "A2B3C4"}


def written(tmp_path: Path, text: str) -> Path:
    file = tmp_path / "notices.yml"
    file.write_text(text, encoding="utf-8")
    return file


def test_a_file_is_read(tmp_path):
    found = read_notices(written(tmp_path, FILE))
    assert found["tomorrow"].template == "AbC_1"
    assert (found["tomorrow"].subscribed, found["rate"].subscribed) == (False, True)
    assert found["tomorrow"].filled(DATA) == {
        "thing1": "居民身份证换领", "time2": "2026年11月24日 09:30", "character_string3": "A2B3C4",
    }  # fmt: skip


def test_what_is_too_long_is_cut_and_what_is_missing_is_no_notice(tmp_path):
    tomorrow = read_notices(written(tmp_path, FILE))["tomorrow"]
    filled = tomorrow.filled({**DATA, "item": "长" * 21})
    assert filled is not None and filled["thing1"] == "长" * 19 + "…"
    assert tomorrow.filled({**DATA, "code": ""}) is None


def test_the_offices_messages_are_the_kinds():
    assert set(KINDS) == {kind.value for kind in MessageKind}
    assert notice.__annotations__["return"] == "dict[str, str]"
    assert len(VALUES) == 5


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("[", "line 1: it is no YAML"),
        ("- a", "write a kind of message"),
        ("later: {template: a, fields: {thing1: item}}", "later is no kind of message"),
        ("rate: x", "rate: write template, fields"),
        ("rate: {template: a, fields: {thing1: item}, colour: red}", "nothing else"),
        ("rate: {fields: {thing1: item}}", "`template` must be"),
        ("rate: {template: a, subscribed: 1, fields: {thing1: item}}", "`subscribed` must be"),
        ("rate: {template: a}", "`fields` must name"),
        ("rate: {template: a, fields: {Thing: item}}", "Thing is no field"),
        ("rate: {template: a, fields: {thing1: name}}", "thing1 can't be filled with name"),
    ],
)
def test_a_fault_is_named(tmp_path, text, complaint):
    with pytest.raises(NoticesError) as caught:
        read_notices(written(tmp_path, text))
    assert complaint in str(caught.value)
    assert "notices.yml" in str(caught.value)


def test_a_file_that_is_not_there_is_named(tmp_path):
    with pytest.raises(NoticesError, match="can't be read"):
        read_notices(tmp_path / "none.yml")
