"""The figures of understanding are counted as they say."""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import replace
from xml.etree import ElementTree

import click
import pytest

from benchmarks.understanding import OURS, PLAIN, Evaluation, as_json, errors, known_ids, said
from benchmarks.understanding_models import PLAIN_PIPELINE, examples_of, plain_config
from benchmarks.understanding_report import (
    Acted,
    Speed,
    acted,
    labelling,
    score,
    speed,
    spread,
    with_services,
)
from benchmarks.understanding_scores import (
    ClassScore,
    Verdict,
    Way,
    by_class,
    confusions,
    exact,
    interval,
    macro_f1,
    verdict,
)
from benchmarks.understanding_sets import Stray, Utterance, key, read_strays, read_utterances
from benchmarks.understanding_tables import confused, cut, heat_map, report
from service_catalog.loader import CONTENT, Loader

IDS = {"passport": "passport", "护照": "passport", "card": "card", "身份证": "card"}
FAST = Speed((5.0, 9.0), (30.0, 60.0), 3.0, 700.0, 20.0, trained_now=True)
HEADER = "text,intent,aspects,services\n"


# Scores


def test_precision_recall_and_f1_by_hand():
    # a: has 3, told 2, right 2; b: has 1, told 2, right 1; c: never there, told once
    scores = by_class(
        [{"a"}, {"a"}, {"a", "b"}, set()],
        [{"a"}, set(), {"a", "b"}, {"b", "c"}],
    )
    assert scores == [ClassScore("a", 3, 2, 2), ClassScore("b", 1, 2, 1), ClassScore("c", 0, 1, 0)]
    a, b, c = scores
    assert (a.precision, a.recall, a.f1) == pytest.approx((1, 2 / 3, 0.8))
    assert (b.precision, b.recall, b.f1) == pytest.approx((0.5, 1, 2 / 3))
    assert (c.precision, c.recall, c.f1) == (0, 0, 0)
    assert macro_f1(scores) == pytest.approx((0.8 + 2 / 3) / 2)  # c has no utterance


def test_a_class_that_is_never_told_has_no_f1_and_still_weighs():
    assert macro_f1(by_class([{"a"}, {"b"}], [{"a"}, {"a"}])) == pytest.approx((2 / 3 + 0) / 2)


def test_exactly_right_is_all_labels_and_no_other():
    assert exact([{"a"}, {"a", "b"}, set()], [{"a"}, {"a"}, set()]) == pytest.approx(2 / 3)


def test_every_utterance_needs_an_answer():
    with pytest.raises(ValueError, match="zip"):
        by_class([{"a"}], [])


def test_confusions_are_pairs_of_right_and_told():
    assert confusions(["a", "a", "b", "a"], ["b", "b", "a", "a"]) == {("a", "b"): 2, ("b", "a"): 1}


def test_the_interval_is_around_the_measure_and_repeatable():
    marks = [True] * 80 + [False] * 20

    def share(numbers):
        return sum(marks[number] for number in numbers) / len(numbers)

    low, high = interval(100, share)
    assert 0.65 < low < 0.8 < high < 0.95
    assert (low, high) == interval(100, share)


@pytest.mark.parametrize(
    ("way", "services", "expected"),
    [
        (Way.ANSWER, ["card"], Verdict.RIGHT),
        (Way.ANSWER, ["passport", "card"], Verdict.WRONG),
        (Way.ANSWER, [], Verdict.WRONG),
        (Way.ASK, ["passport", "card"], Verdict.OFFERED),
        (Way.ASK, ["passport"], Verdict.OTHERS),
        (Way.NONE, [], Verdict.NOTHING),
    ],
)
def test_verdicts(way, services, expected):
    assert verdict({"card"}, way, services) is expected


def test_the_median_and_95_of_100():
    assert spread([float(number) for number in range(1, 101)]) == (50.5, 96.0)
    assert spread([7.0]) == (7.0, 7.0)


# Sets


def test_labels_are_read_and_names_become_ids(tmp_path):
    rows = HEADER + '"你好,要带什么",ask,materials|fee,身份证|passport\n\n谢谢,thanks,,\n'
    (tmp_path / "labelled.csv").write_text(rows, encoding="utf-8")
    (tmp_path / "out_of_scope.csv").write_text("text,kind\n天气,weather\n", encoding="utf-8")
    both = frozenset({"card", "passport"})
    asks = frozenset({"materials", "fee"})
    assert read_utterances(tmp_path, IDS) == [
        Utterance(2, "你好,要带什么", "ask", asks, both),
        Utterance(4, "谢谢", "thanks", frozenset(), frozenset()),
    ]
    assert read_strays(tmp_path) == [Stray(2, "天气", "weather")]


def test_blind_utterances_come_last_and_are_marked(tmp_path):
    (tmp_path / "labelled.csv").write_text(HEADER + "谢谢,thanks,,\n", encoding="utf-8")
    (tmp_path / "blind.csv").write_text(HEADER + "几点下班,ask,hours,\n", encoding="utf-8")
    assert read_utterances(tmp_path, IDS) == [
        Utterance(2, "谢谢", "thanks", frozenset(), frozenset()),
        Utterance(2, "几点下班", "ask", frozenset({"hours"}), frozenset(), blind=True),
    ]
    (tmp_path / "blind.csv").write_text(HEADER + "办证,ask,,驾照\n", encoding="utf-8")
    with pytest.raises(click.UsageError, match=r"blind.csv:2: 驾照 is no service"):
        read_utterances(tmp_path, IDS)


@pytest.mark.parametrize(
    ("rows", "message"),
    [
        (HEADER + "办证,ask,,驾照\n", "labelled.csv:2: 驾照 is no service or bundle"),
        ("text,intent\n办证,ask\n", "no column aspects, services"),
        (None, "absent: utterances"),
    ],
)
def test_a_set_that_cant_be_used_says_why(tmp_path, rows, message):
    if rows is not None:
        (tmp_path / "labelled.csv").write_text(rows, encoding="utf-8")
    with pytest.raises(click.UsageError, match=message):
        read_utterances(tmp_path, IDS)


def test_texts_are_the_same_whatever_their_signs_width_and_script():
    assert key("身份证, 怎麼辦?") == key("身份证怎么办") == key("身份证怎么办!!")
    assert key("ＯＫ") == key("ok")
    assert key("👍") == "👍"
    assert key("身份证") != key("护照")


def test_services_and_bundles_are_known_by_id_and_name():
    catalog = Loader(CONTENT).load()
    ids = known_ids(catalog)
    for one in (*catalog.services.values(), *catalog.bundles.values()):
        assert ids[one.id] == ids[one.name] == one.id


# What was done


def deed(outcome="", service="", text="", choices=()):
    return {"outcome": outcome, "service": service, "text": text, "choices": list(choices)}


@pytest.mark.parametrize(
    ("done", "expected"),
    [
        (deed("answered", "card", "【身份证】…"), Acted(Way.ANSWER, ("card",))),
        (deed("answered", "", "【护照】…"), Acted(Way.ANSWER, ("passport",))),
        (deed("", "", "【身份证】\n办理时限…"), Acted(Way.ANSWER, ("card",))),
        (deed("out_of_scope", "", "【身份证】…"), Acted(Way.ANSWER, ("card",))),
        (deed("answered", "unknown", ""), Acted(Way.ANSWER, ())),
        (deed("clarification", "", "您说的是?", ["护照", "别的"]), Acted(Way.ASK, ("passport",))),
        (deed("answered_for_hall", "", "【政务服务中心】周一…"), Acted(Way.NONE, ())),
        (deed("unanswerable", "", "没找到"), Acted(Way.NONE, ())),
    ],
)
def test_what_was_done_is_told_by_outcome_and_title(done, expected):
    assert acted(done, IDS) == expected


def parsed(intent, entities=(), services=(), decision="", best=""):
    return {
        "intent": intent,
        "best": best or intent,
        "confidence": 0.9,
        "entities": list(entities),
        "services": list(services),
        "decision": decision,
        "ms": 4.0,
    }


@pytest.fixture
def evaluation() -> Evaluation:
    rows = [
        Utterance(2, "护照带啥", "ask", frozenset({"materials"}), frozenset({"passport"})),
        Utterance(3, "几点下班", "ask", frozenset({"hours"}), frozenset()),
        Utterance(4, "约身份证", "book", frozenset(), frozenset({"card"})),
        Utterance(5, "谢了", "thanks", frozenset(), frozenset()),
    ]
    strays = [Stray(2, "股票", "finance"), Stray(3, "下雨吗", "weather"), Stray(4, "x", "weather")]
    run = {
        "parsed": [
            parsed("ask", ["materials", "when"], ["passport", "card"], "answer"),
            parsed("ask", ["fee"]),
            parsed("ask", ["appointment"], ["passport", "card"], "ask"),
            parsed("nlu_fallback", best="thanks"),
            parsed("out_of_scope"),
            parsed("nlu_fallback", best="ask"),
            parsed("ask"),
        ],
        "done": [
            deed("answered", "card", "【身份证】"),
            deed("answered_for_hall"),
            deed("out_of_scope"),
            deed("clarification", choices=["护照"]),
            deed("answered", "card", "【身份证】"),
        ],
        "failures": [],
        "whole_ms": [30.0, 40.0],
        "load_s": 3.0,
        "memory_mb": 700.0,
    }
    plain = score(run, rows, strays, FAST)
    both = {OURS: with_services(plain, run, rows, strays, IDS), PLAIN: plain}
    return Evaluation(rows, strays, 1200, ["labelled:4"], both, run, IDS)


def test_intents_are_those_beneath_the_fallback(evaluation):
    intents = evaluation.scores[PLAIN].intents
    assert intents.exact[0] == 0.75
    assert intents.confused == {("book", "ask"): 1}
    assert intents.macro[0] == pytest.approx((0.8 + 0 + 1) / 3)


def test_aspects_are_counted_where_it_is_asked_and_other_entities_are_none(evaluation):
    aspects = evaluation.scores[PLAIN].aspects
    assert [(one.name, one.support, one.told) for one in aspects.classes] == [
        ("fee", 0, 1),
        ("hours", 1, 0),
        ("materials", 1, 1),
    ]
    assert (aspects.macro[0], aspects.exact[0]) == (0.5, 0.5)


def test_a_stray_is_refused_by_intent_or_fallback(evaluation):
    assert evaluation.scores[PLAIN].refused[0] == pytest.approx(2 / 3)


def test_services_are_judged_by_search_and_by_what_was_done(evaluation):
    ours = evaluation.scores[OURS]
    assert ours.linked == {Verdict.RIGHT: 1, Verdict.OFFERED: 1}
    assert ours.acted == {Verdict.WRONG: 1}
    assert ours.unasked == {Way.NONE: 1}


def test_a_stray_that_gets_a_service_is_counted_and_a_question_is_not(evaluation):
    ours = evaluation.scores[OURS]
    assert ours.strays == {
        "finance": {Way.NONE: 1},
        "weather": {Way.ASK: 1, Way.ANSWER: 1},
    }
    assert ours.outcomes == {"out_of_scope": 1, "clarification": 1, "answered": 1}
    assert ours.silent is not None
    assert ours.silent[0] == pytest.approx(2 / 3)


def test_time_and_memory_of_a_run(evaluation):
    assert speed(evaluation.run, None, fresh=False) == Speed(
        (4.0, 4.0), (35.0, 40.0), 3.0, 700.0, None, trained_now=False
    )


# What is printed and written


def test_the_report_has_both_assistants_and_every_part(evaluation):
    text = report(evaluation.scores)
    for words in ("Summary", "Confused intents, plain Rasa", "Services", "Time and memory"):
        assert words in text
    assert "F1, plain Rasa" in text
    assert "1 of them stand in the training data too: labelled:4" in said(evaluation)


def test_confused_intents_say_what_they_were_taken_for(evaluation):
    line = confused(evaluation.scores[OURS].intents).splitlines()[-1]
    assert [cell.strip() for cell in line.strip("|").split("|")] == ["book", "0 of 1", "ask 1"]


def test_wrong_answers_are_listed_by_sort(evaluation):
    lists = dict(errors(evaluation))
    assert {title: len(lines) for title, lines in lists.items()} == {
        "Intents": 1,
        "Aspects": 1,
        "Services": 1,
        "Strays that got an answer about a service": 1,
    }
    assert lists["Aspects"] == ["几点下班  right: hours, told: fee"]
    assert cut(["1", "2", "3"], 2) == ["1", "2", "… and 1 more"]


def test_blind_utterances_are_scored_apart_and_never_quoted(evaluation):
    asked, hours, *others = evaluation.utterances
    rows = [asked, replace(hours, blind=True), *others]
    scores = score(evaluation.run, rows, evaluation.strays, FAST)
    assert scores.aspects == evaluation.scores[OURS].aspects
    assert {part: one.aspects.exact[0] for part, one in scores.parts.items()} == {
        "development": 1.0,
        "blind": 0.0,
    }
    apart = replace(evaluation, utterances=rows, scores={OURS: scores})
    assert dict(errors(apart))["Aspects"] == []
    assert "aspects: macro F1, blind" in report(apart.scores)
    assert as_json(apart)["scores"][OURS]["parts"]["blind"]["aspects"]["exact"][0] == 0.0


def test_strays_are_told_by_their_line(evaluation):
    listed = dict(errors(evaluation))["Strays that got an answer about a service"]
    assert listed == ["out_of_scope.csv:4  weather: card"]


def test_the_figures_are_json_without_utterances(evaluation):
    written = json.dumps(as_json(evaluation), ensure_ascii=False)
    told = json.loads(written)["scores"][OURS]
    assert told["intents"]["classes"]["ask"]["recall"] == 1.0
    assert told["intents"]["confused"] == [["book", "ask", 1]]
    assert told["outcomes"] == {"out_of_scope": 1, "clarification": 1, "answered": 1}
    assert told["strays"]["weather"] == {"ask": 1, "answer": 1}
    assert not [one.text for one in evaluation.utterances if one.text in written]


def test_the_heat_map_shows_every_cell_with_a_count():
    found = labelling([{"a"}, {"a"}, {"b<"}], [{"a"}, {"b<"}, {"b<"}])
    root = ElementTree.fromstring(heat_map(found, "Intents"))  # noqa: S314 - our own drawing
    texts = [one.text for one in root.iter("{http://www.w3.org/2000/svg}text")]
    assert Counter(text for text in texts if text and text.isdigit()) == {"1": 3}
    assert {"a (2)", "b< (1)"} <= set(texts)


# The plain pipeline


def test_the_plain_pipeline_is_rasas_own_with_a_tokenizer_for_chinese():
    own = {"recipe": "default.v1", "language": "zh", "pipeline": [{"name": "bot.nlu.x"}]}
    config = plain_config(own)
    assert config["pipeline"] == list(PLAIN_PIPELINE)
    assert config["language"] == "zh"
    assert "policies" not in config
    assert not [part for part in config["pipeline"] if part["name"].startswith("bot.")]


def test_a_new_pattern_is_no_new_example():
    example = "nlu:\n- intent: ask\n  examples: |\n    - [带什么](materials)\n"
    pattern = "- regex: fee\n  examples: |\n    - 多少钱\n"
    assert len(examples_of(example)) == 1
    assert examples_of(example + pattern) == examples_of("# new\n" + example)
    assert examples_of(example + "    - 多少钱\n") != examples_of(example)
    assert examples_of("version: '3.1'") == []
