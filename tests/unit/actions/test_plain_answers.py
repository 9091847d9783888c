"""Answers for those who read little: fewer words, the same facts, one next step."""

from __future__ import annotations

import re

import pytest
from answers_world import (
    BUNDLES,
    CATALOG,
    CODE,
    DAYS,
    MONDAY,
    badly_punctuated,
    each_bundle,
    each_service,
)

from actions.aspects import Aspect
from actions.reply import bundle, plain, service
from actions.reply.about import source
from actions.reply.bundle import source_of
from service_catalog.merging import merged_materials
from service_catalog.model import Bundle, Service

STEP = "下一步："
MORE = "还有几条，要看全部回复“详细点”。"
SHORTENED = set(Aspect) - {
    *(Aspect.MATERIALS, Aspect.WINDOW, Aspect.HOURS, Aspect.FEE, Aspect.TIME_LIMIT)
}


def told(item: Service, *aspects: Aspect) -> str:
    return plain.answer(service.about(item, CATALOG, (MONDAY,)), aspects)


def in_full(item: Service, *aspects: Aspect) -> str:
    return service.answer(service.about(item, CATALOG, (MONDAY,)), aspects)


def step(text: str) -> str:
    (line,) = [line for line in text.split("\n") if line.startswith(STEP)]
    return line


def without_step(text: str) -> str:
    return text.replace(f"{step(text)}\n\n", "")


@each_service
def test_a_plain_answer_has_its_source_and_names_one_next_step(item: Service) -> None:
    for aspect in Aspect:
        text = told(item, aspect)
        assert text.startswith(f"【{item.name}】")
        assert text.endswith(source(item))
        assert text.count(STEP) == 1, aspect
        assert step(text).count("。") == 1, "one step, one sentence"
        assert CODE.findall(text) == []
        assert badly_punctuated(text) == []


@each_service
def test_a_plain_answer_says_no_more_than_the_full_one(item: Service) -> None:
    for aspect in Aspect:
        short = without_step(told(item, aspect)).replace(f"{MORE}\n", "")
        assert len(short) <= len(in_full(item, aspect)), aspect


@each_service
def test_what_is_left_out_is_not_kept_secret(item: Service) -> None:
    for aspect in SHORTENED:
        text = told(item, aspect)
        lines = in_full(item, aspect).split("\n\n")[1].split("\n")
        assert (lines[-1] not in text) is (MORE in text), aspect


@each_service
def test_the_short_overview_is_much_shorter(item: Service) -> None:
    assert len(told(item)) < len(in_full(item))
    longest = (Aspect.MATERIALS, Aspect.WINDOW, Aspect.HOURS, Aspect.FEE, Aspect.TIME_LIMIT)
    assert len(told(item, *longest)) < len(in_full(item, *longest))


@each_service
def test_what_to_bring_is_told_by_name_and_all_of_it(item: Service) -> None:
    text = told(item)
    assert [one.name for one in item.materials if one.name not in text] == []
    assert [one.when for one in item.materials if one.when and one.when not in text] == []
    assert ("什么都不用带" in text) is (not item.materials)


@each_service
def test_amounts_limits_and_windows_stay_facts_of_the_catalogue(item: Service) -> None:
    text = told(item, Aspect.FEE, Aspect.TIME_LIMIT, Aspect.WINDOW)
    for one in item.fee.items:
        assert f"{one.name}{float(one.amount):g}元" in text
    if item.promised_limit and item.promised_limit.number:
        assert f"最多{item.promised_limit.number}" in text
    else:
        assert "当场办好" in text
    if item.channels.window:
        first = item.channels.window[0]
        assert CATALOG.place(first.place).address in text
        assert all(number in text for number in first.windows)
    else:
        assert "不用去窗口" in text


@each_service
def test_no_number_is_made_up(item: Service) -> None:
    full = in_full(item, *Aspect)
    short = told(item, Aspect.FEE, Aspect.TIME_LIMIT, Aspect.WINDOW, Aspect.MATERIALS)
    body = re.sub(r"^\d+\. ", "", short, flags=re.MULTILINE)
    known = re.findall(r"\d+", full)
    assert [number for number in re.findall(r"\d+", body) if number not in known] == []


@pytest.mark.parametrize(
    ("aspects", "said"),
    [
        ((Aspect.FEE,), "回复“材料”"),
        ((), "回复“预约”"),
        ((Aspect.MATERIALS, Aspect.APPOINTMENT), "带好东西，去"),
    ],
)
def test_the_next_step_follows_from_what_was_told(aspects: tuple, said: str) -> None:
    assert said in step(told(CATALOG.service("passport-first"), *aspects))


def test_the_next_step_of_what_has_neither_booking_nor_window_is_a_call() -> None:
    item = CATALOG.service("passport-first")
    channels = item.channels.copy(update={"window": ()})
    bare = item.copy(update={"booking": None, "channels": channels})
    assert item.phones.enquiry in step(told(bare))


def test_days_are_told_one_by_one() -> None:
    item = CATALOG.service("passport-first")
    text = plain.answer(service.about(item, CATALOG, DAYS), (Aspect.HOURS,))
    assert "11月23日（周一）开放" in text
    assert "2031年放假安排尚未公布" in text


@each_bundle
def test_a_bundle_in_plain_words(item: Bundle) -> None:
    text = plain.bundle(item, CATALOG)
    merged = merged_materials(item, CATALOG.services)
    assert [one.material.name for one in merged if one.material.name not in text] == []
    assert text.count(STEP) == 1
    assert text.endswith(source_of(item))
    assert CODE.findall(text) == []
    assert badly_punctuated(text) == []
    assert len(text) < len(bundle.overview(item, CATALOG))


def test_there_are_bundles() -> None:
    assert len(BUNDLES) > 20
