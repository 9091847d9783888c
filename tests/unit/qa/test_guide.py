"""The cases in docs/testing.md can be read, and say what the guide says of them."""

from __future__ import annotations

import re

from cli.qa import qa, vocabulary
from cli.settings import ROOT
from qa.reading import read
from qa.schema import schema

GUIDE = (ROOT / "docs" / "testing.md").read_text(encoding="utf-8")
EXAMPLES = re.findall(r"^```yaml\n(.*?)^```", GUIDE, re.M | re.S)


def test_the_examples_are_right(tmp_path):
    files = []
    for row, text in enumerate(EXAMPLES):
        files.append(tmp_path / f"{row}.yml")
        files[-1].write_text(text, encoding="utf-8")
    cases = read(files, vocabulary())
    assert len(files) == 2
    first = cases[0]
    assert first.turns[-1].checks[0].line == 16
    assert "我的用例.yml:16" in GUIDE


def test_every_key_and_command_is_taught():
    definitions = schema()["definitions"]
    for name in ("case", "step", "assertion", "other_message", "answer"):
        for key in set(definitions[name]["properties"]) - {"bot_did_not_uttered", "test_case"}:
            assert key in GUIDE or key == "assertion_order_enabled", key
    for name, command in qa.commands.items():
        assert f"banshi qa {name}" in GUIDE, name
        for option in command.params:
            longest = max(option.opts, key=len)
            assert longest in GUIDE or not longest.startswith("--"), longest
