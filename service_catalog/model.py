"""The catalogue's vocabulary: what a service, a place, a window and the hall's calendar are.

The elements follow 政务服务事项实施清单要素 (GB/T 39554.1) with English keys; each field has the
Chinese term as its title, which staff read in messages. Everything is an immutable value. Reading
files, checking references between them and searching live in the modules beside this one.
"""

from __future__ import annotations

from collections.abc import Callable, Generator
from datetime import date, datetime, time
from decimal import Decimal
from enum import Enum
from functools import cached_property
from itertools import pairwise
from typing import Any, TypeVar

from pydantic import BaseModel, ConstrainedStr, Field, root_validator, validator
from pydantic.errors import DateError


class Text(ConstrainedStr):
    """A sentence or term for people: never empty, without blanks at its ends."""

    strip_whitespace = True
    min_length = 1
    max_length = 2000


class Id(ConstrainedStr):
    """A key by which other entries refer to this one; lower case, stable for ever."""

    regex = r"^[a-z0-9]+(-[a-z0-9]+)*$"
    max_length = 64


class Phone(ConstrainedStr):
    """A Chinese telephone number: short code, land line with area code, mobile or 400/800."""

    regex = (
        r"^(1\d{2}|9\d{4,5}|12\d{3}|0\d{2,3}-\d{7,8}(-\d{1,6})?|1[3-9]\d{9}|[48]00-?\d{3}-?\d{4})$"
    )


class Day(date):
    """A date as staff write it, 2026-11-02; numbers alone are none, as they could mean anything."""

    @classmethod
    def __get_validators__(cls) -> Generator[Callable[..., Any], None, None]:
        """Take a date, or text that is one."""
        yield cls._read

    @classmethod
    def _read(cls, value: object) -> date:
        if isinstance(value, date) and not isinstance(value, datetime):
            return value
        try:
            return date.fromisoformat(str(value))
        except ValueError:
            raise DateError() from None


class Part(BaseModel):
    """Base of every entry: unknown keys are faults, values can't be changed."""

    class Config:
        extra = "forbid"
        frozen = True
        keep_untouched = (cached_property,)


Item = TypeVar("Item")


def _at_least_one(items: tuple[Item, ...]) -> tuple[Item, ...]:
    if not items:
        raise ValueError("不能为空:至少写一项")
    return items


class Kind(str, Enum):
    """事项类型 (GB/T 39554.1, 6.2)."""

    LICENCE = "行政许可"
    CONFIRMATION = "行政确认"
    BENEFIT = "行政给付"
    REWARD = "行政奖励"
    RULING = "行政裁决"
    LEVY = "行政征收"
    OTHER = "其他行政权力"
    PUBLIC = "公共服务"


class Audience(str, Enum):
    """服务对象."""

    PERSON = "自然人"
    COMPANY = "企业法人"
    INSTITUTION = "事业法人"
    SOCIETY = "社会组织法人"
    UNINCORPORATED = "非法人企业"
    SELF_EMPLOYED = "个体工商户"


class Handling(str, Enum):
    """办件类型: settled on the spot, or promised within a time."""

    IMMEDIATE = "即办件"
    PROMISED = "承诺件"


class Unit(str, Enum):
    """Units in which time limits are given."""

    WORKDAY = "工作日"
    DAY = "日"
    MONTH = "个月"
    HOUR = "小时"


class Level(str, Enum):
    """A place's level 层级."""

    DISTRICT = "区级"
    TOWN = "镇街"
    VILLAGE = "村社区"


class Need(str, Enum):
    """材料必要性."""

    REQUIRED = "必要"
    OPTIONAL = "非必要"
    CONDITIONAL = "按情形"


class Form(str, Enum):
    """材料形式."""

    PAPER = "纸质"
    ELECTRONIC = "电子"
    EITHER = "纸质或电子"


class Source(str, Enum):
    """材料来源渠道."""

    OWN = "申请人自备"
    GOVERNMENT = "政府部门核发"
    OTHER = "其他"


class Material(Part):
    """材料: one thing the citizen brings or hands in."""

    name: Text = Field(title="材料名称")
    need: Need = Field(Need.REQUIRED, title="必要性")
    when: Text | None = Field(None, title="适用情形", description="only when this holds")
    original: int = Field(0, title="原件份数", ge=0, le=20)
    copies: int = Field(0, title="复印件份数", ge=0, le=20)
    form: Form = Field(Form.PAPER, title="材料形式")
    source: Source = Field(Source.GOVERNMENT, title="来源渠道")
    deferrable: bool = Field(False, title="容缺受理")
    licence_exempt: bool = Field(False, title="电子证照免提交")
    note: Text | None = Field(None, title="填报须知")

    @root_validator(skip_on_failure=True)
    def _conditional_says_when(cls, values: dict[str, object]) -> dict[str, object]:
        if values["need"] is Need.CONDITIONAL and not values["when"]:
            raise ValueError("必要性为“按情形”时要写明适用情形:补上 when")
        return values


class TimeLimit(Part):
    """办结时限: a number and its unit."""

    number: int = Field(title="时限数值", ge=0, le=1000)
    unit: Unit = Field(Unit.WORKDAY, title="时限单位")
    note: Text | None = Field(None, title="时限说明")


class FeeItem(Part):
    """收费项目: what is charged, how much in yuan, per what."""

    name: Text = Field(title="收费项目名称")
    amount: Decimal = Field(title="收费标准(元)", ge=0, le=100_000_000)
    unit: Text = Field(title="计费单位", description="such as 证, 件, 人")
    note: Text | None = Field(None, title="收费说明")


class Fee(Part):
    """收费: free (no items), or items with their legal basis."""

    items: tuple[FeeItem, ...] = Field((), title="收费项目")
    basis: tuple[Text, ...] = Field((), title="收费依据")
    note: Text | None = Field(None, title="收费说明")

    @root_validator(skip_on_failure=True)
    def _charged_needs_basis(cls, values: dict[str, object]) -> dict[str, object]:
        if values["items"] and not values["basis"]:
            raise ValueError("收费事项要有收费依据:补上 basis")
        return values


class Visits(Part):
    """到办事现场次数, with the reason when it is not 0."""

    count: int = Field(title="到现场次数", ge=0, le=9)
    reason: Text | None = Field(None, title="到现场原因")

    @root_validator(skip_on_failure=True)
    def _visit_needs_reason(cls, values: dict[str, object]) -> dict[str, object]:
        if values["count"] and not values["reason"]:
            raise ValueError("到现场次数大于0要说明原因:补上 reason")
        return values


class WindowChannel(Part):
    """窗口办理 at one place: which of its windows take the service."""

    place: Id = Field(title="办理场所")
    windows: tuple[Text, ...] = Field(title="窗口编号")
    note: Text | None = Field(None, title="说明")

    _filled = validator("windows", allow_reuse=True)(_at_least_one)


class RemoteChannel(Part):
    """网上办 / 掌上办 / 自助办 / 邮寄办 / 上门办 / 帮办代办: where and how."""

    name: Text = Field(title="渠道名称")
    url: Text | None = Field(None, title="网址")
    note: Text | None = Field(None, title="说明")


class Channels(Part):
    """办理方式: every way of getting the service done."""

    window: tuple[WindowChannel, ...] = Field((), title="窗口办理")
    online: RemoteChannel | None = Field(None, title="网上办")
    app: RemoteChannel | None = Field(None, title="掌上办")
    terminal: RemoteChannel | None = Field(None, title="自助办")
    post: RemoteChannel | None = Field(None, title="邮寄办")
    home_visit: RemoteChannel | None = Field(None, title="上门办")
    helper: RemoteChannel | None = Field(None, title="帮办代办")

    @root_validator(skip_on_failure=True)
    def _some_channel(cls, values: dict[str, object]) -> dict[str, object]:
        if not any(values.values()):
            raise ValueError("至少要有一种办理方式:写上 window 或 online 等")
        return values


class Booking(Part):
    """预约: how long one appointment takes and how many citizens a slot serves at one place."""

    minutes: int = Field(title="每号时长(分钟)", ge=5, le=240)
    capacity: int = Field(title="每时段号数", ge=1, le=100)
    places: tuple[Id, ...] = Field(title="可预约场所")

    _filled = validator("places", allow_reuse=True)(_at_least_one)


class Phones(Part):
    """咨询电话 and 监督投诉电话."""

    enquiry: Phone = Field(title="咨询电话")
    complaint: Phone = Field(title="监督投诉电话")

    @root_validator(skip_on_failure=True)
    def _phones_differ(cls, values: dict[str, object]) -> dict[str, object]:
        if values["enquiry"] == values["complaint"]:
            raise ValueError("咨询电话和投诉电话不能相同:改其中一个")
        return values


class Faq(Part):
    """常见问题: one question with its answer."""

    question: Text = Field(title="问题")
    answer: Text = Field(title="解答")


class Service(Part):
    """政务服务事项: one thing a citizen can have done, with everything there is to say of it."""

    id: Id = Field(title="事项编号")
    name: Text = Field(title="事项名称")
    aliases: tuple[Text, ...] = Field((), title="日常用语")
    department: Text = Field(title="实施主体")
    kind: Kind = Field(title="事项类型")
    audience: tuple[Audience, ...] = Field(title="服务对象")
    themes: tuple[Text, ...] = Field((), title="主题")
    basis: tuple[Text, ...] = Field(title="设定依据")
    conditions: tuple[Text, ...] = Field(title="受理条件")
    materials: tuple[Material, ...] = Field((), title="申请材料")
    handling: Handling = Field(title="办件类型")
    legal_limit: TimeLimit | None = Field(None, title="法定办结时限")
    promised_limit: TimeLimit | None = Field(None, title="承诺办结时限")
    visits: Visits = Field(title="到办事现场次数")
    fee: Fee = Field(title="收费")
    results: tuple[Text, ...] = Field((), title="办理结果")
    process: tuple[Text, ...] = Field(title="办理流程")
    channels: Channels = Field(title="办理方式")
    booking: Booking | None = Field(None, title="预约")
    phones: Phones = Field(title="电话")
    scope: Text | None = Field(None, title="通办范围")
    cautions: tuple[Text, ...] = Field((), title="注意事项")
    faq: tuple[Faq, ...] = Field((), title="常见问题")
    effective_from: Day = Field(title="生效日期")
    effective_until: Day | None = Field(None, title="失效日期")
    checked_on: Day = Field(title="核对日期")
    checked_by: Text = Field(title="核对人")

    _filled = validator("audience", "basis", "conditions", "process", allow_reuse=True)(
        _at_least_one
    )

    @root_validator(skip_on_failure=True)
    def _limits_are_given(cls, values: dict[str, object]) -> dict[str, object]:
        if values["handling"] is Handling.PROMISED and not values["promised_limit"]:
            raise ValueError("承诺件要有承诺办结时限:补上 promised_limit")
        return values

    def in_force(self, day: date) -> bool:
        """Whether the service is offered on `day`."""
        return self.effective_from <= day and (
            self.effective_until is None or day <= self.effective_until
        )


class Period(ConstrainedStr):
    """A span of one day, like 09:00-12:00."""

    regex = r"^([01]\d|2[0-3]):[0-5]\d-([01]\d|2[0-3]):[0-5]\d$"

    @classmethod
    def __get_validators__(cls) -> Generator[Callable[..., Any], None, None]:
        """The base's checks, then the class itself: pydantic leaves a plain `str` otherwise."""
        yield from super().__get_validators__()
        yield lambda value: cls(value)  # noqa: PLW0108 - pydantic can't inspect a bare `str` type

    @property
    def start(self) -> time:
        """When the span begins."""
        return time.fromisoformat(self[:5])

    @property
    def end(self) -> time:
        """When it ends; the last moment is not part of it."""
        return time.fromisoformat(self[6:])


class Hours(Part):
    """办公时间: open spans by kind of day; an empty list is a day closed."""

    workdays: tuple[Period, ...] = Field(title="工作日")
    saturday: tuple[Period, ...] = Field((), title="周六")
    sunday: tuple[Period, ...] = Field((), title="周日")
    holidays: tuple[Period, ...] = Field((), title="法定节假日")
    note: Text | None = Field(None, title="说明")

    _filled = validator("workdays", allow_reuse=True)(_at_least_one)

    @validator("workdays", "saturday", "sunday", "holidays")
    def _in_order(cls, periods: tuple[Period, ...]) -> tuple[Period, ...]:
        edges = [edge for period in periods for edge in (period.start, period.end)]
        if any(earlier >= later for earlier, later in pairwise(edges)):
            raise ValueError("时段要从早到晚、互不重叠:按先后改好")
        return periods


class Window(Part):
    """窗口: where in its place it is and what it is called."""

    number: Text = Field(title="窗口号")
    name: Text = Field(title="窗口名称")
    floor: int = Field(title="楼层", ge=-3, le=60)
    zone: Text = Field(title="区域")
    hours: Hours | None = Field(None, title="窗口办公时间")
    phone: Phone | None = Field(None, title="窗口电话")


class Place(Part):
    """场所: a hall, a town or street centre, a village point."""

    id: Id = Field(title="场所编号")
    name: Text = Field(title="场所名称")
    level: Level = Field(title="层级")
    address: Text = Field(title="地址")
    transport: Text | None = Field(None, title="交通")
    parking: Text | None = Field(None, title="停车")
    lift: bool = Field(False, title="电梯")
    phone: Phone = Field(title="电话")
    hours: Hours = Field(title="办公时间")
    windows: tuple[Window, ...] = Field((), title="窗口")
    facilities: tuple[Text, ...] = Field((), title="便民设施")

    def window(self, number: str) -> Window | None:
        """The window of this number, or None."""
        return next((window for window in self.windows if window.number == number), None)


class BookingRules(Part):
    """预约规则 of the whole hall."""

    first_workday: int = Field(title="最早提前工作日", ge=0, le=30)
    last_workday: int = Field(title="最晚提前工作日", ge=1, le=60)
    cancel_hours: int = Field(title="取消提前小时", ge=0, le=72)
    per_day: int = Field(title="每人每日次数", ge=1, le=20)
    per_week: int = Field(title="每人每周次数", ge=1, le=50)
    bring: Text = Field(title="到场携带")


class Hall(Part):
    """The hall as a whole: its name, the phones to fall back on, its booking rules."""

    district: Text = Field(title="行政区")
    name: Text = Field(title="大厅名称")
    place: Id = Field(title="主场所")
    phones: Phones = Field(title="电话")
    booking: BookingRules = Field(title="预约规则")


class SpecialDay(Part):
    """A day on which the hall's own notice overrides the national calendar."""

    day: Day = Field(title="日期")
    hours: tuple[Period, ...] = Field((), title="开放时段", description="empty: closed")
    places: tuple[Id, ...] = Field((), title="场所", description="empty: all places")
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
            raise ValueError("放假首日不能晚于末日:改好日期")
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


class LexiconEntry(Part):
    """词条: what citizens say and the official words for it."""

    say: tuple[Text, ...] = Field(title="老百姓的说法")
    mean: Text = Field(title="规范说法")

    _filled = validator("say", allow_reuse=True)(_at_least_one)


class Lexicon(Part):
    """lexicon.yml: everyday words on one side, official words on the other."""

    entries: tuple[LexiconEntry, ...] = Field((), title="词条")
    operations: tuple[tuple[Text, ...], ...] = Field(
        (), title="办理动作", description="groups of words for one thing done with a licence"
    )
    elsewhere: tuple[Text, ...] = Field(
        (), title="别处", description="words for what this hall does not do, such as other cities"
    )
    fillers: tuple[Text, ...] = Field((), title="虚词", description="words that name no service")
