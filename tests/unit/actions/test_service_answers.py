"""Every answer about every shipped service: whole, with its facts and its source."""

from __future__ import annotations

import re
from datetime import date
from pathlib import Path

import pytest

import service_catalog
from actions.aspects import Aspect
from actions.reply import hall, hours, service
from service_catalog.catalog import Catalog
from service_catalog.loader import Loader
from service_catalog.model import Handling, Service

CATALOG = Loader(Path(service_catalog.__file__).parent / "content").load()
SERVICES = tuple(CATALOG.services.values())
MONDAY, HOLIDAY, FAR = date(2026, 11, 23), date(2026, 10, 1), date(2031, 5, 6)
DAYS = (MONDAY, HOLIDAY, FAR)
CODE = re.compile(r"None|Enum|Decimal|True|False|datetime|tuple|[{}<>\[\]]|E\+|\(\)|\d\.0\b")
HALVES = re.compile(r"。。|：：|；；|、、|，，|[：、，；]$", re.MULTILINE)

each_service = pytest.mark.parametrize("item", SERVICES, ids=lambda item: item.id)
each_aspect = pytest.mark.parametrize("aspect", list(Aspect), ids=lambda aspect: aspect.value)


def told(item: Service, *aspects: Aspect) -> str:
    return service.answer(item, aspects, CATALOG, DAYS)


def facts(item: Service, aspect: Aspect) -> list[str]:
    """What an answer has to hold, straight from the catalogue."""
    at = [(CATALOG.place(channel.place), channel) for channel in item.channels.window]
    places = [place.name for place, _ in at]
    return {
        Aspect.CONDITIONS: [*(one.text for one in item.conditions), *filter(None, [item.scope])],
        Aspect.MATERIALS: [material.name for material in item.materials]
        + [material.when for material in item.materials if material.when]
        + [material.note for material in item.materials if material.note],
        Aspect.WINDOW: [*places, *(place.address for place, _ in at)]
        + [number for _, channel in at for number in channel.windows]
        + [channel.note for _, channel in at if channel.note],
        Aspect.HOURS: [*places, "11月23日（周一）", "10月1日（周四）", "2031年放假安排尚未公布"]
        + [span for place, _ in at for span in place.hours.workdays],
        Aspect.FEE: [fee.name for fee in item.fee.items]
        + [f"{float(fee.amount):g}元/{fee.unit}" for fee in item.fee.items]
        + [*item.fee.basis, *([] if item.fee.items else [item.fee.note or "不收费"])],
        Aspect.TIME_LIMIT: ["当场办结" if item.handling is Handling.IMMEDIATE else "承诺"]
        + [str(item.promised_limit.number) for _ in [0] if item.handling is Handling.PROMISED],
        Aspect.PROCESS: list(item.process),
        Aspect.ONLINE: [
            channel.name
            for name, channel in item.channels
            if name != "window" and channel is not None
        ]
        + ["跑动次数", *filter(None, [item.visits.reason])],
        Aspect.APPOINTMENT: [CATALOG.place(place).name for place in item.booking.places]
        if item.booking
        else ["不设预约"],
        Aspect.RESULT: list(item.results),
        Aspect.BASIS: list(item.basis),
        Aspect.PHONE: [item.phones.enquiry, item.phones.complaint],
    }[aspect]


@each_aspect
@each_service
def test_an_answer_holds_the_facts_and_its_source(item: Service, aspect: Aspect) -> None:
    text = told(item, aspect)
    assert text.startswith(f"【{item.name}】")
    assert text.endswith(service.source(item))
    missing = [fact for fact in facts(item, aspect) if fact not in text]
    assert missing == []
    assert CODE.findall(text) == []
    body = text.removesuffix(service.source(item)).strip().removeprefix(f"【{item.name}】").strip()
    assert len(body) > len("费用："), "more than a heading"


@each_service
def test_an_answer_is_punctuated_as_a_person_would(item: Service) -> None:
    lines = [line for aspect in Aspect for line in told(item, aspect).split("\n")]
    lines = [line for line in lines if not line.endswith("：")]
    assert [line for line in lines if HALVES.search(line)] == []


@each_service
def test_an_overview_holds_what_most_people_want_first(item: Service) -> None:
    text = told(item)
    first = (Aspect.MATERIALS, Aspect.WINDOW, Aspect.FEE, Aspect.TIME_LIMIT)
    missing = [fact for aspect in first for fact in facts(item, aspect) if fact not in text]
    assert missing == []
    assert CODE.findall(text) == []
    assert text.endswith(service.source(item))


@each_service
def test_several_aspects_are_one_answer_in_the_order_asked(item: Service) -> None:
    text = told(item, Aspect.MATERIALS, Aspect.FEE, Aspect.PHONE)
    places = [text.index("材料"), text.rindex("费用："), text.rindex("咨询电话：")]
    assert places == sorted(places)
    assert text.count(service.source(item)) == 1


def test_days_may_be_an_iterator_and_are_told_for_every_place() -> None:
    item = CATALOG.service("disability-certificate")
    text = service.answer(item, [Aspect.HOURS], CATALOG, iter([MONDAY]))
    assert text.count("11月23日（周一）开放") == len(item.channels.window) > 2


def changed(item: Service, **parts: object) -> Service:
    return item.copy(update=parts)


def test_a_service_without_windows_names_its_other_ways() -> None:
    item = CATALOG.service("passport-first")
    remote = changed(item, channels=item.channels.copy(update={"window": ()}))
    for aspect in (Aspect.WINDOW, Aspect.HOURS, Aspect.PROCESS):
        text = told(remote, aspect)
        assert "网上办（国家移民管理局政务服务平台）" in text
        assert "窗口办" not in text
        assert CODE.findall(text) == []


def test_a_service_with_nothing_to_bring_pay_or_receive_says_so() -> None:
    item = CATALOG.service("passport-first")
    fee = item.fee.copy(update={"items": (), "basis": ()})
    bare = changed(item, materials=(), results=(), booking=None, fee=fee)
    assert "不需要提交材料" in told(bare, Aspect.MATERIALS)
    assert "没有发放的证件或文书" in told(bare, Aspect.RESULT)
    assert "不设预约" in told(bare, Aspect.APPOINTMENT)
    assert "费用：不收费。" in told(bare, Aspect.FEE)


@pytest.mark.parametrize(
    ("amount", "said"),
    [("20", "20元"), ("100", "100元"), ("1.50", "1.5元"), ("0", "0元"), ("10000", "10000元")],
)
def test_amounts_are_written_plainly(amount: str, said: str) -> None:
    item = CATALOG.service("id-card-renew").dict()
    item["fee"]["items"][0]["amount"] = amount
    assert f"居民身份证工本费（到期换领）{said}/证" in told(Service.parse_obj(item), Aspect.FEE)


@each_aspect
def test_the_hall_answers_for_itself_without_code(aspect: Aspect, catalog: Catalog) -> None:
    text = hall.about_hall([aspect], catalog, DAYS)
    assert text.startswith("【清禾区政务服务中心】")
    assert CODE.findall(text) == []


def test_the_hall_s_address_hours_and_phones(catalog: Catalog) -> None:
    text = hall.about_hall([Aspect.WINDOW, Aspect.HOURS, Aspect.PHONE], catalog, [MONDAY])
    place = catalog.place("district-hall")
    for fact in (place.address, place.transport, *place.hours.workdays, "12345", "0600-8800100"):
        assert fact in text
    assert "11月23日（周一）开放：09:00-12:00、13:30-17:00。" in text


@pytest.mark.parametrize(
    ("day", "said"),
    [
        (MONDAY, "11月23日（周一）开放：09:00-12:00、13:30-17:00。"),
        (date(2026, 11, 28), "11月28日（周六）开放：09:00-12:00。"),
        (date(2026, 11, 29), "11月29日（周日）周日不办公。"),
        (HOLIDAY, "10月1日（周四）国庆节放假。"),
        (date(2026, 10, 10), "10月10日（周六）（国庆节调休上班）开放：09:00-12:00、13:30-17:00。"),
        (FAR, "5月6日（周二）：2031年放假安排尚未公布，现在还不能确定。"),
    ],
)
def test_one_day_in_words(catalog: Catalog, day: date, said: str) -> None:
    opening = catalog.calendar.open_day(catalog.place("district-hall"), day)
    assert hours.one_day(opening) == said
