"""Every way of getting a service done other than the district hall's window, and who may come.

Near home, at a machine, on the internet, by post, at home, with help, through someone else.
A way that the catalogue doesn't have is said not to be there; nothing is promised.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from actions.aspects import Aspect
from actions.reply.about import About, at
from service_catalog.model import (
    Helper,
    HomeVisitRule,
    Level,
    Parking,
    RemoteChannel,
    Service,
    Terminal,
    WindowChannel,
)

REMOTE = (
    ("online", "网上办"),
    ("app", "掌上办"),
    ("terminal", "自助办"),
    ("post", "邮寄办"),
    ("home_visit", "上门办"),
    ("helper", "帮办代办"),
)
_IN_PERSON = re.compile(r"代|本人|到场|委托|家长|监护人|亲自")
_MOST = 6
"""So many places or machines are told; more would fill the phone's screen."""


def names(service: Service, windows: Sequence[WindowChannel]) -> str:
    """All ways in one line: 窗口办、网上办(...)."""
    ways = ["窗口办"] if windows else []
    for key, name in REMOTE:
        channel: RemoteChannel | None = getattr(service.channels, key)
        if channel:
            ways.append(f"{name}（{channel.name}）")
    return "、".join(ways) + "。"


def _one(channel: RemoteChannel, name: str) -> str:
    details = [
        *([channel.url] if channel.url else []),
        *([channel.note] if channel.note else []),
        *([f"时间：{channel.hours}"] if channel.hours else []),
        *([f"电话：{channel.phone}"] if channel.phone else []),
    ]
    told = "，".join(details)
    whole = "（全程网办）" if channel.whole and "全程网办" not in told else ""
    lines = [f"▪ {name}{whole}：{channel.name}{f'（{told}）' if told else ''}"]
    lines += [f"  {row}. {step}" for row, step in enumerate(channel.steps, 1)]
    return "\n".join(lines)


def _only(one: About, key: str, name: str, missing: str) -> str:
    """One way in full; or that it isn't offered, and which others are."""
    channel: RemoteChannel | None = getattr(one.service.channels, key)
    if channel:
        return _one(channel, name)
    return f"{missing}办理方式有：{names(one.service, one.held.windows)}"


def online(one: About) -> str:
    """On the internet or by phone, and how often one must come all the same."""
    channels = one.service.channels
    lines = [
        _one(channel, name)
        for channel, name in ((channels.online, "网上办"), (channels.app, "掌上办"))
        if channel
    ]
    if not lines:
        others = names(one.service, one.held.windows)
        lines = [f"没有网上办理，办理方式有：{others}"]
    return "\n".join(["网上办理：", *lines, visits(one.service)])


def card(service: Service, aspects: Iterable[Aspect]) -> dict[str, str] | None:
    """A card that leads to the page, when that is asked for and there is one."""
    if not {Aspect.ONLINE, Aspect.APP} & set(aspects):
        return None
    for channel in (service.channels.online, service.channels.app):
        if channel and channel.url:
            title = f"网上办：{service.name}"
            return {"title": title, "url": channel.url, "description": channel.name}
    return None


def app(one: About) -> str:
    """On the phone: an app, a mini program; else the website."""
    return online(one)


def post(one: About) -> str:
    """By post."""
    return "\n".join(["邮寄：", _only(one, "post", "邮寄办", "没有登记邮寄服务。")])


def terminal(one: About) -> str:
    """At a self-service machine: which can do it, where they stand and when."""
    able = [found for found in one.catalog.terminals if one.service.id in found.services]
    channel = one.service.channels.terminal
    if not able and not channel:
        return "自助终端：" + _only(one, "terminal", "自助办", "自助终端办不了这个事项。")
    lines = [_one(channel, "自助办")] if channel else []
    lines += [machine(found) for found in able[:_MOST]]
    return "\n".join(["自助终端：", *lines])


def machine(found: Terminal) -> str:
    """A terminal on one line."""
    return f"▪ {found.name}（{found.address}），{found.hours}，故障电话{found.phone}"


def nearby(one: About) -> str:
    """The places that take it, from the nearest level to the district, and the machines."""
    channels = sorted(one.held.windows, key=lambda channel: _far(one, channel))
    if one.near:
        here = [channel for channel in channels if channel.place == one.near.id]
        if here:
            return f"{one.near.name}可以办：{at(here[0], one.catalog)}，{_address(one, here[0])}。"
    lines = [f"▪ {at(channel, one.catalog)}（{_address(one, channel)}）" for channel in channels]
    able = [found for found in one.catalog.terminals if one.service.id in found.services]
    lines += [machine(found) for found in able[: max(0, _MOST - len(lines))]]
    head = f"{one.near.name}不受理这个事项。" if one.near else ""
    if len(channels) == 1 and not able:
        return f"{head}镇街、村社区没有下放这个事项，只在这里办：\n{lines[0]}"
    if not lines:
        return f"{head}这个事项不设窗口，{names(one.service, ())}"
    return "\n".join([f"{head}能办的地方，离家近的在前：", *lines])


def _far(one: About, channel: WindowChannel) -> int:
    order = (Level.VILLAGE, Level.TOWN, Level.DISTRICT)
    return order.index(one.catalog.place(channel.place).level)


def _address(one: About, channel: WindowChannel) -> str:
    place = one.catalog.place(channel.place)
    return f"{place.address}，电话{place.phone}"


def parking(one: About) -> str:
    """Parking at the places that take it."""
    lines = []
    for channel in one.held.windows[:2]:
        place = one.catalog.place(channel.place)
        if place.parking:
            lines.append(f"▪ {place.name}：{spaces(place.parking)}")
    if not lines:
        return "停车：办理场所没有登记停车信息，去之前可以打电话问。"
    bind = any(
        (lot := one.catalog.place(channel.place).parking) and lot.bind_plate
        for channel in one.held.windows
    )
    return "\n".join(["停车：", *lines, *(["回复“登记车牌”可以在这里登记。"] if bind else [])])


def spaces(lot: Parking) -> str:
    """How many spaces, for how much."""
    parts = [
        *([f"{lot.spaces}个车位"] if lot.spaces is not None else []),
        *([f"免费{lot.free_minutes}分钟"] if lot.free_minutes else []),
        *(["绑定车牌免费"] if lot.bind_plate else []),
        *([str(lot.note)] if lot.note else []),
    ]
    return "，".join(parts)


def at_home(one: About) -> str:
    """Home visits: for whom, where, when."""
    rules = [rule for rule in one.catalog.home_visits if one.service.id in rule.services]
    if not rules and not one.service.channels.home_visit:
        return _only(one, "home_visit", "上门办", "上门：这个事项没有上门服务。")
    if not rules:
        return "\n".join(["上门：", _only(one, "home_visit", "上门办", "")])
    lines = [visit_rule(rule) for rule in rules]
    return "\n".join(["上门服务：", *lines, "回复“预约上门”可以在这里申请。"])


def visit_rule(rule: HomeVisitRule) -> str:
    """One rule for home visits."""
    note = f"。{rule.note}" if rule.note else ""
    return (
        f"▪ {rule.name}：{rule.who}；范围：{rule.area}；{rule.hours}；"
        f"提前{rule.days_ahead}个工作日，电话{rule.phone}{note}"
    )


def helper(one: About) -> str:
    """帮办代办 for this service, and the helpers that the hall has for everybody."""
    channel = one.service.channels.helper
    lines = [_one(channel, "帮办代办")] if channel else []
    lines += [help_by(found) for found in one.catalog.helpers[: 1 if lines else 2]]
    if not lines:
        return f"帮办代办：没有登记帮办服务，请拨打咨询电话{one.service.phones.enquiry}。"
    return "\n".join(["帮办代办：", *lines])


def help_by(found: Helper) -> str:
    """A kind of help by staff."""
    phone = f"，电话{found.phone}" if found.phone else ""
    return f"▪ {found.name}：{found.what}。地点：{found.where}；时间：{found.hours}{phone}"


def in_person(one: About) -> str:
    """Whether one must come oneself, how often, and what the guide says about others coming."""
    asked = [
        f"{entry.question}？{entry.answer}".replace("？？", "？")
        for entry in one.service.faq
        if _IN_PERSON.search(entry.question)
    ]
    brought = [
        f"▪ {item.when}：{item.name}"
        for item in one.held.materials
        if item.when and _IN_PERSON.search(item.when)
    ]
    others = ["别人代办要带：", *brought] if brought else []
    if not asked and not brought:
        others = [f"能不能代办，办事指南没有写，请拨打咨询电话{one.service.phones.enquiry}。"]
    return "\n".join([visits(one.service), *asked, *others])


def visits(service: Service) -> str:
    """到办事现场次数 with the reason."""
    count, reason = service.visits.count, service.visits.reason
    told = f"（{reason}）" if reason else ""
    return f"跑动次数：{f'到现场{count}次{told}' if count else '可以不到现场'}。"


def scope(one: About) -> str:
    """通办范围, and what the guide says about people from elsewhere."""
    asked = [
        f"{entry.question}？{entry.answer}".replace("？？", "？")
        for entry in one.service.faq
        if re.search(r"外地|外省|异地|户口", entry.question)
    ]
    known = one.service.scope
    if not known and not asked:
        return f"异地办理：办事指南没有写通办范围，请拨打咨询电话{one.service.phones.enquiry}。"
    return "\n".join([*([f"通办范围：{known}"] if known else []), *asked])


def appointment(one: About) -> str:
    """Whether one can book, and where."""
    service, catalog = one.service, one.catalog
    if service.booking is None:
        return "预约：这个事项不设预约，办公时间直接到窗口办理。"
    places = "、".join(catalog.place(place).name for place in service.booking.places)
    return f"预约：可以在这里预约{places}的窗口，回复“预约”开始。"
