"""Aspects together, one after the other, and those of which the catalogue knows nothing.

Each by itself is asked of every service by `banshi qa cover`, see test_qa.py.
"""

from __future__ import annotations

import pytest
from told import shown_all, whole

from qa.facts import ASPECTS, QUESTIONS, by_hash, everyday, facts

pytestmark = [pytest.mark.stack]

PAIRS = (
    ("materials", "window", "要带什么，去几号窗口"),
    ("fee", "time_limit", "多少钱，几天能办好"),
    ("online", "in_person", "网上能办吗，要跑几趟"),
    ("conditions", "process", "要什么条件，怎么办"),
    ("hours", "parking", "几点上班，有停车场吗"),
    ("appointment", "phone", "要预约吗，咨询电话多少"),
    ("terminal", "nearby", "自助机能办吗，镇上能办吗"),
    ("result", "post", "最后拿到什么证，能寄到家吗"),
    ("basis", "scope", "依据什么文件，可以异地办吗"),
)
OF_EVERYBODY = frozenset({"parking"})
"""Aspects for which the hall's own answer is as good as that of the service."""


def knowing(stack, *aspects):
    """The services of which the catalogue has something to say in answer to all the aspects."""
    return [
        service
        for service in stack.catalog.services.values()
        if service.channels.window and all(facts(service, one, stack.catalog) for one in aspects)
    ]


def missing(told, service, aspects, catalog):
    return [
        f"{aspect}: {fact}"
        for aspect in aspects
        for fact in facts(service, aspect, catalog)
        if fact not in told
    ]


def test_every_aspect_has_its_questions():
    assert tuple(QUESTIONS) == ASPECTS


@pytest.mark.parametrize(("one", "other", "question"), PAIRS)
async def test_two_aspects_in_one_question(new_citizen, stack, one, other, question):
    wrong = {}
    for service in by_hash(knowing(stack, one, other), 2, question):
        told = await shown_all(await new_citizen(), f"{everyday(service)}{question}")
        lost = missing(told, service, (one, other), stack.catalog)
        if lost or f"【{service.name}】" not in told:
            wrong[everyday(service) + question] = (lost, told)
    assert not wrong


async def test_every_aspect_goes_on_with_the_service_before(new_citizen, stack):
    """After one question, the next ones name no service any more."""
    citizen = await new_citizen()
    service = stack.catalog.service("id-card-renew")
    await shown_all(citizen, "换身份证要带什么")
    wrong = {}
    for aspect in ASPECTS:
        question = QUESTIONS[aspect][0].removeprefix("的").removeprefix("那里")
        told = await shown_all(citizen, question)
        lost = missing(told, service, (aspect,), stack.catalog)
        if lost or not (f"【{service.name}】" in told or aspect in OF_EVERYBODY):
            wrong[question] = (lost, told)
    assert not wrong


async def test_what_the_catalogue_does_not_have_is_not_promised(new_citizen, stack):
    """A service without a way of doing it says so, and says which ways there are."""
    unsaid = {"online": "没有网上办理", "terminal": "办不了", "at_home": "没有上门服务"}
    wrong = {}
    for aspect, wording in unsaid.items():
        without = [
            one
            for one in stack.catalog.services.values()
            if not facts(one, aspect, stack.catalog) and not getattr(one.channels, "app", None)
        ]
        for service in by_hash(without, 2, aspect):
            told = await whole(await new_citizen(), everyday(service) + QUESTIONS[aspect][0])
            if wording not in told or f"【{service.name}】" not in told:
                wrong[everyday(service) + QUESTIONS[aspect][0]] = told
    assert not wrong
