"""Every answer about every shipped 一件事: one list of materials, and where each fact is from."""

from __future__ import annotations

import pytest
from answers_world import CATALOG, CODE, badly_punctuated, each_aspect, each_bundle

from actions.aspects import Aspect
from actions.reply import bundle
from actions.reply.bundle import source_of
from service_catalog.merging import merged_materials
from service_catalog.model import Bundle


def names(item: Bundle) -> list[str]:
    return [CATALOG.service(part.service).name for part in item.parts]


def places(item: Bundle) -> list[str]:
    return [CATALOG.place(channel.place).name for channel in item.window]


def numbers(item: Bundle) -> list[str]:
    return [number for channel in item.window for number in channel.windows]


def visits(item: Bundle) -> list[str]:
    parts = {part.service for part in item.parts}
    rules = [rule for rule in CATALOG.home_visits if parts & set(rule.services)]
    return [text for rule in rules for text in (rule.name, rule.who, rule.phone)]


FACTS = {
    Aspect.MATERIALS: lambda item: [
        one.material.name for one in merged_materials(item, CATALOG.services)
    ],
    Aspect.WINDOW: lambda item: [*places(item), *numbers(item)],
    Aspect.FEE: names,
    Aspect.TIME_LIMIT: lambda item: ["承诺", str(item.promised_limit.number)],
    Aspect.PROCESS: lambda item: [*names(item), item.form],
    Aspect.ONLINE: lambda item: [item.online or "没有登记网上办理"],
    Aspect.APP: lambda item: [item.online or "没有登记网上办理"],
    Aspect.IN_PERSON: lambda item: ["跑动次数", *filter(None, [item.visits.reason])],
    Aspect.AT_HOME: lambda item: visits(item) or ["没有上门服务"],
    Aspect.PHONE: lambda item: [item.phones.enquiry, item.phones.complaint],
    Aspect.BASIS: lambda item: list(item.basis),
}
"""What an answer has to hold; of anything else the parts are named."""


@each_aspect
@each_bundle
def test_an_answer_holds_the_facts_and_its_source(item: Bundle, aspect: Aspect) -> None:
    text = bundle.answer(item, [aspect], CATALOG)
    assert text.startswith(f"【{item.name}】")
    assert text.endswith(source_of(item))
    missing = [fact for fact in FACTS.get(aspect, names)(item) if fact not in text]
    assert missing == []
    assert CODE.findall(text) == []
    assert badly_punctuated(text) == []


@each_bundle
def test_the_offer_names_every_part_where_it_is_done_and_how_to_go_on(item: Bundle) -> None:
    text = bundle.offer(item, CATALOG)
    told = [item.name, item.summary, *names(item), *places(item), *numbers(item), "回复“材料”"]
    assert [fact for fact in told if fact not in text] == []
    assert text.endswith(source_of(item))
    assert CODE.findall(text) == []
    assert badly_punctuated(text) == []
    lines = [line for line in text.split("\n") if line[:1].isdigit()]
    for line, part in zip(lines, item.parts, strict=True):
        assert CATALOG.service(part.service).name in line
        assert part.optional is ("（可选）" in line)


@each_bundle
def test_materials_are_numbered_once_and_say_what_they_are_for(item: Bundle) -> None:
    merged = merged_materials(item, CATALOG.services)
    text = bundle.materials(item, CATALOG)
    lines = [line for line in text.split("\n") if line[:1].isdigit()]
    assert len(lines) == len(merged)
    for row, (line, one) in enumerate(zip(lines, merged, strict=True), 1):
        assert line.startswith(f"{row}. ")
        assert one.material.name in line
        assert ("（用于" in line) is (len(one.services) < len(item.parts))
        if "（用于" in line:
            assert all(CATALOG.service(used).name in line for used in one.services)


@each_bundle
def test_the_overview_has_everything(item: Bundle) -> None:
    text = bundle.overview(item, CATALOG)
    wanted = [item.summary, item.form, *names(item), *places(item), item.phones.enquiry]
    wanted += [one.material.name for one in merged_materials(item, CATALOG.services)]
    assert [fact for fact in wanted if fact not in text] == []
    assert text.endswith(source_of(item))


def test_what_only_the_parts_know_is_asked_for_once() -> None:
    item = next(iter(CATALOG.bundles.values()))
    text = bundle.answer(item, [Aspect.CONDITIONS, Aspect.RESULT], CATALOG)
    assert text.count("包含的事项：") == 1
    assert "说出其中一项的名称" in text


def test_a_bundle_whose_parts_ask_for_nothing_says_so() -> None:
    item = next(iter(CATALOG.bundles.values()))
    parts = [CATALOG.service(part.service) for part in item.parts]
    services = {**CATALOG.services, **{one.id: one.copy(update={"materials": ()}) for one in parts}}
    assert merged_materials(item, services) == ()


@pytest.mark.parametrize("count", [0, 1, 2])
def test_visits_in_words(count: int) -> None:
    item = next(iter(CATALOG.bundles.values()))
    visits = item.visits.copy(update={"count": count, "reason": "领证"})
    text = bundle.visits(item.copy(update={"visits": visits}))
    assert (f"到现场{count}次" in text) is bool(count)
    assert ("可以不到现场" in text) is (count == 0)
