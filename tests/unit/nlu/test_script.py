"""Traditional characters become simplified before anything else reads a message."""

from __future__ import annotations

import pytest
from rasa.shared.nlu.constants import ENTITIES, TEXT
from rasa.shared.nlu.training_data.message import Message

from bot.nlu.script import ScriptConverter, simplified


@pytest.mark.parametrize(
    ("written", "plain"),
    [
        ("護照遺失怎麼辦", "护照遗失怎么办"),
        ("護照丢了 passport？", "护照丢了 passport？"),
        ("身份证丢了，怎么办？ＡＢＣ", "身份证丢了，怎么办？ＡＢＣ"),
        ("13800138000", "13800138000"),
        ("", ""),
        ("😀", "😀"),
    ],
)
def test_only_the_script_changes(written: str, plain: str) -> None:
    assert simplified(written) == plain


def test_half_an_emoji_does_no_harm() -> None:
    assert simplified("護照\ud83d").startswith("护照")


def test_what_was_written_stays_known() -> None:
    there = {"entity": "when", "value": {}, "start": 0, "end": 2}
    changed = Message({TEXT: "我叫張偉", ENTITIES: [there]})
    same, empty = Message({TEXT: "我叫张伟"}), Message({})
    ScriptConverter().process([changed, same, empty])
    assert changed.get(TEXT) == "我叫张伟"
    assert changed.get(ENTITIES) == [
        there,
        {
            "entity": "written",
            "value": "我叫張偉",
            "start": 0,
            "end": 4,
            "extractor": "ScriptConverter",
        },
    ]
    assert same.get(ENTITIES) is None
    assert empty.get(TEXT) is None
