"""政务服务事项: one thing a citizen can have done, with everything there is to say of it.

The elements follow 政务服务事项实施清单要素 (GB/T 39554.1). What depends on the citizen's situation
carries `only`: the answers under which it holds. The questions themselves are modelled on GOV.UK
Smart Answers: each option leads to the next question or to the end.
"""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from enum import Enum

from pydantic import ConstrainedStr, Field, root_validator, validator

from service_catalog.model.base import Day, Faq, Id, Part, Phone, Phones, Text, at_least_one

END = "end"
"""The option's `next` that ends the questions."""

MOST_QUESTIONS = 40
"""More questions than this of one service are several services."""

Only = dict[Id, tuple[Id, ...]]
"""Question id → option ids: an entry holds when every question named was answered by one of its."""


class BaseCode(ConstrainedStr):
    """基本编码 of the national basic list: twelve digits."""

    regex = r"^\d{12}$"


class TaskCode(ConstrainedStr):
    """实施编码: 31 capital letters and digits (GB/T 39554.1)."""

    regex = r"^[0-9A-Z]{31}$"


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


class Option(Part):
    """One answer to a situation's question."""

    id: Id = Field(title="选项编号")
    label: Text = Field(title="选项", description="市民看到、点选的文字")
    words: tuple[Text, ...] = Field((), title="说法", description="市民可能怎么说这个选项")
    next: Id | None = Field(
        None,
        title="下一个问题",
        description="下一个问题的编号；到此为止写 end；不写就是下面一个问题",
    )


class Question(Part):
    """情形: a question whose answer decides what holds.

    An option without `next` leads to the following question of the list, the last one to the end.
    """

    id: Id = Field(title="问题编号")
    ask: Text = Field(title="问题")
    why: Text = Field(title="为什么问")
    options: tuple[Option, ...] = Field(title="选项")

    @validator("options")
    def _a_choice(cls, options: tuple[Option, ...]) -> tuple[Option, ...]:
        if len(options) < 2:
            raise ValueError("至少要有两个选项：补上，或去掉这个问题")
        return options


class Condition(Part):
    """受理条件: one condition, perhaps only in some situation."""

    text: Text = Field(title="受理条件")
    only: Only = Field({}, title="适用情形条件")


class Material(Part):
    """材料: one thing the citizen brings or hands in."""

    name: Text = Field(title="材料名称")
    need: Need = Field(Need.REQUIRED, title="必要性")
    when: Text | None = Field(None, title="适用情形", description="什么情形下要交")
    original: int = Field(0, title="原件份数", ge=0, le=20)
    copies: int = Field(0, title="复印件份数", ge=0, le=20)
    form: Form = Field(Form.PAPER, title="材料形式")
    source: Source = Field(Source.GOVERNMENT, title="来源渠道")
    deferrable: bool = Field(False, title="容缺受理")
    licence_exempt: bool = Field(False, title="电子证照免提交")
    note: Text | None = Field(None, title="填报须知")
    fill_in: Text | None = Field(None, title="填写说明", description="表格怎么填")
    blank_form: Text | None = Field(None, title="空白表格", description="到哪里领取或下载")
    sample: Text | None = Field(None, title="示例样表", description="到哪里看填好的样子")
    licence: Text | None = Field(None, title="电子证照名称", description="有这个电子证照就不用交")
    only: Only = Field({}, title="适用情形条件")

    @root_validator(skip_on_failure=True)
    def _conditional_says_when(cls, values: dict[str, object]) -> dict[str, object]:
        if values["need"] is Need.CONDITIONAL and not values["when"]:
            raise ValueError("必要性为“按情形”时要写明适用情形：补上 when")
        return values


class TimeLimit(Part):
    """办结时限: a number and its unit."""

    number: int = Field(title="时限数值", ge=0, le=1000)
    unit: Unit = Field(Unit.WORKDAY, title="时限单位")
    note: Text | None = Field(None, title="时限说明")


class LimitCase(Part):
    """Time limits that hold in some situation instead of the usual ones."""

    only: Only = Field({}, title="适用情形条件")
    legal: TimeLimit | None = Field(None, title="法定办结时限")
    promised: TimeLimit = Field(title="承诺办结时限")


class FeeItem(Part):
    """收费项目: what is charged, how much in yuan, per what."""

    name: Text = Field(title="收费项目名称")
    amount: Decimal = Field(title="收费标准（元）", ge=0, le=100_000_000)
    unit: Text = Field(title="计费单位", description="如 证、件、人")
    note: Text | None = Field(None, title="收费说明")
    only: Only = Field({}, title="适用情形条件")


class Fee(Part):
    """收费: free (no items), or items with their legal basis."""

    items: tuple[FeeItem, ...] = Field((), title="收费项目")
    basis: tuple[Text, ...] = Field((), title="收费依据")
    note: Text | None = Field(None, title="收费说明")

    @root_validator(skip_on_failure=True)
    def _charged_needs_basis(cls, values: dict[str, object]) -> dict[str, object]:
        if values["items"] and not values["basis"]:
            raise ValueError("收费事项要有收费依据：补上 basis")
        return values


class Visits(Part):
    """到办事现场次数, with the reason when it is not 0."""

    count: int = Field(title="到现场次数", ge=0, le=9)
    reason: Text | None = Field(None, title="到现场原因")

    @root_validator(skip_on_failure=True)
    def _visit_needs_reason(cls, values: dict[str, object]) -> dict[str, object]:
        if values["count"] and not values["reason"]:
            raise ValueError("到现场次数大于0要说明原因：补上 reason")
        return values


class WindowChannel(Part):
    """窗口办理 at one place: which of its windows take the service."""

    place: Id = Field(title="办理场所")
    windows: tuple[Text, ...] = Field(title="窗口编号")
    note: Text | None = Field(None, title="说明")

    _filled = validator("windows", allow_reuse=True)(at_least_one)
    only: Only = Field({}, title="适用情形条件")


class RemoteChannel(Part):
    """网上办 / 掌上办 / 自助办 / 邮寄办 / 上门办 / 帮办代办: where and how."""

    name: Text = Field(title="渠道名称")
    url: Text | None = Field(None, title="网址")
    whole: bool = Field(False, title="全程网办", description="从申请到拿结果都不用到现场的写 true")
    note: Text | None = Field(None, title="说明")
    phone: Phone | None = Field(None, title="电话")
    hours: Text | None = Field(None, title="服务时间")
    steps: tuple[Text, ...] = Field((), title="办理步骤")


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
            raise ValueError("至少要有一种办理方式：写上 window 或 online 等")
        return values


class Booking(Part):
    """预约: how long one appointment takes and how many citizens a slot serves at one place."""

    minutes: int = Field(title="每号时长（分钟）", ge=5, le=240)
    capacity: int = Field(title="每时段号数", ge=1, le=100)
    reserved: int = Field(
        0, title="优先号数", ge=0, le=100, description="每时段留给优先对象的，见 priority.yml"
    )
    places: tuple[Id, ...] = Field(title="可预约场所")

    _filled = validator("places", allow_reuse=True)(at_least_one)

    @root_validator(skip_on_failure=True)
    def _some_for_all(cls, values: dict[str, object]) -> dict[str, object]:
        reserved, capacity = values["reserved"], values["capacity"]
        if not isinstance(reserved, int) or not isinstance(capacity, int) or reserved >= capacity:
            raise ValueError("优先号数要小于每时段号数：不能全部留给优先对象")
        return values


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
    base_code: BaseCode | None = Field(None, title="基本编码")
    task_code: TaskCode | None = Field(None, title="实施编码")
    situations: tuple[Question, ...] = Field((), title="情形")
    conditions: tuple[Condition, ...] = Field(title="受理条件")
    materials: tuple[Material, ...] = Field((), title="申请材料")
    handling: Handling = Field(title="办件类型")
    legal_limit: TimeLimit | None = Field(None, title="法定办结时限")
    promised_limit: TimeLimit | None = Field(None, title="承诺办结时限")
    limit_cases: tuple[LimitCase, ...] = Field((), title="分情形时限")
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
        at_least_one
    )

    @validator("situations")
    def _few_questions(cls, questions: tuple[Question, ...]) -> tuple[Question, ...]:
        if len(questions) > MOST_QUESTIONS:
            raise ValueError(f"有{len(questions)}个问题，超过{MOST_QUESTIONS}个：拆成几个事项")
        return questions

    @validator("conditions", pre=True)
    def _plain_conditions(cls, value: object) -> object:
        """A condition that holds always may be written as plain text."""
        if not isinstance(value, (list, tuple)):
            return value
        return [{"text": one} if isinstance(one, str) else one for one in value]

    @root_validator(skip_on_failure=True)
    def _limits_are_given(cls, values: dict[str, object]) -> dict[str, object]:
        if values["handling"] is Handling.PROMISED and not values["promised_limit"]:
            raise ValueError("承诺件要有承诺办结时限：补上 promised_limit")
        return values

    def in_force(self, day: date) -> bool:
        """Whether the service is offered on `day`."""
        return self.effective_from <= day and (
            self.effective_until is None or day <= self.effective_until
        )
