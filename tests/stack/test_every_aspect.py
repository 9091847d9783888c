"""Each aspect is asked of a few services in everyday words; the catalogue knows the answer."""

from __future__ import annotations

import pytest
from facts import ASPECTS, by_hash, facts, shown_all, whole

pytestmark = [pytest.mark.stack]

QUESTIONS = {
    "conditions": ("要什么条件", "哪些人可以办", "需要符合什么条件"),
    "materials": ("要带什么材料", "要准备哪些东西", "要交啥资料"),
    "forms": ("的申请表在哪里下载", "的表格怎么填", "有样表吗"),
    "deferrable": ("材料不齐可以后补吗", "少带一样能先受理吗", "能容缺受理吗"),
    "window": ("去几号窗口", "在哪里办", "到大厅哪个窗口"),
    "nearby": ("镇上能办吗", "附近哪里能办", "离我家近的地方能办吗"),
    "terminal": ("自助机能办吗", "哪里有自助终端可以办", "可以在自助机上办吗"),
    "parking": ("那里有停车场吗", "去了车停哪里", "的地方好停车吗"),
    "hours": ("几点上班", "窗口几点开门", "什么时间可以去办"),
    "fee": ("多少钱", "要交费吗", "收费多少"),
    "time_limit": ("要几天办好", "多久能办下来", "几个工作日"),
    "process": ("怎么办", "的流程是什么", "要走哪些步骤"),
    "online": ("网上能办吗", "能在网上申请吗", "可以网上办理吗"),
    "app": ("手机上能办吗", "手机app可以办吗", "有小程序可以办吗"),
    "post": ("能邮寄吗", "办好了能寄到家吗", "可以快递给我吗"),
    "at_home": ("能上门办吗", "可以到家里来办吗", "有没有上门服务"),
    "helper": ("有人帮忙填表吗", "有没有帮办", "有工作人员帮办吗"),
    "in_person": ("必须本人去吗", "要跑几趟", "可以让别人代办吗"),
    "scope": ("可以异地办吗", "能跨省办吗", "全市通办吗"),
    "appointment": ("要预约吗", "需要提前预约吗", "要不要先预约"),
    "result": ("办完拿到什么证", "办好了发什么", "最后给什么证"),
    "basis": ("的依据是什么", "依据什么文件", "的法律依据"),
    "phone": ("咨询电话多少", "打哪个电话问", "的投诉电话是多少"),
}
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


def everyday(service):
    return service.aliases[0] if service.aliases else service.name


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


@pytest.mark.parametrize("aspect", ASPECTS)
async def test_an_aspect_is_answered_with_the_catalogues_facts(new_citizen, stack, aspect):
    services = by_hash(knowing(stack, aspect), 3, aspect)
    wrong = {}
    for service, question in zip(services, QUESTIONS[aspect], strict=True):
        told = await shown_all(await new_citizen(), everyday(service) + question)
        lost = missing(told, service, (aspect,), stack.catalog)
        if lost or f"【{service.name}】" not in told:
            wrong[everyday(service) + question] = (lost, told)
    assert not wrong


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
