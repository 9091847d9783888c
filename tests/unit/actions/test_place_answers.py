"""Answers about the hall, its places and machines, and its everyday questions."""

from __future__ import annotations

from datetime import date

import pytest
from answers_world import (
    CATALOG,
    CODE,
    DAYS,
    FAR,
    HOLIDAY,
    MONDAY,
    badly_punctuated,
)

from actions.aspects import OF_THE_HALL, Aspect
from actions.reply import english, hall, hours, place, ways
from actions.reply import parking as say_parking
from booking.values import PlateDay
from service_catalog.model import (
    Draft,
    GeneralQuestion,
    Helper,
    Hours,
    Parking,
    Place,
    PriorityGroup,
    Terminal,
)

PLACES = tuple(CATALOG.places.values())
HALL = CATALOG.place(CATALOG.hall.place)

each_place = pytest.mark.parametrize("at", PLACES, ids=lambda at: at.id)
each_aspect_of_a_place = pytest.mark.parametrize(
    "aspect", sorted(OF_THE_HALL), ids=lambda aspect: aspect.value
)


def of_place(at: Place, aspect: Aspect) -> list[str]:
    phones = CATALOG.hall.phones
    return {
        Aspect.WINDOW: [at.address, *filter(None, [at.transport]), "电梯"],
        Aspect.HOURS: [*at.hours.workdays, "11月23日（周一）", "2031年放假安排尚未公布"],
        Aspect.PHONE: [phones.enquiry, phones.complaint] + ([] if at is HALL else [at.phone]),
        Aspect.PARKING: ["停车", *filter(None, [at.parking and at.parking.note])],
        Aspect.NEARBY: [one.name for one in PLACES],
        Aspect.TERMINAL: [one.name for one in CATALOG.terminals],
        Aspect.AT_HOME: [one.name for one in CATALOG.home_visits],
        Aspect.HELPER: [one.name for one in CATALOG.helpers[:4]],
    }[aspect]


@each_aspect_of_a_place
@each_place
def test_a_place_answers_for_itself(at: Place, aspect: Aspect) -> None:
    text = hall.about_place(at, [aspect], CATALOG, DAYS)
    assert text.startswith(f"【{at.name}】")
    assert [fact for fact in of_place(at, aspect) if fact not in text] == []
    assert CODE.findall(text) == []
    assert badly_punctuated(text) == []


@each_place
def test_everything_about_a_place(at: Place) -> None:
    text = place.place(at, CATALOG, [MONDAY])
    facts = [at.name, at.address, at.phone, *at.hours.workdays, *at.facilities, *at.accessibility]
    facts += [fact for one in at.windows for fact in (one.number, one.name)]
    facts += [one.name for one in CATALOG.terminals if one.place == at.id]
    assert [fact for fact in facts if fact not in text] == []
    assert "11月23日（周一）" in text
    assert CODE.findall(text) == []
    assert badly_punctuated(text) == []


@each_place
def test_a_place_in_english(at: Place) -> None:
    text = english.about_place(at, DAYS, CATALOG)
    facts = [at.name, at.address, at.phone, *at.hours.workdays, "2026-11-23", "2026-10-01"]
    assert [fact for fact in facts if fact not in text] == []
    assert CODE.findall(text) == []


@pytest.mark.parametrize("found", CATALOG.terminals, ids=lambda one: one.id)
def test_a_machine(found: Terminal) -> None:
    text = place.terminal(found, CATALOG)
    names = [CATALOG.service(one).name for one in found.services]
    facts = [found.name, found.address, found.hours, found.phone, *found.more, *names]
    assert [fact for fact in facts if fact not in text] == []
    assert CODE.findall(text) == []
    line = ways.machine(found)
    assert [fact for fact in facts[:4] if fact not in line] == []
    assert "\n" not in line


@pytest.mark.parametrize("found", CATALOG.general, ids=lambda one: one.id)
def test_an_everyday_question_has_its_source(found: GeneralQuestion) -> None:
    text = place.general(found)
    day = found.checked_on
    assert text.startswith(found.answer)
    assert text.endswith(
        f"（来源：常见咨询“{found.question}”，{day.year}年{day.month}月{day.day}日核对）"
    )
    assert CODE.findall(text) == []


@pytest.mark.parametrize("found", CATALOG.helpers, ids=lambda one: one.id)
def test_help_by_staff(found: Helper) -> None:
    facts = [found.name, found.what, found.where, found.hours, *filter(None, [found.phone])]
    for text in (place.helper(found), ways.help_by(found)):
        assert [fact for fact in facts if fact not in text] == []
        assert CODE.findall(text) == []
    assert found.who in place.helper(found)


@pytest.mark.parametrize("found", CATALOG.priority, ids=lambda one: one.id)
def test_who_goes_first(found: PriorityGroup) -> None:
    text = place.priority(found)
    assert [one for one in (found.name, found.proof, *found.offers) if one not in text] == []
    assert CODE.findall(text) == []


def test_lists_have_every_place_and_machine_on_a_line() -> None:
    assert len(place.places(PLACES).split("\n")) == len(PLACES) + 1
    assert len(place.terminals(CATALOG.terminals).split("\n")) == len(CATALOG.terminals) + 1


def test_the_hall_s_address_hours_and_phones() -> None:
    text = hall.about_place(HALL, [Aspect.WINDOW, Aspect.HOURS, Aspect.PHONE], CATALOG, [MONDAY])
    for fact in (HALL.address, HALL.transport, *HALL.hours.workdays, "12345", "0600-8800100"):
        assert fact in text
    assert "11月23日（周一）开放：09:00-12:00、13:30-17:00。" in text


@pytest.mark.parametrize(
    ("lot", "said"),
    [
        ({"spaces": 20}, "20个车位"),
        ({"spaces": 0, "note": "路边停"}, "0个车位，路边停"),
        ({"free_minutes": 120}, "免费120分钟"),
        ({"bind_plate": True}, "绑定车牌免费"),
        (
            {"spaces": 9, "free_minutes": 30, "bind_plate": True, "note": "限高2米"},
            "9个车位，免费30分钟，绑定车牌免费，限高2米",
        ),
    ],
)
def test_parking_in_words(lot: dict, said: str) -> None:
    assert ways.spaces(Parking.parse_obj(lot)) == said


def test_a_registered_plate_is_told_with_the_parking_of_its_place() -> None:
    kept = PlateDay(date(2026, 11, 24), "京A·**345", HALL.id, HALL.name)
    text = say_parking.registered(kept, CATALOG)
    for fact in ("京A·**345", "11月24日（周二）", HALL.name, ways.spaces(HALL.parking)):
        assert fact in text


def test_the_welcome_has_examples_and_errands_of_the_hall() -> None:
    text = hall.welcome(CATALOG, MONDAY)
    assert CATALOG.hall.name in text
    assert str(len(CATALOG.in_force(MONDAY))) in text
    assert len(hall.examples(CATALOG, MONDAY)) == 4
    assert all(name in text for name in hall.examples(CATALOG, MONDAY))
    for errand in ("预约", "改期", "取消", "车牌", "进度", "人工", "投诉", "评价"):
        assert errand in text


@pytest.mark.parametrize(
    "text",
    [
        hall.nothing_found(CATALOG),
        hall.none_of_these(CATALOG),
        hall.not_our_business(CATALOG),
        hall.welcome(CATALOG, MONDAY),
    ],
    ids=["nothing_found", "none_of_these", "not_our_business", "welcome"],
)
def test_who_gets_no_answer_gets_the_phone(text: str) -> None:
    assert CATALOG.hall.phones.enquiry in text
    assert badly_punctuated(text) == []


def test_of_a_draft_name_department_and_phone_alone_are_told() -> None:
    draft = Draft(id="kite", name="风筝放飞备案", department="区体育局", themes=("玩",))
    text = hall.known_by_name(draft, CATALOG)
    for fact in (draft.name, draft.department, CATALOG.hall.phones.enquiry):
        assert fact in text
    assert "玩" not in text


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
def test_one_day_in_words(day: date, said: str) -> None:
    assert hours.one_day(CATALOG.calendar.open_day(HALL, day)) == said


def test_days_alike_in_a_row_are_told_once() -> None:
    days = [date(2026, 10, number) for number in range(1, 9)]
    told = hours.several_days([CATALOG.calendar.open_day(HALL, day) for day in days])
    assert len(told) < len(days)
    assert told[0].startswith("10月1日（周四）至")
    assert hours.several_days([]) == []


def test_a_week_without_weekends_and_with_longer_hours() -> None:
    week = Hours.parse_obj(
        {
            "workdays": ["09:00-17:00"],
            "extended": ["17:00-19:00"],
            "extended_note": "周三",
            "lunch_note": "中午不休息",
        }
    )
    assert hours.weekly(week) == (
        "工作日 09:00-17:00；周六 不办公；周日 不办公；法定节假日 不办公；"
        "延时服务 17:00-19:00（周三）。中午不休息。"
    )
