"""What every entry of the catalogue is made of: texts, ids, phones, dates, spans of a day."""

from __future__ import annotations

from collections.abc import Callable, Generator
from datetime import date, datetime, time
from functools import cached_property
from typing import Any, TypeVar

from pydantic import BaseModel, ConstrainedStr, Field, root_validator
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


def at_least_one(items: tuple[Item, ...]) -> tuple[Item, ...]:
    """A validator: an empty list is a fault."""
    if not items:
        raise ValueError("不能为空：至少写一项")
    return items


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


class ClockTime(ConstrainedStr):
    """A time of day, like 18:00."""

    regex = r"^([01]\d|2[0-3]):[0-5]\d$"

    @classmethod
    def __get_validators__(cls) -> Generator[Callable[..., Any], None, None]:
        """The base's checks, then the class itself: pydantic leaves a plain `str` otherwise."""
        yield from super().__get_validators__()
        yield lambda value: cls(value)  # noqa: PLW0108 - pydantic can't inspect a bare `str` type

    @property
    def time(self) -> time:
        """The same as a time."""
        return time.fromisoformat(self)


class Phones(Part):
    """咨询电话 and 监督投诉电话."""

    enquiry: Phone = Field(title="咨询电话")
    complaint: Phone = Field(title="监督投诉电话")

    @root_validator(skip_on_failure=True)
    def _phones_differ(cls, values: dict[str, object]) -> dict[str, object]:
        if values["enquiry"] == values["complaint"]:
            raise ValueError("咨询电话和投诉电话不能相同：改其中一个")
        return values


class Faq(Part):
    """常见问题: one question with its answer."""

    question: Text = Field(title="问题")
    answer: Text = Field(title="解答")
