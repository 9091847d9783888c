"""一件事套餐: several service items done as one, with one set of materials."""

from __future__ import annotations

from datetime import date

from pydantic import Field, validator

from service_catalog.model.base import Day, Faq, Id, Part, Phones, Text
from service_catalog.model.services import Audience, Booking, TimeLimit, Visits, WindowChannel


class BundlePart(Part):
    """One item of a bundle, with the situation in which the bundle does it."""

    service: Id = Field(title="事项")
    answers: dict[Id, Id] = Field({}, title="情形答案")
    optional: bool = Field(False, title="可选")
    note: Text | None = Field(None, title="说明")


class Bundle(Part):
    """One thing in a citizen's life, done in one go."""

    id: Id = Field(title="套餐编号")
    name: Text = Field(title="套餐名称")
    aliases: tuple[Text, ...] = Field((), title="日常用语")
    audience: tuple[Audience, ...] = Field(title="服务对象")
    summary: Text = Field(title="说明")
    parts: tuple[BundlePart, ...] = Field(title="包含事项")
    form: Text = Field(title="一张表单")
    window: tuple[WindowChannel, ...] = Field((), title="窗口办理")
    online: Text | None = Field(None, title="网上办")
    booking: Booking | None = Field(None, title="预约")
    promised_limit: TimeLimit = Field(title="承诺办结时限")
    visits: Visits = Field(title="到办事现场次数")
    basis: tuple[Text, ...] = Field((), title="依据")
    phones: Phones = Field(title="电话")
    faq: tuple[Faq, ...] = Field((), title="常见问题")
    effective_from: Day = Field(title="生效日期")
    effective_until: Day | None = Field(None, title="失效日期")
    checked_on: Day = Field(title="核对日期")
    checked_by: Text = Field(title="核对人")

    @validator("parts")
    def _several(cls, parts: tuple[BundlePart, ...]) -> tuple[BundlePart, ...]:
        if len(parts) < 2:
            raise ValueError("一件事至少包含两个事项：补上，或改成单个事项")
        return parts

    def in_force(self, day: date) -> bool:
        """Whether the bundle is offered on `day`."""
        return self.effective_from <= day and (
            self.effective_until is None or day <= self.effective_until
        )
