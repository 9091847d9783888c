"""草稿: an item that is known by name, with whatever else a list brought along.

A draft is found by the search and can be told by name, department and enquiry phone; nothing else
of it is answered, as nobody has checked it. It takes everything a `Service` has, so that a file
moved to services/ only needs what is missing.
"""

from __future__ import annotations

from pydantic import ConstrainedStr, Field, validator

from service_catalog.model.base import Day, Faq, Id, Part, Phone, Text
from service_catalog.model.services import (
    Audience,
    BaseCode,
    Booking,
    Channels,
    Condition,
    Fee,
    Handling,
    Kind,
    LimitCase,
    Material,
    Question,
    TaskCode,
    TimeLimit,
)


class HandlingCode(ConstrainedStr):
    """业务办理项编码: the 实施编码 and two more characters for the handling item."""

    regex = r"^[0-9A-Z]{33}$"


class DraftPhones(Part):
    """Phones as far as they are known."""

    enquiry: Phone | None = Field(None, title="咨询电话")
    complaint: Phone | None = Field(None, title="监督投诉电话")
    more: tuple[Phone, ...] = Field((), title="其他电话")


class DraftVisits(Part):
    """到办事现场次数, the reason not known yet."""

    count: int = Field(title="到现场次数", ge=0, le=9)
    reason: Text | None = Field(None, title="到现场原因")


class Draft(Part):
    """草稿: an item that isn't complete, or not checked."""

    id: Id = Field(title="事项编号")
    name: Text = Field(title="事项名称")
    main_item: Text | None = Field(None, title="主项名称")
    aliases: tuple[Text, ...] = Field((), title="日常用语")
    department: Text = Field(title="实施主体")
    kind: Kind | None = Field(None, title="事项类型")
    audience: tuple[Audience, ...] = Field((), title="服务对象")
    themes: tuple[Text, ...] = Field((), title="主题")
    basis: tuple[Text, ...] = Field((), title="设定依据")
    base_code: BaseCode | None = Field(None, title="基本编码")
    task_code: TaskCode | None = Field(None, title="实施编码")
    handling_code: HandlingCode | None = Field(None, title="业务办理项编码")
    situations: tuple[Question, ...] = Field((), title="情形")
    conditions: tuple[Condition, ...] = Field((), title="受理条件")
    materials: tuple[Material, ...] = Field((), title="申请材料")
    handling: Handling | None = Field(None, title="办件类型")
    legal_limit: TimeLimit | None = Field(None, title="法定办结时限")
    promised_limit: TimeLimit | None = Field(None, title="承诺办结时限")
    limit_cases: tuple[LimitCase, ...] = Field((), title="分情形时限")
    visits: DraftVisits | None = Field(None, title="到办事现场次数")
    fee: Fee | None = Field(None, title="收费")
    results: tuple[Text, ...] = Field((), title="办理结果")
    process: tuple[Text, ...] = Field((), title="办理流程")
    channels: Channels | None = Field(None, title="办理方式")
    booking: Booking | None = Field(None, title="预约")
    where: Text | None = Field(None, title="办理地点")
    phones: DraftPhones = Field(DraftPhones.parse_obj({}), title="电话")
    scope: Text | None = Field(None, title="通办范围")
    cautions: tuple[Text, ...] = Field((), title="注意事项")
    faq: tuple[Faq, ...] = Field((), title="常见问题")
    effective_from: Day | None = Field(None, title="生效日期")
    effective_until: Day | None = Field(None, title="失效日期")
    checked_on: Day | None = Field(None, title="核对日期")
    checked_by: Text | None = Field(None, title="核对人")

    @validator("conditions", pre=True)
    def _plain_conditions(cls, value: object) -> object:
        """A condition that holds always may be written as plain text."""
        if not isinstance(value, (list, tuple)):
            return value
        return [{"text": one} if isinstance(one, str) else one for one in value]
