"""The hall as a whole: its rules, its help, its calendar notes and its words."""

from __future__ import annotations

from datetime import date

from pydantic import Field, root_validator, validator

from service_catalog.model.base import (
    ClockTime,
    Day,
    Id,
    Part,
    Period,
    Phone,
    Phones,
    Text,
    at_least_one,
)


class NoShowRules(Part):
    """爽约规则: what follows when somebody doesn't come; only where arrivals are noted at all."""

    grace_minutes: int = Field(
        30, title="迟到宽限分钟", ge=0, le=240, description="号段结束后过多久还没报到算爽约"
    )
    within_days: int = Field(30, title="统计天数", ge=1, le=366)
    warn_after: int = Field(2, title="提醒次数", ge=1, le=20)
    suspend_after: int = Field(3, title="暂停次数", ge=1, le=20)
    suspend_days: int = Field(30, title="暂停天数", ge=1, le=366)

    @root_validator(skip_on_failure=True)
    def _warned_first(cls, values: dict[str, object]) -> dict[str, object]:
        warn, suspend = values["warn_after"], values["suspend_after"]
        if not isinstance(warn, int) or not isinstance(suspend, int) or suspend <= warn:
            raise ValueError("先提醒再暂停：暂停次数要大于提醒次数")
        return values


class ReminderRules(Part):
    """提醒规则: when citizens are told of their appointment, and when they are left in peace."""

    day_before_at: ClockTime = Field(ClockTime("18:00"), title="前一天提醒时间")
    hours_before: int = Field(2, title="当天提前提醒小时", ge=1, le=12)
    quiet_from: ClockTime = Field(ClockTime("21:30"), title="免打扰开始")
    quiet_until: ClockTime = Field(ClockTime("08:00"), title="免打扰结束")
    rate_after_minutes: int = Field(30, title="办完多久请评价（分钟）", ge=0, le=1440)


class BookingRules(Part):
    """预约规则 of the whole hall."""

    first_workday: int = Field(title="最早提前工作日", ge=0, le=30)
    last_workday: int = Field(title="最晚提前工作日", ge=1, le=60)
    cancel_hours: int = Field(title="取消提前小时", ge=0, le=72)
    per_day: int = Field(title="每人每日次数", ge=1, le=20)
    per_week: int = Field(title="每人每周次数", ge=1, le=50)
    per_month: int | None = Field(
        None, title="每人每月次数", ge=1, le=100, description="自然月；不写就是不限"
    )
    max_open: int = Field(
        5, title="未办预约上限", ge=1, le=50, description="一个微信号同时最多有几个，替别人约的也算"
    )
    hold_minutes: int = Field(
        10, title="保留号分钟", ge=1, le=60, description="选好时间后为市民保留多久"
    )
    release_hours: int = Field(
        24, title="优先号放开小时", ge=0, le=240, description="开始前多久把没用的优先号给所有人"
    )
    arrive_minutes: int = Field(
        30, title="提前报到分钟", ge=0, le=240, description="号段开始前多久起可以报到"
    )
    bring: Text = Field(title="到场携带")
    keep_days: int = Field(
        180, title="预约信息保存天数", ge=1, le=3650, description="办完多少天后抹去姓名、电话等"
    )
    no_show: NoShowRules | None = Field(
        None, title="爽约规则", description="不写就不记爽约；窗口登记报到的大厅才用"
    )
    reminders: ReminderRules = Field(ReminderRules.parse_obj({}), title="提醒规则")


class DeskRules(Part):
    """人工窗口 and 留言: who takes over from the assistant, by when, what is kept."""

    window: Text = Field(title="人工窗口", description="主场所里有的窗口号，如 A01")
    message_workdays: int = Field(title="留言答复工作日", ge=1, le=30)
    case_workdays: int = Field(title="投诉建议答复工作日", ge=1, le=60)
    keep_days: int = Field(title="保存天数", ge=1, le=3650, description="对话和留言保存多少天")
    kept_by_law: tuple[Text, ...] = Field(
        (), title="依法保存的内容", description="不能应要求删除的，每条写明依据哪部法律"
    )


class Hall(Part):
    """The hall as a whole: its name, the phones to fall back on, the rules of booking and desk."""

    district: Text = Field(title="行政区")
    name: Text = Field(title="大厅名称")
    place: Id = Field(title="主场所")
    phones: Phones = Field(title="电话")
    booking: BookingRules = Field(title="预约规则")
    desk: DeskRules | None = Field(None, title="人工服务")


class PriorityGroup(Part):
    """优先对象: who goes first, with what proof, and what they get."""

    id: Id = Field(title="编号")
    name: Text = Field(title="优先对象")
    words: tuple[Text, ...] = Field((), title="说法")
    proof: Text = Field(title="凭证")
    offers: tuple[Text, ...] = Field(title="优先措施")


class Priority(Part):
    """priority.yml: priority tickets and the green channel."""

    groups: tuple[PriorityGroup, ...] = Field((), title="优先对象")


class HomeVisitRule(Part):
    """上门服务: for whom, where, for which services."""

    id: Id = Field(title="编号")
    name: Text = Field(title="服务名称")
    who: Text = Field(title="服务对象")
    min_age: int | None = Field(None, title="最低年龄", ge=0, le=120)
    area: Text = Field(title="服务范围")
    services: tuple[Id, ...] = Field(title="可办事项")
    hours: Text = Field(title="上门时间")
    days_ahead: int = Field(title="提前工作日", ge=0, le=30)
    per_day: int | None = Field(
        None, title="每日上门数", description="一天最多上门几户，不写是 6", ge=1, le=200
    )
    towns: tuple[Text, ...] = Field(
        (), title="服务镇街", description="地址里要有其中一个；不写就是不按镇街限制"
    )
    phone: Phone = Field(title="预约电话")
    note: Text | None = Field(None, title="说明")


class HomeVisits(Part):
    """home_visits.yml: all rules for home visits."""

    rules: tuple[HomeVisitRule, ...] = Field((), title="上门服务")


class Helper(Part):
    """帮办代办: a kind of help by staff."""

    id: Id = Field(title="编号")
    name: Text = Field(title="名称")
    words: tuple[Text, ...] = Field((), title="说法")
    what: Text = Field(title="服务内容")
    who: Text = Field(title="服务对象")
    where: Text = Field(title="地点")
    hours: Text = Field(title="时间")
    phone: Phone | None = Field(None, title="电话")


class Helpers(Part):
    """helpers.yml: helpers, service managers, video help."""

    helpers: tuple[Helper, ...] = Field((), title="帮办代办")


class GeneralQuestion(Part):
    """常见咨询 about the hall itself: Wi-Fi, photocopies, nursing room, lost property."""

    id: Id = Field(title="编号")
    question: Text = Field(title="问题")
    words: tuple[Text, ...] = Field(title="说法")
    answer: Text = Field(title="解答")
    checked_on: Day = Field(title="核对日期")
    checked_by: Text = Field(title="核对人")

    _filled = validator("words", allow_reuse=True)(at_least_one)


class GeneralQuestions(Part):
    """general.yml: questions that belong to no service."""

    questions: tuple[GeneralQuestion, ...] = Field((), title="常见咨询")


class SpecialDay(Part):
    """A day on which the hall's own notice overrides the national calendar."""

    day: Day = Field(title="日期")
    hours: tuple[Period, ...] = Field((), title="开放时段", description="空列表是不开放")
    places: tuple[Id, ...] = Field((), title="场所", description="不写就是所有场所")
    reason: Text = Field(title="原因")


class HolidaySpan(Part):
    """One holiday of a year's arrangement."""

    name: Text = Field(title="节日")
    first: Day = Field(title="放假首日")
    last: Day = Field(title="放假末日")

    @root_validator(skip_on_failure=True)
    def _first_before_last(cls, values: dict[str, object]) -> dict[str, object]:
        first, last = values["first"], values["last"]
        if not isinstance(first, date) or not isinstance(last, date) or first > last:
            raise ValueError("放假首日不能晚于末日：改好日期")
        return values


class YearArrangement(Part):
    """One year's 节假日安排, typed in by staff when the State Council has announced it."""

    year: int = Field(title="年份", ge=2004, le=2100)
    holidays: tuple[HolidaySpan, ...] = Field(title="放假")
    workdays: tuple[Day, ...] = Field((), title="调休上班日")


class CalendarNotes(Part):
    """calendar.yml: the hall's own closures and openings, and years not yet in the library."""

    days: tuple[SpecialDay, ...] = Field((), title="特别日")
    years: tuple[YearArrangement, ...] = Field((), title="年度安排")
