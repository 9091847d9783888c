"""The kinds of messages that the office sends of its own accord, and what can become of one."""

from __future__ import annotations

from enum import Enum


class MessageKind(str, Enum):
    """What a message is about."""

    BOOKED = "booked"
    MOVED = "moved"
    CANCELLED = "cancelled"
    AFFECTED = "affected"
    RESTORED = "restored"
    TOMORROW = "tomorrow"
    SOON = "soon"
    NO_SHOW = "no_show"
    WARNED = "warned"
    SUSPENDED = "suspended"
    LIFTED = "lifted"
    RATE = "rate"

    @property
    def chinese(self) -> str:
        """What staff call it."""
        return _CHINESE[self]


_CHINESE = {
    MessageKind.BOOKED: "预约成功",
    MessageKind.MOVED: "已改期",
    MessageKind.CANCELLED: "大厅取消",
    MessageKind.AFFECTED: "原时间办不了",
    MessageKind.RESTORED: "恢复原时间",
    MessageKind.TOMORROW: "前一天提醒",
    MessageKind.SOON: "当天提醒",
    MessageKind.NO_SHOW: "爽约通知",
    MessageKind.WARNED: "爽约提醒",
    MessageKind.SUSPENDED: "暂停预约",
    MessageKind.LIFTED: "恢复预约",
    MessageKind.RATE: "请评价",
}


class MessageState(str, Enum):
    """What became of a message.

    waiting: to be sent, now or later. sent: the citizen has seen it. dropped: there was nothing
    left to say (moved, cancelled, over). dead: it could not be brought to the citizen in time.
    """

    WAITING = "waiting"
    SENT = "sent"
    DROPPED = "dropped"
    DEAD = "dead"
