"""What citizens read when the office writes to them: every fact from the appointment or the hall.

`booking.messenger` asks for the words when a message is sent, so they tell of the appointment as it
is then. None means that there is nothing left to say.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from booking.message_values import MessageKind
from booking.records import Record, Waiting
from booking.slots import chinese
from booking.values import Kind, Slot, Status
from service_catalog.calendar import WEEKDAYS
from service_catalog.catalog import Catalog

_STILL = {
    MessageKind.BOOKED: {Status.BOOKED},
    MessageKind.MOVED: {Status.BOOKED},
    MessageKind.AFFECTED: {Status.BOOKED},
    MessageKind.RESTORED: {Status.BOOKED},
    MessageKind.TOMORROW: {Status.BOOKED},
    MessageKind.SOON: {Status.BOOKED},
    MessageKind.CANCELLED: {Status.CANCELLED},
    MessageKind.RATE: {Status.SERVED},
    MessageKind.NO_SHOW: {Status.NO_SHOW},
    MessageKind.WARNED: {Status.NO_SHOW},
    MessageKind.SUSPENDED: {Status.NO_SHOW},
}
"""What an appointment must be for a message about it to be true."""
_TIMED = {
    MessageKind.BOOKED,
    MessageKind.MOVED,
    MessageKind.AFFECTED,
    MessageKind.RESTORED,
    MessageKind.TOMORROW,
    MessageKind.SOON,
}
"""Messages about one time; an appointment that has another by now has messages of its own."""


def still_true(message: Waiting) -> bool:
    """Whether the message is about the appointment as it is now."""
    record, kind = message.record, message.kind
    if record.status not in _STILL.get(kind, {record.status}):
        return False
    if kind is MessageKind.AFFECTED and record.affected_at is None:
        return False
    if kind is MessageKind.RESTORED and record.affected_at is not None:
        return False
    return kind not in _TIMED or message.about == record.starts_at.isoformat()


def words(message: Waiting, catalog: Catalog, offers: Sequence[Slot]) -> str:
    """The message as the citizen reads it.

    Args:
        message: One that is still true.
        catalog: The catalogue of this moment.
        offers: Free slots instead of a time that can't be kept.
    """
    record, hall = message.record, catalog.hall
    what = f"“{record.service_name}”"
    when = f"{chinese(record.starts_at.date())}（{_weekday(record.starts_at)}）{_span(record)}"
    phone = hall.phones.enquiry
    kind = message.kind
    if kind is MessageKind.CANCELLED:
        return (
            f"很抱歉，您{when}的{what}预约（{record.code}）被大厅取消了：{message.note}。"
            f"回复“预约”可以重新约，有疑问请打{phone}。"
        )
    if kind is MessageKind.AFFECTED:
        return _affected(message, what, when, offers, phone)
    if kind in {MessageKind.NO_SHOW, MessageKind.WARNED, MessageKind.SUSPENDED}:
        return _missed(message, catalog, what, when)
    if kind is MessageKind.LIFTED:
        return "您的网上预约已经恢复，回复“预约”就可以约。约了来不了，请提前取消，把号留给别人。"
    if kind is MessageKind.RATE:
        return f"您今天的{what}办得怎么样？回复“评价”给我们打个分，不评价也没关系。"
    opening = {
        MessageKind.BOOKED: f"预约成功：{what}，{when}。",
        MessageKind.MOVED: f"已经改期：{what}，改到{when}。",
        MessageKind.RESTORED: f"您的{what}可以按原来的时间{when}办理，不用改了。",
        MessageKind.TOMORROW: f"提醒：明天{_span(record)}您约了{what}。",
        MessageKind.SOON: f"提醒：今天{_span(record)}您约了{what}。",
    }[kind]
    return f"{opening}{_where(record, catalog)}预约号{record.code}。来不了请回复“取消预约”。"


def notice(message: Waiting) -> dict[str, str]:
    """The message for a template of WeChat's: its kind, and values in the forms that those take."""
    record = message.record
    start = record.starts_at
    day = f"{start.year}年{start.month}月{start.day}日"
    return {
        "kind": message.kind.value,
        "item": record.service_name,
        "time": day if record.kind is Kind.HOME else f"{day} {start:%H:%M}",
        "place": record.place_name,
        "code": record.code,
        "note": message.note or record.affected_reason or "",
    }


def _affected(message: Waiting, what: str, when: str, offers: Sequence[Slot], phone: str) -> str:
    times = "；".join(
        f"{chinese(slot.start.date())}（{_weekday(slot.start)}）{slot.start:%H:%M}"
        for slot in offers
    )
    instead = f"最近还可以约：{times}。" if times else ""
    return (
        f"很抱歉，您{when}的{what}（预约号{message.record.code}）那个时间办不了："
        f"{message.note or message.record.affected_reason}。{instead}"
        f"回复“改期”换一个时间，或回复“取消预约”；有疑问请打{phone}。"
    )


def _missed(message: Waiting, catalog: Catalog, what: str, when: str) -> str:
    told = f"您{when}的{what}没有来办，这次记为爽约。"
    rules, phone = catalog.hall.booking.no_show, catalog.hall.phones.enquiry
    mistake = f"如果您来了，或有特殊情况，请打{phone}。"
    if rules is None or message.kind is MessageKind.NO_SHOW:
        return f"{told}下次来不了，请提前取消，把号留给别人。{mistake}"
    if message.kind is MessageKind.WARNED:
        return (
            f"{told}{rules.within_days}天内已经{message.about}次，"
            f"满{rules.suspend_after}次会暂停网上预约{rules.suspend_days}天。{mistake}"
        )
    return (
        f"{told}{rules.within_days}天内已经{message.about}次，网上预约暂停{rules.suspend_days}天；"
        f"这期间可以直接到大厅取号办理。{mistake}"
    )


def _where(record: Record, catalog: Catalog) -> str:
    """Where to go and what to bring; of a home visit that somebody comes."""
    if record.kind is Kind.HOME:
        return f"工作人员上门（{record.place_name}），请留人在家，电话保持畅通。"
    place = catalog.places.get(record.place)
    address = f"（{place.address}）" if place is not None else ""
    return f"地点：{record.place_name}{address}。请带{catalog.hall.booking.bring}。"


def _span(record: Record) -> str:
    if record.kind is Kind.HOME:
        return "上午" if record.starts_at.hour < 12 else "下午"
    return f"{record.starts_at:%H:%M}"


def _weekday(moment: datetime) -> str:
    return WEEKDAYS[moment.weekday()]
