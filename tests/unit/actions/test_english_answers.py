"""Answers in English: English around facts that stay as the windows know them."""

from __future__ import annotations

import re

import pytest
from answers_world import (
    CATALOG,
    CODE,
    DAYS,
    MONDAY,
    each_service,
)

from actions.aspects import Aspect
from actions.reply import english, service
from service_catalog.model import Service

LABELS = {
    Aspect.MATERIALS: "Documents",
    Aspect.FEE: "Fee: ",
    Aspect.TIME_LIMIT: "Time: ",
    Aspect.ONLINE: "Online: ",
    Aspect.APP: "Online: ",
    Aspect.APPOINTMENT: "Appointments: ",
    Aspect.PHONE: "Enquiries: ",
    Aspect.HOURS: "Opening hours",
}


def told(item: Service, *aspects: Aspect) -> str:
    return english.answer(service.about(item, CATALOG, (MONDAY,)), aspects)


@each_service
def test_an_answer_is_english_and_has_its_source(item: Service) -> None:
    checked = item.checked_on.isoformat()
    for aspect in Aspect:
        text = told(item, aspect)
        assert text.startswith(f"【{item.name}】")
        assert text.endswith(f"(Source: service guide “{item.name}”, checked on {checked})")
        assert CODE.findall(text) == []
        assert re.search("[A-Za-z]{3}", text.split("\n\n")[1]), "English words"
        assert LABELS.get(aspect, "") in text


@each_service
def test_amounts_numbers_and_addresses_are_those_of_the_catalogue(item: Service) -> None:
    text = told(item, Aspect.MATERIALS, Aspect.WINDOW, Aspect.FEE, Aspect.TIME_LIMIT, Aspect.ONLINE)
    for one in item.materials:
        assert one.name in text
        assert f"(original {one.original}, copies {one.copies})" in text
    for one in item.fee.items:
        assert f"CNY {float(one.amount):g} per {one.unit} ({one.name})" in text
    if item.promised_limit and item.promised_limit.number:
        assert f"within {item.promised_limit.number} " in text
    else:
        assert "on the spot" in text
    for channel in item.channels.window[:2]:
        place = CATALOG.place(channel.place)
        assert [
            fact
            for fact in (place.name, place.address, place.phone, *channel.windows)
            if fact not in text
        ] == []
    for way in (item.channels.online, item.channels.app):
        assert way is None or (way.name in text and (way.url or "") in text)


@each_service
def test_phones_are_told(item: Service) -> None:
    text = told(item, Aspect.PHONE)
    assert item.phones.enquiry in text
    assert item.phones.complaint in text


@each_service
def test_the_overview_is_the_four_things_most_people_want(item: Service) -> None:
    first = (Aspect.MATERIALS, Aspect.WINDOW, Aspect.FEE, Aspect.TIME_LIMIT)
    assert told(item) == told(item, *first)


@pytest.mark.parametrize("aspect", [Aspect.BASIS, Aspect.SCOPE, Aspect.HELPER, Aspect.POST])
def test_what_the_guide_tells_in_chinese_alone_names_the_phone(aspect: Aspect) -> None:
    item = CATALOG.service("passport-first")
    assert f"please call {item.phones.enquiry}" in told(item, aspect)


def test_the_same_is_not_said_twice() -> None:
    item = CATALOG.service("passport-first")
    assert told(item, Aspect.BASIS, Aspect.SCOPE).count("please call") == 1
    assert told(item, Aspect.ONLINE, Aspect.APP).count("Online: ") == 1


def test_hours_name_each_day() -> None:
    item = CATALOG.service("passport-first")
    text = english.answer(service.about(item, CATALOG, DAYS[:2]), (Aspect.HOURS,))
    assert "2026-11-23: 09:00-12:00、13:30-17:00" in text
    assert "2026-10-01: closed" in text


def test_a_service_without_a_window_names_the_way_there_is() -> None:
    item = CATALOG.service("passport-first")
    away = item.copy(update={"channels": item.channels.copy(update={"window": ()})})
    for aspect in (Aspect.WINDOW, Aspect.HOURS):
        assert "国家移民管理局政务服务平台" in told(away, aspect)


def test_nothing_to_bring_or_to_pay_is_said() -> None:
    item = CATALOG.service("passport-first")
    fee = item.fee.copy(update={"items": (), "basis": (), "note": None})
    bare = item.copy(update={"materials": (), "fee": fee, "booking": None})
    assert "Documents: none needed." in told(bare, Aspect.MATERIALS)
    assert "Fee: none." in told(bare, Aspect.FEE)
    assert "none needed" in told(bare, Aspect.APPOINTMENT)


@pytest.mark.parametrize("say", [english.nothing_found, english.out_of_scope])
def test_without_an_answer_the_phone_is_named(say) -> None:
    assert CATALOG.hall.phones.enquiry in say(CATALOG)


def test_which_of_is_asked_for_one_and_for_several() -> None:
    assert english.which_of(["一"]) == "Did you mean this service?"
    assert english.which_of(["一", "二"]) == "Which of these do you mean?"
