"""What the benchmarks count, compare with and make is what they say."""

from __future__ import annotations

import random
from collections import Counter
from xml.etree import ElementTree

import pytest
from click.testing import CliRunner

from benchmarks import search_quality, search_slips, search_speed
from benchmarks.item_maker import WORDS, item_names, taken_apart
from benchmarks.material import Question, offered, read_names, read_questions, table, write_drafts
from benchmarks.plot import Panel, svg
from benchmarks.rankers import Bm25, best, pairs
from service_catalog.loader import Loader
from service_catalog.search import Decision, Found, Hit

PHRASES = ("居民身份证到期换领", "户口登记", "护照", "工伤认定申请", "银行卡 行政许可A")


def question(number: int = 1, **labels) -> Question:
    labels = {"primary": {"甲"}, "related": {"乙"}} | labels
    return Question(str(number), "…", "item", *map(frozenset, labels.values()))


# Rules


@pytest.mark.parametrize(
    ("names", "first", "within", "primary_within"),
    [
        (["甲", "丙"], True, True, True),
        (["乙", "甲"], False, True, True),
        (["丙", "丁", "乙"], False, True, False),
        (["丙", "丁", "戊", "甲"], False, False, False),
        ([], False, False, False),
    ],
)
def test_the_rules_of_first_and_within_three(names, first, within, primary_within):
    assert search_quality.first(question(), names) is first
    assert search_quality.within(question(), names) is within
    assert search_quality.primary_within(question(), names) is primary_within


def test_a_search_that_finds_nothing_shows_nothing():
    hit = Hit("a", "甲", 0.9, "甲")
    assert offered(Found(Decision.ANSWER, (hit,))) == ["甲"]
    assert offered(Found(Decision.NONE, (), (hit,))) == []


def test_two_fifths_are_kept_aside_and_stay_there():
    aside = [number for number in range(1000) if question(number).aside]
    assert 360 < len(aside) < 440
    # int(sha256("1"), 16) % 5 is 0, of "3" it is 3
    assert question(1).aside
    assert not question(3).aside


def test_the_interval_holds_the_share_and_is_the_same_each_time():
    marks = [True] * 60 + [False] * 40
    low, high = search_quality.interval(marks)
    assert 0.5 < low < search_quality.share(marks) < high < 0.7
    assert search_quality.interval(marks) == (low, high)
    assert search_quality.interval([True] * 9) == (1.0, 1.0)


# Other methods


def test_bm25_orders_a_toy_list_as_by_hand():
    # Lengths 4, 3, 2, mean 3; c stands in one name: log(1 + 2.5/1.5) = 0.981; a in two: 0.470.
    # "abcd" has c once, length 4: 0.981 * 2.5 / (1 + 1.5 * (0.25 + 0.75 * 4/3)) = 0.853
    ranker = Bm25(["abcd", "aab", "xx"], list)
    assert ranker.scores("c") == pytest.approx([0.853, 0, 0], abs=0.001)
    # a: once in 4: 0.470 * 2.5 / 2.875 = 0.409; twice in 3: 0.470 * 5 / 3.5 = 0.671
    assert ranker.scores("a") == pytest.approx([0.409, 0.671, 0], abs=0.001)
    assert ranker("a") == ["aab", "abcd"]
    assert ranker("ac") == ["abcd", "aab"]
    assert ranker("z") == []


def test_what_scores_nothing_is_no_result_and_equals_keep_their_order():
    assert best(["一", "二", "三", "四"], [0.5, 0, 0.5, 0.7]) == ["四", "一", "三"]
    assert best(["一", "二"], [0, 0]) == []
    assert pairs("户口本") == ["户口", "口本"]


# Slips


@pytest.mark.parametrize("phrase", PHRASES)
@pytest.mark.parametrize("seed", range(5))
def test_slips_are_what_they_are_called(phrase, seed):
    def made(slip):
        text = slip(phrase, random.Random(seed))
        assert text == slip(phrase, random.Random(seed))
        return text

    if len(phrase) < search_slips.SHORTEST:
        assert made(search_slips.homophone) is made(search_slips.missing) is None
        return
    homophone, wrong = made(search_slips.homophone), made(search_slips.wrong)
    assert [differences(phrase, homophone), differences(phrase, wrong)] == [1, 1]
    assert heard(phrase, homophone)
    assert not heard(phrase, wrong)
    swapped = made(search_slips.swapped)
    assert differences(phrase, swapped) == 2
    assert Counter(swapped) == Counter(phrase)
    missing = made(search_slips.missing)
    assert missing in {phrase[:at] + phrase[at + 1 :] for at in range(len(phrase))}


def heard(phrase: str, spoilt: str) -> bool:
    """Whether the one other character sounds as the phrase is read."""
    changed = [place for place, char in enumerate(phrase) if char != spoilt[place]]
    return [search_slips.sound(spoilt[at]) for at in changed] == [
        search_slips.sounds(phrase)[at] for at in changed
    ]


def differences(one: str, other: str) -> int:
    return sum(map(str.__ne__, one, other)) + abs(len(one) - len(other))


def test_scripts_and_words_around():
    chance = random.Random(1)
    assert search_slips.traditional("护照", chance) == "護照"
    assert search_slips.traditional("工伤", chance) == "工傷"
    assert search_slips.traditional("入学", chance) == "入學"
    assert search_slips.traditional("口岸", chance) is None
    assert search_slips.pinyin("户口登记", chance) == "hukoudengji"
    assert "护照" in search_slips.fillers("护照", chance) != "护照"
    assert (
        len(search_slips.common_characters()) == len(set(search_slips.common_characters())) == 3755
    )


def test_a_slip_that_makes_another_phrase_is_left_out():
    swap = {"甲乙": "乙甲", "乙甲": "甲丙"}
    assert search_slips.spoilt(list(swap), lambda phrase, _: swap[phrase], 1) == {"乙甲": "甲丙"}


# Items


def test_made_items_are_the_same_each_time_and_none_twice():
    real = ["食品经营许可证核发许可", "户口登记", "拖拉机转移登记", "医师执业注册变更", "咨询"]
    names = item_names(real, 40)
    assert names[:5] == real
    assert len(set(names)) == len(names) == 40
    assert names == item_names(real, 40)
    assert item_names(real, 3) == real[:3]
    assert any(name.startswith(WORDS[0]) for name in names)


def test_objects_and_operations_come_from_the_names():
    objects, operations = taken_apart(["拖拉机转移登记", "工伤认定申请", "医师执业注册变更登记"])
    assert objects == ["拖拉机转移", "医师执业注册"]
    assert operations == ["登记", "变更登记"]
    with pytest.raises(ValueError, match="2 names make"):
        item_names(["拖拉机转移登记", "工伤认定申请"], 1000)


def test_drafts_are_written_as_the_catalogue_reads_them(tmp_path):
    names = ["食品经营许可证核发", "户口登记（县级）", "“多证合一”: 变更"]
    write_drafts(names, tmp_path)
    assert [draft.name for draft in Loader(tmp_path).load().drafts.values()] == names


# Commands


def test_lists_and_questions_are_read(tmp_path):
    (tmp_path / "a.csv").write_text(
        "实施主体,事项名称\n局,甲\n局,乙\n局,甲\n", encoding="utf-8-sig"
    )
    (tmp_path / "b.jsonl").write_text(
        '{"TASK_NAME": " 丙 "}\n{"TASK_NAME": ""}\n', encoding="utf-8"
    )
    (tmp_path / "q.jsonl").write_text(
        '{"id": 7, "query": "问", "scope": "item", "primary": ["甲"], "related": []}\n',
        encoding="utf-8",
    )
    assert read_names(tmp_path / "a.csv") == ["甲", "乙"]
    assert read_names(tmp_path / "b.jsonl") == ["丙"]
    assert read_questions(tmp_path / "q.jsonl") == [
        Question("7", "问", "item", frozenset({"甲"}), frozenset())
    ]


@pytest.mark.parametrize(
    ("command", "arguments", "absent"),
    [
        (search_quality.main, ["--items", "no.csv", "--questions", "no.jsonl"], "no.csv"),
        (search_quality.main, ["--items", __file__, "--questions", "no.jsonl"], "no.jsonl"),
        (search_slips.main, ["--catalog", "nowhere"], "nowhere"),
        (search_speed.main, [], "--items"),
        (search_speed.main, ["--items", "no.csv"], "no.csv"),
    ],
)
def test_absent_data_is_named(command, arguments, absent):
    result = CliRunner().invoke(command, arguments)
    assert result.exit_code == 2
    assert "absent" in result.output
    assert absent in result.output


def test_tables_plots_and_percentiles():
    assert table(("a", "字"), [("1", "2")]) == "| a | 字 |\n| - | -- |\n| 1 | 2  |"
    drawn = ElementTree.fromstring(svg([Panel("ms < 5", [(1000, 1), (2000, 2)], 5)] * 3))  # noqa: S314
    assert len(list(drawn.iter("{http://www.w3.org/2000/svg}polyline"))) == 3
    values = [float(number) for number in range(100, 0, -1)]
    assert search_speed.percentile(values, 0.5) == 51
    assert search_speed.percentile(values, 0.99) == 100
