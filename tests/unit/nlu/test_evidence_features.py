"""What the intent classifier is told beyond a message's words."""

from __future__ import annotations

from pathlib import Path

import pytest
from rasa.shared.nlu.constants import ENTITIES, TEXT
from rasa.shared.nlu.training_data.message import Message

import service_catalog
from bot.nlu.evidence import known, noted, read
from bot.nlu.services import ServiceLinker
from bot.resources import catalog_store

CONTENT = Path(service_catalog.__file__).parent / "content"
NOTHING = {
    "decided": 0.0,
    "best": 0.0,
    "outside": 0.0,
    "absent": 0.0,
    "leaning": 0.0,
    "tells": 0.0,
}


@pytest.mark.parametrize(
    ("said", "sign"),
    [
        ("13800138000", "mobile"),
        ("打我138 0013 8000", "mobile"),
        ("51010619900101123X", "id_number"),
        ("川A12345", "plate"),
        ("登记 川AD12345", "plate"),
        ("第二个", "ordinal"),
        ("最后一个", "ordinal"),
        ("2", "digits"),
        ("张伟", "name"),
        ("刘桂芳", "name"),
        ("我叫张伟", "introduces"),
        ("龙潭镇上岭村3组", "address"),
        ("68岁", "age"),
        ("要预约吗", "question"),
        ("怎么办", "asks"),
        ("我想办护照", "wants"),
        ("北京居住证怎么办", "elsewhere"),
        ("美国签证", "abroad"),
        ("hello", "latin"),
        ("。。。", "no_words"),
        ("我约的几点", "booked"),
    ],
)
def test_a_sign_of_form(said: str, sign: str) -> None:
    assert sign in noted(said, NOTHING, timed=False)


@pytest.mark.parametrize(
    ("said", "sign"),
    [
        ("办件号510106202611230001", "mobile"),
        ("办件号510106202611230001", "plate"),
        ("张", "name"),
        ("周六呢", "name"),
        ("身份证", "name"),
        ("护照", "question"),
        ("我要办护照", "digits"),
    ],
)
def test_no_such_sign(said: str, sign: str) -> None:
    assert sign not in noted(said, NOTHING, timed=False)


def test_another_city_counts_less_when_this_hall_is_meant_too() -> None:
    assert "elsewhere_not_here" in noted("北京居住证怎么办", NOTHING, timed=False)
    assert "elsewhere_not_here" not in noted("北京户口能在你们这办吗", NOTHING, timed=False)


def test_a_higher_score_keeps_the_features_of_a_lower_one() -> None:
    low = set(noted("护照", NOTHING | {"best": 0.35}, timed=False))
    high = set(noted("护照", NOTHING | {"best": 0.97}, timed=False))
    assert low < high
    assert {"best>0.15", "best>0.95"} <= high


def test_each_sign_comes_once() -> None:
    found = noted("我约的明天几点", NOTHING | {"decided": 2.0, "tells": 1.0}, timed=True)
    assert len(found) == len(set(found))
    assert {"timed", "timed_short", "tells", "found_answer"} <= set(found)


def test_training_and_serving_give_a_message_the_same_signs() -> None:
    index = catalog_store(CONTENT).current().index
    texts = ["身份证丢了咋整", "明天上午", "今天天气怎么样", "我要投诉", ""]
    learned = [read(index, text) for text in texts]
    served = [Message({TEXT: text}) for text in texts]
    ServiceLinker(CONTENT).process(served)
    served[1].set(ENTITIES, [*served[1].get(ENTITIES, []), {"entity": "when"}])
    served[2].set(ENTITIES, [*served[2].get(ENTITIES, []), {"entity": "when"}])
    assert [known(message) for message in served] == learned
    assert learned[0] != learned[2]


def test_a_pipeline_without_a_linker_is_told_what_it_lacks() -> None:
    with pytest.raises(ValueError, match="ServiceLinker must stand before"):
        known(Message({TEXT: "护照"}))
