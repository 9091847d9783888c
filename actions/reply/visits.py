"""What the assistant says while a home visit 上门服务 is applied for."""

from __future__ import annotations

from datetime import date

from actions.reply import ways
from booking.values import Appointment, Half
from service_catalog.calendar import WEEKDAYS
from service_catalog.catalog import Catalog
from service_catalog.model import HomeVisitRule, Service


def which_service() -> str:
    """It began without a service."""
    return "您想请我们上门办什么事？告诉我事项名称就行。回复“退出”可以随时退出。"


def not_at_home(service: Service, catalog: Catalog) -> str:
    """The service isn't done at home; which are."""
    names = dict.fromkeys(
        catalog.service(one).name for rule in catalog.home_visits for one in rule.services
    )
    return (
        f"“{service.name}”没有上门服务。可以上门办的有：{'、'.join(names)}。"
        f"咨询电话：{service.phones.enquiry}"
    )


def which_rule() -> str:
    """For whom it is."""
    return "是给哪种情况的人办？"


def unclear_choice() -> str:
    """The words pick none of the choices."""
    return "没听明白是哪一个，请回复数字。"


def rule(one: HomeVisitRule) -> str:
    """A rule as a choice."""
    return f"{one.name}（{one.who}）"


def ask_age(one: HomeVisitRule) -> str:
    """How old the person is."""
    return f"{one.name}的对象是：{one.who}。办事人今年多少岁？"


def bad_age() -> str:
    """No age in the words."""
    return "没看出是多少岁，请只写数字，例如68。"


def too_young(one: HomeVisitRule, catalog: Catalog) -> str:
    """The rule has a least age; other rules may fit."""
    others = [other for other in catalog.home_visits if other.id != one.id and not other.min_age]
    more = "\n".join(ways.visit_rule(other) for other in others)
    return (
        f"{one.name}的对象是：{one.who}，要年满{one.min_age}周岁，所以不能申请这一项。"
        f"别的上门服务：\n{more}"
    )


def half_day(day: date, half: Half) -> str:
    """12月2日(周三)上午."""
    return f"{day.month}月{day.day}日（{WEEKDAYS[day.weekday()]}）{half.chinese}"


def ask_day(one: HomeVisitRule) -> str:
    """On which day."""
    return f"上门时间：{one.hours}，要提前{one.days_ahead}个工作日。您想约哪天？"


def bad_day() -> str:
    """No day in the words."""
    return "没听明白是哪天。请说日期和上午下午，比如“下周三上午”，或回复数字。"


def no_days(one: HomeVisitRule) -> str:
    """The team has no free day."""
    return f"{one.name}近期都约满了，请打{one.phone}问一下。"


def ask_address(one: HomeVisitRule) -> str:
    """Where."""
    return f"请写详细地址（服务范围：{one.area}），写到门牌号。"


def bad_address() -> str:
    """No address in the words."""
    return "地址太短了，请写清楚镇街、村或小区、门牌号。"


def yes_or_no() -> str:
    """Neither a yes nor a no."""
    return "请回复“确认”或“取消”。"


def confirm(service: Service, one: HomeVisitRule, when: str, person: tuple[str, str, str]) -> str:
    """Everything once more before it is applied for."""
    address, name, phone = person
    return (
        f"请核对：\n上门办理：{service.name}（{one.name}）\n时间：{when}\n地址：{address}\n"
        f"姓名：{name}\n手机：{phone}\n确认申请吗？"
    )


def applied(visit: Appointment, one: HomeVisitRule) -> str:
    """The visit stands: its code, when, what to know."""
    start = visit.start
    note = f"\n{one.note}。" if one.note else ""
    half = Half.MORNING if start.hour < 12 else Half.AFTERNOON
    return (
        f"上门服务约好了！\n预约号：{visit.code}\n事项：{visit.service_name}\n"
        f"时间：{half_day(start.date(), half)}\n地址：{visit.address}{note}\n"
        f"有变化请打{one.phone}，或回复“取消预约”。"
    )


def not_applied() -> str:
    """The citizen said no at the end."""
    return "好的，没有申请。需要时再回复“预约上门”。"
