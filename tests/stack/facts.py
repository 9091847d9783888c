"""What the catalogue knows of a service, aspect by aspect, as words that an answer must have.

Taken from the catalogue's fields alone, not from the code that words the answers.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Mapping

from actions.reply.guide import SHOW_ALL
from qa.catalogue_checks import listed
from service_catalog.catalog import Catalog
from service_catalog.model import Level, RemoteChannel, Service
from service_catalog.situations import Outcome, outcome
from wechat.messages import CONTINUE, LATE, MORE
from wechat.simulator import Citizen

_FEW = 6
"""So many places or machines are told at the most."""


async def whole(citizen: Citizen, text: str) -> str:
    """The reply with all of its pages."""
    reply = await citizen.say(text)
    told = reply.text if reply else ""
    while told == LATE:  # a busy machine: the answer comes with the next message
        late = await citizen.say(CONTINUE)
        told = late.text if late else ""
    while told.endswith(MORE):
        more = await citizen.say(CONTINUE)
        assert more is not None
        told = told.removesuffix(MORE) + "\n" + more.text
    return told


async def shown_all(citizen: Citizen, text: str) -> str:
    """The reply; when the citizen's situation is asked for, they want everything to be shown."""
    told = await whole(citizen, text)
    return await whole(citizen, SHOW_ALL) if SHOW_ALL in told else told


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
    told = []
    for channel in held.windows:
        place = catalog.place(channel.place)
        told += [place.name, place.address, *channel.windows]
    return told


def _nearby(service: Service, held: Outcome, catalog: Catalog) -> list[str]:
    places = [catalog.place(channel.place) for channel in held.windows]
    near = [place for place in places if place.level is not Level.DISTRICT]
    machines = [one for one in catalog.terminals if service.id in one.services]
    told = [word for place in places for word in (place.name, place.phone)]
    free = max(0, _FEW - len(places))
    return told + [one.address for one in machines[:free]] if near or machines else told


def _terminal(service: Service, _: Outcome, catalog: Catalog) -> list[str]:
    able = [one for one in catalog.terminals if service.id in one.services][:_FEW]
    return [word for one in able for word in (one.name, one.address, one.hours)]


def _parking(_: Service, held: Outcome, catalog: Catalog) -> list[str]:
    lots = [catalog.place(channel.place).parking for channel in held.windows[:2]]
    return [f"{lot.spaces}个车位" for lot in lots if lot and lot.spaces]


def _hours(_: Service, held: Outcome, catalog: Catalog) -> list[str]:
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
    told = [word for rule in rules for word in (rule.name, rule.who, rule.phone)]
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
