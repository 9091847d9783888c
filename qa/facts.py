"""What the catalogue knows of a service, aspect by aspect, and how citizens ask for it.

The facts are words that an answer must have. They are taken from the catalogue's fields alone, not
from the code that words the answers, so that the two can be held against each other.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Mapping, Sequence

from qa.catalogue_checks import listed
from service_catalog.catalog import Catalog
from service_catalog.model import Bundle, Level, RemoteChannel, Service
from service_catalog.situations import Outcome, outcome

_FEW = 6
"""So many places or machines are told at the most."""


QUESTIONS: Mapping[str, Sequence[str]] = {
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
"""How each aspect is asked in everyday words, after a name of the service."""


def everyday(item: Service | Bundle) -> str:
    """How citizens call a service or a bundle."""
    return item.aliases[0] if item.aliases else item.name


def lists(text: str, service: Service, answers: Mapping[str, str]) -> bool:
    """Whether a reply lists the materials of one situation, all of them and no other."""
    materials = outcome(service, answers).materials
    told = listed(text)
    if not materials:
        return "不需要提交材料" in text
    return len(told) == len(materials) and all(
        material.name in line for material, line in zip(materials, told, strict=True)
    )


def by_hash(services: Iterable[Service], count: int, salt: str = "") -> list[Service]:
    """The same few services each time, in no order that anybody chose."""
    return sorted(services, key=lambda one: hashlib.sha256(f"{salt}{one.id}".encode()).digest())[
        :count
    ]


def facts(service: Service, aspect: str, catalog: Catalog) -> list[str]:
    """What an answer about one aspect has to say when nothing is known of the situation."""
    return _FACTS[aspect](service, outcome(service, {}), catalog)


def _forms(_: Service, held: Outcome, __: Catalog) -> list[str]:
    told = [(one.blank_form, one.sample, one.fill_in) for one in held.materials]
    return [word for words in told for word in words if word]


def _window(_: Service, held: Outcome, catalog: Catalog) -> list[str]:
    told: list[str] = []
    for channel in held.windows:
        place = catalog.place(channel.place)
        told += [place.name, place.address, *channel.windows]
    return told


def _nearby(service: Service, held: Outcome, catalog: Catalog) -> list[str]:
    places = [catalog.place(channel.place) for channel in held.windows]
    near = [place for place in places if place.level is not Level.DISTRICT]
    machines = [one for one in catalog.terminals if service.id in one.services]
    told: list[str] = [word for place in places for word in (place.name, place.phone)]
    free = max(0, _FEW - len(places))
    more = [one.address for one in machines[:free]] if near or machines else []
    return [*told, *more]


def _terminal(service: Service, _: Outcome, catalog: Catalog) -> list[str]:
    able = [one for one in catalog.terminals if service.id in one.services][:_FEW]
    return [word for one in able for word in (one.name, one.address, one.hours)]


def _parking(_: Service, held: Outcome, catalog: Catalog) -> list[str]:
    lots = [catalog.place(channel.place).parking for channel in held.windows[:2]]
    return [f"{lot.spaces}个车位" for lot in lots if lot and lot.spaces]


def _hours(_: Service, held: Outcome, catalog: Catalog) -> list[str]:
    if not held.windows:
        return []
    channel = held.windows[0]
    place = catalog.place(channel.place)
    window = place.window(channel.windows[0])
    return [place.name, *((window and window.hours) or place.hours).workdays]


def _fee(service: Service, held: Outcome, _: Catalog) -> list[str]:
    items = [f"{one.name}{one.amount.normalize():f}元" for one in held.fee_items]
    return [*items, *([service.fee.note] if service.fee.note else [])]


def _time_limit(_: Service, held: Outcome, __: Catalog) -> list[str]:
    limits = [held.promised_limit, held.legal_limit]
    return [str(one.number) for one in limits if one and one.number]


def _remote(channel: RemoteChannel | None) -> list[str]:
    if channel is None:
        return []
    return [word for word in (channel.name, channel.url, channel.note) if word]


def _at_home(service: Service, _: Outcome, catalog: Catalog) -> list[str]:
    rules = [rule for rule in catalog.home_visits if service.id in rule.services]
    told: list[str] = [word for rule in rules for word in (rule.name, rule.who, rule.phone)]
    return told or _remote(service.channels.home_visit)


def _helper(service: Service, _: Outcome, catalog: Catalog) -> list[str]:
    helper = catalog.helpers[0]
    return [*_remote(service.channels.helper), helper.name, helper.where]


def _in_person(service: Service, _: Outcome, __: Catalog) -> list[str]:
    visits = service.visits
    return [f"{visits.count}次" if visits.count else "可以不到现场", visits.reason or ""]


def _appointment(service: Service, _: Outcome, catalog: Catalog) -> list[str]:
    if service.booking is None:
        return ["不设预约"]
    return [catalog.place(place).name for place in service.booking.places]


_FACTS: dict[str, Callable[[Service, Outcome, Catalog], list[str]]] = {
    "conditions": lambda _, held, __: [one.text for one in held.conditions],
    "materials": lambda _, held, __: [one.name for one in held.materials],
    "forms": _forms,
    "deferrable": lambda _, held, __: [one.name for one in held.materials if one.deferrable],
    "window": _window,
    "nearby": _nearby,
    "terminal": _terminal,
    "parking": _parking,
    "hours": _hours,
    "fee": _fee,
    "time_limit": _time_limit,
    "process": lambda service, _, __: list(service.process),
    "online": lambda service, _, __: _remote(service.channels.online),
    "app": lambda service, _, __: _remote(service.channels.app),
    "post": lambda service, _, __: _remote(service.channels.post),
    "at_home": _at_home,
    "helper": _helper,
    "in_person": _in_person,
    "scope": lambda service, _, __: [service.scope] if service.scope else [],
    "appointment": _appointment,
    "result": lambda service, _, __: list(service.results),
    "basis": lambda service, _, __: list(service.basis),
    "phone": lambda service, _, __: [service.phones.enquiry, service.phones.complaint],
}
ASPECTS = tuple(_FACTS)
"""All of them, in the order in which answers are given."""
