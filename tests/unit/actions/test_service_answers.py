"""Every answer about every shipped service: whole, with its facts and its source."""

from __future__ import annotations

from datetime import date

import pytest
from answers_world import (
    CATALOG,
    CODE,
    DAYS,
    HOLIDAY,
    MONDAY,
    SERVICES,
    badly_punctuated,
    each_aspect,
    each_service,
)

from actions.aspects import Aspect
from actions.reply import service
from actions.reply.about import source
from service_catalog.model import FeeItem, Handling, Need, RemoteChannel, Service
from service_catalog.situations import option_of, paths, question_of

ENQUIRY = "咨询电话"
ELSEWHERE = ("外地", "外省", "异地", "户口")
ONESELF = ("代办", "本人", "到场", "委托", "监护人", "亲自")
SITUATIONS = [
    (item, answers) for item in SERVICES if item.situations for answers in list(paths(item))[:3]
]


def told(item: Service, *aspects: Aspect, **known: object) -> str:
    return service.answer(service.about(item, CATALOG, DAYS, **known), aspects)


def places(item: Service) -> list:
    return [CATALOG.place(channel.place) for channel in item.channels.window]


def machines(item: Service) -> list:
    return [one for one in CATALOG.terminals if item.id in one.services]


def materials(item: Service) -> list[str]:
    found = [part for one in item.materials for part in (one.name, one.when, one.note)]
    return [*filter(None, found)] or ["不需要提交材料"]


def forms(item: Service) -> list[str]:
    parts = [part for one in item.materials for part in (one.blank_form, one.sample, one.fill_in)]
    return [*filter(None, parts)]


def deferrable(item: Service) -> list[str]:
    later = [one.name for one in item.materials if one.deferrable]
    exempt = [one.licence or one.name for one in item.materials if one.licence_exempt]
    return [*(later or ["没有可以后补的材料"]), *exempt]


def windows(item: Service) -> list[str]:
    channels = item.channels.window
    return [
        *(fact for place in places(item) for fact in (place.name, place.address)),
        *(number for channel in channels for number in channel.windows),
        *(channel.note for channel in channels if channel.note),
    ]


def hours(item: Service) -> list[str]:
    first = places(item)[:2]
    days = (
        ["11月23日（周一）", "10月1日（周四）", "2031年放假安排尚未公布"] if first else ["不设窗口"]
    )
    others = [fact for place in places(item)[2:] for fact in (place.name, place.phone)]
    spans = []
    for channel, place in zip(item.channels.window, first, strict=False):
        window = place.window(channel.windows[0])
        spans += [*((window and window.hours) or place.hours).workdays]
    return [*(place.name for place in first), *days, *spans, *others]


def amount(item: FeeItem) -> str:
    return f"{item.name}{float(item.amount):g}元/{item.unit}"


def fee(item: Service) -> list[str]:
    return [
        *(amount(one) for one in item.fee.items),
        *(one.note for one in item.fee.items if one.note),
        *([] if item.fee.items else [item.fee.note or "不收费"]),
        *item.fee.basis,
    ]


def time_limit(item: Service) -> list[str]:
    promised = item.promised_limit
    if promised and promised.number:
        return ["承诺", str(promised.number), promised.unit.value]
    return ["当场办结" if item.handling is Handling.IMMEDIATE else "承诺"]


def remote(item: Service, key: str, missing: str) -> list[str]:
    """One way in full: name, address, note, steps; or that it isn't there."""
    channel: RemoteChannel | None = getattr(item.channels, key)
    if channel is None:
        return [missing]
    parts = [channel.name, channel.url, channel.note, channel.hours, channel.phone, *channel.steps]
    return [*filter(None, parts)]


def online(item: Service) -> list[str]:
    ways = (item.channels.online, item.channels.app)
    found = [part for one in ways if one for part in (one.name, one.url, *one.steps) if part]
    return [*(found or ["没有网上办理"]), "跑动次数", *filter(None, [item.visits.reason])]


def terminal(item: Service) -> list[str]:
    able = [fact for one in machines(item)[:6] for fact in (one.name, one.address, one.hours)]
    return able or remote(item, "terminal", "自助终端办不了这个事项")


def nearby(item: Service) -> list[str]:
    return [fact for place in places(item) for fact in (place.name, place.address, place.phone)]


def parking(item: Service) -> list[str]:
    lots = [place for place in places(item)[:2] if place.parking]
    return [place.name for place in lots] or ["没有登记停车信息"]


def at_home(item: Service) -> list[str]:
    rules = [rule for rule in CATALOG.home_visits if item.id in rule.services]
    facts = [fact for one in rules for fact in (one.name, one.who, one.area, one.hours, one.phone)]
    return facts or remote(item, "home_visit", "没有上门服务")


def in_person(item: Service) -> list[str]:
    asked = [one.answer for one in item.faq if any(w in one.question for w in ONESELF)]
    brought = [one.name for one in item.materials if one.when and "代办" in one.when]
    found = [*asked, *brought] or ["跑动次数"]
    return [*filter(None, [item.visits.reason]), *found]


def scope(item: Service) -> list[str]:
    asked = [one.answer for one in item.faq if any(w in one.question for w in ELSEWHERE)]
    found = [*filter(None, [item.scope]), *asked]
    return found or ["没有写通办范围", item.phones.enquiry]


def helper(item: Service) -> list[str]:
    own = item.channels.helper
    return [own.name] if own else [one.name for one in CATALOG.helpers[:2]]


def appointment(item: Service) -> list[str]:
    if item.booking is None:
        return ["不设预约"]
    return [CATALOG.place(place).name for place in item.booking.places]


FACTS = {
    Aspect.CONDITIONS: lambda item: [one.text for one in item.conditions],
    Aspect.MATERIALS: materials,
    Aspect.FORMS: lambda item: forms(item) or ["表格"],
    Aspect.DEFERRABLE: deferrable,
    Aspect.WINDOW: lambda item: windows(item) or ["不设窗口"],
    Aspect.NEARBY: lambda item: nearby(item) or ["不设窗口"],
    Aspect.TERMINAL: terminal,
    Aspect.PARKING: parking,
    Aspect.HOURS: hours,
    Aspect.FEE: fee,
    Aspect.TIME_LIMIT: time_limit,
    Aspect.PROCESS: lambda item: [*item.process, *item.cautions, "办理方式"],
    Aspect.ONLINE: online,
    Aspect.APP: online,
    Aspect.POST: lambda item: remote(item, "post", "没有登记邮寄服务"),
    Aspect.AT_HOME: at_home,
    Aspect.HELPER: helper,
    Aspect.IN_PERSON: in_person,
    Aspect.SCOPE: scope,
    Aspect.APPOINTMENT: appointment,
    Aspect.RESULT: lambda item: list(item.results) or ["没有发放的证件或文书"],
    Aspect.BASIS: lambda item: list(item.basis),
    Aspect.PHONE: lambda item: [item.phones.enquiry, item.phones.complaint],
}
"""What an answer has to hold, straight from the catalogue."""


def test_every_aspect_has_its_facts() -> None:
    assert set(FACTS) == set(Aspect)


@each_aspect
@each_service
def test_an_answer_holds_the_facts_and_its_source(item: Service, aspect: Aspect) -> None:
    text = told(item, aspect)
    assert text.startswith(f"【{item.name}】")
    assert text.endswith(source(item))
    missing = [fact for fact in FACTS[aspect](item) if fact not in text]
    assert missing == []
    assert CODE.findall(text) == []
    body = text.removesuffix(source(item)).strip().removeprefix(f"【{item.name}】").strip()
    assert len(body) > len("费用："), "more than a heading"


@each_service
def test_the_source_names_the_item_and_the_day_of_the_check(item: Service) -> None:
    day = item.checked_on
    assert f"“{item.name}”，{day.year}年{day.month}月{day.day}日核对" in source(item)


@each_service
def test_an_answer_is_punctuated_as_a_person_would(item: Service) -> None:
    found = {aspect.value: badly_punctuated(told(item, aspect)) for aspect in Aspect}
    assert {aspect: lines for aspect, lines in found.items() if lines} == {}


@each_service
def test_an_overview_holds_what_most_people_want_first(item: Service) -> None:
    text = told(item)
    first = (Aspect.MATERIALS, Aspect.WINDOW, Aspect.FEE, Aspect.TIME_LIMIT)
    missing = [fact for aspect in first for fact in FACTS[aspect](item) if fact not in text]
    assert missing == []
    assert CODE.findall(text) == []
    assert text.endswith(source(item))


@each_service
def test_several_aspects_are_one_answer_in_the_order_asked(item: Service) -> None:
    text = told(item, Aspect.MATERIALS, Aspect.FEE, Aspect.PHONE)
    found = [text.index("材料"), text.rindex("费用："), text.rindex(f"{ENQUIRY}：")]
    assert found == sorted(found)
    assert text.count(source(item)) == 1


@pytest.mark.parametrize(
    ("item", "answers"),
    SITUATIONS,
    ids=[f"{item.id}/{'-'.join(known.values())}" for item, known in SITUATIONS],
)
def test_in_a_known_situation_only_what_holds_is_told(item: Service, answers: dict) -> None:
    one = service.about(item, CATALOG, DAYS, answers, decided=True)
    text = service.answer(one, (Aspect.MATERIALS, Aspect.FEE))
    head, _, _ = text.partition("\n")
    for question_id, option_id in answers.items():
        option = option_of(question_of(item, question_id), option_id)
        assert option.label in head
    rows = [line for line in text.split("\n") if line[:1].isdigit()]
    assert len(rows) == len(one.held.materials)
    for row, (line, material) in enumerate(zip(rows, one.held.materials, strict=True), 1):
        assert line.startswith(f"{row}. ")
        assert material.name in line
        assert (material.need is Need.OPTIONAL) is ("选交" in line)
    charged = {amount(held) for held in one.held.fee_items}
    assert {amount(every) for every in item.fee.items if amount(every) in text} == charged


def test_before_anything_is_known_everything_is_told_with_its_condition() -> None:
    item = CATALOG.service("passport-first")
    text = told(item, Aspect.MATERIALS)
    assert all(material.name in text for material in item.materials)
    assert "按您说的情况" not in text


def test_an_answer_that_is_not_in_the_catalogue_is_not_repeated() -> None:
    item = CATALOG.service("passport-first")
    assert "按您说的情况" not in told(item, Aspect.FEE, answers={"age": "no-such-option"})


def test_days_may_be_an_iterator_and_two_places_are_told_in_full() -> None:
    item = CATALOG.service("disability-certificate")
    text = service.answer(service.about(item, CATALOG, iter([MONDAY])), [Aspect.HOURS])
    assert len(item.channels.window) > 2
    assert text.count("11月23日（周一）开放") == 2
    assert "其他办理点" in text


def test_places_beyond_the_first_are_told_on_a_line_each() -> None:
    item = CATALOG.service("disability-certificate")
    lines = told(item, Aspect.WINDOW).partition("也可以就近去：\n")[2].split("\n\n")[0].split("\n")
    assert len(lines) == len(item.channels.window) - 1
    for line, channel in zip(lines, item.channels.window[1:], strict=True):
        place = CATALOG.place(channel.place)
        assert all(fact in line for fact in (place.name, place.address, place.phone))


def test_a_place_that_is_named_is_answered_for_alone() -> None:
    item = CATALOG.service("disability-certificate")
    place = CATALOG.place(item.channels.window[-1].place)
    assert f"{place.name}可以办" in told(item, Aspect.NEARBY, near=place)
    village = next(
        one
        for one in CATALOG.places.values()
        if one.id not in {channel.place for channel in item.channels.window}
    )
    assert f"{village.name}不受理这个事项。" in told(item, Aspect.NEARBY, near=village)


def changed(item: Service, **parts: object) -> Service:
    return item.copy(update=parts)


def test_a_service_without_windows_names_its_other_ways() -> None:
    item = CATALOG.service("passport-first")
    away = changed(item, channels=item.channels.copy(update={"window": ()}))
    for aspect in (Aspect.WINDOW, Aspect.HOURS, Aspect.PROCESS):
        text = told(away, aspect)
        assert "网上办（国家移民管理局政务服务平台）" in text
        assert "窗口办" not in text
        assert CODE.findall(text) == []


def test_a_service_with_nothing_to_bring_pay_or_receive_says_so() -> None:
    item = CATALOG.service("passport-first")
    free = item.fee.copy(update={"items": (), "basis": ()})
    bare = changed(item, materials=(), results=(), booking=None, fee=free)
    assert "不需要提交材料" in told(bare, Aspect.MATERIALS)
    assert "没有发放的证件或文书" in told(bare, Aspect.RESULT)
    assert "不设预约" in told(bare, Aspect.APPOINTMENT)
    assert "费用：不收费。" in told(bare, Aspect.FEE)
    assert "没有可以后补的材料" in told(bare, Aspect.DEFERRABLE)
    assert bare.phones.enquiry in told(bare, Aspect.FORMS)


@pytest.mark.parametrize(
    ("aspect", "channel"),
    [
        (Aspect.POST, "post"),
        (Aspect.AT_HOME, "home_visit"),
        (Aspect.TERMINAL, "terminal"),
        (Aspect.HELPER, "helper"),
        (Aspect.APP, "app"),
        (Aspect.ONLINE, "online"),
    ],
)
def test_a_way_with_its_details_is_told_in_full(aspect: Aspect, channel: str) -> None:
    way = RemoteChannel.parse_obj(
        {
            "name": "小桥快办",
            "url": "https://example.org/kuai",
            "note": "晚上不办",
            "phone": "0600-8800199",
            "hours": "工作日",
            "steps": ["先登记", "再上传"],
        }
    )
    item = CATALOG.service("company-registration")
    text = told(
        changed(item, id="nowhere", channels=item.channels.copy(update={channel: way})), aspect
    )
    for fact in ("小桥快办", way.url, "晚上不办", "0600-8800199", "1. 先登记", "2. 再上传"):
        assert fact in text
    assert badly_punctuated(text) == []


@pytest.mark.parametrize(
    ("number", "said"),
    [("20", "20元"), ("100", "100元"), ("1.50", "1.5元"), ("0", "0元"), ("10000", "10000元")],
)
def test_amounts_are_written_plainly(number: str, said: str) -> None:
    item = CATALOG.service("id-card-renew").dict()
    item["fee"]["items"][0]["amount"] = number
    assert f"居民身份证工本费（到期换领）{said}/证" in told(Service.parse_obj(item), Aspect.FEE)


@pytest.mark.parametrize("day", [MONDAY, HOLIDAY, date(2026, 11, 29)])
def test_a_single_day_is_looked_up_at_the_place_itself(day: date) -> None:
    item = CATALOG.service("passport-first")
    text = service.answer(service.about(item, CATALOG, (day,)), [Aspect.HOURS])
    assert f"{day.month}月{day.day}日" in text
    assert ("开放：" in text) is (day == MONDAY)
