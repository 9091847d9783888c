"""Edits of YAML as staff write it: only what differs, in whatever style the file has."""

from __future__ import annotations

import pytest
import yaml
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from service_catalog.exchange.yaml_text import edited

FILE = """\
# head
a: one   # beside
b:
    - x
    # between
    - 'y'
    - z
c:
  - name: p
    note: >
      folded
      text
  # before q
  - name: q
# before d
d: {k: v, l: [1]}
e: "quoted"
"""


def say(text: str, old: dict, new: dict) -> str:
    return edited(text, yaml.compose(text, Loader=yaml.CSafeLoader), old, new)


@pytest.mark.parametrize(
    ("key", "value", "old", "new"),
    [
        ("a", "two", "a: one   # beside", "a: two   # beside"),
        ("e", "it", 'e: "quoted"', 'e: "it"'),
        ("b", ["x", "it's", "z"], "- 'y'", "- 'it''s'"),
        ("b", ["x", "y"], "    - z\n", ""),
        ("b", ["x", "y", "z", "new"], "    - z\n", "    - z\n    - new\n"),
        ("b", ["first", "x", "y", "z"], "    - x\n", "    - first\n    - x\n"),
        ("d", {"k": "w"}, "d: {k: v, l: [1]}", "d:\n  k: w"),
        ("a", "x: y", "a: one ", 'a: "x: y" '),
        ("c", [{"name": "p"}, {"name": "q"}], "    note: >\n      folded\n      text\n", ""),
    ],
)
@pytest.mark.parametrize("line_break", ["\n", "\r\n"])
def test_only_this_changes(key, value, old, new, line_break):
    before = yaml.load(FILE, Loader=yaml.CSafeLoader)
    text = FILE.replace("\n", line_break)
    assert FILE.count(old) == 1
    expected = FILE.replace(old, new).replace("\n", line_break)
    assert say(text, before, {**before, key: value}) == expected


def test_a_new_key_stands_where_the_model_has_it():
    assert say("a: 1\n# of c\nc: 3\n", {"a": 1, "c": 3}, {"a": 1, "b": 2, "c": 3}) == (
        "a: 1\nb: 2\n# of c\nc: 3\n"
    )


words = (
    st.text(st.characters(min_codepoint=32, max_codepoint=0x9FA5))
    .filter(lambda one: one.isprintable() and bool(one.strip()))
    .map(str.strip)
)
keys = st.sampled_from("abcdef")
data = st.recursive(
    words,
    lambda inner: st.dictionaries(
        keys, inner | st.lists(inner, min_size=1, max_size=4), max_size=4
    ),
    max_leaves=12,
)
mappings = st.dictionaries(
    st.sampled_from("uvwxyz"), data | st.lists(data, max_size=4), min_size=1, max_size=5
)


def as_text(text: str) -> object:
    return yaml.load(text, Loader=yaml.CBaseLoader)  # noqa: S506 - makes texts alone


@settings(max_examples=300, deadline=None, suppress_health_check=list(HealthCheck))
@given(mappings, mappings, st.booleans())
def test_any_edit_reads_back(old, new, flow):
    text = yaml.safe_dump(old, allow_unicode=True, sort_keys=False, default_flow_style=flow)
    merged = {**old, **new}
    node = yaml.compose(text, Loader=yaml.CSafeLoader)
    result = edited(text, node, old, merged)
    assert as_text(result) == as_text(yaml.safe_dump(merged, allow_unicode=True))
