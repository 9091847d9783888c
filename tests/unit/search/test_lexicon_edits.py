"""An edit of the lexicon works out anew what it touches alone, and comes to the same end."""

from __future__ import annotations

import pytest

from service_catalog.model import Lexicon
from service_catalog.search import Sayings

LEXICON = {
    "words": [{"say": ["社保卡", "社宝卡"], "mean": "社会保障卡"}],
    "entries": [
        {"mean": ["社会保障卡补领"], "say": ["社保卡丢了怎么办", "补社保卡", "小本本掉了"]},
        {"mean": ["普通护照换发"], "say": ["护照过期了", "换护照", "小本本到期"]},
    ],
    "outside": [{"name": "闲聊", "say": ["今天天气怎么样", "社保卡真好看"]}],
    "fillers": ["怎么办", "请问"],
}
EDITS = {
    "a saying": {"entries": [*LEXICON["entries"], {"mean": ["失业登记"], "say": ["没工作了"]}]},
    "a synonym": {"words": [*LEXICON["words"], {"say": ["小本本"], "mean": "护照"}]},
    "a synonym gone": {"words": []},
    "another meaning": {"words": [{"say": ["社保卡"], "mean": "护照"}]},
    "a filler": {"fillers": ["怎么办", "请问", "过期"]},
    "a filler that is a synonym": {"fillers": ["怎么办", "社会保障卡"]},
    "an operation": {"operations": [{"name": "补办", "words": ["丢了", "掉了"]}]},
}


@pytest.mark.parametrize("edit", EDITS.values(), ids=EDITS)
def test_after_an_edit_all_is_as_if_made_anew(edit: dict) -> None:
    before = Sayings(Lexicon.parse_obj(LEXICON))
    lexicon = Lexicon.parse_obj({**LEXICON, **edit})
    edited, anew = Sayings(lexicon, before), Sayings(lexicon)
    for said in ("社保卡掉了", "请问护照过期了怎么办", "小本本", "天气", "没工作了", "社宝卡"):
        outcomes = []
        for sayings in (edited, anew):
            reading = sayings.reader.read(said)
            found = sayings.alike(reading.parts, reading.key)
            outcomes.append(
                (
                    reading.key,
                    sorted((one.entry, round(one.strength, 5)) for one in found),
                    round(sayings.leaning(reading.whole), 6),
                )
            )
        assert outcomes[0] == outcomes[1], said
