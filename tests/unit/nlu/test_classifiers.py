"""The two trained components: learned, stored, read again, and what their thresholds do."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from rasa.engine.storage.local_model_storage import LocalModelStorage
from rasa.engine.storage.resource import Resource
from rasa.shared.nlu.constants import ENTITIES, INTENT, TEXT
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData

import service_catalog
from bot.nlu.aspects import AspectClassifier
from bot.nlu.intents import WeighingClassifier
from bot.nlu.services import ServiceLinker
from bot.nlu.weighing import Example, Weighing, grams

CONTENT = Path(service_catalog.__file__).parent / "content"

MARKED = {
    "fee": ["多少钱", "要多少钱", "办护照多少钱", "得花多少钱", "多少钱一本", "一共多少钱"],
    "parking": ["停车方便吗", "有停车场吗", "能停车吗", "车停哪", "停车位多吗", "好停车不"],
    "hours": ["几点下班", "几点开门", "周六开门吗", "中午开门吗", "几点关门", "明天几点开门"],
}
SILENT = ["我要投诉", "态度差", "五星好评", "谢谢你", "再见", "转人工", "差评", "我想留言"]
PATTERNS = [
    {"name": "fee", "pattern": "多少钱"},
    {"name": "parking", "pattern": "停车"},
    {"name": "hours", "pattern": "营业时间"},
]


def storage(folder: Path) -> LocalModelStorage:
    folder.mkdir(exist_ok=True)
    return LocalModelStorage(folder)


def examples() -> TrainingData:
    asking = [
        Message({TEXT: text, INTENT: "ask", ENTITIES: [{"entity": aspect, "start": 0, "end": 1}]})
        for aspect, texts in MARKED.items()
        for text in texts
    ]
    silent = [Message({TEXT: text, INTENT: "complain"}) for text in SILENT]
    return TrainingData(asking + silent, regex_features=PATTERNS)


def trained(folder: Path, **config: Any) -> AspectClassifier:
    component = AspectClassifier(config, storage(folder), Resource("aspects"))
    component.train(examples())
    return component


def heard(component: AspectClassifier, text: str, *hits: str, **more: Any) -> list[dict[str, Any]]:
    entities = [
        {"entity": hit, "value": text, "start": 0, "end": len(text), "extractor": "Regex"}
        for hit in hits
    ]
    message = Message({TEXT: text, ENTITIES: entities, **more})
    component.process([message])
    return list(message.get(ENTITIES))


def names(entities: list[dict[str, Any]]) -> set[str]:
    return {entity["entity"] for entity in entities}


def test_runs_of_characters_know_the_ends() -> None:
    assert {"^", "$", "费用", "^费", "用$", "费用$"} <= grams("费用？")
    assert grams("费用,时间") == grams(" 费用 时间。")


def test_an_aspect_that_no_pattern_found_is_added_without_words(tmp_path: Path) -> None:
    (added,) = heard(trained(tmp_path), "你们几点开门")
    assert added["entity"] == added["value"] == "hours"
    assert (added["start"], added["end"]) == (0, 0)
    assert added["extractor"] == "AspectClassifier"
    assert added["confidence_entity"] >= 0.5


def test_a_hit_stays_as_the_pattern_found_it_and_comes_once(tmp_path: Path) -> None:
    (kept,) = heard(trained(tmp_path), "办护照多少钱", "fee")
    assert kept["extractor"] == "Regex"


def test_the_thresholds_add_and_take_away(tmp_path: Path) -> None:
    nothing_new = trained(tmp_path / "a", add_from=1.1)
    assert heard(nothing_new, "几点开门") == []
    nothing_kept = trained(tmp_path / "b", keep_from=1.1, add_from=1.1)
    assert heard(nothing_kept, "办护照多少钱", "fee", "service") != []
    assert names(heard(nothing_kept, "办护照多少钱", "fee", "service")) == {"service"}
    everything = trained(tmp_path / "c", add_from=0.0)
    assert names(heard(everything, "几点开门")) == set(MARKED)


def test_a_sure_intent_that_asks_nothing_silences_all(tmp_path: Path) -> None:
    component = trained(tmp_path)

    def with_intent(name: str, confidence: float) -> set[str]:
        intent = {"name": name, "confidence": confidence}
        return names(heard(component, "停车多少钱", "fee", "parking", "service", intent=intent))

    assert with_intent("complain", 0.9) == {"service"}
    assert {"fee", "service"} <= with_intent("complain", 0.3)
    assert {"fee", "service"} <= with_intent("ask", 0.9)


def test_what_was_learned_is_read_again(tmp_path: Path) -> None:
    first = trained(tmp_path)
    again = AspectClassifier.load({}, storage(tmp_path), Resource("aspects"), None)  # type: ignore[arg-type]
    for text in ("几点开门呢", "多少钱", "停车吗", "你好"):
        assert heard(again, text) == heard(first, text)
    assert [path.suffix for path in (tmp_path / "aspects").iterdir() if path.suffix == ".pkl"] == []


@pytest.fixture(autouse=True)
def shipped_catalogue(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BANSHI_CATALOG", str(CONTENT))


def message(text: str, *entities: str) -> Message:
    """A message that the catalogue's search has seen."""
    linked = Message({TEXT: text})
    ServiceLinker(CONTENT).process([linked])
    found = [*linked.get(ENTITIES, []), *({"entity": each} for each in entities)]
    linked.set(ENTITIES, found)
    return linked


def intents(folder: Path, **config: Any) -> WeighingClassifier:
    component = WeighingClassifier(config, storage(folder), Resource("intents"))
    component.train(examples())
    return component


def test_nothing_stored_is_told(tmp_path: Path) -> None:
    unknown = storage(tmp_path), Resource("nothing")
    for kind in (AspectClassifier, WeighingClassifier):
        with pytest.raises(ValueError, match="nothing"):
            kind.load({}, *unknown, None)  # type: ignore[arg-type]
        with pytest.raises(RuntimeError, match="neither trained nor loaded"):
            kind.create({}, *unknown, None).process([Message({TEXT: "你好"})])  # type: ignore[arg-type]


def test_the_likeliest_intent_stands_first_and_all_sum_up_to_one(tmp_path: Path) -> None:
    asked, complained = message("护照多少钱"), message("我要投诉你们")
    intents(tmp_path).process([asked, complained])
    assert asked.get(INTENT)["name"] == "ask"
    assert complained.get(INTENT)["name"] == "complain"
    ranking = asked.get("intent_ranking")
    assert ranking[0] == asked.get(INTENT)
    assert sum(each["confidence"] for each in ranking) == pytest.approx(1)


def test_intents_are_read_again(tmp_path: Path) -> None:
    first = intents(tmp_path)
    again = WeighingClassifier.load({}, storage(tmp_path), Resource("intents"), None)  # type: ignore[arg-type]
    for text in ("护照多少钱", "我要投诉", "", "鑫"):
        one, other = message(text), message(text)
        first.process([one])
        again.process([other])
        assert one.get("intent_ranking") == other.get("intent_ranking")


def test_what_the_patterns_found_is_heard(tmp_path: Path) -> None:
    component = intents(tmp_path, sign=5.0)
    bare, signed = message("鑫"), message("鑫", "fee")
    component.process([bare, signed])

    def asks(said: Message) -> float:
        chances = {each["name"]: each["confidence"] for each in said.get("intent_ranking")}
        return float(chances["ask"])

    assert asks(signed) > asks(bare)


def learned(*told: tuple[str, str, str], sign: float = 1.0) -> Weighing:
    few = [
        Example(text, frozenset(signs.split()), frozenset(classes.split()))
        for text, signs, classes in told
    ]
    return Weighing.fit(few, strength=8, sign=sign)


def test_signs_speak_where_words_are_unknown() -> None:
    model = learned(
        ("天地", "loud", "a"), ("天上", "loud", "a"), ("地下", "", "b"), ("地上", "", "b")
    )
    assert model.chances("鑫", {"loud"})["a"] > model.chances("鑫", ())["a"]
    assert model.chances("鑫", {"never seen"}) == model.chances("鑫", ())


def test_each_class_is_told_by_itself() -> None:
    model = learned(
        ("钱多少", "", "fee"), ("钱几块", "", "fee"), ("几点开", "", "hours"),
        ("几点关", "", "hours"), ("几点开，钱多少", "", "fee hours"), ("你好", "", ""),
    )  # fmt: skip
    both, neither = model.chances("钱多少，几点开", ()), model.chances("你好", ())
    assert both["fee"] > 0.5
    assert both["hours"] > 0.5
    assert max(neither.values()) < 0.5
