"""The content that is shipped: whole, dated, and nobody's private number in it."""

from __future__ import annotations

import re
from datetime import date

import pytest
from catalog_world import SHIPPED, Copy, shipped_catalog

from service_catalog.catalog import Catalog
from service_catalog.errors import UnknownId
from service_catalog.model import Handling, Service

SERVICES = tuple(shipped_catalog().services.values())
END_OF_ERA = date(2026, 12, 31)
MOBILE = re.compile(r"(?<!\d)1[3-9]\d{9}(?!\d)")
ID_NUMBER = re.compile(r"(?<!\d)\d{17}[\dXx](?!\d)")

each_service = pytest.mark.parametrize("service", SERVICES, ids=lambda service: service.id)


def test_it_loads_without_a_problem() -> None:
    assert Copy(SHIPPED).problems() == ()


def test_it_is_worth_asking(shipped: Catalog) -> None:
    assert len(shipped.services) >= 20
    assert {place.level.value for place in shipped.places.values()} == {"区级", "镇街", "村社区"}


@each_service
def test_each_reference_leads_somewhere(shipped: Catalog, service: Service) -> None:
    for channel in service.channels.window:
        place = shipped.place(channel.place)
        assert all(place.window(number) for number in channel.windows)
    offered = {channel.place for channel in service.channels.window}
    assert set(service.booking.places if service.booking else ()) <= offered


@each_service
def test_each_service_says_how_long_it_takes(service: Service) -> None:
    assert service.promised_limit or service.handling is Handling.IMMEDIATE
    if service.promised_limit and service.legal_limit:
        days = {"日": 1.0, "工作日": 1.4, "个月": 30.0, "小时": 1 / 24}
        promised, legal = (
            limit.number * days[limit.unit.value]
            for limit in (service.promised_limit, service.legal_limit)
        )
        assert promised <= legal or not legal, "no longer than the law allows"


@each_service
def test_each_service_was_checked(service: Service) -> None:
    assert date(2026, 1, 1) <= service.checked_on <= END_OF_ERA
    assert service.effective_from <= service.checked_on
    assert service.in_force(service.checked_on)


@each_service
def test_each_service_has_everyday_words_and_questions(service: Service) -> None:
    assert len(service.aliases) >= 3
    assert service.faq
    assert service.results


@pytest.mark.parametrize(
    "file", sorted(SHIPPED.rglob("*.yml")), ids=lambda file: str(file.relative_to(SHIPPED))
)
def test_no_number_could_be_a_person_s(file) -> None:
    text = file.read_text(encoding="utf-8")
    assert MOBILE.findall(text) == []
    assert ID_NUMBER.findall(text) == []
    places = set(re.findall(r"(?<!\d)0\d{2,3}(?=-\d{7,8})", text))
    assert places <= {"0600"}, "an area code that nobody has"


def test_what_is_not_there_is_refused_by_name(shipped: Catalog) -> None:
    with pytest.raises(UnknownId, match="moon-landing"):
        shipped.service("moon-landing")
    with pytest.raises(UnknownId, match="moon"):
        shipped.place("moon")


def test_services_are_offered_from_their_first_to_their_last_day(shipped: Catalog) -> None:
    assert len(shipped.in_force(date(2026, 11, 23))) == len(shipped.services)
    assert shipped.in_force(date(2000, 1, 1)) == ()
    card = shipped.service("id-card-renew").copy(update={"effective_until": date(2026, 11, 30)})
    assert card.in_force(date(2026, 11, 30))
    assert not card.in_force(date(2026, 12, 1))


def test_places_and_values_can_not_be_changed(shipped: Catalog) -> None:
    with pytest.raises(TypeError):
        shipped.service("id-card-renew").name = "x"
